"""What must hold for every heat map: no cell of few people leaves, and no second is made up."""

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.heat import HeatMap, cells_of
from passerby.core.tallies import Tally

HOUR = 3600 * 400_000
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 12), st.integers(2, 6), st.sampled_from([2.0, 5.0, 8.0]))
@settings(max_examples=30, deadline=None)
def test_only_cells_of_enough_people_leave(seed: int, people: int, minimum: int, fps: float) -> None:
    rng = np.random.default_rng(seed)
    heat = HeatMap("hall", minimum)
    start_s = HOUR + 3600 - 30  # over the full hour
    ways = rng.uniform(0, 1, (people, 4, 2))
    who: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    seconds: defaultdict[tuple[int, int], float] = defaultdict(float)
    tallies: list[Tally] = []
    for step in range(int(60 * fps)):
        end_s = start_s + (step + 1) / fps
        at = step / (60 * fps) * 3
        points = np.array([[np.interp(at, range(4), way[:, axis]) for axis in (0, 1)] for way in ways])
        seen = rng.random(people) < 0.8
        tallies += heat.look((end_s - 1 / fps, end_s), points[seen], np.flatnonzero(seen).astype(np.int32))
        hour = int((end_s - 0.5 / fps) // 3600)
        for number, cell in zip(np.flatnonzero(seen), cells_of(points[seen]), strict=True):
            who[hour, int(cell)].add(int(number))
            seconds[hour, int(cell)] += 1 / fps
    tallies += heat.close()
    for tally in tallies:
        key = tally.start_unix_s // 3600, tally.part
        assert len(who[key]) >= minimum
        # A look that lies across the hour is parted.
        assert abs(tally.total - seconds[key]) <= 0.5 + people / fps
        assert tally.total == round(tally.total) > 0
    assert len({tally.key for tally in tallies}) == len(tallies)
