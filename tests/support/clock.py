"""A clock on the wall that a test sets, for real processes: those that a program starts, and rooms behind their locks.

A small library stands before the C library's clock and adds what a file says, which each process has mapped before any
lock. Nothing of passerby is replaced, and the clock that only runs goes on.
"""

import shutil
import struct
import subprocess
import sys
import time
from mmap import mmap
from pathlib import Path

_SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead_ns;

__attribute__((constructor)) static void begin(void) {
    int file = open(AHEAD, O_RDONLY | O_CLOEXEC);
    void *found = file < 0 ? MAP_FAILED : mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
    ahead_ns = found == MAP_FAILED ? 0 : found;
    if (file >= 0) close(file);
}

int clock_gettime(clockid_t which, struct timespec *at) {
    int failed = syscall(SYS_clock_gettime, which, at);
    if (!failed && ahead_ns && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        int64_t ns = (int64_t)at->tv_sec * 1000000000 + at->tv_nsec + *ahead_ns;
        at->tv_sec = ns / 1000000000;
        at->tv_nsec = ns % 1000000000;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec found;
    int failed = clock_gettime(CLOCK_REALTIME, &found);
    at->tv_sec = found.tv_sec;
    at->tv_usec = found.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *at) {
    struct timespec found;
    clock_gettime(CLOCK_REALTIME, &found);
    if (at) *at = found.tv_sec;
    return found.tv_sec;
}
"""


def there() -> bool:
    """Whether this machine can make one."""
    return shutil.which("cc") is not None


class SettableClock:
    """The clock of a machine of its own.

    Args:
        folder: where it is made.

    Attributes:
        python: path of a Python whose processes have this clock, and the packages of this one.
    """

    def __init__(self, folder: Path) -> None:
        here = folder / "clock"
        self.python = here / "bin" / "python"
        self.python.parent.mkdir(parents=True)
        ahead = here / "ahead_ns"
        ahead.write_bytes(bytes(8))
        with ahead.open("r+b") as file:
            self._ahead = mmap(file.fileno(), 8)
        library = here / "clock.so"
        command = ["cc", "-shared", "-fPIC", "-O1", f'-DAHEAD="{ahead}"', "-xc", "-", "-o", str(library)]
        subprocess.run(command, input=_SOURCE.encode(), check=True)
        # A virtual environment like this one: what starts processes by `sys.executable` comes by here again.
        (here / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
        (here / "lib").symlink_to(Path(sys.prefix) / "lib")
        started = f'exec -a "$0" "{Path(sys.executable).resolve()}" "$@"'
        self.python.write_text(f'#!/bin/bash\nexport LD_PRELOAD="{library}"\n{started}\n')
        self.python.chmod(0o755)

    @property
    def ahead_s(self) -> float:
        """How far it is ahead of this machine's."""
        (ahead_ns,) = struct.unpack("=q", self._ahead[:])
        return float(ahead_ns / 1e9)

    @property
    def unix_s(self) -> float:
        """What it says, in Unix seconds."""
        return time.time() + self.ahead_s

    def step(self, by_s: float) -> None:
        """Sets it forward, or back."""
        self._ahead[:] = struct.pack("=q", round((self.ahead_s + by_s) * 1e9))

    def set(self, unix_s: float) -> None:
        """Sets it to a moment, in Unix seconds."""
        self.step(unix_s - self.unix_s)
