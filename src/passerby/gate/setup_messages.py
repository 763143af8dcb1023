"""The door of the set-up room, which is another one than that of a worker.

A still with its signature comes through it, once, and numbers of a rehearsal; or what a shelf was taught.

Each record begins with the head of `gate.messages.RECORD`. Kinds from 64 on exist at this door alone: the worker's
door knows none of them, and refuses all as no message.

| kind      | code           | subject        | a               | b                | behind the head                  |
|-----------|----------------|----------------|-----------------|------------------|----------------------------------|
| READY     | Landlock ABI   | 0              | 0               | 0                | nothing; start is seccomp (0/1)  |
| FAULT     | `FaultCode`    | 0              | 0               | 0                | nothing                          |
| STILL     | 0              | 0              | width in pixels | height in pixels | `STILL_BYTES` of red, green, blue |
| REHEARSED | `Measure`      | index of place | running total   | 0                | nothing                          |
| SIGNATURE | 0              | 0              | 0               | 0                | `SIGNATURE_BYTES`                |
| TAUGHT    | 0              | 0              | facings         | 0                | `TAUGHT_BYTES` for each facing   |

There is no field for text, for a box, for how many people were seen while the still was made, or for a moment.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import msgspec

from passerby.core.tallies import LINE_MEASURES, Measure, Place
from passerby.errors import GateError
from passerby.gate.messages import (
    RECORD,
    REFERENCE_BYTES,
    SIGNATURE_BYTES,
    CameraPlan,
    Kind,
    SetupPlan,
    ShelfPlan,
    TeachState,
)

STILL_MOST_PX = (256, 192)
"""The still's largest width and height. Whoever fits into the picture from head to foot has less than 113 pixels to the
metre in it; to recognise somebody whom one knows takes 125, to identify a stranger 250 (IEC 62676-4)."""

STILL_BYTES = STILL_MOST_PX[0] * STILL_MOST_PX[1] * 3
"""Behind the head of a still: its pixels row by row, and zeros up to this."""

REHEARSED_EVERY_S = 2.0
"""A running total is told at most so often."""

TEACH_S = 20
"""Seconds of video that a shelf is taught in."""

TAUGHT_BYTES = 1 + REFERENCE_BYTES
"""Of each facing that was taught: whether it was taken for full (1) or empty (2), or something was in front of it (0),
and what it looked like; see `pixels.shelf_reference`."""

ZONE_REHEARSED = (Measure.PEOPLE, Measure.ENTERED)

_SLOWEST = 3
_PATIENCE_S = 30


class SetupKind(IntEnum):
    """What a record of this door is."""

    READY = Kind.READY
    FAULT = Kind.FAULT
    STILL = 64
    REHEARSED = 65
    TAUGHT = 66
    SIGNATURE = 67


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one record, taken apart. Whatever came from a room is `untrusted_*` until it was checked."""

    kind: SetupKind
    code: int = 0
    camera: int = 0
    subject: int = 0
    part: int = 0
    start: int = 0
    a: int = 0
    b: int = 0

    def pack(self) -> bytes:
        """The head as bytes."""
        return RECORD.pack(self.kind, self.code, self.camera, self.subject, self.part, self.start, self.a, self.b)


@dataclass(frozen=True, slots=True)
class Still:
    """The one people-free picture of a session. It is never written to a disk.

    Attributes:
        width_px, height_px: its size.
        rgb: red, green and blue of each pixel, row by row; what may not be shown is grey.
    """

    width_px: int
    height_px: int
    rgb: bytes = field(repr=False)

    def pack(self) -> bytes:
        """The still as a record of the door: always of the same size."""
        head = Head(SetupKind.STILL, a=self.width_px, b=self.height_px)
        return head.pack() + self.rgb.ljust(STILL_BYTES, b"\0")


@dataclass(frozen=True, slots=True)
class Signature:
    """Where the still of a session has edges, for the site to keep: by it a worker knows the view again.

    Attributes:
        cells: two bits for each of `SIGNATURE_CELLS`; see `pixels.signature`.
    """

    cells: bytes = field(repr=False)

    def pack(self) -> bytes:
        """The signature as a record of the door."""
        return Head(SetupKind.SIGNATURE).pack() + self.cells


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A number of a rehearsal, since it began. It is shown and forgotten; no tally is made of it.

    Attributes:
        place: name of the line or zone.
        measure: CROSSINGS_IN, CROSSINGS_OUT and ENTERED only grow; PEOPLE is how many are there now.
        total: people.
    """

    place: str
    measure: Measure
    total: int


@dataclass(frozen=True, slots=True)
class Taught:
    """What a shelf was taught.

    Attributes:
        states: of each facing, full or empty; None for one that something was in front of.
        references: `REFERENCE_BYTES` for each facing; zeros if anything was in front of any.
    """

    states: tuple[TeachState | None, ...]
    references: bytes = field(repr=False)

    @property
    def covered(self) -> tuple[int, ...]:
        """Facings that something was in front of; if there are any, nothing is to be kept."""
        return tuple(facing for facing, state in enumerate(self.states) if state is None)

    def pack(self) -> bytes:
        """As a record of the door: a shelf's are all of the same size."""
        head = Head(SetupKind.TAUGHT, a=len(self.states))
        cut = range(0, len(self.references), REFERENCE_BYTES)
        each = (self.references[start : start + REFERENCE_BYTES] for start in cut)
        codes = (bytes([TAUGHT_AS.index(state)]) for state in self.states)
        return head.pack() + b"".join(code + one for code, one in zip(codes, each, strict=True))

    def added_to(self, plan: ShelfPlan) -> ShelfPlan:
        """The shelf with what it was taught now; the rest stays what it was.

        Raises:
            ValueError: something was in front of a facing.
        """
        if self.covered:
            raise ValueError("something was in front of the shelf, so nothing is kept")
        full, empty = (self._over(plan, state) for state in (TeachState.FULL, TeachState.EMPTY))
        return msgspec.structs.replace(plan, full=full, empty=empty)

    def _over(self, plan: ShelfPlan, state: TeachState) -> bytes:
        before = plan.full if state is TeachState.FULL else plan.empty
        if state not in self.states:
            return before
        cuts = (slice(n * REFERENCE_BYTES, (n + 1) * REFERENCE_BYTES) for n in range(len(self.states)))
        pairs = zip(self.states, cuts, strict=True)
        return b"".join((self.references if one is state else before)[cut] for one, cut in pairs)


TAUGHT_AS = (None, TeachState.FULL, TeachState.EMPTY)
"""How a facing was taken, by its code on the wire."""


def rehearsed_at(plan: CameraPlan) -> tuple[Place, ...]:
    """What a rehearsal tells, place by place; records name a place by its index here."""
    lines = tuple(Place(line.name, LINE_MEASURES) for line in plan.lines)
    return (*lines, *(Place(zone.name, ZONE_REHEARSED) for zone in plan.zones))


def longest_s(plan: SetupPlan) -> int:
    """Seconds after which a set-up room is ended, whatever it does: by the kernel from inside, by the parent outside.

    A camera may be slow, and may need a while to answer.
    """
    watch_s = plan.watch_s + (TEACH_S if plan.teach else 0)
    watching_s = _SLOWEST * watch_s + _PATIENCE_S if watch_s else 0
    return watching_s + plan.rehearse_s


_BODY_BYTES = {SetupKind.STILL: STILL_BYTES, SetupKind.SIGNATURE: SIGNATURE_BYTES}


class DoorReader:
    """Cuts the bytes of this door into records. A head is checked before its body is read.

    Args:
        check: is asked about each head, and raises for one that may not come.
    """

    def __init__(self, check: Callable[[Head], None]) -> None:
        self._check = check
        self._buffer = bytearray()
        self._head: Head | None = None

    def feed(self, untrusted: bytes) -> Iterator[tuple[Head, bytes]]:
        """Takes bytes, gives the records that are whole: each head with its body.

        Raises:
            GateError: they are no records, or one may not come.
        """
        self._buffer += untrusted
        while True:
            if self._head is None:
                if len(self._buffer) < RECORD.size:
                    return
                self._head = _head(self._take(RECORD.size))
                self._check(self._head)
            size = _body_bytes(self._head)
            if len(self._buffer) < size:
                return
            head, self._head = self._head, None
            yield head, self._take(size)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _body_bytes(checked: Head) -> int:
    if checked.kind is SetupKind.TAUGHT:
        return checked.a * TAUGHT_BYTES
    return _BODY_BYTES.get(checked.kind, 0)


def _head(untrusted: bytes) -> Head:
    kind, *fields = RECORD.unpack(untrusted)
    try:
        return Head(SetupKind(kind), *fields)
    except ValueError:
        raise GateError("the set-up room sent bytes that are no message; they were refused and it was ended.") from None
