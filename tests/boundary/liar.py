"""Pixel workers that lie before they are shut in, or about it. Run as `python -I liar.py NAME`."""

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from passerby.gate import landlock, lockdown
from passerby.gate.messages import RECORD, FaultCode, HealthFigure, Kind, Message, Plan
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


def _fuzz() -> None:
    """Tells what is nearly right, another story in each life, and in the end what is wrong for certain."""
    number = int(LIFE.read_text())
    LIFE.write_text(str(number + 1))
    dice = random.Random(number)
    _lock()
    worker.send(READY)
    os.read(plan.feed_fds[0], 1)
    for _ in range(dice.randrange(40)):
        os.write(worker.DOOR_FD, _nearly_right(dice))
    os.write(worker.DOOR_FD, dice.choice(CERTAIN))


def _nearly_right(dice: random.Random) -> bytes:
    """A record that may be allowed; one in eight has a byte changed."""
    start = 60 * dice.randrange(60)
    tally = Message(Kind.TALLY, dice.choice((1, 2)), 0, 0, start, dice.randrange(30), dice.randrange(601))
    record = bytearray(dice.choice((tally, Message(Kind.HEALTH, dice.randrange(1, 5), a=dice.randrange(5)))).pack())
    if dice.random() < 1 / 8:
        record[dice.randrange(len(record))] = dice.randrange(256)
    return bytes(record)


CERTAIN = (
    b"\xff" * RECORD.size,
    bytes([Kind.TALLY]) + b"\xff" * 100_000,
    Message(Kind.TALLY, 1, 0, 9, 60, 1, 600).pack(),
    Message(Kind.TALLY, 1, 0, 0, 61, 1, 600).pack(),
    Message(Kind.TALLY, 1, 0, 0, 60, 2**64 - 1, 600).pack(),
    Message(Kind.TALLY, 1, 0, 0, 60, 1, 2**32 - 1).pack(),
    Message(Kind.HEALTH, HealthFigure.FRAMES_READ, 3, a=1).pack(),
)
"""No worker may say these: noise, too much, a place that is not there, off the grid, negative, and too long a time."""


WAYS: dict[str, Callable[[], None]] = {
    name.removeprefix("_"): way
    for name, way in list(globals().items())
    if name.startswith("_") and name not in {"_lock", "_nearly_right"} and hasattr(way, "__code__")
}


if __name__ == "__main__":
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    LIFE = Path(sys.argv[-1])
    WAYS[sys.argv[1]]()
    while os.read(plan.feed_fds[0], 65536):
        pass
    os._exit(0)
