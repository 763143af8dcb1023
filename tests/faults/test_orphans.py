"""Whoever started the rooms is killed, at the beginning and at work: nothing that it started is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from tests.support.crossing_clips import crossing_clip
from tests.support.faults import Note, moments, noted
from tests.support.hub import RunningHub
from tests.support.site import RunningSite, children, command_line, eventually, free_port, kill, overhead_camera, runs

SOON_S = 10.0
"""What starts just then has to read its own program first, on a machine that may be busy."""
ROOMS = (b"passerby.feed.reader", b"passerby.pixels.worker")
LINE = ("--line", "door=0.5,0.9:0.5,0.1")
SET_UP = """
import sys, time
from passerby.gate.guard import Job
from passerby.gate.messages import CameraPlan, SetupPlan
from passerby.gate.setup_session import SetupSession, SetupSettings
from passerby.gate.sources import parse
job = Job(CameraPlan("door", view="overhead"), parse(sys.argv[1]).at_its_own_pace())
session = SetupSession(job, SetupSettings(), SetupPlan(watch_s=60, rehearse_s=60))
time.sleep(600)
"""

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"
)
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crossing_clip(tmp_path_factory.mktemp("clip") / "long.mkv", 200)


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they started."""
    found = children(pid)
    return found + [below for child in found for below in descendants(child)]


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "TZ"


def orphan(parent: subprocess.Popen[bytes], note: Note) -> list[bytes]:
    """Kills a process, and waits until all that it started is gone.

    It is stopped first: then it starts nothing between the question for its children and its end.

    Returns:
        what it had started.
    """
    os.kill(parent.pid, signal.SIGSTOP)
    eventually(lambda: is_stopped(parent.pid))
    left = descendants(parent.pid)
    lines = [command_line(pid) for pid in left]
    kill(parent.pid)
    killed_s = time.monotonic()
    parent.wait()
    eventually(lambda: not any(runs(pid) for pid in left))
    gone_s = time.monotonic() - killed_s
    assert gone_s < SOON_S
    note.once(gone_s)
    return lines


def wait_for(parent: subprocess.Popen[bytes], rooms: tuple[bytes, ...]) -> None:
    """Waits until a process has started others with these words on their command lines."""
    eventually(lambda: all(any(room in command_line(pid) for pid in children(parent.pid)) for room in rooms))


def play(start: Start, expected: tuple[bytes, ...], moments_s: list[float]) -> None:
    """Kills a program once when all its rooms are there, and at each of the moments after its first room began."""
    with noted("orphans") as note:
        parent = start()
        wait_for(parent, expected)
        assert len(orphan(parent, note)) >= len(expected)
        for at_s in moments_s:
            parent = start()
            wait_for(parent, expected[1:2])
            time.sleep(at_s)
            assert orphan(parent, note)


def program(*arguments: object) -> Start:
    """Starts Python with some arguments."""
    command = [sys.executable, *map(str, arguments)]
    nothing = subprocess.DEVNULL
    return lambda: subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)


def test_a_site(clip: Path, tmp_path: Path) -> None:
    cameras = [overhead_camera(name, clip) for name in ("hall", "street")]
    config = RunningSite(tmp_path, *cameras, workers=2).write()
    expected = (*ROOMS, b"passerby.audit")
    play(program("-m", "passerby.cli", "run", config), expected, moments(4, 3.0))


def test_a_count(clip: Path) -> None:
    count = program("-m", "passerby.cli", "count", clip, "--view", "overhead", *LINE, "--json")
    play(count, ROOMS, moments(2, 2.0))


def test_a_demonstration(clip: Path, shared_models: Path) -> None:
    demo = program("-m", "passerby.cli", "demo", "--video", clip, *LINE, "--port", free_port())
    play(demo, ROOMS, moments(1, 1.0))


def test_set_up_mode(clip: Path) -> None:
    play(program("-c", SET_UP, clip), (b"passerby.feed.reader", b"setup_room"), moments(2, 2.0))


def test_a_hub_starts_nobody(tmp_path: Path) -> None:
    with noted("orphans") as note, RunningHub(tmp_path / "hub").start() as hub:
        hub.wait_open()
        assert children(hub.pid) == []
        hub.kill()
        note.once()
