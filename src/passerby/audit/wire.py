"""Connections to one host, each with an end: so long to connect, so long to answer, so much to read."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from passerby.gate.addresses import METADATA, is_metadata

CONNECT_S = 2.0
ANSWER_S = 4.0
MAX_ANSWER_BYTES = 256 * 1024


class NoAnswerError(Exception):
    """A device did not do what was hoped for. The text says so in plain words; it holds no path and no password."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host and the one address that is used for it, so that its name cannot lead somewhere else in the meantime."""

    name: str
    address: str


async def resolve(name: str) -> Host:
    """Looks a name up, once.

    Raises:
        NoAnswerError: it has no address, or one that nothing is sent to.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAnswerError(f"the host {name} has no address. Check its name.") from None
    address = str(found[0][4][0])
    if is_metadata(address):
        raise NoAnswerError(f"{METADATA}.")
    return Host(name, address)


@asynccontextmanager
async def connected(
    host: Host, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is closed behind.

    Raises:
        NoAnswerError: there is none to be had.
    """
    name = host.name if tls else None
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(host.address, port, ssl=tls, server_hostname=name)
    except TimeoutError:
        raise NoAnswerError(f"port {port}: no answer within {CONNECT_S:g} s.") from None
    except ConnectionRefusedError:
        raise NoAnswerError(f"port {port}: nothing listens there.") from None
    except ssl.SSLCertVerificationError:
        raise
    except (OSError, UnicodeError, ValueError):
        raise NoAnswerError(f"port {port}: {'no TLS there' if tls else 'cannot be reached'}.") from None
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # a goodbye could be waited for without end


async def listens(host: Host, port: int) -> bool:
    """Whether something accepts connections there. Nothing is sent."""
    try:
        async with connected(host, port):
            return True
    except NoAnswerError:
        return False
