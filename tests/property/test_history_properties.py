"""Days, weeks and months of any zone: nothing is counted twice or left out, however clocks are changed."""

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan
from passerby.site.figures import Settings
from passerby.site.history import History, Period, Span, series_of
from passerby.site.history.calendar import day_of, hours, midnight_of
from passerby.site.store import Store

# Clocks change by an hour, by half an hour (Lord Howe), at midnight (Havana, Santiago); or stand at a half (Kolkata).
ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Paris", "Australia/Lord_Howe", "America/Havana", "America/Santiago", "Asia/Kolkata", "UTC")
]
PARIS = ZONES[0]
FORWARD, BACK = date(2025, 3, 30), date(2025, 10, 26)

zones = st.sampled_from(ZONES)
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
spans = st.sampled_from(Span)


@given(zones, days)
@example(PARIS, FORWARD)
@example(PARIS, BACK)
@example(ZONES[1], date(2025, 4, 6))
def test_the_hours_of_a_day_are_all_of_it(zone: ZoneInfo, day: date) -> None:
    found = hours(day, zone)
    assert found[0].start_unix_s == midnight_of(day, zone)
    assert found[-1].end_unix_s == midnight_of(day + timedelta(days=1), zone)
    assert all(one.end_unix_s == after.start_unix_s for one, after in pairwise(found))
    assert len({one.key for one in found}) == len(found), "each hour has its own counterpart"
    assert {day_of(one.start_unix_s, zone) for one in found} == {day}


@pytest.mark.parametrize(("day", "count"), [(FORWARD, 23), (BACK, 25), (date(2025, 10, 9), 24)])
def test_a_day_has_23_24_or_25_hours(day: date, count: int) -> None:
    assert len(hours(day, PARIS)) == count


@given(spans, days)
def test_periods_follow_each_other(span: Span, day: date) -> None:
    period = Period.of(span, day)
    assert day in period.days
    assert period.following().preceding() == period
    assert period.following().first == period.days[-1] + timedelta(days=1)
    assert all(Period.of(span, one) == period for one in period.days)


@given(days)
def test_a_day_is_compared_with_the_same_weekday(day: date) -> None:
    compared = Period.of(Span.DAY, day).compared().first
    assert (day - compared).days == 7
    assert compared.weekday() == day.weekday()


@given(days)
def test_a_week_begins_on_monday_and_a_month_on_the_first(day: date) -> None:
    assert Period.of(Span.WEEK, day).first.weekday() == 0
    assert Period.of(Span.MONTH, day).first.day == 1


@settings(max_examples=10, deadline=None)
@given(zones, days, spans, st.lists(st.integers(0, 200), min_size=1, max_size=12))
@example(PARIS, FORWARD, Span.DAY, [1, 2, 3])
@example(PARIS, BACK, Span.MONTH, [1, 2, 3])
def test_whoever_crossed_in_a_period_is_counted_once(zone: ZoneInfo, day: date, span: Span, when: list[int]) -> None:
    """Windows of a quarter of an hour at any steps from the period's first midnight on."""
    plan = CameraPlan("a", (LinePlan("door", (0, 0), (1, 1)),), window_s=900)
    period = Period.of(span, day)
    first, last = midnight_of(period.first, zone), midnight_of(period.following().first, zone)
    starts = {int(first) + 900 * step for step in when}
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "a.sqlite")) as store:
        store.add([Tally("a", Measure.CROSSINGS_IN, "door", start, 900, 1, 900) for start in starts])
        known = Settings((plan,), 900, zone, clock=lambda: last + 86_400)
        history = History(store, known)
        report = history.report(series_of(known)[0], period)
        inside = [start for start in starts if start < last]
        assert sum(bar.told.value or 0 for bar in report.bars if bar.told) == len(inside)
        assert (report.total.value or 0) == len(inside)
        assert all(bar.is_over for bar in report.bars)
        for bar in report.bars:
            here = [one for one in inside if bar.step.start_unix_s <= one < bar.step.end_unix_s]
            assert bar.told and bar.told.seen is bool(here), "what was not seen is not zero"
        # Early in the period, later bars have not begun, and none of them is told of.
        early = replace(known, clock=lambda: first + 3 * 3600 + 60)
        told = History(store, early).report(series_of(early)[0], period)
        assert all((bar.told is None) is (bar.step.start_unix_s >= first + 3 * 3600) for bar in told.bars)
