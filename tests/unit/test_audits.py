"""The audit beside a site, with a scripted one: what is asked when, which findings stand, what is not believed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from passerby.audit.checks.health import FROZEN_S
from passerby.audit.probe import DEADLINE_S
from passerby.gate.audit_contract import AuditCamera, CameraReport, Finding, Group, Login, Order, Severity
from passerby.gate.messages import HealthFigure
from passerby.gate.scales import SCALES
from passerby.records.access import LOCAL, Account, Role
from passerby.site.audits import Audits, Pace
from passerby.site.audits.child import AuditError, Child
from passerby.site.audits.standing import Standing
from passerby.site.audits.told import cameras_json, for_viewers
from passerby.site.config import SiteConfig
from passerby.site.config_checks import Checks
from passerby.site.ready import audits_of
from passerby.site.state import CameraChecks, CameraState, SiteChecks, SiteState
from tests.support.audit_child import COMMAND, LIES, Planned, report
from tests.support.site import children, command_line, eventually, runs

CAMERAS = (AuditCamera("entrance", "rtsp://192.0.2.1/x", Login("u", "s3cret-w0rd")), AuditCamera("shop"))
STATE = SiteState("Museum of Tides", (CameraState("entrance", frame_age_s=0.4), CameraState("shop")))
OF_PICTURES = (HealthFigure.FPS, HealthFigure.DARK, HealthFigure.SHARPNESS, HealthFigure.COVERED, HealthFigure.FROZEN_S)
FAST = Pace(
    judge_every_s=0.05, probe_every_s=0.3, services_every_s=0.9, answer_within_s=20, sample_every_s=0.05, retry_s=0.05
)


@dataclass
class Scripted:
    """An audit whose findings a test changes while it runs."""

    file: Path
    planned: Planned = field(default_factory=Planned)

    def find(self, **found: list[tuple[str, Group]]) -> None:
        self.write(msgspec.structs.replace(self.planned, findings=found))

    def write(self, planned: Planned) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(planned))
        fresh.replace(self.file)

    def orders(self) -> list[str]:
        asked = self.file.with_suffix(".orders")
        return asked.read_text().split() if asked.exists() else []

    def command(self, mode: str = "answers") -> tuple[str, ...]:
        return (*COMMAND, mode, str(self.file))

    def processes(self) -> list[int]:
        """Ids of those that run; other tests may have left children of their own."""
        return [pid for pid in children(os.getpid()) if str(self.file).encode() in command_line(pid)]

    @contextmanager
    def looking(self, pace: Pace = FAST, mode: str = "answers") -> Iterator[Audits]:
        audits = Audits(CAMERAS, pace, self.command(mode))
        with audits.looking(lambda: STATE):
            yield audits


@pytest.fixture
def scripted(tmp_path: Path) -> Scripted:
    made = Scripted(tmp_path / "planned.json")
    made.find()
    return made


def standing(audits: Audits, camera: str = "entrance") -> list[str]:
    return [one.check for one in audits.checks().of(camera).findings]


def said(*checks: tuple[str, Group], failed: str | None = None) -> CameraReport:
    return report("entrance", Planned({"entrance": list(checks)}, failed=failed))


def changes(course: Standing, heard: CameraReport, now_unix_s: float) -> tuple[list[str], list[str]]:
    began, ended = course.hear(heard, now_unix_s)
    return [one.check for one in began], [one.check for one in ended]


def test_a_finding_of_the_picture_begins_when_it_is_seen_twice_and_ends_at_once() -> None:
    course, dark = Standing(), ("dark", Group.HEALTH)
    heard = [changes(course, said(*found), at) for at, found in enumerate([(dark,), (), (dark,), (dark,), (dark,), ()])]
    assert heard == [([], []), ([], []), ([], []), (["dark"], []), ([], []), ([], ["dark"])]


def test_a_door_that_stands_open_is_told_at_once_since_it_was_seen_first() -> None:
    course, door = Standing(), ("rtsp-open", Group.SECURITY)
    assert changes(course, said(door, ("blurred", Group.HEALTH)), 7.0) == (["rtsp-open"], [])
    assert changes(course, said(door, ("blurred", Group.HEALTH)), 9.0) == (["blurred"], [])
    assert {one.check: one.since_unix_s for one in course.findings} == {"rtsp-open": 7.0, "blurred": 7.0}


def test_what_could_not_be_looked_at_changes_nothing() -> None:
    course = Standing()
    changes(course, said(("rtsp-open", Group.SECURITY)), 1.0)
    assert changes(course, said(failed="no answer"), 2.0) == ([], [])
    assert [one.check for one in course.findings] == ["rtsp-open"]


def test_a_door_that_could_not_be_tried_is_no_closed_door() -> None:
    course = Standing()
    changes(course, said(("rtsp-open", Group.SECURITY), ("people-small", Group.PLACING)), 1.0)
    untried = msgspec.structs.replace(said(), unseen=("rtsp-open", "people-small"))
    assert changes(course, untried, 2.0) == ([], ["people-small"])
    assert changes(course, untried, 3.0) == ([], [])
    assert [one.since_unix_s for one in course.findings] == [1.0]
    assert changes(course, said(), 4.0) == ([], ["rtsp-open"])


def test_the_worst_stands_first_and_what_was_seen_is_of_the_last_report() -> None:
    course = Standing()
    found = [Finding("clock-ntp", Group.CLOCK, Severity.NOTE, "entrance", "off", "", "")]
    found += [Finding("rtsp-open", Group.SECURITY, Severity.CRITICAL, "entrance", "open", "", "")]
    course.hear(CameraReport("entrance", 1.0, findings=tuple(found)), 1.0)
    later = [msgspec.structs.replace(one, seen="still") for one in found]
    course.hear(CameraReport("entrance", 2.0, findings=tuple(later)), 2.0)
    assert [(one.check, one.seen, one.since_unix_s) for one in course.findings] == [
        ("rtsp-open", "still", 1.0), ("clock-ntp", "still", 1.0),
    ]  # fmt: skip


def test_a_fault_shows_and_ends_while_it_runs_and_each_is_logged_once(scripted: Scripted) -> None:
    with capture_logs() as logs, scripted.looking() as audits:
        eventually(lambda: audits.checks().of("shop").report)
        scripted.find(entrance=[("frozen", Group.HEALTH)])
        eventually(lambda: standing(audits) == ["frozen"])
        asked = len(scripted.orders())
        eventually(lambda: len(scripted.orders()) > asked + 4)
        scripted.find()
        eventually(lambda: standing(audits) == [])
        assert standing(audits, "shop") == []
        course = eventually(lambda: audits.checks().of("entrance").course)
        assert course[0].frame_age_s == 0.4
    events = [(one["event"], one["check"]) for one in logs if "check" in one]
    assert events == [("a camera's check failed", "frozen"), ("a camera's check is well again", "frozen")]
    assert "s3cret" not in repr(logs)


def test_what_is_known_is_asked_often_devices_seldom_services_least(scripted: Scripted) -> None:
    with scripted.looking() as audits:
        orders = eventually(lambda: scripted.orders() if scripted.orders().count("11") > 1 else [])
        assert audits.checks().problem is None
    assert orders[0] == "11", "an audit that was just started knows nothing"
    assert orders.count("00") > orders.count("10") > 0
    assert set(orders) == {"00", "10", "11"}


@pytest.mark.parametrize("mode", [*LIES, "dies"])
def test_what_cannot_be_is_never_believed(scripted: Scripted, mode: str) -> None:
    with Child(scripted.command(mode)) as child:
        child.order(Order(CAMERAS))

        def hear() -> None:
            heard = eventually(lambda: child.answers(["entrance", "shop"], 1))
            assert heard == [], "a lie"

        with pytest.raises(AuditError):
            hear()


def test_an_audit_that_lies_is_replaced(scripted: Scripted) -> None:
    with capture_logs() as logs, scripted.looking(mode="garbage") as audits:
        problem = eventually(lambda: audits.checks().problem or "")
        eventually(lambda: len(scripted.orders()) > 1)
    assert "the cameras are not looked at as devices" in problem
    replaced = [one for one in logs if one["event"] == "the audit of the cameras is replaced"]
    assert replaced[0]["reason"] == "it said what is no report"


@pytest.mark.parametrize("mode", ["silent", "deaf"])
def test_an_audit_that_does_not_answer_is_replaced(scripted: Scripted, mode: str) -> None:
    with scripted.looking(replace(FAST, answer_within_s=0.5), mode) as audits:
        problem = eventually(lambda: audits.checks().problem or "")
    assert "no answer within 0.5 seconds" in problem


def test_one_that_is_killed_is_replaced_and_what_was_found_stays_meanwhile(scripted: Scripted) -> None:
    scripted.find(entrance=[("rtsp-open", Group.SECURITY)])
    with scripted.looking() as audits:
        eventually(lambda: standing(audits) == ["rtsp-open"])
        (pid,) = scripted.processes()
        os.kill(pid, 9)
        eventually(lambda: audits.checks().problem)
        assert standing(audits) == ["rtsp-open"]
        eventually(lambda: audits.checks().problem is None)
        (other,) = scripted.processes()
        assert other != pid
    assert not runs(other), "it ends with the site"


def test_more_is_asked_than_a_pipe_holds(scripted: Scripted) -> None:
    many = [AuditCamera(f"camera {i}", f"rtsp://192.0.2.1/{'x' * 1000}") for i in range(200)]
    audits = Audits(many, FAST, scripted.command())
    with audits.looking(lambda: STATE):
        eventually(lambda: all(one.report for one in audits.checks().cameras))


def test_texts_of_devices_are_cut_and_have_nothing_that_does_not_print(scripted: Scripted) -> None:
    scripted.write(Planned({"entrance": [("dark", Group.HEALTH)]}, seen="x" * 5000, firmware="1.0\x1b[2J\n2"))
    with scripted.looking() as audits:
        (finding,) = eventually(lambda: audits.checks().of("entrance").findings)
        heard = audits.checks().of("entrance").report
    assert finding.seen == "x" * 1000
    assert heard is not None
    assert heard.device.firmware == "1.0\ufffd[2J\ufffd2"


def test_a_program_that_is_not_there_is_said() -> None:
    with pytest.raises(AuditError), Child(("/bin/true",)) as child:
        child.answers(["entrance"], 20)


def checked() -> SiteState:
    both = said(("rtsp-open", Group.SECURITY), ("clock-zone", Group.CLOCK))
    both = msgspec.structs.replace(both, device=msgspec.structs.replace(both.device, firmware="1.0", listening=(23,)))
    course = Standing()
    course.hear(both, 5.0)
    return replace(STATE, checks=SiteChecks((CameraChecks("entrance", both, course.findings), CameraChecks("shop"))))


def test_viewers_are_told_nothing_that_helps_to_break_in() -> None:
    viewer = Account("anna", Role.VIEWER)
    for account in (viewer, None):
        told = cameras_json(checked(), account)["cameras"][0]
        assert [one["check"] for one in told["findings"]] == ["clock-zone"]
        assert (told["device"]["firmware"], told["device"]["listening"]) == (None, None)
        assert "rtsp-open" not in repr(told)
    for account in (Account("ben", Role.OPERATOR), LOCAL):
        told = cameras_json(checked(), account)["cameras"][0]
        assert {one["check"] for one in told["findings"]} == {"clock-zone", "rtsp-open"}
        assert told["device"]["listening"] == (23,)
    assert "rtsp-open" not in repr(for_viewers(checked().checks.cameras[0]))


def test_the_defaults_keep_the_promise_of_a_minute() -> None:
    """A fault is told within 60 s of its beginning, and its end within 60 s, by the schedule's own figures."""
    pace = Pace()
    assert pace.probe_s == DEADLINE_S
    assert pace.worst_device_s <= 60
    assert pace.worst_picture_s(known_after_s=FROZEN_S + max(SCALES[one].every_s for one in OF_PICTURES)) <= 60
    assert audits_of(SiteConfig()).pace == pace
    assert audits_of(SiteConfig(checks=Checks(every_s=5))).pace.worst_device_s == 25
