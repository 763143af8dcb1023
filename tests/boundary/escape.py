"""A pixel worker that was taken over: the real one, whose camera tries to get out as soon as it is given a packet.

Run as `python -I escape.py NAME`. It is killed, or it says at the door how the attempt ended.
"""

import ctypes
import math
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from passerby.gate.messages import RECORD, FaultCode, HealthFigure, Kind, Message, Plan
from passerby.gate.packets import Packet
from passerby.gate.setup_messages import Head, SetupKind, Still
from passerby.pixels import setup_room, worker

ESCAPED, REFUSED = FaultCode.TIME_JUMPED, FaultCode.BAD_PACKET
_libc = ctypes.CDLL(None, use_errno=True)
_FOREIGN = Path("/tmp/passerby-escape")  # noqa: S108 - a place that any process may write to, which is the point


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def _open_for_reading() -> None:
    os.close(os.open("/etc/passwd", os.O_RDONLY))


def _open_for_writing() -> None:
    os.close(os.open(_FOREIGN, os.O_WRONLY | os.O_CREAT, 0o600))


def _read_library() -> None:
    os.close(os.open(os.__file__, os.O_RDONLY))


def _tcp_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _tcp_connect() -> None:
    port = int(sys.argv[2])
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def _udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"picture", ("127.0.0.1", 9))


def _unix_socket() -> None:
    socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)[0].close()


def _abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
        abstract.bind(f"\0passerby-escape-{os.getpid()}")


def _exec() -> None:
    os.execv("/bin/sh", ["sh", "-c", "exit 0"])  # noqa: S606 - an escape


def _spawn() -> None:
    subprocess.run(["/bin/true"], check=True)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _vfork_clone() -> None:
    child = _call(56, signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)


def _new_thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _ptrace() -> None:
    if _libc.ptrace(0, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def _memfd() -> None:
    os.close(os.memfd_create("picture"))


def _memfd_exec() -> None:
    fd = os.memfd_create("program", os.MFD_CLOEXEC)
    os.write(fd, Path("/bin/true").read_bytes())
    os.execve(fd, ["true"], {})  # noqa: S606 - an escape


def _proc_of_parent() -> None:
    os.close(os.open(f"/proc/{os.getppid()}/environ", os.O_RDONLY))


def _shared_memory() -> None:
    os.close(os.open(f"/dev/shm/passerby-{os.getpid()}", os.O_RDWR | os.O_CREAT, 0o600))


def _sysv_shared_memory() -> None:
    segment = _call(29, 0, 4096, 0o1600)
    _libc.shmctl(segment, 0, None)


def _executable_memory() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC).close()


def _shared_mapping() -> None:
    mmap.mmap(-1, 4096).close()


def _memory_in_core_files() -> None:
    with mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE) as memory:
        memory.madvise(mmap.MADV_DODUMP)


def _too_much_memory() -> None:
    mmap.mmap(-1, 6 * 1024**3, flags=mmap.MAP_PRIVATE).close()


def _open_to_debuggers() -> None:
    if _libc.prctl(4, 1, 0, 0, 0) != 0:  # PR_SET_DUMPABLE
        raise OSError(ctypes.get_errno(), "refused")


def _signal_handler() -> None:
    signal.signal(signal.SIGUSR1, lambda *_: None)


def _close_the_door() -> None:
    os.close(0)


def _duplicate_the_door() -> None:
    os.dup2(worker.DOOR_FD, 0)


def _stderr() -> None:
    os.write(2, b"picture")


def _write_to_feed() -> None:
    os.close(os.open(f"/proc/self/fd/{sys.argv[3]}", os.O_WRONLY | os.O_NONBLOCK))


def _kill_parent() -> None:
    os.kill(os.getppid(), 0)


def _unlink() -> None:
    _FOREIGN.unlink(missing_ok=True)


def _mkdir() -> None:
    folder = Path(f"{_FOREIGN}-{os.getpid()}")
    folder.mkdir()
    folder.rmdir()


def _list_folder() -> None:
    os.listdir("/")


def _io_uring() -> None:
    os.close(_call(425, 4, ctypes.create_string_buffer(120)))


def _unshare() -> None:
    _call(272, 0x10000000)  # CLONE_NEWUSER


def _inotify() -> None:
    os.close(_call(294, 0))


def _pipe() -> None:
    os.pipe()


def _put_off_the_end() -> None:
    signal.alarm(0)


def _x32() -> None:
    os.close(_call(0x40000000 + 2, b"/etc/passwd", os.O_RDONLY))


ATTEMPTS: dict[str, Callable[[], None]] = {
    name.removeprefix("_"): attempt
    for name, attempt in list(globals().items())
    if name.startswith("_") and name not in ("_call",) and callable(attempt) and hasattr(attempt, "__code__")
}


def _measure(code: int, subject: int = 0, start: int = 0, total: int = 0, exposure: int = 600) -> Message:
    return Message(Kind.TALLY, code, 0, subject, start, total, exposure)


def _with_total(total: bytes) -> bytes:
    """A tally whose total has the bytes of a number that the contract does not know."""
    head, rest = RECORD.size - 12, RECORD.size - 4
    record = _measure(1).pack()
    return record[:head] + total + record[rest:]


LIES: dict[str, list[bytes]] = {
    "unknown kind": [b"\x09" + bytes(RECORD.size - 1)],
    "text": [b"a picture, a name, a plate: anything but a record"],
    "unknown camera": [Message(Kind.HEALTH, HealthFigure.FRAMES_READ, camera=7).pack()],
    "unknown measure": [_measure(200).pack()],
    "measure of another place": [_measure(3).pack()],
    "unknown place": [_measure(1, subject=9).pack()],
    "window off its grid": [_measure(1, start=61).pack()],
    "window before the recording": [Message(Kind.TALLY, 1, 0, 0, 0, 0, 0).pack()] * 2,
    "window far ahead": [_measure(1, start=60 * 10**7).pack()],
    "second tally": [_measure(1).pack(), _measure(1, total=1).pack()],
    "total beyond reason": [_measure(1, total=10**6).pack()],
    "exposure too long": [_measure(1, exposure=601).pack()],
    "figure runs backwards": [Message(Kind.HEALTH, 1, a=5).pack(), Message(Kind.HEALTH, 1, a=4).pack()],
    "figure grows too fast": [Message(Kind.HEALTH, 1, a=2**60).pack()],
    "number in an unused field": [Message(Kind.HEALTH, 1, a=5, b=7).pack()],
    "figure of a feed": [Message(Kind.HEALTH, HealthFigure.CONNECTED, a=1).pack()],
    "unknown fault": [Message(Kind.FAULT, 250).pack()],
    "flood of figures": [Message(Kind.HEALTH, 1, a=n).pack() for n in range(1000)],
    "flood of faults": [Message(Kind.FAULT, 4).pack()] * 1000,
    "number in the end": [Message(Kind.DONE, 0, a=7).pack()],
    # Only the set-up room's door has these: a worker has no word for a picture.
    "a still": [Still(2, 2, b"picture here").pack()],
    "numbers of a rehearsal": [Head(SetupKind.REHEARSED, 1, a=1).pack()],
    "not a number": [_with_total(struct.pack("<d", math.nan))],
    "negative": [_with_total(struct.pack("<q", -1))],
    "over-long": [bytes([Kind.TALLY]) + b"\xff" * 100_000],
}


class Captive:
    """A camera under foreign control."""

    def __init__(self, name: str) -> None:
        self._name = name

    def take(self, packet: Packet) -> None:
        """Tries to get out."""
        if self._name in LIES:
            for record in LIES[self._name]:
                os.write(worker.DOOR_FD, record)
            return
        while self._name == "stay":
            pass
        try:
            ATTEMPTS[self._name]()
        except OSError:
            worker.send(Message(Kind.FAULT, REFUSED))
        else:
            worker.send(Message(Kind.FAULT, ESCAPED))
        os._exit(0)

    def end(self) -> None:
        """Tells nothing."""

    def tick(self) -> None:
        """Does nothing."""

    def figures(self) -> dict[HealthFigure, int]:
        """Tells nothing."""
        return {}

    def line_figures(self) -> list[dict[HealthFigure, int]]:
        """Tells nothing."""
        return []


def load(plan: Plan) -> list[worker.Room]:
    """Loads all that the real worker or set-up room loads, and puts the captive in its place."""
    (setup_room if plan.setup else worker).load(plan)
    return [Captive(sys.argv[1])]


if __name__ == "__main__":
    worker.main(load)
