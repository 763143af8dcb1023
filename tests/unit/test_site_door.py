"""The door for sites: who is let in, and all who are not. Each test sends real requests to a real server."""

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import pytest

from passerby.records.wire.batches import Receipt
from passerby.records.wire.joining import DELIVER
from passerby.records.wire.keys import Key
from passerby.records.wire.link import Proof, words_of
from passerby.records.wire.signing import CLOCK, HUB, NEW_KEY_TAG, WINDOW_S, Message, sign_request
from tests.support.site_door import HEADERS, NOTHING, OpenDoor, open_door


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDoor]:
    with open_door(tmp_path_factory.mktemp("hub")) as opened:
        yield opened


@pytest.fixture
def door(served: OpenDoor) -> OpenDoor:
    served.clock.ahead_s = 0.0
    return served


def signed(door: OpenDoor, key: Key, body: bytes = NOTHING, hub: str | None = None) -> Message:
    message = Message("POST", DELIVER, {**HEADERS, HUB: hub or door.key.public.name}, body)
    sign_request(message, key, door.clock())
    return message


def send(door: OpenDoor, message: Message, **changed: bytes | str) -> httpx.Response:
    headers = dict(message.headers) | {
        name.replace("_", "-"): str(value) for name, value in changed.items() if name not in ("body", "path")
    }
    body = changed.get("body", message.body)
    assert isinstance(body, bytes)
    return httpx.post(f"{door.url}{changed.get('path', message.path)!s}", content=body, headers=headers)


def refused(answer: httpx.Response, *words: str) -> None:
    assert answer.status_code == 401
    message = answer.json()["error"]["message"]
    assert all(word in message for word in words), message


def test_a_site_that_joined_is_let_in(door: OpenDoor) -> None:
    key = door.enrol("north")
    answer = send(door, signed(door, key))
    assert answer.status_code == 200
    assert msgspec.json.decode(answer.content, type=Receipt).marks == {}
    assert abs(int(answer.headers[CLOCK]) - door.clock()) < 60


@pytest.mark.parametrize(
    "changed",
    [
        {"body": NOTHING + b" "},
        {"path": DELIVER.replace("deliver", "key")},
        {"content_type": "text/plain"},
        {"content_encoding": "gzip"},
        {"content_digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"},
        {"signature": "site=:AAAA:"},
        {"signature": "other=:AAAA:"},
        {"signature_input": "nonsense"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_was_changed_on_its_way_is_refused(door: OpenDoor, changed: dict[str, bytes | str]) -> None:
    message = signed(door, door.enrol("north"))
    refused(send(door, message, **changed))
    assert send(door, message).status_code == 200  # as it was, it is good: the change was what was refused


def test_a_query_is_refused(door: OpenDoor) -> None:
    assert send(door, signed(door, door.enrol("north")), path=DELIVER + "?x=1").status_code == 400


def test_a_moment_that_was_changed_is_refused(door: OpenDoor) -> None:
    message = signed(door, door.enrol("north"))
    told = message.headers["signature-input"]
    later = re.sub(r"created=(\d+)", lambda found: f"created={int(found[1]) + 5}", told)
    assert later != told
    refused(send(door, message, signature_input=later))


def test_a_stranger_is_refused_and_the_body_is_not_read(door: OpenDoor) -> None:
    message = signed(door, Key.made())
    refused(send(door, message), "does not know the key")
    host, port = door.url.removeprefix("http://").split(":")
    headers = {**message.headers, "host": host, "content-length": "8000000"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"POST {DELIVER} HTTP/1.1\r\n{head}\r\n".encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 401")  # though not a byte of the body was sent


def test_what_is_not_signed_is_refused(door: OpenDoor) -> None:
    refused(httpx.post(door.url + DELIVER, content=NOTHING), "not signed")
    key = door.enrol("north")
    unsigned = {"signature-input": f'site=();keyid="{key.public.name}"'}
    refused(httpx.post(door.url + DELIVER, content=NOTHING, headers=unsigned), "not signed")


def test_a_signature_that_covers_too_little_is_refused(door: OpenDoor) -> None:
    key = door.enrol("north")
    headers = {HUB: door.key.public.name}
    message = Message("POST", DELIVER, headers, NOTHING)
    sign_request(message, key, door.clock())
    refused(send(door, message, content_encoding="gzip"))  # the type and encoding were absent when it was signed


def test_what_is_signed_for_another_hub_is_refused(door: OpenDoor, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with open_door(tmp_path / "other") as other:
        key = door.enrol("north")
        message = signed(door, key, hub=other.key.public.name)
        refused(send(door, message), "for another hub")
        refused(send(door, message, passerby_hub=door.key.public.name))  # and its name is part of what is signed


def test_a_signature_for_another_purpose_is_refused(door: OpenDoor) -> None:
    key = door.enrol("north")
    message = Message("POST", DELIVER, {**HEADERS, HUB: door.key.public.name}, NOTHING)
    sign_request(message, key, door.clock(), NEW_KEY_TAG)
    refused(send(door, message))


def test_the_same_request_is_taken_once(door: OpenDoor) -> None:
    message = signed(door, door.enrol("north"))
    assert send(door, message).status_code == 200
    refused(send(door, message), "taken before")


def test_a_request_of_another_moment_is_refused(door: OpenDoor) -> None:
    message = signed(door, door.enrol("north"))
    door.clock.ahead_s = WINDOW_S + 60
    refused(send(door, message), "ago")
    door.clock.ahead_s = -(WINDOW_S + 60)
    refused(send(door, message), "ahead")


@pytest.mark.parametrize("twice", [HUB, "content-type", "content-encoding", "signature", "signature-input"])
def test_a_header_that_is_there_twice_is_refused(door: OpenDoor, twice: str) -> None:
    message = signed(door, door.enrol("north"))
    given = [*message.headers.items(), (twice, message.headers.get(twice, "gzip"))]
    given += [] if twice in message.headers else [(twice, "br")]
    answer = httpx.post(door.url + DELIVER, content=NOTHING, headers=given)
    assert answer.status_code == 400
    assert f"{twice} is there twice" in answer.json()["error"]["message"]


def test_a_revoked_site_is_shut_out_at_once_on_a_connection_that_is_open(door: OpenDoor) -> None:
    key = door.enrol("north")
    with closing(door.link()) as link:
        assert link.post(DELIVER, NOTHING, HEADERS, Proof(key)).status == 200
        assert door.keys.revoke("north", "test") == 1
        answer = link.post(DELIVER, NOTHING, HEADERS, Proof(key))
    assert answer.status == 401
    assert "revoked" in words_of(answer)
    assert door.deliver(door.enrol("north")).status == 200  # a new invitation lets it in again


def test_a_key_that_is_over_is_refused(door: OpenDoor) -> None:
    key = door.enrol("north")
    door.clock.ahead_s = 181 * 86_400
    answer = door.deliver(key)
    assert answer.status == 401
    assert "over" in words_of(answer)


def test_a_hub_that_lost_its_register_says_so_with_its_signature(door: OpenDoor) -> None:
    assert "does not know the key" in words_of(door.deliver(Key.made()))  # `deliver` believes signed answers alone
