"""The network between a camera and whoever reads it: it can be cut, and it can fall silent while it stays open."""

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from typing import Self

from tests.support.site import free_port

_CHUNK = 65_536
_VIDEO = b"$"
"""First byte of RTSP's interleaved data (RFC 2326, 10.12)."""


@dataclass(slots=True)
class Shown:
    """One time that a camera was seen: when its first and its last piece of video went over the line, Unix seconds."""

    since_unix_s: float
    until_unix_s: float


class CameraLine:
    """A way to an RTSP server, on a port of its own.

    Attributes:
        shown: when the camera was seen over it, connection by connection; a camera begins its film anew for each.
    """

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self.shown: list[Shown] = []
        self._server_port = server_port
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._flows = threading.Event()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/stream"

    def cut(self) -> None:
        """Nobody answers any more, and who was connected is cut off."""
        with self._lock:
            listener, self._listener = self._listener, None
            open_now, self._open = self._open, set()
        if listener:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for one in open_now:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._flows.set()

    def mend(self) -> None:
        """All is as it was at first."""
        self._flows.set()
        with self._lock:
            if self._listener is None:
                self._listener = socket.create_server(("127.0.0.1", self.port))
                threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def silence(self) -> None:
        """Connections stay open, and no video comes any more, until it is cut and mended."""
        self._flows.clear()

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                feed, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(feed,), daemon=True).start()

    def _connect(self, feed: socket.socket) -> None:
        try:
            camera = socket.create_connection(("127.0.0.1", self._server_port), timeout=10)
        except OSError:
            feed.close()
            return
        camera.settimeout(None)
        with self._lock:
            self._open |= {feed, camera}
        back = threading.Thread(target=self._pump, args=(feed, camera, False), daemon=True)
        back.start()
        self._pump(camera, feed, True)
        back.join()
        with self._lock:
            self._open -= {feed, camera}
        feed.close()
        camera.close()

    def _pump(self, source: socket.socket, sink: socket.socket, is_video: bool) -> None:
        seen: Shown | None = None
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if is_video:
                    self._flows.wait()
                now_unix_s = time.time()
                sink.sendall(data)  # what was held back while the camera was silent does not arrive if it is cut then
                if seen is None and is_video and (data.startswith(_VIDEO) or b"\r\n\r\n" + _VIDEO in data):
                    seen = Shown(now_unix_s, now_unix_s)
                    self.shown.append(seen)
                if seen:
                    seen.until_unix_s = now_unix_s
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
