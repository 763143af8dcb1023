"""Hears what the rooms report, keeps tallies, and knows how the site is."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import structlog

from passerby.core.tallies import Tally
from passerby.errors import StoreError
from passerby.gate.audit_figures import Figures, with_fault
from passerby.gate.contract import FacingNow
from passerby.gate.faults import TEXTS
from passerby.gate.messages import HEALTH_EVERY_LIVE_S, CameraPlan, FaultCode, HealthFigure
from passerby.site.shelf_board import ShelfBoard
from passerby.site.state import CameraState, CameraStatus, LockdownState, OutputState, SiteState

_log = structlog.get_logger("passerby.site")
_SILENT_S = 3 * HEALTH_EVERY_LIVE_S
_MAX_WAITING = 100_000
_RATE_S = 0.9 * HEALTH_EVERY_LIVE_S
_FIELDS = {
    HealthFigure.FRAMES_READ: "frames_read",
    HealthFigure.FRAMES_ANALYSED: "frames_analysed",
    HealthFigure.PACKETS_DROPPED: "packets_dropped",
    HealthFigure.DECODE_ERRORS: "decode_errors",
    HealthFigure.WIDTH_PX: "width_px",
    HealthFigure.HEIGHT_PX: "height_px",
}
_PASSING_S = 600.0
_PASSING = frozenset(
    {
        *(FaultCode.SIZE_CHANGED, FaultCode.TIME_JUMPED, FaultCode.BAD_PACKET),
        *(FaultCode.CAMERA_MOVED, FaultCode.FACING_TOO_SMALL),
    }
)


@dataclass(slots=True)
class _Camera:
    state: CameraState
    figures: Figures
    advanced_s: float = 0.0
    passing_until_s: float = 0.0
    looked: tuple[float, int] = (0.0, 0)


class Watch:
    """The guard's listener for a site.

    Args:
        initial: the site before anything was heard.
        keep: takes tallies for good; it may raise `StoreError`, and is tried again.
        moved: takes the name of a camera that was moved.
        plans: of the cameras, for the names of their lines.

    Attributes:
        shelves: how each facing is now.
    """

    def __init__(
        self,
        initial: SiteState,
        keep: Callable[[list[Tally]], None],
        moved: Callable[[str], None] | None = None,
        plans: Iterable[CameraPlan] = (),
    ) -> None:
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._state = initial
        self._keep = keep
        self._moved = moved
        named = {plan.name: plan for plan in plans}
        self._cameras = {
            one.name: _Camera(one, Figures(named.get(one.name, CameraPlan(one.name)))) for one in initial.cameras
        }
        self._outputs: dict[str, OutputState] = {}
        self._waiting: deque[Tally] = deque(maxlen=_MAX_WAITING)
        self.store_problem: str | None = None
        self.shelves = ShelfBoard()

    def state(self) -> SiteState:
        """How the site is now; safe from any thread."""
        with self._lock:
            cameras = tuple(self._seen(camera) for camera in self._cameras.values())
            outputs = tuple(self._outputs.values())
            return replace(self._state, cameras=cameras, store_problem=self.store_problem, outputs=outputs)

    def output(self, told: OutputState) -> None:
        """How an output is; safe from any thread."""
        with self._lock:
            self._outputs[told.name] = told

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None:
        """A worker is shut in and counts."""
        _log.info("worker ready", worker=worker, landlock_abi=landlock_abi, seccomp=seccomp)
        self._lockdown(worker, landlock_abi=landlock_abi, seccomp=seccomp)

    def bytes_out(self, worker: int, count: int) -> None:
        """So many more bytes came out of a room."""
        self._lockdown(worker, bytes_out=self._worker(worker).bytes_out + count)

    def tally(self, tally: Tally) -> None:
        """A window was closed."""
        with self._flushing:
            if len(self._waiting) == _MAX_WAITING:
                _log.error("tallies lost", reason="the store has taken nothing for too long", lost=1)
            self._waiting.append(tally)
        self.flush()

    def flush(self) -> None:
        """Hands what waits to the store; what it does not take waits on. Safe from any thread."""
        with self._flushing:
            if self._waiting:
                self._hand_over(list(self._waiting))

    def _hand_over(self, waiting: list[Tally]) -> None:
        try:
            self._keep(waiting)
        except StoreError as error:
            if self.store_problem is None:
                _log.error("store", problem=str(error), waiting=len(waiting))
            self.store_problem = str(error)
            return
        if self.store_problem:
            _log.info("store works again", kept=len(waiting))
        self.store_problem = None
        self._waiting.clear()

    def health(self, camera: str, figure: HealthFigure, value: int, line: int = 0) -> None:
        """How a camera is doing."""
        with self._lock:
            known = self._cameras[camera]
            known.figures.take(figure, value, line)
            if figure in _FIELDS:
                known.state = replace(known.state, **{_FIELDS[figure]: value})  # type: ignore[arg-type]  # all are int
            elif figure is HealthFigure.MEDIA_MS:
                self._advance(known, value / 1000)
            elif figure is HealthFigure.OBSERVED_MS:
                known.state = replace(known.state, observed_s=value / 1000)
            elif figure is HealthFigure.CONNECTED and known.state.seconds:
                known.state = replace(known.state, reconnects=known.state.reconnects + 1)

    def shelf(self, now: FacingNow) -> None:
        """How a facing is."""
        self.shelves.tell(now)

    def fault(self, camera: str, code: FaultCode) -> None:
        """Something is wrong with a camera."""
        _log.warning("camera", camera=camera, fault=code.name.lower(), text=TEXTS[code])
        with self._lock:
            known = self._cameras[camera]
            status = known.state.status if code in _PASSING else CameraStatus.FAILED
            known.state = replace(known.state, fault=TEXTS[code], status=status)
            known.passing_until_s = time.monotonic() + _PASSING_S
            if code is FaultCode.CAMERA_MOVED:
                known.figures.moved()
        if code is FaultCode.CAMERA_MOVED and self._moved:
            self._moved(camera)

    def done(self, camera: str) -> None:
        """A recording was counted to its end."""
        with self._lock:
            known = self._cameras[camera]
            if known.state.status is not CameraStatus.FAILED:
                known.state = replace(known.state, status=CameraStatus.DONE)

    def refused(self, worker: int, reason: str) -> None:
        """A worker broke the contract and is replaced."""
        _log.error("message refused", worker=worker, reason=reason)
        with self._lock:
            self._state = replace(self._state, messages_refused=self._state.messages_refused + 1)

    def restarted(self, worker: int, reason: str) -> None:
        """A worker ended unasked and is replaced."""
        _log.error("worker restarts", worker=worker, reason=reason)
        self._lockdown(worker, landlock_abi=0, seccomp=False, restarts=self._worker(worker).restarts + 1)

    def _worker(self, worker: int) -> LockdownState:
        """How a worker is; the guard may have started more than there were."""
        with self._lock:
            known = self._state.lockdown
            more = tuple(LockdownState(f"worker {index + 1}") for index in range(len(known), worker + 1))
            self._state = replace(self._state, lockdown=known + more)
            return self._state.lockdown[worker]

    def _lockdown(self, worker: int, **changes: int | bool) -> None:
        now = self._worker(worker)
        with self._lock:
            states = list(self._state.lockdown)
            states[worker] = replace(now, **changes)  # type: ignore[arg-type]  # names checked by callers
            self._state = replace(self._state, lockdown=tuple(states))

    def _rate(self, known: _Camera) -> None:
        """Notes how often a camera is looked at, by its own seconds."""
        now_s, looks, (then_s, before) = known.state.seconds, known.state.frames_analysed, known.looked
        if now_s < then_s or looks < before:
            known.looked = (now_s, looks)  # a worker that replaces another begins at 0 again
        elif now_s - then_s >= _RATE_S:
            rate = round((looks - before) / (now_s - then_s), 2)
            known.looked, known.state = (now_s, looks), replace(known.state, looks_per_s=rate)

    def _advance(self, known: _Camera, seconds: float) -> None:
        if seconds > known.state.seconds or seconds < known.state.seconds - 1:
            known.advanced_s = time.monotonic()
            # Frames arrive: whatever was wrong with the stream is over.
            fault = known.state.fault if known.state.status is not CameraStatus.FAILED else None
            known.state = replace(known.state, status=CameraStatus.LIVE, fault=fault)
        known.state = replace(known.state, seconds=seconds)
        self._rate(known)

    def _seen(self, known: _Camera) -> CameraState:
        """How a camera is by now, with what the audit knows of it."""
        state = self._by_now(known)
        facts = with_fault(known.figures.facts(), frame_age_s=state.frame_age_s, fault=state.fault)
        return replace(state, video=facts.video, picture=facts.picture, placing=facts.placing)

    def _by_now(self, known: _Camera) -> CameraState:
        now_s, status = time.monotonic(), known.state.status
        if status is CameraStatus.LIVE and now_s > known.passing_until_s:
            known.state = replace(known.state, fault=None)
        if status is CameraStatus.DONE or not known.advanced_s:
            return known.state
        age_s = now_s - known.advanced_s
        if status is CameraStatus.LIVE and age_s > _SILENT_S:
            status = CameraStatus.STALLED
        return replace(known.state, status=status, frame_age_s=round(age_s, 1))


def initial_state(site: str, cameras: list[str], workers: int, *, unsafe: bool) -> SiteState:
    """A site before anything was heard."""
    return SiteState(
        site=site,
        cameras=tuple(CameraState(name) for name in cameras),
        lockdown=tuple(LockdownState(f"worker {index + 1}") for index in range(workers)),
        unsafe=unsafe,
    )
