"""Whatever a taken-over worker writes, the contract lets through only what the plan allows, and so many bits of it."""

import math
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.tallies import Measure, Tally
from passerby.errors import GateError
from passerby.gate import contract
from passerby.gate.messages import (
    RECORD,
    CameraPlan,
    FaultCode,
    HealthFigure,
    Kind,
    LinePlan,
    Message,
    Plan,
    ZonePlan,
    unpack,
)

LINE = LinePlan("line", (0.1, 0.5), (0.9, 0.5))
ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
START_UNIX_S = 1_800_000_000
CAMERA = CameraPlan("door", (LINE,), (ZONE,), window_s=60)
PLAN = Plan((CAMERA,), (3,))

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
)
# Nearly right, so that many get through and the rest is refused for one reason alone.
_TALLIES = st.builds(
    Message,
    st.just(Kind.TALLY),
    st.integers(1, 4),
    st.just(0),
    st.integers(0, 1),
    st.sampled_from([START_UNIX_S + seconds for seconds in (-240, -60, 0, 1, 60, 120, 180, 240)]),
    st.integers(0, 600),
    st.integers(0, 601),
)
MESSAGES = _ANYTHING | _TALLIES


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

    def take(self, camera: contract.CameraContract, untrusted: Message) -> None:
        """Does as the guard does with one record of a worker that is ready."""
        kind = contract.kind_and_camera(untrusted, PLAN)
        if kind is Kind.TALLY:
            self.tallies.append(camera.tally(untrusted))
        elif kind is Kind.HEALTH:
            self.figures.append(camera.health(untrusted))
        elif kind is Kind.FAULT:
            self.faults.append(camera.fault(untrusted))


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
    camera = contract.CameraContract(CAMERA, clock.monotonic, clock.unix)
    for untrusted, pause_s in story:
        clock.now_s += pause_s
        refused(heard, camera, unpack(untrusted.pack()))
    keys = [(tally.measure, tally.subject, tally.start_unix_s) for tally in heard.tallies]
    assert len(set(keys)) == len(keys)
    for tally in heard.tallies:
        assert tally.camera == "door"
        assert tally.subject == ("line" if tally.measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT) else "floor")
        assert tally.start_unix_s % 60 == 0
        assert START_UNIX_S - 180 <= tally.start_unix_s <= clock.unix() + 120
        assert 0 <= tally.exposure <= 60
        assert 0 <= tally.total <= 500 * 60
    for figure in HealthFigure:
        values = [value for known, value in heard.figures if known is figure]
        assert values == sorted(values) or figure in (HealthFigure.WIDTH_PX, HealthFigure.HEIGHT_PX)
        assert all(value < 2**32 for value in values)
        assert not values or figure < HealthFigure.PACKETS_READ
    assert all(code < FaultCode.UNAUTHORISED for code in heard.faults)


def _bits_of_totals(values: list[int], most: int) -> float:
    """Bits in a sequence of running totals that never fall, none beyond `most`: log2 of how many there are."""
    n = len(values)
    return (math.lgamma(most + n + 1) - math.lgamma(most + 1) - math.lgamma(n + 1)) / math.log(2)


def _bits(heard: Heard, seconds: float) -> float:
    """Bits of all that got through, when every choice that was open is counted."""
    grid = {measure: contract.most_total(measure, 60) + 1 for measure in Measure}
    bits = sum(math.log2(grid[tally.measure] * 601) for tally in heard.tallies)
    for figure in (HealthFigure.WIDTH_PX, HealthFigure.HEIGHT_PX):
        bits += sum(known is figure for known, _ in heard.figures) * math.log2(16_385)
    for figure in list(HealthFigure)[:6]:
        values = [value for known, value in heard.figures if known is figure]
        bits += _bits_of_totals(values, most=round(max(values, default=0)))
    return bits + len(heard.faults) * math.log2(10)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.2, 15.0), st.integers(0, 600), st.integers(0, 16_384))
def test_the_most_talkative_worker_stays_under_the_stated_bits(step_s: float, exposure: int, side_px: int) -> None:
    minutes = 60
    clock, heard = Clock(), Heard()
    camera = contract.CameraContract(CAMERA, clock.monotonic, clock.unix)
    most_per_s = {1: 240, 2: 60, 3: 1100, 4: 1100, 5: 1000, 6: 1000}
    while clock.now_s < minutes * 60:
        clock.now_s += step_s
        window = START_UNIX_S + 60 * int(clock.now_s // 60)
        for code, subject in ((1, 0), (2, 0), (3, 1), (4, 1)):
            refused(heard, camera, Message(Kind.TALLY, code, 0, subject, window, 100, exposure))
        for code in range(1, 9):
            value = side_px if code > 6 else int(most_per_s[code] * clock.now_s)
            refused(heard, camera, Message(Kind.HEALTH, code, a=value))
        for code in range(1, 11):
            refused(heard, camera, Message(Kind.FAULT, code))
    stated = contract.free_bits_per_minute(CAMERA) * (minutes + 1)
    burst = 8 * 8 * 20 + 8 * math.log2(10) + 4 * 3 * 30  # what may be said at once in the beginning
    assert _bits(heard, clock.now_s) <= stated + burst
    assert len(heard.tallies) <= 4 * (minutes + 1)


def test_the_stated_bits_are_few() -> None:
    """One line and one zone: with quarters of an hour, less than 115 bytes a minute; with minutes, less than 125."""
    assert contract.free_bits_per_minute(CameraPlan("door", (LINE,), (ZONE,), window_s=900)) < 115 * 8
    assert contract.free_bits_per_minute(CAMERA) < 125 * 8
