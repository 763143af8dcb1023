"""However deliveries are cut, repeated and mixed up, a store of series holds the truth, and so do its sums."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.tallies import Measure, Tally, merge
from passerby.hub.contract import Days, Series, Span, Sum
from passerby.hub.series import SqliteSeries
from tests.support.deliveries import CHECKOUT, DOOR, HALL, LAYOUT, SIDE, Count, delivery, sealed

START = 1_761_346_800 // 3600 * 3600
"""25 October 2025, 23:00 UTC: an hour into the day of 25 hours in Berlin."""
SPAN = Span(START - 86_400, START + 3 * 86_400)
DAYS = Days(date(2025, 10, 20), date(2025, 10, 31))
ABOUT = (
    *((DOOR, Measure.CROSSINGS_IN, 0), (SIDE, Measure.CROSSINGS_IN, 0), (HALL, Measure.PEOPLE, 0)),
    *((HALL, Measure.PEAK, 0), (CHECKOUT, Measure.PEAK, 0), (HALL, Measure.DWELL, 2), (HALL, Measure.DWELL, 7)),
    (DOOR, Measure.MASKED, 0),
)
MEASURES = tuple(dict.fromkeys(measure for _, measure, _ in ABOUT))
ZONES = ("Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")
Key = tuple[int, Measure, int, int, int, int]


@dataclass(frozen=True)
class Script:
    """What a site seals, batch by batch, and which ranges of it are sent in which zone, one after the other."""

    batches: list[dict[Key, Count]]
    sent: list[tuple[int, int, str]]


@st.composite
def counts(draw: st.DrawFn) -> Count:
    place, measure, part = draw(st.sampled_from(ABOUT))
    width_s = draw(st.sampled_from([60, 900, 3600]))
    # A few starts only, so that rows meet: in one hour, about midnights of the zones, and a day later.
    near = draw(st.sampled_from([0, 1, 2, 3, 12, 88, 90, 92, 96, 100])) * 900
    start = (START + near) // width_s * width_s
    exposure = draw(st.integers(0, 50)) if measure.per_person else draw(st.integers(0, width_s * 10)) / 10
    most = int(exposure) if measure.per_person else 90
    return Count(
        place,
        measure,
        start,
        draw(st.integers(0, most)) * measure.grid,
        exposure,
        part,
        width_s,
        run=draw(st.sampled_from([1, 2])),
        unsafe=draw(st.sampled_from([0, 0, 0, 1])),
    )


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    batches = [
        {(one.place, one.measure, one.part, one.start_unix_s, one.width_s, one.run): one for one in rows}
        for rows in draw(st.lists(st.lists(counts(), max_size=12), min_size=1, max_size=6))
    ]
    ends = st.integers(0, len(batches))
    zones = st.sampled_from(ZONES)
    sent = [(min(a, b), max(a, b), zone) for a, b, zone in draw(st.lists(st.tuples(ends, ends, zones), max_size=8))]
    return Script(batches, [*sent, (0, len(batches), draw(zones))])


def play(series: Series, script: Script) -> None:
    for first, last, zone in script.sent:
        batches = [sealed(n + 1, script.batches[n].values()) for n in range(first, last)]
        before = series.marks(1)
        taken = series.take(delivery(*batches, zone=zone))
        mark = max(before.values(), default=0)
        assert taken.mark == (max(mark, last) if first <= mark and first < last else mark if batches else 0)
        assert taken.new == tuple(range(mark + 1, taken.mark + 1))


def truth(script: Script) -> list[Count]:
    """What is left when later rows replace those of the same key."""
    kept: dict[Key, Count] = {}
    for batch in script.batches:
        kept |= batch
    return list(kept.values())


def tallies(kept: Iterable[Count]) -> list[Tally]:
    return [
        Tally(
            LAYOUT.places[one.place].camera,
            one.measure,
            LAYOUT.places[one.place].name,
            one.start_unix_s,
            one.width_s,
            one.total,
            one.exposure or 0.0,
            one.part,
        )
        for one in kept
    ]


def summed(kept: Iterable[Count]) -> Sum:
    """Added up, but the most of peaks."""
    rows = list(kept)
    merged = max if rows[0].measure is Measure.PEAK else sum
    total = merged(round(one.total * 1000) for one in rows)
    exposure = sum(round((one.exposure or 0) * 1000) for one in rows)
    return Sum(total / 1000, exposure / 1000, any(one.unsafe for one in rows))


def by(kept: list[Count], key) -> dict[object, Sum]:  # type: ignore[no-untyped-def]
    groups: dict[object, list[Count]] = {}
    for one in kept:
        groups.setdefault(key(one), []).append(one)
    return {name: summed(rows) for name, rows in groups.items()}


def hour_of(one: Count) -> int:
    return one.start_unix_s // 3600 * 3600


@settings(max_examples=60, deadline=None)
@given(scripts())
def test_sums_are_those_of_what_was_sealed(script: Script) -> None:
    with tempfile.TemporaryDirectory() as folder, SqliteSeries(Path(folder) / "a.sqlite") as series:
        play(series, script)
        kept = truth(script)
        for width_s in (60, 900, 3600):
            points = series.course(1, SPAN, width_s, MEASURES)
            found = {
                (one.camera, one.measure, one.name, one.start_unix_s, one.width_s, one.part): one.sum for one in points
            }
            expected = {
                (one.camera, one.measure, one.subject, one.start_unix_s, one.width_s, one.part): one
                for one in merge(tallies(kept), width_s)
            }
            assert found.keys() == expected.keys()
            for key, one in found.items():
                assert (one.total, one.exposure) == pytest.approx((expected[key].total, expected[key].exposure))
        check_sums(series, kept, ZoneInfo(script.sent[-1][2]))


def check_sums(series: Series, kept: list[Count], zone: ZoneInfo) -> None:
    """Sums by hour and day are those of the windows, whatever came in between."""

    def day_of(one: Count) -> date:
        return datetime.fromtimestamp(one.start_unix_s, zone).date()

    hours = {(one.measure, one.part, one.start_unix_s): one.sum for one in series.now(SPAN.since_unix_s, MEASURES)}
    assert hours == by(kept, lambda one: (one.measure, one.part, hour_of(one)))
    days = {(one.measure, one.part, one.day): one.sum for one in series.days(DAYS, None, MEASURES)}
    assert days == by(kept, lambda one: (one.measure, one.part, day_of(one)))
    places = {
        (one.name, one.measure, one.part, datetime.fromtimestamp(one.start_unix_s, zone).date()): one.sum
        for one in series.place_days(1, DAYS, MEASURES)
    }
    assert places == by(kept, lambda one: (LAYOUT.places[one.place].name, one.measure, one.part, day_of(one)))
    totals = series.totals(SPAN, None, MEASURES)
    assert totals == by(kept, lambda one: (1, one.measure, one.part))


@settings(max_examples=30, deadline=None)
@given(scripts(), st.integers(0, 100), st.integers(0, 3))
def test_forgetting_changes_no_sum(script: Script, quarter: int, before: int) -> None:
    zone = script.sent[-1][2]
    sent = [(first, last, zone) for first, last, _ in script.sent]
    with tempfile.TemporaryDirectory() as folder, SqliteSeries(Path(folder) / "a.sqlite") as series:
        play(series, Script(script.batches, sent))
        for moment in range(before + 1):
            series.forget(START + 900 * quarter + moment * 3600, 0)
        check_sums(series, truth(script), ZoneInfo(zone))
