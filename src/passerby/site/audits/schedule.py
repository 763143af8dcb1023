"""When the cameras are looked at, and what is known of them then."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import structlog

from passerby.gate.audit_contract import AuditCamera, CameraReport, Known, Order, Severity
from passerby.gate.backoff import Backoff
from passerby.site.audits.child import COMMAND, UNSAFE, AuditError, Child
from passerby.site.audits.standing import Standing
from passerby.site.state import CameraChecks, CameraState, Moment, SiteChecks, SiteState, StandingFinding

_log = structlog.get_logger("passerby.site")
_STEP_S = 0.2
_COURSE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is looked.

    Attributes:
        judge_every_s: at what the site knows of the pictures.
        probe_every_s: at the devices themselves.
        services_every_s: at ports that should not listen, and certificates, too.
        probe_s: a device is asked for no longer than this (`audit.probe.DEADLINE_S`).
        answer_within_s: an audit that takes longer is replaced.
        sample_every_s: the course of the last hour has a moment so often.
        retry_s: an audit that ended is started again after so long, at first.
    """

    judge_every_s: float = 5.0
    probe_every_s: float = 30.0
    services_every_s: float = 6 * 3600.0
    probe_s: float = 15.0
    answer_within_s: float = 60.0
    sample_every_s: float = 15.0
    retry_s: float = 1.0

    @property
    def worst_device_s(self) -> float:
        """Longest from a change at a device to its being told, where the audit asks all of them at once.

        It changed just after it was asked, the next turn begins with a step of judging, and the answer takes its time.
        """
        return self.probe_every_s + self.judge_every_s + self.probe_s

    def worst_picture_s(self, known_after_s: float) -> float:
        """Longest from a change of the pictures to its being told.

        Args:
            known_after_s: until the site knows of it.
        """
        # It is to be seen twice, and a turn at the devices may lie between.
        return known_after_s + 2 * self.judge_every_s + self.probe_s


@dataclass(slots=True)
class _Camera:
    """A camera, and what is known of it as a device."""

    asked: AuditCamera
    course: deque[Moment]
    standing: Standing = field(default_factory=Standing)
    report: CameraReport | None = None

    def told(self) -> CameraChecks:
        return CameraChecks(self.asked.name, self.report, self.standing.findings, tuple(self.course))


@dataclass(slots=True)
class _Due:
    """What is to be asked next. An audit that was just started knows nothing, and is asked for all."""

    pace: Pace
    services_s: float = float("-inf")
    probed_s: float = float("-inf")

    def next(self, now_s: float) -> tuple[bool, bool]:
        """Whether to ask the devices, and whether for their services too."""
        services = now_s - self.services_s >= self.pace.services_every_s
        probe = services or now_s - self.probed_s >= self.pace.probe_every_s
        self.services_s = now_s if services else self.services_s
        self.probed_s = now_s if probe else self.probed_s
        return probe, services


class Audits:
    """Looks at cameras as long as it is open, in a thread of its own. The audit is a process, replaced if need be.

    Args:
        cameras: what the audit is told of each, but for what the site knows.
        pace: how often is looked.
        command: what is started.
        clock: Unix seconds.

    Attributes:
        pace: how often is looked.
    """

    def __init__(
        self,
        cameras: Sequence[AuditCamera],
        pace: Pace | None = None,
        command: tuple[str, ...] = COMMAND,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.pace = pace or Pace()
        moments = int(_COURSE_S / self.pace.sample_every_s)
        self._cameras = {one.name: _Camera(one, deque(maxlen=moments)) for one in cameras}
        self._command, self._clock = command, clock
        self._closed = threading.Event()
        self._backoff = Backoff(self.pace.retry_s)
        self._sampled_s = float("-inf")
        self._problem: str | None = None
        self._told = self._now()

    def checks(self) -> SiteChecks:
        """What is known now. Safe from any thread."""
        return self._told

    @contextmanager
    def looking(self, state: Callable[[], SiteState], *, unsafe: bool = False) -> Iterator[None]:
        """Looks as long as it is open.

        Args:
            state: how the site is.
            unsafe: the audit is not shut in, for development.
        """
        self._command += (UNSAFE,) if unsafe else ()
        thread = threading.Thread(target=self._work, args=(state,), name="audits", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._closed.set()
            thread.join()

    def _work(self, state: Callable[[], SiteState]) -> None:
        while not self._closed.is_set():
            try:
                with Child(self._command) as child:
                    self._session(child, state)
            except (AuditError, OSError) as error:
                problem = f"the cameras are not looked at as devices: the audit is started again ({error})"
                if problem != self._problem:
                    _log.warning("the audit of the cameras is replaced", reason=str(error))
                self._problem = problem
                self._told = self._now()
                self._wait(self._backoff.failed(), state)

    def _session(self, child: Child, state: Callable[[], SiteState]) -> None:
        """Asks one audit again and again.

        Raises:
            AuditError: it is to be replaced.
        """
        due = _Due(self.pace)
        while not self._closed.is_set():
            asked_s = time.monotonic()
            probe, services = due.next(asked_s)
            child.order(Order(self._asked(state()), probe=probe, services=services))
            self._listen(child, state)
            self._backoff.worked()
            self._wait(self.pace.judge_every_s - (time.monotonic() - asked_s), state)

    def _asked(self, state: SiteState) -> tuple[AuditCamera, ...]:
        known = {one.name: known_of(one) for one in state.cameras}
        return tuple(msgspec.structs.replace(one.asked, known=known.get(name)) for name, one in self._cameras.items())

    def _listen(self, child: Child, state: Callable[[], SiteState]) -> None:
        """Hears what was asked for, until all of it is there."""
        waited = set(self._cameras)
        until_s = time.monotonic() + self.pace.answer_within_s
        while waited and not self._closed.is_set():
            for report in child.answers(waited, _STEP_S):
                waited.discard(report.camera)
                self._hear(report)
            self._sample(state)
            if time.monotonic() > until_s:
                raise AuditError(f"no answer within {self.pace.answer_within_s:g} seconds")
        if not waited:
            self._problem = None
            self._told = self._now()

    def _hear(self, report: CameraReport) -> None:
        camera, now = self._cameras[report.camera], self._clock()
        began, ended = camera.standing.hear(report, now)
        camera.report = report
        for one in began:
            _say(one, report.camera)
        for one in ended:
            _log.info("a camera's check is well again", camera=report.camera, check=one.check)
        self._told = self._now()

    def _wait(self, seconds: float, state: Callable[[], SiteState]) -> None:
        until_s = time.monotonic() + seconds
        while (rest_s := until_s - time.monotonic()) > 0 and not self._closed.wait(min(rest_s, _STEP_S)):
            self._sample(state)

    def _sample(self, state: Callable[[], SiteState]) -> None:
        now_s = time.monotonic()
        if now_s - self._sampled_s < self.pace.sample_every_s:
            return
        self._sampled_s = now_s
        for camera in state().cameras:
            if camera.name in self._cameras:
                self._cameras[camera.name].course.append(moment_of(camera, self._clock()))
        self._told = self._now()

    def _now(self) -> SiteChecks:
        return SiteChecks(tuple(one.told() for one in self._cameras.values()), self._problem)


def _say(one: StandingFinding, camera: str) -> None:
    level = _log.info if one.severity is Severity.NOTE else _log.warning
    level("a camera's check failed", camera=camera, check=one.check, severity=one.severity.name.lower(), seen=one.seen)


def known_of(camera: CameraState) -> Known:
    """What the site knows of a camera, so that the audit opens no second stream."""
    return Known(camera.video, camera.picture, camera.placing)


def moment_of(camera: CameraState, now_unix_s: float) -> Moment:
    """How a camera's stream is."""
    return Moment(now_unix_s, camera.frame_age_s, camera.video.fps)
