"""Who sent a message, and that it is as it was sent: HTTP message signatures (RFC 9421) with Ed25519.

A site signs each request, a hub each answer to one, so that any proxy may end TLS between them. A request's signature
covers method, path, query and body with its type and encoding, the moment, a number used once, and which hub it is for;
an answer's covers status and body, and the signature of the request that it answers. Bodies are covered by their
Content-Digest (RFC 9530), as they are sent.
"""

import datetime
import math
import secrets
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, algorithms
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from http_message_signatures.resolvers import HTTPSignatureKeyResolver

from passerby.errors import HubError
from passerby.records.wire.keys import Key, PublicKey

HUB = "passerby-hub"
"""Header of a request: name of the key of the hub that it is for."""
SITE_TAG, NEW_KEY_TAG, INVITED_TAG, HUB_TAG = "passerby-site", "passerby-new-key", "passerby-invited", "passerby-hub"
"""What a signature is for. None can be taken for another."""
WINDOW_S = 300
"""A request is taken so long before and after the moment that it was signed at, by the hub's clock."""
_LABELS = {SITE_TAG: "site", NEW_KEY_TAG: "new", INVITED_TAG: "invited", HUB_TAG: "hub"}
_REQUEST = ("@method", "@path", "@query", "content-digest", HUB)
_WITH_BODY = ("content-type", "content-encoding")
CLOCK = "passerby-clock"
"""Header of an answer: the hub's clock, in Unix seconds."""
_ANSWER = ("@status", "content-digest", CLOCK, '"signature";req')
_ONCE = frozenset(("signature", "signature-input", "content-digest", *_WITH_BODY, HUB, CLOCK))
_MOST_HEADER = 4096
_WRONG = "the signature is not right"
Headers = MutableMapping[str, str]
Known = Callable[[str], PublicKey | None]
"""The public key of a name, or None."""


class UnsignedError(HubError):
    """A signature is absent or wrong; the text can be shown to who sent it."""


@dataclass(slots=True)
class Message:
    """A request, as the library takes it.

    Attributes:
        method: in capitals.
        path: with its query, as sent.
        headers: by names in small letters.
        body: as sent.
    """

    method: str
    path: str
    headers: Headers
    body: bytes

    @property
    def url(self) -> str:
        """What the library asks path and query from; host and scheme are not signed, since proxies change them."""
        return f"http://hub{self.path}"


@dataclass(slots=True)
class Answer:
    """An answer to a request, as the library takes it."""

    status_code: int
    headers: Headers
    body: bytes
    request: Message


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that is right.

    Attributes:
        key: name of the key.
        created_unix_s: when, by the clock of who signed.
        nonce: used once.
    """

    key: str
    created_unix_s: int
    nonce: str


class _Private(HTTPSignatureKeyResolver):
    """The key of who signs."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:
        """Its private half."""
        assert key_id == self._key.public.name
        return self._key.signer


class _Public(HTTPSignatureKeyResolver):
    """The keys that somebody knows."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def resolve_public_key(self, key_id: str) -> Any:
        """The key of that name, or None."""
        found = self._known(key_id)
        return found.verifier if found else None


class _Verifier(HTTPMessageVerifier):
    """Leaves time to who knows the right clock."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:  # noqa: ARG002 - as the library has it
        """A moment must be named."""
        created = sig_input.params.get("created")
        if type(created) is not int or not 0 <= created < 2**40:
            raise UnsignedError("the signature does not say when it was made")


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers as a server gets them.

    Raises:
        UnsignedError: one that a signature speaks of is there twice, so that two readers could differ, or is too long.
    """
    headers: Headers = {}
    for raw_name, raw_value in raw:
        name = raw_name.decode("latin-1").lower()
        if name not in _ONCE:
            continue
        if name in headers:
            raise UnsignedError(f"the header {name} is there twice")
        if len(raw_value) > _MOST_HEADER:
            raise UnsignedError(f"the header {name} is too long")
        headers[name] = raw_value.decode("latin-1")
    return headers


def sign_request(message: Message, key: Key, now_unix_s: float, tag: str = SITE_TAG) -> None:
    """Signs a request to the hub that its headers name; a second signature joins the first.

    Args:
        message: gets the headers.
        key: of the site, or what else the tag says.
        now_unix_s: the moment, by the hub's clock as far as it is known.
        tag: what the signature is for.

    Raises:
        UnsignedError: it cannot be signed.
    """
    _sign(message, _needed(message), key, now_unix_s, tag)


def sign_answer(answer: Answer, key: Key, now_unix_s: float) -> None:
    """Signs an answer to a signed request.

    Args:
        answer: gets the headers.
        key: the hub's.
        now_unix_s: the hub's clock.

    Raises:
        UnsignedError: the request is none that can be answered so.
    """
    answer.headers[CLOCK] = str(int(now_unix_s))
    _sign(answer, _of_answer(answer), key, now_unix_s, HUB_TAG)


def check_request(message: Message, known: Known, tag: str = SITE_TAG) -> Signed:
    """Checks a signature of a request; whether its moment is near and its hub is the right one, the caller checks.

    Raises:
        UnsignedError: it is not right.
    """
    return _check(message, _needed(message), known, tag)


def check_answer(answer: Answer, hub: PublicKey) -> Signed:
    """Checks that an answer was signed by a hub, for this very request.

    Raises:
        UnsignedError: it was not.
    """
    return _check(answer, _of_answer(answer), lambda name: hub if name == hub.name else None, HUB_TAG)


def _needed(message: Message) -> list[str]:
    """What a signature of a request must cover: a header that is absent cannot be, one that is there must."""
    return [*_REQUEST, *(name for name in _WITH_BODY if name in message.headers)]


def _of_answer(answer: Answer) -> list[str]:
    return [*_ANSWER, *(name for name in _WITH_BODY if name in answer.headers)]


def _sign(message: Message | Answer, covered: list[str], key: Key, now_unix_s: float, tag: str) -> None:
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Private(key))
    try:
        signer.sign(
            message,
            key_id=key.public.name,
            created=datetime.datetime.fromtimestamp(math.floor(now_unix_s), datetime.UTC),
            nonce=secrets.token_hex(16),
            label=_LABELS[tag],
            tag=tag,
            covered_component_ids=covered,
            append_if_signature_exists=True,
            body=message.body,
            use_existing_digest=True,
        )
    except HTTPMessageSignaturesException:
        raise UnsignedError("what shall be signed cannot be: a header or the path is not plain text") from None
    for name in list(message.headers):
        message.headers[name.lower()] = message.headers.pop(name)


def _check(message: Message | Answer, needed: list[str], known: Known, tag: str) -> Signed:
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Public(known))
    if "signature" not in message.headers or "content-digest" not in message.headers:
        raise UnsignedError("the message is not signed")
    try:
        results = verifier.verify(message, max_age=None, expect_tag=tag, require_components=needed, body=message.body)
    except HTTPMessageSignaturesException:
        raise UnsignedError(_WRONG) from None
    told = results[0].parameters if len(results) == 1 else {}
    nonce = told.get("nonce")
    if not isinstance(nonce, str) or not 16 <= len(nonce) <= 64:
        raise UnsignedError(_WRONG)
    return Signed(str(told["keyid"]), int(told["created"]), nonce)
