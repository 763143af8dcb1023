"""What must hold for every way through a zone, at every rate: against the truth of the ways that were drawn."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.dwell import DWELL_EDGES_S, bucket
from passerby.core.geometry import Zone
from passerby.core.observations import Tracks
from passerby.core.visits import Ending, Outcome, Queue, Visit, ZoneVisits
from tests.support.stays import Seen, Way, times, visit

SIZE_PX = (640, 480)
LOWER = Zone("lower", ((0, 0.5), (1, 0.5), (1, 1), (0, 1)))
QUEUE = Queue(head=(0.9, 0.6), tail=(0.1, 0.6))
seeds = st.integers(0, 2**32 - 1)
rates = st.sampled_from([5, 8, 10, 25])


def drawn(seed: int, people: int) -> dict[int, tuple[Way, float]]:
    """People with their true stays, some of them hidden for a moment or for good."""
    rng = np.random.default_rng(seed)
    ways = {}
    for number in range(people):
        start_s, stay_s = float(rng.uniform(1.5, 20)), float(min(60.0, rng.exponential(20) + 2.5))
        whole = visit(number, start_s, stay_s, float(rng.uniform(60, 580)))
        inside = (start_s + 1.2, start_s + stay_s - 1.2)
        begin_s, for_s = float(rng.uniform(*inside)), float(rng.choice([1.0, 2.5, 1e9]))
        # Who is hidden for a moment is seen again before they leave.
        fits = inside[0] <= begin_s <= inside[1] - (for_s if for_s < 1e8 else 0)
        hidden = ((begin_s, begin_s + for_s),) if fits and rng.random() < 0.5 else ()
        ways[number] = (Way(number, whole.stops, hidden), stay_s)
    return ways


def tallied(counter: ZoneVisits, looks: list[Tracks]) -> tuple[int, list[Visit]]:
    entered = 0
    visits: list[Visit] = []
    for tracks in looks:
        look = counter.update(tracks)
        entered += look.entered
        visits += look.visits
    return entered, visits


@given(seeds, st.integers(1, 8), rates)
@settings(max_examples=20, deadline=None)
def test_stays_are_as_long_as_they_were(seed: int, people: int, fps: float) -> None:
    ways = drawn(seed, people)
    until_s = max(way.stops[-1][0] for way, _ in ways.values()) + 5
    counter = ZoneVisits(LOWER, SIZE_PX, "level")
    looks = list(Seen().looks([way for way, _ in ways.values()], times(until_s, fps)))
    entered, visits = tallied(counter, looks)
    assert entered == len(visits) == people
    for found in visits:
        way, stay_s = ways[found.track]
        assert found.dwell_s is not None
        for_good = bool(way.hidden) and way.hidden[0][1] > 1e8
        assert found.ending is (Ending.LOST if for_good else Ending.LEFT)
        if for_good:
            seen_s = way.hidden[0][0] - (way.stops[0][0] + 1.0)
            assert seen_s - 1 / fps - 0.01 <= found.dwell_s <= seen_s + 0.01
        else:
            # Walking out is straight while seen, so the border's moment is exact; a stop within a look bends it a bit.
            assert abs(found.dwell_s - stay_s) <= 1 / fps
    near_edge = sum(min(abs(stay_s - edge) for edge in DWELL_EDGES_S) <= 1 / fps for _, stay_s in ways.values())
    true = Counter(bucket(ways[v.track][1]) for v in visits if v.ending is Ending.LEFT)
    counted = Counter(bucket(v.dwell_s or 0.0) for v in visits if v.ending is Ending.LEFT)
    assert (true - counted).total() <= near_edge


@given(seeds, st.integers(1, 6), st.floats(0, 0.02))
@settings(max_examples=10, deadline=None)
def test_25_and_8_looks_a_second_agree(seed: int, people: int, error: float) -> None:
    ways = [way for way, _ in drawn(seed, people).values()]
    found = {}
    for fps in (25, 8):
        seen = Seen(error=error, seed=seed)
        entered, visits = tallied(ZoneVisits(LOWER, SIZE_PX, "level"), list(seen.looks(ways, times(90, fps))))
        found[fps] = entered, sorted((v.track, v.ending.name, v.dwell_s or 0.0) for v in visits)
    assert found[25][0] == found[8][0]
    assert [row[:2] for row in found[25][1]] == [row[:2] for row in found[8][1]]
    # One sample, and what errors of a box are worth at 0.8 body heights a second, at both ends.
    slack_s = 1 / 8 + 2 * 4 * error / 0.8
    for (*_, fast_s), (*_, slow_s) in zip(found[25][1], found[8][1], strict=True):
        assert abs(fast_s - slow_s) <= slack_s


@given(seeds, st.integers(1, 20), rates, st.floats(0, 0.05))
@settings(max_examples=20, deadline=None)
def test_who_entered_left_was_lost_or_is_inside(seed: int, people: int, fps: float, error: float) -> None:
    """Random ways about the zone, begun and ended anywhere, hidden at random."""
    rng = np.random.default_rng(seed)
    ways = []
    for number in range(people):
        at_s = np.cumsum(rng.uniform(0.5, 6, 6))
        points = [(float(rng.uniform(-80, 720)), float(rng.uniform(100, 600))) for _ in range(6)]
        hidden = tuple((float(s), float(s + rng.uniform(0, 6))) for s in rng.uniform(0, 30, 2))
        ways.append(Way(number, tuple(zip(at_s.tolist(), points, strict=True)), hidden))
    counter, entered, known = ZoneVisits(LOWER, SIZE_PX, "level"), 0, 0
    open_known = 0
    for tracks in Seen(error=error, seed=seed).looks(ways, times(25, fps)):
        look = counter.update(tracks)
        entered += look.entered
        known += sum(v.dwell_s is not None for v in look.visits)
        assert all(0 <= (v.dwell_s or 0.0) <= tracks.time_s for v in look.visits)
        open_known = entered - known
        assert 0 <= open_known <= counter.inside
    assert sum(v.dwell_s is not None for v in counter.end().visits) == open_known
    assert len(counter) == 0


@given(seeds, rates)
@settings(max_examples=20, deadline=None)
def test_a_queue_tells_served_from_gave_up(seed: int, fps: float) -> None:
    """Join at the tail, move up at a steady pace, leave upwards at the head or somewhere in the first half."""
    rng = np.random.default_rng(seed)
    ways, truth = [], {}
    for number in range(10):
        start_s, wait_s = float(rng.uniform(2, 30)), float(rng.uniform(8, 60))
        served = bool(rng.random() < 0.6)
        x = float(rng.uniform(400, 570)) if served else float(rng.uniform(80, 240))
        stops = (
            (start_s - 1, (64.0, 160.0)),
            (start_s + 1, (64.0, 320.0)),
            (start_s + wait_s - 1, (x, 320.0)),
            (start_s + wait_s + 1, (x, 160.0)),
        )
        ways.append(Way(number, stops))
        truth[number] = (Outcome.SERVED if served else Outcome.GAVE_UP, wait_s)
    counter = ZoneVisits(LOWER, SIZE_PX, "level", QUEUE)
    _, visits = tallied(counter, list(Seen().looks(ways, times(100, fps))))
    assert {v.track: v.outcome for v in visits} == {number: outcome for number, (outcome, _) in truth.items()}
    assert all(abs((v.dwell_s or 0.0) - truth[v.track][1]) <= 1 / fps for v in visits)
