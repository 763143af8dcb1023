"""Asks a camera's RTSP server what its stream is, once as a stranger and once with the login. No video is asked for."""

import asyncio
import ssl
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from passerby.audit import digest
from passerby.audit.certificates import trusting_anything
from passerby.audit.wire import ANSWER_S, MAX_ANSWER_BYTES, Host, NoAnswerError, connected
from passerby.gate.audit_contract import Login

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}
_REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a stream is.

    Attributes:
        url: without credentials, in ASCII.
    """

    host: str
    port: int
    tls: bool
    url: str = field(repr=False)  # some cameras want a password in it


@dataclass(frozen=True, slots=True)
class Described:
    """How a stream was described.

    Attributes:
        open: to a stranger; None where it could not be told.
        accepted: with the login; None where that was not tried.
        locked: the answer to the login was another than a plain refusal, such as of a locked account.
        problem: what stood in the way, in plain words.
    """

    open: bool | None = None
    accepted: bool | None = None
    locked: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    challenges: tuple[str, ...]


def parse(source: str) -> Stream | None:
    """A stream's address, or None for what is none."""
    try:
        parts = urlsplit(source)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    netloc = f"[{host}]" if ":" in host else quote(host)
    netloc += f":{port}" if port else ""
    rest = quote(parts.path, safe="/%:@!$&'()*+,;=~") + (
        f"?{quote(parts.query, safe='/%:@!$&*+,;=~?')}" if parts.query else ""
    )
    url = f"{parts.scheme}://{netloc}{rest}"
    return Stream(host, port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "rtsps", url)


async def describe(stream: Stream, host: Host, login: Login | None) -> Described:
    """Asks for the stream's description without a login, and where that is refused once with it.

    Raises:
        NoAnswerError: nothing answers there, or not in RTSP.
    """
    async with connected(host, stream.port, trusting_anything() if stream.tls else None) as (reader, writer):
        first = await _ask(reader, writer, stream, 1, None)
        if first.status not in _REFUSED:
            return _not_refused(first.status)
        if not first.challenges or login is None:
            return Described(open=False)
        signed = digest.authorization(first.challenges, login, "DESCRIBE", stream.url)
        if signed is None:
            return Described(open=False, problem="RTSP asks for the password in clear (Basic); it was not sent.")
        second = await _ask(reader, writer, stream, 2, signed)
    if second.status in _REFUSED:
        return Described(open=False, accepted=False, locked=second.status != 401)
    return Described(open=False, accepted=second.status == 200 or None, problem=_not_refused(second.status).problem)


def _not_refused(status: int) -> Described:
    if status == 200:
        return Described(open=True)
    if 300 <= status < 400:
        return Described(problem="RTSP wants to lead to another address; it was not followed.")
    if status == 404:
        return Described(problem="RTSP knows no such stream. Check the path of the address.")
    return Described(problem=f"RTSP answered with an error ({status}).")


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: Stream, number: int, signed: str | None
) -> _Reply:
    lines = [f"DESCRIBE {stream.url} RTSP/1.0", f"CSeq: {number}", "Accept: application/sdp", "User-Agent: passerby"]
    lines += [f"Authorization: {signed}"] if signed else []
    try:
        async with asyncio.timeout(ANSWER_S):
            writer.write("\r\n".join([*lines, "", ""]).encode())
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            reply = _read(head)
            await _skip_body(reader, head)
            return reply
    except TimeoutError:
        raise NoAnswerError(f"port {stream.port}: RTSP gave no whole answer within {ANSWER_S:g} s.") from None
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, ssl.SSLError, ValueError):
        raise NoAnswerError(f"port {stream.port}: what answers there does not speak RTSP.") from None


def _read(head: list[str]) -> _Reply:
    """The status and the challenges of a reply; ValueError for what is none."""
    version, code, *_ = [*head[0].split(" ", 2), ""]
    if not version.startswith("RTSP/1."):
        raise ValueError("another protocol")
    return _Reply(int(code), tuple(_values(head, "www-authenticate")))


def _values(head: list[str], name: str) -> list[str]:
    pairs = (line.partition(":") for line in head[1:])
    return [value.strip() for key, _, value in pairs if key.strip().lower() == name]


async def _skip_body(reader: asyncio.StreamReader, head: list[str]) -> None:
    length = int((_values(head, "content-length") or ["0"])[0])
    if not 0 <= length <= MAX_ANSWER_BYTES:
        raise ValueError("too large an answer")
    await reader.readexactly(length)
