"""Windows: what is seen in each, what a gap does to them, and what a clock that is set does not do."""

import math

import pytest

from passerby.core.masks import Answer
from passerby.core.tallies import LINE_MEASURES, MASK_MEASURES, Measure, Place, Tally
from passerby.core.windows import Event, Seen, WindowTallier, peak

HOUR = 1_760_000_400  # a whole hour, in Unix seconds
IN, OUT = Event("door", Measure.CROSSINGS_IN), Event("door", Measure.CROSSINGS_OUT)


def tallier() -> WindowTallier:
    places = (Place("door", LINE_MEASURES), Place("hall", (Measure.PEOPLE, Measure.PEAK)))
    return WindowTallier("cam", places, 60)


def watch(room: WindowTallier, start_s: float, seconds: float, people: int = 0, step_s: float = 0.125) -> list[Tally]:
    """Looks every `step_s` at so many people."""
    tallies: list[Tally] = []
    for i in range(round(seconds / step_s)):
        at_s = start_s + i * step_s
        tallies += room.look((at_s, at_s + step_s), Seen({"hall": people}))
    return tallies


def of(tallies: list[Tally], measure: Measure, start: int = HOUR) -> Tally:
    (found,) = (one for one in tallies if one.measure is measure and one.start_unix_s == start)
    return found


def test_a_window_closes_by_the_first_look_behind_it() -> None:
    room = tallier()
    assert watch(room, HOUR, 60, people=2) == []
    closed = watch(room, HOUR + 60, 0.125)
    assert [(one.measure, one.subject, one.total, one.exposure) for one in closed] == [
        (Measure.CROSSINGS_IN, "door", 0, 60),
        (Measure.CROSSINGS_OUT, "door", 0, 60),
        (Measure.PEOPLE, "hall", 120, 60),
        (Measure.PEAK, "hall", 2, 60),
    ]


def test_crossings_land_in_the_window_of_their_moment() -> None:
    room = tallier()
    watch(room, HOUR, 59.5)
    room.look((HOUR + 59.5, HOUR + 59.9), Seen(events=(IN,)))
    first = room.look(
        (HOUR + 59.9, HOUR + 60.1),
        Seen(
            events=(
                OUT,
                OUT,
            )
        ),
    )
    second = room.close()
    assert (of(first, Measure.CROSSINGS_IN).total, of(first, Measure.CROSSINGS_OUT).total) == (1, 0)
    assert of(second, Measure.CROSSINGS_OUT, HOUR + 60).total == 2


def test_a_crossing_at_the_very_end_of_a_window_belongs_to_it() -> None:
    room = tallier()
    watch(room, HOUR + 50, 9.875)
    assert room.look((HOUR + 59.875, HOUR + 60), Seen(events=(IN,))) == []
    assert of(room.close(), Measure.CROSSINGS_IN).total == 1


def test_a_look_over_the_edge_is_shared_between_both_windows() -> None:
    room = tallier()
    first = room.look((HOUR + 59.8, HOUR + 60.2), Seen({"hall": 1}))
    second = room.close()
    assert of(first, Measure.PEOPLE).exposure == pytest.approx(0.2)
    assert of(second, Measure.PEOPLE, HOUR + 60).exposure == pytest.approx(0.2)
    assert of(first, Measure.PEOPLE).total == pytest.approx(0.2)


def test_frames_that_were_dropped_lower_the_exposure_and_not_the_mean() -> None:
    room = tallier()
    watch(room, HOUR, 20, people=3)
    watch(room, HOUR + 40, 20, people=3)
    people = of(room.close(), Measure.PEOPLE)
    assert people.exposure == pytest.approx(40)
    assert people.value == pytest.approx(3)


def test_one_look_after_a_long_gap_stands_for_half_a_second() -> None:
    room = tallier()
    room.look((HOUR, HOUR + 50), Seen({"hall": 4}))
    people = of(room.close(), Measure.PEOPLE)
    assert people.total == pytest.approx(2)
    assert people.exposure == pytest.approx(0.5)


def test_a_gap_of_whole_windows_makes_no_tallies_of_them() -> None:
    room = tallier()
    watch(room, HOUR, 10)
    closed = watch(room, HOUR + 600, 10)
    assert {one.start_unix_s for one in (*closed, *room.close())} == {HOUR, HOUR + 600}


def test_a_window_closes_on_time_though_nothing_comes() -> None:
    room = tallier()
    watch(room, HOUR, 10)
    assert room.close_before(HOUR + 59.9) == []
    assert of(room.close_before(HOUR + 60), Measure.CROSSINGS_IN).exposure == pytest.approx(10)
    assert room.close_before(HOUR + 600) == []


def test_nothing_seen_gives_no_tallies() -> None:
    assert tallier().close() == []


def test_what_comes_late_for_a_closed_window_counts_in_the_next() -> None:
    """Nothing is lost, and no window is told twice."""
    room = tallier()
    watch(room, HOUR, 30)
    first = room.close_before(HOUR + 65)
    late = room.look((HOUR + 58, HOUR + 58.5), Seen(events=(IN,)))
    assert late == []
    second = room.close()
    assert of(first, Measure.CROSSINGS_IN).total == 0
    assert of(second, Measure.CROSSINGS_IN, HOUR + 60).total == 1


def test_a_clock_that_is_set_back_tells_no_window_twice_and_keeps_the_mean() -> None:
    room = tallier()
    tallies = watch(room, HOUR, 90, people=2)
    tallies += watch(room, HOUR - 3600, 600, people=2)
    tallies += room.look((HOUR - 3000, HOUR - 2999.9), Seen({"hall": 2}, (IN,)))
    tallies += watch(room, HOUR + 200, 10, people=2)
    tallies += room.close()
    keys = [one.key for one in tallies]
    assert len(keys) == len(set(keys))
    assert all(one.exposure <= 60 for one in tallies)
    assert sum(one.total for one in tallies if one.measure is Measure.CROSSINGS_IN) == 1
    assert of(tallies, Measure.PEOPLE, HOUR + 60).value == pytest.approx(2, rel=0.01)


def test_a_look_of_no_length_adds_no_exposure() -> None:
    room = tallier()
    room.look((HOUR + 1, HOUR + 1), Seen({"hall": 1}, (IN,)))
    closed = room.close()
    assert (of(closed, Measure.CROSSINGS_IN).total, of(closed, Measure.CROSSINGS_IN).exposure) == (1, 0)


@pytest.mark.parametrize(
    ("levels_s", "expected"),
    [
        ({}, 0),
        ({0: 60.0}, 0),
        ({2: 59.0, 3: 1.0}, 3),
        ({2: 59.1, 3: 0.9}, 2),
        ({2: 58.0, 3: 0.5, 4: 0.5}, 3),
        ({1: 0.2, 2: 0.2}, 2),
        ({1: 0.3, 9: 0.1}, 1),
    ],
)
def test_a_peak_was_held_for_a_second_or_half_of_what_was_seen(levels_s: dict[int, float], expected: int) -> None:
    assert peak(levels_s) == expected


def test_totals_are_on_their_grid() -> None:
    room = tallier()
    watch(room, HOUR, 7, people=1, step_s=1 / 7)
    people = of(room.close(), Measure.PEOPLE)
    assert math.isclose(people.total * 10, round(people.total * 10))
    assert math.isclose(people.exposure * 10, round(people.exposure * 10))
    assert people.exposure <= 7 + 1e-9, "no window claims to have seen more than it has"


def test_answers_about_masks_are_shares_of_those_asked() -> None:
    room = WindowTallier("cam", (Place("door", MASK_MEASURES),), 60)
    answers = [Answer.MASKED] * 3 + [Answer.UNMASKED] * 2 + [Answer.WORN_WRONGLY] + [Answer.CANNOT_TELL] * 4
    for i, answer in enumerate(answers):
        room.look((HOUR + i, HOUR + i + 0.5), Seen(answers=(("door", answer),)))
    told = {one.measure: (one.total, one.exposure) for one in room.close()}
    assert told == {Measure.MASKED: (3, 6), Measure.WORN_WRONGLY: (1, 6), Measure.CANNOT_TELL: (4, 10)}


def test_of_a_histogram_only_what_is_above_zero_is_told() -> None:
    room = WindowTallier("cam", (Place("hall", (Measure.DWELL, Measure.DWELL_LOST)),), 60)
    stays = (Event("hall", Measure.DWELL, 3), Event("hall", Measure.DWELL, 12), Event("hall", Measure.DWELL, 3))
    room.look((HOUR, HOUR + 0.5), Seen(events=stays))
    assert [(one.measure, one.part, one.total) for one in room.close()] == [
        (Measure.DWELL, 3, 2),
        (Measure.DWELL, 12, 1),
    ]


def test_time_over_the_limit_is_never_more_than_what_was_seen() -> None:
    room = WindowTallier("cam", (Place("hall", (Measure.PEOPLE, Measure.OVER_LIMIT)),), 60)
    room.look((HOUR, HOUR + 0.25), Seen({"hall": 9}, over_s={"hall": 0.25}))
    room.look((HOUR + 0.25, HOUR + 0.5), Seen({"hall": 9}, over_s={"hall": 5.0}))
    over = of(room.close(), Measure.OVER_LIMIT)
    assert over.total == pytest.approx(0.5)
    assert over.exposure == pytest.approx(0.5)


def test_what_happens_when_the_scene_ends_belongs_to_the_window_before() -> None:
    room = tallier()
    watch(room, HOUR, 60)
    room.look((HOUR + 60, HOUR + 60), Seen(events=(IN,)))
    assert of(room.close(), Measure.CROSSINGS_IN).total == 1
