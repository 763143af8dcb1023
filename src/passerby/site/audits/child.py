"""The audit as a process beside the site: orders go in by a pipe, reports come out, and none of it is believed unread.

The audit talks to devices that may be anybody's by now. So what it says is bounded, decoded strictly and must answer
what was asked; else it is replaced. Credentials reach it by its standard input alone.
"""

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any, Self

import msgspec

from passerby.gate.audit_contract import CHECK_GROUPS, CameraReport, Order

COMMAND = (sys.executable, "-I", "-m", "passerby.audit")
UNSAFE = "--unsafe-no-lockdown"
_ITS_WORDS = "passerby.audit: "
_END_S = 1.0
_MAX_LINE_BYTES = 256 * 1024
_READ_BYTES = 64 * 1024
_MAX_TEXT = 1000
_ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
"""Nothing of the site's environment goes in: it may hold secrets."""


class AuditError(Exception):
    """The audit ended, said what cannot be, or nothing in time; the text says which."""


class Child:
    """The process of the audit. It dies with its parent, and ends when its standard input does.

    Args:
        command: what is started.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=_ENVIRONMENT,
            bufsize=0,
            process_group=0,  # Ctrl-C is for the parent
        )
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._in, self._out = self._popen.stdin.fileno(), self._popen.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        assert self._popen.stderr is not None
        os.set_blocking(self._popen.stderr.fileno(), False)
        self._to_write = b""
        self._heard = bytearray()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def order(self, order: Order) -> None:
        """Asks it to look; `answers` sends it off."""
        self._to_write += msgspec.json.encode(order) + b"\n"

    def answers(self, asked: Iterable[str], wait_s: float) -> list[CameraReport]:
        """What it says within a while; waits no longer than to its first words.

        Args:
            asked: names of cameras that it has not reported of yet.
            wait_s: how long to wait for it.

        Raises:
            AuditError: it ended, or said what cannot be.
        """
        until_s = time.monotonic() + wait_s
        while (rest_s := until_s - time.monotonic()) > 0:
            readable, writable, _ = select.select([self._out], [self._in] if self._to_write else [], [], rest_s)
            if writable:
                self._write()
            if readable:
                return self._read(set(asked))
        return []

    def _write(self) -> None:
        try:
            self._to_write = self._to_write[os.write(self._in, self._to_write) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            raise AuditError(self._last_words()) from None

    def _read(self, asked: set[str]) -> list[CameraReport]:
        raw = os.read(self._out, _READ_BYTES)
        if not raw:
            raise AuditError(self._last_words())
        self._heard += raw
        *lines, rest = self._heard.split(b"\n")
        if any(len(line) > _MAX_LINE_BYTES for line in (*lines, rest)):
            raise AuditError("it said more than it may")
        self._heard = bytearray(rest)
        reports = [_report(bytes(line)) for line in lines]
        for report in reports:
            if report.camera not in asked:
                raise AuditError("it told of a camera that was not asked for")
            asked.discard(report.camera)
        return reports

    def _last_words(self) -> str:
        """Why it ended, if it said so itself; a trace of its could hold what a camera said."""
        assert self._popen.stderr is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(_END_S)
        said = (self._popen.stderr.read() or b"").decode("utf-8", "replace").splitlines()
        own = [line.removeprefix(_ITS_WORDS) for line in said if line.startswith(_ITS_WORDS)]
        return _plain(own[-1]) if own else "it ended"

    def end(self) -> None:
        """Ends it."""
        self._popen.kill()
        self._popen.wait()
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _report(line: bytes) -> CameraReport:
    """A line as a report, its texts cut and without anything that does not print.

    Raises:
        AuditError: it is none.
    """
    try:
        said = msgspec.json.decode(line, type=CameraReport)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise AuditError("it said what is no report") from None
    checks = {one.check for one in said.findings}
    if (
        len(checks) < len(said.findings)
        or not checks <= set(CHECK_GROUPS)
        or any(one.camera != said.camera for one in said.findings)
    ):
        raise AuditError("it said what is no report")
    return msgspec.convert(_plain(msgspec.to_builtins(said)), type=CameraReport)


def _plain(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: value if name == "camera" else _plain(value) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [_plain(value) for value in said]
    if isinstance(said, str):
        return "".join(one if one.isprintable() else "\ufffd" for one in said[:_MAX_TEXT])
    return said
