"""Summer time begins and ends at a venue: a real site whose clock goes through those nights, and what it tells of them.

One visitor a minute is the truth of its store, so a day has as many as it has minutes.
"""

import math
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate import landlock, seccomp
from passerby.site.store import Store
from tests.support import clock as clocks
from tests.support.clock import SettableClock
from tests.support.faults import noted
from tests.support.site import RunningSite, eventually

MINUTE_S = 60
CAMERA = """  - name: hall
    source: rtsp://127.0.0.1:9/nobody
    view: overhead
    lines: [{name: door, from: [0.5, 0.9], to: [0.5, 0.1], place: shop}]
"""

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.skipif(not clocks.there(), reason="no C compiler makes a clock that can be set"),
]


@dataclass(frozen=True)
class Night:
    """A night in which the clock on the wall is changed.

    Attributes:
        day: of the change.
        begins, ends: the day, in UTC.
        opens: when the shop opens on it, in UTC: a time that is skipped is as much later, of one that comes twice the
            first counts.
    """

    day: date
    begins: str
    ends: str
    opens: str

    @property
    def minutes(self) -> int:
        """How many the day has."""
        return (utc(self.ends) - utc(self.begins)) // MINUTE_S


NIGHTS = {
    # From 02:00 to 03:00 and from 03:00 to 02:00; the shop opens at 02:30.
    "Europe/Berlin": (
        "02:30",
        Night(date(2026, 3, 29), "2026-03-28T23:00", "2026-03-29T22:00", "2026-03-29T01:30"),
        Night(date(2026, 10, 25), "2026-10-24T22:00", "2026-10-25T23:00", "2026-10-25T00:30"),
    ),
    # From 02:00 to 01:30 and from 02:00 to 02:30; the shop opens at 02:15.
    "Australia/Lord_Howe": (
        "02:15",
        Night(date(2026, 4, 5), "2026-04-04T13:00", "2026-04-05T13:30", "2026-04-04T15:45"),
        Night(date(2026, 10, 4), "2026-10-03T13:30", "2026-10-04T13:00", "2026-10-03T15:45"),
    ),
}


def utc(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp())


def windows(night: Night) -> Iterator[Tally]:
    """A visitor a minute, from the day before to the day after."""
    for start in range(utc(night.begins) - 86_400, utc(night.ends) + 86_400, MINUTE_S):
        yield Tally("hall", Measure.CROSSINGS_IN, "door", start, MINUTE_S, 1, MINUTE_S)
        yield Tally("hall", Measure.CROSSINGS_OUT, "door", start, MINUTE_S, 0, MINUTE_S)


class Venue:
    """A site with that store, and a clock of its own."""

    def __init__(self, folder: Path, zone: str, opens: str) -> None:
        self.folder = folder
        self.clock = SettableClock(folder)
        self.site = RunningSite(folder, CAMERA)
        self.site.python = self.clock.python
        self.site.more = f'site: {{time_zone: {zone}}}\nplaces: [{{name: shop, opens: "{opens}"}}]\n'

    def opened(self) -> tuple[int, float | None]:
        """When the shop opened last, and how many are in it since: nobody leaves."""
        (shop,) = eventually(lambda: self.site.get("/api/v1/places"))["places"]
        return round(shop["since_unix_s"]), shop["now"] and shop["now"]["people"]

    def visitors(self, day: date) -> list[int]:
        """Of a day: in all, and in each of its hours."""
        found: dict[str, Any] = eventually(lambda: self.site.get(f"/api/v1/history?date={day}"))
        return [round(one["value"]) for one in (found["total"], *found["course"])]

    def told(self) -> set[tuple[int, float]]:
        """All windows that the site says it has: their starts, and who came in."""
        found = eventually(lambda: self.site.get("/api/v1/tallies?since=0&measure=crossings_in"))["tallies"]
        return {(one["start_unix_s"], one["total"]) for one in found}


def through_the_night(venue: Venue, night: Night) -> None:
    """The shop opens once: not a minute early, and not again where the time comes twice."""
    opens = utc(night.opens)
    venue.clock.set(opens - MINUTE_S)
    eventually(lambda: venue.opened()[0] < opens - 22 * 3600)
    for minutes in (35, 65):
        venue.clock.set(opens + minutes * MINUTE_S)
        eventually(lambda wanted=minutes: (now := venue.opened()[1]) and wanted - 3 <= now <= wanted + 1)  # type: ignore[misc]  # mypy cannot type a bound default
        assert venue.opened()[0] == opens


def afterwards(venue: Venue, night: Night) -> None:
    """The day has all of its minutes, and so have its neighbours; an hour that comes twice stands twice."""
    venue.clock.set(utc(night.ends) + 43_200)
    for day, minutes in ((-1, 1440), (0, night.minutes)):
        total, *hours = venue.visitors(night.day + timedelta(days=day))
        assert total == sum(hours) == minutes
        assert len(hours) == math.ceil(minutes / 60)
    with urllib.request.urlopen(f"http://127.0.0.1:{venue.site.port}/history?date={night.day}", timeout=60) as page:
        assert page.status == 200


@pytest.mark.parametrize("zone", NIGHTS)
def test_a_night_in_which_the_clock_is_changed_has_all_of_its_visitors(zone: str, tmp_path: Path) -> None:
    opens, *nights = NIGHTS[zone]
    venue = Venue(tmp_path, zone, opens)
    with Store(tmp_path / "passerby.sqlite", run=1) as store:
        for night in nights:
            store.add(list(windows(night)))
    venue.clock.set(utc(nights[0].opens) - 3600)
    with venue.site.start(cwd=tmp_path), noted("summer-time") as note:
        before = venue.told()
        for night in nights:
            through_the_night(venue, night)
            afterwards(venue, night)
            note.once(lost=len(before - venue.told()))
    assert len(before) == sum(night.minutes + 2 * 1440 for night in nights)
