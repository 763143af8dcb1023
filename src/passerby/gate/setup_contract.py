"""Checks what comes out of the set-up room, and meters it: one still with its signature or one shelf, and totals.

What the still shows cannot be checked here: this side has no image code, and no picture to compare it with. The room
that makes it is locked like a worker; docs/claims/set-up-mode.md says what that leaves open.
"""

import math
import time
from collections.abc import Callable

from passerby.core.tallies import Measure
from passerby.errors import GateError
from passerby.gate import contract
from passerby.gate.contract import MAX_CROSSINGS_PER_S, MAX_PEOPLE
from passerby.gate.messages import FaultCode, Kind, Message, Plan, SetupPlan, TeachState
from passerby.gate.meter import Meter
from passerby.gate.setup_messages import (
    REHEARSED_EVERY_S,
    STILL_BYTES,
    STILL_MOST_PX,
    TAUGHT_AS,
    TAUGHT_BYTES,
    Head,
    Rehearsed,
    SetupKind,
    Still,
    Taught,
    rehearsed_at,
)

_BURST = 3
_FAULTS = 8
_FAULTS_OF_PIXELS = frozenset(code for code in FaultCode if code < FaultCode.UNAUTHORISED)


class SetupContract:
    """What one set-up room may say.

    Args:
        plan: what it was told.
        pid: its process, of which the kernel is asked whether it is locked.
        clock: seconds that only run; injected for tests.
    """

    def __init__(self, plan: Plan, pid: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._plan = plan
        self._setup = plan.setup or SetupPlan(0, 0)
        self._pid = pid
        self._clock = clock
        self._places = rehearsed_at(plan.cameras[0])
        self._shelves = plan.cameras[0].shelves
        self._meters = {
            (subject, measure): Meter(_BURST, 1.05 / REHEARSED_EVERY_S, clock)
            for subject, place in enumerate(self._places)
            for measure in place.measures
        }
        self._totals: dict[tuple[int, Measure], int] = {}
        self._faults = 0
        self._began_s = clock()
        self.lock: tuple[int, bool] | None = None
        self.still_came = self.taught_came = self._signature_came = False

    def head(self, untrusted: Head) -> None:
        """Checks a head, before any body is read.

        Raises:
            GateError: it may not come, or not now.
        """
        _require(untrusted.camera == untrusted.part == 0, "a number where none belongs")
        if untrusted.kind in (SetupKind.READY, SetupKind.FAULT):
            return
        _require(self.lock is not None, "something before it was shut in")
        if untrusted.kind is SetupKind.STILL:
            self._still(untrusted)
        elif untrusted.kind is SetupKind.SIGNATURE:
            self._signature(untrusted)
        elif untrusted.kind is SetupKind.TAUGHT:
            self._taught(untrusted)
        else:
            self._rehearsed(untrusted)

    def ready(self, untrusted: Head) -> None:
        """Checks the room's word that it is shut in.

        Raises:
            GateError: the lock is not complete, or it says so again.
            LockdownError: the kernel does not tell.
        """
        word = Message(Kind.READY, untrusted.code, start=untrusted.start, a=untrusted.a, b=untrusted.b)
        _require(untrusted.subject == 0, "a number where none belongs")
        self.lock = contract.check_ready(word, self._plan, pid=self._pid, again=self.lock is not None)
        self._began_s = self._clock()

    def fault(self, untrusted: Head) -> FaultCode:
        """Checks a fault.

        Raises:
            GateError: it is unknown, or one too many.
        """
        _require(untrusted.code in _FAULTS_OF_PIXELS, "an unknown fault")
        _require(untrusted.subject == untrusted.start == untrusted.a == untrusted.b == 0, "a number where none belongs")
        self._faults += 1
        _require(self._faults <= _FAULTS, "faults too often")
        return FaultCode(untrusted.code)

    def still(self, untrusted_head: Head, untrusted_body: bytes) -> Still:
        """Takes the still, whose head was checked; what fills it up must be zeros.

        Raises:
            GateError: it is not.
        """
        _require(len(untrusted_body) == STILL_BYTES, "a still of another size")
        width, height = untrusted_head.a, untrusted_head.b
        size = width * height * 3
        _require(not any(untrusted_body[size:]), "something behind the still")
        return Still(width, height, untrusted_body[:size])

    def taught(self, untrusted_head: Head, untrusted_body: bytes) -> Taught:
        """Takes what a shelf was taught; where anything was in front of it, nothing may be told of what it looks like.

        Raises:
            GateError: a facing was taken for what was not asked, or something is told that may not be.
        """
        _require(len(untrusted_body) == untrusted_head.a * TAUGHT_BYTES, "what was taught in another size")
        codes = untrusted_body[::TAUGHT_BYTES]
        allowed = {0, *(n for n, state in enumerate(TAUGHT_AS) if state and self._setup.teach in (state, _NOW))}
        _require(set(codes) <= allowed, "a facing in a state that was not asked for")
        starts = range(1, len(untrusted_body), TAUGHT_BYTES)
        references = b"".join(untrusted_body[start : start + TAUGHT_BYTES - 1] for start in starts)
        _require(0 not in codes or not any(references), "what was taught while something was in front of it")
        return Taught(tuple(TAUGHT_AS[code] for code in codes), references)

    def rehearsed(self, untrusted: Head) -> Rehearsed:
        """The number in a record whose head was checked."""
        return Rehearsed(self._places[untrusted.subject].name, Measure(untrusted.code), untrusted.a)

    def _still(self, untrusted: Head) -> None:
        _require(self._setup.watch_s > 0, "a still that was not asked for")
        _require(not self.still_came, "a second still")
        self.still_came = True
        _require(untrusted.code == untrusted.subject == untrusted.start == 0, "a number where none belongs")
        fits = 0 < untrusted.a <= STILL_MOST_PX[0] and 0 < untrusted.b <= STILL_MOST_PX[1]
        _require(fits, "a still that is too large")

    def _signature(self, untrusted: Head) -> None:
        _require(self._setup.watch_s > 0, "a signature that was not asked for")
        _require(not (self._signature_came or self.still_came), "a second signature, or one behind its still")
        self._signature_came = True
        numbers = (untrusted.code, untrusted.subject, untrusted.start, untrusted.a, untrusted.b)
        _require(not any(numbers), "a number where none belongs")

    def _taught(self, untrusted: Head) -> None:
        _require(self._setup.teach is not None, "what was taught, unasked")
        _require(not self.taught_came, "what was taught a second time")
        self.taught_came = True
        _require(
            untrusted.code == untrusted.subject == untrusted.start == untrusted.b == 0, "a number where none belongs"
        )
        _require(untrusted.a == len(self._shelves[0].facings), "another number of facings")

    def _rehearsed(self, untrusted: Head) -> None:
        _require(self._setup.rehearse_s > 0, "numbers of a rehearsal that was not asked for")
        _require(self.still_came or self._setup.watch_s == 0, "numbers of a rehearsal before the still")
        known = untrusted.code in _MEASURES and untrusted.subject < len(self._places)
        key = (untrusted.subject, Measure(untrusted.code)) if known else (-1, Measure.PEOPLE)
        _require(key in self._meters, "a number of which it was not asked")
        _require(untrusted.start == untrusted.b == 0, "a number where none belongs")
        _require(self._meters[key].take(), "numbers of a rehearsal too often")
        if key[1] is Measure.PEOPLE:
            _require(untrusted.a <= MAX_PEOPLE, "more people than a place can hold")
            return
        last = self._totals.get(key, 0)
        _require(untrusted.a >= last, "a running total that runs backwards")
        most = math.ceil(MAX_CROSSINGS_PER_S * (self._clock() - self._began_s + REHEARSED_EVERY_S))
        _require(untrusted.a <= most, "a running total that grows too fast")
        self._totals[key] = untrusted.a


_MEASURES = frozenset(Measure)
_NOW = TeachState.NOW


def rehearsal_bits_per_minute(plan: Plan) -> float:
    """The most bits a minute that a room could hide in the numbers of a rehearsal, were it taken over.

    The still beside it is 8 * `STILL_BYTES` bits, and its signature 8 * `SIGNATURE_BYTES`, once.
    """
    told = 1.05 * 60 / REHEARSED_EVERY_S
    growing = math.log2(math.e * (MAX_CROSSINGS_PER_S * 60 / told + 2))
    bits = 0.0
    for place in rehearsed_at(plan.cameras[0]):
        for measure in place.measures:
            bits += told * (math.log2(MAX_PEOPLE + 2) if measure is Measure.PEOPLE else growing)
    return bits


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise GateError(f"the set-up room sent {what}; the record was refused and it was ended.")
