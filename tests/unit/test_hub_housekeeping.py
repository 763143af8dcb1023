"""What a hub does by itself: moves what was merged, after an interruption too, and says what keeps it from that."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passerby.core.tallies import Measure
from passerby.errors import StoreError
from passerby.hub.board import HubBoard, Sources
from passerby.hub.config import HubConfig
from passerby.hub.contract import Days, Delivered, Known, Venue
from passerby.hub.enrolment import SiteKeys
from passerby.hub.fleet import Fleet
from passerby.hub.housekeeping import KEEP_WINDOWS_S, Housekeeping
from passerby.hub.hub import Hub
from passerby.hub.register import Database, Register
from passerby.hub.series import SqliteSeries
from passerby.records.access import Access
from passerby.records.access.book import AccessFile
from passerby.records.wire.batches import Batch, Layout, OutboxStanding, PlaceName, Row, Standing
from passerby.records.wire.checking import digest_of
from passerby.records.wire.keys import Key

DAY_S = 86_400
LAYOUT = Layout(("cam",), (PlaceName("cam", "door", "line"),), "UTC", 900, "internal")
NOW = int(time.time()) // 900 * 900


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with ExitStack() as stack:
        register = Register(stack.enter_context(closing(Database(tmp_path / "register.sqlite"))))
        series = stack.enter_context(closing(SqliteSeries(tmp_path / "series.sqlite")))
        fleet = stack.enter_context(closing(Fleet(tmp_path / "fleet.sqlite")))
        board = HubBoard(Sources(series, register.venues, dict, fleet.all))
        access = Access(AccessFile(tmp_path / "access.json"))
        yield Hub(HubConfig(), register, series, fleet, SiteKeys(register), Key.made(), access, board)


def sent(hub: Hub, venue: Venue, people: int, start_unix_s: int = NOW - 900) -> None:
    row = Row(0, Measure.CROSSINGS_IN, 0, start_unix_s, 900, 1, 0, people * 1000, 900_000)
    batch = Batch(f"{venue.number:032x}", 1, digest_of(LAYOUT), start_unix_s + 900, (row,))
    hub.series.take(Delivered(venue.number, "UTC", (batch,), {digest_of(LAYOUT): LAYOUT}, received_unix_s=NOW))


def counted(hub: Hub) -> dict[int, float]:
    today = datetime.fromtimestamp(NOW - 900, UTC).date()
    return {one.venue: one.sum.total for one in hub.series.days(Days(today, today), None, (Measure.CROSSINGS_IN,))}


def test_what_was_gathered_of_a_merged_venue_moves_once(hub: Hub) -> None:
    one, two = (hub.register.add(Venue(0, slug, slug), "me") for slug in ("one", "two"))
    sent(hub, one, 3)
    sent(hub, two, 4)
    hub.fleet.hear(one.number, lambda known: replace(known, heard_unix_s=NOW))
    assert counted(hub) == {one.number: 3, two.number: 4}
    work = Housekeeping(hub)
    hub.register.merge("one", "two", "me")
    due = hub.register.merges_due()
    hub.series.merge(*due[0])  # the hub ended here, before it noted that this was done
    work.work()
    work.work()
    assert counted(hub) == {two.number: 7}
    assert hub.register.merges_due() == []
    assert hub.fleet.of(one.number) == Known()


def test_windows_are_forgotten_after_their_time(hub: Hub) -> None:
    venue = hub.register.add(Venue(0, "one", "one"), "me")
    sent(hub, venue, 3, NOW - KEEP_WINDOWS_S - 3 * DAY_S)
    assert hub.series.forget(0, 0) == 0
    before = hub.series.newest()
    Housekeeping(hub).work()
    assert hub.series.forget(NOW - KEEP_WINDOWS_S, 0) == 0, "they are gone already"
    assert before


@pytest.mark.parametrize("ahead_s", [4 * DAY_S * 366, -4 * DAY_S * 366])
def test_a_hub_whose_clock_is_years_off_forgets_nothing_and_says_so(hub: Hub, ahead_s: int) -> None:
    """So say the sites: each tells what its own clock says."""
    venue = hub.register.add(Venue(0, "one", "one"), "me")
    sent(hub, venue, 3)
    standing = Standing(NOW, digest_of(LAYOUT), locked=True, problems=0, outbox=OutboxStanding(0, 0, 0))
    hub.fleet.hear(venue.number, lambda known: replace(known, standing=standing, heard_unix_s=NOW))
    wrong = replace(hub, clock=lambda: NOW + ahead_s)
    work = Housekeeping(wrong)
    work.work()
    assert wrong.all_problems() == [], "nobody has said anything since the clock was set"
    assert counted(hub) == {venue.number: 3}
    hub.fleet.hear(venue.number, lambda known: replace(known, heard_unix_s=NOW + ahead_s, clock_off_s=-ahead_s))
    work.work()
    (problem,) = wrong.all_problems()
    assert f"clock is 1464 days {'ahead of' if ahead_s > 0 else 'behind'} that of most sites" in problem
    assert counted(hub) == {venue.number: 3}
    hub.fleet.hear(venue.number, lambda known: replace(known, clock_off_s=1.0))
    assert wrong.all_problems() == []


def test_what_keeps_a_hub_from_its_work_is_said_until_it_goes_on(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Housekeeping(hub)
    hub.register.add(Venue(0, "one", "one"), "me")

    def full(*_: object) -> int:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(hub.series, "forget", full)
        work.work()
        assert hub.all_problems() == ["the disk is full"]
    work.work()
    assert hub.all_problems() == []
