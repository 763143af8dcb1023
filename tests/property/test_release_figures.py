"""Figures of a release add up, are not negative and hide what is small, for any noisy counts."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from passerby.hub.contract import Venue
from passerby.hub.release.figures import Cell, Figure, figures
from passerby.hub.release.ledger import Counts, Draw, Kind

DAY = date(2024, 3, 4)
ALL_TOLD = -(10**9)
Noisy = tuple[int, list[int], list[bool]]
"""Of a venue and day: its count, its hours, and which of these were seen."""


@st.composite
def venue_days(draw: st.DrawFn) -> list[Cell]:
    cells = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        district = draw(st.sampled_from(["", "north", "south"]))
        zone = draw(st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Auckland"]))
        hourly = draw(st.booleans())
        for day in range(draw(st.integers(1, 2))):
            count = draw(st.integers(-60, 400))
            hours = draw(st.lists(st.integers(-40, 60), min_size=24, max_size=24)) if hourly else None
            seen = draw(st.lists(st.booleans(), min_size=24, max_size=24)) if hourly else []
            seen = seen if any(seen) else [True] * len(seen)
            venue = Venue(number, f"v{number}", f"V{number}", district=district, zone=zone)
            cells.append(cell(venue, DAY + timedelta(days=day), count, (hours, seen) if hours else None))
    return cells


def cell(venue: Venue, day: date, count: int, hours: tuple[list[int], list[bool]] | None) -> Cell:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    known = (venue.number, day.toordinal())
    of_day = Draw(Kind.DAY, 500_000, 4, 8.0, 1, Counts(*known, Kind.DAY, start, [count], [100], doubtful=False))
    of_hours = None
    if hours:
        coverage = [100 if seen else -1 for seen in hours[1]]
        counts = Counts(*known, Kind.HOURS, start, hours[0], coverage, doubtful=False)
        of_hours = Draw(Kind.HOURS, 500_000, 4, 8.0, 1, counts)
    return Cell(venue, day, of_day, of_hours)


def visitors(row: Figure) -> int:
    assert row.visitors is not None
    assert row.low is not None
    assert row.high is not None
    assert 0 <= row.low <= row.visitors <= row.high
    return row.visitors


@given(venue_days())
def test_parts_add_up_to_their_sums(cells: list[Cell]) -> None:
    rows = [row for row in figures(cells, ALL_TOLD) if row.state != "not seen"]
    days = [row for row in rows if not row.hour]
    for whole in days:
        if whole.level == "district":
            parts = [one for one in days if (one.day, one.district, one.level) == (whole.day, whole.district, "venue")]
            assert visitors(whole) == sum(visitors(one) for one in parts)
            assert whole.measured == sum(one.measured or 0 for one in parts)
            assert whole.venues == len(parts)
        elif whole.level == "all":
            parts = [one for one in days if one.day == whole.day and one.level == "venue"]
            assert visitors(whole) == max(0, whole.measured or 0) == sum(visitors(one) for one in parts)
    hours = defaultdict(list)
    for row in rows:
        if row.hour:
            hours[row.level, row.district, row.venue, row.day].append(row)
    for whole in days:
        parts = hours[whole.level, whole.district, whole.venue, whole.day]
        if parts and (whole.level == "venue" or all(one.hours for one in cells)):
            assert visitors(whole) == sum(visitors(one) for one in parts)


@given(venue_days(), st.integers(0, 100))
def test_what_is_withheld_is_blank_and_hides_its_hours(cells: list[Cell], minimum: int) -> None:
    rows = figures(cells, minimum)
    gone = {(row.level, row.district, row.venue, row.day) for row in rows if row.state == "withheld" and not row.hour}
    for row in rows:
        blank = (row.visitors, row.measured, row.low, row.high) == (None,) * 4
        assert blank == (row.state != "told")
        assert row.state != "told" or (row.measured or 0) >= minimum
        if row.hour and (row.level, row.district, row.venue, row.day) in gone:
            assert row.state != "told"


@given(venue_days(), st.integers(0, 100))
def test_the_order_in_which_venues_come_changes_nothing(cells: list[Cell], minimum: int) -> None:
    assert figures(cells, minimum) == figures(list(reversed(cells)), minimum)
