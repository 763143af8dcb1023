"""Whatever a taken-over worker writes, the contract lets through only what the plan allows, and so many bits of it."""

import math
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.tallies import LINE_MEASURES, MASK_MEASURES, Measure, Tally
from passerby.errors import GateError
from passerby.gate import contract
from passerby.gate.messages import (
    MOVED_EVERY_S,
    RECORD,
    SIGNATURE_BYTES,
    CameraPlan,
    FaultCode,
    HealthFigure,
    Kind,
    LinePlan,
    Message,
    Plan,
    QueuePlan,
    ShelfPlan,
    ZonePlan,
    unpack,
)
from passerby.gate.scales import SCALES

LINE = LinePlan("line", (0.1, 0.5), (0.9, 0.5))
ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
START_UNIX_S = 1_800_000_000
CAMERA = CameraPlan("door", (LINE,), (ZONE,), window_s=60)
# All that can be asked of one camera.
QUEUE = ZonePlan("floor", ZONE.corners, masks=True, crowd_limit=20, queue=QueuePlan((0.1, 0.1), (0.9, 0.1)))
MASKED_LINE = LinePlan("line", LINE.start, LINE.end, masks=True)
FULL = CameraPlan("door", (MASKED_LINE,), (QUEUE,), window_s=60, heat_minimum=5, reference=bytes(SIGNATURE_BYTES))
PLAN = Plan((FULL,), (3,))

_NEAR = st.integers(0, 20)
_START = st.integers(-4, 8).map(lambda n: START_UNIX_S + 60 * n) | st.integers(0, 2**32 - 1)
_ANYTHING = st.builds(
    Message,
    st.sampled_from(Kind),
    _NEAR | st.integers(0, 255),
    st.just(0) | st.integers(0, 65535),
    st.integers(0, 3) | st.integers(0, 65535),
    st.just(0) | _START,
    _NEAR | st.integers(0, 2**64 - 1) | st.integers(0, 40_000),
    st.just(0) | st.integers(0, 600) | st.integers(0, 2**32 - 1),
    st.just(0) | st.integers(0, 20) | st.integers(0, 65535),
)
# Nearly right, so that many get through and the rest is refused for one reason alone.
_TALLIES = st.builds(
    Message,
    st.just(Kind.TALLY),
    st.integers(1, 15),
    st.just(0),
    st.integers(0, 2),
    st.sampled_from([START_UNIX_S + seconds for seconds in (-3600, -240, -60, 0, 1, 60, 120, 180, 240)]),
    st.integers(0, 600),
    st.integers(0, 601) | st.sampled_from([7, 36_000, 36_001]),
    st.sampled_from([0, 0, 1, 12, 13, 575, 576]),
)
MESSAGES = _ANYTHING | _TALLIES
PLACES_OF = {
    **dict.fromkeys(LINE_MEASURES, ("line",)),
    **dict.fromkeys(MASK_MEASURES, ("line", "floor")),
    Measure.HEAT: ("heat map",),
}


@dataclass
class Clock:
    """A clock that the test moves."""

    now_s: float = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def unix(self) -> float:
        return START_UNIX_S + self.now_s


@dataclass
class Heard:
    """What got through, as the site would see it."""

    tallies: list[Tally] = field(default_factory=list)
    figures: list[tuple[HealthFigure, int]] = field(default_factory=list)
    faults: list[FaultCode] = field(default_factory=list)
    states: list[contract.FacingNow] = field(default_factory=list)

    def take(self, camera: contract.CameraContract, untrusted: Message) -> None:
        """Does as the guard does with one record of a worker that is ready."""
        kind = contract.kind_and_camera(untrusted, PLAN)
        if kind is Kind.TALLY:
            self.tallies.append(camera.tally(untrusted))
        elif kind is Kind.HEALTH:
            self.figures.append(camera.health(untrusted)[:2])
        elif kind is Kind.FAULT:
            self.faults.append(camera.fault(untrusted))
        elif kind is Kind.SHELF:
            self.states.append(camera.shelf(untrusted))
        elif kind is Kind.DONE:
            camera.done(untrusted, ended=True)


def refused(heard: Heard, camera: contract.CameraContract, untrusted: Message) -> bool:
    """Whether the record was refused; nothing but a GateError may say so."""
    try:
        heard.take(camera, untrusted)
    except GateError:
        return True
    return False


@given(st.binary(max_size=2 * RECORD.size) | st.binary(min_size=RECORD.size, max_size=RECORD.size))
def test_bytes_are_a_record_or_no_record(untrusted: bytes) -> None:
    try:
        message = unpack(untrusted)
    except ValueError:
        return
    assert message.pack() == untrusted
    clock = Clock()
    refused(Heard(), contract.CameraContract(CAMERA, clock.monotonic, clock.unix), message)


@settings(max_examples=300)
@given(st.lists(st.tuples(MESSAGES, st.floats(0, 30)), max_size=60))
def test_nothing_gets_through_that_the_plan_does_not_allow(story: list[tuple[Message, float]]) -> None:
    clock, heard = Clock(), Heard()
    camera = contract.CameraContract(FULL, clock.monotonic, clock.unix)
    for untrusted, pause_s in story:
        clock.now_s += pause_s
        refused(heard, camera, unpack(untrusted.pack()))
    keys = [tally.key for tally in heard.tallies]
    assert len(set(keys)) == len(keys)
    seen: dict[tuple[object, ...], float] = {}
    for tally in heard.tallies:
        assert tally.camera == "door"
        assert tally.subject in PLACES_OF.get(tally.measure, ("floor",))
        width_s = 3600 if tally.measure is Measure.HEAT else 60
        assert tally.width_s == width_s
        assert tally.start_unix_s % width_s == 0
        assert START_UNIX_S - 120 - width_s <= tally.start_unix_s <= clock.unix() + 120
        assert 0 <= tally.total <= 500 * width_s
        if tally.measure in MASK_MEASURES:
            assert tally.total <= tally.exposure == int(tally.exposure)
        else:
            assert 0 <= tally.exposure <= width_s
        if tally.measure.parts > 1:
            assert 0 <= tally.part < tally.measure.parts
            assert tally.total > 0
            window = (tally.measure, tally.subject, tally.start_unix_s)
            assert seen.setdefault(window, tally.exposure) == tally.exposure, "parts of a window share what was seen"
        else:
            assert tally.part == 0
    for figure in HealthFigure:
        values = [value for known, value in heard.figures if known is figure]
        assert values == sorted(values) or figure in SCALES
        assert all(value < 2**32 for value in values)
        assert all(value <= SCALES[figure].most for value in values if figure in SCALES)
        assert not values or figure in SCALES or figure < HealthFigure.PACKETS_READ
    assert all(code < FaultCode.UNAUTHORISED for code in heard.faults)


def test_parts_of_two_windows_do_not_take_turns() -> None:
    """Each would have an exposure of its own to choose, which is fifteen bits a cell."""
    clock, heard = Clock(), Heard()
    camera = contract.CameraContract(FULL, clock.monotonic, clock.unix)
    clock.now_s = 4000.0
    hours = [START_UNIX_S, START_UNIX_S + 3600]
    turns = [(start, part) for part in range(20) for start in hours]
    records = [Message(Kind.TALLY, Measure.HEAT, 0, 2, start, 5, 7 * n, part) for n, (start, part) in enumerate(turns)]
    assert [refused(heard, camera, record) for record in records].count(False) == 2
    assert len({(tally.start_unix_s, tally.exposure) for tally in heard.tallies}) == 2


@pytest.mark.parametrize("number", ["code", "subject", "start", "a", "b", "part"])
def test_the_end_says_nothing_else_and_comes_once(number: str) -> None:
    camera = contract.CameraContract(FULL, Clock().monotonic, Clock().unix)
    record = msgspec.structs.replace(Message(Kind.DONE, 0), **{number: 1})
    assert refused(Heard(), camera, record)
    assert not refused(Heard(), camera, Message(Kind.DONE, 0))
    assert refused(Heard(), camera, Message(Kind.DONE, 0))
    camera.restarted()
    assert not refused(Heard(), camera, Message(Kind.DONE, 0)), "a worker that replaced another says it again"


def test_a_camera_that_goes_on_has_no_end() -> None:
    camera = contract.CameraContract(FULL, Clock().monotonic, Clock().unix)
    with pytest.raises(GateError, match="goes on"):
        camera.done(Message(Kind.DONE, 0), ended=False)


def test_a_camera_is_not_moved_all_the_time_and_a_recording_never() -> None:
    clock, heard = Clock(), Heard()
    camera = contract.CameraContract(FULL, clock.monotonic, clock.unix)
    moved = Message(Kind.FAULT, FaultCode.CAMERA_MOVED)
    for _ in range(15):
        clock.now_s += MOVED_EVERY_S
        assert not refused(heard, camera, moved)
    assert [refused(heard, camera, moved) for _ in range(5)].count(False) <= 2
    of_recording = msgspec.structs.replace(FULL, recording_start_unix_s=START_UNIX_S)
    assert refused(Heard(), contract.CameraContract(of_recording), moved)


@pytest.mark.parametrize("figure", list(SCALES))
def test_a_figure_stays_on_its_scale_and_to_its_pace(figure: HealthFigure) -> None:
    clock, heard, scale = Clock(), Heard(), SCALES[figure]
    camera = contract.CameraContract(FULL, clock.monotonic, clock.unix)
    assert refused(heard, camera, Message(Kind.HEALTH, figure, a=scale.most + 1))
    assert refused(heard, camera, Message(Kind.HEALTH, figure, subject=1)), "the floor is no line, the camera has one"
    for _ in range(20):
        clock.now_s += scale.every_s
        assert not refused(heard, camera, Message(Kind.HEALTH, figure, a=scale.most))
    assert [refused(heard, camera, Message(Kind.HEALTH, figure)) for _ in range(12)].count(False) <= 8


def _bits_of_totals(values: list[int], most: int) -> float:
    """Bits in a sequence of running totals that never fall, none beyond `most`: log2 of how many there are."""
    n = len(values)
    return (math.lgamma(most + n + 1) - math.lgamma(most + 1) - math.lgamma(n + 1)) / math.log(2)


def _bits_of(tally: Tally) -> float:
    """Bits of one tally: which total, and which exposure where it has one of its own."""
    totals = contract.most_total(tally.measure, tally.width_s) + 1
    if tally.measure in MASK_MEASURES:
        return math.log2(totals * (totals + 1) / 2)
    own = tally.part == 0 or tally.measure.parts == 1
    return math.log2(totals) + own * math.log2(tally.width_s * 10 + 1)


def _bits(heard: Heard) -> float:
    """Bits of all that got through, when every choice that was open is counted."""
    bits = sum(_bits_of(tally) for tally in heard.tallies)
    for figure, scale in SCALES.items():
        bits += sum(known is figure for known, _ in heard.figures) * math.log2(scale.most + 1)
    for figure in list(HealthFigure)[:6]:
        values = [value for known, value in heard.figures if known is figure]
        bits += _bits_of_totals(values, most=round(max(values, default=0)))
    return bits + len(heard.faults) * math.log2(12)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.2, 15.0), st.integers(0, 600), st.integers(0, 16_384))
def test_the_most_talkative_worker_stays_under_the_stated_bits(step_s: float, exposure: int, side_px: int) -> None:
    minutes = 60
    clock, heard = Clock(), Heard()
    camera = contract.CameraContract(FULL, clock.monotonic, clock.unix)
    told: dict[Measure, int] = {}
    most_per_s = {1: 240, 2: 60, 3: 1100, 4: 1100, 5: 1000, 6: 1000}
    while clock.now_s < minutes * 60:
        clock.now_s += step_s
        window = START_UNIX_S + 60 * int(clock.now_s // 60)
        for subject, place in enumerate(FULL.places):
            for measure in place.measures:
                start = window // measure.width_s(60) * measure.width_s(60)
                # What was told already is refused, which takes its time when a map is tried again and again.
                for part in range(measure.parts if told.get(measure) != start else 1):
                    record = Message(Kind.TALLY, measure, 0, subject, start, 100, max(exposure, 100), part)
                    refused(heard, camera, record)
                told[measure] = start
        for code, most in most_per_s.items():
            refused(heard, camera, Message(Kind.HEALTH, code, a=int(most * clock.now_s)))
        for figure, scale in SCALES.items():
            refused(heard, camera, Message(Kind.HEALTH, figure, a=side_px % (scale.most + 1)))
        for code in range(1, 11):
            refused(heard, camera, Message(Kind.FAULT, code))
    stated = contract.free_bits_per_minute(FULL) * (minutes + 1)
    burst = 8 * (8 + len(SCALES)) * 20 + 8 * math.log2(11) + 4 * 3 * 30  # what may be said at once in the beginning
    hour = 3600 * contract.free_bits_per_minute(CameraPlan("door", heat_minimum=5)) / 60  # one map more
    assert _bits(heard) <= stated + burst + hour
    parts = sum(measure.parts for place in FULL.places for measure in place.measures if measure is not Measure.HEAT)
    assert len(heard.tallies) <= parts * (minutes + 1) + 2 * Measure.HEAT.parts


def test_a_view_that_nothing_is_known_of_cannot_be_another_one() -> None:
    """Only a live camera whose view at set-up is known tells whether it shows that."""
    for plan in (CAMERA, msgspec.structs.replace(FULL, recording_start_unix_s=START_UNIX_S)):
        clock, heard = Clock(), Heard()
        camera = contract.CameraContract(plan, clock.monotonic, clock.unix)
        refused(heard, camera, Message(Kind.HEALTH, HealthFigure.MOVED, a=1))
        assert heard.figures == []
    clock, heard = Clock(), Heard()
    camera = contract.CameraContract(FULL, clock.monotonic, clock.unix)
    for value in (0, 1, 2):
        refused(heard, camera, Message(Kind.HEALTH, HealthFigure.MOVED, a=value))
    assert heard.figures == [(HealthFigure.MOVED, 0), (HealthFigure.MOVED, 1)]


def test_the_stated_bits_are_few() -> None:
    """One line and one zone: in quarters of an hour 120 bytes a minute, in minutes 166; all that can be asked: 244."""
    usual = CameraPlan("door", (LINE,), (ZONE,), window_s=900, reference=bytes(SIGNATURE_BYTES))
    assert contract.free_bits_per_minute(usual) < 120 * 8
    assert contract.free_bits_per_minute(msgspec.structs.replace(usual, window_s=60)) < 166 * 8
    assert contract.free_bits_per_minute(FULL) < 244 * 8


def test_a_shelf_of_forty_facings_adds_few() -> None:
    """26 bytes a minute in quarters of an hour, 135 in minutes."""
    shelf = ShelfPlan("crisps", (ZONE.corners,) * 40)
    for width_s, most in ((900, 26), (60, 135)):
        bare = CameraPlan("door", (LINE,), (ZONE,), window_s=width_s)
        more = msgspec.structs.replace(bare, shelves=(shelf,))
        assert contract.free_bits_per_minute(more) - contract.free_bits_per_minute(bare) < most * 8
