"""What was found at the cameras of the venue in the browser tests: one with three faults, one that is well."""

import math

from passerby.gate.audit_contract import (
    CameraReport,
    CertificateFacts,
    ClockFacts,
    DeviceFacts,
    Group,
    PictureFacts,
    Severity,
    VideoFacts,
)
from passerby.site.state import CameraChecks, Moment, SiteChecks, StandingFinding

OPEN = StandingFinding(
    "rtsp-open", Group.SECURITY, Severity.CRITICAL, "Whoever asks gets the pictures, without a password.",
    "Anybody on the network can watch your visitors.", "Set a password on the camera and write it under credentials.",
    0.0,
)  # fmt: skip
FROZEN = StandingFinding(
    "frozen", Group.HEALTH, Severity.WARNING, "Not one pixel has changed for 40 s or more.",
    "A picture that stands still counts nobody.", "Take the camera's power away for ten seconds.", 0.0,
)  # fmt: skip
NTP = StandingFinding(
    "clock-ntp", Group.CLOCK, Severity.NOTE, "No time server is set.",
    "Its clock will run away from yours.", "Set a time server on the camera.", 0.0,
)  # fmt: skip


def since(one: StandingFinding, at_unix_s: float) -> StandingFinding:
    return StandingFinding(one.check, one.group, one.severity, one.seen, one.why, one.mend, at_unix_s)


def report(camera: str, now_unix_s: float) -> CameraReport:
    return CameraReport(
        camera,
        now_unix_s - 12,
        VideoFacts(10.0, "h264", 1280, 720, 20.0, 20.0, 2.0, 0.0, 0, 0.2),
        PictureFacts(dark=0.02, bright=0.01, sharpness=0.4, frozen_s=0.0),
        device=DeviceFacts(
            reachable=True, onvif=True, manufacturer="Example", model="Dome 5", firmware="<b>4.2</b>",
            certificates=(CertificateFacts(443, 61.0, trusted=True),), clock=ClockFacts(3.2, "CET-1CEST", ntp=False),
        ),
    )  # fmt: skip


def course(now_unix_s: float, *, gap: bool) -> tuple[Moment, ...]:
    """An hour: the stream of the one stalls for three minutes."""
    made = []
    for step in range(240):
        away = gap and 100 <= step < 112
        age_s = 15.0 * (step - 99) if away else 0.2 + 0.1 * math.sin(step)
        made.append(Moment(now_unix_s - 15 * (240 - step), age_s, None if away else 20 + math.sin(step / 9)))
    return tuple(made)


def checks(now_unix_s: float) -> SiteChecks:
    findings = tuple(since(one, now_unix_s - 3 * 3600) for one in (OPEN, FROZEN, NTP))
    return SiteChecks(
        (
            CameraChecks("entrance", report("entrance", now_unix_s), findings, course(now_unix_s, gap=True)),
            CameraChecks("garden", report("garden", now_unix_s), (), course(now_unix_s, gap=False)),
        )
    )
