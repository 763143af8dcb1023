"""A way to a hub on which things go wrong: requests that are refused, and answers that are lost after the hub has
committed what they are about.
"""

import contextlib
import http.client
import random
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import msgspec

from passerby.records.wire.batches import Receipt

_PATIENCE_S = 60.0
_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Who asked was killed meanwhile: that is what is tested."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class LossyProxy:
    """A proxy in front of a hub, on a free port of this machine.

    Attributes:
        refuse, lose: shares of requests that are refused before the hub hears of them, and whose answers are lost.
        cut: the network is cut, and no request comes anywhere.
        seen: what happened to requests, by word: "refused", "lost", "cut", "away" (the hub did not answer), "answered".
        marks: what the hub said that it has, by outbox, whether or not its answer arrived.
    """

    def __init__(self, hub_port: int, refuse: float = 0.0, lose: float = 0.0, seed: int = 1) -> None:
        self.refuse, self.lose, self.cut = refuse, lose, False
        self.seen: Counter[str] = Counter()
        self.marks: dict[str, int] = {}
        self._hub_port, self._random, self._lock = hub_port, random.Random(seed), threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fate(self) -> str:
        """What becomes of a request."""
        if self.cut:
            return "cut"
        with self._lock:
            drawn = self._random.random()
        return "refused" if drawn < self.refuse else "lost" if drawn < self.refuse + self.lose else "answered"

    def note(self, what: str) -> None:
        with self._lock:
            self.seen[what] += 1

    def hear(self, status: int, answer: bytes) -> None:
        """Keeps what a receipt says; other answers say nothing."""
        if status != 200:
            return
        with contextlib.suppress(msgspec.MsgspecError), self._lock:
            for outbox, mark in msgspec.json.decode(answer, type=Receipt).marks.items():
                self.marks[outbox] = max(mark, self.marks.get(outbox, 0))

    def ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        """The hub's answer, with the request as it came.

        Raises:
            OSError, HTTPException: the hub is away.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._hub_port, timeout=_PATIENCE_S)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() not in _ONE_HOP}
            connection.request(handler.command, handler.path, body, headers)
            answer = connection.getresponse()
            body = answer.read()
            self.hear(answer.status, body)
            return answer.status, answer.getheaders(), body
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                fate = proxy.fate()
                if fate == "cut":
                    proxy.note(fate)
                    self.close_connection = True
                    return
                if fate == "refused":
                    proxy.note(fate)
                    self._say(503, [], b"busy")
                    return
                try:
                    answer = proxy.ask(self, body)
                except (OSError, http.client.HTTPException):
                    fate = "away"
                proxy.note(fate)
                if fate != "answered":
                    self.close_connection = True
                    return
                self._say(*answer)

            def _say(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                with contextlib.suppress(OSError):  # who asked was killed meanwhile
                    self._write(status, headers, body)

            def _write(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in _ONE_HOP:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
