"""The history: what is added up, compared and withheld; and that a changed day is read again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan, ZonePlan
from passerby.records.page.words import Tone
from passerby.site.figures import Settings
from passerby.site.history import History, HistoryReport, Period, Span, Told, series_of
from passerby.site.pages import history_words as words
from passerby.site.state import SiteState
from passerby.site.store import KEEP_WINDOWS_S, Store
from passerby.site.web import create_app

PARIS = ZoneInfo("Europe/Paris")
HOUR_S, DAY_S = 3600, 86_400
THURSDAY = date(2025, 10, 9)
DOOR, SIDE = LinePlan("door", (0, 0), (1, 1), masks=True), LinePlan("side", (0, 0), (1, 1))
HALL = ZonePlan("hall", ((0, 0), (1, 0), (1, 1)))
PLANS = (CameraPlan("a", (DOOR,), (HALL,), window_s=HOUR_S), CameraPlan("b", (SIDE,), window_s=HOUR_S))


def at(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=PARIS).timestamp())


def door(start: int, total: float, measure: Measure = Measure.CROSSINGS_IN, **more: float) -> Tally:
    return Tally("a", measure, "door", start, HOUR_S, total, more.get("exposure", HOUR_S))


def side(start: int, total: float) -> Tally:
    return Tally("b", Measure.CROSSINGS_IN, "side", start, HOUR_S, total, HOUR_S)


@dataclass
class Venue:
    store: Store
    now: float = field(default_factory=lambda: at(THURSDAY, 12) + 60.0)

    def __post_init__(self) -> None:
        self.settings = Settings(PLANS, HOUR_S, PARIS, clock=lambda: self.now)
        self.history = History(self.store, self.settings)

    def report(self, index: int = 0, span: Span = Span.DAY, day: date = THURSDAY) -> HistoryReport:
        return self.history.report(series_of(self.settings)[index], Period.of(span, day))

    def of(self, measure: Measure, subject: str | None, span: Span = Span.DAY) -> HistoryReport:
        known = series_of(self.settings)
        (one,) = [it for it in known if (it.measure, it.subject) == (measure, subject)]
        return self.history.report(one, Period.of(span, THURSDAY))


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with Store(tmp_path / "a.sqlite") as store:
        yield Venue(store)


def test_all_doors_are_added_and_one_that_is_away_lowers_the_coverage(venue: Venue) -> None:
    venue.store.add([door(at(THURSDAY, 9), 10), side(at(THURSDAY, 9), 5), door(at(THURSDAY, 10), 7)])
    report = venue.report()
    nine, ten = report.bars[9].told, report.bars[10].told
    assert nine and (nine.value, nine.coverage) == (15, 1)
    assert ten and (ten.value, ten.coverage) == (7, 0.5)
    assert report.total.value == 22
    assert report.bars[11].told == Told(coverage=0.0), "not seen, which is not zero"
    assert report.bars[12].told is None, "not yet"


def test_a_day_is_compared_up_to_the_hours_that_are_over(venue: Venue) -> None:
    week_ago = date(2025, 10, 2)
    venue.store.add([door(at(THURSDAY, hour), 10) for hour in range(12)])
    venue.store.add([door(at(week_ago, hour), 5 if hour < 12 else 1000) for hour in range(24)])
    report = venue.of(Measure.CROSSINGS_IN, "door")
    assert report.until and (report.until[0].value, report.until[1].value) == (120, 60)
    said = words.comparison(report, PARIS)
    assert said.text.replace("\u202f", " ") == (
        "100 % more than on Thursday 2 October 2025 until 12:00 (60 then, 120 now)."
    )
    assert said.tone is Tone.CALM


def test_a_comparison_with_time_that_was_not_seen_says_so(venue: Venue) -> None:
    venue.store.add([door(at(THURSDAY, hour), 10) for hour in range(12)])
    venue.store.add([door(at(date(2025, 10, 2), hour), 10) for hour in range(6)])
    said = words.comparison(venue.of(Measure.CROSSINGS_IN, "door"), PARIS)
    assert said.text.endswith("Part of it was not seen: compare with care.")
    assert said.tone is Tone.WARN


def test_a_week_is_compared_by_the_days_that_are_over(venue: Venue) -> None:
    monday = date(2025, 10, 6)
    venue.store.add([door(at(monday, 9), 30), door(at(THURSDAY, 9), 500), door(at(date(2025, 9, 29), 9), 40)])
    report = venue.of(Measure.CROSSINGS_IN, "door", Span.WEEK)
    assert [bar.told and bar.told.value for bar in report.bars] == [30, None, None, 500, None, None, None]
    assert report.until and report.until[0].value == 30
    assert "25\u202f% fewer than in the week 29 September \u2013 5 October 2025, the first 3 days" in (
        words.comparison(report, PARIS).text
    )


def test_an_hour_that_comes_twice_stands_alone(tmp_path: Path) -> None:
    back = date(2025, 10, 26)
    with Store(tmp_path / "a.sqlite") as store:
        venue = Venue(store, now=at(back, 23))
        first, week_ago = at(back, 2), at(date(2025, 10, 19), 2)
        store.add([door(first, 3), door(first + HOUR_S, 4), door(week_ago, 8)])
        report = venue.report(day=back)
        assert len(report.bars) == 25
        two, again = report.bars[2], report.bars[3]
        assert two.told and two.before and (two.told.value, two.before.value) == (3, 8)
        assert again.told and again.told.value == 4 and again.before is None
        assert words.step(again.step, Span.DAY, PARIS) == "02:00\u2009*"
        assert words.second_time(report).startswith("* The clock was set back")


def test_people_are_a_mean_and_peaks_a_maximum(venue: Venue) -> None:
    for hour, people, most in ((9, 4.0, 9), (10, 8.0, 7)):
        start = at(THURSDAY, hour)
        venue.store.add([Tally("a", Measure.PEOPLE, "hall", start, HOUR_S, people * 1800, 1800)])
        venue.store.add([Tally("a", Measure.PEAK, "hall", start, HOUR_S, most, 1800)])
    assert venue.of(Measure.PEOPLE, "hall").total.value == 6
    assert venue.of(Measure.PEAK, "hall").total.value == 9
    assert venue.of(Measure.PEAK, "hall", Span.MONTH).total.value == 9


def test_of_too_few_people_no_share_is_told_anywhere(venue: Venue) -> None:
    few, enough = at(THURSDAY, 9), at(THURSDAY, 10)
    venue.store.add([door(few, 4, Measure.MASKED, exposure=6), door(enough, 20, Measure.MASKED, exposure=25)])
    report = venue.of(Measure.MASKED, "door")
    nine, ten = report.bars[9].told, report.bars[10].told
    assert nine and nine.withheld and nine.value is None and nine.low is None
    assert ten and ten.value == 0.8
    cells = [cell for cell in report.cells if cell.weekday == 3 and cell.hour == 9]
    assert [(cell.told.value, cell.told.withheld) for cell in cells] == [(None, True)]
    assert words.value(nine, report.series) == "too few people to say"


def test_hours_of_the_week_are_rates_of_what_was_seen(venue: Venue) -> None:
    """An hour that was seen half counts half; one that was not seen does not make the mean smaller."""
    wednesdays = [date(2025, 10, 1), date(2025, 10, 8)]
    venue.store.add([door(at(wednesdays[0], 9), 30), door(at(wednesdays[1], 9), 15, exposure=1800)])
    (cell,) = [one for one in venue.of(Measure.CROSSINGS_IN, "door").cells if (one.weekday, one.hour) == (2, 9)]
    assert cell.told.value == pytest.approx(30)
    assert cell.told.coverage == pytest.approx(5400 / (4 * HOUR_S))
    empty = [one for one in venue.of(Measure.CROSSINGS_IN, "door").cells if (one.weekday, one.hour) == (1, 9)]
    assert [one.told.value for one in empty] == [None]


def test_what_is_added_to_any_day_is_seen(venue: Venue) -> None:
    venue.store.add([door(at(THURSDAY, 9), 10)])
    assert venue.report().total.value == 10
    assert venue.report(day=date(2025, 10, 2)).total.value is None
    venue.store.add([door(at(date(2025, 10, 2), 9), 7)])
    assert venue.report(day=date(2025, 10, 2)).total.value == 7
    venue.store.add([door(at(THURSDAY, 10), 1)])
    assert venue.report().total.value == 11


def test_a_roll_up_changes_no_figure(tmp_path: Path) -> None:
    day = date(2025, 3, 12)
    with Store(tmp_path / "a.sqlite") as store:
        venue = Venue(store, now=at(THURSDAY, 12))
        quarters = range(at(day, 9), at(day, 12), 900)
        store.add([replace(door(start, 3), width_s=900, exposure=900) for start in quarters])
        before = venue.report(day=day)
        store.roll_up(at(day, 12) + KEEP_WINDOWS_S + 2 * DAY_S)
        again = Venue(store, now=at(THURSDAY, 12)).report(day=day)
        assert again == before == venue.report(day=day)
        assert before.total.value == 36


def test_the_changes_of_a_store_are_known_by_revision(venue: Venue) -> None:
    store = venue.store
    assert store.changed_since(-1) == float("-inf")
    before = store.revision
    assert store.changed_since(before) == float("inf")
    store.add([door(7200, 1)])
    middle = store.revision
    store.add([door(3600, 1)])
    assert store.changed_since(before) == 3600
    assert store.changed_since(middle) == 3600
    assert store.changed_since(store.revision) == float("inf")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("camera=a&subject=gone", "a/door, a/hall, b/side"),
        ("camera=a", "no such place"),
        ("measure=peak", "known: crossings_in, crossings_out, masked"),
        ("date=1900-01-01", "between the years"),
        ("period=year", "'day', 'week' or 'month'"),
        ("since=5", "no such parameter; known here: period, date"),
        ("period=day&period=week", "given twice"),
    ],
)
def test_a_wrong_question_is_answered_in_words(venue: Venue, query: str, said: str) -> None:
    app = create_app(venue.store, lambda: SiteState("x"), venue.settings)
    answer = TestClient(app, base_url="http://localhost").get(f"/api/v1/history?{query}")
    assert answer.status_code == 422
    assert said in answer.text


def test_json_has_what_is_not_known_as_null(venue: Venue) -> None:
    venue.store.add([door(at(THURSDAY, 9), 10)])
    app = create_app(venue.store, lambda: SiteState("x"), venue.settings)
    told = TestClient(app, base_url="http://localhost").get("/api/v1/history?camera=a&subject=door").json()
    assert (told["measure"], told["first_day"], told["compared_first_day"]) == (
        "crossings_in", "2025-10-09", "2025-10-02"
    )  # fmt: skip
    assert [row["value"] for row in told["course"][8:11]] == [None, 10, None]
    assert told["completed_before"]["value"] is None
    assert len(told["weekdays"]) == 168


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (Period.of(Span.WEEK, THURSDAY), "6 \u2013 12 October 2025"),
        (Period.of(Span.WEEK, date(2025, 10, 1)), "29 September \u2013 5 October 2025"),
        (Period.of(Span.WEEK, date(2026, 1, 1)), "29 December 2025 \u2013 4 January 2026"),
        (Period.of(Span.MONTH, THURSDAY), "October 2025"),
        (Period.of(Span.DAY, THURSDAY), "Thursday 9 October 2025"),
    ],
)
def test_periods_in_words(period: Period, text: str) -> None:
    assert words.period(period) == text


def test_a_site_without_lines_begins_with_people_and_one_under_a_profile_with_masks(venue: Venue) -> None:
    zones = replace(venue.settings, plans=(CameraPlan("a", (), (HALL,)),))
    assert series_of(zones)[0].measure is Measure.PEOPLE
    (only,) = series_of(replace(venue.settings, site_only=True))
    assert (only.measure, only.camera, only.spots) == (Measure.MASKED, None, (("site", "site"),))
    assert series_of(replace(venue.settings, plans=())) == ()
