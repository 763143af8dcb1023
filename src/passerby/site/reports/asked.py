"""What a report is asked for, and how its tallies are read."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from passerby.core.tallies import Measure, Tally, window_start
from passerby.site.figures import Settings, midnight
from passerby.site.store import HOUR_S, KEEP_HOURS_S, KEEP_WINDOWS_S, Filter

Where = tuple[str, str]
"""A camera, and a line or zone of it."""

WHOLE_SITE: Where = ("site", "site")
"""Where the tallies stand of a site whose profile keeps no single place."""

_LATE_S = 30
"""A window may reach the store so much after its end before it counts as missing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A span of time, and which places.

    Attributes:
        since_unix_s, until_unix_s: windows that start at or after, and before; None: up to now.
        width_s: merge into windows of this width; None: as recorded.
        camera, subject: only this camera, only this line or zone; None: all.
    """

    since_unix_s: float
    until_unix_s: float | None = None
    width_s: int | None = None
    camera: str | None = None
    subject: str | None = None

    @staticmethod
    def today(settings: Settings) -> "Asked":
        """From the site's midnight to now, all places, windows as recorded."""
        return Asked(midnight(settings.clock(), settings.zone))

    def filter(self, where: Where, measure: Measure) -> Filter:
        """What is asked of the store about one place."""
        return Filter(where[0], measure, where[1], self.since_unix_s, self.until_unix_s, self.width_s)

    def places(self, settings: Settings, measure: Measure) -> list[Where]:
        """Places that are asked for at which something is tallied and kept, in the configuration's order."""
        if settings.site_only:
            return []
        return [
            (plan.name, place.name)
            for plan in settings.plans
            for place in plan.places
            if measure in place.measures and self.camera in (None, plan.name) and self.subject in (None, place.name)
        ]

    def end_unix_s(self, settings: Settings) -> float:
        """Where the last window ends that is asked for and must be closed by now."""
        expected = window_start(settings.clock() - _LATE_S, settings.window_s)
        return expected if self.until_unix_s is None else min(self.until_unix_s, expected)

    def windows(self, settings: Settings) -> int:
        """How many windows of one place it can be at most, so that a question can be refused before it is answered."""
        now = settings.clock()
        until = now if self.until_unix_s is None else min(now, self.until_unix_s)
        # What is older than 35 days is kept as hours.
        old_s = max(0.0, min(until, now - KEEP_WINDOWS_S) - max(self.since_unix_s, now - KEEP_HOURS_S))
        new_s = max(0.0, until - max(self.since_unix_s, now - KEEP_WINDOWS_S))
        width_s = max(self.width_s or 0, settings.window_s)
        return math.ceil(old_s / max(width_s, HOUR_S)) + math.ceil(new_s / width_s)


@dataclass(frozen=True, slots=True)
class Window:
    """When: a window that a figure belongs to."""

    start_unix_s: int
    width_s: int

    def as_dict(self, zone: tzinfo | None) -> dict[str, Any]:
        """As the API writes it, with the start in the site's zone."""
        start = datetime.fromtimestamp(self.start_unix_s, zone).astimezone(zone)
        return {"start_unix_s": self.start_unix_s, "start": start.isoformat(), "width_s": self.width_s}


class Queries(Protocol):
    """What answers questions about tallies: a store, or what keeps some of its answers."""

    def query(self, which: Filter, /) -> list[Tally]:
        """Tallies by time."""
        ...


def read(store: Queries, asked: Asked, where: Where, measures: Iterable[Measure]) -> list[Tally]:
    """Tallies of one place: each measure in the order of time.

    Raises:
        StoreError: the store cannot be read.
    """
    return [tally for measure in measures for tally in store.query(asked.filter(where, measure))]


def by_window(tallies: Iterable[Tally]) -> dict[Window, list[Tally]]:
    """Tallies by their window, the earliest first."""
    found: dict[Window, list[Tally]] = {}
    for tally in tallies:
        found.setdefault(Window(tally.start_unix_s, tally.width_s), []).append(tally)
    return dict(sorted(found.items(), key=lambda item: (item[0].start_unix_s, item[0].width_s)))


def rounded(value: float | None, digits: int = 6) -> float | None:
    """A number as the API writes it."""
    return None if value is None else round(value, digits)
