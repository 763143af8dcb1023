"""Signatures as RFC 9421 has them, held against its own example (appendix B.2.6)."""

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from http_message_signatures import HTTPMessageVerifier, algorithms
from http_message_signatures.exceptions import InvalidSignature
from http_message_signatures.resolvers import MappingKeyResolver

from passerby.records.wire.keys import Key, PublicKey, read_key
from passerby.records.wire.signing import (
    HUB,
    HUB_TAG,
    SITE_TAG,
    Answer,
    Message,
    UnsignedError,
    check_answer,
    check_request,
    headers_of,
    sign_answer,
    sign_request,
)

PEM = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
"""
PUBLIC = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").hex()
COVERED = '("date" "@method" "@path" "@authority" "content-type" "content-length")'
PARAMETERS = f'{COVERED};created=1618884473;keyid="test-key-ed25519"'
SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
BASE = "\n".join(
    [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@method": POST',
        '"@path": /foo',
        '"@authority": example.com',
        '"content-type": application/json',
        '"content-length": 18',
        f'"@signature-params": {PARAMETERS}',
    ]
)


@dataclass
class Example:
    """The request of the RFC (appendix B.2)."""

    method: str = "POST"
    url: str = "http://example.com/foo?param=Value&Pet=dog"
    headers: dict[str, str] = field(
        default_factory=lambda: {
            "Host": "example.com",
            "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
            "Content-Type": "application/json",
            "Content-Length": "18",
            "Signature-Input": f"sig-b26={PARAMETERS}",
            "Signature": f"sig-b26=:{SIGNATURE}:",
        }
    )


def test_a_key_signs_as_the_rfc_does(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.touch(mode=0o600)
    file.write_text(PEM)
    key = read_key(file)
    assert key is not None
    assert key.public.name == PUBLIC
    assert base64.b64encode(key.signer.sign(BASE.encode())).decode() == SIGNATURE


def test_the_example_of_the_rfc_is_right_and_wrong_when_it_is_changed() -> None:
    keys = MappingKeyResolver(public_keys={"test-key-ed25519": PublicKey.of(PUBLIC).verifier}, private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=keys)
    assert len(verifier.verify(Example(), max_age=timedelta(days=100_000))) == 1
    changed = Example()
    changed.headers["Date"] = "Tue, 20 Apr 2021 02:07:56 GMT"
    with pytest.raises(InvalidSignature):
        verifier.verify(changed, max_age=timedelta(days=100_000))


def request(body: bytes = b"{}") -> Message:
    return Message("POST", "/sites/v1/deliver", {"content-type": "application/json", HUB: Key.made().public.name}, body)


def test_what_a_site_signs_is_as_the_contract_says() -> None:
    key, message = Key.made(), request()
    sign_request(message, key, 1_700_000_000.9)
    told = message.headers["signature-input"]
    assert told.startswith('site=("@method" "@path" "@query" "content-digest" "passerby-hub" "content-type");')
    assert f'created=1700000000;keyid="{key.public.name}";alg="ed25519";nonce="' in told
    assert told.endswith(f';tag="{SITE_TAG}"')
    assert check_request(message, PublicKey.of).key == key.public.name


def test_two_signatures_of_one_request_are_told_apart() -> None:
    one, two, message = Key.made(), Key.made(), request()
    sign_request(message, one, 1_700_000_000)
    sign_request(message, two, 1_700_000_000, "passerby-new-key")
    assert check_request(message, PublicKey.of).key == one.public.name
    assert check_request(message, PublicKey.of, "passerby-new-key").key == two.public.name
    with pytest.raises(UnsignedError):
        check_request(message, PublicKey.of, "passerby-invited")


def test_an_answer_belongs_to_its_request() -> None:
    site, hub = Key.made(), Key.made()
    one, two = request(), request()
    for message in (one, two):
        sign_request(message, site, 1_700_000_000)
    answer = Answer(200, {"content-type": "application/json"}, b"{}", one)
    sign_answer(answer, hub, 1_700_000_000)
    assert f'tag="{HUB_TAG}"' in answer.headers["signature-input"]
    assert check_answer(answer, hub.public).key == hub.public.name
    for changed in (
        Answer(201, answer.headers, answer.body, one),
        Answer(200, answer.headers, b"{} ", one),
        Answer(200, answer.headers, answer.body, two),
        Answer(200, {**answer.headers, "content-encoding": "gzip"}, answer.body, one),
    ):
        with pytest.raises(UnsignedError):
            check_answer(changed, hub.public)
    with pytest.raises(UnsignedError):
        check_answer(answer, Key.made().public)


@pytest.mark.parametrize("name", ["", "a" * 63, "A" * 64, "é" * 64, "00" * 31 + "0x"])
def test_what_is_no_key_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        PublicKey.of(name)


def test_only_headers_that_are_signed_are_taken_and_each_once() -> None:
    assert headers_of([(b"Content-Type", b"a"), (b"X-Other", b"b"), (b"x-other", b"c")]) == {"content-type": "a"}
    with pytest.raises(UnsignedError, match="twice"):
        headers_of([(b"Signature", b"a"), (b"signature", b"b")])
    with pytest.raises(UnsignedError, match="too long"):
        headers_of([(b"signature-input", b"a" * 5000)])
