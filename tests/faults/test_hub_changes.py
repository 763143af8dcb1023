"""Venues that change while their sites send: renamed, merged, at :30 and :45, with a clock days off."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from passerby.core.tallies import Measure
from passerby.hub.config import load
from passerby.hub.contract import Span
from passerby.hub.enrolment import SiteKeys
from passerby.hub.housekeeping import Housekeeping
from passerby.hub.hub import Hub
from passerby.hub.run import open_hub
from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.enlisting import enlist, invite, join, way
from passerby.hub.simulate.fleet import Order, SimulatedVenue, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.hub.simulate.windows import Script
from passerby.records.wire.batches import Row
from passerby.records.wire.link import HubLink
from tests.support.hub import RunningHub
from tests.support.hub_truth import ALL, Played, differences, rows_of
from tests.support.site import eventually

WINDOWS = 120
"""Of fifteen minutes: more than a day, so that every zone's day turns in it."""
UNTIL = int(time.time()) // 900 * 900
SINCE = UNTIL - WINDOWS * 900
DAYS_OFF_S = 3 * 86_400


class Play:
    """An open hub with sites that make up as much as they are let."""

    def __init__(self, hub: Hub, folder: Path, venues: list[SimulatedVenue], ahead_s: int) -> None:
        self.hub, self._folder, self._ahead_s = hub, folder, ahead_s
        self.since = SINCE + ahead_s
        self._far = self.since + 0.0
        self.numbers = enlist(hub.register, venues)
        self.scripts = {venue.slug: Script(venue, 900, self.since, UNTIL + ahead_s) for venue in venues}
        keys = SiteKeys(hub.register)
        for venue in venues:
            token = invite(keys, venue, hub.key.public)
            assert token is not None
            join(folder / venue.slug, hub.config.url, token)

    @contextmanager
    def sites(self) -> Iterator[None]:
        """Has them send."""

        def own() -> float:
            return time.time() + self._ahead_s

        times = Times(lambda: self._far, own, hurry=10)
        with ExitStack() as open_now:
            sites = []
            for slug, script in self.scripts.items():
                post = way(self._folder / slug, HubLink(self.hub.config.url, self.hub.key.public, None, own))
                open_now.callback(post.close)
                sites.append(SimulatedSite(self._folder / slug, script, post, times))
            open_now.enter_context(Crew(sites, threads=3))
            self._sites = sites
            yield

    def let(self, windows: int) -> None:
        """Lets them make up so many, and waits until all of it is at the hub."""
        self._far = self.since + windows * 900.0
        wanted = {
            self.numbers[slug]: sum(1 for _ in rows_of(replace(one, until_unix_s=self._far)))
            for slug, one in self.scripts.items()
        }
        eventually(lambda: all(site.sealed_rows == wanted[self._number(site)] for site in self._sites))
        eventually(lambda: all(site.waiting == 0 for site in self._sites))

    def played(self, slug: str) -> Played:
        return Played(self.numbers[slug], self.scripts[slug])

    def _number(self, site: SimulatedSite) -> int:
        return self.numbers[site.script.venue.slug]


@contextmanager
def played(folder: Path, venues: list[SimulatedVenue], ahead_s: int = 0) -> Iterator[Play]:
    RunningHub(folder / "hub")  # writes its configuration
    with open_hub(load(folder / "hub"), folder / "hub" / "hub.yaml") as (hub, _):
        yield Play(hub, folder, venues, ahead_s)


def fleet(*zones: str) -> list[SimulatedVenue]:
    """A venue of each zone, which is open around the clock."""
    known = [one for one in make(Order(400, cameras=2, all_well=True)) if one.kind.name == "Hospital"]
    return [next(one for one in known if one.zone == zone) for zone in zones]


def test_a_venue_that_is_renamed_loses_nothing_and_its_days_are_its_own_at_half_and_quarter_hours(
    tmp_path: Path,
) -> None:
    venues = fleet("Asia/Kathmandu", "Asia/Kolkata", "America/St_Johns")
    with played(tmp_path, venues) as play, play.sites():
        play.let(40)
        register = play.hub.register
        renamed = register.known(venues[0].slug)
        register.change(replace(renamed, slug="example-renamed", name="Example Renamed"), "test")
        play.let(WINDOWS)
        for venue in venues:
            assert differences(play.hub.series, [play.played(venue.slug)]) == []
        assert register.known("example-renamed").number == play.numbers[venues[0].slug]


def test_what_the_site_of_a_merged_venue_sends_belongs_to_the_other_before_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Housekeeping, "EVERY_S", 0.2)
    part, whole = venues = fleet("Asia/Kathmandu", "Europe/Paris")
    with played(tmp_path, venues) as play, play.sites():
        play.let(40)
        play.hub.register.merge(part.slug, whole.slug, "test")
        eventually(lambda: not play.hub.register.merges_due())
        play.let(WINDOWS)
        number = play.numbers[whole.slug]
        span = Span(SINCE // 3600 * 3600, UNTIL)
        sums = play.hub.series.totals(span, None, ALL)
        assert {venue for venue, *_ in sums} == {number}
        rows = [row for venue in venues for row in rows_of(play.scripts[venue.slug])]
        assert {(m, p): round(one.total * 1000) for (_, m, p), one in sums.items()} == totals(rows)
        cameras = {point.camera for point in play.hub.series.course(number, span, 900, [Measure.CROSSINGS_IN])}
        assert len(cameras) == 2, "both doors are told apart"


def totals(rows: list[Row]) -> dict[tuple[Measure, int], int]:
    sums: dict[tuple[Measure, int], int] = {}
    for row in rows:
        key = Measure(row.measure), row.part
        before = sums.get(key, 0)
        sums[key] = max(before, row.total_milli) if key[0] is Measure.PEAK else before + row.total_milli
    return sums


@pytest.mark.parametrize("ahead_s", [DAYS_OFF_S, -DAYS_OFF_S])
def test_what_comes_from_a_site_whose_clock_is_days_off_is_kept_whole_marked_and_told(
    tmp_path: Path, ahead_s: int
) -> None:
    (venue,) = fleet("Europe/Helsinki")
    with played(tmp_path, [venue], ahead_s) as play, play.sites():
        play.let(WINDOWS)
        number = play.numbers[venue.slug]
        assert differences(play.hub.series, [play.played(venue.slug)]) == []
        told = play.hub.series.course(number, Span(0, 2**40), 900, [Measure.CROSSINGS_IN])
        assert told and all(point.sum.doubtful for point in told)
        assert play.hub.fleet.of(number).clock_off_s == pytest.approx(ahead_s, abs=60)
        assert any("clock" in trouble.kind for trouble in play.hub.fleet.troubles())
