"""That a soak can fail: the judge finds who was added and who was lost, leaks, and what was said and is not kept."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.support.soak.counts import WINDOW_S, Counted, judged
from tests.support.soak.faults import KINDS, drawn
from tests.support.soak.line import Shown
from tests.support.soak.processes import EVERY_S, Sample, Watching
from tests.support.soak.remembered import Remembered
from tests.support.soak.scene import LOOP_S, crossings_s

START = 1_800_000_000
STEADY = [Shown(START - 10.0, START + 600.0)]
"""A camera that is shown all the time; each window has five crossings of each direction."""
WINDOWS = [Counted(START + number * WINDOW_S, 5, 60.0) for number in range(5)]


def test_the_film_has_somebody_in_and_out_in_each_loop() -> None:
    assert crossings_s("crossings_in", 30) == [5.75, 17.75, 29.75]
    assert crossings_s("crossings_out", 30) == [9.25, 21.25]
    assert crossings_s("crossings_in", 5) == []
    assert WINDOW_S % LOOP_S == 0


def test_what_is_right_passes() -> None:
    line = judged("control", "crossings_in", STEADY, WINDOWS)
    assert line.problems == []
    assert (line.total, line.least, line.true) == (25, 24, 26), "but for the edges of the whole"
    assert all(row.gaps == 0 for row in line.rows)


@pytest.mark.parametrize("total", [3, 7])
def test_one_window_without_a_fault_must_be_exact_but_for_its_edges(total: int) -> None:
    line = judged("control", "crossings_in", STEADY, [*WINDOWS[:-1], replace(WINDOWS[-1], total=total)])
    assert f"{total} counted" in line.problems[0]


def test_who_is_added_in_small_parts_is_found_in_the_sum() -> None:
    since = [Shown(START + 0.0, START + 600.0)]
    line = judged("control", "crossings_out", since, [replace(one, total=6) for one in WINDOWS])
    assert any("somebody was added" in problem for problem in line.problems)


def test_who_was_not_seen_may_be_missing_and_who_was_seen_may_not() -> None:
    cut = [Shown(START - 10.0, START + 20.0), Shown(START + 30.0, START + 600.0)]
    missing = [Counted(START, 3, 49.0), *WINDOWS[1:]]
    assert not [one for one in judged("door", "crossings_in", cut, missing).problems if "window 1800000000" in one]
    assert judged("door", "crossings_in", STEADY, missing[:1]).problems == []
    assert judged("door", "crossings_in", STEADY, [Counted(START, 3, 60.0)]).problems


def test_a_killed_worker_takes_a_window_with_its_exposure_and_never_without() -> None:
    killed = [Shown(START - 10.0, START + 55.0), Shown(START + 57.0, START + 600.0)]
    assert judged("door", "crossings_in", killed, [Counted(START, 0, 0.0)]).problems == []
    assert judged("door", "crossings_in", killed, [Counted(START, 0, 58.0)]).problems


def test_more_exposure_than_was_shown_is_found() -> None:
    half = [Shown(START - 10.0, START + 30.0)]
    in_window, in_all = judged("door", "crossings_in", half, [Counted(START, 2, 50.0)]).problems
    assert "50.0 s said to be seen" in in_window and "50 s said to be seen" in in_all


def watched(growth_mib_h: float) -> Watching:
    """Half an hour of one process, which starts large, settles and then grows."""
    watching = Watching(dict)
    for number in range(360):
        at_s = number * EVERY_S
        wave = 3.0 if number % 7 == 0 else 0.0
        memory = 200 + min(at_s, 50) + at_s / 3600 * growth_mib_h + wave
        watching.samples["hub"].append(Sample((1, 1), at_s, at_s, memory, 20))
    return watching


@pytest.mark.parametrize("growth", [0.0, 30.0])
def test_the_slope_of_memory_is_that_of_the_process(growth: float) -> None:
    assert watched(growth).slope_mib_h("hub", 0.0) == pytest.approx(growth, abs=1.0)


def test_what_lives_too_short_has_no_slope() -> None:
    assert watched(0.0).slope_mib_h("hub", 1780.0) is None


KEY = ("door", "door", "crossings_in", 0, START)


def test_what_was_said_and_is_not_kept_is_found() -> None:
    remembered = Remembered(None, START, {"market": {KEY: (5.0, 60.0)}}, {"market": {KEY: (5.0, 60.0)}})  # type: ignore[arg-type]  # nobody is asked
    assert remembered.losses({"market": {KEY: (5.0, 60.0)}}) == []
    assert len(remembered.losses({"market": {}})) == 2
    assert len(remembered.losses({"market": {KEY: (6.0, 60.0)}})) == 1
    remembered.final.clear()
    assert remembered.losses({"market": {KEY: (6.0, 60.0)}}) == []


class TestDrawing:
    def test_a_seed_draws_the_same_again(self) -> None:
        assert drawn(5, 600) == drawn(5, 600)
        assert drawn(5, 600) != drawn(6, 600)

    def test_every_fault_comes_in_an_hour_and_one_every_five_seconds(self) -> None:
        faults = drawn(1, 3600)
        assert set(Counter(fault.key for fault in faults)) == {kind.key for kind in KINDS}
        assert 600 < len(faults) < 840

    def test_nothing_is_befallen_by_two_at_a_time(self) -> None:
        of = {kind.key: kind.of for kind in KINDS if kind.of}
        ends: dict[str, float] = {}
        for fault in (fault for fault in drawn(2, 3600) if fault.key in of):
            assert fault.at_s >= ends.get(of[fault.key], 0.0)
            ends[of[fault.key]] = fault.at_s + fault.lasts_s

    def test_what_memory_is_measured_of_is_not_killed_in_the_second_half(self) -> None:
        early = {kind.key for kind in KINDS if kind.early}
        assert all(fault.at_s < 1800 for fault in drawn(3, 3600) if fault.key in early)
