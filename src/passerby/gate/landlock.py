"""Landlock: which files and ports a process may still reach.

The kernel's own interface (linux/landlock.h) by system call, since the kept Python bindings leave out network and
scopes. Every right that the running kernel knows is taken away, unless a rule gives it back.
"""

import ctypes
import errno
import os
from pathlib import Path

from passerby.errors import LockdownError

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH, _RULE_PORT = 1, 2
_PR_SET_NO_NEW_PRIVS = 38

# Rights over files that each ABI added: 13, then REFER, TRUNCATE, (network), IOCTL_DEV.
_FILE_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_NET_BIND_TCP, _NET_CONNECT_TCP = 1 << 0, 1 << 1
_SCOPE_ABSTRACT_UNIX, _SCOPE_SIGNAL = 1 << 0, 1 << 1
ABI_WITH_PORTS = 4
_ABI_WITH_SCOPES = 6

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _PortRule(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def _syscall(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def abi() -> int:
    """The kernel's Landlock ABI, or 0 where it has none."""
    try:
        return _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    except OSError:
        return 0


def forbid_new_privileges() -> None:
    """Lets no later exec gain rights; both locks need it."""
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise LockdownError("the kernel refused no_new_privs, without which no room can be locked")


def restrict(readable: tuple[Path, ...] = (), connect_ports: tuple[int, ...] = ()) -> int:
    """Leaves this thread, and those it starts later, only what is named.

    Args:
        readable: files and folders that may still be read.
        connect_ports: the TCP ports that may still be connected to.

    Returns:
        The kernel's Landlock ABI.

    Raises:
        LockdownError: the kernel has no Landlock, or one too old to limit ports when some are asked for.
    """
    version = abi()
    if version == 0:
        raise LockdownError(
            "this kernel has no Landlock (Linux 5.13 or later, with `landlock` in the boot option `lsm=`). "
            "passerby does not open video without it. `passerby doctor` tells more."
        )
    if connect_ports and version < ABI_WITH_PORTS:
        raise LockdownError(
            f"this kernel's Landlock (ABI {version}) cannot limit network ports, which is needed for cameras: "
            "use Linux 6.7 or later (Debian 13, Ubuntu 24.04)."
        )
    try:
        _restrict(version, readable, connect_ports)
    except OSError as error:
        raise LockdownError(f"Landlock refused: {error.strerror}. `passerby doctor` tells more.") from None
    return version


def _restrict(version: int, readable: tuple[Path, ...], connect_ports: tuple[int, ...]) -> None:
    files = (1 << _FILE_RIGHTS_BY_ABI[min(version, 5)]) - 1
    net = _NET_BIND_TCP | _NET_CONNECT_TCP if version >= ABI_WITH_PORTS else 0
    scoped = _SCOPE_ABSTRACT_UNIX | _SCOPE_SIGNAL if version >= _ABI_WITH_SCOPES else 0
    attributes = _Ruleset(files, net, scoped)
    size = 8 if version < ABI_WITH_PORTS else 16 if version < _ABI_WITH_SCOPES else 24
    ruleset = _syscall(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow_reading(ruleset, path)
        for number in connect_ports:
            port = _PortRule(_NET_CONNECT_TCP, number)
            _syscall(_ADD_RULE, ruleset, _RULE_PORT, ctypes.byref(port), ctypes.c_uint32(0))
        forbid_new_privileges()
        _syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, path: Path) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return  # What is not there needs no rule.
        raise
    try:
        rights = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
        rule = _PathRule(rights, parent)
        _syscall(_ADD_RULE, ruleset, _RULE_PATH, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(parent)
