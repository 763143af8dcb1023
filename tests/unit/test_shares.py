"""Shares against numbers that were worked out elsewhere, and what is withheld."""

import pytest

from passerby.core.masks import Confusion
from passerby.core.shares import MaskCounts, MaskShare, corrected, mask_share, wilson
from passerby.core.tallies import Measure, Tally

GOOD = Confusion(190, 10, 95, 5)


def tally(measure: Measure, total: float, people: float, camera: str = "door") -> Tally:
    return Tally(camera, measure, "gate", 0, 900, total, people)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_of_nobody_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_what_is_no_share_is_refused(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(successes, n)


def test_a_perfect_judge_measured_on_many_changes_nothing() -> None:
    exact = corrected(300, 1000, Confusion(10**7, 0, 10**7, 0))
    assert exact is not None
    assert (exact.share, exact.low, exact.high) == pytest.approx((0.3, *wilson(300, 1000)), abs=1e-3)


def test_the_correction_turns_the_judges_errors_round() -> None:
    # Of 800 masked and 200 bare people this judge calls 800 * 0.95 + 200 * 0.05 = 770 masked.
    found = corrected(770, 1000, GOOD)
    assert found is not None
    assert found.share == pytest.approx(0.8)
    assert found.low < 0.8 < found.high
    low, high = wilson(770, 1000)
    assert found.high - found.low > high - low, "the judge's errors are uncertain as well"


def test_the_interval_by_hand() -> None:
    """Equation 16 of Lang and Reiczigel, step by step with other names, for z = 2."""
    n, p = 100 + 4, (60 + 2) / (100 + 4)
    se, sp = 91 / 102, 46 / 52
    youden = se + sp - 1
    share = (p + sp - 1) / youden
    se_part, sp_part = se * (1 - se) / 102, sp * (1 - sp) / 52
    middle = share + 2 * 4 * (share * se_part - (1 - share) * sp_part)
    spread = (p * (1 - p) / n + share**2 * se_part + (1 - share) ** 2 * sp_part) ** 0.5 / youden
    found = corrected(60, 100, Confusion(90, 10, 45, 5), z=2.0)
    assert found is not None
    assert found.share == pytest.approx((0.6 + 0.9 - 1) / 0.8)
    assert (found.low, found.high) == pytest.approx((middle - 2 * spread, middle + 2 * spread))


@pytest.mark.parametrize(
    "errors", [Confusion(50, 50, 50, 50), Confusion(10, 90, 10, 90), Confusion(0, 0, 9, 1), Confusion(9, 1, 0, 0)]
)
def test_a_judge_no_better_than_chance_corrects_nothing(errors: Confusion) -> None:
    assert corrected(5, 10, errors) is None


def test_of_nobody_judged_nothing_is_corrected() -> None:
    assert corrected(0, 0, GOOD) is None


def test_a_correction_stays_a_share() -> None:
    none, all_ = corrected(0, 30, GOOD), corrected(30, 30, GOOD)
    assert none and all_
    assert (none.share, none.low, all_.share, all_.high) == (0.0, 0.0, 1.0, 1.0)


def test_counts_are_sums_of_tallies() -> None:
    tallies = [
        tally(Measure.MASKED, 7, 10),
        tally(Measure.MASKED, 12, 20, "side"),
        tally(Measure.WORN_WRONGLY, 1, 10),
        tally(Measure.WORN_WRONGLY, 2, 20, "side"),
        tally(Measure.CANNOT_TELL, 5, 15),
        tally(Measure.CANNOT_TELL, 0, 20, "side"),
        tally(Measure.CROSSINGS_IN, 40, 900),
    ]
    assert MaskCounts.of(tallies) == MaskCounts(masked=19, judged=30, worn_wrongly=3, cannot_tell=5, asked=35)
    assert MaskCounts.of([]) == MaskCounts(0, 0, 0, 0, 0)


def test_below_the_minimum_nothing_is_told_but_how_many_they_were() -> None:
    told = mask_share(MaskCounts(19, 19, 0, 1, 20), 20, GOOD)
    assert told == MaskShare(asked=20, judged=19, withheld=True, cannot_tell_share=0.05)


def test_at_the_minimum_the_share_is_told() -> None:
    told = mask_share(MaskCounts(15, 20, 2, 5, 25), 20)
    low, high = wilson(15, 20)
    assert told == MaskShare(25, 20, False, 15, 2, 0.75, low, high, None, 0.2)


def test_of_nobody_no_share_is_told_whatever_the_minimum() -> None:
    assert mask_share(MaskCounts(0, 0, 0, 0, 0), 0) == MaskShare(0, 0, withheld=True)


def test_the_correction_stands_beside_the_share() -> None:
    told = mask_share(MaskCounts(770, 1000, 0, 0, 1000), 20, GOOD)
    assert told.share == 0.77
    assert told.corrected == corrected(770, 1000, GOOD)
