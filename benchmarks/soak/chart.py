"""Memory of each kind of process over a soak, as a small picture in SVG."""

from collections.abc import Callable, Sequence
from html import escape

from tests.support.soak.play import Outcome
from tests.support.soak.processes import Sample

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 900, 420, 50, 190, 24, 40
_COLOURS = ("#0b6e4f", "#c8553d", "#2f6690", "#8d6a9f", "#b98b00", "#444444", "#7a9e2f", "#d17b9a", "#5aa9a3")
_LINE = '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="1"/>'
Place = Callable[[Sample], str]
_FONT = 'font-family="sans-serif" font-size="12"'
_MOST_POINTS = 400
_TEXT = '<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="{}">{}</text>'


def chart(outcome: Outcome) -> str:
    """The picture: MiB over minutes, a line for each process, a tick for each fault, the second half shaded."""
    assert outcome.watching is not None
    kinds = [kind for kind in outcome.watching.samples if outcome.slopes.get(kind) is not None or "worker" in kind]
    samples = {kind: outcome.watching.samples[kind] for kind in kinds}
    longest_s = max((one.at_s for each in samples.values() for one in each), default=1.0)
    most_mib = max((one.memory_mib for each in samples.values() for one in each), default=1.0) * 1.05

    def x(at_s: float) -> float:
        return _LEFT + at_s / longest_s * (_WIDTH - _LEFT - _RIGHT)

    def y(mib: float) -> float:
        return _HEIGHT - _BOTTOM - mib / most_mib * (_HEIGHT - _TOP - _BOTTOM)

    half_s = outcome.began_s + outcome.plan.seconds / 2
    shade = f'<rect x="{x(half_s):.1f}" y="{_TOP}" width="{x(outcome.began_s + outcome.plan.seconds) - x(half_s):.1f}" '
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_FONT}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'{shade}height="{_HEIGHT - _TOP - _BOTTOM}" fill="#eef4f1"/>',
        _TEXT.format(
            _LEFT, 15, "start", "#222", "Resident memory, MiB; ticks below: faults; shaded: where slopes are taken"
        ),
    ]
    for mib in _round_steps(most_mib):
        parts.append(_LINE.format(_LEFT, y(mib), _WIDTH - _RIGHT, y(mib), "#dddddd"))
        parts.append(_TEXT.format(_LEFT - 6, y(mib) + 4, "end", "#222", f"{mib:.0f}"))
    for minute in _round_steps(longest_s / 60):
        parts.append(_TEXT.format(x(minute * 60), _HEIGHT - 8, "middle", "#222", f"{minute:.0f} min"))
    for played in outcome.played:
        at = x(outcome.began_s + played.fault.at_s)
        parts.append(_LINE.format(at, _HEIGHT - _BOTTOM + 4, at, _HEIGHT - _BOTTOM + 12, "#888888"))
    for number, (kind, each) in enumerate(samples.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        parts += _lives(each, lambda one: f"{x(one.at_s):.1f},{y(one.memory_mib):.1f}", colour)
        slope = outcome.slopes.get(kind)
        words = escape(kind) + (f" {slope:+.1f} MiB/h" if slope is not None else "")
        parts.append(_TEXT.format(_WIDTH - _RIGHT + 10, _TOP + 16 + 18 * number, "start", colour, words))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _lives(samples: Sequence[Sample], place: Place, colour: str) -> list[str]:
    """A line for each process of a kind."""
    lives: dict[tuple[int, int], list[str]] = {}
    for one in samples[:: max(1, len(samples) // _MOST_POINTS)]:
        lives.setdefault(one.who, []).append(place(one))
    style = f'fill="none" stroke="{colour}" stroke-width="1.5"'
    return [f'<polyline points="{" ".join(points)}" {style}/>' for points in lives.values() if len(points) > 1]


def _round_steps(most: float) -> list[float]:
    """Some round numbers from zero to the most."""
    step = next((one for one in (1, 2, 5, 10, 20, 50, 100, 200, 500) if most / one <= 8), 1000)
    return [float(number * step) for number in range(int(most / step) + 1)]
