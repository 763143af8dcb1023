"""Attempts to leave the pixel room, each made from inside the real worker."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from passerby.gate.messages import RECORD, CameraPlan, Kind, Message, Plan, SetupPlan, ZonePlan, unpack
from passerby.gate.packets import Packet, PacketKind
from passerby.gate.rooms import pipe, start_worker
from tests.boundary.escape import ATTEMPTS, ESCAPED, REFUSED

ESCAPE = str(Path(__file__).with_name("escape.py"))
ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
SIGSYS = 31

# What the kernel's own defaults may refuse to an unlocked process as well, depending on the machine.
MAY_FAIL_UNLOCKED = {"io_uring", "unshare", "x32", "too_much_memory"}

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


@pytest.fixture(scope="module")
def listening_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def attempt(name: str, port: int, *, unsafe: bool, setup: SetupPlan | None = None) -> tuple[str, Message]:
    """Starts a captive worker or set-up room, lets it try, and says how that ended and what it said when ready."""
    read_fd, write_fd = pipe()
    camera = CameraPlan("door", zones=(ZONE,), view="overhead")
    plan = Plan((camera,), (read_fd,), unsafe_no_lockdown=unsafe, setup=setup)
    process = start_worker(plan, (sys.executable, "-I", ESCAPE, name, str(port), str(read_fd)))
    os.close(read_fd)
    said: list[Message] = []
    data = b""
    try:
        os.write(write_fd, Packet(PacketKind.PACKET, payload=b"video").pack())
        while chunk := process.read():
            data += chunk
        said = [unpack(data[i : i + RECORD.size]) for i in range(0, len(data), RECORD.size)]
    finally:
        os.close(write_fd)
        words = process.last_words()
        status = process.popen.wait(60)
        process.end()
    assert said and said[0].kind is Kind.READY, words
    codes = [message.code for message in said if message.kind is Kind.FAULT]
    if ESCAPED in codes or (status == 0 and not codes and name in ("exec", "memfd_exec")):
        return "escaped", said[0]
    if REFUSED in codes:
        return "refused", said[0]
    if status == -signal.SIGALRM:
        return "its time was over", said[0]
    return ("killed" if status == -SIGSYS else f"status {status}: {words}"), said[0]


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_no_way_out_of_the_pixel_room(name: str, listening_port: int) -> None:
    outcome, ready = attempt(name, listening_port, unsafe=False)
    assert (ready.code, ready.start) == (landlock.abi(), 1)
    assert outcome in ("killed", "refused")


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_the_same_attempt_succeeds_without_the_lock(name: str, listening_port: int) -> None:
    """So the lock, and nothing else, is what holds above: without it, that test would be red."""
    outcome, ready = attempt(name, listening_port, unsafe=True)
    assert (ready.code, ready.start) == (0, 0)
    if name in MAY_FAIL_UNLOCKED and outcome == "refused":
        pytest.skip(f"this kernel refuses {name} to every process")
    assert outcome == "escaped"


SETUP = SetupPlan(watch_s=1, rehearse_s=1)


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_no_way_out_of_the_set_up_room(name: str, listening_port: int) -> None:
    outcome, ready = attempt(name, listening_port, unsafe=False, setup=SETUP)
    assert (ready.code, ready.start) == (landlock.abi(), 1)
    assert outcome in ("killed", "refused")


@pytest.mark.parametrize("name", ["open_for_writing", "tcp_connect", "spawn", "put_off_the_end"])
def test_the_same_attempt_from_an_open_set_up_room_succeeds(name: str, listening_port: int) -> None:
    """Each attempt is proved without the lock above; these show that the set-up room's own lock is what holds."""
    outcome, _ready = attempt(name, listening_port, unsafe=True, setup=SETUP)
    assert outcome == "escaped"


def test_the_kernel_ends_a_set_up_room_that_stays(listening_port: int) -> None:
    outcome, _ready = attempt("stay", listening_port, unsafe=False, setup=SetupPlan(watch_s=0, rehearse_s=2))
    assert outcome == "its time was over"
