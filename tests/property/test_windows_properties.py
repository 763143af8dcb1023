"""Windows: what must hold for any looks."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.core.observations import Direction
from passerby.core.tallies import LINE_MEASURES, Measure, Place, Tally, merge
from passerby.core.windows import MEASURE_OF, Event, Seen, WindowTallier

HOUR = 1_760_000_400
PLACES = (Place("door", LINE_MEASURES), Place("hall", (Measure.PEOPLE, Measure.PEAK)))
Look = tuple[tuple[float, float], int, list[Direction]]

# Gap before a look, its length (both in hundredths of a second), people, crossings.
raw = st.tuples(
    st.integers(0, 800), st.integers(0, 300), st.integers(0, 5), st.lists(st.sampled_from(Direction), max_size=3)
)


def in_order(found: list[tuple[int, int, int, list[Direction]]], start: int = 0) -> list[Look]:
    """Looks one after the other, with gaps between them."""
    now, result = start, []
    for gap, length, people, crossings in found:
        begin = now + gap
        now = begin + length
        result.append(((HOUR + begin / 100, HOUR + now / 100), people, crossings))
    return result


def tell(looks: list[Look], width_s: int) -> list[Tally]:
    room = WindowTallier("cam", PLACES, width_s)
    tallies: list[Tally] = []
    for span, people, crossings in looks:
        tallies += room.look(span, Seen({"hall": people}, tuple(Event("door", MEASURE_OF[one]) for one in crossings)))
    return tallies + room.close()


def totals(tallies: list[Tally]) -> dict[tuple[Measure, int], float]:
    return {(one.measure, one.start_unix_s): one.total for one in tallies}


@given(st.lists(raw, max_size=60), st.integers(0, 10_000))
def test_exposure_is_never_negative_nor_longer_than_the_window_or_what_was_seen(
    found: list[tuple[int, int, int, list[Direction]]], start: int
) -> None:
    looks = in_order(found, start)
    tallies = tell(looks, 60)
    assert all(0 <= one.exposure <= 60 for one in tallies)
    seen_s = sum(min(end - begin, 0.5) for (begin, end), _, _ in looks)
    assert sum(one.exposure for one in tallies if one.measure is Measure.PEOPLE) <= seen_s + 1e-3


@given(st.lists(raw, max_size=60))
def test_every_crossing_is_told_once_and_no_window_twice(found: list[tuple[int, int, int, list[Direction]]]) -> None:
    tallies = tell(in_order(found), 60)
    told = Counter({Direction.IN: 0, Direction.OUT: 0})
    for one in tallies:
        if one.measure in LINE_MEASURES:
            told[Direction.IN if one.measure is Measure.CROSSINGS_IN else Direction.OUT] += round(one.total)
    assert told == Counter({Direction.IN: 0, Direction.OUT: 0}) + Counter(
        direction for *_, crossings in found for direction in crossings
    )
    assert max(Counter(one.key for one in tallies).values(), default=1) == 1


@given(st.lists(raw, min_size=1, max_size=60), st.sampled_from([300, 900, 3600]))
def test_short_windows_merged_are_long_windows(
    found: list[tuple[int, int, int, list[Direction]]], width_s: int
) -> None:
    """Splitting a window and merging its tallies changes nothing, but for roundings to the grid of each part."""
    looks = in_order(found)
    parts, whole = merge(tell(looks, 60), width_s), tell(looks, width_s)
    for part, one in zip(parts, sorted(whole, key=lambda one: one.key), strict=True):
        assert part.key == one.key
        windows = width_s / 60
        if one.measure in LINE_MEASURES:
            assert part.total == one.total
        elif one.measure is Measure.PEOPLE:
            assert part.total == pytest.approx(one.total, abs=0.05 * (windows + 1) + 1e-6)
        assert part.exposure == pytest.approx(one.exposure, abs=0.1 * (windows + 1) + 1e-6)


@given(st.lists(raw, min_size=2, max_size=60), st.integers(1, 59))
def test_a_site_that_starts_again_loses_nothing(found: list[tuple[int, int, int, list[Direction]]], cut: int) -> None:
    looks = in_order(found)
    once = totals(merge(tell(looks, 900), 900))
    twice = totals(merge([*tell(looks[:cut], 900), *tell(looks[cut:], 900)], 900))
    for (measure, start), total in once.items():
        if measure is Measure.PEAK:
            assert twice[measure, start] <= max(people for _, people, _ in looks)
        else:
            assert twice[measure, start] == pytest.approx(total, abs=0.2)


@given(st.lists(raw, max_size=40), st.lists(st.integers(-5000, 5000), min_size=40, max_size=40))
def test_a_clock_that_is_set_at_will_loses_no_crossing_and_tells_no_window_twice(
    found: list[tuple[int, int, int, list[Direction]]], jumps_s: list[int]
) -> None:
    looks = [
        ((begin + jump, end + jump), people, crossings)
        for ((begin, end), people, crossings), jump in zip(in_order(found), jumps_s, strict=False)
    ]
    tallies = tell(looks, 60)
    assert all(0 <= one.exposure <= 60 for one in tallies)
    assert max(Counter(one.key for one in tallies).values(), default=1) == 1
    assert sum(one.total for one in tallies if one.measure in LINE_MEASURES) == sum(len(one[3]) for one in found)
    most = max((people for _, people, _ in looks), default=0)
    for one in tallies:
        if one.measure is Measure.PEOPLE and one.exposure >= 1:
            assert one.total / one.exposure <= most * 1.11
