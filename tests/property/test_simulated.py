"""Made-up venues: the same numbers make the same tallies, which fit together and which every hub takes."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.tallies import Measure
from passerby.hub.simulate import clocks
from passerby.hub.simulate.days import draw
from passerby.hub.simulate.fleet import Fate, Order, SimulatedVenue, make
from passerby.hub.simulate.kinds import KINDS
from passerby.hub.simulate.windows import COARSE, Script, standing
from passerby.records.wire.batches import Batch, OutboxStanding, Row
from passerby.records.wire.checking import digest_of, problem_of_batch, problem_of_layout, problem_of_standing

RUN = 1_790_000_000
FLEET = make(Order(80))
WIDTHS = st.sampled_from([60, 300, 900, 1200, 1800, 3600])
VENUES = st.sampled_from(FLEET)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
few = settings(max_examples=25, deadline=None)


def starts_of(venue: SimulatedVenue, day: date, width: int) -> range:
    """Starts of all windows that touch a day."""
    since, until = (clocks.start_of(one, venue.zone) for one in (day, day + timedelta(days=1)))
    return range(since // width * width, until, width)


@few
@given(VENUES, DAYS, WIDTHS, st.data())
def test_what_is_sent_keeps_the_contract(venue: SimulatedVenue, day: date, width: int, data: st.DataObject) -> None:
    windows = Script(venue, width, RUN, down_since_unix_s=RUN).windows()
    assert problem_of_layout(windows.layout) is None
    start = data.draw(st.sampled_from(starts_of(venue, day, width)))
    rows, end = windows.rows(start), start + width
    digest = digest_of(windows.layout)
    batch = Batch("0" * 32, 1, digest, end, tuple(rows))
    assert problem_of_batch(batch, windows.layout) is None
    told = standing(windows, end, end, OutboxStanding(0, 0, 0))
    assert problem_of_standing(told, windows.layout) is None


@few
@given(VENUES, DAYS, WIDTHS)
def test_everybody_leaves_and_nobody_before_they_came(venue: SimulatedVenue, day: date, width: int) -> None:
    drawn = draw(venue, day, clocks.grain_s(width))
    totals: dict[Measure, int] = Counter()
    for course in drawn.courses:
        totals[course.measure] += int(course.totals.sum())
    assert totals[Measure.CROSSINGS_IN] == totals[Measure.CROSSINGS_OUT]
    assert totals[Measure.LEFT] + totals[Measure.DWELL_LOST] == totals[Measure.ENTERED]
    assert totals[Measure.DWELL] == totals[Measure.LEFT]
    assert drawn.inside.min() >= 0 and drawn.inside[-1] == 0
    came = sum(course.totals for course in drawn.courses if course.measure is Measure.CROSSINGS_IN)
    assert not np.any(np.asarray(came)[~drawn.clock.open]), "nobody is let in while it is closed"


@few
@given(VENUES, DAYS, WIDTHS)
def test_the_numbers_of_a_zone_fit_together(venue: SimulatedVenue, day: date, width: int) -> None:
    windows = Script(venue, width, RUN).windows()
    for start in starts_of(venue, day, width)[:: max(1, 86400 // width // 8)]:
        by_place: dict[int, dict[int, Row]] = defaultdict(dict)
        for row in windows.rows(start):
            if row.part == 0:
                by_place[row.place][row.measure] = row
        for rows in by_place.values():
            if Measure.PEOPLE in rows:
                people, peak = rows[Measure.PEOPLE], rows[Measure.PEAK]
                assert people.total_milli <= peak.total_milli / 1000 * people.exposure_milli + 100
                assert not rows[Measure.ENTERED].total_milli or peak.total_milli
            if Measure.OVER_LIMIT in rows:
                assert rows[Measure.OVER_LIMIT].total_milli <= rows[Measure.OVER_LIMIT].exposure_milli


@few
@given(VENUES, DAYS)
def test_the_same_numbers_make_the_same_rows_in_any_order(venue: SimulatedVenue, day: date) -> None:
    starts = starts_of(venue, day, 900)[::7]
    forth, back = Script(venue, 900, RUN).windows(), Script(venue, 900, RUN).windows()
    assert {at: forth.rows(at) for at in starts} == {at: back.rows(at) for at in reversed(starts)}


@few
@given(VENUES, DAYS)
def test_hours_are_the_sums_of_their_quarters_also_over_the_turn_of_days(venue: SimulatedVenue, day: date) -> None:
    quarters, hours = Script(venue, 900, RUN).windows(), Script(venue, 3600, RUN).windows(COARSE)
    for start in starts_of(venue, day, 3600):
        summed: dict[tuple[int, int, int], int] = Counter()
        for row in (row for at in range(start, start + 3600, 900) for row in quarters.rows(at)):
            key = row.place, row.measure, row.part
            is_peak = row.measure == Measure.PEAK
            summed[key] = max(summed[key], row.total_milli) if is_peak else summed[key] + row.total_milli
        told = {(row.place, row.measure, row.part): row.total_milli for row in hours.rows(start)}
        assert told == {key: total for key, total in summed.items() if Measure(key[1]) in COARSE}


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 28), 23),
        ("Europe/Paris", date(2026, 10, 24), 25),
        ("Australia/Adelaide", date(2026, 10, 3), 23),
        ("Asia/Kathmandu", date(2026, 10, 3), 24),
    ],
)
def test_a_day_has_as_many_hours_as_its_zone_gives_it(zone: str, day: date, hours: int) -> None:
    times = clocks.clock(day, zone, KINDS[3].hours, 900)
    assert len(times) * 900 == hours * 3600
    assert clocks.day_of(times.start_unix_s, zone) == day == clocks.day_of(times.end_unix_s - 1, zone)
    assert clocks.day_of(times.end_unix_s, zone) == day + timedelta(days=1)


def test_a_week_has_about_the_visitors_that_it_should_have() -> None:
    for kind in KINDS:
        venue = next(one for one in FLEET if one.kind is kind)
        came = [draw(venue, date(2026, 5, 4) + timedelta(days=n), 900).courses[0].totals.sum() for n in range(28)]
        doors = venue.doors[0]
        assert sum(came) / 4000 == pytest.approx(venue.weekly_visitors * doors, rel=0.15), kind.name


def test_among_sixty_venues_everything_that_can_be_the_matter_is_there_and_most_are_well() -> None:
    fates = Counter(venue.fate for venue in FLEET[:60])
    assert set(fates) == set(Fate) and fates[Fate.WELL] >= 36
    assert {venue.fate for venue in make(Order(60, all_well=True))} == {Fate.WELL}
    assert len({venue.slug for venue in FLEET}) == len(FLEET)
    assert all(venue.name.startswith("Example ") for venue in FLEET)


@given(st.integers(1, 60))
def test_a_venue_has_the_cameras_that_were_asked_for(cameras: int) -> None:
    for venue in make(Order(6, cameras)):
        layout = Script(venue, 900, RUN).windows().layout
        assert len(set(layout.cameras)) == cameras and problem_of_layout(layout) is None


def test_the_door_of_a_camera_that_is_down_is_used_by_nobody_and_the_others_by_all() -> None:
    venue = next(one for one in FLEET if one.fate is Fate.DOWN)
    day = date(2026, 5, 6)
    windows = Script(venue, 900, RUN, down_since_unix_s=0).windows()
    rows = [row for at in starts_of(venue, day, 900) for row in windows.rows(at)]
    crossed = {row.place for row in rows if row.measure == Measure.CROSSINGS_IN}
    assert crossed == set(range(len(venue.doors) - 1))
    assert windows.cameras(RUN)[len(venue.doors) - 1].status == 2


@pytest.mark.parametrize(("venues", "cameras"), [(0, 6), (1, 0), (1, 61)])
def test_there_is_no_empty_fleet(venues: int, cameras: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        make(Order(venues, cameras))
