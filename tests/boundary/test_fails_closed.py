"""Where a lock is missing, the room does not open: exit status 3, in words, and not one frame is read."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import old_kernel
from tests.support.clips import make_clip

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the old kernel is imitated on x86_64 only")


def on_old_kernel(missing: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    imitation = [sys.executable, old_kernel.__file__, missing, "--", sys.executable, "-m", "passerby.cli"]
    return subprocess.run(
        [*imitation, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("landlock_create_ruleset", "no Landlock"),
        ("seccomp", "seccomp"),
        ("landlock_create_ruleset,seccomp", "Landlock"),
    ],
)
def test_no_lock_no_count(missing: str, words: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4")
    ran = on_old_kernel(missing, "count", clip, "--view", "overhead", "--line", "a=0.5,1:0.5,0", "--json")
    assert ran.returncode == 3
    assert ran.stdout == ""
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_doctor_says_so(tmp_path: Path) -> None:
    ran = on_old_kernel("landlock_create_ruleset", "doctor", "--json")
    assert ran.returncode == 1
    assert '"what": "Landlock", "level": "missing"' in ran.stdout


def test_left_open_only_when_told(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4")
    arguments = ("count", clip, "--view", "overhead", "--line", "a=0.5,1:0.5,0", "--json", "--unsafe-no-lockdown")
    ran = on_old_kernel("landlock_create_ruleset,seccomp", *arguments)
    assert ran.returncode == 0, ran.stderr
    assert '"lockdown": {"landlock_abi": 0, "seccomp": false}' in ran.stdout
