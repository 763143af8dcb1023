"""Pixel workers that lie before they are shut in, or about it. Run as `python -I liar.py NAME`."""

import os
import sys
from collections.abc import Callable

import msgspec

from passerby.gate import landlock, lockdown
from passerby.gate.messages import FaultCode, HealthFigure, Kind, Message, Plan
from passerby.pixels import worker

ABI = landlock.abi()  # asked now: behind the lock it may not be
READY = Message(Kind.READY, ABI, start=1)


def _lock() -> None:
    lockdown.silence_stderr()
    lockdown.lock_pixels(worker.DOOR_FD)


def _unlocked() -> None:
    worker.send(READY)


def _files_only() -> None:
    landlock.restrict()
    worker.send(READY)


def _twice() -> None:
    _lock()
    worker.send(READY)
    worker.send(READY)


def _older_kernel() -> None:
    _lock()
    worker.send(Message(Kind.READY, ABI - 1, start=1))


def _no_seccomp() -> None:
    _lock()
    worker.send(Message(Kind.READY, ABI))


def _more_than_ready() -> None:
    _lock()
    worker.send(Message(Kind.READY, ABI, start=1, a=7))


def _tally_first() -> None:
    worker.send(Message(Kind.TALLY, 1, 0, 0, 0, 0, 600))


def _health_first() -> None:
    worker.send(Message(Kind.HEALTH, HealthFigure.FRAMES_READ, a=1))


def _done_first() -> None:
    worker.send(Message(Kind.DONE, 0))


def _not_even_this_camera() -> None:
    worker.send(Message(Kind.READY, ABI, 65535, start=1))


def _ends_a_camera_that_goes_on() -> None:
    _lock()
    worker.send(READY)
    worker.send(Message(Kind.DONE, 0))


def _honest() -> None:
    _lock()
    worker.send(READY)
    while os.read(plan.feed_fds[0], 65536):
        pass
    worker.send(Message(Kind.FAULT, FaultCode.NO_FRAMES))
    worker.send(Message(Kind.DONE, 0))


WAYS: dict[str, Callable[[], None]] = {
    name.removeprefix("_"): way
    for name, way in list(globals().items())
    if name.startswith("_") and name != "_lock" and hasattr(way, "__code__")
}


if __name__ == "__main__":
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    WAYS[sys.argv[1]]()
    while os.read(plan.feed_fds[0], 65536):
        pass
    os._exit(0)
