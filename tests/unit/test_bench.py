"""`passerby bench` without rooms: what is read of processes, who serves whom, and what the answer says."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import FaultCode, HealthFigure
from passerby.site import usage
from passerby.site.bench_meter import Meter
from passerby.site.bench_report import Box, CameraCost, Report
from tests.support.site import eventually

COST = CameraCost("door", 100.0, 200.0, 50.0, 15.0, 8.0, 0.99, 0)
WORKER_MB = 200.0
FEED = "passerby.feed.reader"


def report(box: Box, *costs: CameraCost) -> Report:
    return Report(box, 30.0, costs, WORKER_MB, ())


class Pretender:
    """A process of this one that is named as a room is, and works or sleeps."""

    def __init__(self, does: str, name: str = FEED) -> None:
        command = [sys.executable, "-c", f"print(flush=True)\n{does}", name]
        self._popen = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.pid = self._popen.pid
        assert self._popen.stdout is not None
        self._popen.stdout.readline()  # it is there, and has done what Python does at its start

    def kill(self, *, reap: bool) -> None:
        self._popen.kill()
        if reap:
            self._popen.wait()
        else:
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)


@pytest.fixture
def worker() -> Iterator[Pretender]:
    """One that works without end."""
    process = Pretender("while True: pass")
    yield process
    process.kill(reap=True)


@pytest.fixture
def sleepers() -> Iterator[list[Pretender]]:
    found = [Pretender("import time; time.sleep(600)") for _ in range(3)]
    yield found
    for process in found:
        process.kill(reap=True)


def cpu_s(pid: int) -> float:
    told = usage.usage_of(pid)
    assert told is not None
    return told.cpu_s


# What processes take


def test_a_process_that_works_takes_time_and_one_that_sleeps_takes_none(
    worker: Pretender, sleepers: list[Pretender]
) -> None:
    eventually(lambda: cpu_s(worker.pid) > 0.3)
    before_s = cpu_s(sleepers[0].pid)
    time.sleep(0.2)
    assert cpu_s(sleepers[0].pid) - before_s < 0.1


def test_memory_is_told_and_what_it_shares_with_nobody_is_the_smaller_part(sleepers: list[Pretender]) -> None:
    def started() -> usage.Usage | None:
        told = usage.usage_of(sleepers[0].pid)
        return told if told and told.own_mb > 1 else None

    told = eventually(started)
    assert told is not None
    assert 2 < told.memory_mb < 200
    assert told.own_mb < told.memory_mb


def test_one_that_ended_tells_its_time_until_it_is_reaped(worker: Pretender) -> None:
    eventually(lambda: cpu_s(worker.pid) > 0.1)
    worker.kill(reap=False)
    assert cpu_s(worker.pid) > 0.1
    worker.kill(reap=True)
    assert usage.usage_of(worker.pid) is None


def test_rooms_are_found_by_their_name_in_the_order_of_their_start(sleepers: list[Pretender]) -> None:
    other = Pretender("import time; time.sleep(600)", "passerby.pixels.worker")
    try:
        started = [process.pid for process in sleepers]
        assert eventually(lambda: (found := usage.rooms_of(FEED)) and len(found) == 3 and found) == started
        assert eventually(lambda: usage.rooms_of("passerby.pixels.worker")) == [other.pid]
    finally:
        other.kill(reap=True)


def test_rooms_of_another_program_are_not_counted(sleepers: list[Pretender]) -> None:
    look = f"from passerby.site import usage; print(usage.rooms_of({FEED!r}))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_cores_are_those_that_may_be_used() -> None:
    look = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); from passerby.site import usage"
    done = subprocess.run(
        [sys.executable, "-c", f"{look}; print(usage.cores())"], capture_output=True, text=True, check=True
    )
    assert 0 < float(done.stdout) <= 1
    assert 0 < usage.cores() <= len(os.sched_getaffinity(0))
    assert usage.free_memory_mb() > 10


def test_the_box_is_busy_when_somebody_works(worker: Pretender) -> None:
    before_s, own_s = usage.busy_s(), cpu_s(worker.pid)
    eventually(lambda: cpu_s(worker.pid) - own_s > 0.5)
    assert usage.busy_s() - before_s > 0.4


# Who serves whom, and what it took


def test_figures_of_a_camera_become_rates() -> None:
    meter = Meter([["door", "hall"]])
    assert meter.shares_workers
    figures = {
        HealthFigure.MEDIA_MS: 10_000,
        HealthFigure.OBSERVED_MS: 9_000,
        HealthFigure.FRAMES_READ: 150,
        HealthFigure.FRAMES_ANALYSED: 80,
        HealthFigure.PACKETS_DROPPED: 3,
    }
    for figure, value in figures.items():
        meter.health("door", figure, value)
    door = meter.cameras["door"]
    assert (door.media_s, door.observed_s, door.frames_read, door.frames_analysed) == (10.0, 9.0, 150, 80)
    assert door.packets_dropped == 3
    assert door.sent_fps == 15.0
    assert not door.reached, "what the pixel room says does not tell that the feed has begun"
    assert meter.cameras["hall"].media_s == 0.0


def test_all_are_reached_when_each_gave_video_or_failed() -> None:
    meter = Meter([["door"], ["hall"], ["yard"]])
    meter.health("door", HealthFigure.CONNECTED, 1)
    meter.fault("hall", FaultCode.UNREACHABLE)
    before = meter.all_reached
    meter.done("yard")
    assert (before, meter.all_reached) == (False, True)
    assert "did not answer" in meter.cameras["hall"].fault


def test_of_tallies_it_keeps_only_whether_anybody_was_there() -> None:
    meter = Meter([["door"]])
    meter.tally(Tally("door", Measure.CROSSINGS_IN, "line", 0, 60, 0, 60))
    before = meter.cameras["door"].people
    meter.tally(Tally("door", Measure.CROSSINGS_OUT, "line", 0, 60, 1, 60))
    assert (before, meter.cameras["door"].people) == (False, True)


def test_without_processes_nothing_is_claimed() -> None:
    meter = Meter([["door"]])
    meter.ready(0, 1, True)
    meter.sample()
    assert not meter.told
    assert meter.others_cores == 0.0


# The answer


def test_a_core_serves_eight_cameras_of_a_tenth_each_since_a_fifth_is_held_back() -> None:
    told = report(Box(1.0, 1e6), COST)
    assert (told.served, told.served_busy, told.limit) == (8, 4, "processor")
    assert report(Box(2.0, 1e6), COST).served == 16


def test_cameras_that_differ_count_by_their_mean() -> None:
    told = report(Box(2.0, 1e6), COST, replace(COST, name="yard", cpu_ms_per_s=300.0, busy_cpu_ms_per_s=300.0))
    assert (told.served, told.served_busy) == (8, 6)
    assert "yard the most with 30.0 %" in told.words()


def test_where_memory_runs_out_first_it_says_so() -> None:
    told = report(Box(4.0, 2000.0), COST)
    assert told.limit == "memory"
    assert told.served == (0.8 * 2000 - 4 * WORKER_MB) // 50
    assert "Limited by: memory" in told.words()


def test_a_box_too_small_for_its_workers_serves_none() -> None:
    assert report(Box(4.0, 100.0), COST).served == 0


@given(
    cores=st.floats(0.1, 256),
    memory_mb=st.floats(1, 1e6),
    cpu=st.floats(0, 5000),
    more=st.floats(0, 5000),
    camera_mb=st.floats(0, 1000),
)
def test_busy_doors_are_never_more_and_a_larger_box_never_serves_fewer(
    cores: float, memory_mb: float, cpu: float, more: float, camera_mb: float
) -> None:
    cost = replace(COST, cpu_ms_per_s=cpu, busy_cpu_ms_per_s=cpu + more, memory_mb=camera_mb)
    told = report(Box(cores, memory_mb), cost)
    assert 0 <= told.served_busy <= told.served
    assert report(Box(cores, 2 * memory_mb), cost).served >= told.served


def test_json_has_its_keys_and_rounded_figures() -> None:
    told = report(Box(2.0, 1e6), replace(COST, cpu_ms_per_s=1 / 3)).as_dict()
    assert list(told) == ["cores", "seconds", "cameras", "worker_memory_mb", "cameras_served", "limit", "notes"]
    assert told["cameras"][0]["cpu_ms_per_s"] == 0.333
    assert {"name", "cpu_ms_per_s", "memory_mb", "fps", "analysed_fps", "coverage"} <= told["cameras"][0].keys()
    assert set(told["cameras_served"]) == {"as_measured", "busy"}


def test_a_name_with_brackets_is_no_markup() -> None:
    told = report(Box(2.0, 1e6), replace(COST, name="[bold]door[/red]"))
    assert "bold" in str(list(told.table().columns[0].cells))
    assert "[bold]door[/red] needs 10.0 % of one core" in told.words()
