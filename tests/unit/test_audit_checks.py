"""Each check, with facts on both sides of its limit, and without the fact."""

import msgspec
import pytest

from passerby.audit.checks import Seen, judge
from passerby.audit.checks.catalogue import CATALOGUE
from passerby.audit.checks.clock import standard_offset
from passerby.audit.checks.judging import CHECKS
from passerby.gate.audit_contract import (
    CHECK_GROUPS,
    AuditCamera,
    CameraReport,
    CertificateFacts,
    ClockFacts,
    DeviceFacts,
    Login,
    PictureFacts,
    PlacingFacts,
    Profile,
    Severity,
    VideoFacts,
)
from passerby.gate.faults import TEXTS
from passerby.gate.messages import FaultCode

CAMERA = AuditCamera("door", "rtsp://192.0.2.7/s", Login("u", "p"), profile=Profile(), standard_offset_s=3600)
WELL = {
    "video": VideoFacts(12, "h264", 1280, 720, 20, 20, 2, 0, 0, 0.1),
    "picture": PictureFacts(0.1, 0.0, 0.6, 0.0, covered=False, moved=False, night=False),
    "placing": (PlacingFacts("line", 50, 220, 260, masks=True),),
    "device": DeviceFacts(
        reachable=True,
        onvif=True,
        rtsp_open=False,
        onvif_open=False,
        rtsp_plain=True,
        http_plain=True,
        rtsp_tls=False,
        http_tls=False,
        listening=(),
        default_password=False,
        refused_password=False,
        clock=ClockFacts(0.2, "CET-1CEST,M3.5.0,M10.5.0/3", ntp=True),
    ),
}


def seen(**changes: object) -> Seen:
    """A camera with which all is well, but for some facts: `video__fps=8`."""
    facts: dict[str, object] = {"camera": CAMERA} | WELL
    for key, value in changes.items():
        part, _, name = key.partition("__")
        facts[part] = msgspec.structs.replace(facts[part], **{name: value}) if name else value  # type: ignore[type-var]
    return Seen(**facts)  # type: ignore[arg-type]


def found(**changes: object) -> list[str]:
    return [one.check for one in judge(seen(**changes), 0.0).findings]


def test_every_check_is_in_the_catalogue_and_in_its_group() -> None:
    assert set(CHECKS) == set(CATALOGUE) == set(CHECK_GROUPS)


def test_nothing_is_found_where_all_is_well() -> None:
    report = judge(seen(), 12.0)
    assert (report.findings, report.muted, report.looked_unix_s) == ((), (), 12.0)
    assert not report.unseen


def test_what_was_not_looked_at_is_no_finding_and_is_named() -> None:
    report = judge(Seen(CAMERA), 0.0)
    assert report.findings == ()
    # The age of a frame and trust in a certificate are asked only where there is a stream and TLS.
    assert set(CHECK_GROUPS) - set(report.unseen) == {"frame-age"}


def fault(code: FaultCode) -> VideoFacts:
    return VideoFacts(fault=TEXTS[code])


def certificate(days_left: float, problem: str | None = None) -> dict[str, object]:
    return {"device__certificates": (CertificateFacts(443, days_left, trusted=problem is None, problem=problem),)}


def clock(**facts: object) -> dict[str, object]:
    return {"device__clock": ClockFacts(**facts)}  # type: ignore[arg-type]


SMALL = PlacingFacts("line", 50, 150, 180)
BOTH_SIDES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("resolution", {"video__height_px": 700}, {"video__height_px": 1080}),
    ("resolution", {"video__width_px": 720}, {"video__width_px": 720, "video__height_px": 1280}),
    (
        "frame-rate-low",
        {"video__fps": 14.5, "video__announced_fps": 15},
        {"video__fps": 14.9, "video__announced_fps": 15},
    ),
    (
        "frame-rate-high",
        {"video__fps": 30, "video__announced_fps": 30},
        {"video__fps": 25.5, "video__announced_fps": 25},
    ),
    ("frame-rate-announced", {"video__announced_fps": 25.5}, {"video__announced_fps": 22}),
    ("codec", {"video__codec": "other"}, {"video__codec": "hevc"}),
    ("keyframes", {"video__keyframe_every_s": 5}, {"video__keyframe_every_s": 4}),
    ("stutter", {"video__stutter": 0.2}, {"video__stutter": 0.04}),
    ("unreachable", {"video": fault(FaultCode.REFUSED)}, {}),
    ("unreachable", {"video": VideoFacts(), "device__reachable": False}, {"device__reachable": False}),
    ("unreachable", {"video": fault(FaultCode.UNREACHABLE), "device__reachable": False}, {}),
    ("stream", {"video": fault(FaultCode.UNREACHABLE)}, {}),
    ("stream", {"video": fault(FaultCode.NOT_FOUND)}, {"video__fault": TEXTS[FaultCode.CAMERA_MOVED]}),
    ("frame-age", {"video__frame_age_s": 40}, {"video__frame_age_s": 12}),
    ("decode-errors", {"video__decode_errors": 30}, {"video__decode_errors": 1}),
    ("dark", {"picture__dark": 0.8}, {"picture__dark": 0.75}),
    ("over-exposed", {"picture__bright": 0.3}, {"picture__bright": 0.25}),
    ("blurred", {"picture__sharpness": 0.36}, {"picture__sharpness": 0.38}),
    ("frozen", {"picture__frozen_s": 20}, {"picture__frozen_s": 5}),
    ("covered", {"picture__covered": True}, {}),
    ("moved", {"picture__moved": True}, {}),
    ("night", {"picture__night": True}, {}),
    ("clock-drift", clock(drift_s=-7300.0), clock(drift_s=4.0)),
    ("clock-zone", clock(zone="GMT0"), clock(zone="Europe/Paris")),
    ("clock-ntp", clock(ntp=False), clock(ntp=True)),
    ("rtsp-open", {"device__rtsp_open": True}, {}),
    ("onvif-open", {"device__onvif_open": True}, {}),
    ("rtsp-plain", {"device__rtsp_tls": True}, {"device__rtsp_tls": True, "device__rtsp_plain": False}),
    ("http-plain", {"device__http_tls": True}, {"device__http_tls": True, "device__http_plain": False}),
    ("certificate-end", certificate(-3.0), certificate(300.0)),
    ("certificate-trust", certificate(300.0, "self-signed"), certificate(300.0)),
    ("telnet", {"device__listening": (23,)}, {"device__listening": (554,)}),
    ("services", {"device__listening": (21, 37777)}, {"device__listening": ()}),
    ("default-password", {"device__default_password": True}, {}),
    ("password-refused", {"video": fault(FaultCode.UNAUTHORISED)}, {}),
    ("password-refused", {"device__refused_password": True}, {"device__refused_password": None}),
    ("placing-masks", {"placing": (msgspec.structs.replace(SMALL, masks=True),)}, {"placing": (SMALL,)}),
]


@pytest.mark.parametrize(("check", "bad", "good"), BOTH_SIDES)
def test_a_check_finds_what_it_is_for_and_no_more(check: str, bad: dict[str, object], good: dict[str, object]) -> None:
    assert found(**bad) == [check]
    assert found(**good) == []


def test_every_check_is_tried_here() -> None:
    assert {check for check, _, _ in BOTH_SIDES} | {"people-small", "placing-counting"} == set(CHECK_GROUPS)


def test_small_people_do_not_conform_and_are_missed() -> None:
    """At 1280x720, a detector's picture of 416 pixels leaves 24 of 74."""
    assert found(placing=(PlacingFacts("line", 50, 70, 90),)) == ["people-small"]
    assert found(placing=(PlacingFacts("line", 50, 50, 60),)) == ["people-small", "placing-counting"]
    assert found(placing=(PlacingFacts("line", 10, 85, 60),)) == []  # too few to tell
    finding = judge(seen(placing=(PlacingFacts("line", 50, 40, 90),)), 0.0).findings[0]
    assert "2.0 times as long" in finding.mend
    assert "50% of its distance" in finding.mend


def test_a_large_picture_needs_larger_people() -> None:
    large = {"video__width_px": 3840, "video__height_px": 2160}
    assert found(**large, placing=(PlacingFacts("line", 50, 120, 150),)) == ["placing-counting"]


def test_what_is_dark_or_covered_is_not_called_blurred_too() -> None:
    assert found(picture__dark=1.0, picture__sharpness=0.0) == ["dark"]
    assert found(picture__covered=True, picture__dark=1.0, picture__sharpness=0.0) == ["covered"]


def test_a_camera_that_refuses_the_password_is_told_of_once() -> None:
    assert found(video=VideoFacts(), device__refused_password=True) == ["password-refused"]


def test_a_camera_that_wants_a_password_and_gets_none_says_so() -> None:
    camera = msgspec.structs.replace(CAMERA, login=None)
    report = judge(seen(camera=camera, video=VideoFacts(fault=TEXTS[FaultCode.UNAUTHORISED])), 0.0)
    assert [one.check for one in report.findings] == ["stream"]
    assert "the configuration has none" in report.findings[0].seen


def test_of_a_stream_that_stands_still_no_rate_is_judged() -> None:
    still = {"video__fps": 0.0, "video__keyframe_every_s": 40.0}
    assert found(**still, video__fault=TEXTS[FaultCode.STALLED]) == ["stream"]
    assert found(**still, video__frame_age_s=40.0) == ["frame-age"]


def test_without_a_profile_nothing_has_to_conform() -> None:
    camera = msgspec.structs.replace(CAMERA, profile=None)
    assert found(camera=camera, video__fps=3, video__width_px=160, video__stutter=0.9) == []


def test_limits_of_an_own_profile_are_the_ones_that_hold() -> None:
    own = Profile("own", 640, 480, 5, 10, 10, 40)
    assert found(camera=msgspec.structs.replace(CAMERA, profile=own), video__fps=8, video__announced_fps=8) == []
    assert found(camera=msgspec.structs.replace(CAMERA, profile=own)) == ["frame-rate-high"]


def test_a_muted_finding_is_not_told_but_counted() -> None:
    camera = msgspec.structs.replace(CAMERA, muted=("night",))
    report: CameraReport = judge(seen(camera=camera, picture__night=True), 0.0)
    assert (report.findings, report.muted) == ((), ("night",))


def test_a_recording_is_no_device() -> None:
    camera = AuditCamera("clip", profile=Profile())
    report = judge(Seen(camera, WELL["video"], WELL["picture"]), 0.0)  # type: ignore[arg-type]
    assert report.findings == ()
    assert not {"rtsp-open", "clock-ntp", "unreachable"} & set(report.unseen)


def test_the_worst_comes_first() -> None:
    report = judge(seen(device__rtsp_open=True, picture__night=True, video__fps=8, video__announced_fps=8), 0.0)
    assert [one.severity for one in report.findings] == [Severity.CRITICAL, Severity.WARNING, Severity.NOTE]


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("CET-1CEST", 1), ("EST5EDT,M3.2.0,M11.1.0", -5), ("<+0530>-5:30", 5.5), ("UTC0", 0), ("GMT+08:00", -8),
     ("Asia/Tokyo", 9), ("Europe/Berlin", 1)],
)  # fmt: skip
def test_time_zones_are_read_as_posix_writes_them(zone: str, hours: float) -> None:
    offset = standard_offset(zone)
    assert offset is not None
    assert offset.total_seconds() == 3600 * hours


@pytest.mark.parametrize("zone", ["", "nowhere", "../../etc/passwd", "\0"])
def test_a_time_zone_that_is_none_is_not_judged(zone: str) -> None:
    assert standard_offset(zone) is None
