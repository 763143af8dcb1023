"""What the control room tells: what is usual, how a venue is, who is ranked, who sees what."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.core.shares import MINIMUM_JUDGED, MaskCounts
from passerby.core.tallies import Measure
from passerby.errors import StoreError
from passerby.hub.access import NOTHING, WHOLE, Scope
from passerby.hub.board import HubBoard
from passerby.hub.choosing import Choosing, Order
from passerby.hub.comparing import By, compare, opening_h
from passerby.hub.contract import Days, Delivered, Known, Venue, VenueState
from passerby.hub.overview import CameraCount, Health, Inside, Overview, VenueNow, Worry, total
from passerby.hub.pages import now_table, now_words, venue_map, venue_words, wall
from passerby.hub.series import SqliteSeries
from passerby.hub.telling import Tallied, tell
from passerby.hub.usual import UsualDays, midnight
from passerby.hub.venue_report import read
from passerby.records.wire.batches import Batch, CameraStanding, Layout, PlaceName, Row
from passerby.records.wire.checking import digest_of
from tests.support.filled_hub import NOW, SCRIPTS, FilledHub, Script, filled_hub, layout, standing

HOUR_S = 3600
BY_SLUG = {one.venue.slug: one for one in SCRIPTS}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilledHub]:
    with filled_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.board.look()
        yield hub


def now(number: int = 1, health: Health = Health.GOOD, **venue: object) -> VenueNow:
    known = replace(Venue(number, f"v{number}", f"Venue {number}"), **venue)  # type: ignore[arg-type]
    return VenueNow(known, VenueState.CONNECTED, health)


# What is usual


def series_of(folder: Path, zone: str, moments: dict[int, int]) -> SqliteSeries:
    """A store with so many people at a door in the quarter of an hour that begins at each moment."""
    series = SqliteSeries(folder / "series.sqlite")
    names = Layout(("c",), (PlaceName("c", "door", "line"),), zone, 900, "internal")
    rows = tuple(
        Row(0, Measure.CROSSINGS_IN, 0, start, 900, 1, 0, 1000 * people, 900_000) for start, people in moments.items()
    )
    batch = Batch("0" * 32, 1, digest_of(names), max(moments) + 900, rows)
    assert series.take(Delivered(1, zone, (batch,), {digest_of(names): names}, batch.sealed_unix_s)).new == (1,)
    return series


@pytest.mark.parametrize(
    ("zone", "today"),
    [
        ("Europe/Paris", date(2025, 10, 9)),
        ("Europe/Paris", date(2025, 11, 6)),  # clocks went back within the four weeks before
        ("America/New_York", date(2025, 3, 30)),  # ... and forward
        ("Asia/Kathmandu", date(2025, 10, 9)),  # at 45 minutes past
        ("Australia/Lord_Howe", date(2025, 10, 19)),  # half an hour of summer time
    ],
)
def test_what_is_usual_is_by_the_clock_on_the_wall(tmp_path: Path, zone: str, today: date) -> None:
    place = ZoneInfo(zone)
    moments: dict[int, int] = {}
    expected = []
    for weeks, people in enumerate((8, 16, 24, 40), 1):
        day = today - timedelta(weeks=weeks)
        quarters = [datetime(day.year, day.month, day.day, 9, 15 * part, tzinfo=place) for part in range(4)]
        moments |= {int(one.timestamp()): people for one in quarters}
        expected.append(4 * people)
    with series_of(tmp_path, zone, moments) as series:
        venue, usual = Venue(1, "v", "Venue", zone=zone), UsualDays(series)
        noon = datetime(today.year, today.month, today.day, 12, tzinfo=place).timestamp()
        usual.read([venue], noon)
        assert usual.until(venue, noon).value == pytest.approx(median(expected))
        assert usual.until(venue, noon).days == 4
        early = datetime(today.year, today.month, today.day, 8, tzinfo=place).timestamp()
        assert usual.until(venue, early).value is None
        amid = datetime(today.year, today.month, today.day, 9, 30, tzinfo=place).timestamp()
        if zone.startswith("Europe"):
            assert usual.until(venue, amid).value == pytest.approx(median(expected) / 2)


def test_days_that_were_not_seen_do_not_count_as_days_without_people(tmp_path: Path) -> None:
    noon = 1_760_004_000
    with series_of(tmp_path, "UTC", {noon - 7 * 86_400 - HOUR_S: 30, noon - 21 * 86_400 - HOUR_S: 50}) as series:
        venue, usual = Venue(1, "v", "Venue"), UsualDays(series)
        usual.read([venue], noon)
        found = usual.until(venue, noon)
        assert (found.value, found.days) == (40, 2)


def test_a_day_that_was_hardly_seen_is_no_measure_of_one_that_was(tmp_path: Path) -> None:
    noon = 1_760_004_000
    whole = {noon - 7 * 86_400 - HOUR_S * hours: 30 for hours in range(1, 5)}
    with series_of(tmp_path, "UTC", whole | {noon - 14 * 86_400 - HOUR_S: 30}) as series:
        venue, usual = Venue(1, "v", "Venue"), UsualDays(series)
        usual.read([venue], noon)
        assert (usual.until(venue, noon).value, usual.until(venue, noon).days) == (120, 1)
        assert usual.until(venue, noon, seen_s=4 * 900).days == 1
        assert usual.until(venue, noon, seen_s=8 * 900).value is None  # it has twice the lines now


def test_what_a_site_caught_up_on_is_known_an_hour_later(tmp_path: Path) -> None:
    noon = 1_760_004_000
    with series_of(tmp_path, "UTC", {noon - 7 * 86_400 - HOUR_S: 30}) as series:
        venue, usual = Venue(1, "v", "Venue"), UsualDays(series)
        usual.read([venue], noon)
        names = next(iter(series.layouts(1).values()))
        row = Row(0, Measure.CROSSINGS_IN, 0, noon - 14 * 86_400 - HOUR_S, 900, 1, 0, 50_000, 900_000)
        series.take(Delivered(1, "UTC", (Batch("0" * 32, 2, digest_of(names), noon, (row,)),), {}, noon))
        usual.read([venue], noon + 60)
        assert usual.until(venue, noon).days == 1
        usual.read([venue], noon + HOUR_S)
        assert (usual.until(venue, noon + HOUR_S).value, usual.until(venue, noon + HOUR_S).days) == (40, 2)


# How a venue is


def told(script: Script, **other: object) -> VenueNow:
    changed = replace(script, **other)  # type: ignore[arg-type]
    known = Known(NOW - 10.0, layout(changed), standing(changed, NOW))
    return tell(changed.venue, VenueState.CONNECTED, known, Tallied())


def test_a_venue_that_is_well_is_good_and_each_trouble_is_named() -> None:
    well = BY_SLUG["harbour"]
    assert told(well).health is Health.GOOD
    for change, worry in (
        ({"inside": 1001.0}, Worry.OVER),
        ({"statuses": (1, 2, 3, 1)}, Worry.DOWN),
        ({"conforming": (1, 0, 1, 1)}, Worry.FAILING),
        ({"empty": 9}, Worry.EMPTY),
    ):
        found = told(well, **change)
        assert (found.health, found.worries[0]) == (Health.ATTENTION, worry)
        assert now_words.why(found, NOW)


def test_of_a_silent_venue_nothing_is_told_as_if_it_were_now(hub: FilledHub) -> None:
    silent = hub.board.overview().by_slug["valley"]
    assert (silent.health, silent.inside, silent.shelves, silent.cameras.live) == (Health.SILENT, None, None, 0)
    assert silent.visitors.came is not None
    assert silent.visitors.change == pytest.approx(0.0)  # compared up to when it was heard, not up to now


def test_a_board_keeps_what_it_knew_while_a_store_cannot_be_read(hub: FilledHub) -> None:
    def refuse() -> list[Venue]:
        raise StoreError("the disk is gone")

    board = HubBoard(replace(hub.board.sources))
    board.look()
    board.sources = replace(board.sources, venues=refuse)
    board.look()
    assert len(board.overview().venues) == 12
    assert board.overview().problem == "the disk is gone"


@given(st.sets(st.sampled_from(["North", "South", "West"])), st.sets(st.sampled_from([1, 5, 9, 12])))
def test_totals_are_of_what_may_be_seen_alone(hub: FilledHub, districts: set[str], numbers: set[int]) -> None:
    whole = hub.board.overview()
    scope = Scope(districts=frozenset(one.casefold() for one in districts), venues=frozenset(numbers))
    seen = whole.seen_by(scope)
    expected = [one for one in whole.venues if one.venue.district in districts or one.venue.number in numbers]
    assert list(seen.venues) == expected
    assert seen.totals == total(expected)
    assert seen.totals.people == pytest.approx(sum(one.inside.people for one in expected if one.inside))
    assert whole.seen_by(WHOLE) is whole
    assert whole.seen_by(NOTHING).totals.venues == 0


def test_no_share_is_told_of_too_few() -> None:
    for judged in (MINIMUM_JUDGED - 1, MINIMUM_JUDGED):
        found = replace(now(), masks=MaskCounts(3, judged, 0, 0, judged))
        withheld = judged < MINIMUM_JUDGED
        assert found.mask_share is not None
        assert (found.mask_share.share is None) is withheld
        assert (now_words.masks(found.mask_share) == "too few to say") is withheld


# What is chosen


@given(st.sampled_from(list(Order)), st.sampled_from(["", *Health]), st.text(max_size=10), st.booleans())
def test_an_address_chooses_what_was_chosen(sort: Order, health: str, text: str, named: bool) -> None:
    chosen = Choosing(district="North" if named else "", health=str(health), text=text, sort=sort)
    query = dict(parse_qsl(urlsplit(chosen.address("/")).query))
    assert Choosing.of(query) == chosen


def test_an_address_that_is_wrong_chooses_all() -> None:
    assert Choosing.of({"sort": "nonsense", "health": "purple", "rows": "all", "other": "x"}) == Choosing()


def test_every_order_puts_the_unknown_last(hub: FilledHub) -> None:
    venues = hub.board.overview().venues
    for order in Order:
        found = Choosing(sort=order).chosen(venues)
        assert len(found) == len(venues)
    assert Choosing(sort=Order.VISITORS).chosen(venues)[0].venue.slug == "harbour"
    assert [one.venue.slug for one in Choosing(sort=Order.MASKS).chosen(venues)][:2] == ["lighthouse", "quay"]
    assert Choosing(sort=Order.MORE).chosen(venues)[0].venue.slug == "bridge"
    assert Choosing(sort=Order.FEWER).chosen(venues)[0].venue.slug == "canal"
    assert Choosing(sort=Order.FULLEST).chosen(venues)[0].venue.slug == "station"
    assert Choosing(sort=Order.INSIDE).chosen(venues)[-1].inside is None


# How venues compare


def test_who_is_not_seen_enough_is_not_ranked(hub: FilledHub) -> None:
    venues, known = hub.board.overview().venues, hub.fleet.all()
    today = Days(date(2025, 10, 9), date(2025, 10, 9))
    found = compare(hub.series, venues, known, By.VISITORS, today)
    assert found.ranked == ()  # no day that goes on is seen to its end
    assert any("seen 58\u202f% of the time" in one.why for one in found.apart)
    week = Days(date(2025, 10, 2), date(2025, 10, 8))
    ranked = compare(hub.series, venues, known, By.HOURS, week).ranked
    assert [one.now.venue.slug for one in ranked][:2] == ["harbour", "quay"]
    first = ranked[0]
    assert first.low is not None
    assert first.high is not None
    assert first.low <= first.value <= first.high
    assert len(ranked) + 2 == len(venues)


def test_shares_are_ranked_with_their_interval_and_never_below_the_minimum(hub: FilledHub) -> None:
    venues = hub.board.overview().venues
    day = Days(date(2025, 10, 8), date(2025, 10, 8))
    found = compare(hub.series, venues, {}, By.MASKS, day)
    assert [one.now.venue.slug for one in found.ranked] == ["ward", "harbour", "garden", "quay", "lighthouse"]
    assert all(one.of >= MINIMUM_JUDGED for one in found.ranked)
    assert all((one.low or 0) < one.value < (one.high or 0) for one in found.ranked)
    assert any(one.now.venue.slug == "canal" and "12 people judged" in one.why for one in found.apart)


def test_opening_hours_past_midnight_count_for_the_day_they_begin_on() -> None:
    venue = replace(Venue(1, "v", "Venue"), hours=((600, 1560),) + (None,) * 6)
    assert opening_h(venue, date(2025, 10, 6)) == 16
    assert opening_h(venue, date(2025, 10, 7)) == 0
    assert venue_words.hours(venue) == "Monday: 10:00\u201302:00<br>Tuesday to Sunday: closed"


# One venue


def test_days_stand_beside_the_same_weekday(hub: FilledHub) -> None:
    venue = hub.register.known("quay")
    report = read(hub.series, venue, layout(BY_SLUG["quay"]), NOW)
    assert len(report.days) == 35
    last = report.days[-1]
    assert (last.low, last.usual, last.high) == (12 * 432, 5760, 12 * 528)
    assert [days for _, _, days in report.weeks()][1:-1] == [7, 7, 7, 7]
    assert {one.name for one in report.figures.places} == {"Main door", "Side door", "Hall"}


def test_a_day_of_25_hours_is_seen_whole_when_all_of_it_was(tmp_path: Path) -> None:
    zone, day = "Europe/Paris", date(2025, 10, 26)
    since, until = int(midnight(day, zone)), int(midnight(day + timedelta(days=1), zone))
    assert until - since == 25 * HOUR_S
    with series_of(tmp_path, zone, dict.fromkeys(range(since, until, 900), 1)) as series:
        venue = Venue(1, "v", "Venue", zone=zone)
        names = next(iter(series.layouts(1).values()))
        report = read(series, venue, names, until + 3 * HOUR_S)
        found = next(one for one in report.days if one.day == day)
        assert (found.came, found.coverage) == (100, 1.0)


def test_what_is_open_at_a_camera_is_named_to_operators_alone() -> None:
    camera = CameraStanding(0, 1, 0, ("dark", "default-password"))
    assert venue_words.findings(camera, security=True) == "dark, default password"
    assert venue_words.findings(camera, security=False) == "dark, something that operators are told"


# The map


@given(
    st.lists(st.tuples(st.floats(-70, 75), st.floats(-179, 179)), min_size=1, max_size=20),
    st.sampled_from([1.0, 4 / 3, 1.6]),
)
def test_the_map_holds_all_venues_and_is_not_drawn_out(places: list[tuple[float, float]], wide: float) -> None:
    frame = venue_map.Frame.around(places, wide)
    for latitude, longitude in places:
        assert frame.south < latitude < frame.north
        assert frame.west < longitude < frame.east
    middle = math.radians((frame.south + frame.north) / 2)
    across = (frame.east - frame.west) * max(0.2, math.cos(middle))
    assert across / (frame.north - frame.south) == pytest.approx(wide)


def test_a_name_that_a_user_wrote_is_text_on_the_map_and_in_the_list() -> None:
    name = '<img src=x onerror="alert(1)">'
    found = now(name=name, latitude=50.0, longitude=3.0, district=name)
    options = venue_map.draw([found], NOW)
    assert "<img" not in options["series"][venue_map.DOTS]["data"][0]["note"]
    assert "<img" not in now_table.table([found], Choosing(), NOW, whole=True)


def test_a_venue_without_coordinates_is_in_the_list_alone() -> None:
    assert venue_map.mapped([now(1), now(2, latitude=50.0, longitude=3.0)]) == [now(2, latitude=50.0, longitude=3.0)]
    assert venue_map.draw([], NOW) == {}


def test_where_dots_heap_up_the_worst_lies_on_top() -> None:
    heap = [now(number, health, latitude=50.0, longitude=3.0) for number, health in enumerate(Health, 1)]
    assert venue_map.stacked(heap)[-1].health is Health.SILENT
    assert venue_map.stacked(heap)[0].health is Health.ABSENT


def test_a_wall_turns_through_districts_only_where_there_are_many_venues() -> None:
    few = [now(number, district=f"D{number % 3}") for number in range(12)]
    many = [now(number, district=f"D{number % 3}") for number in range(60)]
    assert wall.shares(Overview(tuple(few))) == [""]
    assert wall.shares(Overview(tuple(many))) == ["", "D0", "D1", "D2"]


def test_cameras_of_venues_add_up() -> None:
    both = CameraCount.sum([CameraCount(6, 4, 3, 1, 1, 2), CameraCount(4, 5, 5, 0, 0, 5)])
    assert both == CameraCount(10, 9, 8, 1, 1, 7)
    assert CameraCount(6, 4).missing == 2
    assert Inside(10.4, 10, 0).over
