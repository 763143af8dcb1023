"""What the guard takes of shelves, and how it is kept."""

import math

import pytest

from passerby.core.shelves import FacingState
from passerby.core.tallies import Measure
from passerby.errors import GateError
from passerby.gate.contract import CameraContract, FacingNow, free_bits_per_minute
from passerby.gate.messages import CameraPlan, Kind, LinePlan, Message, ShelfPlan
from passerby.site.shelf_board import ShelfBoard

NOW = 1_760_000_400
SQUARE = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
PLAN = CameraPlan("aisle", (LinePlan("door", (0, 0), (1, 1)),), shelves=(ShelfPlan("crisps", (SQUARE,) * 3),))
CRISPS = 1


def contract() -> CameraContract:
    return CameraContract(PLAN, unix=lambda: float(NOW))


def state(code: int = 2, facing: int = 0, at: int = NOW, **other: int) -> Message:
    return Message(Kind.SHELF, code, **({"subject": CRISPS, "start": at, "part": facing} | other))


def test_each_facing_is_told_once_a_minute() -> None:
    checks = contract()
    assert checks.shelf(state(facing=2)) == FacingNow("aisle", "crisps", 2, FacingState.EMPTY, NOW)
    assert checks.shelf(state(code=3, facing=1)).state is FacingState.CANNOT_SEE
    assert checks.shelf(state(at=NOW + 60, facing=2)).start_unix_s == NOW + 60
    with pytest.raises(GateError, match="second state"):
        checks.shelf(state(facing=2))


@pytest.mark.parametrize(
    ("untrusted", "why"),
    [
        (state(code=4), "unknown state"),
        (state(facing=3), "unknown facing"),
        (state(subject=0), "unknown facing"),
        (state(subject=2), "unknown place"),
        (state(at=NOW + 1), "off its grid"),
        (state(at=NOW + 3600), "not begun"),
        (state(at=NOW - 3600), "before the start"),
        (state(a=1), "none belongs"),
        (state(b=1), "none belongs"),
    ],
)
def test_what_no_facing_can_say_is_refused(untrusted: Message, why: str) -> None:
    with pytest.raises(GateError, match=why):
        contract().shelf(untrusted)


def test_tallies_are_of_facings_that_exist_and_not_longer_than_their_window() -> None:
    def tally(part: int, total: int) -> Message:
        start = NOW // 900 * 900
        return Message(Kind.TALLY, Measure.SHELF_EMPTY, subject=CRISPS, start=start, a=total, b=9000, part=part)

    assert contract().tally(tally(2, 900)).total == 900
    for untrusted, why in ((tally(3, 900), "unknown part"), (tally(2, 901), "beyond")):
        with pytest.raises(GateError, match=why):
            contract().tally(untrusted)


def test_what_shelves_could_hide_is_in_the_bound() -> None:
    without = CameraPlan("aisle", PLAN.lines)
    # Five states of three facings a minute, and four measures of three facings in a window.
    least = 3 * math.log2(5) + 4 * 3 * math.log2(901) / 15
    assert least < free_bits_per_minute(PLAN) - free_bits_per_minute(without) < least + 10


def test_the_board_keeps_the_last_state_and_since_when() -> None:
    board = ShelfBoard()
    told = [FacingState.STOCKED, FacingState.EMPTY, FacingState.EMPTY, FacingState.CANNOT_SEE, FacingState.EMPTY]
    for minute, one in enumerate(told):
        board.tell(FacingNow("aisle", "crisps", 0, one, NOW + 60 * minute))
        if one is FacingState.CANNOT_SEE:
            (covered,) = board.now()
            assert (covered.state, covered.last, covered.age_s) == (one, FacingState.EMPTY, 60)
    (known,) = board.now()
    assert (known.state, known.since_unix_s, known.age_s) == (FacingState.EMPTY, NOW + 60, 0)
    board.tell(FacingNow("aisle", "crisps", 0, FacingState.STOCKED, NOW))
    assert board.now() == (known,), "what is older changes nothing"


def test_a_facing_that_was_never_seen_has_no_state() -> None:
    board = ShelfBoard()
    board.tell(FacingNow("aisle", "crisps", 0, FacingState.CANNOT_SEE, NOW))
    (known,) = board.now()
    assert known.last is known.since_unix_s is known.age_s is None
