"""A server on loopback that answers exactly what a test wants, well-formed or not, and remembers what it was asked."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

Answer = Callable[[bytes, threading.Event], Iterator[bytes]]
"""Parts of an answer to what was asked; the event is set when the server is to stop, for answers that wait."""


def always(*parts: bytes) -> Answer:
    """The same answer to everything."""
    return lambda _asked, _stop: iter(parts)


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer of HTTP/1.1."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def endless(head: bytes, part: bytes) -> Answer:
    """An answer without end, as fast as it is read."""

    def answer(_asked: bytes, stop: threading.Event) -> Iterator[bytes]:
        yield head
        while not stop.is_set():
            yield part

    return answer


def drop_by_drop(text: bytes, every_s: float = 0.1) -> Answer:
    """A byte at a time, so that no read ever times out."""

    def answer(_asked: bytes, stop: threading.Event) -> Iterator[bytes]:
        for at in range(len(text)):
            yield text[at : at + 1]
            if stop.wait(every_s):
                return
        stop.wait()

    return answer


class Hostile:
    """It serves while it is entered.

    Attributes:
        port: of 127.0.0.1.
        asked: head and body of every request, in order of arrival; an empty one for who connected and said nothing.
    """

    def __init__(self, answer: Answer, certificate: Path | None = None) -> None:
        self._answer = answer
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.set_ciphers("DEFAULT:@SECLEVEL=0")  # old cameras have keys that are too short today
            self._tls.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[bytes] = []

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while request := _request(connection):
                self.asked.append(request)
                for part in self._answer(request, self._stop):
                    connection.sendall(part)
                if b"RTSP/1.0" not in request.split(b"\r\n", 1)[0]:
                    return
        except OSError:
            return  # who asked has gone; that is what most of these tests want
        finally:
            connection.close()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
