"""Attempts to get further from the feed, whose parser of network bytes may have been taken over by a camera."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from tests.boundary.feed_escape import ATTEMPTS

ESCAPE = str(Path(__file__).with_name("feed_escape.py"))
SIGSYS = 31

# The camera's port has to be reachable, and Landlock knows no hosts: docs/claims/feed.md says so.
REACHABLE = {"connect_same_port", "connect_same_port_of_another_host"}
# What this kernel, or a process without special rights, may lack even without the lock.
MAY_FAIL_OPEN = {
    *("mptcp", "sctp", "smc", "smc_family", "turn_tcp_into_smc", "raw", "fast_open", "fast_open_by_message"),
    *("look_up_a_name", "too_much_memory"),
}

pytestmark = pytest.mark.skipif(
    landlock.abi() < landlock.ABI_WITH_PORTS or not seccomp.available(),
    reason="this kernel's Landlock knows no ports, or it has no seccomp",
)


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """The camera's port, open on every address of the loopback; and another one."""
    with socket.create_server(("", 0)) as camera, socket.create_server(("127.0.0.1", 0)) as other:
        yield camera.getsockname()[1], other.getsockname()[1]


def attempt(name: str, how: str, ports: tuple[int, int]) -> str:
    read_fd, spare_fd = os.pipe()
    command = [sys.executable, "-I", ESCAPE, name, how, *map(str, ports), str(spare_fd)]
    try:
        ran = subprocess.run(command, capture_output=True, pass_fds=(spare_fd,), timeout=60, check=False)
    finally:
        os.close(read_fd)
        os.close(spare_fd)
    if ran.returncode == -SIGSYS:
        return "killed"
    if name == "exec" and ran.returncode == 0 and not ran.stdout:
        return "escaped"
    return ran.stdout.decode() or f"status {ran.returncode}: {ran.stderr.decode()}"


@pytest.mark.parametrize("name", sorted(ATTEMPTS.keys() - REACHABLE))
def test_no_way_further_from_the_feed(name: str, ports: tuple[int, int]) -> None:
    assert attempt(name, "locked", ports) in ("killed", "refused")


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_the_same_attempt_succeeds_without_the_lock(name: str, ports: tuple[int, int]) -> None:
    outcome = attempt(name, "open", ports)
    if name in MAY_FAIL_OPEN and outcome == "refused":
        pytest.skip(f"this kernel refuses {name} to every process")
    assert outcome == "escaped"


@pytest.mark.parametrize("name", sorted(REACHABLE))
def test_what_stays_reachable(name: str, ports: tuple[int, int]) -> None:
    """Not wanted, but so: a test that turns red when the claim's page must be rewritten."""
    assert attempt(name, "locked", ports) == "escaped"
