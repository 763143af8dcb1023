"""A pixel room seen from outside: what it holds open, what it was given, and who may look into its memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from passerby.gate.messages import CameraPlan, Plan, ZonePlan
from passerby.gate.rooms import Process, pipe, start_worker
from tests.support.site import eventually, runs

ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
KNOWN = {"LANG", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MALLOC_ARENA_MAX", "PYTHONDONTWRITEBYTECODE"}

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


@pytest.fixture(scope="module")
def room() -> Iterator[tuple[Process, int]]:
    """A real pixel worker that is shut in and waits for video, and the descriptor of its feed."""
    read_fd, write_fd = pipe()
    process = start_worker(Plan((CameraPlan("door", zones=(ZONE,), view="overhead"),), (read_fd,)))
    os.close(read_fd)
    assert process.read() is not None
    yield process, read_fd
    os.close(write_fd)
    process.end()


def test_it_holds_nothing_open_but_pipes(room: tuple[Process, int]) -> None:
    process, feed_fd = room
    folder = Path(f"/proc/{process.popen.pid}/fd")
    held = {int(path.name): str(path.readlink()) for path in folder.iterdir()}
    assert held.keys() == {0, 1, 2, feed_fd}, "plan, door, an end of standard error that nobody reads, feed"
    assert all(what.startswith("pipe:") for what in held.values())


def test_it_was_given_nothing_of_the_environment(room: tuple[Process, int]) -> None:
    environment = Path(f"/proc/{room[0].popen.pid}/environ").read_text()
    assert {entry.split("=")[0] for entry in environment.split("\0") if entry} <= KNOWN


def test_every_thread_is_under_the_filter(room: tuple[Process, int]) -> None:
    assert seccomp.holds(room[0].popen.pid)


def test_it_leaves_no_core_file_and_has_bounded_memory(room: tuple[Process, int]) -> None:
    limits = Path(f"/proc/{room[0].popen.pid}/limits").read_text().splitlines()
    of = {line[:26].strip(): line[26:].split()[:2] for line in limits}
    assert of["Max core file size"] == ["0", "0"]
    assert of["Max file size"] == ["0", "0"]
    assert of["Max data size"] == [str(4 * 1024**3)] * 2


_NEIGHBOUR = """
import ctypes, os, sys, time
from passerby.gate import lockdown
libc = ctypes.CDLL(None)
if os.getuid() == 0:
    os.setresuid(65534, 65534, 65534)
ready, told = os.pipe()
child = os.fork()
if child == 0:
    libc.prctl(4, 1, 0, 0, 0)
    if sys.argv[1] == "closed":
        lockdown.die_with_parent()
    os.write(told, b"x")
    time.sleep(60)
    os._exit(0)
os.read(ready, 1)
try:
    os.close(os.open(f"/proc/{child}/mem", os.O_RDONLY))
    print("read")
except PermissionError:
    print("refused")
os.kill(child, 9)
"""


@pytest.mark.parametrize(("how", "outcome"), [("closed", "refused"), ("open", "read")])
def test_another_process_of_the_same_user_cannot_read_its_memory(how: str, outcome: str) -> None:
    command = [sys.executable, "-I", "-c", _NEIGHBOUR, how]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout.strip() == outcome, ran.stderr


def test_it_ends_when_the_parent_is_already_gone() -> None:
    """A parent that dies before the room asks for its signal leaves a door that nobody reads."""
    code = "from passerby.gate import lockdown; import sys; sys.stdin.read(); lockdown.die_with_parent(); sys.exit(7)"
    read_fd, write_fd = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", code], stdin=subprocess.PIPE, stdout=write_fd, stderr=subprocess.DEVNULL
    )
    os.close(write_fd)
    os.close(read_fd)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(30) == 1


def test_it_ends_with_its_parent() -> None:
    code = (
        "import subprocess, sys, time\n"
        "inner = 'from passerby.gate import lockdown; import time; lockdown.die_with_parent();"
        " print(1, flush=True); time.sleep(600)'\n"
        "child = subprocess.Popen([sys.executable, '-I', '-c', inner], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-I", "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    room = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    eventually(lambda: not runs(room))
