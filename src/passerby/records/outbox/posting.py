"""The way from a site to its hub: one POST over HTTP, with bounds on time and on what is answered."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

from passerby.errors import HubError
from passerby.records.wire.joining import DELIVER

_MOST_ANSWER_BYTES = 256 * 1024
_CONNECT_S = 10.0
_ANSWER_S = 60.0


class NotPostedError(OSError):
    """The hub was not reached, or did not answer; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub said.

    Attributes:
        status: of HTTP.
        body: of the answer.
        wait_s: the hub asks to come again so much later, not sooner.
    """

    status: int
    body: bytes
    wait_s: float = 0.0


Post = Callable[[bytes], Answer]
"""Sends a packed delivery. Raises NotPostedError."""


class HttpPost:
    """Posts to a hub, over one connection that is kept.

    Args:
        url: of the hub.
        auth: signs what is sent, and believes nothing that the hub did not sign.
        tls: whom to trust; None: as this machine does.
    """

    def __init__(self, url: str, auth: httpx.Auth | None, tls: ssl.SSLContext | None = None) -> None:
        self._url = url.rstrip("/") + DELIVER
        self._client = httpx.Client(
            auth=auth,
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            transport=_Bounded(httpx.HTTPTransport(verify=tls or ssl.create_default_context(), trust_env=False)),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def __call__(self, body: bytes) -> Answer:
        """Posts.

        Raises:
            NotPostedError: the hub did not answer; the text says why.
        """
        headers = {"content-type": "application/json", "content-encoding": "gzip", "accept-encoding": "identity"}
        try:
            answer = self._client.post(self._url, headers=headers, content=body)
        except HubError as error:
            raise NotPostedError(str(error)) from None
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            words = "check its address and its certificate, and whether it runs"
            raise NotPostedError(f"the hub cannot be reached ({error}); {words}") from None
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise NotPostedError(f"the hub was reached, but did not answer ({said}); it will be asked again") from None
        return Answer(answer.status_code, answer.content, _wait_s(answer))


class _Bounded(httpx.BaseTransport):
    """Whoever answers in the hub's place cannot fill the memory."""

    def __init__(self, inner: httpx.HTTPTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        answer = self._inner.handle_request(request)
        assert isinstance(answer.stream, httpx.SyncByteStream)
        answer.stream = _Stream(answer.stream)
        return answer

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        count = 0
        for part in self._inner:
            count += len(part)
            if count > _MOST_ANSWER_BYTES:
                raise NotPostedError("what answers is no hub of passerby: it says too much; check hub: url")
            yield part

    def close(self) -> None:
        self._inner.close()


def _wait_s(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return float(min(int(text), 3600)) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0
