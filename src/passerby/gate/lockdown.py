"""The locks of the two rooms that see video. They fail closed: after an incomplete lock the room does not open."""

import ctypes
import errno
import fcntl
import importlib
import os
import pkgutil
import resource
import select
import socket
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from passerby.errors import LockdownError
from passerby.gate import landlock, seccomp
from passerby.gate.seccomp import Argument, Rule

_PR_SET_DUMPABLE = 4
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9
_PIXELS_DATA_BYTES = 4 * 1024**3
_FEED_DATA_BYTES = 1024**3
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_STREAMS = tuple(socket.SOCK_STREAM | flags for flags in (0, os.O_CLOEXEC, os.O_NONBLOCK, os.O_CLOEXEC | os.O_NONBLOCK))
_TCP = socket.IPPROTO_TCP
_MSG_FASTOPEN = 0x20000000
_O_PATH = 0o10000000  # Landlock does not refuse it
_NOT_READING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | _O_PATH
_STATUS_OF_FD = (fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL)
_ADVICE = (4, 8, 14)  # MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE: what malloc and numpy give
_MPOL_PREFERRED = 1
_NOT_EXECUTABLE = Argument(2, without=4)  # PROT_EXEC
_PRIVATE = Argument(3, without=1)  # MAP_SHARED

# The lists are the smallest with which every codec and every kind of source works; docs/decisions/0002-system-calls.md
# tells who needs each call, and how that was found out.
_COMMON = (
    Rule("read"),
    Rule("poll"),
    Rule("futex"),
    Rule("mmap", (_NOT_EXECUTABLE, _PRIVATE)),
    Rule("munmap"),
    Rule("mremap"),
    Rule("brk"),
    Rule("clock_gettime"),
    Rule("restart_syscall"),
    Rule("exit_group"),
)

# The inference runtime asks for, and sets, the cores of its own threads with each inference; the linear algebra library
# places its working memory near them. Where a processor makes the runtime start a second thread, that one needs to
# yield, and memory of its own to grow.
_PIXELS = (
    Rule("madvise", (Argument(2, one_of=_ADVICE),)),
    Rule("mprotect", (_NOT_EXECUTABLE,)),
    Rule("sched_yield"),
    Rule("gettimeofday"),
    Rule("sched_getaffinity"),
    Rule("sched_setaffinity", (Argument(0, one_of=(0,)),)),
    Rule("mbind", (Argument(2, one_of=(_MPOL_PREFERRED,)), Argument(5, one_of=(0,)))),
)

_OPEN_TO_READ = Rule("openat", (Argument(2, without=_NOT_READING),))
# A demuxer that looks for a table of characters, and is refused, goes on without it.
_NO_OPEN = Rule("openat", refused=errno.EACCES)
_FILE = (Rule("lseek"), Rule("fstat"), Rule("newfstatat"), Rule("clock_nanosleep"))
_FOLDER = (_OPEN_TO_READ, Rule("getdents64"), Rule("close"))
_RANDOM = Path("/dev/urandom")  # FFmpeg's RTSP client opens it to number its session
# What a name server, a time zone and trust in a certificate need.
_OF_NAMES = ("resolv.conf", "hosts", "host.conf", "nsswitch.conf", "gai.conf", "localtime", "ssl", "pki")
_OF_TRUST = ("/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/zoneinfo")
_OF_KERNEL = (Path("/proc"), Path("/sys/devices/system"))
_NETWORK = (
    _OPEN_TO_READ,
    Rule("close"),
    Rule("getrandom"),
    # The protocol is checked too: Landlock limits the ports of TCP, and not of MPTCP, SMC or SCTP, which are streams as
    # well. There is no setsockopt, which could turn a TCP socket into one of SMC (TCP_ULP).
    Rule("socket", (Argument(0, one_of=_INTERNET), Argument(1, one_of=_STREAMS), Argument(2, one_of=(0, _TCP)))),
    Rule("connect"),
    Rule("getsockopt"),
    Rule("getpeername"),
    # Fast Open connects while it sends, past Landlock's check of connect.
    Rule("sendto", (Argument(3, without=_MSG_FASTOPEN),)),
    Rule("recvfrom"),
    Rule("fcntl", (Argument(1, one_of=_STATUS_OF_FD),)),
    Rule("uname"),
)


@dataclass(frozen=True, slots=True)
class Lock:
    """What the kernel granted."""

    landlock_abi: int
    seccomp: bool


OPEN = Lock(0, False)
"""The state under --unsafe-no-lockdown."""


def die_with_parent(door_fd: int = 1) -> None:
    """Ends this process with its parent, keeps the user's other processes out of its memory, leaves no core file.

    Args:
        door_fd: a pipe that the parent reads.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A parent that died before the first of these lines sends no signal any more, but leaves a pipe without a reader.
    poller = select.poll()
    poller.register(door_fd, 0)
    if any(events & select.POLLERR for _, events in poller.poll(0)):
        os._exit(1)


def _limit(data_bytes: int) -> None:
    """Bounds the memory that hostile video can ask for, and takes files away once more."""
    resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, data_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def silence_stderr() -> None:
    """Points standard error at a pipe that nobody reads, so that no library can say there what it saw."""
    nowhere, other_end = os.pipe()
    os.close(nowhere)
    os.dup2(other_end, 2)
    os.close(other_end)


def import_whole(package: ModuleType) -> None:
    """Imports every part of a package now: what would be imported on first use is refused behind the lock."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def library_paths() -> tuple[Path, ...]:
    """Folders that hold the interpreter, its packages and the system's libraries."""
    folders = {Path(sys.prefix), Path(sys.base_prefix), Path(__file__).resolve().parents[2]}
    folders.update(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))
    system = ("/usr/lib", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/proc", "/sys/devices/system")
    return (*sorted(folders), *map(Path, system))


def before_loading(readable: tuple[Path, ...]) -> None:
    """The first lock of the pixel room: from here on it can read its libraries and its model, and write nothing.

    It is laid before the decoder and the inference runtime are loaded, while the process has one thread, so that the
    threads that those start are born behind it (Landlock binds a thread and what it starts, not its siblings).

    Raises:
        LockdownError: the kernel cannot do it, or a thread already runs.
    """
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise LockdownError("a thread was started before the lock-down; the room stays shut.")
    landlock.restrict(readable=(*library_paths(), *readable))
    seccomp.require()


def lock_pixels(out_fd: int) -> Lock:
    """Shuts the pixel room: no file, no network, no process, and one pipe to write to.

    Args:
        out_fd: the door, the only descriptor that may be written to.

    Raises:
        LockdownError: the kernel cannot do all of it.
    """
    _limit(_PIXELS_DATA_BYTES)
    landlock_abi = landlock.restrict()
    seccomp.restrict((*_COMMON, *_PIXELS, Rule("write", (Argument(0, one_of=(out_fd,)),))))
    return Lock(landlock_abi, True)


def lock_feed(out_fds: tuple[int, ...], connect_port: int | None, folder: Path | None) -> Lock:
    """Shuts the feed: one TCP port, or one folder to read, or neither; and its two pipes to write to.

    Args:
        out_fds: the door and the pipe of packets.
        connect_port: the camera's port.
        folder: where pictures are read from.

    Raises:
        LockdownError: the kernel cannot do all of it.
    """
    _limit(_FEED_DATA_BYTES)
    readable = tuple(path for path in (folder, _RANDOM if connect_port is not None else None) if path)
    landlock_abi = landlock.restrict(readable, () if connect_port is None else (connect_port,))
    of_source = _NETWORK if connect_port is not None else (*_FILE, *(_FOLDER if folder else (_NO_OPEN,)))
    seccomp.restrict((*_COMMON, *of_source, Rule("write", (Argument(0, one_of=out_fds),))))
    return Lock(landlock_abi, True)


def lock_audit(connect_ports: tuple[int, ...]) -> None:
    """Shuts the audit in: the TCP ports of its cameras, its libraries to read, and nothing to write, start or be.

    It sees no video, but it reads what any device may answer. Landlock names ports and not hosts, so that a host that
    was not asked for could be reached at one of these ports; the audit's own code keeps to the cameras' addresses.

    Raises:
        LockdownError: the kernel cannot do it, or a thread already runs.
    """
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise LockdownError("a thread was started before the lock-down; the audit does not begin.")
    _limit(_FEED_DATA_BYTES)
    libraries = [path for path in library_paths() if path not in _OF_KERNEL]
    names = (Path("/etc") / name for name in _OF_NAMES)
    landlock.restrict((*libraries, *names, *map(Path, _OF_TRUST)), connect_ports)
