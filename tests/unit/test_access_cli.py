"""`passerby access`, and `passerby run` where others can reach it: refused, then opened as its words say."""

import json
import os
import select
import shlex
import ssl
import stat
import subprocess
import sys
import termios
from pathlib import Path

import httpx
import pytest

from passerby.errors import ConfigError
from passerby.gate import landlock, seccomp
from passerby.records.access.book import AccessFile
from passerby.records.access.hashing import is_password
from passerby.site.config import load
from passerby.site.journal import Journal
from passerby.site.opening import open_access
from tests.support.access import PASSWORD, access_file, new_token, send_form
from tests.support.clips import make_clip
from tests.support.program import in_words, passerby
from tests.support.site import RunningSite, eventually, overhead_camera

locks = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


class OpenSite(RunningSite):
    """A site that others can reach."""

    def write(self) -> Path:
        config = super().write()
        config.write_text(config.read_text().replace("web: {", "web: {host: 0.0.0.0, tls: self-signed, "))
        return config


@pytest.fixture
def site(tmp_path: Path) -> Path:
    file = tmp_path / "site.yaml"
    file.write_text("web: {port: 1}\n")
    return file


def test_an_account_from_its_beginning_to_its_end(site: Path) -> None:
    added = passerby(
        "access", "add", site, "anna", "--role", "operator", "--password-stdin", stdin=f"{PASSWORD}\n".encode()
    )
    assert (added.status, "may sign in as operator" in added.out) == (0, True)
    assert PASSWORD not in added.out + added.err
    token = passerby("access", "token", site, "grafana", "--days", "30")
    assert token.out.startswith("passerby_") and len(token.out.split()) == 1
    assert "shown" not in token.out
    listed = passerby("access", "list", site).out
    assert "anna" in listed and "operator" in listed and "grafana" in listed
    assert token.out.strip() not in listed and "argon2" not in listed
    changed = passerby("access", "password", site, "Anna", "--password-stdin", stdin=b"nine slow boats at dusk\n")
    assert changed.status == 0
    passerby("access", "remove", site, "anna")
    assert "Nobody is left" in passerby("access", "remove", site, "grafana").err


def test_a_password_is_asked_for_twice_and_not_shown(site: Path) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "passerby.cli", "access", "add", str(site), "anna"]
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(command, start_new_session=True, **streams) as asking:  # type: ignore[call-overload]  # its streams
        shown = ""
        for question in ("Password", "Once more"):
            while question not in shown or termios.tcgetattr(ours)[3] & termios.ECHO:
                shown += os.read(ours, 1000).decode() if select.select([ours], [], [], 0.1)[0] else ""
            os.write(ours, f"{PASSWORD}\n".encode())
        assert asking.wait(60) == 0
    while "may sign in" not in shown:  # what was written may come in parts
        assert select.select([ours], [], [], 60)[0], shown
        shown += os.read(ours, 1000).decode()
    os.close(ours)
    os.close(theirs)
    assert "anna: may sign in as viewer" in shown
    assert PASSWORD not in shown
    assert is_password(AccessFile(site.with_name("access.json")).read().accounts[0].password, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "anna"), "--password-stdin"),
        (("add", "anna", "--password-stdin"), "12 to 256 characters"),
        (("remove", "nobody"), "there is no account or token nobody"),
        (("token", "../x"), "write a name"),
    ],
)
def test_what_cannot_be_is_said(site: Path, arguments: tuple[str, ...], said: str) -> None:
    command, *rest = arguments
    ran = passerby("access", command, site, *rest, stdin=b"short\n")
    assert ran.status == 2
    assert said in in_words(ran)
    assert not (site.parent / "access.json").exists()


@pytest.mark.parametrize(
    "web",
    ["host: 0.0.0.0", "host: '::'", "host: 192.0.2.1", "names: [counting.example]", "trusted_proxies: [127.0.0.1]"],
)
def test_a_site_that_others_can_reach_needs_an_account(tmp_path: Path, web: str) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(f"web: {{{web}}}\n")
    with pytest.raises(ConfigError, match=f"passerby access add {file} NAME --role admin"):
        open_access(load(file), file)
    new_token(access_file(tmp_path), "viewer")
    assert not open_access(load(file), file).is_empty


def test_a_file_of_accounts_that_others_may_read_is_not_started_with(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(f"cameras:\n{overhead_camera('x', 'absent.mp4')}\n")
    new_token(access_file(tmp_path), "viewer")
    (tmp_path / "access.json").chmod(0o644)
    assert "chmod 600" in in_words(passerby("run", file))


@locks
def test_a_site_for_others_is_opened_as_the_words_say(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4")
    with OpenSite(tmp_path, overhead_camera("yard", clip)) as site:
        refused = in_words(passerby("run", site.write()))
        words = refused.partition("Make one first: ")[2].partition(". For this")[0]
        command = shlex.split(words.replace("NAME", "anna"))[1:]
        assert passerby(*command, "--password-stdin", stdin=f"{PASSWORD}\n".encode()).status == 0
        site.start()
        url = f"https://127.0.0.1:{site.port}"
        certificate = tmp_path / "self-signed.crt"
        eventually(lambda: "site open" in site.log.read_text())
        assert stat.S_IMODE((tmp_path / "self-signed.key").stat().st_mode) == 0o600
        (shown,) = [json.loads(line) for line in site.log.read_text().splitlines() if '"sha256"' in line]
        assert len(shown["sha256"]) == 95
        knows = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=url, verify=knows, trust_env=False, headers={"Origin": url}, timeout=30) as browser:
            assert browser.get("/api/v1/state").status_code == 401
            answer = send_form(browser, "anna")
            assert answer.status_code == 303
            assert answer.headers["set-cookie"].startswith(f"__Host-passerby-{site.port}=")
            assert "Secure" in answer.headers["set-cookie"]
            assert browser.get("/api/v1/state").json()["cameras"][0]["name"] == "yard"
            assert passerby("access", "remove", site.write(), "anna").status == 0
            assert browser.get("/api/v1/state").status_code == 401
        assert site.stop() == 0
        log = site.log.read_text()
    assert PASSWORD not in log
    entries = [(entry.account, entry.action, entry.detail) for entry in Journal(tmp_path / "passerby.sqlite").since(0)]
    assert ("anna", "signed in", "") in entries
    assert [detail for _, action, detail in entries if action == "access changed"] == ["anna removed"]
