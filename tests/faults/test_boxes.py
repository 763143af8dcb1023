"""Several boxes of one site, as nodes of a real Ray cluster: their processes and boxes are killed and frozen."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.errors import ConfigError
from passerby.gate import landlock, seccomp
from passerby.gate.guard import Job, Settings
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, LinePlan, ZonePlan
from passerby.gate.sources import Credentials, Source, SourceKind
from passerby.site.boxes import Fleet, Spread
from passerby.site.store import Store
from tests.support.clips import make_clip
from tests.support.faults import noted
from tests.support.site import children, command_line, eventually, kill, runs

_PATIENCE_S = 60.0
ray = pytest.importorskip("ray")
START_UNIX_S = 1_760_000_400
LEASE_S = 4.0
CROSSED_IN_A_WINDOW = 10
"""The clip shows one in six seconds."""

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"
)


@dataclass
class Heard:
    """A listener that keeps all that it is told."""

    tallies: list[Tally] = field(default_factory=list)
    restarts: list[tuple[int, str]] = field(default_factory=list)
    locked: list[int] = field(default_factory=list)
    done_cameras: list[str] = field(default_factory=list)
    bytes_by_worker: dict[int, int] = field(default_factory=dict)

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None:
        assert landlock_abi > 0 and seccomp
        self.locked.append(worker)

    def bytes_out(self, worker: int, count: int) -> None:
        self.bytes_by_worker[worker] = self.bytes_by_worker.get(worker, 0) + count

    def tally(self, tally: Tally) -> None:
        self.tallies.append(tally)

    def health(self, camera: str, figure: HealthFigure, value: int, line: int = 0) -> None: ...

    def shelf(self, now: object) -> None: ...

    def fault(self, camera: str, code: FaultCode) -> None: ...

    def done(self, camera: str) -> None:
        self.done_cameras.append(camera)

    def refused(self, worker: int, reason: str) -> None:
        raise AssertionError(reason)

    def restarted(self, worker: int, reason: str) -> None:
        self.restarts.append((worker, reason))

    def epochs(self, camera: str) -> set[int]:
        return {one.epoch for one in self.tallies if one.camera == camera}


def job(name: str, clip: Path, loops: int = 0) -> Job:
    """A recording that is played again and again, as fast as it can be counted."""
    door = LinePlan("door", (0.5, 0.9), (0.5, 0.1))
    floor = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    plan = CameraPlan(
        name, view="overhead", lines=(door,), zones=(floor,), window_s=60, recording_start_unix_s=START_UNIX_S
    )
    return Job(plan, Source(str(clip), SourceKind.FILE, loops=loops))


def posts() -> set[int]:
    """Process ids of all posts of this machine."""
    found = set()
    for one in Path("/proc").iterdir():
        if one.name.isdigit() and command_line(int(one.name)).startswith(b"ray::Post"):
            found.add(int(one.name))
    return found


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "walk.mp4", seconds=6)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    yield made
    made.shutdown()  # type: ignore[no-untyped-call]  # Ray's own


@dataclass
class Running:
    """A spread site at work in a thread."""

    heard: Heard
    spread: Spread
    fleet: Fleet
    cluster: Any
    stop: threading.Event = field(default_factory=threading.Event)

    def box_of(self, worker: int) -> str:
        box = self.spread._shares[worker].box
        assert box is not None
        return box


@pytest.fixture(scope="module")
def running(cluster: Any, clip: Path) -> Iterator[Running]:
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    fleet = Fleet(cluster.address)
    heard = Heard()
    spread = Spread(
        [job("hall", clip), job("street", clip)], Settings(workers=2, keep_running=True), heard, fleet, LEASE_S
    )
    now = Running(heard, spread, fleet, cluster)
    thread = threading.Thread(target=spread.run, args=(now.stop,))
    thread.start()
    try:
        yield now
    finally:
        now.stop.set()
        thread.join(60)
        fleet.close()
        assert not thread.is_alive()


def counts_on(heard: Heard, camera: str, epoch: int) -> None:
    """Waits for tallies of a camera from a placement or a later one: a busy machine may need another try."""
    eventually(lambda: any(one >= epoch for one in heard.epochs(camera)), 2 * _PATIENCE_S)


def acknowledged(heard: Heard, folder: Path) -> dict[tuple[str, int], float]:
    """What a store that was told all of it holds of each window: how many crossed."""
    folder.mkdir()
    with Store(folder / "site.sqlite") as store:
        store.add([one for one in heard.tallies if one.measure is Measure.CROSSINGS_IN])
        return {(one.camera, one.start_unix_s): one.total for one in store.query()}


def lost(before: dict[tuple[str, int], float], heard: Heard, folder: Path) -> int:
    """Windows that are not as they were, when all that is held is the truth."""
    after = acknowledged(heard, folder)
    assert set(after.values()) == {CROSSED_IN_A_WINDOW}
    return sum(after.get(key) != total for key, total in before.items())


def test_cameras_are_spread_and_counted_behind_the_lock(running: Running) -> None:
    for camera in ("hall", "street"):
        counts_on(running.heard, camera, 1)
    assert sorted(running.heard.locked[:2]) == [0, 1]
    assert running.box_of(0) != running.box_of(1), "two boxes are used before one is used twice"
    assert {one.measure for one in running.heard.tallies} >= {Measure.CROSSINGS_IN, Measure.PEOPLE}
    assert min(running.heard.bytes_by_worker.values()) > 0


def test_a_post_that_is_killed_moves_to_another_box(running: Running) -> None:
    before, box = posts(), running.box_of(0)
    share = running.spread._shares[0]
    pid = next(one for one in before if any(b"pixels.worker" in command_line(child) for child in children(one)))
    epochs = [one.epoch for one in running.spread._shares]
    rooms = children(pid)
    kill(pid)
    moved = eventually(
        lambda: next((i for i, one in enumerate(running.spread._shares) if one.epoch > epochs[i]), None) is not None
    )
    assert moved
    index = next(i for i, one in enumerate(running.spread._shares) if one.epoch > epochs[i])
    counts_on(running.heard, ("hall", "street")[index], epochs[index] + 1)
    assert "move to another box" in running.heard.restarts[-1][1]
    eventually(lambda: not any(runs(room) for room in rooms))
    if index == 0:
        assert running.box_of(0) != box
    assert share.index == 0


def test_a_box_that_dies_is_left(running: Running, tmp_path: Path) -> None:
    box = running.box_of(1)
    head = running.cluster.head_node
    index = 1
    if head.node_id == box:
        box, index = running.box_of(0), 0
    if head.node_id == box:
        pytest.skip("both workers are on the head's box, which cannot be taken away")
    epoch = running.spread._shares[index].epoch
    node = next(one for one in running.cluster.worker_nodes if one.node_id == box)
    before = acknowledged(running.heard, tmp_path / "before")
    with noted("kill-box") as note:
        died_s = time.monotonic()
        running.cluster.remove_node(node, allow_graceful=False)
        counts_on(running.heard, ("hall", "street")[index], epoch + 1)
        note.once(time.monotonic() - died_s, lost(before, running.heard, tmp_path / "after"))
    assert running.box_of(index) != box


def test_a_post_that_was_frozen_is_fenced(running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ray would end a frozen process; one on a box that the network does not reach wakes, and finds its lease over."""
    monkeypatch.setattr(running.fleet, "dismiss", lambda _post: None)
    epochs = [one.epoch for one in running.spread._shares]
    pid = next(one for one in posts() if any(b"pixels.worker" in command_line(child) for child in children(one)))
    rooms = children(pid)
    before = acknowledged(running.heard, tmp_path / "before")
    with noted("freeze-box") as note:
        os.kill(pid, signal.SIGSTOP)
        frozen_s = time.monotonic()
        index = eventually(
            lambda: next((i + 1 for i, one in enumerate(running.spread._shares) if one.epoch > epochs[i]), 0)
        )
        assert time.monotonic() - frozen_s > LEASE_S, "its own lease is over before another one begins"
        name = ("hall", "street")[index - 1]
        counts_on(running.heard, name, epochs[index - 1] + 1)
        recovered_s = time.monotonic() - frozen_s
        os.kill(pid, signal.SIGCONT)
        eventually(lambda: not any(runs(room) for room in rooms))
        assert runs(pid)
        newest = [one.epoch for one in running.heard.tallies if one.camera == name]
        assert newest == sorted(newest), "nothing of an older placement is taken after a newer one began"
        note.once(recovered_s, lost(before, running.heard, tmp_path / "after"))


def test_a_recording_is_counted_once_to_its_end(running: Running, clip: Path) -> None:
    heard = Heard()
    Spread([job("short", clip, loops=1)], Settings(workers=1), heard, running.fleet, LEASE_S).run(threading.Event())
    assert heard.done_cameras == ["short"]
    assert sum(one.total for one in heard.tallies if one.measure is Measure.CROSSINGS_IN) == 1
    assert heard.restarts == []


def test_passwords_do_not_cross_an_unencrypted_network(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("rtsp://camera.example/1", SourceKind.STREAM, Credentials("viewer", "a-Secret-w0rd"))
    secret = [Job(CameraPlan("hall"), source)]
    monkeypatch.setattr(running.fleet, "boxes", lambda: {"a": "10.0.0.1", "b": "10.0.0.2"})
    with pytest.raises(ConfigError, match="RAY_USE_TLS") as refused:
        Spread(secret, Settings(), Heard(), running.fleet)
    assert "a-Secret-w0rd" not in str(refused.value)
