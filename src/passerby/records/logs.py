"""How a site writes its log: readable lines on a terminal, JSON elsewhere."""

import contextlib
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

import structlog


def set_up_logging() -> None:
    """Logs readable lines on a terminal, and JSON elsewhere; never a credential, since none is handed to it."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    renderer: structlog.types.Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(_Lines()),  # type: ignore[arg-type]  # print asks for no more
    )


class Sparing:
    """Warns of what strangers can do as often as they like: now and then, and how often it was, so that no disk fills.

    Args:
        log: that is warned in.
        every_s: so often at most.
        clock: seconds, which only go on.
    """

    def __init__(self, log: Any, every_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._every_s, self._clock = log, every_s, clock
        self._last_s = float("-inf")
        self._times = 0

    def warn(self, event: str, **known: Any) -> None:
        """It happened once more."""
        self._times += 1
        if self._clock() - self._last_s < self._every_s:
            return
        self._log.warning(event, **known, times=self._times)
        self._last_s, self._times = self._clock(), 0


class _Lines:
    """Standard error. A line that it does not take, since the disk of a log file is full, does not end the site."""

    def write(self, text: str) -> None:
        """Writes a line, or loses it."""
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Hands it to the system."""
        with contextlib.suppress(OSError):
            sys.stderr.flush()
