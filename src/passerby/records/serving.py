"""Serves the page and the API in a thread of its own, until it is told to stop."""

import errno
import socket
import ssl
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from passerby.errors import ConfigError
from passerby.records.connections import UNREAD_MS, connections_of

_START_S = 20.0
_STOP_S = 5.0
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
    config = uvicorn.Config(
        app,
        # uvloop hands on what arrives though reading is paused, so that one TLS handshake in forty was lost.
        loop="asyncio",
        http=connections_of(app, tls),  # type: ignore[arg-type]  # it only calls it
        log_config=None,
        log_level="error",  # strangers who send what is no HTTP cannot fill the log
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=1,  # open pages hold their connection
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


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio does not know that answers must not wait for each other (TCP_NODELAY): 40 ms each.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Who asks and never reads would hold a connection for ever; those that are taken here have it too.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
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
