"""How a room ended, as its guard sees it: by itself, by others, or not at all."""

import os
import signal
import subprocess
import sys

from passerby.gate.rooms import Process

CLOSES_ITS_DOOR = "import os, time; os.close(1); time.sleep(600)"


def room(code: str) -> Process:
    return Process(subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE))


def test_one_that_closes_its_door_and_stays_has_not_ended() -> None:
    """Else it would pass for one that the kernel killed, and be back at once for ever."""
    process = room(CLOSES_ITS_DOOR)
    assert process.read() is None
    assert process.own_end(0.1) is None
    assert process.end() == -signal.SIGKILL


def test_one_that_somebody_killed_has() -> None:
    process = room("import time; time.sleep(600)")
    os.kill(process.popen.pid, signal.SIGKILL)
    assert process.read() is None
    assert process.own_end(60) == -signal.SIGKILL
    process.end()
