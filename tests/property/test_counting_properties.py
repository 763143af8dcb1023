"""What must hold for every walk, every line and every rate."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from passerby.core.assignment import assign
from passerby.core.counting import LineCounter
from passerby.core.geometry import Line
from passerby.core.observations import Detections, Direction
from passerby.core.tallies import LINE_MEASURES, Measure, Place, Tally, merge
from passerby.core.tracking import RULES, Tracker
from passerby.core.windows import MEASURE_OF, Event, Seen, WindowTallier
from tests.support.walks import Body, Stop, look, path

SIZE_PX = (640, 480)
SWAPPED = {Direction.IN: Direction.OUT, Direction.OUT: Direction.IN}
fractions = st.integers(1, 19).map(lambda value: value / 20)
points = st.tuples(fractions, fractions)
seeds = st.integers(0, 2**32 - 1)
hundredths = st.integers(0, 100).map(lambda value: value / 100)


ends = st.tuples(points, points).filter(lambda two: abs(two[0][0] - two[1][0]) + abs(two[0][1] - two[1][1]) >= 0.2)
lines = ends.map(lambda two: Line("line", *two))


def walk(seed: int, stops: int) -> list[Stop]:
    """A walk between random stops at no more than a body height and a half a second."""
    rng = np.random.default_rng(seed)
    found: list[Stop] = [(0.0, (rng.uniform(40, 600), rng.uniform(160, 470)))]
    for _ in range(stops):
        to = (rng.uniform(40, 600), rng.uniform(160, 470))
        time_s, at = found[-1]
        found.append((time_s + max(0.5, float(np.hypot(to[0] - at[0], to[1] - at[1])) / 120), to))
    return found


def crossings(looks: list[Detections], line: Line) -> list[Direction]:
    tracker, counter = Tracker(), LineCounter(line, SIZE_PX, "level")
    return [one.direction for each in looks for one in counter.update(tracker.update(each))]


def seen(stops: list[Stop], fps: float, seed: int, error: float) -> list[Detections]:
    """Looks at one walker whose box errs by a share of the height."""
    rng = np.random.default_rng(seed)
    return [
        look(t, Body(x + rng.normal(0, error * 100), foot + rng.normal(0, error * 100)))
        for t, (x, foot) in path(stops, fps)
    ]


@given(lines, seeds)
@settings(max_examples=20, deadline=None)
def test_reversing_a_line_swaps_in_and_out(line: Line, seed: int) -> None:
    looks = seen(walk(seed, 4), 8, seed, 0.03)
    backwards = Line("line", line.end, line.start)
    assert crossings(looks, backwards) == [SWAPPED[way] for way in crossings(looks, line)]


@given(hundredths, seeds, st.sampled_from([5, 8, 10, 25]))
@settings(max_examples=20, deadline=None)
def test_jitter_on_a_line_counts_nothing(where: float, seed: int, fps: float) -> None:
    line = Line("line", (0.5, 0.1), (0.5, 0.98))
    standing: list[Stop] = [(0.0, (320, 200 + 250 * where)), (8.0, (320, 200 + 250 * where))]
    assert crossings(seen(standing, fps, seed, 0.03), line) == []


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_25_and_8_looks_a_second_agree(seed: int) -> None:
    line = Line("line", (0.5, 0.02), (0.5, 0.98))
    rng = np.random.default_rng(seed)
    # To and fro, well clear of the line at each stop.
    sides = [float(rng.uniform(60, 240)) if number % 2 else float(rng.uniform(400, 580)) for number in range(5)]
    stops: list[Stop] = [(3.0 * number, (x, rng.uniform(250, 450))) for number, x in enumerate(sides)]
    truth = [Direction.IN, Direction.OUT] * 2
    assert crossings(seen(stops, 25, seed, 0.03), line) == truth
    assert crossings(seen(stops, 8, seed, 0.03), line) == truth


@given(seeds, st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_ids_are_unique_and_do_not_come_back(seed: int, people: int) -> None:
    rng = np.random.default_rng(seed)
    tracker = Tracker()
    reported_s: dict[int, float] = {}
    for number in range(60):
        bodies = [
            Body(rng.uniform(30, 610), rng.uniform(150, 470), score=rng.uniform(0.1, 0.9))
            if rng.random() < 0.1
            else Body(60 + 90 * person + number * 2, 300 + 10 * person, score=rng.uniform(0.1, 0.9))
            for person in range(people)
        ]
        tracks = tracker.update(look(number / 8, *bodies))
        ids = set(tracks.ids.tolist())
        assert len(ids) == len(tracks)
        # A number comes back only within the time in which a track may be found again.
        for track in ids:
            assert tracks.time_s - reported_s.get(track, tracks.time_s) <= RULES["level"].lost_s + 1 / 8
            reported_s[track] = tracks.time_s


@given(seeds, st.sampled_from([5, 8, 10, 25]))
@settings(max_examples=20, deadline=None)
def test_what_is_never_confirmed_never_counts(seed: int, fps: float) -> None:
    """False boxes that last less than confirmation takes, all about the line."""
    rng = np.random.default_rng(seed)
    line = Line("line", (0.5, 0.02), (0.5, 0.98))
    looks, shown_s, at = [], -9.0, Body(320, 300)
    for t in np.arange(0, 12, 1 / fps):
        if t - shown_s > 1.5:
            shown_s, at = float(t), Body(rng.uniform(200, 440), rng.uniform(150, 470))
        visible = t - shown_s < 0.25
        looks.append(look(float(t), *([at] if visible else [])))
    assert crossings(looks, line) == []


@given(
    st.lists(st.tuples(st.integers(0, 1799), st.sampled_from(Direction)), max_size=40), st.sampled_from([60, 300, 900])
)
@settings(max_examples=20, deadline=None)
def test_splitting_a_window_and_merging_changes_nothing(events: list[tuple[int, Direction]], narrow_s: int) -> None:
    def tallied(width_s: int) -> list[Tally]:
        tallier = WindowTallier("camera", (Place("line", LINE_MEASURES),), width_s)
        tallies: list[Tally] = []
        for second in range(1800):
            found = tuple(Event("line", MEASURE_OF[way]) for at, way in events if at == second)
            tallies += tallier.look((second + 0.5, second + 1.0), Seen(events=found))
        return merge([*tallies, *tallier.close()], 1800)

    wide, narrow = tallied(1800), tallied(narrow_s)
    assert [(t.key, t.total) for t in wide] == [(t.key, t.total) for t in narrow]
    totals = {t.key.measure: t.total for t in wide}
    assert totals[Measure.CROSSINGS_IN] == sum(way is Direction.IN for _, way in events)
    assert totals[Measure.CROSSINGS_OUT] == sum(way is Direction.OUT for _, way in events)


@given(seeds, st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_the_assignment_is_the_best_there_is(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    cost, limit = rng.random((rows, columns)), rng.random() + 0.1
    # SciPy knows no limit: one column for each row stands for "alone", at the price of the limit.
    alone = np.hstack([cost, np.full((rows, rows), limit)])
    best = alone[linear_sum_assignment(alone)].sum()
    ours = assign(cost, limit)
    assert abs(cost[ours].sum() + (rows - len(ours[0])) * limit - best) < 1e-9
    assert len(set(ours[0].tolist())) == len(set(ours[1].tolist())) == len(ours[0])
