"""What an audit that a device took over can still do behind its lock, and that each attempt succeeds without it."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from passerby.audit.reach import ports_of
from passerby.gate import landlock
from passerby.gate.audit_contract import AuditCamera, Order
from tests.boundary.audit_escape import ATTEMPTS, GOOD

pytestmark = pytest.mark.skipif(landlock.abi() < landlock.ABI_WITH_PORTS, reason="this kernel's Landlock has no ports")
_ATTACK = Path(__file__).with_name("audit_escape.py")
_ABI_WITH_SCOPES = 6


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Two ports of all loopback addresses that accept connections: a camera's and another one."""
    with socket.create_server(("", 0)) as one, socket.create_server(("", 0)) as other:
        yield one.getsockname()[1], other.getsockname()[1]


def attempt(name: str, how: str, ports: tuple[int, int], folder: Path) -> str:
    (folder / "secret").write_text("secret")
    command = [sys.executable, "-I", str(_ATTACK), name, how, *map(str, ports), str(folder / "secret")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize("name", ATTEMPTS)
def test_it_is_refused_behind_the_lock_and_only_there(name: str, ports: tuple[int, int], tmp_path: Path) -> None:
    assert attempt(name, "open", ports, tmp_path) == "done"
    if name == "signal its parent" and landlock.abi() < _ABI_WITH_SCOPES:
        pytest.skip("this kernel's Landlock has no scopes")
    assert attempt(name, "locked", ports, tmp_path).startswith("refused: ")


@pytest.mark.parametrize("name", GOOD)
def test_what_it_needs_is_left_to_it(name: str, ports: tuple[int, int], tmp_path: Path) -> None:
    assert attempt(name, "locked", ports, tmp_path) == "done"


def test_the_ports_are_those_of_the_cameras_and_of_the_documented_list() -> None:
    without = set(ports_of(()))
    named = AuditCamera("a", "rtsp://192.0.2.7:8554/s", onvif="http://192.0.2.7:8899/x")
    assert set(ports_of((named, AuditCamera("b", "rtsps://192.0.2.8/s")))) - without == {8554}
    assert 22 not in without and 25 not in without


def test_the_process_is_locked_before_it_asks(ports: tuple[int, int]) -> None:
    """Orders that come later cannot widen its reach: the ports are those of the first."""

    first = Order((AuditCamera("a", f"rtsp://127.0.0.1:{ports[0]}/s"),), services=False)
    second = Order((AuditCamera("b", f"rtsp://127.0.0.1:{ports[1]}/s"),), services=False)
    orders = b"".join(msgspec.json.encode(one) + b"\n" for one in (first, second))
    for more, reachable in (((), False), (("--unsafe-no-lockdown",), True)):
        command = [sys.executable, "-I", "-m", "passerby.audit", *more]
        ran = subprocess.run(command, input=orders, capture_output=True, timeout=120, check=True)
        reports = {one["camera"]: one["device"] for one in map(msgspec.json.decode, ran.stdout.splitlines())}
        assert reports["a"]["reachable"] is True
        assert reports["b"]["reachable"] is reachable


def test_a_broken_order_is_told_without_what_it_held() -> None:
    command = [sys.executable, "-I", "-m", "passerby.audit"]
    for line in (
        b'{"cameras": [{"name": "a", "login": {"password": 987654}}]}\n',
        b"hunter2\xff\n",
        b'{"a": "hunter2"}\n',
    ):
        ran = subprocess.run(command, input=line, capture_output=True, timeout=60, check=False)
        assert (ran.returncode, ran.stdout) == (2, b"")
        assert ran.stderr.startswith(b"passerby.audit: a line is no order to the audit: ")
        assert b"987654" not in ran.stderr and b"hunter2" not in ran.stderr
