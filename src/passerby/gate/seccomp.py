"""seccomp: which system calls a process may still make.

An allow-list as a classic BPF program (seccomp(2), linux/filter.h), laid on every thread of the process at once.
Whatever is not on the list ends the process. The lists and their reasons stand in docs/decisions/0002-system-calls.md.
"""

import ctypes
import os
import platform
import struct
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import LockdownError
from passerby.gate.landlock import forbid_new_privileges

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SET_MODE_FILTER, _GET_ACTION_AVAIL, _FLAG_TSYNC = 1, 2, 1
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000

# Numbers on x86_64 and aarch64 (asm/unistd.h).
_NUMBERS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, 73),  # aarch64 has ppoll alone, which its C library's poll calls
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "socket": (41, 198),
    "connect": (42, 203),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "getpeername": (52, 205),
    "getsockopt": (55, 209),
    "uname": (63, 160),
    "fcntl": (72, 25),
    "gettimeofday": (96, 169),
    "futex": (202, 98),
    "sched_setaffinity": (203, 122),
    "sched_getaffinity": (204, 123),
    "getdents64": (217, 61),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "mbind": (237, 235),
    "openat": (257, 56),
    "newfstatat": (262, 79),
    "getrandom": (318, 278),
}


@dataclass(frozen=True, slots=True)
class Argument:
    """What one argument of a call must be; its low 32 bits are looked at.

    Attributes:
        index: which argument.
        one_of: values that it may have, if any are given.
        without: bits that it must not have.
    """

    index: int
    one_of: tuple[int, ...] = ()
    without: int = 0

    def check(self) -> bytes:
        """The program that ends the process unless the argument is as it must be."""
        load = _op(_LOAD, _OFFSET_ARGUMENTS + 8 * self.index)
        kill = _op(_RETURN, _KILL_PROCESS)
        if self.without:
            return load + _op(_JUMP_SET, self.without, 0, 1) + kill
        tests = [_op(_JUMP_EQ, value, len(self.one_of) - i, 0) for i, value in enumerate(self.one_of)]
        return load + b"".join(tests) + kill


@dataclass(frozen=True, slots=True)
class Rule:
    """A system call that may be made, as long as its arguments are as stated.

    Attributes:
        name: of the call.
        arguments: what is asked of them; another value ends the process.
        refused: the error (errno) to answer with instead of making the call; 0 makes it.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    refused: int = 0

    def check(self, number: int) -> bytes:
        """The program for this rule; it falls through to the next one when another call was made."""
        verdict = _ERRNO | self.refused if self.refused else _ALLOW
        body = b"".join(argument.check() for argument in self.arguments) + _op(_RETURN, verdict)
        return _op(_JUMP_EQ, number, 0, len(body) // 8) + body


def _op(code: int, k: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, k)


def program(rules: tuple[Rule, ...], machine: str) -> bytes:
    """The BPF program for a list of rules.

    Raises:
        LockdownError: no system call numbers are known for this kind of machine.
    """
    if machine not in _AUDIT_ARCH:
        raise LockdownError(f"passerby knows no system calls of {machine}: it locks down x86_64 and aarch64.")
    column = 0 if machine == "x86_64" else 1
    parts = [_op(_LOAD, _OFFSET_ARCH), _op(_JUMP_EQ, _AUDIT_ARCH[machine], 1, 0), _op(_RETURN, _KILL_PROCESS)]
    parts.append(_op(_LOAD, _OFFSET_NUMBER))
    if machine == "x86_64":
        parts += [_op(_JUMP_GE, _X32_BIT, 0, 1), _op(_RETURN, _KILL_PROCESS)]
    parts += [rule.check(_NUMBERS[rule.name][column]) for rule in rules]
    parts.append(_op(_RETURN, _KILL_PROCESS))
    return b"".join(parts)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _seccomp(operation: int, flags: int, argument: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.syscall(_SECCOMP[platform.machine()], operation, flags, argument))


def available() -> bool:
    """Whether the kernel can end a process that makes a call off the list."""
    if platform.machine() not in _SECCOMP:
        return False
    return _seccomp(_GET_ACTION_AVAIL, 0, ctypes.byref(ctypes.c_uint32(_KILL_PROCESS))) == 0


def require() -> None:
    """Makes sure that `restrict` can work here.

    Raises:
        LockdownError: it cannot.
    """
    if not available():
        raise LockdownError(
            "this kernel cannot end a process by seccomp (Linux 4.14 or later with CONFIG_SECCOMP_FILTER)."
        )


def holds(pid: int) -> bool:
    """Whether the kernel says that every thread of a process is under a filter and can gain no rights.

    It is asked from outside, so that a room need not be believed. A thread that a filter ended counts as held (3).

    Raises:
        LockdownError: the kernel does not tell.
    """
    try:
        states = [path.read_text().splitlines() for path in Path(f"/proc/{pid}/task").glob("*/status")]
    except OSError:
        states = []
    if not states:
        raise LockdownError(
            "/proc does not show the pixel room, so its lock cannot be checked. "
            "Mount /proc without hidepid (in a systemd unit: ProtectProc=default)."
        )
    return all("NoNewPrivs:\t1" in state and ("Seccomp:\t2" in state or "Seccomp:\t3" in state) for state in states)


def restrict(rules: tuple[Rule, ...]) -> None:
    """Leaves every thread of this process only the calls in `rules`. It cannot be undone.

    Raises:
        LockdownError: the kernel refused, or a thread could not be brought under the filter.
    """
    code = program(rules, platform.machine())
    require()
    forbid_new_privileges()
    argument = _Program(len(code) // 8, code)
    result = _seccomp(_SET_MODE_FILTER, _FLAG_TSYNC, ctypes.byref(argument))
    if result > 0:
        raise LockdownError(f"seccomp could not be laid on thread {result}, so the room stays shut.")
    if result < 0:
        raise LockdownError(f"seccomp refused: {os.strerror(ctypes.get_errno())}.")
