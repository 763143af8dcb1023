"""Runs one set-up room for one camera, with a feed of its own, until it has told all or its time is over."""

import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from passerby.core.tallies import Measure
from passerby.errors import GateError, LockdownError, ModelError, PasserbyError, SourceError
from passerby.gate import contract
from passerby.gate.backoff import Backoff
from passerby.gate.faults import TEXTS
from passerby.gate.guard import Job
from passerby.gate.messages import FaultCode, Kind, LinePlan, Message, ModelPlan, Plan, SetupPlan, ZonePlan
from passerby.gate.rooms import FEED_COMMAND, Process, pipe, start_feed, start_worker
from passerby.gate.setup_contract import SetupContract
from passerby.gate.setup_messages import DoorReader, Head, Rehearsed, SetupKind, Still, Taught, longest_s
from passerby.gate.sources import SourceKind

ROOM_COMMAND = (sys.executable, "-I", "-m", "passerby.pixels.setup_room")
WATCH_S = 20
"""Seconds of video that a still is made of."""

_TICK_S = 0.25
_GRACE_S = 2.0
"""The kernel ends the room first; this is for one that it does not end."""

_START_S = 30.0
_LEAVE_S = 10.0
_NO_ANSWER = "the set-up room did not open. `passerby doctor` tells more."


@dataclass(frozen=True, slots=True)
class SetupSettings:
    """How set-up rooms are started.

    Attributes:
        model: the detector; None where no camera needs one.
        watch_s: seconds of video to make a still of.
        unsafe_no_lockdown: leave the room open. For development only.
        room_command, feed_command: what to start; tests start rooms that misbehave.
    """

    model: ModelPlan | None = None
    watch_s: int = WATCH_S
    unsafe_no_lockdown: bool = False
    room_command: tuple[str, ...] = ROOM_COMMAND
    feed_command: tuple[str, ...] = FEED_COMMAND


@dataclass(frozen=True, slots=True)
class Told:
    """All that a set-up room has told so far, and how it is.

    Attributes:
        still: the people-free still; None before it came, and for a room that was asked for none.
        signature: where the still has edges; it comes before the still.
        taught: what a shelf was taught; None before it came, and for a room that teaches none.
        rehearsed: the newest numbers of the rehearsal, in the order in which they first came.
        faults: what went wrong with the camera, each once; `gate.faults` has the words.
        locked: Landlock ABI and seccomp; None before it was shut in.
        connected_s: when the first packets of the camera came, on the monotonic clock; None before.
        bytes_out: how many bytes came through the door.
        problem: why it broke off, in words; None as long as it has not.
        ended: whether it is gone.
    """

    still: Still | None = None
    signature: bytes | None = None
    taught: Taught | None = None
    rehearsed: tuple[Rehearsed, ...] = ()
    faults: tuple[FaultCode, ...] = ()
    locked: tuple[int, bool] | None = None
    connected_s: float | None = None
    bytes_out: int = 0
    problem: str | None = None
    ended: bool = False

    def forgotten(self) -> "Told":
        """The same without what the room told."""
        return replace(self, still=None, signature=None, taught=None, rehearsed=())


class SetupSession:
    """One set-up room and its feed, in a thread of their own.

    Both processes end with the thread that started them, so that none outlives its session.

    Args:
        job: the camera.
        settings: how to start.
        setup: what the room is to do.
    """

    def __init__(self, job: Job, settings: SetupSettings, setup: SetupPlan) -> None:
        self._stop = threading.Event()
        # One thread writes it, whole; any may read it.
        self._told = Told()
        self._work = _Work(job, settings, setup, self._tell)
        self._thread = threading.Thread(target=self._run, name="set-up", daemon=True)
        self._thread.start()

    def told(self) -> Told:
        """What is known by now; safe from any thread."""
        return self._told

    def close(self) -> None:
        """Ends the room, and forgets what it told; safe from any thread, and more than once."""
        self._stop.set()
        self._thread.join()
        self._told = self._told.forgotten()

    def _run(self) -> None:
        try:
            self._work.run(self._stop)
        except PasserbyError as error:
            # Nothing is kept of a room that broke off: it may have lied before as well.
            self._told = replace(self._told.forgotten(), problem=str(error))
        except OSError as error:
            self._told = replace(
                self._told.forgotten(), problem=f"the set-up room could not be run ({error.strerror}). Try again."
            )
        finally:
            self._work.end()
            self._told = replace(self._told, ended=True)

    def _tell(self, **changes: object) -> None:
        self._told = replace(self._told, **changes)  # type: ignore[arg-type]  # names and types are those of `_Work`


class _Work:
    """What the thread of a session does: starts room and feed, hears both, and ends them."""

    def __init__(self, job: Job, settings: SetupSettings, setup: SetupPlan, tell: Callable[..., None]) -> None:
        self._job, self._settings, self._setup, self._tell = job, settings, setup, tell
        self._selector = selectors.DefaultSelector()
        self._room: Process | None = None
        self._feed: Process | None = None
        self._write_fd = -1
        self._feed_due_s: float | None = None
        self._backoff = Backoff()
        self._still: Still | None = None
        self._taught: Taught | None = None
        self._rehearsed: dict[tuple[str, Measure], Rehearsed] = {}
        self._faults: dict[FaultCode, None] = {}
        self._bytes = 0
        self._connected = False
        self._until_s = 0.0

    def run(self, stop: threading.Event) -> None:
        """Works until the room has ended, its time is over, or `stop`.

        Raises:
            LockdownError, ModelError, SourceError, GateError: it broke off.
        """
        self._start_room()
        self._until_s = time.monotonic() + _START_S + longest_s(self._setup)
        while not stop.is_set() and time.monotonic() < self._until_s:
            if self._feed_due_s is not None and self._feed_due_s <= time.monotonic():
                self._feed_due_s = None
                self._start_feed()
            for key, _ in self._selector.select(_TICK_S):
                if key.fd in self._selector.get_map() and not key.data():
                    return
        if not stop.is_set() and not self._has_worked:
            raise GateError(f"the time of the set-up room was over before {self._awaited}.{self._about_camera()}")

    def end(self) -> None:
        """Ends both processes."""
        self._end_feed()
        if self._room is not None:
            self._selector.unregister(self._room.door)
            self._room.end()
        if self._write_fd >= 0:
            os.close(self._write_fd)
        self._selector.close()

    def _start_room(self) -> None:
        read_fd, self._write_fd = pipe()
        camera = self._job.plan
        plan = Plan(
            # Nobody's face is looked at here, no map is kept, and the view may be another one than before.
            (
                msgspec.structs.replace(
                    camera,
                    lines=_plain(camera.lines),
                    zones=_plain(camera.zones),
                    heat_minimum=None,
                    reference=None,
                    shelves=camera.shelves if self._setup.teach else (),
                ),
            ),
            (read_fd,),
            self._settings.model if camera.view != "overhead" else None,
            unsafe_no_lockdown=self._settings.unsafe_no_lockdown,
            setup=self._setup,
        )
        try:
            self._room = start_worker(plan, self._settings.room_command)
        finally:
            os.close(read_fd)
        self._contract = SetupContract(plan, self._room.popen.pid)
        self._reader = DoorReader(self._contract.head)
        self._selector.register(self._room.door, selectors.EVENT_READ, self._hear_room)

    def _hear_room(self) -> bool:
        """Takes what the room says; whether it may say more."""
        assert self._room is not None
        untrusted = self._room.read()
        if untrusted is None:
            self._room_ended()
            return False
        self._bytes += len(untrusted)
        self._tell(bytes_out=self._bytes)
        for untrusted_head, untrusted_body in self._reader.feed(untrusted):
            self._take(untrusted_head, untrusted_body)
        return True

    def _take(self, untrusted: Head, untrusted_body: bytes) -> None:
        door = self._contract
        if untrusted.kind is SetupKind.READY:
            door.ready(untrusted)
            self._feed_due_s = time.monotonic()
            self._until_s = time.monotonic() + longest_s(self._setup) + _GRACE_S
            self._tell(locked=door.lock)
        elif untrusted.kind is SetupKind.FAULT:
            self._fault(door.fault(untrusted))
        elif untrusted.kind is SetupKind.STILL:
            self._still = door.still(untrusted, untrusted_body)
            self._until_s = time.monotonic() + self._setup.rehearse_s + _GRACE_S
            self._tell(still=self._still)
        elif untrusted.kind is SetupKind.SIGNATURE:
            # Any bytes of this length are one: a worker compares with it, and does nothing else.
            self._tell(signature=untrusted_body)
        elif untrusted.kind is SetupKind.TAUGHT:
            self._taught = door.taught(untrusted, untrusted_body)
            self._tell(taught=self._taught)
        else:
            told = door.rehearsed(untrusted)
            self._rehearsed[told.place, told.measure] = told
            self._tell(rehearsed=tuple(self._rehearsed.values()))

    def _fault(self, code: FaultCode) -> None:
        if self._contract.lock is None:
            self._refuse(code)
        self._faults[code] = None
        self._tell(faults=tuple(self._faults))

    def _refuse(self, code: FaultCode) -> None:
        assert self._room is not None
        reasons: dict[FaultCode, type[PasserbyError]] = {
            FaultCode.LOCKDOWN_IMPOSSIBLE: LockdownError,
            FaultCode.MODEL_FAILED: ModelError,
        }
        if code not in reasons:
            raise GateError("the set-up room spoke before it was shut in; it was ended.")
        raise reasons[code](self._room.last_words(wait_s=5) or _NO_ANSWER)

    def _room_ended(self) -> None:
        """Looks whether the room had done its work; its time may have ended a rehearsal."""
        assert self._room is not None
        # It has shut its door; on a busy machine the kernel takes a while to clear such a process away.
        words = self._room.last_words(wait_s=_LEAVE_S).splitlines()[-1:]
        status = self._room.popen.returncode
        if self._contract.lock is not None and self._has_worked and status in (0, -signal.SIGALRM):
            return
        said = f" Its last words: {words[0]}" if words else ""
        done = "its work was done" if self._has_worked else self._awaited
        raise GateError(f"the set-up room ended (status {status}) before {done}.{self._about_camera()}{said}")

    @property
    def _has_worked(self) -> bool:
        """Whether what had to come did."""
        has_still = self._still is not None or not self._setup.watch_s
        return has_still and (self._taught is not None or self._setup.teach is None)

    @property
    def _awaited(self) -> str:
        return "it had learnt the shelf" if self._setup.teach else "it had made a still"

    def _about_camera(self) -> str:
        return "".join(f" The camera: {TEXTS[code]}" for code in self._faults)

    # The feed

    def _start_feed(self) -> None:
        # One that told of its failure and stayed is not waited for.
        self._end_feed()
        unsafe = self._settings.unsafe_no_lockdown
        try:
            self._feed = start_feed(
                self._job.source, self._write_fd, unsafe=unsafe, command=self._settings.feed_command
            )
        except SourceError:
            if not self._starts_again:
                raise
            self._feed_failed(FaultCode.UNREACHABLE)
            return
        self._selector.register(self._feed.door, selectors.EVENT_READ, self._hear_feed)
        if not self._starts_again:
            # With the feed the only writer left, its end is the end of the video.
            os.close(self._write_fd)
            self._write_fd = -1

    @property
    def _starts_again(self) -> bool:
        return self._job.source.kind is SourceKind.STREAM

    def _hear_feed(self) -> bool:
        assert self._feed is not None
        untrusted = self._feed.read()
        if untrusted is None:
            self._end_feed()
            if self._feed_due_s is None and self._starts_again:
                self._feed_due_s = time.monotonic() + self._backoff.failed()
            return True
        for untrusted_message in self._feed.messages(untrusted):
            self._take_feed(untrusted_message)
        return True

    def _take_feed(self, untrusted: Message) -> None:
        assert self._feed is not None
        kind, code = contract.check_feed(untrusted)
        if kind is Kind.HEALTH:
            self._backoff.worked()
            if not self._connected:
                self._connected = True
                self._tell(connected_s=time.monotonic())
        elif code == FaultCode.LOCKDOWN_IMPOSSIBLE:
            raise LockdownError("the kernel cannot shut the feed in. `passerby doctor` tells more.")
        elif code != FaultCode.ENDED or self._starts_again:
            self._feed_failed(FaultCode(code))

    def _feed_failed(self, code: FaultCode) -> None:
        self._faults[code] = None
        self._tell(faults=tuple(self._faults))
        if self._starts_again:
            self._feed_due_s = time.monotonic() + self._backoff.failed()

    def _end_feed(self) -> None:
        feed, self._feed = self._feed, None
        if feed is not None:
            self._selector.unregister(feed.door)
            feed.end()


_Places = TypeVar("_Places", LinePlan, ZonePlan)


def _plain(places: tuple[_Places, ...]) -> tuple[_Places, ...]:
    return tuple(msgspec.structs.replace(place, masks=False) for place in places)
