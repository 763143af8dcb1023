"""What a site knows of itself at this moment, for the page, the API and the metrics."""

from dataclasses import dataclass, field
from enum import StrEnum

from passerby.gate.audit_contract import CameraReport, Group, PictureFacts, PlacingFacts, Severity, VideoFacts
from passerby.records.receivers import ReceiverState


class CameraStatus(StrEnum):
    """How a camera is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera, now.

    Attributes:
        fault: what is wrong and what to do about it, or None.
        seconds: length of video since the start.
        observed_s: how much of it was looked at.
        looks_per_s: how often it was looked at lately; None until that is known.
        frame_age_s: seconds since its video last went on; None before it began, and after a recording's end.
        video: how its stream is.
        picture: how its picture is.
        placing: how tall people are at its lines, where enough of them crossed.
    """

    name: str
    status: CameraStatus = CameraStatus.CONNECTING
    fault: str | None = None
    width_px: int = 0
    height_px: int = 0
    frames_read: int = 0
    frames_analysed: int = 0
    packets_dropped: int = 0
    decode_errors: int = 0
    reconnects: int = 0
    seconds: float = 0.0
    observed_s: float = 0.0
    looks_per_s: float | None = None
    frame_age_s: float | None = None
    video: VideoFacts = field(default=VideoFacts())
    picture: PictureFacts = field(default=PictureFacts())
    placing: tuple[PlacingFacts, ...] = ()

    @property
    def coverage(self) -> float:
        """The share of the video that was observed, 0..1."""
        return min(1.0, self.observed_s / self.seconds) if self.seconds else 0.0


AS_DEVICE = ("video", "picture", "placing")
"""What is told of a camera with what was found at it, by `/api/v1/cameras`."""


@dataclass(frozen=True, slots=True)
class LockdownState:
    """How one pixel worker is shut in. `complete` is False only under --unsafe-no-lockdown or before it started.

    Attributes:
        bytes_out: all bytes that were read at its room's door since the site started, also of those it replaced.
    """

    worker: str
    landlock_abi: int = 0
    seccomp: bool = False
    restarts: int = 0
    bytes_out: int = 0

    @property
    def complete(self) -> bool:
        """Whether both locks are on."""
        return self.landlock_abi > 0 and self.seccomp


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model in use, what it finds, and whether a better one could be had."""

    name: str
    licence: str
    sha256: str
    note: str = ""
    task: str = "persons"


@dataclass(frozen=True, slots=True)
class OutputState:
    """How one of those is whom the site tells: a broker, say. Whatever befalls it, the site counts on.

    Attributes:
        name: as the page shows it.
        ok: whether it takes what it is told.
        problem: what is wrong and what to do about it, or None.
    """

    name: str
    ok: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class HubState:
    """How it goes with the hub that the site sends its tallies to.

    Attributes:
        url: of the hub.
        problem: why it takes nothing now and what to do about it, or None.
        waiting: batches that it has not taken yet.
        oldest_unix_s: when the oldest of them was sealed; None where none waits.
        shed: batches that were given up since the disk was full, ever.
        taken_unix_s: when it last took something; None: not since the start.
        bytes_sent: to it since the start.
        clock_off_s: how far this machine's clock is ahead of the hub's.
    """

    url: str
    problem: str | None = None
    waiting: int = 0
    oldest_unix_s: int | None = None
    shed: int = 0
    taken_unix_s: float | None = None
    bytes_sent: int = 0
    clock_off_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StandingFinding:
    """Something that is wrong with a camera as a device, as `gate.audit_contract.Finding` has it, and since when."""

    check: str
    group: Group
    severity: Severity
    seen: str
    why: str
    mend: str
    since_unix_s: float


@dataclass(frozen=True, slots=True)
class Moment:
    """How a camera's stream was at a moment: seconds since its last frame, and frames a second; None: not known."""

    at_unix_s: float
    frame_age_s: float | None
    fps: float | None


@dataclass(frozen=True, slots=True)
class CameraChecks:
    """What was found when a camera was looked at as a device.

    Attributes:
        report: what was heard last; None before the first time.
        findings: that stand, the worst first.
        course: its stream in the last hour, the oldest first.
    """

    camera: str
    report: CameraReport | None = None
    findings: tuple[StandingFinding, ...] = ()
    course: tuple[Moment, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """Whether there is more than a note."""
        return any(one.severity >= Severity.WARNING for one in self.findings)


@dataclass(frozen=True, slots=True)
class SiteChecks:
    """The cameras as devices. It has what not everybody may see: `access` and `audits.told` say who.

    Attributes:
        problem: why the cameras are not looked at now, or None.
    """

    cameras: tuple[CameraChecks, ...] = ()
    problem: str | None = None

    def of(self, camera: str) -> CameraChecks:
        """Those of one camera."""
        return next((one for one in self.cameras if one.camera == camera), CameraChecks(camera))


@dataclass(frozen=True, slots=True)
class SiteState:
    """All of it. `checks` is told by `/api/v1/cameras` and not with the rest.

    Attributes:
        store_problem: why the store takes nothing now, or None.
        store_set_aside: that a damaged store was set aside and lies beside the present one, or None.
    """

    site: str
    cameras: tuple[CameraState, ...] = ()
    lockdown: tuple[LockdownState, ...] = ()
    models: tuple[ModelState, ...] = field(default=())
    unsafe: bool = False
    messages_refused: int = 0
    store_problem: str | None = None
    store_set_aside: str | None = None
    outputs: tuple[OutputState, ...] = ()
    receivers: tuple[ReceiverState, ...] = ()
    hub: HubState | None = None
    checks: SiteChecks = SiteChecks()
