"""Checks what comes out of a pixel room, and meters it.

The guard knows from the plan which tallies can exist. Any other key, a second tally for a window, a number off its grid
or beyond what a place can hold, a figure that runs backwards, or more records than the plan allows, is refused, and the
room is replaced. What a room that was taken over could still smuggle out is the choice among allowed numbers:
`free_bits_per_minute` bounds it.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from passerby.core.shelves import FacingState
from passerby.core.tallies import EXPOSURE_GRID_S, SHELF_MEASURES, Measure, Place, Tally
from passerby.errors import GateError
from passerby.gate import landlock, seccomp
from passerby.gate.messages import (
    FAULT_EVERY_S,
    MOVED_EVERY_S,
    SHELF_STATE_S,
    CameraPlan,
    FaultCode,
    HealthFigure,
    Kind,
    Message,
    Plan,
    Told,
    health_every,
)
from passerby.gate.meter import Meter
from passerby.gate.scales import SCALES

MAX_CROSSINGS_PER_S = 20
MAX_PEOPLE = 500
_CLOCK_SLACK_S = 120
_MAX_RECORDING_S = 400 * 24 * 3600
_FAULTS_OF_PIXELS = frozenset(code for code in FaultCode if code < FaultCode.UNAUTHORISED)
_FAULTS_OF_FEEDS = frozenset(FaultCode) - _FAULTS_OF_PIXELS - {FaultCode.CRASHES} | {
    FaultCode.LOCKDOWN_IMPOSSIBLE,
    FaultCode.NOT_A_VIDEO,
    FaultCode.NO_DECODER,
    FaultCode.NO_FRAMES,
}
_FIGURES_OF_FEEDS = (HealthFigure.PACKETS_READ, HealthFigure.CONNECTED, HealthFigure.DURATION_MS)
_FAULT_BURST = 8
_HEALTH_BURST = 8
_MOVES_BURST = 3

# The most that a running total may grow in a second; sizes of the picture may be anything up to their limit.
GROWTH_PER_S = {
    HealthFigure.FRAMES_READ: 240,
    HealthFigure.FRAMES_ANALYSED: 60,
    HealthFigure.MEDIA_MS: 1_100,
    HealthFigure.OBSERVED_MS: 1_100,
    HealthFigure.PACKETS_DROPPED: 1_000,
    HealthFigure.DECODE_ERRORS: 1_000,
}
_FASTEST_RECORDING = 1_000


@dataclass(frozen=True, slots=True)
class FacingNow:
    """How a facing is, of which a pixel room told; it is no tally, and only the newest is of use.

    Attributes:
        camera, shelf: their names.
        facing: its index in the shelf.
        state: as it was when the minute began.
        start_unix_s: the minute.
    """

    camera: str
    shelf: str
    facing: int
    state: FacingState
    start_unix_s: int


class CameraContract:
    """What one camera may say.

    Args:
        plan: the camera's plan.
        monotonic, unix: clocks, injected for tests.
    """

    def __init__(
        self, plan: CameraPlan, monotonic: Callable[[], float] = time.monotonic, unix: Callable[[], float] = time.time
    ) -> None:
        self._plan = plan
        self._unix = unix
        self._monotonic = monotonic
        self._began_s = monotonic()
        self._began_unix_s = self._latest_unix_s = unix()
        self._places = plan.places
        self._last: dict[tuple[int, Measure, int], int] = {}
        self._exposures: dict[tuple[int, Measure], tuple[int, int]] = {}
        self._told: dict[tuple[int, int], int] = {}
        self._done = False
        self._figures: dict[HealthFigure, int] = {}
        # A little more than the stated pace; the burst is for late reports, and for workers that are replaced.
        self._health = {
            key: Meter(_HEALTH_BURST, per_minute / 60, monotonic)
            for key, per_minute in _reports_per_minute(plan).items()
        }
        self._faults = Meter(_FAULT_BURST, 6 / FAULT_EVERY_S, monotonic)
        self._moves = Meter(_MOVES_BURST, 1.2 / MOVED_EVERY_S, monotonic)

    def look_at_the_clock(self) -> None:
        """Does so: a window that began before the clock was set back has begun. Call it often."""
        self._latest_unix_s = max(self._latest_unix_s, self._unix())

    def plan_now(self) -> CameraPlan:
        """The plan of a worker that starts now: it tells no window again."""
        if not self._plan.live:
            return self._plan
        ends = [(one, start + one.width_s(self._plan.window_s)) for (_, one, _), start in self._last.items()]
        windows = max((end for one, end in ends if one is not Measure.HEAT), default=0)
        heat = max((end for one, end in ends if one is Measure.HEAT), default=0)
        states = max(self._told.values(), default=-SHELF_STATE_S) + SHELF_STATE_S
        return msgspec.structs.replace(self._plan, told=Told(windows, heat, states))

    def restarted(self) -> None:
        """A new worker counts its figures from zero; tallies already given stay given."""
        self._figures.clear()
        self._done = False
        self._began_s = self._monotonic()

    def tally(self, untrusted: Message) -> Tally:
        """Checks a tally.

        Raises:
            GateError: it cannot exist by the plan.
        """
        plan = self._plan
        _require(untrusted.code in _MEASURES, "an unknown measure")
        measure = Measure(untrusted.code)
        _require(untrusted.subject < len(self._places), "an unknown place")
        place = self._places[untrusted.subject]
        _require(measure in place.measures, "a measure that the place does not have")
        _require(untrusted.part < place.parts(measure), "an unknown part")
        width_s = measure.width_s(plan.window_s)
        _require(untrusted.start % width_s == 0, "a window off its grid")
        self._check_time(untrusted.start, width_s)
        _require(untrusted.a <= most_total(measure, width_s), "a total beyond what a place can hold")
        _require(measure.parts == 1 or untrusted.a > 0, "a part of nothing")
        self._check_exposure(untrusted, measure, width_s)
        key = (untrusted.subject, measure, untrusted.part)
        _require(untrusted.start > self._last.get(key, -1), "a second tally for a window")
        self._last[key] = untrusted.start
        total = untrusted.a * measure.grid
        exposure = untrusted.b if measure.per_person else min(width_s, untrusted.b * EXPOSURE_GRID_S)
        return Tally(plan.name, measure, place.name, untrusted.start, width_s, total, exposure, untrusted.part)

    def _check_exposure(self, untrusted: Message, measure: Measure, width_s: int) -> None:
        """People asked are at least those who gave the answer; the parts of one window were all seen as long.

        Windows come one after the other, or each part would be free in its exposure as soon as two windows take turns.
        """
        if measure.per_person:
            _require(untrusted.a <= untrusted.b <= MAX_CROSSINGS_PER_S * width_s, "more answers than people")
            return
        _require(untrusted.b <= width_s / EXPOSURE_GRID_S, "an exposure longer than its window")
        if measure.parts > 1:
            start, exposure = self._exposures.get((untrusted.subject, measure), (-1, 0))
            _require(untrusted.start >= start, "a part of a window that is over")
            alike = untrusted.start > start or untrusted.b == exposure
            _require(alike, "parts of a window with exposures of their own")
            self._exposures[untrusted.subject, measure] = (untrusted.start, untrusted.b)

    def shelf(self, untrusted: Message) -> FacingNow:
        """Checks how a facing is.

        Raises:
            GateError: there is no such facing or state, or it was told of this minute already.
        """
        _require(untrusted.code in _STATES, "an unknown state")
        _require(untrusted.subject < len(self._places), "an unknown place")
        place = self._places[untrusted.subject]
        _require(untrusted.part < place.facings, "an unknown facing")
        _require(untrusted.a == untrusted.b == 0, _STRAY)
        _require(untrusted.start % SHELF_STATE_S == 0, "a minute off its grid")
        self._check_time(untrusted.start, SHELF_STATE_S)
        key = (untrusted.subject, untrusted.part)
        _require(untrusted.start > self._told.get(key, -1), "a second state for a minute")
        self._told[key] = untrusted.start
        return FacingNow(self._plan.name, place.name, untrusted.part, FacingState(untrusted.code), untrusted.start)

    def health(self, untrusted: Message) -> tuple[HealthFigure, int, int]:
        """Checks a health figure: gives it with its value, and the index of the line that it is of.

        Raises:
            GateError: it is unknown, too often, off its scale, runs backwards, or grows faster than any camera.
        """
        _require(untrusted.code in _FIGURES, "an unknown health figure")
        figure = HealthFigure(untrusted.code)
        key = (figure, untrusted.subject)
        _require(key in self._health, "a figure of nothing planned")
        _require(self._health[key].take(), "health figures too often")
        _require(untrusted.start == untrusted.b == untrusted.part == 0, _STRAY)
        if figure in SCALES:
            _require(untrusted.a <= SCALES[figure].most, "a figure beyond its scale")
        else:
            last = self._figures.get(figure, 0)
            _require(untrusted.a >= last, "a running total that runs backwards")
            _require(untrusted.a <= self._most(figure), "a running total that grows too fast")
            self._figures[figure] = untrusted.a
        return figure, untrusted.a, untrusted.subject

    def fault(self, untrusted: Message) -> FaultCode:
        """Checks a fault.

        Raises:
            GateError: it is unknown, too often, or told of what it cannot happen to.
        """
        _require(untrusted.code in _FAULTS_OF_PIXELS, "an unknown fault")
        _require(untrusted.subject == untrusted.start == untrusted.a == untrusted.b == untrusted.part == 0, _STRAY)
        _require(self._faults.take(), "faults too often")
        if untrusted.code == FaultCode.CAMERA_MOVED:
            _require(self._plan.recording_start_unix_s is None, "a recording that was moved")
            _require(self._moves.take(), "a camera moved too often")
        return FaultCode(untrusted.code)

    def done(self, untrusted: Message, *, ended: bool) -> None:
        """Checks the word that a camera was counted to its end: it comes once from a worker, and says nothing else.

        Args:
            untrusted: the word.
            ended: whether its video can have ended; a worker could else put a camera out, and all would seem well.

        Raises:
            GateError: it comes again, too early, or with a number.
        """
        _require(ended, "the end of a camera that goes on")
        numbers = (untrusted.code, untrusted.subject, untrusted.start, untrusted.a, untrusted.b, untrusted.part)
        _require(not any(numbers), _STRAY)
        _require(not self._done, "its end twice")
        self._done = True

    def _check_time(self, start: int, width_s: int) -> None:
        plan = self._plan
        if plan.recording_start_unix_s is None:
            self.look_at_the_clock()
            _require(start <= self._latest_unix_s + _CLOCK_SLACK_S, "a window that has not begun")
            _require(start >= self._began_unix_s - width_s - _CLOCK_SLACK_S, "a window before the start")
        else:
            since_s = start - plan.recording_start_unix_s
            _require(-width_s < since_s < _MAX_RECORDING_S, "a window outside the recording")

    def _most(self, figure: HealthFigure) -> int:
        elapsed_s = self._monotonic() - self._began_s + 10
        speed = 1 if self._plan.live else _FASTEST_RECORDING
        return math.ceil(GROWTH_PER_S[figure] * elapsed_s * speed)


_MEASURES = frozenset(Measure)
_STATES = frozenset(FacingState)
_FIGURES = frozenset({*GROWTH_PER_S, *SCALES})
_STRAY = "a number where none belongs"


def most_total(measure: Measure, window_s: int) -> int:
    """The largest total of a window, in steps of the measure's grid."""
    if measure is Measure.PEAK:
        return MAX_PEOPLE
    if measure in (Measure.PEOPLE, Measure.HEAT):
        return round(MAX_PEOPLE * window_s / measure.grid)
    if measure is Measure.OVER_LIMIT or measure in SHELF_MEASURES:
        return round(window_s / measure.grid)
    return MAX_CROSSINGS_PER_S * window_s


def free_bits_per_minute(plan: CameraPlan) -> float:
    """The most bits a minute that a room could hide in the numbers of one live camera, were it taken over.

    It is the logarithm of the number of different reports that the checks let pass, over a long time: totals and
    exposures of each tally, growth of each figure, choice of each fault. Not part of it are the moments and the order
    in which records are sent, and how a worker ends (see docs/claims/door.md).
    """
    tally_bits = sum(_tally_bits(place, plan.window_s) for place in plan.places)
    # A facing's state may be any of them, or not be told.
    shelf_bits = sum(place.facings for place in plan.places) * math.log2(len(_STATES) + 1) * 60 / SHELF_STATE_S
    figure_bits = sum(reports * _figure_bits(code, reports) for (code, _), reports in _reports_per_minute(plan).items())
    fault_bits = 6 * 60 / FAULT_EVERY_S * math.log2(len(_FAULTS_OF_PIXELS))
    return tally_bits + shelf_bits + figure_bits + fault_bits


def _reports_per_minute(plan: CameraPlan) -> dict[tuple[HealthFigure, int], float]:
    """How many reports a minute are taken of each figure, and of which line: a fifth more than stated."""
    reports = {(figure, 0): 1.2 * 60 / health_every(plan) for figure in GROWTH_PER_S}
    for figure, scale in SCALES.items():
        if figure is HealthFigure.MOVED and not (plan.reference and plan.live):
            continue  # nothing to compare with
        for line in range(len(plan.lines) if scale.of_line else 1):
            reports[figure, line] = 1.2 * 60 / scale.every(plan)
    return reports


def _figure_bits(figure: HealthFigure, reports: float) -> float:
    """Bits in one report of a figure: it may be any step of its scale or not be sent, or grow within its limit."""
    if figure in SCALES:
        return math.log2(SCALES[figure].most + 2)
    return _growth_bits(GROWTH_PER_S[figure] * 60 / reports)


def _tally_bits(place: Place, window_s: int) -> float:
    """Bits a minute in the tallies of a place: each may hold any total and exposure, or not be sent."""
    bits = 0.0
    for measure in place.measures:
        width_s = measure.width_s(window_s)
        totals = most_total(measure, width_s) + 1
        if measure.per_person:
            of_one = math.log2(totals * (totals + 1) // 2 + 1)
        elif measure.parts > 1:
            # A part that is zero is not sent, so that this counts as one of its totals.
            of_one = place.parts(measure) * math.log2(totals) + math.log2(width_s / EXPOSURE_GRID_S + 1)
        else:
            of_one = math.log2(totals * (width_s / EXPOSURE_GRID_S + 1) + 1)
        bits += of_one * 60 / width_s
    return bits


def _growth_bits(steps: float) -> float:
    """Bits in each report of a total that may never fall and may grow by so many steps a report.

    There are C(n steps + n, n) such sequences of n reports, fewer than (e (steps + 1)) ** n. A total that was held back
    may catch up, which is why it is more than the logarithm of the steps alone.
    """
    return math.log2(math.e * (steps + 1))


def check_ready(untrusted: Message, plan: Plan, *, pid: int, again: bool) -> tuple[int, bool]:
    """Checks a worker's word that it is shut in: Landlock ABI and seccomp.

    Args:
        untrusted: its word.
        plan: what it was told.
        pid: the worker's process, of which the kernel is asked as well.
        again: whether it said so before.

    Raises:
        GateError: the lock is not complete, and the plan does not allow that; or it says too much.
        LockdownError: the kernel does not tell.
    """
    _require(not again, "its state twice")
    _require(untrusted.camera == untrusted.subject == untrusted.a == untrusted.b == untrusted.part == 0, _STRAY)
    if plan.unsafe_no_lockdown:
        _require(untrusted.code == untrusted.start == 0, "a lock-down that was not asked for")
        return 0, False
    _require(untrusted.code == landlock.abi() > 0 and untrusted.start == 1, "an incomplete lock-down")
    _require(seccomp.holds(pid), "a lock-down of which the kernel knows nothing")
    return untrusted.code, True


def check_feed(untrusted: Message) -> tuple[Kind, int]:
    """Checks what a feed says of itself: a figure of feeds, or a fault of feeds.

    Raises:
        GateError: it is neither.
    """
    if untrusted.kind is Kind.HEALTH:
        _require(
            untrusted.code in _FIGURES_OF_FEEDS and untrusted.a <= _MAX_RECORDING_S * 1000, "an unknown figure", "feed"
        )
    else:
        _require(untrusted.kind is Kind.FAULT and untrusted.code in _FAULTS_OF_FEEDS, "an unknown message", "feed")
    return untrusted.kind, untrusted.code


def kind_and_camera(untrusted: Message, plan: Plan) -> Kind:
    """The kind of a record whose camera exists.

    Raises:
        GateError: it does not.
    """
    _require(untrusted.camera < len(plan.cameras), "an unknown camera")
    return untrusted.kind


def _require(holds: bool, what: str, who: str = "worker") -> None:
    if not holds:
        raise GateError(f"a {who} sent {what}; the record was refused and it is replaced.")
