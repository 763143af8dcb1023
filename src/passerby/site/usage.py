"""What this box has, and what the rooms of this process take of it: proc(5) and cgroup v2, read from outside."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_CGROUP = Path("/sys/fs/cgroup")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_MB = 1e6

# Fields of /proc/<pid>/stat, counted from behind the command's name.
_PARENT, _USER_TICKS, _SYSTEM_TICKS, _STARTED_TICKS = 1, 11, 12, 19


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process took.

    Attributes:
        cpu_s: seconds of processor since its start, of all threads.
        memory_mb: resident memory, in millions of bytes; 0 when it has ended.
        own_mb: the part of it that no file stands behind, which it cannot share with others of its kind.
    """

    cpu_s: float
    memory_mb: float
    own_mb: float


def usage_of(pid: int) -> Usage | None:
    """What a process took so far; None for one that is gone. One that waits to be reaped still tells its time."""
    try:
        fields = _stat(pid)
        status = (_PROC / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    cpu_s = (int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS])) / _TICKS_PER_S
    kibibytes = {line.partition(":")[0]: line.split()[1] for line in status.splitlines() if line.endswith(" kB")}
    return Usage(cpu_s, _megabytes(kibibytes.get("VmRSS", "0")), _megabytes(kibibytes.get("RssAnon", "0")))


def rooms_of(module: str) -> list[int]:
    """Process ids of the rooms that this process started with `python -m module`, in the order of their start."""
    found = []
    for pid in _processes():
        try:
            fields = _stat(pid)
            if int(fields[_PARENT]) != os.getpid():
                continue
            command = (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if module.encode() in command:
            found.append((int(fields[_STARTED_TICKS]), pid))
    return [pid for _started, pid in sorted(found)]


def cores() -> float:
    """Cores that this process may use: by its affinity, and by the quota of its control group."""
    allowed = float(len(os.sched_getaffinity(0)))
    quota, _, period = _limit("cpu.max").partition(" ")
    return min(allowed, int(quota) / int(period)) if quota.isdigit() else allowed


def busy_s() -> float:
    """Seconds of processor that the cores which this process may use were at work, whoever used them."""
    mine = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    lines = [line.split() for line in (_PROC / "stat").read_text().splitlines()]
    # user, nice, system, then after idle and iowait: irq and softirq; steal is other machines' work.
    columns = (1, 2, 3, 6, 7)
    return sum(int(line[column]) for line in lines if line[0] in mine for column in columns) / _TICKS_PER_S


def free_memory_mb() -> float:
    """Memory that new processes may take, in millions of bytes: of the machine, and of the control group."""
    lines = (line.split() for line in (_PROC / "meminfo").read_text().splitlines())
    free_mb = next(_megabytes(line[1]) for line in lines if line[0] == "MemAvailable:")
    most, used = _limit("memory.max"), _limit("memory.current")
    return min(free_mb, max(0.0, (int(most) - int(used)) / _MB)) if most.isdigit() and used.isdigit() else free_mb


def _processes() -> Iterator[int]:
    return (int(path.name) for path in _PROC.iterdir() if path.name.isdigit())


def _stat(pid: int) -> list[str]:
    # A command's name may hold spaces and brackets, so what follows the last bracket is taken.
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _megabytes(kibibytes: str) -> float:
    return int(kibibytes) * 1024 / _MB


def _limit(name: str) -> str:
    """A file of this process's control group (cgroup v2); empty where there is none."""
    try:
        group = (_PROC / "self" / "cgroup").read_text().partition("0::/")[2].strip()
        return (_CGROUP / group / name).read_text().strip()
    except OSError:
        return ""
