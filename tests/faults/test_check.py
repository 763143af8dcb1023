"""`passerby check` on real RTSP cameras with planted faults: it reports exactly those and no others."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from passerby.cli import main
from passerby.gate.audit_contract import CHECK_GROUPS
from tests.support.hostile import Hostile, always
from tests.support.onvif_device import OnvifDevice, Speaking
from tests.support.planted import blurred, clip, tiles
from tests.support.program import Ran, passerby
from tests.support.rtsp_server import RtspServer, Serving, missing_parts
from tests.support.site import children, command_line, eventually, free_port, runs

pytestmark = [
    pytest.mark.skipif(missing_parts() is not None, reason=missing_parts() or ""),
    pytest.mark.timeout(300),  # eight cameras are looked at while the first test waits
]

PASSWORD = "correct-horse%2f"
USER = "viewer"
PLANTED = {
    "conforming": set(),
    "small and slow": {"resolution", "frame-rate-low"},
    "open": {"rtsp-open"},
    "frozen and blurred": {"frozen", "blurred"},
    "absent": {"unreachable"},
    "wrong password": {"password-refused"},
    "garbage": {"stream"},
    "stops midway": {"stream"},
}


@dataclass(frozen=True)
class Checked:
    """One run over all cameras."""

    ran: Ran
    junit: str
    command_lines: frozenset[bytes]

    def camera(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.ran.json["cameras"] if one["camera"] == name)
        return found


def camera(name: str, source: str, *more: str, password: str | None = "right") -> str:
    signed = [f"credentials: {{username: {USER}, password_file: {password}}}"] if password else []
    return "\n    ".join([f"  - name: {name}", f"source: {source}", *signed, *more]) + "\n"


def write(folder: Path, *cameras: str) -> Path:
    (folder / "right").write_text(PASSWORD)
    (folder / "wrong").write_text("not-the-password")
    file = folder / "site.yaml"
    file.write_text("cameras:\n" + "".join(cameras))
    return file


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Eight cameras, each with its fault."""
    folder = tmp_path_factory.mktemp("check")
    wall = tiles((1280, 720))
    large = clip(folder / "large.mkv", wall, 20)
    small = clip(folder / "small.mkv", tiles((640, 480)), 8)
    soft = clip(folder / "soft.mkv", blurred(wall), 20, frozen=True)
    secret: dict[str, Any] = {"user": USER, "password": PASSWORD}
    with ExitStack() as stack:

        def serve(file: Path, **more: Any) -> str:
            return stack.enter_context(RtspServer(Serving(file, **more))).url

        device = stack.enter_context(OnvifDevice(Speaking(username=USER, password=PASSWORD)))
        garbage = stack.enter_context(Hostile(always(b"\0\xff<html>" * 99)))
        yield write(
            folder,
            camera("conforming", serve(large, as_it_is=True, **secret), f"onvif: {device.url}"),
            camera("small and slow", serve(small, as_it_is=True, **secret)),
            camera("open", serve(large, as_it_is=True)),
            camera("frozen and blurred", serve(soft, as_it_is=True, **secret)),
            camera("absent", f"rtsp://127.0.0.1:{free_port()}/stream"),
            camera("wrong password", serve(small, as_it_is=True, **secret), password="wrong"),
            camera("garbage", f"rtsp://127.0.0.1:{garbage.port}/stream"),
            camera("stops midway", serve(large, stall_after_s=2.0, **secret)),
        )


@pytest.fixture(scope="module")
def checked(site: Path) -> Checked:
    """What a run said, and the command lines of all its processes."""
    junit, seen, over = site.with_name("junit.xml"), set[bytes](), threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            seen.update(command_line(int(one.name)) for one in Path("/proc").iterdir() if one.name.isdecimal())

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        ran = passerby("check", site, "--json", "--junit", junit, timeout_s=280)
    finally:
        over.set()
        watching.join()
    return Checked(ran, junit.read_text(), frozenset(seen))


@pytest.mark.parametrize("name", PLANTED)
def test_exactly_what_was_planted_is_found(checked: Checked, name: str) -> None:
    found = {one["check"] for one in checked.camera(name)["findings"]}
    assert found == PLANTED[name], checked.camera(name)


def test_the_conforming_camera_was_looked_at_wholly(checked: Checked) -> None:
    """What cannot be known in one short look, without anybody at a line, is named as such."""
    known = checked.camera("conforming")
    assert set(known["unseen"]) <= {"people-small", "placing-counting", "placing-masks", "moved", "default-password",
                                    "clock-zone", "clock-ntp", "frame-rate-announced"}  # fmt: skip
    assert known["device"]["manufacturer"] == "PythonCam"
    assert known["video"]["codec"] == "h264"
    assert (known["video"]["width_px"], known["video"]["height_px"]) == (1280, 720)
    assert known["video"]["fps"] == pytest.approx(20, abs=1)


def test_findings_say_what_was_seen_why_it_matters_and_how_to_mend_it(checked: Checked) -> None:
    for one in checked.ran.json["cameras"]:
        for finding in one["findings"]:
            assert finding["severity"] in ("note", "warning", "critical")
            assert finding["group"] == CHECK_GROUPS[finding["check"]]
            assert all(finding[key].endswith(".") for key in ("seen", "why", "mend"))


def test_findings_make_the_exit_status_one(checked: Checked) -> None:
    assert checked.ran.status == 1
    assert checked.ran.json["clean"] is False
    assert "Traceback" not in checked.ran.err


def test_junit_has_a_case_for_each_check_and_a_failure_for_each_fault(checked: Checked) -> None:
    root: Element = fromstring(checked.junit)
    assert [suite.get("name") for suite in root] == list(PLANTED)
    for suite in root:
        failed = {case.get("name") for case in suite if case.find("failure") is not None}
        assert failed == PLANTED[suite.get("name") or ""]
        assert suite.get("failures") == str(len(failed))
        assert len(suite) == int(suite.get("tests") or 0) == len(CHECK_GROUPS)


def test_no_password_is_in_anything_that_it_says_or_starts(checked: Checked) -> None:
    everything = f"{checked.ran.out}{checked.ran.err}{checked.junit}".encode() + b"\n".join(checked.command_lines)
    assert b"passerby.audit" in everything and b"passerby.feed.reader" in everything, "its processes were seen"
    for secret in (PASSWORD, "correct-horse", "not-the-password"):
        assert secret.encode() not in everything


def test_one_camera_alone_as_text(site: Path) -> None:
    ran = passerby("check", site, "--camera", "absent")
    assert ran.status == 1
    assert "CRITICAL  It does not answer at its address. (health: unreachable)" in ran.out
    assert "Why:" in ran.out and "Mend:" in ran.out
    assert "not looked at:" in ran.out
    assert "conforming" not in ran.out


def test_a_factory_password_is_found_where_an_operator_asks(tmp_path: Path) -> None:
    video = clip(tmp_path / "clip.mkv", tiles((320, 240)), 10, seconds=2.0)
    with RtspServer(Serving(video, user="admin", password="admin")) as server:
        site = write(tmp_path, camera("till", server.url, password=None))
        ran = passerby("check", site, "--json", "--try-default-passwords", "--yes")
    assert [one["check"] for one in ran.json["cameras"][0]["findings"]] == ["stream", "default-password"]
    assert "12345" not in ran.out


@pytest.mark.parametrize(
    ("cameras", "arguments", "words"),
    [
        ("  - {name: a, source: 'rtsp://u:hunter2@192.0.2.1/s'}\n", (), "credentials must not stand in the address"),
        ("  - {name: a, source: 'rtsp://192.0.2.1/s'}\n", ("--camera", "b"), "there is no camera b; there is: a"),
        ("  - {name: a, source: 'rtsp://192.0.2.1/s', check: kiosk}\n", (), "there is no profile kiosk"),
        ("  []\n", (), "none is given"),
        ("  - {name: a, source: 'rtsp://192.0.2.1/s'}\n", ("--try-default-passwords",), "add --yes"),
        ("  - {name: a, source: 'rtsp://192.0.2.1/s'}\n", ("--junit", "nowhere/x.xml"), "there is no folder nowhere"),
    ],
)
def test_where_it_cannot_look_it_says_why_and_ends_with_two(
    tmp_path: Path,
    cameras: str,
    arguments: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["passerby", "check", str(write(tmp_path, cameras)), *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert told.err.startswith("passerby:")
    assert words in told.err
    assert "hunter2" not in told.err


def test_ctrl_c_ends_it_and_leaves_no_process(site: Path) -> None:
    command = [sys.executable, "-m", "passerby.cli", "check", str(site), "--camera", "conforming"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0) as popen:
        started = eventually(lambda: len(children(popen.pid)) >= 2 and children(popen.pid), 60)
        os.killpg(popen.pid, signal.SIGINT)  # as a terminal does
        out, err = popen.communicate(timeout=60)
    assert popen.returncode == 130
    assert out == b""
    assert err.decode().strip() == "Stopped; nothing is told."
    eventually(lambda: not any(runs(pid) for pid in started or []))
