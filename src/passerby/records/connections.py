"""Connections of a web server: how many there are at once, how long each may dawdle, and how much it may send.

Who opens connections and says nothing would else take all the files that this process may open, and the cameras need
some of them; who sends heads or bodies without end would take its memory. Strangers can do both, so it is bounded here,
before anything is asked of an application.
"""

import asyncio
import ssl
import time
from collections.abc import Callable

from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE_S = 10.0
"""A request arrives whole within that time, as does what encrypts a connection."""
UNREAD_MS = 30_000
"""An answer of which nothing is taken for so long is given up: for the option TCP_USER_TIMEOUT."""
MOST_CONNECTIONS = 400
MOST_HEAD = 64 * 1024
"""Bytes before the body: the parser keeps them all, and bounds nothing itself."""
MOST_REQUEST = 4 * 1024 * 1024
"""Bytes of a request however it is cut up. What the applications take of a body is less; whoever was refused and goes
on sending is cut off here."""


class Connection(HttpToolsProtocol):
    """One connection.

    It is closed when a request does not arrive whole in time or is too long. When there are too many, the one that has
    waited longest for its other side makes room, so that somebody who holds many open shuts nobody out.

    Attributes:
        most: so many are open at once.
    """

    most = MOST_CONNECTIONS
    _patience: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody opened it."""
        has_room = len(self.connections) < self.most or self.make_room()
        super().connection_made(transport)
        self._wait()
        if not has_room:
            self._drop()

    def make_room(self) -> bool:
        """Closes the one that has waited longest for its other side; whether there was such a one."""
        waiting = [one for one in self.connections if isinstance(one, Connection) and one.waits]
        if not waiting:
            return False
        min(waiting, key=lambda one: one.since_s)._drop()
        return True

    @property
    def waits(self) -> bool:
        """Whether it is not this server that the next step is awaited from."""
        return self._is_arriving or self._is_idle or self.flow.write_paused

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        """More of a request arrived."""
        self._bytes += len(data)  # a request that begins in here sets it to nothing
        super().data_received(data)
        if self._bytes <= (MOST_HEAD if self._is_head else MOST_REQUEST) or self.transport.is_closing():
            return
        if self._is_head and self._is_idle:
            self.send_400_response(f"before its body a request may have {MOST_HEAD} bytes")
        else:
            self._let_go()

    def on_message_begin(self) -> None:
        """Another request begins."""
        self._patience.cancel()
        self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its body begins, if it has one."""
        self._is_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request has arrived; the answer may take its time."""
        self._patience.cancel()
        self._is_arriving = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is on its way; another request may come."""
        self.since_s = time.monotonic()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a WebSocket."""
        self._patience.cancel()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._patience.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.since_s, self._bytes = time.monotonic(), 0
        self._is_arriving = self._is_head = True
        self._patience = self.loop.call_later(PATIENCE_S, self._let_go)

    def _let_go(self) -> None:
        """Closes it once what was answered is sent."""
        if not self.transport.is_closing():
            self.transport.close()

    def _drop(self) -> None:
        """Closes it at once."""
        self.connections.discard(self)  # it is told that it is closed a turn later, and others may come before
        self.transport.abort()


class Encrypted(asyncio.Protocol):
    """What stands before a connection until it is encrypted: who opens one and says nothing is counted and cut there.

    Were the server itself to encrypt, it would know of a connection only when that is done.
    """

    def __init__(self, inner: Connection, tls: ssl.SSLContext, waiting: dict[asyncio.Transport, None]) -> None:
        self._inner, self._tls, self._waiting = inner, tls, waiting
        self._early = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody opened a connection."""
        if len(self._waiting) + len(self._inner.connections) >= self._inner.most and not self._make_room():
            transport.abort()
            return
        transport.pause_reading()
        self._waiting[transport] = None
        self._task = self._inner.loop.create_task(self._encrypt(transport))

    def data_received(self, data: bytes) -> None:
        """A browser asks at once when the connection is encrypted, perhaps before this is told that it is."""
        self._early += data

    def _make_room(self) -> bool:
        """As `Connection.make_room`; those that are not encrypted yet go first."""
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return self._inner.make_room()
        del self._waiting[oldest]
        oldest.abort()
        return True

    async def _encrypt(self, transport: asyncio.Transport) -> None:
        loop = self._inner.loop
        try:
            encrypted = await loop.start_tls(
                transport, self, self._tls, server_side=True, ssl_handshake_timeout=PATIENCE_S
            )
        except OSError:  # no TLS, too slow, or gone
            transport.abort()
            return
        finally:
            self._waiting.pop(transport, None)
        if encrypted is None or encrypted.is_closing():
            return
        encrypted.set_protocol(self._inner)
        self._inner.connection_made(encrypted)
        if self._early:
            self._inner.data_received(self._early)


def connections_of(app: ASGIApp, tls: ssl.SSLContext | None) -> Callable[..., asyncio.Protocol]:
    """What makes a connection of an application, for each that is opened; `app.most_connections` bounds them."""

    class Limited(Connection):
        most = int(getattr(app, "most_connections", MOST_CONNECTIONS))

    if tls is None:
        return Limited
    waiting: dict[asyncio.Transport, None] = {}
    return lambda **given: Encrypted(Limited(**given), tls, waiting)
