"""A made-up history: it lands in the store as the venues' sites would have sent it, on the days of each venue."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from passerby.core.tallies import Measure
from passerby.hub.contract import Days, Delivered, Span
from passerby.hub.register.venue_checks import problems_of
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.fill import DAY_S, History, ends, fill
from passerby.hub.simulate.fleet import Fate, Order, make
from passerby.hub.simulate.venues import venue_of
from passerby.hub.simulate.windows import Script
from passerby.records.wire.batches import Batch
from passerby.records.wire.checking import digest_of
from tests.support.hub_truth import Played, differences

NOON = int(datetime(2026, 6, 3, 12, tzinfo=UTC).timestamp())
FLEET = make(Order(48))
HISTORY = History(NOON, 3)


@pytest.fixture
def series(tmp_path: Path) -> Iterator[SqliteSeries]:
    with SqliteSeries(tmp_path / "series.sqlite") as opened:
        yield opened


def test_all_venues_can_be_registered_and_say_that_they_are_made_up() -> None:
    venues = [venue_of(one, date(2026, 6, 3)) for one in make(Order(600))]
    assert [problems_of(venue) for venue in venues if problems_of(venue)] == []
    assert all(venue.name.startswith("Example ") and "made up" in venue.tags for venue in venues)
    assert all((venue.contact.mail or "").endswith(".example") for venue in venues)


def test_a_history_ends_when_its_venue_fell_silent_and_is_there_once_however_often_it_is_filled(
    series: SqliteSeries,
) -> None:
    told: list[int] = []
    for _ in range(2):
        for venue in FLEET[:12]:
            fill(series, venue.number, venue, HISTORY, told.append)
    newest = series.newest()
    assert newest == {venue.number: ends(venue, HISTORY) for venue in FLEET[:12] if venue.fate.joined}
    assert sum(told) > 2 * 10_000
    sums = series.totals(Span(HISTORY.since_unix_s, NOON), None, [Measure.CROSSINGS_IN])
    again = {}
    for venue in FLEET[:12]:
        if venue.fate.joined:
            windows = Script(venue, 900, HISTORY.since_unix_s).windows()
            rows = (row for at in range(HISTORY.since_unix_s, ends(venue, HISTORY), 900) for row in windows.rows(at))
            again[venue.number] = sum(row.total_milli for row in rows if row.measure == Measure.CROSSINGS_IN) / 1000
    assert {key[0]: one.total for key, one in sums.items()} == again


def test_fates_end_the_history_where_they_should() -> None:
    by_fate = {venue.fate: ends(venue, HISTORY) for venue in reversed(FLEET)}
    assert by_fate[Fate.WELL] == NOON and by_fate[Fate.CLOCK] == NOON - 2 * DAY_S
    assert NOON - 51 * 3600 < by_fate[Fate.SILENT] < NOON - 3 * 3600


@pytest.mark.parametrize(
    ("zone", "since", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 28), {23, 24}),
        ("Europe/Paris", date(2026, 10, 24), {24, 25}),
        ("America/St_Johns", date(2026, 10, 31), {24, 25}),
        ("Australia/Adelaide", date(2026, 10, 3), {23, 24}),
        ("Pacific/Auckland", date(2026, 4, 4), {24, 25}),
        ("Asia/Kolkata", date(2026, 3, 28), {24}),
        ("Asia/Kathmandu", date(2026, 3, 28), {24}),
    ],
)
def test_windows_hours_and_days_are_those_of_the_venue_also_when_its_clock_is_put_forward_or_back(
    series: SqliteSeries, zone: str, since: date, hours: set[int]
) -> None:
    days = 3
    venue = next(one for one in make(Order(200, cameras=2)) if one.zone == zone and one.fate is Fate.WELL)
    start = int(datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp())
    script = Script(venue, 900, start, start + days * DAY_S)
    windows = script.windows()
    digest, outbox = digest_of(windows.layout), "a" * 32
    batches = [
        Batch(outbox, n + 1, digest, at + 6 * 3600, tuple(row for w in range(24) for row in windows.rows(at + w * 900)))
        for n, at in enumerate(range(start, start + days * DAY_S, 6 * 3600))
    ]
    for n in range(0, len(batches), 3):
        some = tuple(batches[max(0, n - 1) : n + 3])
        series.take(Delivered(7, zone, some, {digest: windows.layout}, some[-1].sealed_unix_s))
    assert differences(series, [Played(7, script)]) == []
    lengths = {point.width_s for point in series.place_days(7, Days(since, date(2026, 12, 31)), [Measure.CROSSINGS_IN])}
    assert {length // 3600 for length in lengths} == hours
