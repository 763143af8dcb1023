"""A feed that was taken over by its camera: behind the real lock of a network feed, it tries to get further.

Run as `python -I feed_escape.py NAME HOW PORT OTHER_PORT FD`; HOW is "locked" or "open". It is killed, or prints how
the attempt ended.
"""

import fcntl
import mmap
import os
import socket
import sys
import threading
from collections.abc import Callable

from passerby.gate import lockdown

_TCP_ULP, _IPPROTO_SMC, _AF_SMC, _IPPROTO_MPTCP = 31, 256, 43, 262
_MSG_FASTOPEN = 0x20000000
_O_PATH = 0o10000000
_F_SETOWN = 8
SAME_PORT, OTHER_PORT, SPARE_FD = map(int, sys.argv[3:6]) if __name__ == "__main__" else (0, 0, 0)


def _tcp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def _connect_other_port() -> None:
    with _tcp() as made:
        made.connect(("127.0.0.1", OTHER_PORT))


def _connect_same_port() -> None:
    with _tcp() as made:
        made.connect(("127.0.0.1", SAME_PORT))


def _connect_same_port_of_another_host() -> None:
    with _tcp() as made:
        made.connect(("127.0.0.2", SAME_PORT))


def _fast_open() -> None:
    with _tcp() as made:
        made.sendto(b"video", _MSG_FASTOPEN, ("127.0.0.1", OTHER_PORT))


def _fast_open_by_message() -> None:
    with _tcp() as made:
        made.sendmsg([b"video"], [], _MSG_FASTOPEN, ("127.0.0.1", OTHER_PORT))


def _mptcp() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, _IPPROTO_MPTCP).close()


def _sctp() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()


def _smc() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, _IPPROTO_SMC).close()


def _smc_family() -> None:
    socket.socket(_AF_SMC, socket.SOCK_STREAM).close()


def _turn_tcp_into_smc() -> None:
    with _tcp() as made:
        made.setsockopt(socket.IPPROTO_TCP, _TCP_ULP, b"smc")


def _socket_option() -> None:
    with _tcp() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def _udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"video", ("127.0.0.1", 9))


def _unix_socket() -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()


def _netlink() -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


def _raw() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


def _bind() -> None:
    with _tcp() as made:
        made.bind(("127.0.0.1", 0))


def _listen() -> None:
    with _tcp() as made:
        made.listen()


def _look_up_a_name() -> None:
    socket.getaddrinfo("localhost", 80)


def _read_a_file() -> None:
    os.close(os.open("/etc/passwd", os.O_RDONLY))


def _point_at_a_file() -> None:
    os.close(os.open("/etc/passwd", _O_PATH))


def _write_a_file() -> None:
    os.close(os.open(f"/tmp/passerby-feed-{os.getpid()}", os.O_WRONLY | os.O_CREAT, 0o600))  # noqa: S108 - an escape


def _write_to_another_descriptor() -> None:
    os.write(SPARE_FD, b"video")


def _set_owner_for_signals() -> None:
    fcntl.fcntl(SPARE_FD, _F_SETOWN, os.getpid())


def _duplicate_a_descriptor() -> None:
    os.dup2(SPARE_FD, 2)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def _exec() -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606 - an escape


def _kill_parent() -> None:
    os.kill(os.getppid(), 0)


def _executable_memory() -> None:
    mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC).close()


def _shared_memory() -> None:
    mmap.mmap(-1, 4096).close()


def _too_much_memory() -> None:
    mmap.mmap(-1, 2 * 1024**3, flags=mmap.MAP_PRIVATE).close()


def _memory_file() -> None:
    os.close(os.memfd_create("video"))


def _open_proc_of_parent() -> None:
    os.close(os.open(f"/proc/{os.getppid()}/environ", os.O_RDONLY))


ATTEMPTS: dict[str, Callable[[], None]] = {
    name.removeprefix("_"): attempt
    for name, attempt in list(globals().items())
    if name.startswith("_") and name != "_tcp" and hasattr(attempt, "__code__")
}


def main() -> None:
    """Locks itself as a feed does, and tries."""
    name, how = sys.argv[1:3]
    if how == "locked":
        lockdown.silence_stderr()
        lockdown.lock_feed((1,), SAME_PORT, None)
    try:
        ATTEMPTS[name]()
    except OSError:
        os.write(1, b"refused")
    else:
        os.write(1, b"escaped")
    os._exit(0)


if __name__ == "__main__":
    main()
