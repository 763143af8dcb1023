"""What a site asks the audit of its cameras, and what it hears: one line of JSON each way, over pipes.

The audit is a process of its own, `python -m passerby.audit`, so that what talks to devices shares no memory with the
store and the page. An `Order` names cameras; for each of them comes one `CameraReport`. Facts are what was seen, None
where it was not looked at or could not be; findings are what is wrong with it. No fact is about a person: a height in
pixels is a quantile over many who crossed a line.
"""

from enum import IntEnum, StrEnum

import msgspec


class Group(StrEnum):
    """What a finding is about."""

    CONFORMANCE = "conformance"
    HEALTH = "health"
    CLOCK = "clock"
    SECURITY = "security"
    PLACING = "placing"


class Severity(IntEnum):
    """How bad a finding is; sorts the worst last."""

    NOTE = 1
    WARNING = 2
    CRITICAL = 3


CHECK_GROUPS = {
    check: group
    for group, checks in {
        Group.CONFORMANCE: "resolution frame-rate-low frame-rate-high frame-rate-announced codec keyframes stutter "
        "people-small",
        Group.HEALTH: "unreachable stream frame-age decode-errors dark over-exposed blurred frozen covered moved night",
        Group.CLOCK: "clock-drift clock-zone clock-ntp",
        Group.SECURITY: "rtsp-open onvif-open rtsp-plain http-plain certificate-end certificate-trust telnet services "
        "default-password password-refused",
        Group.PLACING: "placing-counting placing-masks",
    }.items()
    for check in checks.split()
}
"""All checks by id, and what they are about; `audit.checks.catalogue` says more of each, and docs/checks.md."""
CHECK_IDS = tuple(CHECK_GROUPS)


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a camera must conform to.

    Attributes:
        width_px, height_px: least size of the picture.
        fps_low, fps_high: least and most frames a second, as measured.
        keyframe_s: most seconds from one key frame to the next.
        person_px: least height of people where they are counted.
        codecs: that are good, as FFmpeg names them.
    """

    name: str = "entrance-720p"
    width_px: int = 1280
    height_px: int = 720
    fps_low: float = 15.0
    fps_high: float = 25.0
    keyframe_s: float = 4.0
    person_px: int = 80
    codecs: tuple[str, ...] = ("h264", "hevc")


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to sign in to a camera. It is never printed."""

    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Without the password."""
        return f"Login({self.username!r})"


class VideoFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was measured of a camera's stream.

    Attributes:
        span_s: seconds that it was measured over.
        codec: as FFmpeg names it: "h264", "hevc".
        fps: frames a second as they came; `announced_fps` as the stream says.
        keyframe_every_s: longest time from one key frame to the next.
        stutter: share of frames that came later than twice the usual time after the one before, 0..1.
        decode_errors: in the span.
        frame_age_s: seconds since the last frame.
        fault: what keeps it from being watched, in the words of `gate.faults`.
    """

    span_s: float = 0.0
    codec: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    fps: float | None = None
    announced_fps: float | None = None
    keyframe_every_s: float | None = None
    stutter: float | None = None
    decode_errors: int | None = None
    frame_age_s: float | None = None
    fault: str | None = None


class PictureFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the pixel room says of a camera's picture, as figures.

    Attributes:
        dark: share of the picture that is black, 0..1; `bright` that is burnt out.
        sharpness: 0 (nothing has an edge) .. 1.
        frozen_s: seconds for which not one pixel has changed; 0.0 where it lives.
        covered: something lies in front of the lens.
        moved: it shows another view than at set-up.
        night: it shows infra-red or no colour.
    """

    dark: float | None = None
    bright: float | None = None
    sharpness: float | None = None
    frozen_s: float | None = None
    covered: bool | None = None
    moved: bool | None = None
    night: bool | None = None


class PlacingFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How large people are where they are counted.

    Attributes:
        people: how many heights stand behind it; few of them tell nothing.
        height_low_px, height_median_px: 10th percentile and median height of people, in pixels of the full picture.
        masks: whether masks are to be judged there.
    """

    line: str
    people: int
    height_low_px: float
    height_median_px: float
    masks: bool = False


class ClockFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera's own clock. `drift_s` is how far it runs ahead of this machine's; None where it was not told."""

    drift_s: float | None = None
    zone: str | None = None
    ntp: bool | None = None


class CertificateFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate that a camera shows, on one of its ports.

    Attributes:
        port: that shows it.
        days_left: until it ends; negative after.
        trusted: whether this machine trusts it for the camera's name.
        problem: why not, in plain words.
    """

    port: int
    days_left: float | None = None
    trusted: bool = False
    problem: str | None = None


class DeviceFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A camera as a device on the network; None is "could not be told".

    Attributes:
        reachable: whether the port of its stream answers.
        onvif: whether it speaks ONVIF.
        manufacturer, model, firmware: as it says itself.
        rtsp_open: the stream is described to whoever asks without a password.
        onvif_open: ONVIF tells more to a stranger than the standard wants it to.
        rtsp_plain, http_plain: whether what is used is not encrypted; `rtsp_tls`, `http_tls` whether TLS is offered.
        certificates: of its ports.
        listening: ports that answer, of the list in `audit.ports`.
        default_password: one of the factory's passwords let us in; None where none was tried.
        refused_password: the password of the configuration was refused.
        problems: what could not be looked at and why, in plain words.
    """

    reachable: bool | None = None
    onvif: bool | None = None
    manufacturer: str | None = None
    model: str | None = None
    firmware: str | None = None
    rtsp_open: bool | None = None
    onvif_open: bool | None = None
    rtsp_plain: bool | None = None
    http_plain: bool | None = None
    rtsp_tls: bool | None = None
    http_tls: bool | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    listening: tuple[int, ...] | None = None
    default_password: bool | None = None
    refused_password: bool | None = None
    clock: ClockFacts | None = None
    problems: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is wrong with one camera.

    Attributes:
        check: id of the check, such as "frame-rate"; docs/checks.md has them all.
        seen: what was seen, with figures.
        why: why it matters.
        mend: what to do.
    """

    check: str
    group: Group
    severity: Severity
    camera: str
    seen: str
    why: str
    mend: str


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the rooms told of a camera's stream and its picture."""

    video: VideoFacts = VideoFacts()
    picture: PictureFacts = PictureFacts()
    placing: tuple[PlacingFacts, ...] = ()


class AuditCamera(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One configured camera. Nothing else on the network is touched.

    Attributes:
        name: as in the configuration.
        source: rtsp:// or rtsps:// address without credentials; None for a recording, which is no device.
        login: how to sign in; None for a camera that asks nothing.
        onvif: address of its ONVIF service, such as http://10.0.0.7:80/onvif/device_service; None to ask the usual
            one of the stream's host.
        profile: what it must conform to; None: nothing.
        muted: ids of checks whose findings are known and accepted, and not told.
        standard_offset_s: how far the site's standard time is ahead of UTC; None: the camera's zone is not judged.
        known: what is known of its stream and its picture; None: nothing yet. The audit opens no stream.
    """

    name: str
    source: str | None = None
    login: Login | None = None
    onvif: str | None = None
    profile: Profile | None = None
    muted: tuple[str, ...] = ()
    standard_offset_s: float | None = None
    known: Known | None = None


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to look at now.

    Attributes:
        cameras: which.
        probe: ask the devices too; False judges what is known, and what was last heard of the device.
        services: and try the ports of `audit.ports` and certificates as well, which a network's guards notice.
        default_passwords: try the factory's passwords; an operator has confirmed it.
    """

    cameras: tuple[AuditCamera, ...]
    probe: bool = True
    services: bool = True
    default_passwords: bool = False


class CameraReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is the matter with one camera.

    Attributes:
        looked_unix_s: when the device was last asked, or its pictures were judged.
        findings: the worst first; none where all is well.
        unseen: ids of checks for which a fact was missing.
        muted: ids of checks that failed, and are accepted by the configuration.
        failed: why it could not be looked at at all; None else.
    """

    camera: str
    looked_unix_s: float
    video: VideoFacts = VideoFacts()
    picture: PictureFacts = PictureFacts()
    placing: tuple[PlacingFacts, ...] = ()
    device: DeviceFacts = DeviceFacts()
    findings: tuple[Finding, ...] = ()
    unseen: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    failed: str | None = None
