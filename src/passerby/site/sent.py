"""How many bytes this machine served to whom asked, since it started: what leaves it is told on the page."""

import threading
import time
from dataclasses import dataclass, replace
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Door(StrEnum):
    """What was asked for."""

    PAGE = "The page"
    API = "The API"
    METRICS = "Metrics for Prometheus"


@dataclass(frozen=True, slots=True)
class Sent:
    """What went out by one door.

    Attributes:
        count: bytes, without the heads of answers.
        answers: how many answers; the messages of an open page are part of the answer that opened it.
        last_unix_s: when the last byte went; None before the first.
    """

    count: int = 0
    answers: int = 0
    last_unix_s: float | None = None


class Meter:
    """Counts what is sent. It is asked by the page, and is told by `Counted`.

    Attributes:
        since_unix_s: from when on.
    """

    def __init__(self) -> None:
        self.since_unix_s = time.time()
        self._lock = threading.Lock()
        self._sent = dict.fromkeys(Door, Sent())

    def sent(self) -> dict[Door, Sent]:
        """By door, since the start. Safe from any thread."""
        with self._lock:
            return dict(self._sent)

    def add(self, door: Door, count: int, *, begins: bool) -> None:
        """Notes that so many bytes went out."""
        with self._lock:
            known = self._sent[door]
            self._sent[door] = replace(
                known, count=known.count + count, answers=known.answers + begins, last_unix_s=time.time()
            )


class Counted:
    """ASGI middleware that counts the bytes of what is served.

    Args:
        app: what is served.
        meter: is told.
    """

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        door = _door(scope["path"])

        async def send_counted(message: Message) -> None:
            kind = message["type"]
            if kind == "http.response.body":
                self._meter.add(door, len(message.get("body", b"")), begins=False)
            elif kind == "websocket.send":
                text = message.get("text")
                data = text.encode() if text is not None else message.get("bytes") or b""
                self._meter.add(door, len(data), begins=False)
            elif kind in ("http.response.start", "websocket.accept"):
                self._meter.add(door, 0, begins=True)
            await send(message)

        await self._app(scope, receive, send_counted)


def _door(path: str) -> Door:
    if path == "/metrics":
        return Door.METRICS
    return Door.API if path.startswith(("/api/", "/healthz")) else Door.PAGE
