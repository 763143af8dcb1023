"""Alerts: nothing flaps inside the band, so many windows in a row, and what was not seen changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.core.alerts import MINUTES_PER_DAY, Course, Rule, after, is_quiet, to_tell
from passerby.records.quiet import Quiet

VALUES = st.floats(0, 100)
MINUTES = st.integers(0, MINUTES_PER_DAY - 1)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    low, high = sorted((draw(VALUES), draw(VALUES)))
    above = draw(st.booleans())
    limit, clear = (high, low) if above else (low, high)
    return Rule(limit, clear, above, draw(st.integers(1, 5)))


def walk(rule: Rule, values: Sequence[float | None], course: Course | None = None) -> list[Course]:
    """The course after each window."""
    course = course or Course()
    steps = []
    for value in values:
        course = after(course, rule, value, (course.heard_unix_s or 0.0) + 900)
        steps.append(course)
    return steps


@given(rules(), st.booleans(), st.data())
def test_inside_the_band_nothing_changes(rule: Rule, on: bool, data: st.DataObject) -> None:
    low, high = sorted((rule.limit, rule.clear_at))
    inside = st.floats(low, high).filter(lambda value: not rule.clears(value))
    values = data.draw(st.lists(inside, max_size=20)) if low < high else []
    assert {step.on for step in walk(rule, values, Course(on=on))} <= {on}


@given(rules(), st.lists(VALUES, max_size=40))
def test_it_begins_after_so_many_windows_in_a_row_and_not_before(rule: Rule, values: list[float]) -> None:
    before = False
    for i, step in enumerate(walk(rule, values)):
        if step.on and not before:
            row = values[max(0, i + 1 - rule.for_windows) : i + 1]
            assert len(row) == rule.for_windows and all(map(rule.is_beyond, row))
        if before and not step.on:
            assert rule.clears(values[i])
        before = step.on


@given(rules(), st.lists(VALUES, max_size=20), st.data())
def test_what_was_not_seen_neither_raises_nor_ends_nor_interrupts(
    rule: Rule, values: list[float], data: st.DataObject
) -> None:
    gaps = [data.draw(st.integers(0, 2)) for _ in values]
    holed = [one for value, gap in zip(values, gaps, strict=True) for one in [None] * gap + [value]]
    seen = [(step.on, step.run) for step in walk(rule, values)]
    all_steps = walk(rule, holed)
    after_seen = [(step.on, step.run) for step, value in zip(all_steps, holed, strict=True) if value is not None]
    assert after_seen == seen


@given(rules(), VALUES, VALUES)
def test_a_window_is_heard_once(rule: Rule, first: float, second: float) -> None:
    heard = after(Course(), rule, first, 900.0)
    assert after(heard, rule, second, 900.0) == heard
    assert after(heard, rule, second, 0.0) != heard, "a clock that went back does not make it deaf"


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_one_message_for_each_change_and_none_in_quiet_hours(moments: list[tuple[bool, bool]]) -> None:
    told, messages = False, []
    for on, quiet in moments:
        if to_tell(on, told, quiet):
            told = on
            messages.append(on)
            assert not quiet
    assert messages == [i % 2 == 0 for i in range(len(messages))], "beginnings and ends take turns"
    if moments and not moments[-1][1]:
        assert told == moments[-1][0], "out of quiet hours people know what is true"


@given(MINUTES, MINUTES, MINUTES)
def test_quiet_hours_over_midnight(minute: int, begin: int, end: int) -> None:
    within = begin <= minute < end if begin < end else (minute >= begin or minute < end)
    assert is_quiet(minute, begin, end) == (within and begin != end)


def quiet(begin: str, end: str) -> Quiet:
    return Quiet.model_validate({"from": begin, "to": end})


@given(
    st.integers(0, 366 * 24 * 4), st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"])
)
def test_quiet_hours_follow_the_clock_on_the_wall(quarter: int, name: str) -> None:
    zone = ZoneInfo(name)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    wall = moment.astimezone(zone)
    shown = f"{wall:%H:%M}"
    assert quiet("22:00", "07:00").holds(moment.timestamp(), zone) == (shown >= "22:00" or shown < "07:00")


def test_an_hour_that_comes_twice_is_quiet_twice_and_one_that_is_skipped_never() -> None:
    paris = ZoneInfo("Europe/Paris")
    autumn = datetime(2026, 10, 25, 0, 0, tzinfo=UTC).timestamp()  # 02:00 comes at 00:00 and at 01:00 UTC
    spring = datetime(2026, 3, 29, 0, 0, tzinfo=UTC).timestamp()  # from 02:00 to 03:00 at 01:00 UTC
    two_to_three = quiet("02:00", "03:00")
    assert sum(two_to_three.holds(autumn + 60 * minute, paris) for minute in range(24 * 60)) == 120
    assert sum(two_to_three.holds(spring + 60 * minute, paris) for minute in range(24 * 60)) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"for_windows": 0}, {"limit": 5.0, "clear_at": 6.0}, {"limit": 5.0, "clear_at": 4.0, "above": False}],
)
def test_a_rule_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Rule(**({"limit": 1.0, "clear_at": 1.0} | wrong))  # type: ignore[arg-type]  # on purpose
