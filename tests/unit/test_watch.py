"""What a site knows of itself, and tallies that wait for a store."""

import threading
import time

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.errors import StoreError
from passerby.gate.audit_contract import PlacingFacts
from passerby.gate.faults import TEXTS
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, LinePlan
from passerby.site.state import CameraState, CameraStatus, LockdownState, OutputState, SiteState
from passerby.site.watch import Watch, initial_state

NOON = 1_760_004_000


def tally(index: int = 0) -> Tally:
    return Tally("cam", Measure.CROSSINGS_IN, "door", NOON + 60 * index, 60, 1, 60)


class Shelf:
    """A store that can be full, or slow."""

    def __init__(self) -> None:
        self.kept: list[Tally] = []
        self.full = False
        self.slow = threading.Event()
        self.slow.set()
        self.asked = threading.Event()

    def add(self, tallies: list[Tally]) -> None:
        self.asked.set()
        self.slow.wait(10)
        if self.full:
            raise StoreError("the disk is full")
        self.kept += tallies


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def watch(shelf: Shelf) -> Watch:
    return Watch(initial_state("Venue", ["cam", "other"], 2, unsafe=False), shelf.add)


def camera(watch: Watch) -> CameraState:
    return watch.state().cameras[0]


def frames(watch: Watch, seconds: float) -> None:
    watch.health("cam", HealthFigure.MEDIA_MS, round(seconds * 1000))


def test_before_anything_was_heard() -> None:
    state = initial_state("Venue", ["cam"], 1, unsafe=True)
    assert state == SiteState("Venue", (CameraState("cam"),), (LockdownState("worker 1"),), unsafe=True)
    assert state.cameras[0].status is CameraStatus.CONNECTING
    assert not state.lockdown[0].complete


def test_tallies_go_to_the_store_at_once(watch: Watch, shelf: Shelf) -> None:
    watch.tally(tally(0))
    watch.tally(tally(1))
    assert shelf.kept == [tally(0), tally(1)]


def test_tallies_wait_for_a_full_disk_and_come_in_order(watch: Watch, shelf: Shelf) -> None:
    shelf.full = True
    for i in range(5):
        watch.tally(tally(i))
    assert watch.state().store_problem == "the disk is full"
    assert shelf.kept == []
    shelf.full = False
    watch.flush()
    assert shelf.kept == [tally(i) for i in range(5)]
    assert watch.state().store_problem is None
    watch.flush()
    assert len(shelf.kept) == 5, "nothing is handed over twice"


def test_a_tally_that_comes_while_the_store_works_is_not_lost(watch: Watch, shelf: Shelf) -> None:
    """Housekeeping hands over what waited, and in that moment a window closes."""
    shelf.full = True
    watch.tally(tally(0))
    shelf.full = False
    shelf.slow.clear()
    shelf.asked.clear()
    housekeeping = threading.Thread(target=watch.flush)
    housekeeping.start()
    assert shelf.asked.wait(10)
    guard = threading.Thread(target=watch.tally, args=(tally(1),))
    guard.start()
    shelf.slow.set()
    housekeeping.join()
    guard.join()
    watch.flush()
    assert shelf.kept == [tally(0), tally(1)]


def test_tallies_from_many_threads_are_each_kept_once(watch: Watch, shelf: Shelf) -> None:
    def work(first: int) -> None:
        for i in range(first, first + 200):
            watch.tally(tally(i))
            watch.flush()

    threads = [threading.Thread(target=work, args=(1000 * k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        shelf.full = not shelf.full
        time.sleep(0.001)
    shelf.full = False
    for thread in threads:
        thread.join()
    watch.flush()
    assert sorted(one.start_unix_s for one in shelf.kept) == sorted(
        tally(1000 * k + i).start_unix_s for k in range(4) for i in range(200)
    )


def test_the_age_of_the_last_frame_is_known_from_the_first_on(watch: Watch) -> None:
    assert camera(watch).frame_age_s is None
    watch.health("cam", HealthFigure.MEDIA_MS, 1000)
    age_s = camera(watch).frame_age_s
    assert age_s is not None and 0 <= age_s < 30
    watch.done("cam")
    assert camera(watch).frame_age_s is None, "a recording that ended has no newer frame to wait for"


def test_outputs_tell_how_they_are(watch: Watch) -> None:
    watch.output(OutputState("MQTT", ok=False, problem="the broker is away"))
    watch.output(OutputState("alerts", ok=True))
    watch.output(OutputState("MQTT", ok=True))
    assert watch.state().outputs == (OutputState("MQTT", ok=True), OutputState("alerts", ok=True))


def test_frames_make_a_camera_live(watch: Watch) -> None:
    frames(watch, 10)
    assert camera(watch).status is CameraStatus.LIVE
    assert camera(watch).seconds == 10
    assert watch.state().cameras[1].status is CameraStatus.CONNECTING


def test_figures_are_kept_by_name(watch: Watch) -> None:
    for figure in (HealthFigure.FRAMES_READ, HealthFigure.FRAMES_ANALYSED, HealthFigure.PACKETS_DROPPED):
        watch.health("cam", figure, figure + 100)
    watch.health("cam", HealthFigure.WIDTH_PX, 1920)
    watch.health("cam", HealthFigure.OBSERVED_MS, 4500)
    frames(watch, 9)
    seen = camera(watch)
    assert (seen.frames_read, seen.frames_analysed, seen.packets_dropped) == (101, 102, 105)
    assert (seen.width_px, seen.observed_s, seen.coverage) == (1920, 4.5, 0.5)


def test_the_first_connection_is_no_reconnect(watch: Watch) -> None:
    watch.health("cam", HealthFigure.CONNECTED, 1)
    assert camera(watch).reconnects == 0
    frames(watch, 10)
    watch.health("cam", HealthFigure.CONNECTED, 1)
    assert camera(watch).reconnects == 1


def test_a_fault_is_shown_until_frames_come_again(watch: Watch) -> None:
    frames(watch, 10)
    watch.fault("cam", FaultCode.REFUSED)
    assert (camera(watch).status, camera(watch).fault) == (CameraStatus.FAILED, TEXTS[FaultCode.REFUSED])
    frames(watch, 10)
    assert camera(watch).status is CameraStatus.FAILED, "no new frame came"
    frames(watch, 11)
    assert (camera(watch).status, camera(watch).fault) == (CameraStatus.LIVE, None)


@pytest.mark.parametrize("code", [FaultCode.SIZE_CHANGED, FaultCode.TIME_JUMPED, FaultCode.CAMERA_MOVED])
def test_what_passes_is_shown_and_counting_is_live(watch: Watch, code: FaultCode) -> None:
    frames(watch, 10)
    watch.fault("cam", code)
    frames(watch, 11)
    assert (camera(watch).status, camera(watch).fault) == (CameraStatus.LIVE, TEXTS[code])


def test_a_recording_that_was_counted_is_done_unless_it_failed(watch: Watch) -> None:
    frames(watch, 10)
    watch.done("cam")
    assert camera(watch).status is CameraStatus.DONE
    watch.fault("other", FaultCode.NOT_A_VIDEO)
    watch.done("other")
    assert watch.state().cameras[1].status is CameraStatus.FAILED


def test_a_worker_that_is_replaced_is_not_shut_in_until_it_says_so(watch: Watch) -> None:
    watch.ready(1, 6, True)
    assert [lock.complete for lock in watch.state().lockdown] == [False, True]
    watch.restarted(1, "ended by signal 9")
    assert watch.state().lockdown[1] == LockdownState("worker 2", 0, False, restarts=1)
    watch.ready(1, 6, True)
    assert watch.state().lockdown[1] == LockdownState("worker 2", 6, True, restarts=1)


def test_a_new_worker_counts_its_seconds_from_nought(watch: Watch) -> None:
    frames(watch, 5000)
    watch.restarted(0, "ended by signal 9")
    watch.fault("cam", FaultCode.ENDED)
    frames(watch, 2)
    assert (camera(watch).status, camera(watch).seconds) == (CameraStatus.LIVE, 2)


def test_all_that_leaves_a_room_is_counted_also_of_workers_that_were_replaced(watch: Watch) -> None:
    watch.bytes_out(1, 48)
    watch.restarted(1, "it ended")
    watch.bytes_out(1, 24)
    assert [lock.bytes_out for lock in watch.state().lockdown] == [0, 72]


def test_looks_a_second_are_of_the_last_seconds_and_begin_anew_with_a_new_worker(watch: Watch) -> None:
    def report(looks: int, seconds: float) -> float | None:
        watch.health("cam", HealthFigure.FRAMES_ANALYSED, looks)
        frames(watch, seconds)
        return camera(watch).looks_per_s

    assert report(5, 2) is None, "too early to say"
    assert report(25, 10) == 2.5
    assert report(35, 20) == 1.0
    assert report(4, 2) == 1.0, "a new worker"
    assert report(24, 12) == 2.0


def test_refused_messages_are_counted(watch: Watch) -> None:
    watch.refused(0, "a second tally for a window")
    watch.refused(1, "an unknown measure")
    assert watch.state().messages_refused == 2


def test_every_fault_has_its_words() -> None:
    assert set(TEXTS) == set(FaultCode)
    assert all(text.endswith(".") and len(text) < 120 for text in TEXTS.values())


def test_whoever_wants_to_know_hears_of_a_camera_that_was_moved(shelf: Shelf) -> None:
    moved: list[str] = []
    watch = Watch(initial_state("Venue", ["cam", "other"], 2, unsafe=False), shelf.add, moved.append)
    watch.fault("other", FaultCode.SIZE_CHANGED)
    watch.fault("other", FaultCode.CAMERA_MOVED)
    assert moved == ["other"]


def test_figures_become_facts_and_a_move_is_remembered(shelf: Shelf) -> None:
    plan = CameraPlan("cam", (LinePlan("door", (0.1, 0.5), (0.9, 0.5), masks=True),))
    watch = Watch(initial_state("Venue", ["cam"], 1, unsafe=False), shelf.add, plans=[plan])
    told = {HealthFigure.FPS: 16, HealthFigure.CODEC: 2, HealthFigure.DARK: 4, HealthFigure.NIGHT: 1}
    for figure, value in told.items():
        watch.health("cam", figure, value)
    for errors in (5, 9, 0, 3):
        watch.health("cam", HealthFigure.DECODE_ERRORS, errors)
    for figure, value in ((HealthFigure.LINE_PEOPLE, 2), (HealthFigure.LINE_LOW_PX, 20)):
        watch.health("cam", figure, value, 0)
    camera = watch.state().cameras[0]
    assert (camera.video.fps, camera.video.codec, camera.video.decode_errors) == (8.0, "hevc", 3)
    assert (camera.picture.dark, camera.picture.night, camera.picture.moved) == (0.2, True, None)
    assert camera.placing == ()
    watch.health("cam", HealthFigure.LINE_MEDIAN_PX, 30, 0)
    watch.fault("cam", FaultCode.CAMERA_MOVED)
    camera = watch.state().cameras[0]
    assert camera.placing == (PlacingFacts("door", 20, 80.0, 120.0, masks=True),)
    assert camera.picture.moved
    assert camera.video.fault == camera.fault is not None
