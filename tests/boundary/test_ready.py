"""A worker is not believed that it is shut in: the guard asks the kernel, and hears it once."""

import os
import sys
import time
from pathlib import Path

import pytest

from passerby.errors import GateError, LockdownError
from passerby.gate import landlock, seccomp
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan, LinePlan
from passerby.gate.sources import parse
from tests.boundary.liar import WAYS
from tests.boundary.test_lies import Ear

LIAR = str(Path(__file__).with_name("liar.py"))

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


class ReadyEar(Ear):
    """Also remembers what was said of the lock."""

    def __init__(self) -> None:
        super().__init__()
        self.locks: list[tuple[int, bool]] = []
        self.ended: list[str] = []

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None:
        self.locks.append((landlock_abi, seccomp))

    def done(self, camera: str) -> None:
        self.ended.append(camera)


def hear(way: str, folder: Path, ear: ReadyEar) -> None:
    (folder / "picture.png").write_bytes(b"no picture")
    line = LinePlan("line", (0.1, 0.5), (0.9, 0.5))
    plan = CameraPlan("door", (line,), (), "overhead", window_s=60, recording_start_unix_s=0)
    settings = Settings(worker_command=(sys.executable, "-I", LIAR, way))
    Guard([Job(plan, parse(str(folder)))], settings, ear).run(lambda: False)


def test_an_honest_worker_is_heard(tmp_path: Path) -> None:
    ear = ReadyEar()
    hear("honest", tmp_path, ear)
    assert ear.locks == [(landlock.abi(), True)]


@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"honest", "ends_a_camera_that_goes_on", "fuzz"}))
def test_a_lie_about_the_lock_is_refused(way: str, tmp_path: Path) -> None:
    ear = ReadyEar()
    with pytest.raises(GateError):
        hear(way, tmp_path, ear)
    assert len(ear.refusals) == 1
    assert len(ear.locks) == (1 if way == "twice" else 0)
    assert not ear.tallies
    assert not ear.figures


def test_a_worker_cannot_put_a_camera_out_and_leave_all_well() -> None:
    ear = ReadyEar()
    plan = CameraPlan("door", (LinePlan("line", (0.1, 0.5), (0.9, 0.5)),), (), "overhead", window_s=60)
    way = (sys.executable, "-I", LIAR, "ends_a_camera_that_goes_on")
    until_s = time.monotonic() + 60
    guard = Guard([Job(plan, parse("rtsp://127.0.0.1:9/none"))], Settings(worker_command=way, keep_running=True), ear)
    guard.run(lambda: bool(ear.refusals) or time.monotonic() > until_s)
    assert ear.refusals
    assert "goes on" in ear.refusals[0]
    assert not ear.ended


def test_the_kernel_tells_an_open_process_from_a_locked_one() -> None:
    assert not seccomp.holds(os.getpid())


def test_a_process_that_cannot_be_seen_is_not_believed() -> None:
    with pytest.raises(LockdownError, match="hidepid"):
        seccomp.holds(2**22 + 1)
