"""Starts a program as if the kernel were too old: `python old_kernel.py CALL,CALL -- PROGRAM ...`.

The named system calls fail with "function not implemented", for the program and all that it starts.
"""

import ctypes
import os
import struct
import sys

NUMBERS = {"landlock_create_ruleset": 444, "seccomp": 317}
_ENOSYS = 38


def _op(code: int, k: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, k)


def forget(calls: list[str]) -> None:
    """Takes system calls away from this process and its children (seccomp(2), SECCOMP_RET_ERRNO)."""
    checks = b"".join(_op(0x15, NUMBERS[call], 0, 1) + _op(0x06, 0x00050000 | _ENOSYS) for call in calls)
    code = _op(0x20, 0) + checks + _op(0x06, 0x7FFF0000)

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    if libc.prctl(22, 2, ctypes.byref(Program(len(code) // 8, code)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter was refused")


if __name__ == "__main__":
    forget(sys.argv[1].split(","))
    os.execv(sys.argv[3], sys.argv[3:])
