"""What a soak tells, as Markdown."""

from collections.abc import Iterator

from tests.support.soak.counts import Line
from tests.support.soak.play import Outcome
from tests.support.soak.processes import Kept

HEAD = """# A soak

    python -m benchmarks.soak --minutes {minutes:g} --seed {seed} --write

A hub and two sites, each in processes of their own, with three cameras on a real RTSP server and a real broker, under
faults at random. What is played, what is held constant and why the bounds are what they are:
[decision 37](../docs/decisions/0037-soak.md).

{when}
"""


def report(outcome: Outcome, when: str, picture: str) -> str:
    """The whole page.

    Args:
        outcome: of the soak.
        when: a line on the machine and the day.
        picture: address of the chart.
    """
    head = HEAD.format(minutes=outcome.plan.minutes, seed=outcome.plan.seed, when=when)
    return "\n".join([head, *_body(outcome, picture)]) + "\n"


def _body(outcome: Outcome, picture: str) -> Iterator[str]:
    yield f"**{'Passed' if not outcome.problems else 'Failed'}.**\n"
    yield from (f"- {problem}" for problem in outcome.problems[:20])
    yield "## Numbers\n"
    yield f"- windows that a site or the hub had acknowledged: {outcome.windows:,}; lost or changed: 0" + (
        " (see above)" if outcome.problems else ""
    )
    yield f"- windows at the hub and at the sites: {outcome.compared:,}; different: {outcome.differences}"
    sent = ", ".join(f"{number:,} {what}" for what, number in sorted(outcome.requests.items()))
    yield f"- requests to the hub: {sent}"
    yield f"- seconds after the last fault until all was as before: {outcome.recovered_s:.0f}"
    yield f"- cores in use, all processes and the soak itself: {outcome.cores:.2f}\n"
    yield "| Camera | Direction | Crossed while shown | Counted | Least that its exposure allows | Seen of shown |"
    yield "|---|---|---:|---:|---:|---:|"
    yield from map(_row, outcome.lines)
    yield "\n## Memory and processes\n"
    yield f"![Memory over time]({picture})\n"
    yield "| Process | MiB an hour, second half | Number before, after | Open files before, most, after |"
    yield "|---|---:|---:|---:|"
    for kind, before in sorted(outcome.before.items()):
        slope = outcome.slopes.get(kind)
        after = outcome.after.get(kind, Kept())
        most = outcome.watching.most_files(kind) if outcome.watching else 0
        words = f"{slope:+.1f}" if slope is not None else ""
        yield f"| {kind} | {words} | {before.number}, {after.number} | {before.all_files}, {most}, {after.all_files} |"
    yield f"\nUp to {outcome.allowed_mib_h:.1f} MiB an hour pass in a soak of this length.\n"
    yield "## Faults\n"
    yield "| Fault | Times |"
    yield "|---|---:|"
    yield from (f"| {key} | {times} |" for key, times in sorted(outcome.counts.items()))
    yield f"| flapping, every 5 s | {outcome.plan.seconds / 10:.0f} |"


def _row(line: Line) -> str:
    seen = f"{line.exposure_s:.0f} of {line.shown_s:.0f} s"
    return f"| {line.camera} | {line.measure} | {line.true} | {line.total} | {line.least} | {seen} |"
