"""Addresses that point inwards, and files that unfold: what a running site and a hub's commands make of them."""

import functools
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from passerby.errors import ConfigError, PasserbyError, SourceError
from passerby.gate import landlock, seccomp
from passerby.gate.addresses import is_metadata
from passerby.gate.sources import parse
from passerby.hub.config import load as load_hub
from passerby.hub.register.venue_list import read_list
from passerby.records.receivers import Message, NotSentError, Service, Webhook
from passerby.site.paper.delivery import Made, to_folder
from tests.support.clips import make_clip
from tests.support.faults import noted
from tests.support.hostile import Hostile, always, http
from tests.support.program import in_words, passerby
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, eventually, overhead_camera

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]

MIB = 1 << 20
ALERT = Message("Too full", "82 people are in the hall.", {"event": "began"})
METADATA = (
    "169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.43518", "[::ffff:169.254.169.254]", "[fd00:ec2::254]",
    "metadata.google.internal", "METADATA.goog.", "169.254.170.2", "100.100.100.200",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[RunningSite]:
    folder = tmp_path_factory.mktemp("venue")
    clip = make_clip(folder / "walk.mp4", seconds=6)
    with RtspServer(Serving(clip)) as server, RunningSite(folder, overhead_camera("hall", server.url)) as site:
        site.start()
        site.wait_live()
        yield site


def mistakes(site: RunningSite, text: str) -> str:
    """What the running site says to a configuration; it must refuse it."""
    config = site.log.parent / "site.yaml"
    before = config.read_text()
    config.write_text(text)
    try:
        answer = httpx.post(f"http://127.0.0.1:{site.port}/api/v1/reload", trust_env=False, timeout=60)
    finally:
        config.write_text(before)
    assert answer.status_code == 422, answer.text
    return " ".join(one["message"] for one in answer.json()["error"]["problems"])


def test_addresses_of_a_site_that_no_camera_or_receiver_has(site: RunningSite) -> None:
    config = (site.log.parent / "site.yaml").read_text()
    (source,) = re.findall(r"source: (\S+)", config)
    hook = "notify: [{name: duty, webhook: %s, secret_env: HOOK}]\n"
    cases = [(config.replace(source, f"rtsp://{one}/live"), "a cloud tells its machines") for one in METADATA]
    cases += [(config.replace(source, one), "only rtsp:// and rtsps://") for one in SCHEMES]
    cases += [
        (hook % "https://169.254.169.254/latest/meta-data" + config, "a cloud tells its machines"),
        (hook % "http://10.0.0.7/admin" + config, "write https://"),
        (hook % "file:///etc/passwd" + config, "https://"),
        ("mqtt: {host: 169.254.169.254}\n" + config, "a cloud tells its machines"),
        ("mqtt: {host: 'unix:///run/docker.sock'}\n" + config, "name or an address alone"),
        ("hub: {url: 'https://169.254.169.254', key: x}\n" + config, "a cloud tells its machines"),
        ("hub: {url: 'file:///etc/passwd', key: x}\n" + config, "https://hub.example"),
        (config.replace("view:", "onvif: http://169.254.169.254/latest\n    view:"), "a cloud tells its machines"),
        (config.replace("view:", "onvif: file:///etc/passwd\n    view:"), "ONVIF service"),
    ]
    with noted("addresses") as note:
        for text, said in cases:
            assert said in mistakes(site, text), text
            note.once()
        goes_on(site)


SCHEMES = ("http://127.0.0.1/", "https://10.0.0.7/", "gopher://10.0.0.7/", "tcp://10.0.0.7:22", "file:///etc/passwd")


def goes_on(site: RunningSite) -> None:
    """It is as it was, and counts."""
    assert site.log.read_text().count('"site open"') == 1
    before_s = site.camera("hall")["observed_s"]
    eventually(lambda: site.camera("hall").get("observed_s", 0) > before_s + 1)


def test_addresses_of_a_hub(tmp_path: Path) -> None:
    lines = (
        "hub: {url: 'https://metadata.google.internal'}",
        "oidc: {issuer: 'https://169.254.169.254', client_id: a, secret_env: A, roles: [{group: a, role: viewer,",
        "  whole_hub: true}]}",
        "notify: [{name: duty, webhook: 'https://[fd00:ec2::254]/', secret_env: A}]",
    )
    (tmp_path / "hub.yaml").write_text("\n".join(lines))
    with pytest.raises(ConfigError) as refused:
        load_hub(tmp_path)
    with noted("addresses") as note:
        for key in ("hub.url", "oidc.issuer", "notify[0].webhook"):
            assert f"{key}: there a cloud tells" in str(refused.value)
            note.once()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_no_receiver_leads_elsewhere(status: str) -> None:
    with Hostile(always(http(b"ok"))) as inner, noted("addresses") as note:
        leads = always(http(b"the secrets of the inside", status, f"Location: http://127.0.0.1:{inner.port}/admin"))
        with Hostile(leads) as outer:
            here = f"127.0.0.1:{outer.port}"
            for way in (Webhook(f"http://{here}/", "secret"), Service("duty", f"json://{here}/?redirect=yes")):
                with pytest.raises(NotSentError) as refused:
                    way.send(ALERT)
                assert "secrets" not in str(refused.value)
                note.once()
            assert len(outer.asked) == 2
        assert inner.asked == []


def test_an_apprise_url_to_a_metadata_service_is_refused() -> None:
    with noted("addresses") as note:
        for host in ("169.254.169.254", "metadata.google.internal"):
            with pytest.raises(ConfigError, match="a cloud tells"):
                Service("duty", f"json://{host}/latest")
            note.once()


def test_a_name_that_leads_elsewhere_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["192.0.2.7", "169.254.169.254"]

    def resolve(_host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    camera = parse("rtsp://camera.example/live")
    with noted("addresses") as note:
        plan, _ = camera.feed_plan(-1, unsafe=False)
        assert (plan.location, plan.port) == ("rtsp://192.0.2.7:554/live", 554), (
            "the feed asks for no name, and no other port"
        )
        note.once()
        with pytest.raises(SourceError, match="a cloud tells"):
            camera.feed_plan(-1, unsafe=False)
        note.once()
    assert not any(map(is_metadata, ("10.0.0.7", "127.0.0.1", "169.254.10.20", "fe80::1%eth0", "camera.example", "ü")))


def test_nobody_gives_a_site_an_address_by_its_page(site: RunningSite) -> None:
    """Whom it asks is written at the machine: who uses the API can name no host, and cannot look for ports."""
    paths = site.get("/api/openapi.json")["paths"]
    taken = {name for ways in paths.values() for way in ways.values() for name in names_in(way)}
    with noted("addresses") as note:
        assert taken and not taken & {"url", "host", "address", "source", "port", "webhook", "onvif"}, taken
        assert {path for path, ways in paths.items() if "post" in ways} == {
            "/api/v1/reload", "/api/v1/places/{place}/correction", "/api/v1/places/{place}/reset",
        }  # fmt: skip
        note.once()


def names_in(way: dict[str, object]) -> set[str]:
    """Names of the parameters of a route."""
    parameters = way.get("parameters", [])
    assert isinstance(parameters, list)
    return {one["name"] for one in parameters}


def laughs() -> str:
    """A thousand million laughs."""
    lines = ["a0: &a0 [ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines)


BOMBS = {
    "aliases": laughs(),
    "itself": "a: &a [*a]\n",
    "brackets": "a: " + "[" * 500_000,
    "braces": "{a: " * 200_000,
    "questions": "? " * 500_000,
    "python": "a: !!python/object/apply:os.system ['touch /tmp/passerby-was-here']\n",
    "tag": "a: !anything b\n",
    "bytes": "a: !!binary " + "A" * 1000,
    "twice": "window_s: 60\nwindow_s: 900\n",
    "base 60": "window_s: 1" + ":1" * 500_000,
    "number": "window_s: " + "9" * 1_000_000,
    "hexadecimal": "window_s: 0x" + "f" * 1_000_000,
    "infinite": "window_s: .inf",
    "text": "site: {name: " + "x" * 1_000_000 + "}",
    "values": "a: [" + "b," * 500_000 + "]",
    "keys": "".join(f"k{n}: 1\n" for n in range(20_000)),
    "nul": 'cameras: [{name: a, source: "a\\0b"}]',
    "documents": "---\n" * 200_000,
    "large": "#" * (100 * MIB),
}


def test_a_running_site_takes_no_configuration_that_unfolds(site: RunningSite) -> None:
    with noted("yaml-bombs") as note:
        before_mb = peak_mb(site.pid)
        for name, text in BOMBS.items():
            began_s = time.monotonic()
            said = mistakes(site, text)
            assert 0 < len(said) < 100_000, name
            assert time.monotonic() - began_s < 30, name
            note.once()
        assert peak_mb(site.pid) - before_mb < 250
        assert not Path("/tmp/passerby-was-here").exists()  # noqa: S108 - what a bomb would have made
        goes_on(site)


def peak_mb(pid: int) -> int:
    """The most memory that a process ever had, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


def test_a_hub_takes_none_either(tmp_path: Path) -> None:
    with noted("yaml-bombs") as note:
        for name, text in BOMBS.items():
            (tmp_path / "hub.yaml").write_text(text)
            began_s = time.process_time()
            with pytest.raises(ConfigError) as refused:
                load_hub(tmp_path)
            assert len(str(refused.value)) < 100_000, name
            assert time.process_time() - began_s < 10, name
            note.once()
        (tmp_path / "hub.yaml").write_text(BOMBS["aliases"])
        assert "aliases" in in_words(passerby("hub", "run", tmp_path))
        note.once()


HEAD = "slug,name,zone\n"
LISTS = {
    "large": HEAD + "x" * (17 * MIB),
    "one cell": HEAD + "a," + "x" * (15 * MIB),
    "columns": "slug," * (3 * MIB),
    "lines": HEAD + "a,A,UTC\n" * MIB,
    "quotes": HEAD + 'a,"' + "x" * (15 * MIB),
    "cells": HEAD + "a," * (7 * MIB),
    "formula": "slug,=cmd()\na,b\n",
    "nothing": "\n" * (15 * MIB),
}


def test_a_list_of_venues_that_unfolds_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "venues.csv"
    with noted("yaml-bombs") as note:
        for name, text in LISTS.items():
            file.write_text(text)
            began_s = time.process_time()
            with pytest.raises(ConfigError) as refused:
                read_list(file)
            assert len(str(refused.value)) < 100_000, name
            assert time.process_time() - began_s < 10, name
            note.once()


def test_a_report_follows_no_link_in_its_folder(tmp_path: Path) -> None:
    """Others may write into the folder of reports."""
    own = tmp_path / "own.txt"
    own.write_text("mine")
    folder = tmp_path / "reports"
    folder.mkdir()
    for link in (".day.pdf.part", ".day.csv.part", "day.pdf", "day.csv"):
        (folder / link).symlink_to(own)
    made = Made(name="day", subject="s", body="b", page=b"%PDF", table="a,b\n")
    with noted("paths") as note:
        assert to_folder(folder)(made) is None
        note.once()
    assert own.read_text() == "mine"
    assert (folder / "day.csv").read_text() == "a,b\n" and not (folder / "day.pdf").is_symlink()


@pytest.mark.parametrize("path", ["../../../etc/shadow", "/etc/shadow", "/proc/self/environ", "/dev/zero", "."])
def test_a_secret_that_is_not_one_is_never_shown(site: RunningSite, path: str) -> None:
    config = (site.log.parent / "site.yaml").read_text()
    with noted("paths") as note:
        ask = functools.partial(mistakes, site, f"notify: [{{name: duty, url_file: '{path}'}}]\n" + config)
        try:
            said = ask()
        except PasserbyError as error:
            said = str(error)
        assert "root:" not in said and "PATH=" not in said
        note.once()
