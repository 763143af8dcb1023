"""The power fails while a program writes: at random moments it is stopped in the midst of whatever it does, and its
files are copied as they are. The last writes, of which nobody was told, may be torn as well.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.site import eventually
from tests.support.source import ROOT


@contextmanager
def writing(code: str, place: Path) -> Iterator[tuple[int, list[int]]]:
    """Runs code that says a number once what it is of is on the disk; gives its process and the numbers so far."""
    said: list[int] = []
    command = [sys.executable, "-c", code, str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout
        reader = threading.Thread(target=lambda: said.extend(map(int, writer.stdout or ())))
        reader.start()
        try:
            yield writer.pid, said
        finally:
            writer.kill()
            reader.join()


def cuts(code: str, folder: Path, times: int, draw: random.Random, most: int = 12) -> list[tuple[Path, int]]:
    """Copies of a folder as the power left it, with the last number that was said; `most`: in between."""
    found = []
    with writing(code, folder) as (pid, said):
        for time in range(times):
            wanted = len(said) + draw.randrange(1, most)
            eventually(lambda wanted=wanted: len(said) >= wanted)  # type: ignore[misc]
            os.kill(pid, signal.SIGSTOP)
            os.waitpid(pid, os.WUNTRACED)
            answered, copy = said[-1], copied(folder, folder.with_name(f"{folder.name} {time}"))
            os.kill(pid, signal.SIGCONT)
            if time % 2:
                tear(copy, draw)
            found.append((copy, answered))
    return found


def copied(folder: Path, to: Path) -> Path:
    """A copy of a folder; the shared memory beside a store is gone with the machine."""
    return shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*-shm", "*.lock", "*.ballast"))


def tear(folder: Path, draw: random.Random) -> None:
    """Adds a write that was begun to each log: bytes of nothing that is whole, after the last frame."""
    for log in folder.glob("*-wal"):
        with log.open("ab") as file:
            file.write(draw.randbytes(draw.randrange(1, 9000)))
