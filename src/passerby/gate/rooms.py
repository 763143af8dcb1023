"""Starts the processes of the two rooms that see video, and reads their doors."""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from passerby.errors import GateError
from passerby.gate.messages import RECORD, Message, Plan, unpack
from passerby.gate.sources import Source

WORKER_COMMAND: tuple[str, ...] = (sys.executable, "-I", "-m", "passerby.pixels.worker")
FEED_COMMAND: tuple[str, ...] = (sys.executable, "-I", "-m", "passerby.feed.reader")
_PIPE_BYTES = 1024 * 1024
_READ_BYTES = 64 * 1024
_MAX_WORDS = 2000

# Nothing of the parent's environment goes in; one thread each, and few heaps, so that nothing is started behind the
# lock.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(slots=True)
class Process:
    """A room's process and its door."""

    popen: subprocess.Popen[bytes]
    _buffer: bytearray = field(default_factory=bytearray)

    @property
    def door(self) -> int:
        """The descriptor to wait on."""
        assert self.popen.stdout is not None
        return self.popen.stdout.fileno()

    def read(self) -> bytes | None:
        """The bytes that wait at the door; None when it was closed."""
        return os.read(self.door, _READ_BYTES) or None

    def messages(self, untrusted: bytes) -> Iterator[Message]:
        """Cuts bytes into records.

        Raises:
            GateError: they are none.
        """
        self._buffer += untrusted
        while len(self._buffer) >= RECORD.size:
            record = bytes(self._buffer[: RECORD.size])
            del self._buffer[: RECORD.size]
            try:
                yield unpack(record)
            except ValueError:
                raise GateError(
                    "a room sent bytes that are no message; they were refused and it is replaced."
                ) from None

    def own_end(self, wait_s: float = 1.0) -> int | None:
        """How it ended by itself or by others, once its door is closed; None if it only closed its door and stayed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(wait_s)
        return self.popen.poll()

    def last_words(self, wait_s: float = 0.0) -> str:
        """What the process said on standard error before it was locked; waits so long for its end, if it must."""
        self.own_end(wait_s)
        if self.popen.stderr is None:
            return ""
        os.set_blocking(self.popen.stderr.fileno(), False)
        return (self.popen.stderr.read() or b"")[-_MAX_WORDS:].decode("utf-8", "replace").strip()

    def end(self) -> int:
        """Ends the process, and gives its exit status."""
        self.popen.kill()
        status = self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream is not None:
                stream.close()
        return status


def start_worker(plan: Plan, command: tuple[str, ...] = WORKER_COMMAND) -> Process:
    """Starts a pixel worker, which inherits the read ends of its cameras' pipes and nothing else."""
    return _start(command, msgspec.json.encode(plan), plan.feed_fds, keep_words=True)


def start_feed(source: Source, out_fd: int, *, unsafe: bool, command: tuple[str, ...] = FEED_COMMAND) -> Process:
    """Starts the feed of one source, writing to `out_fd`.

    Raises:
        SourceError: the source cannot be opened, or its host has no address.
    """
    plan, fd = source.feed_plan(out_fd, unsafe=unsafe)
    try:
        inherited = (out_fd,) if fd < 0 else (out_fd, fd)
        return _start(command, msgspec.json.encode(plan), inherited, keep_words=False)
    finally:
        if fd >= 0:
            os.close(fd)


def _start(command: tuple[str, ...], plan: bytes, inherited: tuple[int, ...], *, keep_words: bool) -> Process:
    popen = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if keep_words else subprocess.DEVNULL,
        pass_fds=inherited,
        env=_ENVIRONMENT,
        bufsize=0,
        process_group=0,  # Ctrl-C is for the parent, which lets the rooms finish their windows.
    )
    assert popen.stdin is not None
    try:
        popen.stdin.write(plan)
        popen.stdin.close()
    except BrokenPipeError:
        pass  # It died at once; its door tells.
    return Process(popen)


def pipe() -> tuple[int, int]:
    """A pipe for encoded video, as large as an unprivileged process may have it."""
    read_fd, write_fd = os.pipe2(os.O_CLOEXEC)
    # Where the user's share of pipe memory is used up, the default size works, with more drops.
    with contextlib.suppress(PermissionError):
        fcntl.fcntl(write_fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return read_fd, write_fd
