"""Serves the page and the API in a thread of its own, until it is told to stop."""

import asyncio
import errno
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from passerby.errors import ConfigError

_START_S = 20.0
_STOP_S = 5.0
_PATIENCE_S = 10.0
_MOST_CONNECTIONS = 400
_MOST_MESSAGE = 1 << 20
_TURN_S = 0.001
"""Python lets a thread that computes go on for so long before another gets its turn. By default it is five times as
long, and an answer needs several turns while a new window is read."""


@contextmanager
def serve(
    app: ASGIApp, host: str, port: int, tls: ssl.SSLContext | None = None, trusted_proxies: Collection[str] = ()
) -> Iterator[str]:
    """Serves as long as the context is open, and gives the URL to open. Port 0 takes any free one.

    Args:
        app: what is served; its `most_connections` says how many it takes at once, where it has that.
        host: address to listen on.
        port: TCP port to listen on.
        tls: certificate and key to serve with; None for plain HTTP.
        trusted_proxies: addresses and networks whose word on who asks, and by which scheme, is taken.

    Raises:
        ConfigError: the port is taken or the address is not of this machine.
    """
    listening = _listen(host, port)
    # Open pages hold their connection; they are let go after a second.
    connection = _limited(app)
    config = uvicorn.Config(
        app,
        # uvloop hands on what arrives though reading is paused, so that one TLS handshake in forty was lost.
        loop="asyncio",
        http=_Encrypted.of(tls, connection) if tls else connection,  # type: ignore[arg-type]  # it only calls it
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=1,
        timeout_keep_alive=5,
        ws_max_size=_MOST_MESSAGE,
    )
    sys.setswitchinterval(_TURN_S)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True)
    thread.start()
    try:
        _wait_started(server, thread)
        yield _url(host, listening.getsockname()[1], "https" if tls else "http")
    finally:
        server.should_exit = True
        thread.join(_STOP_S)
        listening.close()


class _Connection(HttpToolsProtocol):
    """One connection. It is closed when a request does not arrive whole in time, or when there are too many.

    Who opens connections and says nothing would else take all the files that this process may open, and the cameras
    need some of them.
    """

    most = _MOST_CONNECTIONS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self.most:
            transport.close()

    def on_message_begin(self) -> None:
        """Another request begins."""
        self._patience.cancel()
        self._wait()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The request has arrived; the answer may take its time."""
        self._patience.cancel()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a WebSocket."""
        self._patience.cancel()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._patience.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(_PATIENCE_S, self._give_up)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


def _limited(app: ASGIApp) -> type[_Connection]:
    """A connection of an application that takes so many at once."""

    class Limited(_Connection):
        most = int(getattr(app, "most_connections", _MOST_CONNECTIONS))

    return Limited


class _Encrypted(asyncio.Protocol):
    """What stands before a connection until it is encrypted: who opens one and says nothing is counted and cut there.

    Were the server itself to encrypt, it would know of a connection only when that is done.
    """

    def __init__(self, inner: _Connection, tls: ssl.SSLContext, waiting: set[asyncio.Transport]) -> None:
        self._inner, self._tls, self._waiting = inner, tls, waiting
        self._early = b""

    @staticmethod
    def of(tls: ssl.SSLContext, kind: type[_Connection]) -> Callable[..., "_Encrypted"]:
        """What makes one for each connection."""
        waiting: set[asyncio.Transport] = set()
        return lambda **given: _Encrypted(kind(**given), tls, waiting)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody opened a connection."""
        if len(self._waiting) + len(self._inner.connections) >= self._inner.most:
            transport.abort()
            return
        transport.pause_reading()
        self._waiting.add(transport)
        self._task = self._inner.loop.create_task(self._encrypt(transport))

    def data_received(self, data: bytes) -> None:
        """A browser asks at once when the connection is encrypted, perhaps before this is told that it is."""
        self._early += data

    async def _encrypt(self, transport: asyncio.Transport) -> None:
        loop = self._inner.loop
        try:
            encrypted = await loop.start_tls(
                transport, self, self._tls, server_side=True, ssl_handshake_timeout=_PATIENCE_S
            )
        except OSError:  # no TLS, too slow, or gone
            transport.abort()
            return
        finally:
            self._waiting.discard(transport)
        if encrypted is None or encrypted.is_closing():
            return
        encrypted.set_protocol(self._inner)
        self._inner.connection_made(encrypted)
        if self._early:
            self._inner.data_received(self._early)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio does not know that answers must not wait for each other (TCP_NODELAY): 40 ms each.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ConfigError([f"web: {_words(error, host, port)}"]) from None
    return listening


def _words(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken by another program; stop that one, or set web.port to another"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; set web.host to 127.0.0.1, or to one that is"
    if error.errno == errno.EACCES:
        return f"port {port} needs rights that passerby does not have; set web.port to 1024 or more"
    return f"{host} port {port} cannot be listened on ({error.strerror}); set web.host and web.port"


def _wait_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise ConfigError(["web: the server did not start; see the log above"])
        time.sleep(0.01)


def _url(host: str, port: int, scheme: str) -> str:
    """The address that a browser on this machine opens."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - listening there is the user's choice
    return f"{scheme}://[{name}]:{port}/" if ":" in name else f"{scheme}://{name}:{port}/"
