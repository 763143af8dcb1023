"""What the probe finds at real devices: ipycam's ONVIF and GStreamer's RTSP server, open and shut."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from passerby.audit.ports import SERVICES
from passerby.audit.probe import probe
from passerby.gate.audit_contract import AuditCamera, DeviceFacts, Login
from tests.support import loops
from tests.support.clips import make_clip
from tests.support.hostile import Hostile, always
from tests.support.onvif_device import OnvifDevice, Speaking
from tests.support.rtsp_server import RtspServer, Serving

USER, PASSWORD = "viewer", "s3cret/w@rd"
LOGIN = Login(USER, PASSWORD)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "walk.mp4", seconds=1)


@pytest.fixture(scope="module")
def shut_stream(rtsp_parts: None, clip: Path) -> Iterator[RtspServer]:
    with RtspServer(Serving(clip, user=USER, password=PASSWORD)) as server:
        yield server


@pytest.fixture(scope="module")
def shut_device() -> Iterator[OnvifDevice]:
    with OnvifDevice(Speaking(username=USER, password=PASSWORD)) as device:
        yield device


def facts(
    source: str, *, onvif: str | None = None, login: Login | None = None, services: bool = False, factory: bool = False
) -> DeviceFacts:
    camera = AuditCamera("door", source=source, onvif=onvif, login=login)
    return loops.run(probe(camera, services=services, default_passwords=factory))


def test_a_camera_that_is_in_order(shut_stream: RtspServer, shut_device: OnvifDevice) -> None:
    seen = facts(shut_stream.url, onvif=shut_device.url, login=LOGIN, services=True)
    assert (seen.reachable, seen.onvif, seen.problems) == (True, True, ())
    assert (seen.manufacturer, seen.model, seen.firmware) == ("PythonCam", "IPyCam 1", "1.3.0")
    assert (seen.rtsp_open, seen.onvif_open, seen.refused_password) == (False, False, False)
    assert (seen.rtsp_plain, seen.http_plain, seen.rtsp_tls, seen.http_tls) == (True, True, False, False)
    assert (seen.certificates, seen.default_password) == ((), None)
    assert seen.listening is not None
    assert [port for port in seen.listening if port < 32768] == [], "from there on a test beside this one may have it"
    assert seen.clock is not None
    assert seen.clock.drift_s is not None
    assert abs(seen.clock.drift_s) < 5  # the same clock; a slow machine may take its time between asking and reading
    assert (seen.clock.zone, seen.clock.ntp) == ("GMT+00:00", True)


def test_a_camera_that_is_an_open_door(rtsp_server: Callable[[Serving], RtspServer], clip: Path) -> None:
    with OnvifDevice() as device:
        seen = facts(rtsp_server(Serving(clip)).url, onvif=device.url, login=LOGIN)
    assert (seen.rtsp_open, seen.onvif_open) == (True, True)
    assert seen.manufacturer == "PythonCam"
    assert seen.refused_password is None, "no password was needed, so it is not told whether it is right"
    assert (seen.listening, seen.rtsp_tls, seen.http_tls) == (None, None, None), "they were not asked for"


def test_a_wrong_password_is_tried_once_and_nowhere_else(shut_stream: RtspServer) -> None:
    with Hostile(always(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) as web:
        seen = facts(
            shut_stream.url, onvif=f"http://127.0.0.1:{web.port}/onvif/device_service", login=Login(USER, "wrong")
        )
    assert (seen.rtsp_open, seen.refused_password) == (False, True)
    assert not [one for one in web.asked if b"wsse" in one or b"Authorization" in one]


def test_a_password_that_onvif_alone_refuses(
    rtsp_server: Callable[[Serving], RtspServer], clip: Path, shut_device: OnvifDevice
) -> None:
    seen = facts(rtsp_server(Serving(clip)).url, onvif=shut_device.url, login=Login(USER, "wrong"))
    assert (seen.rtsp_open, seen.onvif_open, seen.refused_password) == (True, False, True)
    assert (seen.manufacturer, seen.clock) == (None, None)


def test_without_a_login_a_stranger_is_told_nothing(shut_stream: RtspServer, shut_device: OnvifDevice) -> None:
    seen = facts(shut_stream.url, onvif=shut_device.url)
    assert (seen.rtsp_open, seen.onvif_open, seen.refused_password) == (False, False, None)


def test_a_stream_over_tls_and_its_certificate(
    rtsp_server: Callable[[Serving], RtspServer], clip: Path, certificate: Path
) -> None:
    server = rtsp_server(Serving(clip, user=USER, password=PASSWORD, certificate=certificate))
    seen = facts(server.url, login=LOGIN, services=True)
    assert (seen.rtsp_open, seen.refused_password, seen.rtsp_plain, seen.rtsp_tls) == (False, False, False, True)
    [shown] = seen.certificates
    assert (shown.port, shown.trusted, shown.problem) == (server.port, False, "self-signed")
    assert shown.days_left is not None
    assert 1.5 < shown.days_left < 2.5


def test_a_password_in_clear_is_not_sent(rtsp_server: Callable[[Serving], RtspServer], clip: Path) -> None:
    seen = facts(rtsp_server(Serving(clip, user=USER, password=PASSWORD, digest=False)).url, login=LOGIN)
    assert (seen.rtsp_open, seen.refused_password) == (False, None)
    assert any("Basic" in text for text in seen.problems)


def test_a_stream_that_is_not_there(shut_stream: RtspServer) -> None:
    seen = facts(shut_stream.url.replace("/stream", "/none"), login=LOGIN)
    assert (seen.reachable, seen.rtsp_open) == (True, None)
    assert any("Check the path" in text for text in seen.problems)


@pytest.mark.parametrize("source", ["rtsp://127.0.0.1:1/a", "rtsp://no-such-host.invalid/a", "rtsp://a..b/"])
def test_a_camera_that_is_not_there(source: str) -> None:
    seen = facts(source, login=LOGIN, services=True, factory=True)
    assert (seen.reachable, seen.listening, seen.default_password) == (False, None, None)
    assert seen.problems


def test_a_service_that_should_not_listen(shut_stream: RtspServer) -> None:
    for port in sorted(port for port in SERVICES if port > 1024):
        try:
            listener = socket.create_server(("127.0.0.1", port))
        except OSError:
            continue  # somebody has it
        with listener:
            seen = facts(shut_stream.url, services=True)
        assert seen.listening is not None
        assert port in seen.listening
        return
    pytest.fail("all of them are taken")


def test_a_recording_is_no_device() -> None:
    camera = AuditCamera("clip", source=None)
    assert loops.run(probe(camera, services=True, default_passwords=True)) == DeviceFacts()


def test_a_factory_password_that_is_in_use_needs_no_try(rtsp_parts: None, clip: Path) -> None:
    with RtspServer(Serving(clip, user="admin", password="admin")) as server:
        seen = facts(server.url, login=Login("admin", "admin"), factory=True)
    assert (seen.default_password, seen.refused_password) == (True, False)


def test_a_factory_password_is_found_and_not_told(rtsp_parts: None, clip: Path) -> None:
    with RtspServer(Serving(clip, user="admin", password="admin")) as server:
        seen = facts(server.url, login=LOGIN, factory=True)
    assert (seen.default_password, seen.refused_password) == (True, True)


def test_a_factory_password_at_onvif(rtsp_server: Callable[[Serving], RtspServer], clip: Path) -> None:
    with OnvifDevice(Speaking(username="admin", password="admin")) as device:
        seen = facts(rtsp_server(Serving(clip)).url, onvif=device.url, factory=True)
    assert seen.default_password is True


def test_factory_passwords_of_an_open_camera_are_not_tried(
    rtsp_server: Callable[[Serving], RtspServer], clip: Path
) -> None:
    seen = facts(rtsp_server(Serving(clip)).url, factory=True)
    assert seen.default_password is None
    assert any("none was tried" in text for text in seen.problems)
