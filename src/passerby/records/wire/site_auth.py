"""How a site's requests are signed and its hub's answers checked, for httpx."""

import time
from collections.abc import Callable, Generator
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
    Answer,
    Message,
    UnsignedError,
    check_answer,
    headers_of,
    sign_request,
)


@dataclass(slots=True)
class HubClock:
    """What a site knows of its hub's clock: a site whose own is off by days signs with the hub's.

    Attributes:
        ahead_s: the hub's clock is so far ahead of this machine's.
    """

    ahead_s: float = 0.0
    clock: Callable[[], float] = time.time

    def now_unix_s(self) -> float:
        """The hub's clock, as far as it is known."""
        return self.clock() + self.ahead_s


class SiteAuth(httpx.Auth):
    """Signs each request, and takes no answer that the hub did not sign for it.

    A request that was refused since the clocks differ is sent once more, with the hub's time. Redirects are not
    followed: the answer to be believed is the hub's.

    Args:
        key: of the site, or of an invitation.
        hub: public key of the hub.
        clock: of the hub, as far as it is known.
        new: a new key, which signs too.
        tag: what the first signature is for.
    """

    requires_request_body = True
    requires_response_body = True

    def __init__(self, key: Key, hub: PublicKey, clock: HubClock, new: Key | None = None, tag: str = SITE_TAG) -> None:
        self._key, self._hub, self._clock, self._new, self._tag = key, hub, clock, new, tag

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Signs, sends, checks; httpx runs this.

        Raises:
            HubError: the answer was not signed by the hub.
        """
        for _ in range(2):
            told_unix_s = self._clock.now_unix_s()
            message = self._signed(request)
            response = yield request
            hub_unix_s = self._checked(response, message)
            self._clock.ahead_s = hub_unix_s - self._clock.clock()
            if response.status_code != httpx.codes.UNAUTHORIZED or abs(hub_unix_s - told_unix_s) <= WINDOW_S:
                return

    def _signed(self, request: httpx.Request) -> Message:
        for name in ("signature", "signature-input", "content-digest"):
            request.headers.pop(name, None)
        request.headers[HUB] = self._hub.name
        request.headers["accept-encoding"] = "identity"  # a proxy that packs answers would break their signature
        message = Message(request.method, _target(request.url), headers_of(request.headers.raw), request.content)
        now = self._clock.now_unix_s()
        sign_request(message, self._key, now, self._tag)
        if self._new is not None:
            sign_request(message, self._new, now, NEW_KEY_TAG)
        request.headers.update(message.headers)
        return message

    def _checked(self, response: httpx.Response, message: Message) -> float:
        """The hub's clock, of an answer that is the hub's."""
        try:
            headers = headers_of(response.headers.raw)
            check_answer(Answer(response.status_code, headers, _content(response), message), self._hub)
            return float(headers[CLOCK])
        except (UnsignedError, ValueError):
            words = "what answered is not the hub of this key; nothing of it is believed"
            raise HubError(
                f"{words} ({response.status_code} {httpx.codes.get_reason_phrase(response.status_code)})"
            ) from None


def _target(url: httpx.URL) -> str:
    return url.raw_path.decode("ascii")


def _content(response: httpx.Response) -> bytes:
    """The body as it was sent: hubs answer without an encoding."""
    if "content-encoding" in response.headers:
        raise UnsignedError("the answer is encoded")
    return response.content
