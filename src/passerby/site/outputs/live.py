"""Live numbers as Server-Sent Events: all of them to who comes, then those that changed, never before a window closes.

Each reader is compared with what it was told last, so one that reads slowly misses steps between and keeps no memory.
"""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from passerby.site.outputs import Sources
from passerby.site.outputs.numbers import Number, numbers
from passerby.site.state import CameraState

_log = structlog.get_logger("passerby.site")
MAX_READERS = 64
"""At most so many read at once."""
_FULL = f"{MAX_READERS} programs and pages read the live numbers already; try again later"
_CLOSED = "the site starts or ends; try again in some seconds"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is told live.

    Attributes:
        numbers: of closed windows.
        cameras: how each is doing.
    """

    numbers: tuple[Number, ...] = ()
    cameras: tuple[CameraState, ...] = ()


@dataclass(frozen=True, slots=True)
class LivePace:
    """How fast things go.

    Attributes:
        every_s: how often is looked whether something changed.
        keep_alive_s: a comment is sent so often, so that nothing between takes the connection for dead.
        patience_s: who takes nothing for so long is dropped.
    """

    every_s: float = 1.0
    keep_alive_s: float = 15.0
    patience_s: float = 20.0


@dataclass(eq=False, slots=True)
class _Reader:
    loop: asyncio.AbstractEventLoop
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Live:
    """An output that web requests read from; closed, it answers 503 and ends every stream at once.

    Args:
        pace: how fast things go.
    """

    def __init__(self, pace: LivePace | None = None) -> None:
        self.pace = pace or LivePace()
        self._read: Callable[[], Seen] | None = None
        self._readers: set[_Reader] = set()
        self._lock = threading.Lock()
        self._looking = asyncio.Lock()
        self._looked_s = float("-inf")
        self._seen = Seen()

    @contextmanager
    def __call__(self, sources: Sources) -> Iterator[None]:
        """Tells as long as it is open."""
        with self.telling(lambda: Seen(numbers(sources.board.today()), sources.state().cameras)):
            yield

    @contextmanager
    def telling(self, read: Callable[[], Seen]) -> Iterator[None]:
        """Tells what a function reads, as long as it is open."""
        self._read = read
        try:
            yield
        finally:
            with self._lock:
                self._read = None
                for reader in self._readers:
                    reader.loop.call_soon_threadsafe(reader.ended.set)

    @contextmanager
    def reader(self) -> Iterator[_Reader | str]:
        """A place among the readers, or why there is none."""
        reader = _Reader(asyncio.get_running_loop())
        with self._lock:
            problem = _CLOSED if self._read is None else _FULL if len(self._readers) >= MAX_READERS else None
            if problem is None:
                self._readers.add(reader)
        if problem:
            _log.warning("live numbers refused", reason=problem)
        try:
            yield problem or reader
        finally:
            with self._lock:
                self._readers.discard(reader)

    async def events(self, reader: _Reader) -> AsyncIterator[ServerSentEvent]:
        """What one reader is told, until the site closes."""
        known = Seen()
        first = True
        while not reader.ended.is_set():
            seen = await self._latest()
            for event in _changes(known, seen, first):
                yield event
            known, first = seen, False
            try:
                await asyncio.wait_for(reader.ended.wait(), self.pace.every_s)
            except TimeoutError:
                continue

    async def _latest(self) -> Seen:
        """What all readers are told now, read once for all of them."""
        async with self._looking:
            read = self._read
            if read is not None and time.monotonic() - self._looked_s >= 0.9 * self.pace.every_s:
                self._seen = await asyncio.to_thread(read)
                self._looked_s = time.monotonic()
            return self._seen


class LiveResponse(Response):
    """The answer of `/api/v1/live`.

    Args:
        live: who tells.
    """

    media_type = "text/event-stream"

    def __init__(self, live: Live) -> None:
        super().__init__()
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams until either side ends it."""
        with self._live.reader() as reader:
            if isinstance(reader, str):
                headers = {"Retry-After": "10"}
                body = {"error": {"message": reader, "problems": []}}
                await JSONResponse(body, 503, headers=headers)(scope, receive, send)
                return
            pace = self._live.pace
            stream = EventSourceResponse(
                self._live.events(reader), ping=pace.keep_alive_s, send_timeout=pace.patience_s, sep="\n"
            )
            try:
                await stream(scope, receive, send)
            except* SendTimeoutError:  # what is told and the sign of life may both be stuck
                _log.warning("a reader of live numbers took nothing for too long", seconds=pace.patience_s)


def _changes(known: Seen, seen: Seen, first: bool) -> Iterator[ServerSentEvent]:
    before = {number.key: number for number in known.numbers}
    changed = [number for number in seen.numbers if before.pop(number.key, None) != number]
    # What is told no more, such as yesterday's, has no value any more.
    rows = [asdict(number) for number in changed] + [
        asdict(number) | {"value": None, "coverage": 0.0} for number in before.values()
    ]
    if rows or first:
        yield _event("numbers", {"numbers": rows})
    told = {camera.name: _camera(camera) for camera in known.cameras}
    cameras = [row for row in map(_camera, seen.cameras) if told.get(row["camera"]) != row]
    if cameras or first:
        yield _event("cameras", {"cameras": cameras})


def _camera(camera: CameraState) -> dict[str, Any]:
    return {"camera": camera.name, "status": camera.status.value, "fault": camera.fault}


def _event(name: str, body: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(body, ensure_ascii=False), event=name, sep="\n")
