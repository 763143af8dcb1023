"""Looks at the cameras of a site once: at the devices by the audit's process, at the streams by the rooms."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from passerby.errors import ConfigError, LockdownError, PasserbyError
from passerby.gate import landlock
from passerby.gate.audit_contract import AuditCamera, CameraReport, Known, Order, VideoFacts
from passerby.gate.guard import Settings
from passerby.site.audit_order import audit_camera
from passerby.site.audits.child import COMMAND, AuditError, Child
from passerby.site.check.looking import look
from passerby.site.config import Camera, SiteConfig, load
from passerby.site.count import interruptible
from passerby.site.ready import job_of

Progress = Callable[[int, int], None]
"""Is told how many looks were taken, and of how many."""

_AT_ONCE = 4
_TICK_S = 0.2
_AUDIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look at.

    Attributes:
        cameras: names; all if there are none.
        default_passwords: try the factory's passwords; an operator has confirmed it.
        unsafe_no_lockdown: leave the rooms open. For development only.
    """

    cameras: tuple[str, ...] = ()
    default_passwords: bool = False
    unsafe_no_lockdown: bool = False


def wanted_cameras(config: SiteConfig, wanted: Wanted) -> tuple[Camera, ...]:
    """The cameras to look at.

    Raises:
        ConfigError: there is no camera of a name, or none at all.
    """
    known = [camera.name for camera in config.cameras]
    if not known:
        raise ConfigError(["cameras: none is given; add one, as the example of `passerby init` shows."])
    absent = [name for name in wanted.cameras if name not in known]
    if absent:
        raise ConfigError([f"there is no camera {name}; there is: {', '.join(known)}" for name in absent])
    return tuple(camera for camera in config.cameras if not wanted.cameras or camera.name in wanted.cameras)


def check(path: Path, wanted: Wanted, on_progress: Progress) -> tuple[CameraReport, ...] | None:
    """Looks at the cameras of a site.

    Args:
        path: the site's configuration.
        wanted: what to look at.
        on_progress: is told how far it is.

    Returns:
        A report for each camera, in the order of the configuration; None after Ctrl-C.

    Raises:
        ConfigError: the configuration is wrong, or a password cannot be read.
        LockdownError: the kernel cannot shut in what talks to cameras.
        PasserbyError: the audit ended, or did not answer.
    """
    config = load(path)
    cameras = wanted_cameras(config, wanted)
    if not wanted.unsafe_no_lockdown and landlock.abi() < landlock.ABI_WITH_PORTS:
        raise LockdownError("this kernel cannot shut in what talks to cameras. `passerby doctor` tells more.")
    asked = tuple(audit_camera(camera, config) for camera in cameras)
    with interruptible() as interrupted, Child(_command(wanted)) as child, _looks(config, cameras, wanted) as looks:
        once = _Once(child, looks, interrupted, on_progress)
        try:
            return once.reports(asked, wanted)
        except AuditError as error:
            raise PasserbyError(f"the audit of the cameras failed ({error}), so nothing is told.") from None


def _command(wanted: Wanted) -> tuple[str, ...]:
    return (*COMMAND, *(["--unsafe-no-lockdown"] if wanted.unsafe_no_lockdown else []))


@dataclass(slots=True)
class _Looks:
    """The looks at streams that are under way."""

    futures: dict[str, Future[Known]] = field(default_factory=dict)

    @property
    def done(self) -> int:
        return sum(one.done() for one in self.futures.values())

    @property
    def failed(self) -> bool:
        return any(one.done() and one.exception() for one in self.futures.values())


@contextmanager
def _looks(config: SiteConfig, cameras: Sequence[Camera], wanted: Wanted) -> Iterator[_Looks]:
    """Looks at the streams of some cameras as long as it is open, each behind locks of its own."""
    settings = Settings(unsafe_no_lockdown=wanted.unsafe_no_lockdown)
    over = threading.Event()

    def one(camera: Camera) -> Known:
        try:
            job = job_of(camera, config)
        except ConfigError:
            raise
        except PasserbyError as error:  # a recording that is not there
            return Known(VideoFacts(fault=str(error)))
        return look(job, settings, over.is_set)

    with ThreadPoolExecutor(_AT_ONCE, "look") as pool:
        try:
            yield _Looks({camera.name: pool.submit(one, camera) for camera in cameras})
        finally:
            over.set()
            pool.shutdown(wait=False, cancel_futures=True)


class _Once:
    """One look."""

    def __init__(self, child: Child, looks: _Looks, interrupted: Callable[[], bool], on_progress: Progress) -> None:
        self._child, self._looks = child, looks
        self._interrupted, self._on_progress = interrupted, on_progress

    def reports(self, asked: tuple[AuditCamera, ...], wanted: Wanted) -> tuple[CameraReport, ...] | None:
        """Asks the devices while the streams are looked at, and has all of it judged.

        Raises:
            AuditError: the audit ended, or does not answer.
        """
        self._child.order(Order(asked, default_passwords=wanted.default_passwords))
        waits = _AUDIT_S * (1 + len(asked) // _AT_ONCE)
        if not self._answers({one.name for one in asked}, waits, self._looks):
            return None
        known = {name: future.result() for name, future in self._looks.futures.items()}
        told = tuple(msgspec.structs.replace(one, known=known[one.name]) for one in asked)
        self._child.order(Order(told, probe=False))
        reports = self._answers({one.name for one in told}, _AUDIT_S)
        return tuple(reports[one.name] for one in told) if reports else None

    def _answers(self, names: set[str], waits_s: float, looks: _Looks | None = None) -> dict[str, CameraReport] | None:
        """A report for each name, and the end of all looks; None after Ctrl-C.

        Raises:
            AuditError: the audit ended, or does not answer.
        """
        reports: dict[str, CameraReport] = {}
        until_s = time.monotonic() + waits_s
        while len(reports) < len(names) or (looks and looks.done < len(names) and not looks.failed):
            if self._interrupted():
                return None
            reports |= {one.camera: one for one in self._child.answers(names - set(reports), _TICK_S)}
            if len(reports) < len(names) and time.monotonic() > until_s:
                raise AuditError(f"no answer within {waits_s:g} seconds")
            if looks:
                self._on_progress(len(reports) + looks.done, 2 * len(names))
        return reports
