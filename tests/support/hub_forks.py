"""Starts of a hub that cost no imports: a process that has read the program's code once forks one hub after the other.

What runs is `passerby.hub.run.run`, as the command runs it. A start by the command takes seconds, most of them to read
code; with a fork, a hub can be killed fifty times, and in the midst of its start.
"""

import multiprocessing
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from passerby.hub.run import run


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["passerby.hub.run", "tests.support.hub"])
    return context


def _run(folder: Path, log: Path) -> None:
    with log.open("ab") as said:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
    run(folder)


class ForkedHub:
    """`passerby hub run` of a folder in a process that was forked, with what `RunningHub` asks of a process."""

    def __init__(self, folder: Path, log: Path) -> None:
        target: Callable[[Path, Path], None] = _run
        self._process: ForkServerProcess = _context().Process(target=target, args=(folder, log))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits until it ended."""
        self._process.join(timeout)
        assert self._process.exitcode is not None, f"not within {timeout} s"
        return self._process.exitcode

    def kill(self) -> None:
        """As the kernel does."""
        self._process.kill()

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
