"""Set-up mode of a site: begun by hand, one camera at a time, entered in the log, and over by itself."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

import msgspec
import structlog

from passerby.errors import InputError, StoreError
from passerby.gate.faults import TEXTS
from passerby.gate.guard import Job
from passerby.gate.messages import LinePlan, SetupPlan, ZonePlan
from passerby.gate.setup_messages import Rehearsed, Still
from passerby.gate.setup_session import SetupSession, SetupSettings, Told
from passerby.site.journal import Action, Journal
from passerby.site.setup.png import png

_log = structlog.get_logger("passerby.site")

SESSION_S = 600
"""Set-up mode is over after so long, whoever forgot it."""

BY_ITSELF = "passerby"
"""Who ended it, in the log, where nobody did."""


class SetupRefusedError(InputError):
    """Set-up mode cannot do that now; the text says why."""


class Phase(StrEnum):
    """How far a session is."""

    OPENING = "opening"
    """The room is being shut in, and the camera called."""

    WATCHING = "watching"
    """The camera is watched; the still comes when enough was seen."""

    READY = "ready"
    """The still is there, or a rehearsal is over; nobody looks at the camera."""

    REHEARSING = "rehearsing"
    """Crossings are counted and shown."""

    FAILED = "failed"
    """It broke off; `SetupState.problem` says why."""


@dataclass(frozen=True, slots=True)
class SetupState:
    """Set-up mode as it is now, for the banner on every page and for the page of set-up mode.

    Attributes:
        camera: whose picture.
        account: who began it.
        began_unix_s: when.
        ends_unix_s: when it ends at the latest.
        phase: how far it is.
        progress: share of the time to watch that has passed, 0..1; 1 once the still is there.
        has_still: whether there is a still to show.
        faults: what is wrong with the camera, in words.
        problem: why it broke off, in words; None as long as it has not.
        landlock_abi: of the room that is open or was the last; 0 before it was shut in.
        seccomp: whether the room is under its list of system calls.
    """

    camera: str
    account: str
    began_unix_s: float
    ends_unix_s: float
    phase: Phase
    progress: float = 0.0
    has_still: bool = False
    faults: tuple[str, ...] = ()
    problem: str | None = None
    landlock_abi: int = 0
    seccomp: bool = False


class _Session:
    """One camera in set-up mode, from its begin to its end: rooms come and go, the still stays in memory."""

    def __init__(self, job: Job, settings: SetupSettings, account: str, session_s: float) -> None:
        self.job = job
        self.account = account
        self.settings = settings
        self.began_unix_s = time.time()
        self.session_s = session_s
        self._until_s = time.monotonic() + session_s
        self.shown_to: set[str] = set()
        self._kept: Still | None = None
        self._kept_signature: bytes | None = None
        self._bytes_before = 0
        has_places = bool(job.plan.lines or job.plan.zones)
        self._setup = SetupPlan(settings.watch_s, self._left_s if has_places else 0)
        self._room = SetupSession(job, settings, self._setup)

    @property
    def _left_s(self) -> int:
        return max(1, round(self._until_s - time.monotonic()))

    @property
    def told(self) -> Told:
        """What its room has told."""
        return self._room.told()

    @property
    def still(self) -> Still | None:
        """The still, of the room that is open or of the first one."""
        return self._kept or self.told.still

    @property
    def signature(self) -> bytes | None:
        """The still's signature."""
        return self._kept_signature or self.told.signature

    @property
    def bytes_out(self) -> int:
        """Bytes that came out of its rooms."""
        return self._bytes_before + self._room.told().bytes_out

    def rehearse(self, lines: tuple[LinePlan, ...], zones: tuple[ZonePlan, ...]) -> None:
        """Replaces its room by one that only rehearses."""
        bytes_before = self.bytes_out
        self.close_room()
        self._bytes_before = bytes_before
        plan = msgspec.structs.replace(self.job.plan, lines=lines, zones=zones)
        self._setup = SetupPlan(0, self._left_s)
        self._room = SetupSession(Job(plan, self.job.source), self.settings, self._setup)

    def close_room(self) -> None:
        """Ends its room; the still is kept."""
        self._kept, self._kept_signature = self.still, self.signature
        self._room.close()

    def state(self) -> SetupState:
        """How it is now."""
        told = self.told
        abi, seccomp = told.locked or (0, False)
        return SetupState(
            camera=self.job.plan.name,
            account=self.account,
            began_unix_s=self.began_unix_s,
            ends_unix_s=self.began_unix_s + self.session_s,
            phase=self._phase(told),
            progress=1.0 if self.still else self._progress(told),
            has_still=self.still is not None,
            faults=tuple(TEXTS[code] for code in told.faults),
            problem=told.problem,
            landlock_abi=abi,
            seccomp=seccomp,
        )

    def _phase(self, told: Told) -> Phase:
        if told.problem is not None:
            return Phase.FAILED
        if told.ended or (self._setup.watch_s and told.still and not self._setup.rehearse_s):
            return Phase.READY
        if told.connected_s is None:
            return Phase.OPENING
        return Phase.WATCHING if self._setup.watch_s and told.still is None else Phase.REHEARSING

    def _progress(self, told: Told) -> float:
        if told.connected_s is None:
            return 0.0
        return min(0.99, (time.monotonic() - told.connected_s) / self.settings.watch_s)


class SetupMode:
    """Set-up mode of a site; safe from any thread. Closing it ends a session that is open.

    Args:
        jobs: the site's cameras.
        settings: how rooms are started.
        journal: where begin, showing and end are entered. What cannot be entered is not done.
        session_s: after how many seconds a session ends by itself.
    """

    def __init__(
        self, jobs: Iterable[Job], settings: SetupSettings, journal: Journal, session_s: float = SESSION_S
    ) -> None:
        self._jobs = {job.plan.name: job for job in jobs}
        self._settings = settings
        self._journal = journal
        self._session_s = session_s
        self._lock = threading.RLock()
        self._session: _Session | None = None
        self._timer: threading.Timer | None = None
        self._bytes_before = 0

    def begin(self, camera: str, account: str) -> SetupState:
        """Opens set-up mode for a camera, and starts to watch it.

        Where the camera has lines or zones already, a rehearsal of them follows the still.

        Args:
            camera: its name.
            account: who begins it, for the log.

        Raises:
            SetupRefusedError: there is no such camera, or a session is open.
            StoreError: it could not be entered in the log, and was not begun.
        """
        with self._lock:
            if camera not in self._jobs:
                raise SetupRefusedError(
                    f"there is no camera {camera}; it may need a reload of the configuration first."
                )
            if self._session is not None:
                raise SetupRefusedError(
                    f"{self._session.account} is setting up the camera {self._session.job.plan.name}. "
                    "End that first, or wait until it ends by itself."
                )
            self._journal.add(account, Action.SETUP_BEGAN, f"camera {camera}")
            session = self._session = _Session(self._jobs[camera], self._settings, account, self._session_s)
            self._timer = threading.Timer(self._session_s, self._expire, (session,))
            self._timer.daemon = True
            self._timer.start()
            return session.state()

    def rehearse(self, lines: tuple[LinePlan, ...], zones: tuple[ZonePlan, ...]) -> SetupState:
        """Begins to count at other lines and zones, from zero, in a new room; the still stays.

        Args:
            lines: in fractions of the picture, without masks.
            zones: the same. The camera's privacy masks stay as they are configured.

        Raises:
            SetupRefusedError: no session is open, its still has not come yet, or there is nothing to count at.
        """
        with self._lock:
            session = self._open()
            if not lines and not zones:
                raise SetupRefusedError("draw a line or a zone first; there is nothing to count at.")
            if not session.state().has_still:
                raise SetupRefusedError("the still has not come yet; wait for it, then draw.")
            session.rehearse(lines, zones)
            return session.state()

    def state(self) -> SetupState | None:
        """How set-up mode is now; None while it is not open. Cheap, for a banner on every page."""
        with self._lock:
            return self._session.state() if self._session else None

    def still_png(self, account: str) -> bytes | None:
        """The still as PNG; None before it came. Serve it with `Cache-Control: no-store`, and keep it nowhere.

        Args:
            account: who is shown it; the first time is entered in the log.

        Raises:
            SetupRefusedError: no session is open.
            StoreError: it could not be entered in the log, and is not shown.
        """
        with self._lock:
            session = self._open()
            still = session.still
            if still is None:
                return None
            if account not in session.shown_to:
                self._journal.add(account, Action.STILL_SHOWN, f"camera {session.job.plan.name}")
                session.shown_to.add(account)
        return png(still.width_px, still.height_px, still.rgb)

    def signature(self, camera: str) -> bytes | None:
        """The signature of the still that is open; None where none of this camera is."""
        with self._lock:
            session = self._session
            return session.signature if session and session.job.plan.name == camera else None

    def rehearsed(self) -> tuple[Rehearsed, ...]:
        """Running totals since the rehearsal began, new every two seconds; empty before the first."""
        with self._lock:
            return self._session.told.rehearsed if self._session else ()

    def end(self, account: str) -> None:
        """Ends set-up mode, if it is open, and forgets the still.

        Args:
            account: who ends it, for the log.
        """
        with self._lock:
            session, self._session = self._session, None
            if session is None:
                return
            assert self._timer is not None
            self._timer.cancel()
            session.close_room()
            self._bytes_before += session.bytes_out
            try:
                self._journal.add(account, Action.SETUP_ENDED, f"camera {session.job.plan.name}")
            except StoreError as error:
                # It has ended, whatever the disk says.
                _log.error("the end of set-up mode could not be entered in the log", problem=str(error))

    @property
    def bytes_out(self) -> int:
        """Bytes that left set-up rooms since the site started."""
        with self._lock:
            return self._bytes_before + (self._session.bytes_out if self._session else 0)

    def _open(self) -> _Session:
        if self._session is None:
            raise SetupRefusedError("set-up mode is not open; it may have ended by itself. Begin it again.")
        return self._session

    def _expire(self, session: _Session) -> None:
        with self._lock:
            if self._session is session:
                self.end(BY_ITSELF)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(BY_ITSELF)
