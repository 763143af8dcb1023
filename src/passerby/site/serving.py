"""Serves the page and the API in a thread of its own, until it is told to stop."""

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from passerby.errors import ConfigError

_START_S = 20.0
_STOP_S = 5.0


@contextmanager
def serve(app: ASGIApp, host: str, port: int) -> Iterator[str]:
    """Serves as long as the context is open, and gives the URL to open. Port 0 takes any free one.

    Raises:
        ConfigError: the port is taken or the address is not of this machine.
    """
    listening = _listen(host, port)
    # Open pages hold their connection; they are let go after a second.
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True)
    thread.start()
    try:
        _wait_started(server, thread)
        yield _url(host, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(_STOP_S)
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
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


def _url(host: str, port: int) -> str:
    """The address that a browser on this machine opens."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - listening there is the user's choice
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"
