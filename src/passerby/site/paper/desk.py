"""Makes reports when they are due and hands them over, as an output of a site that runs.

What waits to be handed over stands in a file beside the store, so that neither a mail server that is away nor a
restart loses a report. Of reports that fell due while the machine was off, only the last one is made.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from passerby.errors import ConfigError, PasserbyError
from passerby.site.config import SiteConfig
from passerby.site.outputs import Output, Sources
from passerby.site.paper.aisles import with_aisles
from passerby.site.paper.delivery import Deliver, Made, Post, to_folder, to_mail
from passerby.site.paper.figures import ReportFigures, gather
from passerby.site.paper.periods import Period, last_due, named
from passerby.site.paper.proved import beside
from passerby.site.paper.report import Head, report, title
from passerby.site.paper.report_csv import report_csv
from passerby.site.paper.shapes import Reports
from passerby.site.paper.texts import Texts
from passerby.site.paper.typesetting import forget
from passerby.site.place_windows import PlaceSettings
from passerby.site.settings import place_settings, shelf_settings
from passerby.site.state import OutputState

_log = structlog.get_logger("passerby.site")
_LOOK_EVERY_S = 20.0
_STOP_S = 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 60.0, 3600.0
_MOST_WAITING = 62
"""Reports that may wait; of more, the oldest are given up, and the log says so."""


def reports_output(config: SiteConfig) -> Output:
    """The output for a site that asks for reports.

    Args:
        config: with `reports`.

    Raises:
        ConfigError: the password for the mail server cannot be read.
    """
    wanted = config.reports
    assert wanted is not None, "asked for where reports are configured"
    places = place_settings(config)
    ways = _ways(config, wanted)

    def open_desk(sources: Sources) -> AbstractContextManager[object]:
        return _open(Desk(wanted, ways, _maker(config, wanted, sources, places), sources))

    return open_desk


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A report that has to be handed over in one way."""

    period: str
    way: str


@dataclass(slots=True)
class _Memory:
    """What is kept beside the store.

    Attributes:
        due: name of the period that was due last, by span.
        waiting: what has to be handed over, the oldest first.
    """

    due: dict[str, str] = field(default_factory=dict)
    waiting: list[_Waiting] = field(default_factory=list)


class Desk:
    """Makes and hands over what is due.

    Args:
        wanted: the schedule.
        ways: how reports are handed over, by name.
        make: makes the report of a period; it may raise `PasserbyError`.
        sources: the site's clock and zone, its store's path, and whom to tell of trouble.
        pause: seconds, by a clock that only rises; injected for tests.
    """

    def __init__(
        self,
        wanted: Reports,
        ways: Mapping[str, Deliver],
        make: Callable[[Period], Made],
        sources: Sources,
        pause: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted, self._ways, self._make, self._sources = wanted, ways, make, sources
        self._monotonic = pause
        self._file = Path(f"{sources.store.file}.reports")
        self._memory = self._remembered()
        self._again: dict[str, tuple[float, float]] = {}

    def turn(self) -> None:
        """Looks once: notes what fell due, and hands over what can be."""
        self._note_due()
        for way in dict.fromkeys(one.way for one in self._memory.waiting):
            if self._again.get(way, (0.0, 0.0))[0] <= self._monotonic():
                self._hand_over(way)

    def _note_due(self) -> None:
        settings = self._sources.settings
        changed = False
        for span in dict.fromkeys(self._wanted.schedule):
            period = last_due(span, self._wanted.time, settings.zone, settings.clock()).name
            known = self._memory.due.get(span)
            if known == period or (known and _is_later(known, period)):
                continue
            # On the very first start nothing was missed, nor by a clock that was far ahead and is right again.
            if known and named(known).first < named(period).first:
                self._memory.waiting += [_Waiting(period, way) for way in self._ways]
            self._memory.due[span] = period
            changed = True
        if changed:
            self._give_up_oldest()
            self._remember()

    def _give_up_oldest(self) -> None:
        while len(self._memory.waiting) > _MOST_WAITING:
            lost = self._memory.waiting.pop(0)
            _log.error("report given up; make it by hand with `passerby report`", report=lost.period, way=lost.way)

    def _hand_over(self, way: str) -> None:
        """Hands over all that waits for one way, until one fails."""
        for one in [one for one in self._memory.waiting if one.way == way]:
            problem = self._deliver(one)
            if problem is not None:
                self._wait(one, problem)
                return
            _log.info("report handed over", report=one.period, way=way)
            self._memory.waiting.remove(one)
            self._remember()
        self._again.pop(way, None)
        self._sources.tell(OutputState(f"reports: {way}", ok=True))

    def _deliver(self, one: _Waiting) -> str | None:
        deliver = self._ways.get(one.way)
        if deliver is None:
            _log.error("report dropped: it is no longer handed over this way", report=one.period, way=one.way)
            return None
        try:
            return deliver(self._make(named(one.period)))
        except PasserbyError as error:
            return str(error)

    def _wait(self, one: _Waiting, problem: str) -> None:
        pause_s = min(_LONGEST_PAUSE_S, 2 * self._again.get(one.way, (0.0, _FIRST_PAUSE_S / 2))[1])
        self._again[one.way] = (self._monotonic() + pause_s, pause_s)
        _log.error("report waits", report=one.period, way=one.way, problem=problem, again_in_s=pause_s)
        told = f"the report {one.period} waits, and will be tried again: {problem}"
        self._sources.tell(OutputState(f"reports: {one.way}", ok=False, problem=told))

    def _remembered(self) -> _Memory:
        try:
            found: dict[str, Any] = json.loads(self._file.read_text("utf-8"))
            waiting = [_Waiting(str(one["period"]), str(one["way"])) for one in found["waiting"]]
            due = {str(span): named(str(name)).name for span, name in found["due"].items()}
            return _Memory(due, [one for one in waiting if named(one.period)])
        except FileNotFoundError:
            return _Memory()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigError):
            _log.error("what is known of reports cannot be read; they begin anew", file=str(self._file))
            return _Memory()

    def _remember(self) -> None:
        kept = {
            "due": self._memory.due,
            "waiting": [{"period": one.period, "way": one.way} for one in self._memory.waiting],
        }
        part = self._file.with_name(f"{self._file.name}.part")
        try:
            part.write_text(json.dumps(kept), "utf-8")
            part.replace(self._file)
        except OSError as error:
            problem = f"{self._file} cannot be written ({error.strerror}); after a restart a report may come twice"
            _log.error("reports", problem=problem)


def _is_later(known: str, period: str) -> bool:
    """Whether the clock was set back: what was due already is not due again; of a clock that was far ahead, it is."""
    here, there = named(period), named(known)
    return timedelta(0) < there.first - here.first <= timedelta(len(here.days))


def _ways(config: SiteConfig, wanted: Reports) -> dict[str, Deliver]:
    ways: dict[str, Deliver] = {}
    if wanted.to.folder is not None:
        ways["folder"] = to_folder(config.path_of(wanted.to.folder))
    mail = wanted.to.mail
    if mail is not None:
        secret = mail.credentials.password_of("reports: to: mail", config.path_of) if mail.credentials else None
        ways["mail"] = to_mail(Post(mail, secret, config.path_of(mail.ca_file) if mail.ca_file else None))
    return ways


def _maker(
    config: SiteConfig, wanted: Reports, sources: Sources, places: tuple[PlaceSettings, ...]
) -> Callable[[Period], Made]:
    head = Head(config.site.name, wanted.language, sources.settings.zone)
    shelves = shelf_settings(config)

    def make(period: Period) -> Made:
        figures = gather(sources.store, sources.settings, places, period, beside(sources.proved()))
        made = made_of(with_aisles(figures, sources.store, shelves), head)
        forget()
        return made

    return make


def made_of(figures: ReportFigures, head: Head) -> Made:
    """A report: its page, its table and what an e-mail says with it."""
    what = title(figures, head)
    return Made(
        name=f"passerby-{figures.period.name}",
        subject=f"{head.site}: {what}",
        body=Texts(head.language)("mail_body", title=what) + "\n",
        page=report(figures, head),
        table=report_csv(figures, head.zone),
    )


@contextmanager
def _open(desk: Desk) -> Iterator[None]:
    closed = threading.Event()

    def work() -> None:
        while True:
            desk.turn()
            if closed.wait(_LOOK_EVERY_S):
                return

    thread = threading.Thread(target=work, name="reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        closed.set()
        thread.join(_STOP_S)
