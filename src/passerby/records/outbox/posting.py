"""The way from a site to its hub: one POST over HTTP, with bounds on time and on what is answered."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

PATH = "/gather/v1/batches"
_MOST_ANSWER_BYTES = 256 * 1024
_CONNECT_S = 10.0
_ANSWER_S = 60.0

Sign = Callable[[str, str, Mapping[str, str], bytes], Mapping[str, str]]
"""Takes method, URL, headers and body of a request, and gives the headers that prove who sends it."""


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
        url: of the hub, without the path of gathering.
        sign: proves who sends.
        tls: whom to trust; None: as this machine does.
    """

    def __init__(self, url: str, sign: Sign, tls: ssl.SSLContext | None = None) -> None:
        self._url = url.rstrip("/") + PATH
        self._sign = sign
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        self._client = httpx.Client(
            timeout=timeout, verify=tls if tls is not None else True, follow_redirects=False, trust_env=False
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
        headers |= self._sign("POST", self._url, headers, body)
        try:
            with self._client.stream("POST", self._url, headers=headers, content=body) as answer:
                return Answer(answer.status_code, _read(answer), _wait_s(answer))
        except httpx.ConnectTimeout:
            raise NotPostedError("the hub does not answer; check its address, and whether it runs") from None
        except httpx.ConnectError as error:
            words = "check its address, its certificate, and whether it runs"
            raise NotPostedError(f"the hub cannot be reached ({error}); {words}") from None
        except httpx.HTTPError as error:
            words = str(error) or type(error).__name__
            raise NotPostedError(f"the hub was reached, and the connection was lost ({words})") from None


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
