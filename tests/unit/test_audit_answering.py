"""The audit's process keeps what it last heard of a device, and asks only for what an order wants."""

import pytest

from passerby.audit.answering import Answering
from passerby.gate.audit_contract import AuditCamera, CameraReport, Known, Order, VideoFacts
from tests.support import loops
from tests.support.hostile import Hostile, always

SHUT = b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm="a", nonce="b"\r\n\r\n'


@pytest.fixture
def reports() -> list[CameraReport]:
    """Of a camera that is asked wholly, for less, and of nothing any more."""
    with Hostile(always(SHUT)) as device:
        camera = AuditCamera("a", f"rtsp://127.0.0.1:{device.port}/s")
        known = AuditCamera("a", camera.source, known=Known(VideoFacts(12, "h264", fps=20)))

        async def asked() -> list[CameraReport]:
            answering = Answering()
            first = await answering.report(camera, Order((camera,)))
            before = len(device.asked)
            second = await answering.report(camera, Order((camera,), services=False))
            between = len(device.asked)
            third = await answering.report(known, Order((known,), probe=False))
            assert before < between == len(device.asked), "the third asked nobody"
            return [first, second, third]

        return loops.run(asked())


def test_what_is_asked_seldom_is_kept(reports: list[CameraReport]) -> None:
    first, second, _ = reports
    assert first.device.listening == second.device.listening == ()
    assert first.device.rtsp_tls is second.device.rtsp_tls is False


def test_what_is_known_is_judged_with_what_was_heard(reports: list[CameraReport]) -> None:
    _, second, third = reports
    assert third.device == second.device
    assert third.device.rtsp_open is False
    assert third.video.fps == 20


def test_a_camera_that_was_never_asked_has_no_facts() -> None:
    camera = AuditCamera("a", "rtsp://192.0.2.7/s")
    report = loops.run(Answering().report(camera, Order((camera,), probe=False)))
    assert report.device.reachable is None
    assert report.findings == ()
    assert "rtsp-open" in report.unseen
