"""When a report is due, and what it is about: pure arithmetic, over changes of clocks, years and zones."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.errors import ConfigError
from passerby.site.paper.periods import GRACE_S, Period, last_due, moment_of, named, parse_day, parse_week

PARIS = ZoneInfo("Europe/Paris")
KOLKATA = ZoneInfo("Asia/Kolkata")
SIX = time(6, 30)


def at(text: str, zone: ZoneInfo = PARIS) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-25T06:29:59", "2026-11-23"),
        ("2026-11-25T06:30:00", "2026-11-24"),
        ("2026-11-25T23:59:59", "2026-11-24"),
        ("2026-01-01T07:00:00", "2025-12-31"),
        ("2026-03-29T06:29:59", "2026-03-27"),
        ("2026-03-29T06:30:00", "2026-03-28"),
        ("2026-10-25T06:30:00", "2026-10-24"),
    ],
)
def test_a_day_is_due_the_next_morning(now: str, due: str) -> None:
    assert last_due("day", SIX, PARIS, at(now)).name == due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T06:29:59", "2026-W46"),
        ("2026-11-23T06:30:00", "2026-W47"),
        ("2026-11-29T23:00:00", "2026-W47"),
        ("2027-01-04T06:30:00", "2026-W53"),
    ],
)
def test_a_week_is_due_on_monday(now: str, due: str) -> None:
    assert last_due("week", SIX, PARIS, at(now)).name == due


def test_at_midnight_the_last_windows_are_waited_for() -> None:
    midnight = at("2026-11-25T00:00:00")
    assert last_due("day", time(), PARIS, midnight + GRACE_S - 1).name == "2026-11-23"
    assert last_due("day", time(), PARIS, midnight + GRACE_S).name == "2026-11-24"


def test_a_time_that_the_day_skips_is_taken_as_much_later() -> None:
    assert moment_of(date(2026, 3, 29), time(2, 30), PARIS) == at("2026-03-29T03:30:00")
    assert last_due("day", time(2, 30), PARIS, at("2026-03-29T03:29:00")).name == "2026-03-27"
    assert last_due("day", time(2, 30), PARIS, at("2026-03-29T03:30:00")).name == "2026-03-28"


def test_a_time_that_comes_twice_is_taken_once() -> None:
    first = moment_of(date(2026, 10, 25), time(2, 30), PARIS)
    assert [last_due("day", time(2, 30), PARIS, first + more).name for more in (-1, 0, 3600)] == [
        "2026-10-23",
        "2026-10-24",
        "2026-10-24",
    ]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-24", 24)])
def test_days_have_as_many_hours_as_clocks_say(day: str, hours: int) -> None:
    since, until = parse_day(day).bounds(PARIS)
    assert (until - since) / 3600 == hours


def test_a_week_over_a_change_of_clocks() -> None:
    since, until = parse_week("2026-W13").bounds(PARIS)
    assert (until - since) / 3600 == 7 * 24 - 1


def test_half_hours_of_a_zone() -> None:
    since, _until = parse_day("2026-11-24").bounds(KOLKATA)
    assert since % 3600 == 1800


@given(st.dates(date(2000, 1, 10), date(2100, 1, 1)), st.sampled_from(["day", "week"]), st.times())
def test_what_is_due_is_over_and_the_next_is_not_due(day: date, span: str, at_time: time) -> None:
    now = datetime.combine(day, at_time, PARIS).timestamp()
    kind = "day" if span == "day" else "week"
    period = last_due("day" if span == "day" else "week", SIX, PARIS, now)
    assert period.bounds(PARIS)[1] <= now
    assert named(period.name) == period
    following = Period("day" if kind == "day" else "week", period.days[-1]).bounds(PARIS)[1]
    assert now - following < (8 if kind == "day" else 15) * 86_400


def test_the_week_before_begins_at_the_same_hour() -> None:
    period = parse_day("2026-03-31")
    assert period.week_before.name == "2026-03-24"
    assert parse_week("2026-W01").week_before.name == "2025-W52"


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "2026-11-24T10:00", "", "24.11.2026"])
def test_a_day_that_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match="2026-11-24"):
        parse_day(text)


@pytest.mark.parametrize("text", ["2026-W54", "2026-47", "W47", "2026-W5", "0000-W01", ""])
def test_a_week_that_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match="2026-W47"):
        parse_week(text)
