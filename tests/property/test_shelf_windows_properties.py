"""What must hold for the tallies of a shelf, whatever is seen of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.shelf_windows import ShelfTallier
from passerby.core.shelves import FacingState
from passerby.core.tallies import Measure, Tally, merge

START = 1_760_000_400
FACINGS = 3
states = st.lists(st.sampled_from(FacingState), min_size=FACINGS, max_size=FACINGS)
fills = st.lists(st.floats(0, 1), min_size=FACINGS, max_size=FACINGS)
looks = st.lists(st.tuples(st.floats(0, 15), states, fills), min_size=1, max_size=40)


def told(seen: list[tuple[float, list[FacingState], list[float]]], width_s: int) -> list[Tally]:
    tallier = ShelfTallier("aisle", "crisps", FACINGS, width_s)
    time_s, tallies = float(START), []
    for step_s, state, fill in seen:
        tallies += tallier.look((time_s, time_s + step_s), state, fill)
        time_s += step_s
    return tallies + tallier.close()


@given(looks)
@settings(max_examples=80)
def test_seconds_add_up_and_none_is_more_than_was_seen(
    seen: list[tuple[float, list[FacingState], list[float]]],
) -> None:
    tallies = told(seen, 60)
    totals = {(one.measure, one.part, one.start_unix_s): one.total for one in tallies}
    assert len(totals) == len(tallies)
    for (measure, part, start), total in totals.items():
        assert total > 0 and start % 60 == 0
        assert total <= totals.get((Measure.SHELF_SEEN, part, start), 0) + 1, measure
    watched_s = sum(step_s for step_s, _, _ in seen)
    for part in range(FACINGS):
        seen_s = sum(step_s for step_s, state, _ in seen if state[part] is not FacingState.CANNOT_SEE)
        windows = len({one.start_unix_s for one in tallies}) + 1
        told_s = sum(one.total for one in tallies if one.part == part and one.measure is Measure.SHELF_SEEN)
        assert abs(told_s - seen_s) <= windows
        assert told_s <= watched_s + windows


@given(looks)
@settings(max_examples=60)
def test_wide_windows_are_narrow_ones_added_up(seen: list[tuple[float, list[FacingState], list[float]]]) -> None:
    wide = {one.key: one for one in told(seen, 900)}
    narrow = told(seen, 60)
    merged = {one.key: one for one in merge(narrow, 900)}
    windows = len({one.start_unix_s for one in narrow}) + 1
    for key in wide.keys() | merged.keys():
        one, other = (of[key].total if key in of else 0.0 for of in (wide, merged))
        assert abs(one - other) <= windows
