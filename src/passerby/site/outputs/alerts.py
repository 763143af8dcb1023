"""Alerts: watches the numbers of closed windows, and tells each receiver once when one begins and once when it ends."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import structlog

from passerby.core.alerts import Course, Rule, after, to_tell
from passerby.errors import ConfigError, StoreError
from passerby.records.receivers import Messenger, ReceiverState, tried, ways_to
from passerby.records.repeating import repeating
from passerby.site.config import SiteConfig
from passerby.site.config_alerts import Alert
from passerby.site.journal import ITSELF, Action, Journal
from passerby.site.outputs import Sources
from passerby.site.outputs.alert_damage import DamageAlert
from passerby.site.outputs.alert_shelves import empty_facings, told_facings
from passerby.site.outputs.alert_words import message
from passerby.site.outputs.numbers import Number, numbers
from passerby.site.place_windows import GRACE_S
from passerby.site.shelf_states import ShelfNow
from passerby.site.state import CameraStatus, SiteChecks, SiteState, StandingFinding

_log = structlog.get_logger("passerby.site")
_EVERY_S = 1.0
_REMEMBER_S = 35 * 86_400.0


@dataclass(slots=True)
class _Watched:
    """One alert, and where it stands."""

    alert: Alert
    rule: Rule
    course: Course = field(default_factory=Course)
    told: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As `/api/v1/alerts` has it."""
        camera, subject, measure = self.alert.key
        return {
            "name": self.alert.name,
            "when": self.alert.when,
            "camera": camera,
            "subject": subject,
            "measure": measure,
            "limit": self.rule.limit,
            "clear_at": self.rule.clear_at,
            "for_windows": self.alert.for_windows,
            "on": self.course.on,
            "since_unix_s": self.course.since_unix_s,
            "told": self.told,
            "value": self.course.value,
            "until_unix_s": self.course.heard_unix_s,
            "to": list(self.alert.to),
        }


class AlertDesk:
    """An output that watches and tells.

    Args:
        alerts: as configured.
        messengers: who is told, by name; started and closed with this.
        window_s: width of the site's windows.
        journal: the log, which also knows after a restart what was told before.
        clock: seconds, which only go on.
    """

    def __init__(
        self,
        alerts: tuple[Alert, ...],
        messengers: Mapping[str, Messenger],
        window_s: int,
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watched = [_Watched(one, one.rule(window_s)) for one in alerts]
        self._messengers = messengers
        self._journal = journal
        self._lock = threading.Lock()
        self._down = _Down(clock)
        self._damage = DamageAlert(messengers, journal)

    def alerts(self) -> list[dict[str, Any]]:
        """All alerts as they are now, as `/api/v1/alerts` has them. Safe from any thread."""
        with self._lock:
            return [one.as_dict() for one in self._watched]

    def receivers(self) -> tuple[ReceiverState, ...]:
        """Who is told, and whether messages arrive. Safe from any thread."""
        return tuple(one.state() for one in self._messengers.values())

    @contextmanager
    def __call__(self, sources: Sources) -> Iterator[None]:
        """Watches as long as it is open."""
        self._remember(sources.settings.clock())
        with ExitStack() as open_now:
            for messenger in self._messengers.values():
                messenger.start()
                open_now.enter_context(closing(messenger))
            open_now.enter_context(repeating("alerts", _EVERY_S, lambda: self.look(sources)))
            yield

    def look(self, sources: Sources) -> None:
        """Looks once at all numbers, and tells what is to be told."""
        self._damage.look(sources)
        now, state = sources.settings.clock(), sources.state()
        known = {number.key: number for number in numbers(sources.board.today())}
        seen = _Seen(self._down.look(state), state.checks, sources.shelves(), now)
        for watched in self._watched:
            with self._lock:
                watched.course = _heard(watched, known, seen, now)
                due = to_tell(watched.course.on, watched.told, _is_quiet(watched.alert, now, sources.settings.zone))
                watched.told = watched.course.on if due else watched.told
            if due:
                self._tell(watched, {"site": state.site, **seen.found(watched.alert)}, sources.settings.zone)

    def _tell(self, watched: _Watched, found: Mapping[str, Any], zone: tzinfo | None) -> None:
        on = watched.course.on
        body = {"id": uuid.uuid4().hex, "event": "began" if on else "ended", **_told(watched), **found}
        for name in watched.alert.to:
            self._messengers[name].put(message(body, zone))
        try:
            self._journal.add(ITSELF, Action.ALERT_BEGAN if on else Action.ALERT_ENDED, watched.alert.name)
        except StoreError as error:
            _log.error("an alert is not in the log", alert=watched.alert.name, problem=str(error))

    def _remember(self, now: float) -> None:
        """Takes up what was told before the site started again, so that nothing is told twice."""
        try:
            entries = self._journal.since(now - _REMEMBER_S)
        except StoreError as error:
            _log.error("what was told of alerts before is not known", problem=str(error))
            return
        self._damage.remember(entries)
        last = {entry.detail: entry for entry in reversed(entries) if entry.action in _ALERTS}
        for watched in self._watched:
            entry = last.get(watched.alert.name)
            if entry and entry.action == Action.ALERT_BEGAN.value:
                watched.told = True
                watched.course = Course(on=True, since_unix_s=entry.moment_unix_s)


class _Down:
    """For how long cameras have been down; by a clock that nobody sets."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since_s: dict[str, float] = {}

    def look(self, state: SiteState) -> dict[str, float]:
        """Seconds for which each camera has been down; 0 for one that is not."""
        now_s = self._clock()
        for camera in state.cameras:
            if camera.status in (CameraStatus.LIVE, CameraStatus.DONE):
                self._since_s.pop(camera.name, None)
            else:
                self._since_s.setdefault(camera.name, now_s)
        return {one.name: now_s - self._since_s.get(one.name, now_s) for one in state.cameras}


_NAMES = ("when", "camera", "subject", "measure", "limit", "value", "since_unix_s")
_ALERTS = (Action.ALERT_BEGAN.value, Action.ALERT_ENDED.value)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is not counted: how cameras and shelves are.

    Attributes:
        down: seconds without pictures, by camera.
        checks: what was found at the cameras.
        shelves: how they are.
        now_unix_s: by the site's clock.
    """

    down: Mapping[str, float]
    checks: SiteChecks
    shelves: tuple[ShelfNow, ...]
    now_unix_s: float

    def of(self, alert: Alert) -> int | None:
        """Seconds for which it has been so, 0 where it is not; empty facings; or None where that is not known."""
        if alert.when == "shelf_empty":
            return empty_facings(alert, self.shelves, self.now_unix_s)
        if alert.when == "camera_down":
            seconds = self.down.get(alert.camera or "")
            return None if seconds is None else round(seconds)
        if self.checks.of(alert.camera or "").report is None:
            return None
        since = [one.since_unix_s for one in _found(alert, self.checks)]
        return max(1, round(self.now_unix_s - min(since))) if since else 0

    def found(self, alert: Alert) -> dict[str, Any]:
        """What else a message says of it."""
        if alert.when == "camera_check":
            return {"checks": [one.check for one in _found(alert, self.checks)]}
        if alert.when == "shelf_empty":
            return {"empty": told_facings(alert, self.shelves, self.now_unix_s)}
        return {}


def _found(alert: Alert, checks: SiteChecks) -> list[StandingFinding]:
    """The findings that an alert is about."""
    standing = checks.of(alert.camera or "").findings
    named = [one for one in standing if one.check in alert.checks or not alert.checks]
    return [one for one in named if one.severity >= alert.least_severity]


def _heard(watched: _Watched, known: Mapping[Any, Number], seen: _Seen, now: float) -> Course:
    alert = watched.alert
    if not alert.is_counted:
        return after(watched.course, watched.rule, seen.of(alert), now)
    number = known.get(alert.key)
    # All cameras' parts of a window are there some time after its end; before that too few people would be told.
    if number is None or now < number.until_unix_s + GRACE_S:
        return watched.course
    return after(watched.course, watched.rule, number.value, number.until_unix_s)


def _is_quiet(alert: Alert, now: float, zone: tzinfo | None) -> bool:
    return alert.quiet is not None and alert.quiet.holds(now, zone)


def _told(watched: _Watched) -> dict[str, Any]:
    told = watched.as_dict()
    return {"alert": told["name"], **{name: told[name] for name in _NAMES}}


def alert_desk(config: SiteConfig) -> AlertDesk | None:
    """The alerts of a configuration; None where it has neither alerts nor receivers. Reads the receivers' secrets.

    Raises:
        ConfigError: with every secret that cannot be read.
    """
    if not config.alerts and not config.notify:
        return None
    messengers = {name: Messenger(name, way) for name, way in ways_to(config.notify, config.path_of).items()}
    cameras = [one.name for one in config.cameras]
    alerts = tuple(each for alert in config.alerts for each in alert.at_each(cameras))
    return AlertDesk(alerts, messengers, config.window_s, Journal(config.store_file))


def send_test(config: SiteConfig, name: str) -> dict[str, str | None]:
    """Sends a test message to all receivers of an alert, or to one receiver, once.

    Returns:
        Why it did not arrive, by receiver; None for one that got it.

    Raises:
        ConfigError: there is no such alert or receiver, or a secret cannot be read.
    """
    alert = next((one for one in config.alerts if one.name == name), None)
    receivers = [one.name for one in config.notify]
    if alert is None and name not in receivers:
        known = ", ".join([*(one.name for one in config.alerts), *receivers]) or "none"
        raise ConfigError([f"there is no alert or receiver {name}; there is: {known}"])
    to = alert.to if alert else (name,)
    ways = ways_to([one for one in config.notify if one.name in to], config.path_of)
    body: dict[str, Any] = dict.fromkeys(_NAMES)
    if alert:
        body = _told(_Watched(alert, alert.rule(config.window_s)))
    sent = {"id": uuid.uuid4().hex, "site": config.site.name, "event": "test", **body, "alert": name}
    return {one: tried(way, message(sent, config.site.zone)) for one, way in ways.items()}
