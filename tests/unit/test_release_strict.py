"""What may leave under the profile `strict`."""

import pytest

from passerby.core.release import STRICT_MIN_WINDOW_S, STRICT_WINDOWS_S, strict_measures, strict_width_s, strict_windows
from passerby.core.tallies import LINE_MEASURES, MASK_MEASURES, Measure, Tally

START = 1_700_006_400  # a multiple of 3600
assert START % 3600 == 0


def tally(measure: Measure, total: float, exposure: float, **place: object) -> Tally:
    camera, subject = str(place.get("camera", "door")), str(place.get("subject", "main"))
    start = place.get("start", START)
    assert isinstance(start, int)
    return Tally(camera, measure, subject, start, 600, total, exposure)


@pytest.mark.parametrize(
    ("window_s", "width_s"),
    [(60, 1200), (300, 1200), (600, 1200), (900, 1800), (1200, 1200), (1800, 1800), (3600, 3600)],
)
def test_a_venue_has_the_narrowest_width_that_its_windows_fill(window_s: int, width_s: int) -> None:
    assert strict_width_s(window_s) == width_s >= STRICT_MIN_WINDOW_S == min(STRICT_WINDOWS_S)


def test_windows_that_fill_no_hour_have_no_width() -> None:
    with pytest.raises(ValueError, match="7 s"):
        strict_width_s(7)


def test_lines_are_added_and_nothing_is_told_of_one() -> None:
    lines = [("door", "main"), ("door", "side"), ("back", "main")]
    tallies = [
        tally(measure, total, 600.0, camera=camera, subject=subject, start=START + shift)
        for camera, subject in lines
        for shift in (0, 600)
        for measure, total in zip(LINE_MEASURES, (3, 2), strict=True)
    ]
    (window,) = strict_windows([*tallies, tally(Measure.PEAK, 9, 600)], 1200, 20)
    assert (window.start_unix_s, window.width_s, window.came_in, window.went_out) == (START, 1200, 18, 12)
    assert window.coverage == 1.0
    assert window.masks.withheld


def test_a_share_of_too_few_is_withheld_and_that_of_enough_is_not() -> None:
    def share(judged: int) -> float | None:
        counts = [tally(Measure.MASKED, judged // 2, judged), tally(Measure.CANNOT_TELL, 1, judged + 1)]
        (window,) = strict_windows([*counts, tally(Measure.WORN_WRONGLY, 0, judged)], 1200, 20)
        assert window.coverage is None
        return window.masks.share

    assert share(19) is None
    assert share(20) == 0.5
    assert strict_measures(19, 20) == (*LINE_MEASURES, Measure.CANNOT_TELL)
    assert strict_measures(20, 20) == (*LINE_MEASURES, *MASK_MEASURES)
    assert Measure.MASKED not in strict_measures(0, 0)


def test_what_was_not_seen_lowers_the_coverage() -> None:
    seen = [tally(Measure.CROSSINGS_IN, 1, 300.0), tally(Measure.CROSSINGS_IN, 0, 0.0, start=START + 600)]
    (window,) = strict_windows(seen, 1200, 20)
    assert window.coverage == 0.25


@pytest.mark.parametrize("width_s", [600, 900, 2400])
def test_other_widths_are_refused(width_s: int) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        strict_windows([], width_s, 20)


def test_windows_that_do_not_fill_the_width_are_refused() -> None:
    odd = Tally("door", Measure.CROSSINGS_IN, "main", START, 900, 1, 900)
    with pytest.raises(ValueError, match="do not fill"):
        strict_windows([odd], 1200, 20)
