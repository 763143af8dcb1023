"""Looks at the cameras of a site once: at the devices by the audit's process, at the streams by the rooms."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from passerby.errors import ConfigError, LockdownError, PasserbyError, SourceError
from passerby.gate import landlock
from passerby.gate.audit_contract import AuditCamera, CameraReport, Known, Order, VideoFacts
from passerby.gate.guard import Settings
from passerby.records.interrupts import interruptible
from passerby.site.audit_order import audit_camera
from passerby.site.audits.child import COMMAND, UNSAFE, AuditError, Child
from passerby.site.check.looking import look
from passerby.site.config import Camera, SiteConfig, load
from passerby.site.ready import job_of
from passerby.site.usage import cores

Progress = Callable[[int, int], None]
"""Is told how many looks were taken, and of how many."""

_AT_ONCE = max(6, round(2 * cores()))
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
    settings = Settings(unsafe_no_lockdown=wanted.unsafe_no_lockdown)
    with interruptible() as interrupted, Child(_command(wanted)) as child, _Looks(config, settings) as looks:
        try:
            return _Once(child, looks, interrupted, on_progress).reports(asked, wanted)
        except AuditError as error:
            raise PasserbyError(f"the audit of the cameras failed ({error}), so nothing is told.") from None


def _command(wanted: Wanted) -> tuple[str, ...]:
    return (*COMMAND, *([UNSAFE] if wanted.unsafe_no_lockdown else []))


class _Looks:
    """The looks at streams that are under way, each behind locks of its own. They end with it.

    Args:
        config: the site's.
        settings: how to guard.
    """

    def __init__(self, config: SiteConfig, settings: Settings) -> None:
        self._config, self._settings = config, settings
        self._cameras = {camera.name: camera for camera in config.cameras}
        self._pool = ThreadPoolExecutor(_AT_ONCE, "look")
        self._over = threading.Event()
        self.futures: dict[str, Future[Known]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown(cancel_futures=True)

    def begin(self, name: str) -> None:
        """Begins to look at a camera, when it is its turn."""
        self.futures[name] = self._pool.submit(self._look, self._cameras[name])

    def _look(self, camera: Camera) -> Known:
        try:
            job = job_of(camera, self._config)
        except SourceError as error:  # a recording that is not there
            return Known(VideoFacts(fault=str(error)))
        return look(job, self._settings, self._over.is_set)

    @property
    def done(self) -> int:
        """How many are over."""
        return sum(one.done() for one in self.futures.values())

    @property
    def failed(self) -> bool:
        """Whether one cannot be had."""
        return any(one.done() and one.exception() for one in self.futures.values())


class _Once:
    """One look at all that is wanted: first at the devices, then at the streams of those that let us in."""

    def __init__(self, child: Child, looks: _Looks, interrupted: Callable[[], bool], on_progress: Progress) -> None:
        self._child, self._looks = child, looks
        self._interrupted, self._on_progress = interrupted, on_progress

    def reports(self, asked: tuple[AuditCamera, ...], wanted: Wanted) -> tuple[CameraReport, ...] | None:
        """Looks, and has all of it judged.

        Raises:
            AuditError: the audit ended, or does not answer.
        """
        self._child.order(Order(asked, default_passwords=wanted.default_passwords))
        if self._answers(asked, self._begin_look) is None or not self._looked(len(asked)):
            return None
        known = {name: future.result() for name, future in self._looks.futures.items()}
        told = tuple(msgspec.structs.replace(one, known=known.get(one.name)) for one in asked)
        self._child.order(Order(told, probe=False))
        reports = self._answers(told, lambda _: None)
        return tuple(reports[one.name] for one in told) if reports is not None else None

    def _begin_look(self, report: CameraReport) -> None:
        """A password that was refused is not tried again: cameras lock accounts."""
        device = report.device
        if device.reachable is not False and not device.refused_password:
            self._looks.begin(report.camera)

    def _answers(
        self, asked: tuple[AuditCamera, ...], hear: Callable[[CameraReport], None]
    ) -> dict[str, CameraReport] | None:
        """A report of each camera; None after Ctrl-C.

        Raises:
            AuditError: the audit ended, or does not answer.
        """
        names = {one.name for one in asked}
        reports: dict[str, CameraReport] = {}
        until_s = time.monotonic() + _AUDIT_S * (1 + len(asked) // _AT_ONCE)
        while len(reports) < len(names):
            if self._interrupted():
                return None
            for report in self._child.answers(names - set(reports), _TICK_S):
                reports[report.camera] = report
                hear(report)
            if time.monotonic() > until_s:
                raise AuditError("it does not answer")
            self._on_progress(len(reports) + self._looks.done, 2 * len(names))
        return reports

    def _looked(self, cameras: int) -> bool:
        """Waits until all looks are over; not so after Ctrl-C."""
        while self._looks.done < len(self._looks.futures) and not self._looks.failed:
            if self._interrupted():
                return False
            time.sleep(_TICK_S)
            self._on_progress(2 * cameras - len(self._looks.futures) + self._looks.done, 2 * cameras)
        return True
