"""Tallies: what may stand in one, and how they are merged."""

import math
from dataclasses import replace

import pytest

from passerby.core.tallies import Measure, Tally, merge, window_start

HOUR = 1_760_000_400  # a whole hour, in Unix seconds


def tally(start: int = HOUR, total: float = 3, exposure: float = 60, measure: Measure = Measure.CROSSINGS_IN) -> Tally:
    return Tally("hall", measure, "door", start, 60, total, exposure)


@pytest.mark.parametrize("total", [-1, math.nan, math.inf])
def test_a_total_is_a_number_of_nought_or_more(total: float) -> None:
    with pytest.raises(ValueError, match="total"):
        tally(total=total)


@pytest.mark.parametrize("exposure", [-0.1, 60.2, math.nan, math.inf])
def test_an_exposure_fits_its_window(exposure: float) -> None:
    with pytest.raises(ValueError, match="exposure"):
        tally(exposure=exposure)


def test_nothing_seen_is_not_nobody() -> None:
    assert tally(total=0, exposure=0).value is None
    assert tally(total=0, exposure=30).value == 0
    assert (tally(total=3, exposure=30).value, tally(total=3, exposure=30).coverage) == (0.1, 0.5)
    assert tally(exposure=60.05).coverage == 1


def test_windows_are_aligned_to_the_epoch() -> None:
    assert window_start(HOUR + 59.999, 60) == HOUR
    assert window_start(HOUR + 60, 60) == HOUR + 60
    assert window_start(-0.5, 60) == -60


def test_merging_adds_totals_and_exposures() -> None:
    (merged,) = merge([tally(HOUR + 60 * i, total=i, exposure=50) for i in range(15)], 900)
    assert (merged.start_unix_s, merged.width_s) == (HOUR, 900)
    assert (merged.total, merged.exposure) == (sum(range(15)), 750)


def test_merging_keeps_the_largest_peak() -> None:
    peaks = [tally(HOUR + 60 * i, total=total, measure=Measure.PEAK) for i, total in enumerate((2, 5, 1))]
    (merged,) = merge(peaks, 900)
    assert (merged.total, merged.exposure) == (5, 180)


def test_merging_keeps_places_and_windows_apart_and_in_order() -> None:
    late, other = tally(HOUR + 900), replace(tally(), subject="back door")
    merged = merge([late, tally(), other, tally(HOUR + 60)], 900)
    assert [(one.subject, one.start_unix_s, one.total) for one in merged] == [
        ("back door", HOUR, 3),
        ("door", HOUR, 6),
        ("door", HOUR + 900, 3),
    ]


def test_windows_that_are_over_by_a_rounding_are_still_merged() -> None:
    """Each may be a tenth of a second over; sixty of them together would be six seconds over an hour."""
    (merged,) = merge([tally(HOUR + 60 * i, exposure=60.1) for i in range(60)], 3600)
    assert (merged.exposure, merged.coverage) == (3600, 1)


def test_wider_windows_stay_as_they_are() -> None:
    """As the store answers. A site that changed its width, or rolled old windows up, has both."""
    hour = replace(tally(), width_s=3600, total=40, exposure=3000)
    merged = merge([hour, tally(), tally(HOUR + 60)], 900)
    assert [(one.width_s, one.total, one.exposure) for one in merged] == [(900, 6, 120), (3600, 40, 3000)]
    assert len({one.key for one in merged}) == 2, "no two tallies of a site share a key"


def test_nothing_merged_is_nothing() -> None:
    assert merge([], 900) == []
