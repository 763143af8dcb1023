"""Whatever is written into the headers of a signature, the door refuses in words, and never breaks."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerby.records.wire.joining import CHANGE_KEY, DELIVER, JOIN
from passerby.records.wire.keys import Key
from passerby.records.wire.signing import HUB, Message, sign_request
from tests.support.site_door import HEADERS, NOTHING, OpenDoor, open_door

BYTES = st.binary(max_size=80).map(lambda raw: bytes(one for one in raw if one >= 32 and one != 127))
PIECES = st.sampled_from(
    [
        *(b'site=("@method")', b";created=1", b';created="x"', b';keyid="x"', b";alg=ed25519", b';tag="passerby-site"'),
        *(
            b'("@path";req)',
            b":AAAA:",
            b"site=:AAAA:",
            b"=",
            b",",
            b"(",
            b'"',
            b"?1",
            b"\xff",
            b";created=99999999999999",
        ),
    ]
)
TEXTS = st.lists(PIECES | BYTES, max_size=6).map(b"".join).map(bytes.strip)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDoor]:
    with open_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture(scope="module")
def key(door: OpenDoor) -> Key:
    return door.enrol("north")


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as opened:
        yield opened


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.sampled_from(["signature", "signature-input", "content-digest", HUB]),
    written=TEXTS,
    known=st.booleans(),
    path=st.sampled_from([DELIVER, JOIN, CHANGE_KEY]),
)
def test_nothing_that_is_written_into_a_header_breaks_the_door(
    door: OpenDoor, key: Key, client: httpx.Client, which: str, written: bytes, known: bool, path: str
) -> None:
    message = Message("POST", path, {**HEADERS, HUB: door.key.public.name}, NOTHING)
    sign_request(message, key, door.clock())
    headers = {name.encode(): value.encode() for name, value in message.headers.items()}
    headers[which.encode()] = written + (f';keyid="{key.public.name}"'.encode() if known else b"")
    answer = client.post(door.url + path, content=NOTHING, headers=list(headers.items()))
    assert answer.status_code in (400, 401)
    assert answer.json()["error"]["message"]
