"""An audit that was taken over by a device: behind its real lock, it tries to get further.

Run as `python -I audit_escape.py NAME HOW PORT OTHER_PORT FILE`; HOW is "locked" or "open". It prints how it ended.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from passerby.gate import lockdown

PORT, OTHER_PORT = (int(one) for one in sys.argv[3:5]) if __name__ == "__main__" else (0, 0)
FILE = Path(sys.argv[5]) if __name__ == "__main__" else Path()


def _connect(host: str, port: int) -> None:
    with socket.create_connection((host, port), timeout=5):
        pass


async def _resolves() -> None:
    await asyncio.get_running_loop().getaddrinfo("localhost", None)


def _listen() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        pass


ATTEMPTS: dict[str, Callable[[], object]] = {
    "connect to another port": lambda: _connect("127.0.0.1", OTHER_PORT),
    "listen": _listen,
    "read a file": FILE.read_text,
    "read the environment of its parent": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "write a file": lambda: FILE.with_name("new").write_text("x"),
    "write over a file": lambda: FILE.write_text("x"),
    "delete a file": FILE.unlink,
    "list a folder": lambda: os.listdir(FILE.parent),
    "start a program": lambda: subprocess.run(["/bin/true"], check=True),
    "start itself": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "signal its parent": lambda: os.kill(os.getppid(), 0),
}
GOOD: dict[str, Callable[[], object]] = {
    "connect to a camera's port": lambda: _connect("127.0.0.1", PORT),
    "connect to that port of another host": lambda: _connect("127.0.0.2", PORT),
    "look up a name": lambda: asyncio.run(_resolves()),
}
"""What succeeds behind the lock: the audit needs it, or Landlock cannot tell the difference."""


def main() -> None:
    """Makes one attempt."""
    if sys.argv[2] == "locked":
        lockdown.lock_audit((PORT,))
    try:
        (ATTEMPTS | GOOD)[sys.argv[1]]()
    except OSError as error:
        sys.stdout.write(f"refused: {type(error).__name__}\n")
    else:
        sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
