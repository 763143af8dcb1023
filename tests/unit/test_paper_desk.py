"""Reports on a schedule: when they are made, that none is lost, and that none comes twice."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from passerby.errors import ConfigError, StoreError
from passerby.site.config import SiteConfig
from passerby.site.outputs import Sources
from passerby.site.pages.board import PageBoard
from passerby.site.paper.delivery import Deliver, Made
from passerby.site.paper.desk import Desk, reports_output
from passerby.site.paper.periods import Period
from passerby.site.paper.shapes import Reports
from passerby.site.state import OutputState, SiteState
from passerby.site.store import Store
from tests.support import filled
from tests.support.faults import noted
from tests.support.mail_server import Certificate, MailServer
from tests.support.papers import site, text_of
from tests.support.site import eventually, free_port

ZONE = filled.ZONE


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


@dataclass
class Bench:
    """A desk on a table: its clock, what it handed over, and what it said."""

    sources: Sources
    wanted: Reports
    now_unix_s: float = 0.0
    risen_s: float = 0.0
    problem: str | None = None
    given: list[tuple[str, str]] = field(default_factory=list)
    told: dict[str, str | None] = field(default_factory=dict)
    tries: list[float] = field(default_factory=list)
    make: Callable[[Period], Made] = lambda period: Made(period.name, "", "", b"", "")

    def desk(self, *ways: str) -> Desk:
        settings = replace(self.sources.settings, clock=lambda: self.now_unix_s)
        sources = replace(self.sources, settings=settings, tell=self.hear)
        return Desk(
            self.wanted, {way: self.way(way) for way in ways or ("folder",)}, self.make, sources, lambda: self.risen_s
        )

    def hear(self, told: OutputState) -> None:
        self.told[told.name] = told.problem

    def way(self, name: str) -> Deliver:
        def deliver(made: Made) -> str | None:
            self.tries.append(self.risen_s)
            if self.problem and name == "mail":
                return self.problem
            self.given.append((name, made.name))
            return None

        return deliver


def wanted(*schedule: str, at: str = "06:30") -> Reports:
    return Reports.model_validate({"schedule": schedule, "at": at, "to": {"folder": "x"}})


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Sources]:
    with Store(tmp_path / "site.sqlite") as store:
        store.add(list(filled.tallies()))
        settings = filled.settings()
        board = PageBoard(store, lambda: SiteState("x"), settings)
        yield Sources(store, lambda: SiteState("x"), settings, board)


def test_each_day_comes_once(sources: Sources) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"))
    desk = bench.desk()
    desk.turn()
    assert bench.given == [], "what was due before anybody asked for reports is not made"
    for moment in ("2025-10-10T06:29", "2025-10-10T06:30", "2025-10-10T06:31", "2025-10-10T23:59"):
        bench.now_unix_s = at(moment)
        desk.turn()
    assert bench.given == [("folder", "2025-10-09")]


def test_days_and_weeks(sources: Sources) -> None:
    bench = Bench(sources, wanted("day", "week"), at("2025-10-11T12:00"))
    desk = bench.desk("folder", "mail")
    for day in range(11, 15):
        bench.now_unix_s = at(f"2025-10-{day}T12:00")
        desk.turn()
    days = [("folder", f"2025-10-{day}") for day in (11, 12, 13)]
    assert [one for one in bench.given if one[0] == "folder"] == [*days[:2], ("folder", "2025-W41"), days[2]]
    assert len(bench.given) == 8


def test_what_was_missed_while_the_machine_was_off_is_caught_up_once(sources: Sources) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"))
    bench.desk().turn()
    bench.now_unix_s = at("2025-10-14T05:00")
    again = bench.desk()
    again.turn()
    again.turn()
    assert bench.given == [("folder", "2025-10-12")]


def test_a_restart_sends_nothing_twice(sources: Sources) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"))
    bench.desk().turn()
    bench.now_unix_s = at("2025-10-10T12:00")
    for _ in range(3):
        bench.desk().turn()
    assert bench.given == [("folder", "2025-10-09")]


def test_a_clock_that_is_set_back_sends_nothing_twice(sources: Sources) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"))
    desk = bench.desk()
    for moment in ("2025-10-09T12:00", "2025-10-10T06:30", "2025-10-10T05:30", "2025-10-10T06:30"):
        bench.now_unix_s = at(moment)
        desk.turn()
    assert bench.given == [("folder", "2025-10-09")]


def test_a_clock_that_was_years_ahead_ends_no_reports(sources: Sources) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"))
    desk = bench.desk()
    for moment in ("2025-10-09T12:00", "2036-01-01T12:00", "2025-10-09T12:05", "2025-10-10T12:00"):
        bench.now_unix_s = at(moment)
        desk.turn()
    assert bench.given == [("folder", "2035-12-31"), ("folder", "2025-10-09")]


@pytest.mark.parametrize("day", ["2025-03-30", "2025-10-26"])
def test_in_a_night_in_which_the_clock_is_changed_a_report_comes_once(sources: Sources, day: str) -> None:
    """Half past two is skipped, or comes twice."""
    bench = Bench(sources, wanted("day", at="02:30"), at(f"{day}T00:00"))
    desk = bench.desk()
    with noted("summer-time") as note:
        for quarter in range(6 * 4):
            bench.now_unix_s = at(f"{day}T00:00") + quarter * 900
            desk.turn()
        yesterday = date.fromisoformat(day) - timedelta(days=1)
        assert bench.given == [("folder", str(yesterday))]
        note.once()


def test_a_server_that_is_away_for_days_gets_all_of_them(sources: Sources, capfd: pytest.CaptureFixture[str]) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"), problem="the mail server does not answer")
    bench.desk("folder", "mail").turn()
    for day in (10, 11, 12):
        bench.now_unix_s = at(f"2025-10-{day}T12:00")
        bench.risen_s += 86_400
        bench.desk("folder", "mail").turn()  # a new one each day: it is restarted in between
    assert [way for way, _ in bench.given] == ["folder"] * 3
    assert "does not answer" in str(bench.told["reports: mail"])
    assert "report waits" in "".join(capfd.readouterr())
    bench.problem = None
    bench.risen_s += 86_400
    bench.desk("folder", "mail").turn()
    assert bench.given[3:] == [("mail", "2025-10-09"), ("mail", "2025-10-10"), ("mail", "2025-10-11")]
    assert bench.told["reports: mail"] is None


def test_it_is_tried_again_after_longer_and_longer_pauses(sources: Sources) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"), problem="away")
    desk = bench.desk("mail")
    desk.turn()
    bench.now_unix_s = at("2025-10-10T12:00")
    for second in range(0, 6 * 3600, 10):
        bench.risen_s = second
        desk.turn()
    pauses = [later - earlier for earlier, later in pairwise(bench.tries)]
    assert pauses[:7] == [60, 120, 240, 480, 960, 1920, 3600]
    assert set(pauses[7:]) <= {3600}


def test_a_store_that_cannot_be_read_makes_it_wait(sources: Sources) -> None:
    def broken(_period: Period) -> Made:
        raise StoreError("the disk does not give data")

    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"), make=broken)
    desk = bench.desk()
    desk.turn()
    bench.now_unix_s = at("2025-10-10T12:00")
    desk.turn()
    assert "the disk does not give data" in str(bench.told["reports: folder"])
    bench.make = Bench.make
    bench.risen_s = 61
    bench.desk().turn()
    assert bench.given == [("folder", "2025-10-09")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"due": {}}', '{"due": {"day": "x"}, "waiting": []}', "\x00"])
def test_a_memory_that_cannot_be_read_is_begun_anew(sources: Sources, text: str) -> None:
    memory = Path(f"{sources.store.file}.reports")
    memory.write_text(text)
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"))
    desk = bench.desk()
    desk.turn()
    assert json.loads(memory.read_text())["due"] == {"day": "2025-10-08"}
    assert bench.given == []


def test_what_waits_is_bounded_and_what_is_given_up_is_said(
    sources: Sources, capfd: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(sources, wanted("day"), at("2025-10-09T12:00"), problem="away")
    desk = bench.desk("mail")
    for day in range(70):
        bench.now_unix_s = at("2025-10-09T12:00") + day * 86_400
        desk.turn()
    waiting = json.loads(Path(f"{sources.store.file}.reports").read_text())["waiting"]
    assert len(waiting) == 62
    assert "passerby report" in "".join(capfd.readouterr())


def config(folder: Path, to: str) -> SiteConfig:
    return site(folder, f"reports: {{schedule: [day], to: {to}}}\n")


def test_a_site_that_runs_writes_and_sends_its_report(sources: Sources, tmp_path: Path) -> None:
    """The whole way: real thread, real store, real folder, real mail server that comes up late."""
    certificate = Certificate.make(tmp_path)
    (tmp_path / "password").write_text("secret words\n")
    port = free_port()
    sign_in = "credentials: {username: counting, password_file: password}"
    mail = (
        f"host: 127.0.0.1, port: {port}, ca_file: {certificate.file}, {sign_in}, from: a@b.example, to: [c@b.example]"
    )
    output = reports_output(config(tmp_path, f"{{folder: out, mail: {{{mail}}}}}"))
    told: dict[str, str | None] = {}
    memory = Path(f"{sources.store.file}.reports")
    memory.write_text(json.dumps({"due": {"day": "2025-10-08"}, "waiting": []}))
    settings = replace(sources.settings, clock=lambda: at("2025-10-10T07:00"))
    running = replace(sources, settings=settings, tell=lambda one: told.update({one.name: one.problem}))
    with output(running):
        eventually(lambda: "does not listen" in str(told.get("reports: mail")))
    assert "2025-10-09" in memory.read_text()
    pdf = (tmp_path / "out" / "passerby-2025-10-09.pdf").read_bytes()
    assert "760" in text_of(pdf)
    assert "Main door" in (tmp_path / "out" / "passerby-2025-10-09.csv").read_text()
    with MailServer(certificate, account=("counting", "secret words"), port=port) as server, output(running):
        eventually(lambda: server.mails)
        eventually(lambda: told["reports: mail"] is None)
    assert server.mails[0]["Subject"] == "Museum of Clocks: Visitors of a day: Thursday 9 October 2025"
    assert json.loads(memory.read_text())["waiting"] == []
    attached = {part.get_filename(): part.get_content() for part in server.mails[0].iter_attachments()}
    assert attached["passerby-2025-10-09.pdf"] == pdf


def test_a_password_that_is_not_there_is_said_at_the_start(tmp_path: Path) -> None:
    sign_in = "credentials: {username: u, password_file: nowhere}"
    with pytest.raises(ConfigError, match="reports: to: mail"):
        reports_output(
            config(tmp_path, f"{{mail: {{host: m.example, {sign_in}, from: a@b.example, to: [c@b.example]}}}}")
        )


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("{}", "folder, mail or both"),
        ("{mail: {host: m.example, security: none, from: a@b.example, to: [c@b.example]}}", "in the open"),
        ("{mail: {host: 'm.example:25', from: a@b.example, to: [c@b.example]}}", "without a port"),
        ("{mail: {host: m.example, from: A <a@b.example>, to: [c@b.example]}}", "an address alone"),
        ("{mail: {host: m.example, from: a@b.example, to: [nobody]}}", "an address alone"),
        ("{mail: {host: m.example, from: a@b.example, to: []}}", "give 1 or more"),
        ('{mail: {host: m.example, from: "a@b.example\\r\\nBcc: x@y.example", to: [c@b.example]}}', "an address alone"),
    ],
)
def test_mistakes_in_words(tmp_path: Path, to: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        config(tmp_path, to)
