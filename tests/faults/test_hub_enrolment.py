"""A hub and a site from nothing, by the commands of their operators; and what becomes of tokens, keys and copies."""

import json
import shutil
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from passerby.errors import ConfigError, HubError
from passerby.gate import landlock, seccomp
from passerby.hub import example
from passerby.hub.config import load as load_hub
from passerby.hub.contract import Venue
from passerby.hub.fleet import Fleet
from passerby.hub.opening import hub_key, make_key
from passerby.records.wire.joining import DELIVER, Token
from passerby.records.wire.keys import Key
from passerby.records.wire.link import HubLink, NotPostedError, Proof, words_of
from passerby.site.config import load
from passerby.site.hub_link import link_of, site_key
from passerby.site.join import Asked, join
from tests.support.clips import make_clip
from tests.support.hub import RunningHub
from tests.support.program import in_words, passerby
from tests.support.site import RunningSite, eventually, overhead_camera
from tests.support.site_door import HEADERS, NOTHING, open_door

LIST = "slug,name,district,zone,hours,cameras,lines\nnorth,North Mall,Berlin,Europe/Berlin,always,6,12\n"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RunningHub]:
    with RunningHub(tmp_path / "hub") as running:
        yield running


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.yaml").write_text("# mine\nsite: {name: North}   # a comment\n")
    return folder / "site.yaml"


def everything(*folders: Path) -> bytes:
    return b"".join(file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file())


def test_from_nothing_to_a_site_that_sends_and_is_shut_out(hub: RunningHub, site: Path, tmp_path: Path) -> None:
    (tmp_path / "venues.csv").write_text(LIST)
    assert "1 venues added" in passerby("hub", "venues", "import", tmp_path / "venues.csv", "--hub", hub.folder).out
    hub.start().wait_open()
    invited = passerby("hub", "invite", "north", "--hub", hub.folder)
    token = invited.out.strip()
    assert f"passerby join {hub.url}" in invited.err
    assert token not in invited.err
    joined = passerby("join", hub.url, "--config", site, stdin=f"{token}\n".encode())
    assert "North Mall" in joined.out
    assert site.read_text().startswith("# mine\nsite: {name: North}   # a comment\n")
    again = passerby("join", hub.url, "--config", site, stdin=f"{token}\n".encode())
    assert (again.status, "used already" in in_words(again)) == (6, True)

    config = load(site)
    with closing(link_of(config)) as link:
        proof = Proof(site_key(config).current())
        assert link.post(DELIVER, NOTHING, HEADERS, proof).status == 200
        assert "shut out" in passerby("hub", "revoke", "north", "--hub", hub.folder).out
        assert "revoked" in words_of(link.post(DELIVER, NOTHING, HEADERS, proof))
    status = json.loads(passerby("hub", "status", "--hub", hub.folder, "--json").out)
    assert [one["venue"] for one in status["venues"]] == ["north"]
    with hub.register() as register:
        told = [entry.action for entry in reversed(register.log.newest())]
    assert told == ["venue added", "venue invited", "site joined", "keys of a site revoked"]
    hub.stop()
    for secret in (token, token.split(".")[1]):
        assert secret.encode() not in everything(hub.folder, site.parent) + hub.log.read_bytes()


def test_a_site_finds_that_it_was_sent_to_another_hub(site: Path, tmp_path: Path) -> None:
    with open_door(made(tmp_path / "one")) as one, open_door(made(tmp_path / "other")) as other:
        for door in (one, other):
            door.register.add(Venue(0, "north", "North"), "test")
        token = Token(one.invite("north"), one.key.public).text()
        with pytest.raises(HubError, match="did not sign"):
            join(Asked(other.url, site), token)
        assert "hub:" not in site.read_text()
        assert join(Asked(one.url, site), token).written  # and it is as good as before


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hub.example", "can be read on its way"),
        ("hub.example", "scheme"),
        ("https://hub.example/path", "scheme, host and port alone"),
        ("https://user:pw@hub.example", "scheme, host and port alone"),
        ("https://127.0.0.1:9", "no token"),
    ],
)
def test_what_cannot_be_joined_is_said_before_anything_is_sent(site: Path, url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as refused:
        join(Asked(url, site), "passerby1.secret.y")
    assert "secret" not in str(refused.value)
    assert sorted(file.name for file in site.parent.iterdir()) == ["site.yaml"]


def test_a_hub_with_a_certificate_of_its_own_is_joined_and_its_answers_are_its_own(site: Path, tmp_path: Path) -> None:
    with RunningHub(tmp_path / "hub") as hub:
        path = hub.folder / "hub.yaml"
        path.write_text(f"web: {{port: {hub.port}, tls: self-signed}}\n")
        hub.add("north")
        token = hub.invite("north").text()
        hub.start()
        certificate = hub.folder / "self-signed.crt"
        url = f"https://127.0.0.1:{hub.port}"
        with closing(HubLink(url, hub.key.public, ssl.create_default_context())) as link:
            wait_for_tls(link)
        joined = passerby("join", url, "--config", site, "--authority", certificate, stdin=token.encode())
        assert joined.status == 0, joined.err
        config = load(site)
        with closing(link_of(config)) as link:
            assert link.post(DELIVER, NOTHING, HEADERS, Proof(site_key(config).current())).status == 200


def wait_for_tls(link: HubLink) -> None:
    """Waits until somebody answers there whose certificate this machine does not trust."""

    def answers() -> bool:
        try:
            link.post(DELIVER, NOTHING, HEADERS, Proof(Key.made()))
        except NotPostedError as error:
            return "certificate" in str(error).lower() and "verify failed" in str(error).lower()
        return False

    eventually(answers)


def test_a_hub_that_was_brought_back_from_a_copy_is_the_same_hub(hub: RunningHub, tmp_path: Path) -> None:
    key = hub.enrol("north")
    shutil.copytree(hub.folder, tmp_path / "copy")
    later = hub.enrol("south")
    shutil.rmtree(hub.folder)
    shutil.copytree(tmp_path / "copy", hub.folder)
    hub.start().wait_open()
    with closing(hub.link()) as link:
        assert link.post(DELIVER, NOTHING, HEADERS, Proof(key)).status == 200
        assert "join again" in words_of(link.post(DELIVER, NOTHING, HEADERS, Proof(later)))


def test_a_hub_does_not_start_without_its_key_or_with_one_that_others_read(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    assert passerby("hub", "init", folder).status == 0
    key, config = folder / "hub.key", load_hub(folder)
    assert key.stat().st_mode & 0o777 == 0o600
    assert hub_key(config).public == make_key(folder).public
    key.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        hub_key(config)
    key.chmod(0o600)
    key.write_text("-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n")
    with pytest.raises(ConfigError, match="no private key"):
        hub_key(config)
    key.unlink()
    with pytest.raises(ConfigError, match="bring it back"):
        hub_key(config)
    with pytest.raises(ConfigError, match="exists already"):  # what stands there stays
        example.write(folder)


def test_a_hub_that_others_reach_wants_an_account_first(tmp_path: Path) -> None:
    example.write(tmp_path)
    make_key(tmp_path)
    (tmp_path / "hub.yaml").write_text("web: {host: 0.0.0.0, port: 8999}\n")
    assert "passerby hub access add" in in_words(passerby("hub", "run", tmp_path))


def test_mistakes_of_a_configuration_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text("hub: {nmae: x, url: ftp://x}\nweb: {port: 0}\nstor: 1\n")
    with pytest.raises(ConfigError) as refused:
        load_hub(tmp_path)
    said = str(refused.value)
    assert all(words in said for words in ("did you mean name", "hub.url", "web.port", "did you mean store"))


@pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp")
def test_a_site_that_counts_joins_and_is_known(hub: RunningHub, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4", seconds=4)
    venue = hub.add("north")
    hub.start().wait_open()
    with RunningSite(tmp_path, overhead_camera("hall", clip)) as site:
        config = site.write()
        joined = passerby("join", hub.url, "--config", config, stdin=hub.invite("north").text().encode())
        assert joined.status == 0, joined.err
        site.more = config.read_text().partition("\nhub:\n")[2].join(("hub:\n", "\n"))
        site.start()
        eventually(lambda: site.state().get("hub", {}).get("taken_unix_s"))
        hub.stop()
        assert json.loads(passerby("hub", "status", "--hub", hub.folder, "--json").out)["connected"] == 1
    with closing(Fleet(hub.config.fleet_file)) as fleet:
        known = fleet.of(venue.number)
    assert known.layout is not None and known.layout.cameras == ("hall",)
    assert known.standing is not None and abs(known.clock_off_s) < 60
