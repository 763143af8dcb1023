"""A public release on real stores: which days, whose hours, what it costs, and what its sheet says."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from passerby.cli import app
from passerby.core.tallies import Measure
from passerby.errors import ConfigError
from passerby.hub.contract import Delivered, Venue
from passerby.hub.release.ledger import Kind
from passerby.hub.release.sheet import Sheet
from passerby.hub.release.tallied import Reader, Waiting, coverage_of
from passerby.hub.release.words import BudgetError, ReleaseError
from passerby.records.wire.batches import WHOLE_SITE, Batch, Layout, PlaceName, Row
from passerby.records.wire.checking import digest_of
from tests.support.released import FIRST, ZONE, Filled, Hours, filled, measured, table

WEEK = [FIRST + timedelta(days=i) for i in range(7)]


def steady(days: list[date], count: int = 100) -> Hours:
    return {day: [count] * 24 for day in days}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Filled]:
    with filled(tmp_path) as hub:
        for i in range(4):
            hub.add(f"v{i}", steady(WEEK, 100 + 50 * i), district="north" if i < 2 else "south")
        yield hub


def sheet_of(folder: Path) -> dict[str, object]:
    found = json.loads((folder / "datasheet.json").read_text())
    assert isinstance(found, dict)
    return found


def tallied(hub: Filled, days: int, first: date = FIRST, wait_days: int = 0) -> dict[str, object]:
    """What could be measured of each day of one venue: its counts and hours, or why there is none."""
    reader = Reader(hub.series, hub.now_unix_s, wait_days)
    venues = hub.register.venues()
    found = reader.read(Waiting(venues, first, first + timedelta(days=days - 1), hourly=True))
    return {
        date.fromordinal(day).isoformat(): told if isinstance(told, str) else {one.kind: one.counts for one in told}
        for (_venue, day), told in found.items()
    }


# Days and hours


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2024, 4, 7), 25), (date(2024, 9, 29), 23), (date(2024, 3, 4), 24)], ids=str
)
def test_a_day_has_the_hours_that_its_clock_has(tmp_path: Path, day: date, hours: int) -> None:
    with filled(tmp_path, now=date(2025, 1, 1)) as hub:
        hub.add("v", {day: list(range(100, 100 + hours)), day + timedelta(days=1): [7]})
        told = tallied(hub, 1, day)[day.isoformat()]
        assert told == {Kind.DAY: (sum(range(100, 100 + hours)),), Kind.HOURS: tuple(range(100, 100 + hours))}
        rows = table(hub.releases().make("public", hub.asked(1, first=day, hourly=True), "tester"))
    labels = [row["hour"] for row in rows if row["hour"]]
    assert len(set(labels)) == hours
    assert labels == sorted(labels, key=datetime.fromisoformat)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("width_s", [900, 3600])
def test_hours_of_any_zone_add_up_to_their_day(tmp_path: Path, zone: str, width_s: int) -> None:
    """A window belongs to the day and the hour that it starts in, so that nobody is in two days of one window."""
    with filled(tmp_path) as hub:
        hub.add("v", steady(WEEK, 10), zone=zone, width_s=width_s)
        for told in tallied(hub, 7).values():
            assert isinstance(told, dict)
            assert sum(told[Kind.HOURS]) == told[Kind.DAY][0]
            assert len(told[Kind.HOURS]) == 24


def test_days_that_are_not_there_are_left_out_and_cost_nothing(tmp_path: Path) -> None:
    with filled(tmp_path, now=WEEK[5]) as hub:
        hub.add("v", steady([WEEK[0], WEEK[2], WEEK[3]], 100))
        hub.add("v", {WEEK[4]: [100] * 5})
        hub.now_unix_s = datetime(WEEK[5].year, WEEK[5].month, WEEK[5].day, tzinfo=UTC).timestamp()
        told = tallied(hub, 7, wait_days=15)
        why = [one if isinstance(one, str) else "" for one in told.values()]
        whole, gone = "", "was not seen"
        assert why == [whole, gone, whole, whole, "is not here completely yet", "is not over", "is not over"]
        assert [isinstance(one, dict) for one in tallied(hub, 7, wait_days=0).values()][4]


def test_what_is_left_out_is_told_and_comes_later(tmp_path: Path) -> None:
    with filled(tmp_path) as hub:
        hub.add("v", steady(WEEK[:2]))
        first = hub.releases().make("public", hub.asked(3), "tester")
        assert sheet_of(first)["left_out"] == [{"venue": "v", "day": WEEK[2].isoformat(), "why": "was not seen"}]
        assert "was not seen" in (first / "README.txt").read_text()
        hub.add("v", steady(WEEK[2:3]))
        later = hub.releases().make("public", hub.asked(3), "tester")
        assert later != first
        assert measured(first).items() < measured(later).items()
        with pytest.raises(ReleaseError, match="nothing can be released yet: v on 2024-03-09 was not seen, and 1 more"):
            hub.releases().make("public", hub.asked(2, first=WEEK[5]), "tester")


def test_coverage_is_of_all_lines_and_falls_in_steps(tmp_path: Path) -> None:
    steps = {0: -1, 0.1: 0, 4.8: 0, 5: 5, 54: 50, 99: 95, 99.95: 100, 120: 100}
    assert {seen: coverage_of(seen, 100) for seen in steps} == steps
    with filled(tmp_path, "budget_day: 2.0") as hub:
        hub.add("v", {WEEK[0]: [100] * 12 + [None] * 12, WEEK[1]: [100] * 24})
        rows = table(hub.releases().make("public", hub.asked(2, hourly=True), "tester"))
        days = [row["coverage_percent"] for row in rows if row["level"] == "venue" and not row["hour"]]
        assert days == ["50", "100"]
        states = [row["state"] for row in rows if row["hour"] and row["day"] == WEEK[0].isoformat()]
        assert states == ["told"] * 12 + ["not seen"] * 12
        venue = hub.register.known("v")
        hub.register.change(Venue(venue.number, "v", "V", zone=ZONE, expected_lines=2), "tester")
        assert sheet_of(hub.releases().make("public", hub.asked(1, again=True), "tester"))["partly_seen"] == 1
        rows = table(hub.releases().make("public", hub.asked(1), "tester"))
        assert [row["coverage_percent"] for row in rows] == ["25"]


def test_a_site_that_sends_its_sum_has_one_line(tmp_path: Path) -> None:
    with filled(tmp_path) as hub:
        venue = hub.register.add(Venue(0, "v", "V", zone="UTC", expected_lines=5), "tester")
        layout = Layout((), (PlaceName(WHOLE_SITE, WHOLE_SITE, "site"),), "UTC", 3600, "strict")
        start = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp())
        rows = tuple(
            Row(0, measure, 0, start + 3600 * hour, 3600, 1, 0, 9000, 3_600_000)
            for hour in range(24)
            for measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)
        )
        batch = Batch("a" * 32, 1, digest_of(layout), int(hub.now_unix_s), rows)
        layouts = {digest_of(layout): layout}
        taken = hub.series.take(Delivered(venue.number, "UTC", (batch,), layouts, int(hub.now_unix_s)))
        assert (taken.mark, taken.set_aside) == (1, ())
        (row,) = table(hub.releases().make("public", hub.asked(1), "tester"))
        assert row["coverage_percent"] == "100"
        strict = table(hub.releases().make("strict", hub.asked(1), "tester"))
        assert {(one["came_in"], one["went_out"], one["coverage_percent"]) for one in strict} == {("9", "9", "100")}


# What it costs


def left(hub: Filled) -> list[float]:
    rows = hub.releases().budget(hub.register.venues(), FIRST.year)
    return [round(200 - row["left_of_the_year"], 6) for row in rows]


def test_days_and_hours_are_paid_once_each(hub: Filled) -> None:
    releases = hub.releases()
    releases.make("public", hub.asked(2), "tester")
    assert left(hub) == [1.0] * 4
    hourly = releases.make("public", hub.asked(2, hourly=True), "tester")
    assert left(hub) == [2.0] * 4
    releases.make("public", hub.asked(3, "v0", hourly=True), "tester")
    assert left(hub) == [3.0, 2.0, 2.0, 2.0]
    assert sheet_of(hourly)["epsilon"] == 1.0
    hours, day = (measured(hourly), [key for key in measured(hourly) if not key[2]])
    assert len(hours) == 4 * 2 * 25
    assert len(day) == 8


def test_figures_stay_the_same_whatever_they_are_released_with(hub: Filled) -> None:
    daily = measured(hub.releases().make("public", hub.asked(7), "tester"))
    assert measured(hub.releases().make("public", hub.asked(7, hourly=True), "tester")).items() >= daily.items()
    hub.register.change(Venue(hub.register.known("v0").number, "renamed", "V0", district="west", zone=ZONE), "tester")
    told = measured(hub.releases().make("public", hub.asked(7), "tester"))
    assert sorted(told.values()) == sorted(daily.values())
    assert {venue for venue, _day, _hour in told} == {"renamed", "v1", "v2", "v3"}
    assert left(hub) == [7.0] * 4


def test_the_year_has_a_budget_of_its_own(tmp_path: Path) -> None:
    with filled(tmp_path, "budget_year: 2.5") as hub:
        hub.add("v", steady([*WEEK, date(2025, 1, 1)]))
        hub.releases().make("public", hub.asked(5), "tester")
        with pytest.raises(BudgetError, match=r"v in 2024 costs 1, and 0 is left of the year"):
            hub.releases().make("public", hub.asked(7), "tester")
        with pytest.raises(BudgetError):
            hub.releases().explain("public", hub.asked(7).what)
        hub.now_unix_s += 86400 * 400
        hub.releases().make("public", hub.asked(1, first=date(2025, 1, 1)), "tester")


def test_what_was_paid_by_a_smaller_k_counts_for_more(hub: Filled) -> None:
    hub.releases().make("public", hub.asked(1), "tester")
    text = (hub.config.folder / "hub.yaml").read_text()
    (hub.config.folder / "hub.yaml").write_text(text.replace("{", "{crossings: 8, "))
    again = load_again(hub)
    with pytest.raises(BudgetError, match=r"costs 0\.5, and 0 is left of the day"):
        again.releases().make("public", again.asked(1, again=True), "tester")
    sheet = sheet_of(again.releases().make("public", again.asked(1), "tester"))
    assert (sheet["epsilon"], sheet["crossings"]) == (1.0, 8)
    assert measured(again.releases().make("public", again.asked(2), "tester"))


def load_again(hub: Filled) -> Filled:
    from passerby.hub.config import load

    return Filled(load(hub.config.folder), hub.register, hub.series, hub.now_unix_s)


def test_a_venue_brings_its_spending_into_the_one_that_it_is_merged_into(hub: Filled) -> None:
    hub.releases().make("public", hub.asked(1, "v0", hourly=True), "tester")
    hub.releases().make("public", hub.asked(2, "v1"), "tester")
    hub.register.merge("v0", "v1", "tester")
    hub.series.merge(hub.register.merges_due()[0][0], hub.register.known("v1").number, "v0")
    with pytest.raises(BudgetError, match=r"v1 on 2024-03-04 costs 0\.5, and -0\.5 is left of the day"):
        hub.releases().make("public", hub.asked(1, "v1", hourly=True), "tester")
    assert measured(hub.releases().make("public", hub.asked(2, "v1", first=WEEK[1], hourly=True), "tester"))


# What is said of it


def test_the_sheet_says_what_is_true(hub: Filled) -> None:
    asked = hub.asked(7, hourly=True)
    folder = hub.releases().make("public", asked, "tester")
    sheet, rows = sheet_of(folder), table(folder)
    assert (sheet["profile"], sheet["delta"], sheet["crossings"], sheet["epsilon"]) == ("public", 0.0, 4, 1.0)
    assert sheet["unit"] == "one person's presence in one venue on one day, changing at most 4 crossings"
    assert "assumption" in str(sheet["assumed"])
    assert sheet["venue_days"] == 28
    errors = {(one["level"], one["what"]): one for one in sheet["errors"]}  # type: ignore[attr-defined]
    assert set(errors) == {
        ("venue", "day"),
        ("venue", "hour"),
        ("district", "day"),
        ("district", "hour"),
        ("all", "day"),
    }
    for row in rows:
        one = errors[row["level"], "hour" if row["hour"] else "day"]
        assert float(row["deviation"]) == one["deviation"]
        assert int(row["venues"]) == one["venues"]
        if row["state"] == "told":
            assert int(row["high_95"]) - int(row["measured"]) >= one["within"]
    budget = sheet["budget"]
    assert isinstance(budget, dict)
    assert budget == {
        "per_venue_day": 1.0, "spent_most": 1.0, "left_least": 0.0, "per_year": 200.0, "left_of_year_least": 193.0
    }  # fmt: skip
    assert set(Sheet.__struct_fields__) == set(sheet)


def test_intervals_hold_the_truth_and_measured_has_no_bias(tmp_path: Path) -> None:
    """95 % with what 2,000 figures allow; a false alarm comes once in a million runs or less."""
    with filled(tmp_path, "budget_year: 1000") as hub:
        truth: dict[tuple[str, str], int] = {}
        days = [FIRST + timedelta(days=i) for i in range(200)]
        for i in range(10):
            truth |= {(f"v{i}", day.isoformat()): 500 + 97 * i for day in days}
            hub.add(f"v{i}", {day: [500 + 97 * i] for day in days})
        rows = [
            row for row in table(hub.releases().make("public", hub.asked(200), "tester")) if row["level"] == "venue"
        ]
    held = [int(row["low_95"]) <= truth[row["venue"], row["day"]] <= int(row["high_95"]) for row in rows]
    assert len(held) == 2000
    assert abs(np.mean(held) - 0.953) < 5.5 * math.sqrt(0.953 * 0.047 / 2000)
    error = np.mean([int(row["measured"]) - truth[row["venue"], row["day"]] for row in rows])
    assert abs(error) < 5.5 * float(rows[0]["deviation"]) / math.sqrt(2000)


def test_explain_says_the_numbers_of_that_release_and_spends_nothing(hub: Filled) -> None:
    asked = hub.asked(2, hourly=True)
    plan = hub.releases().explain("public", asked.what)
    assert hub.releases().ledger.read().entry == 0
    said = (hub.releases().make("public", asked, "tester") / "README.txt").read_text()
    assert "This is a plan: nothing has been spent" in plan
    for text in (plan, said):
        assert "within 24 people of `measured` in 95 of 100 cases (standard deviation 11.31)" in text
        assert "the odds are at most 2.72 to 1: right 73 % of the time" in text
        assert "Epsilon is 1 for each venue-day" in text
        assert "inwards more than 4 times in a day is an assumption" in text
        assert "5 days up to 99 % of the time" in text
        assert "0 is left" in text
    same = [set(text.split("\n\n")[1].splitlines()) for text in (plan, said)]
    assert same[0] == same[1]
    assert hub.releases().explain("public", asked.what) == said  # now it is no plan any more


def test_other_profiles_are_explained_too(hub: Filled) -> None:
    assert "20, 30, 60 minutes" in hub.releases().explain("strict", hub.asked(1).what)
    assert "for the operator alone" in hub.releases().explain("internal", hub.asked(1).what)


def test_the_chart_is_one(hub: Filled) -> None:
    folder = hub.releases().make("public", hub.asked(7), "tester")
    chart = ElementTree.fromstring((folder / "chart.svg").read_text())
    names = [one.tag.rpartition("}")[2] for one in chart.iter()]
    assert names.count("circle") == 7
    assert names.count("polygon") == names.count("polyline") == 1


def test_files_that_another_passerby_would_make_otherwise_are_not_handed_out(hub: Filled) -> None:
    from passerby.hub.release.writing import files_of

    folder = hub.releases().make("public", hub.asked(1), "tester")
    sheet, rows = hub.releases()._public().make(hub.asked(1), 0)
    assert files_of(sheet, rows)["figures.csv"] == (folder / "figures.csv").read_bytes()
    with pytest.raises(ReleaseError, match="made otherwise by this passerby"):
        files_of(sheet, rows[1:])


# Who asks


def test_venues_are_chosen_by_name_and_district(hub: Filled) -> None:
    releases = hub.releases()
    assert [venue.slug for venue in releases.venues([], [])] == ["v0", "v1", "v2", "v3"]
    assert [venue.slug for venue in releases.venues(["v3"], ["north"])] == ["v0", "v1", "v3"]
    with pytest.raises(ConfigError, match="there is no district east"):
        releases.venues([], ["east"])
    with pytest.raises(ConfigError, match="there is no venue v9"):
        releases.venues(["v9"], [])


def test_it_is_entered_in_the_log(hub: Filled) -> None:
    hub.releases().make("strict", hub.asked(1), "tester")
    hub.releases().make("public", hub.asked(1), "tester")
    newest = hub.register.log.newest(2)
    assert [entry.action for entry in newest] == ["statistics released"] * 2
    assert newest[0].detail.startswith("public-000003-2024-03-04-2024-03-04-")


def test_the_commands(hub: Filled, tmp_path: Path) -> None:
    def passerby(*words: str) -> str:
        done = CliRunner().invoke(app, ["hub", *words, "--hub", str(hub.config.folder)])
        if done.exception:
            raise done.exception
        return done.stdout

    span = ("--from", "2024-03-04", "--to", "2024-03-05")
    assert "This is a plan" in passerby("release", *span, "--explain", "--district", "north")
    said = passerby("release", *span, "--district", "north", "--out", str(tmp_path / "out"))
    assert said.startswith((tmp_path / "out" / "README.txt").read_text())
    assert measured(tmp_path / "out")
    assert "A venue-day has 1, once and for ever." in passerby("budget", "--year", "2024")
    with pytest.raises(BudgetError, match="the budget does not cover this release"):
        passerby("release", *span, "--remeasure", "--hourly", "--venue", "v0")
    with pytest.raises(ReleaseError, match="nothing to settle"):
        passerby("reconcile")
    (hub.config.folder / "release.counter").unlink()
    assert "count as spent, but for what the ledger still knows" in passerby("reconcile")
    for wrong in (("--from", "yesterday"), ("--from", "2024-03-05", "--to", "2024-03-04"), ("--district", "east")):
        with pytest.raises(ConfigError):
            passerby("release", *wrong)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
def test_a_time_zone_that_is_changed_sells_no_hour_twice(tmp_path: Path, zone: str) -> None:
    """An hour of a day that was released is in the day before or after by another clock, with a budget of its own."""
    with filled(tmp_path) as hub:
        venue = hub.add("v", steady(WEEK))
        hub.releases().make("public", hub.asked(1, first=WEEK[3]), "tester")
        hub.register.change(replace(venue, zone=zone), "tester")
        sheet = sheet_of(hub.releases().make("public", hub.asked(7), "tester"))
        left_out = json.dumps(sheet["left_out"])
        assert "another time zone" in left_out
        spent = hub.releases().ledger.read().draws[venue.number]
        assert sorted(spent) == [WEEK[i].toordinal() for i in (0, 3, 6)]
        with pytest.raises(ReleaseError, match="another time zone"):
            hub.releases().make("public", hub.asked(1, first=WEEK[4]), "tester")
        assert measured(hub.releases().make("public", hub.asked(1, first=WEEK[3]), "tester"))
