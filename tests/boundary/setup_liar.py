"""Set-up rooms that lie, before they are shut in or behind the real lock. Run as `python -I setup_liar.py NAME`."""

import os
import sys
from collections.abc import Callable

import msgspec

from passerby.core.tallies import Measure
from passerby.gate import landlock, lockdown
from passerby.gate.messages import (
    REFERENCE_BYTES,
    SIGNATURE_BYTES,
    FaultCode,
    HealthFigure,
    Kind,
    Message,
    Plan,
    TeachState,
)
from passerby.gate.setup_messages import STILL_BYTES, STILL_MOST_PX, Head, SetupKind, Signature, Still, Taught
from passerby.pixels import worker

ABI = landlock.abi()  # asked now: behind the lock it may not be
READY = Head(SetupKind.READY, ABI, start=1)
STILL = Still(2, 2, b"picture here")
SIGNATURE = Signature(bytes(range(256)) * 6)
TAUGHT = Taught((TeachState.FULL,) * 2, bytes([7]) * REFERENCE_BYTES * 2)
"""Of a shelf of two facings, which is taught full."""


Record = Head | Still | Signature | Taught | bytes


def _say(*records: Record) -> None:
    for record in records:
        data = record if isinstance(record, bytes) else record.pack()
        while data:
            data = data[os.write(worker.DOOR_FD, data) :]


def _open() -> None:
    lockdown.silence_stderr()
    lockdown.lock_pixels(worker.DOOR_FD)
    _say(READY)


def told(measure: int, total: int, subject: int = 0) -> Head:
    """A number of a rehearsal."""
    return Head(SetupKind.REHEARSED, measure, subject=subject, a=total)


def _beyond(still: Still) -> bytes:
    return still.pack()[:-1] + b"\1"


def _head(width: int, height: int) -> bytes:
    return Head(SetupKind.STILL, a=width, b=height).pack() + bytes(STILL_BYTES)


BEFORE_READY: dict[str, tuple[Record, ...]] = {
    "a still first": (STILL,),
    "a signature first": (SIGNATURE,),
    "numbers first": (told(Measure.PEOPLE, 1, 1),),
    "ready without a lock": (READY,),
    "a fault that is none of its own": (Head(SetupKind.FAULT, FaultCode.NO_FRAMES),),
}
"""What a room says that was not shut in."""

LIES: dict[str, tuple[Record, ...]] = {
    "a second still": (STILL, STILL),
    "a second signature": (SIGNATURE, SIGNATURE),
    "a signature behind its still": (STILL, SIGNATURE),
    "a number beside the signature": (Head(SetupKind.SIGNATURE, a=1).pack() + bytes(SIGNATURE_BYTES),),
    "a signature that is too long": (SIGNATURE.pack() + b"\1" * 24,),
    "ready again": (READY,),
    "too wide": (_head(STILL_MOST_PX[0] + 1, 1),),
    "too high": (_head(1, STILL_MOST_PX[1] + 1),),
    "no size": (_head(0, 4),),
    "something behind the still": (_beyond(STILL),),
    "a number beside the still": (Head(SetupKind.STILL, 7, a=2, b=2),),
    "numbers before the still": (told(Measure.PEOPLE, 1, 1),),
    "runs backwards": (STILL, told(Measure.CROSSINGS_IN, 5), told(Measure.CROSSINGS_IN, 4)),
    "grows too fast": (STILL, told(Measure.CROSSINGS_IN, 10**6)),
    "too many people": (STILL, told(Measure.PEOPLE, 501, 1)),
    "too often": (STILL, *(told(Measure.CROSSINGS_IN, n) for n in range(20))),
    "another place": (STILL, told(Measure.CROSSINGS_IN, 1, 7)),
    "another measure": (STILL, told(Measure.DWELL, 1, 1)),
    "an unknown measure": (STILL, told(200, 1)),
    "a number beside a number": (STILL, Head(SetupKind.REHEARSED, Measure.CROSSINGS_IN, a=1, b=9)),
    "another camera": (Head(SetupKind.FAULT, FaultCode.NO_FRAMES, camera=1),),
    "an unknown fault": (Head(SetupKind.FAULT, 250),),
    "faults without end": (Head(SetupKind.FAULT, FaultCode.NO_FRAMES),) * 20,
    "a tally": (Message(Kind.TALLY, Measure.CROSSINGS_IN, a=1, b=1).pack(),),
    "a figure": (Message(Kind.HEALTH, HealthFigure.FRAMES_READ, a=1).pack(),),
    "an end": (Message(Kind.DONE, 0).pack(),),
    "what was taught, where a still is asked for": (TAUGHT,),
    "text": (b"a picture, a name, a plate: anything but a record",),
}
"""What a room says that is shut in."""


TAUGHT_BEFORE_READY: dict[str, tuple[Record, ...]] = {"what was taught first": (TAUGHT,)}

TAUGHT_LIES: dict[str, tuple[Record, ...]] = {
    "taught twice": (TAUGHT, TAUGHT),
    "a facing more": (Taught((TeachState.FULL,) * 3, bytes(REFERENCE_BYTES) * 3),),
    "a facing less": (Taught((TeachState.FULL,), bytes(REFERENCE_BYTES)),),
    "another state": (Taught((TeachState.FULL, TeachState.EMPTY), bytes(REFERENCE_BYTES) * 2),),
    "an unknown state": (TAUGHT.pack().replace(b"\1\7", b"\4\7"),),
    "what is behind somebody": (Taught((TeachState.FULL, None), bytes([7]) * REFERENCE_BYTES * 2),),
    "a number beside what was taught": (Head(SetupKind.TAUGHT, a=2, b=1),),
    "a still of a shelf": (STILL,),
    "numbers of a shelf": (told(Measure.PEOPLE, 1, 1),),
}
"""What a room says that teaches two facings full."""


def _stay() -> None:
    _open()
    _say(STILL, told(Measure.CROSSINGS_IN, 1))
    while True:
        pass


def _break_off() -> None:
    _open()
    os._exit(0)


def _honest() -> None:
    _open()
    _say(SIGNATURE, STILL, told(Measure.CROSSINGS_IN, 1), told(Measure.PEOPLE, 3, 1))
    while os.read(plan.feed_fds[0], 65536):
        pass
    os._exit(0)


def _teach() -> None:
    _open()
    _say(TAUGHT)
    os._exit(0)


WAYS: dict[str, Callable[[], None]] = {
    "stay": _stay,
    "break off": _break_off,
    "honest": _honest,
    "teach": _teach,
}


if __name__ == "__main__":
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    name = sys.argv[1]
    if name in WAYS:
        WAYS[name]()
    behind_the_lock = LIES | TAUGHT_LIES
    if name in behind_the_lock:
        _open()
    _say(*(behind_the_lock | BEFORE_READY | TAUGHT_BEFORE_READY).get(name, ()))
    while os.read(plan.feed_fds[0], 65536):
        pass
    os._exit(0)
