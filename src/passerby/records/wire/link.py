"""The way from a site to its hub: signed requests over HTTP, with bounds on time and on what is answered."""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from passerby.errors import HubError
from passerby.records.wire.keys import Key, PublicKey
from passerby.records.wire.signing import (
    CLOCK,
    HUB,
    NEW_KEY_TAG,
    SITE_TAG,
    WINDOW_S,
    Message,
    UnsignedError,
    check_answer,
    headers_of,
    sign_request,
)
from passerby.records.wire.signing import Answer as SignedAnswer

_MOST_ANSWER_BYTES = 256 * 1024
_CONNECT_S = 10.0
_ANSWER_S = 60.0


class NotPostedError(OSError):
    """The hub was not reached, or did not answer; the text says why, and what to do."""


class RefusedError(HubError):
    """The hub itself refused; the text has its words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub said, with its signature.

    Attributes:
        status: of HTTP.
        body: of the answer.
        wait_s: the hub asks to come again so much later, not sooner.
    """

    status: int
    body: bytes
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Proof:
    """What a request is signed with.

    Attributes:
        key: of the site, or of an invitation.
        tag: what its signature is for.
        new: a new key, which signs for itself.
    """

    key: Key
    tag: str = SITE_TAG
    new: Key | None = None


class HubLink:
    """Posts to a hub over one connection that is kept, and believes no answer that the hub did not sign.

    A site whose clock is off by days signs with the hub's: of what the hub refuses since the clocks differ, it learns
    the right time, and asks once more. Used by one thread at a time.

    Args:
        url: of the hub.
        hub: its public key.
        tls: whom to trust; None: as this machine does.
        clock: this machine's, Unix seconds.
    """

    def __init__(
        self, url: str, hub: PublicKey, tls: ssl.SSLContext | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._url, self._hub, self._clock = url.rstrip("/"), hub, clock
        self._ahead_s = 0.0
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        verify = tls if tls is not None else True
        self._client = httpx.Client(timeout=timeout, verify=verify, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def hub_unix_s(self) -> float:
        """The hub's clock, as far as it is known."""
        return self._clock() + self._ahead_s

    def post(self, path: str, body: bytes, headers: Mapping[str, str], proof: Proof) -> Answer:
        """Posts, and gives the hub's own answer.

        Args:
            path: at the hub.
            body: as it is sent.
            headers: type and encoding of the body.
            proof: who sends.

        Raises:
            NotPostedError: the hub did not answer; the text says why.
        """
        signed_unix_s = self.hub_unix_s()
        answer = self._once(path, body, headers, proof)
        if answer.status == httpx.codes.UNAUTHORIZED and abs(self.hub_unix_s() - signed_unix_s) > WINDOW_S:
            answer = self._once(path, body, headers, proof)
        return answer

    def _once(self, path: str, body: bytes, headers: Mapping[str, str], proof: Proof) -> Answer:
        message = Message("POST", path, {**headers, HUB: self._hub.name}, body)
        now = self.hub_unix_s()
        sign_request(message, proof.key, now, proof.tag)
        if proof.new is not None:
            sign_request(message, proof.new, now, NEW_KEY_TAG)
        # A proxy that packs answers would break their signature.
        sent = {**message.headers, "accept-encoding": "identity"}
        try:
            with self._client.stream("POST", self._url + path, headers=sent, content=body) as answer:
                return self._believed(answer, _read(answer), message)
        except httpx.ConnectTimeout:
            raise NotPostedError("the hub does not answer; check its address, and whether it runs") from None
        except httpx.ConnectError as error:
            words = "check its address, its certificate, and whether it runs"
            raise NotPostedError(f"the hub cannot be reached ({error}); {words}") from None
        except httpx.HTTPError as error:
            words = str(error) or type(error).__name__
            raise NotPostedError(f"the hub was reached, and the connection was lost ({words})") from None

    def _believed(self, answer: httpx.Response, body: bytes, message: Message) -> Answer:
        """An answer that is the hub's; its clock is taken."""
        try:
            headers = headers_of(answer.headers.raw)
            check_answer(SignedAnswer(answer.status_code, headers, body, message), self._hub)
            self._ahead_s = int(headers[CLOCK]) - self._clock()
        except (UnsignedError, ValueError):
            words = "something on the way, or another hub: what the configuration's hub: key: names did not sign it"
            raise NotPostedError(f"{answer.status_code} was answered by {words}") from None
        return Answer(answer.status_code, body, _wait_s(answer))


def words_of(answer: Answer) -> str:
    """What a hub that refuses says, as one line."""
    try:
        words = httpx.Response(200, content=answer.body).json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return f"it answered {answer.status}"
    return " ".join(str(words).split())[:300]


def refuse(answer: Answer) -> None:
    """Takes 200 alone for a yes.

    Raises:
        RefusedError: the hub refused, and shall not be asked the same again.
        HubError: it cannot now.
    """
    if answer.status in (httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.INTERNAL_SERVER_ERROR):
        raise HubError(f"the hub cannot now; try again: {words_of(answer)}")
    if answer.status != httpx.codes.OK:
        raise RefusedError(f"the hub refused: {words_of(answer)}")


def _read(answer: httpx.Response) -> bytes:
    body = b""
    for part in answer.iter_raw():
        body += part
        if len(body) > _MOST_ANSWER_BYTES:
            raise NotPostedError("what answers is no hub of passerby: it says too much; check its address")
    return body


def _wait_s(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return float(min(int(text), 3600)) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0
