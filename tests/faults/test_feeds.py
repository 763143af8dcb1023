"""Feeds that misbehave: they are ended and replaced, and never more than one is at a camera."""

import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from passerby.core.tallies import Tally
from passerby.gate import landlock, seccomp
from passerby.gate.contract import FacingNow
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import RECORD, CameraPlan, FaultCode, HealthFigure, Kind, LinePlan, Message
from passerby.gate.sources import parse
from tests.support.crossing_clips import crossing_clip
from tests.support.site import children, command_line, eventually

LINE = LinePlan("line", (0.5, 0.9), (0.5, 0.1))
MARK = "a-feed-that-misbehaves"

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


def feed(then: str, *messages: bytes) -> tuple[str, ...]:
    """A feed that says something and then does something."""
    said = b"".join(messages)
    program = f"import os, sys, time\nsys.stdin.buffer.read()\nos.write(1, {said!r})\n{then}\n"
    return (sys.executable, "-I", "-c", program, MARK)


@dataclass
class Ear:
    """Remembers what the guard told."""

    faults: list[FaultCode] = field(default_factory=list)
    ready_workers: int = 0

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None:
        self.ready_workers += 1

    def bytes_out(self, worker: int, count: int) -> None: ...

    def tally(self, tally: Tally) -> None: ...

    def health(self, camera: str, figure: HealthFigure, value: int, _line: int = 0) -> None: ...

    def shelf(self, now: FacingNow) -> None: ...

    def fault(self, camera: str, code: FaultCode) -> None:
        self.faults.append(code)

    def done(self, camera: str) -> None: ...

    def refused(self, worker: int, reason: str) -> None: ...

    def restarted(self, worker: int, reason: str) -> None: ...


def feeds_here() -> int:
    return sum(MARK.encode() in command_line(pid) for pid in children(_pid()))


def _pid() -> int:
    return int(Path("/proc/self").resolve().name)


class Guarded:
    """A guard in a thread, with one camera whose feed is the given one."""

    def __init__(self, command: tuple[str, ...]) -> None:
        plan = CameraPlan("door", (LINE,), (), "overhead", window_s=60)
        settings = Settings(keep_running=True, feed_command=command)
        self.ear = Ear()
        self._stop = threading.Event()
        guard = Guard([Job(plan, parse("rtsp://127.0.0.1:9/x"))], settings, self.ear)
        self._thread = threading.Thread(target=guard.run, args=(self._stop,))

    def __enter__(self) -> Ear:
        self._thread.start()
        return self.ear

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "the guard hangs"


FAULT = Message(Kind.FAULT, FaultCode.REFUSED).pack()


def test_a_feed_that_tells_of_its_failure_and_stays_is_replaced() -> None:
    most = 0
    with Guarded(feed("time.sleep(600)", FAULT)) as ear:
        until_s = time.monotonic() + 60
        while (len(ear.faults) < 3 or most == 0) and time.monotonic() < until_s:
            most = max(most, feeds_here())
            time.sleep(0.02)
        assert ear.faults[:3] == [FaultCode.REFUSED] * 3
    assert most == 1, "never two feeds at one camera"
    assert feeds_here() == 0


@pytest.mark.parametrize(
    "lie",
    [
        b"\xff" * RECORD.size,
        Message(Kind.TALLY, 1, 0, 0, 60, 1, 1).pack(),
        Message(Kind.READY, 6, start=1).pack(),
        Message(Kind.HEALTH, HealthFigure.OBSERVED_MS, a=5).pack(),
        Message(Kind.FAULT, 200).pack(),
    ],
    ids=["noise", "tally", "ready", "figure of the pixel room", "unknown fault"],
)
def test_a_feed_that_says_what_feeds_do_not_say_is_ended(lie: bytes) -> None:
    with Guarded(feed("time.sleep(600)", lie)) as ear:
        eventually(lambda: FaultCode.READ_FAILED in ear.faults)
        assert ear.ready_workers == 1, "the worker is not to blame"
    assert feeds_here() == 0


def test_a_feed_that_ends_without_a_word_is_started_again() -> None:
    starts: set[int] = set()
    with Guarded(feed("time.sleep(0.2)")):
        until_s = time.monotonic() + 60
        while len(starts) < 3 and time.monotonic() < until_s:
            starts.update(pid for pid in children(_pid()) if MARK.encode() in command_line(pid))
            time.sleep(0.02)
    assert len(starts) >= 3


@pytest.mark.parametrize("keep_running", [False, True], ids=["count", "site"])
def test_a_recording_whose_feed_is_killed_does_not_pass_for_whole(keep_running: bool, tmp_path: Path) -> None:
    """The end of the pipe is the end of the video, so the worker says that it is done."""
    clip = crossing_clip(tmp_path / "short.mkv", 1)
    ear = Ear()
    killed = Settings(keep_running=keep_running, feed_command=feed("os.kill(os.getpid(), 9)"))
    guard = Guard([Job(CameraPlan("door", (LINE,), (), "overhead"), parse(str(clip)))], killed, ear)
    until_s = time.monotonic() + 60
    guard.run(lambda: time.monotonic() > until_s)
    assert FaultCode.READ_FAILED in ear.faults


def test_a_recording_that_somebody_leaves_did_not_break_off(tmp_path: Path) -> None:
    clip = crossing_clip(tmp_path / "short.mkv", 1)
    ear = Ear()
    settings = Settings(feed_command=feed("time.sleep(600)"))
    guard = Guard([Job(CameraPlan("door", (LINE,), (), "overhead"), parse(str(clip)))], settings, ear)
    until_s = time.monotonic() + 60
    guard.run(lambda: feeds_here() == 1 or time.monotonic() > until_s)
    assert time.monotonic() < until_s
    assert FaultCode.READ_FAILED not in ear.faults
