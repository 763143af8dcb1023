"""What a set-up room that was taken over may say: one still, once, and numbers of its plan; the rest ends it."""

import sys
import time
from pathlib import Path

import pytest

from passerby.errors import GateError
from passerby.gate import landlock, seccomp
from passerby.gate.guard import Job
from passerby.gate.messages import CameraPlan, LinePlan, Plan, SetupPlan, ShelfPlan, TeachState, ZonePlan
from passerby.gate.setup_contract import rehearsal_bits_per_minute
from passerby.gate.setup_messages import DoorReader, Head, SetupKind, Still
from passerby.gate.setup_session import ROOM_COMMAND, SetupSession, SetupSettings, Told
from passerby.gate.sources import parse
from tests.boundary.setup_liar import BEFORE_READY, LIES, SIGNATURE, TAUGHT, TAUGHT_BEFORE_READY, TAUGHT_LIES
from tests.support import old_kernel
from tests.support.clips import make_clip
from tests.support.site import eventually

LIAR = str(Path(__file__).with_name("setup_liar.py"))
LINE = LinePlan("line", (0.1, 0.5), (0.9, 0.5))
ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
SHELF = ShelfPlan("crisps", (ZONE.corners + ((0.0, 1.0),),) * 2)
CAMERA = CameraPlan("door", (LINE,), (ZONE,), "overhead", recording_start_unix_s=0, shelves=(SHELF,))

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


BOTH = SetupPlan(watch_s=5, rehearse_s=5)
TEACH = SetupPlan(0, 0, TeachState.FULL)


def session(name: str, folder: Path, setup: SetupPlan = BOTH) -> SetupSession:
    (folder / "picture.png").write_bytes(b"no picture")
    settings = SetupSettings(room_command=(sys.executable, "-I", LIAR, name))
    return SetupSession(Job(CAMERA, parse(str(folder))), settings, setup)


def hear(name: str, folder: Path, setup: SetupPlan = BOTH) -> Told:
    """What is known once the room has ended."""
    open_now = session(name, folder, setup)
    eventually(lambda: open_now.told().ended)
    told = open_now.told()
    open_now.close()
    return told


def test_an_honest_room_is_heard(tmp_path: Path) -> None:
    told = hear("honest", tmp_path)
    assert told.problem is None
    assert told.locked == (landlock.abi(), True)
    assert told.still == Still(2, 2, b"picture here")
    assert told.signature == SIGNATURE.cells
    assert [(one.place, one.measure.name, one.total) for one in told.rehearsed] == [
        ("line", "CROSSINGS_IN", 1),
        ("floor", "PEOPLE", 3),
    ]
    assert told.bytes_out == 24 + (24 + 1_536) + (24 + 147_456) + 2 * 24


@pytest.mark.parametrize("lie", sorted(LIES))
def test_a_lie_ends_the_room_and_nothing_is_kept(lie: str, tmp_path: Path) -> None:
    told = hear(lie, tmp_path)
    assert told.problem is not None
    assert "refused" in told.problem
    assert told.still is None
    assert told.signature is None
    assert told.rehearsed == ()


@pytest.mark.parametrize("lie", sorted(BEFORE_READY))
def test_nothing_is_heard_of_a_room_that_is_not_shut_in(lie: str, tmp_path: Path) -> None:
    told = hear(lie, tmp_path)
    assert told.problem is not None
    assert told.locked is None
    assert told.still is None
    assert told.signature is None


def test_what_a_shelf_was_taught_is_heard_once(tmp_path: Path) -> None:
    told = hear("teach", tmp_path, TEACH)
    assert told.problem is None
    assert (told.taught, told.still) == (TAUGHT, None)
    assert told.bytes_out == 24 + 24 + 2 * 337


@pytest.mark.parametrize("lie", sorted(TAUGHT_LIES | TAUGHT_BEFORE_READY))
def test_of_a_room_that_lies_about_a_shelf_nothing_is_kept(lie: str, tmp_path: Path) -> None:
    told = hear(lie, tmp_path, TEACH)
    assert told.problem is not None
    assert "refused" in told.problem or told.locked is None
    assert told.taught is None


def test_a_room_that_teaches_nothing_says_so(tmp_path: Path) -> None:
    told = hear("break off", tmp_path, TEACH)
    assert told.problem is not None
    assert "before it had learnt the shelf" in told.problem


@pytest.mark.parametrize(
    ("name", "setup"), [("honest", SetupPlan(0, 5)), ("honest", SetupPlan(5, 0))], ids=["still", "numbers"]
)
def test_what_was_not_asked_for_is_refused(name: str, setup: SetupPlan, tmp_path: Path) -> None:
    """A room that only rehearses has no still to send, nor its signature; one that only watches has no numbers."""
    told = hear(name, tmp_path, setup)
    assert told.problem is not None
    assert "not asked for" in told.problem
    assert told.still is None
    assert told.signature is None


def test_a_room_that_stays_is_ended(tmp_path: Path) -> None:
    open_now = session("stay", tmp_path, SetupPlan(5, 1))
    eventually(lambda: open_now.told().still)
    began_s = time.monotonic()
    eventually(lambda: open_now.told().ended)
    assert time.monotonic() - began_s < 30
    open_now.close()


def test_a_room_that_breaks_off_says_so(tmp_path: Path) -> None:
    told = hear("break off", tmp_path)
    assert told.problem is not None
    assert "before it had made a still" in told.problem


def test_closing_ends_a_room_and_forgets_the_still(tmp_path: Path) -> None:
    open_now = session("stay", tmp_path, SetupPlan(5, 600))
    eventually(lambda: open_now.told().rehearsed)
    open_now.close()
    open_now.close()
    assert open_now.told().ended
    assert open_now.told().still is None
    assert open_now.told().rehearsed == ()


@pytest.mark.parametrize("missing", ["landlock_create_ruleset", "seccomp"])
def test_without_a_lock_nothing_is_watched(missing: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4")
    command = (sys.executable, old_kernel.__file__, missing, "--", *ROOM_COMMAND)
    open_now = SetupSession(Job(CAMERA, parse(str(clip))), SetupSettings(room_command=command), SetupPlan(1, 0))
    eventually(lambda: open_now.told().ended)
    told = open_now.told()
    open_now.close()
    assert told.problem is not None
    assert missing.split("_", maxsplit=1)[0] in told.problem.lower()
    assert told.connected_s is None, "no feed was started"
    assert told.still is None


def test_a_head_is_checked_before_its_body_is_read() -> None:
    asked: list[Head] = []

    def refuse(head: Head) -> None:
        asked.append(head)
        raise GateError("no")

    head = Head(SetupKind.STILL, a=2, b=2)
    with pytest.raises(GateError, match="no"):
        list(DoorReader(refuse).feed(head.pack()))
    assert asked == [head]


def test_how_much_a_rehearsal_could_hide() -> None:
    """docs/claims/set-up-mode.md states these figures, rounded up."""
    of_a_line = rehearsal_bits_per_minute(Plan((CameraPlan("door", (LINE,)),), (3,))) / 8
    of_a_zone = rehearsal_bits_per_minute(Plan((CameraPlan("door", (), (ZONE,)),), (3,))) / 8
    assert (round(of_a_line), round(of_a_zone)) == (53, 62)
