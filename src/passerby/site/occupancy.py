"""How many people are in the places of a site: the report for the page and the API, from tallies and corrections."""

import math
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import structlog

from passerby.core.crowd import state_after
from passerby.core.occupancy import Drift, Fix, Flow, Occupancy, course, drift, present
from passerby.core.tallies import Tally
from passerby.site.corrections import Correction, Corrections
from passerby.site.figures import Settings
from passerby.site.place_windows import GRACE_S, Day, PlaceSettings, PlaceTallies, PlaceWindows, Spot, last_opening
from passerby.site.store import Store

_REFRESH_S = 30.0
_log = structlog.get_logger("passerby.site")


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """A place today, that is since it opened last.

    Attributes:
        name: of the place.
        since_unix_s: when it opened.
        now: the newest that is known, and as of when; None where nothing tells.
        course: at the end of each window since it opened.
        entered, left: people who crossed its lines since it opened; None without lines.
        crowd_limit, over: the limit, and whether it is passed; None without one.
        drift: what its lines say more than its zones; None where the zones do not see all.
        left_over: how many were still counted when it opened and the count was reset; None where that is not known.
        corrections: since it opened.
    """

    name: str
    since_unix_s: float
    now: Occupancy | None
    course: tuple[Occupancy, ...]
    entered: int | None
    left: int | None
    crowd_limit: int | None
    over: bool | None
    drift: Drift | None
    left_over: float | None
    corrections: tuple[Correction, ...]

    def as_dict(self) -> dict[str, Any]:
        """As `/api/v1/places` has it. Who wrote a correction stays in the site's log."""
        return {
            "place": self.name,
            "since_unix_s": round(self.since_unix_s),
            "now": self.now and _point(self.now),
            "crowd_limit": self.crowd_limit,
            "over": self.over,
            "entered": self.entered,
            "left": self.left,
            "swallowed": _tenths(self.now.swallowed if self.now else 0.0),
            "left_over": _tenths(self.left_over),
            "drift": self.drift
            and {"now": _tenths(self.drift.now), "mean": _tenths(self.drift.mean), "windows": self.drift.windows},
            "course": [_point(one) for one in self.course],
            "corrections": [
                {"moment_unix_s": one.moment_unix_s, "people": one.people, "note": one.note} for one in self.corrections
            ],
        }


class PlaceBoard:
    """The places of a site, computed once for all who look.

    Args:
        store: where tallies are.
        corrections: of the same file.
        places: as configured.
        settings: windows, zone and clock.
    """

    def __init__(
        self, store: Store, corrections: Corrections, places: tuple[PlaceSettings, ...], settings: Settings
    ) -> None:
        self._store = store
        self._tallies = PlaceTallies(store)
        self._corrections = corrections
        self._places = places
        self._settings = settings
        self._lock = threading.Lock()
        self._read_from: tuple[int, list[Correction]] = (-1, [])
        self._read_unix_s = -math.inf
        self._reports: tuple[PlaceReport, ...] = ()
        self._left_over: dict[str, tuple[float, float | None]] = {}
        self._logged = 0

    def places(self) -> tuple[PlaceReport, ...]:
        """Reports in the order of the configuration: new when tallies or corrections are, and each half minute.

        Safe from any thread. Resets and corrections that are seen for the first time are logged.

        Raises:
            StoreError: the store cannot be read.
        """
        if not self._places:
            return ()
        with self._lock:
            now = self._settings.clock()
            written = self._corrections.since(min(self._opened(place, now) for place in self._places))
            read_from = (self._store.revision, written)
            if read_from != self._read_from or not 0 <= now - self._read_unix_s < _REFRESH_S:
                self._reports = self._read(now, written)
                self._read_from, self._read_unix_s = read_from, now
                self._log_new(written)
            return self._reports

    def _read(self, now: float, written: list[Correction]) -> tuple[PlaceReport, ...]:
        days = [Day(self._opened(place, now), now, self._settings.window_s) for place in self._places]
        found = self._tallies.since(min(day.opened_unix_s for day in days), now)
        between = cache(self._tallies.between)  # places that open at the same time share what is read
        return tuple(
            _report(_told(place, day, found, written), self._before_opening(place, day, between))
            for place, day in zip(self._places, days, strict=True)
        )

    def _opened(self, place: PlaceSettings, now: float) -> float:
        return last_opening(now, place.opens, self._settings.zone)

    def _before_opening(
        self, place: PlaceSettings, day: Day, between: Callable[[float, float], dict[Spot, list[Tally]]]
    ) -> float | None:
        """How many were still counted when the place opened; read and logged once, when those windows must be there."""
        opened = day.opened_unix_s
        if not place.lines or day.until_unix_s < opened + GRACE_S:
            return None
        known_of, people = self._left_over.get(place.name, (None, None))
        if known_of != opened:
            before = Day(self._opened(place, opened - 1), opened, day.window_s)
            written = self._corrections.since(before.opened_unix_s)
            told = _told(place, before, between(before.opened_unix_s, opened), written).told
            people = told[-1].people if any(one.coverage for one in told) else None
            self._left_over[place.name] = (opened, people)
            _log.info("place reset to 0 people at its opening time", place=place.name, people_before=_tenths(people))
        return people

    def _log_new(self, written: list[Correction]) -> None:
        for one in written:
            if one.number > self._logged:
                _log.info("place corrected", place=one.place, people=one.people, note=one.note, account=one.account)
        self._logged = max([self._logged, *(one.number for one in written)])


def past_course(
    place: PlaceSettings, day: Day, found: dict[Spot, list[Tally]], written: Iterable[Correction]
) -> tuple[Occupancy, ...]:
    """How many people were in a place at the end of each window of a day.

    Args:
        place: which.
        day: from its opening to when it is asked about.
        found: the tallies of its lines and zones in that time.
        written: corrections of any place and time.
    """
    return tuple(_told(place, day, found, written).told)


def places_json(board: PlaceBoard) -> list[dict[str, Any]]:
    """The places, as `/api/v1/places` has them.

    Raises:
        StoreError: the store cannot be read.
    """
    return [report.as_dict() for report in board.places()]


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a place since it opened."""

    place: PlaceSettings
    day: Day
    flows: list[Flow]
    told: list[Occupancy]
    fixes: list[Fix]
    written: tuple[Correction, ...]
    drift: Drift | None


def _told(place: PlaceSettings, day: Day, found: dict[Spot, list[Tally]], written: Iterable[Correction]) -> _Told:
    windows = PlaceWindows(place, day, found)
    if not place.lines:
        sees_all = place.zones_see_all and place.zones
        levels = [windows.level(start, place.zones) for start in windows.starts(place.zones)] if sees_all else []
        return _Told(place, day, [], levels, [], (), None)
    of_day = tuple(
        one for one in written if one.place == place.name and day.opened_unix_s <= one.moment_unix_s <= day.until_unix_s
    )
    flows = [windows.flow(start, place.lines) for start in windows.starts(place.lines)]
    fixes = [Fix(day.opened_unix_s, 0), *(Fix(one.moment_unix_s, one.people) for one in of_day)]
    told = course(flows, fixes)
    against = drift(told, windows.zone_means(place.zones)) if place.zones_see_all else None
    return _Told(place, day, flows, told, fixes, of_day, against)


def _report(it: _Told, left_over: float | None) -> PlaceReport:
    now = present(it.told, it.fixes)
    limit = it.place.crowd_limit
    return PlaceReport(
        name=it.place.name,
        since_unix_s=it.day.opened_unix_s,
        now=now,
        course=tuple(it.told),
        entered=round(sum(flow.entered for flow in it.flows)) if it.place.lines else None,
        left=round(sum(flow.left for flow in it.flows)) if it.place.lines else None,
        crowd_limit=limit,
        over=None if limit is None else _over([*it.told, *([now] if now else [])], limit),
        drift=it.drift,
        left_over=left_over,
        corrections=it.written,
    )


def _over(told: Sequence[Occupancy], limit: int) -> bool:
    over = False
    for one in told:
        over = over if one.people is None else state_after(over, one.people, limit)
    return over


def _point(one: Occupancy) -> dict[str, Any]:
    return {
        "end_unix_s": round(one.end_unix_s),
        "people": _tenths(one.people),
        "low": None if one.low is None else math.floor(one.low),
        "high": None if one.high is None else math.ceil(one.high),
        "coverage": round(one.coverage, 4),
    }


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
