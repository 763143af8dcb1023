"""How a site writes its log: readable lines on a terminal, JSON elsewhere."""

import contextlib
import logging
import sys

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
