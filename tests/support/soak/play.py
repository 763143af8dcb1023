"""A soak: hub and sites under faults at random for as long as is wanted, and what became of numbers and processes."""

import resource
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from passerby.core.tallies import Measure
from passerby.hub.contract import Span
from passerby.hub.series import SqliteSeries
from passerby.site.store import Store
from tests.support.site import eventually
from tests.support.soak.counts import MEASURES, WINDOW_S, Counted, Line, judged
from tests.support.soak.faults import Played, Player, drawn
from tests.support.soak.processes import Kept, Watching, still_there
from tests.support.soak.remembered import Remembered, Windows, told, told_by_hub
from tests.support.soak.stage import CAMERAS, MARKET, Stage, staged

ALLOWED_MIB, ALLOWED_MIB_H = 6.0, 2.0
"""What a process may grow in the second half, and beside it for each hour: decision 37."""
AT_HAND_FILES, BURST_FILES = 4, 100
"""So many more a process may have open in the end (somebody asks), and at any moment (bad requests)."""
STORE_FILES, HUB_STORE_FILES = 4, 2 * (8 + 5)
"""So many more of its stores: a hub keeps connections to its series and its register for who asks next, of two each."""
_RECOVERY_S = 180.0
_CLOSED_S = 10.0
_BEFORE_S = 15.0
_FRAGMENT_S = 900.0
_ALL = tuple(measure for measure in Measure if measure is not Measure.HEAT)
_QUIET_KINDS = ("hub", "harbour", "market", "market worker", "market feed", "harbour audit", "market audit")
"""Processes that live long enough to have a slope."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, and which faults."""

    minutes: float
    seed: int

    @property
    def seconds(self) -> float:
        return self.minutes * 60


@dataclass(frozen=True, slots=True)
class Ear:
    """Who is told how it goes: of each fault, and how many seconds have passed."""

    fault: Callable[[Played], None] = lambda _played: None
    progress: Callable[[float], None] = lambda _seconds: None


@dataclass
class Outcome:
    """What became of it.

    Attributes:
        problems: all that is not as it must be; empty where the soak passed.
        lines: each direction at each camera beside the truth.
        slopes: MiB an hour in the second half, by kind of process; None where none lived for long enough.
        before, after: what there was of each kind of process, without faults.
        windows: that were acknowledged, by a site or the hub.
        differences: windows in which hub and site are not the same.
        cores: processor seconds each second, of all processes and of the soak itself.
    """

    plan: Plan
    problems: list[str] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    watching: Watching | None = None
    slopes: dict[str, float | None] = field(default_factory=dict)
    before: dict[str, Kept] = field(default_factory=dict)
    after: dict[str, Kept] = field(default_factory=dict)
    windows: int = 0
    compared: int = 0
    differences: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    recovered_s: float = 0.0
    cores: float = 0.0
    began_s: float = 0.0

    @property
    def allowed_mib_h(self) -> float:
        """The largest slope that passes."""
        return ALLOWED_MIB / (self.plan.seconds / 2 / 3600) + ALLOWED_MIB_H


def run(folder: Path, plan: Plan, ear: Ear | None = None) -> Outcome:
    """Plays a plan in an empty folder."""
    ear, outcome = ear or Ear(), Outcome(plan)
    used_s, began_s = _reaped_s(), time.monotonic()
    with staged(folder, plan.seconds + _FRAGMENT_S, plan.seed) as stage, Watching(stage.parents) as watching:
        outcome.watching, since = watching, _window_now()
        with Remembered(stage, since) as remembered:
            eventually(lambda: stage.well() and _number_of_rooms(watching) == _WHOLE, _RECOVERY_S)
            outcome.before, outcome.began_s = _for_a_while(watching), watching.elapsed_s
            player = Player(stage, ear.fault)
            player.play(drawn(plan.seed, plan.seconds), plan.seconds, ear.progress)
            outcome.played, outcome.counts, outcome.problems = player.played, player.counts(), player.problems
            until = _window_now()
            if not player.problems:
                _recover(stage, outcome, watching, until)
        outcome.windows = sum(len(windows) for windows in remembered.said.values())
        outcome.requests = Counter(stage.way.seen)
        outcome.cores = (_reaped_s() - used_s + stage.cpu_s()) / (time.monotonic() - began_s)
        _measure(outcome, watching)
        for name in stage.parents():
            stage.kill(name)
        _nobody_left(outcome, watching)
        _compare(stage, outcome, remembered, (since, until))
    return outcome


_WHOLE = {"harbour worker": 1, "harbour feed": 2, "market worker": 1, "market feed": 1}


def _for_a_while(watching: Watching) -> dict[str, Kept]:
    """How many processes there are, and the most files that one has open in a while, as connections come and go."""
    most: dict[str, Kept] = {}
    until_s = time.monotonic() + _BEFORE_S
    while time.monotonic() < until_s:
        most |= {kind: kept.most(most.get(kind, kept)) for kind, kept in watching.now().items()}
        time.sleep(0.5)
    return most


def _number_of_rooms(watching: Watching) -> dict[str, int]:
    now = watching.now()
    return {kind: now.get(kind, Kept()).number for kind in _WHOLE}


def _window_now() -> int:
    return int(time.time()) // WINDOW_S * WINDOW_S


def _reaped_s() -> float:
    """Processor seconds of this process, and of all its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _recover(stage: Stage, outcome: Outcome, watching: Watching, until: int) -> None:
    """Waits until all is as it was before the first fault, and all of the closed windows is at the hub."""
    began_s = time.monotonic()
    waits: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("not all is well", stage.well),
        ("not all windows are at the hub", lambda: time.time() > until + _CLOSED_S and _delivered(stage, until)),
        ("processes or open files are not as before", lambda: _as_before(outcome, watching)),
    )
    for words, wait in waits:
        try:
            eventually(wait, _RECOVERY_S)
        except AssertionError:
            outcome.problems.append(f"{_RECOVERY_S:.0f} s after the last fault {words}")
    outcome.recovered_s = time.monotonic() - began_s
    outcome.problems += [
        f"{kind}: {outcome.before.get(kind)} before, {outcome.after.get(kind)} after, open: {watching.open_now(kind)}"
        for kind in _unlike(outcome.before, outcome.after)
    ]


def _as_before(outcome: Outcome, watching: Watching) -> bool:
    outcome.after = watching.now()
    return not _unlike(outcome.before, outcome.after)


def _unlike(before: dict[str, Kept], now: dict[str, Kept]) -> list[str]:
    """Kinds with another number of processes, or one with more open files, but for those kept at hand."""
    pairs = {kind: (before.get(kind, Kept()), now.get(kind, Kept())) for kind in sorted({*before, *now})}
    return [
        kind
        for kind, (then, there) in pairs.items()
        if there.number != then.number
        or there.files > then.files + AT_HAND_FILES
        or there.store_files > then.store_files + _store_files(kind)
    ]


def _store_files(kind: str) -> int:
    return HUB_STORE_FILES if kind == "hub" else STORE_FILES


def _delivered(stage: Stage, until: int) -> bool:
    """Whether the hub has the last windows as the sites have them."""
    for name in CAMERAS:
        at_site, at_hub = (
            {key: amount for key, amount in windows.items() if key[-1] < until}
            for windows in (asked(stage, name, until - 5 * WINDOW_S) for asked in (told, told_by_hub))
        )
        newest = max((key[-1] for key in at_site), default=0)
        if at_site != at_hub or not at_site or (name == MARKET and newest < until - WINDOW_S):
            return False
    return True


def _measure(outcome: Outcome, watching: Watching) -> None:
    """Memory, open files, zombies."""
    half_s = outcome.began_s + outcome.plan.seconds / 2
    outcome.slopes = {kind: watching.slope_mib_h(kind, half_s) for kind in _QUIET_KINDS if watching.samples[kind]}
    outcome.problems += [
        f"the memory of {kind} grows by {slope:.1f} MiB an hour; {outcome.allowed_mib_h:.1f} are allowed"
        for kind, slope in outcome.slopes.items()
        if slope is not None and slope > outcome.allowed_mib_h
    ]
    outcome.problems += [
        f"{kind} had {most} files open"
        for kind, kept in outcome.before.items()
        if (most := watching.most_files(kind)) > kept.all_files + _store_files(kind) + BURST_FILES
    ]
    outcome.problems += [f"process {pid} stayed a zombie" for pid, _ in watching.zombies]


def _nobody_left(outcome: Outcome, watching: Watching) -> None:
    """Once hub and sites are killed, none of the processes that were ever seen is there any more."""
    with suppress(AssertionError):
        eventually(lambda: not any(map(still_there, watching.known)))
    outcome.problems += [f"process {one[0]} outlived its parent" for one in watching.known if still_there(one)]


def _compare(stage: Stage, outcome: Outcome, remembered: Remembered, span: tuple[int, int]) -> None:
    """Opens the files as the killed processes left them: hub against sites, both against what they said, and truth."""
    kept: dict[str, Windows] = {}
    for name in CAMERAS:
        kept[name] = _of_site(stage.folder / name / "passerby.sqlite", span[0])
    with closing(SqliteSeries(stage.hub.config.series_file)) as series:
        with stage.hub.register() as register:
            numbers = {venue.slug: venue.number for venue in register.venues()}
        for name in CAMERAS:
            kept[f"hub of {name}"] = _of_hub(series, numbers[name], span[0])
        outcome.problems += [f"the hub set a batch aside: {one}" for one in series.set_aside()]
    outcome.problems += remembered.losses(kept)
    for name, cameras in CAMERAS.items():
        found = _differences(kept[name], kept[f"hub of {name}"], span[1])
        outcome.differences += len(found)
        outcome.compared += sum(key[-1] < span[1] for key in kept[name])
        outcome.problems += found
        for camera in cameras:
            outcome.lines += [_line(stage, kept[name], (camera, measure), span) for measure in MEASURES]
    outcome.problems += [problem for line in outcome.lines for problem in line.problems]


def _of_site(file: Path, since: int) -> Windows:
    with Store(file) as store:
        rows = [one for one in store.query() if one.start_unix_s >= since]
    return {
        (one.camera, one.subject, one.measure.label, one.part, one.start_unix_s): (
            round(one.total, 3),
            round(one.exposure, 3),
        )
        for one in rows
    }


def _of_hub(series: SqliteSeries, venue: int, since: int) -> Windows:
    return {
        (one.camera, one.name, one.measure.label, one.part, one.start_unix_s): (
            round(one.sum.total, 3),
            round(one.sum.exposure, 3),
        )
        for one in series.course(venue, Span(since, 2**40), WINDOW_S, _ALL)
    }


def _differences(site: Windows, hub: Windows, until: int) -> list[str]:
    keys = sorted(key for key in {*site, *hub} if key[-1] < until and site.get(key) != hub.get(key))
    return [f"{key}: the site has {site.get(key)}, the hub {hub.get(key)}" for key in keys]


def _line(stage: Stage, windows: Windows, of: tuple[str, str], span: tuple[int, int]) -> Line:
    camera, measure = of
    told_of = [
        Counted(start, *windows.get((camera, "door", measure, 0, start), (0.0, 0.0)))
        for start in range(*span, WINDOW_S)
    ]
    return judged(camera, measure, stage.lines[camera].shown, told_of)
