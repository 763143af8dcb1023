"""Reports: the figures from a real store, and the page and the table that tell them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from passerby.core.tallies import LINE_MEASURES, MASK_MEASURES, Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan, QueuePlan, ZonePlan
from passerby.site.figures import Settings
from passerby.site.paper.figures import ReportFigures, gather
from passerby.site.paper.periods import Period
from passerby.site.paper.proved import Proof, nothing_beside
from passerby.site.paper.report import Head, report, title
from passerby.site.paper.report_csv import report_csv
from passerby.site.paper.shapes import Language
from passerby.site.paper.texts import LANGUAGES, Texts
from passerby.site.place_windows import PlaceSettings
from passerby.site.store import Filter, Store, readable
from tests.support import filled, venue_day
from tests.support.papers import lowest_mm, squeezed, text_of

ZONE = filled.ZONE
DAY = Period("day", date(2025, 10, 9))
WEEK = Period("week", date(2025, 10, 6))
PLACES = (PlaceSettings("Museum", lines=(("entrance", "Main door"),), crowd_limit=100),)
LATER = datetime(2025, 10, 20, 7, tzinfo=ZONE).timestamp()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("store") / "site.sqlite") as store:
        store.add(list(filled.tallies()))
        week_before = [replace(one, start_unix_s=one.start_unix_s - 7 * 86_400) for one in filled.tallies(8)]
        store.add(week_before)
        yield store


@pytest.fixture(scope="module")
def figures(store: Store) -> ReportFigures:
    return gather(store, filled.settings(LATER), PLACES, DAY, nothing_beside)


def rows(figures: ReportFigures) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report_csv(figures, ZONE))))


def row(figures: ReportFigures, **wanted: str) -> dict[str, str]:
    found = [one for one in rows(figures) if wanted.items() <= one.items()]
    return found[0]


def test_doors_are_those_of_the_store(store: Store, figures: ReportFigures) -> None:
    door = figures.doors[0]
    told = store.query(Filter("entrance", Measure.CROSSINGS_IN, "Main door", filled.NINE))
    assert (door.camera, door.line) == ("entrance", "Main door")
    assert door.entered.total == sum(tally.total for tally in told) == sum(40 + i for i in range(16))
    assert door.before.total == sum(40 + i for i in range(8))
    assert door.entered.coverage == pytest.approx(4 / 24)
    assert figures.entered.total == door.entered.total


def test_a_line_that_was_not_seen_is_not_zero(figures: ReportFigures) -> None:
    side = figures.doors[1]
    assert not side.entered.seen
    assert row(figures, place="Side door", measure="entered")["value"] == ""
    assert row(figures, place="Side door", measure="entered")["note"] == "not seen"


def test_hours_add_up_to_the_day(figures: ReportFigures) -> None:
    assert len(figures.steps) == 24
    assert sum(step.entered.total for step in figures.steps) == figures.entered.total
    assert [step.number for step in figures.steps if step.entered.seen] == [9, 10, 11, 12]
    assert [step.number for step in figures.steps if step.before.seen] == [9, 10]
    assert figures.steps[9].before.total == 40 + 41 + 42 + 43


def test_days_add_up_to_the_week(store: Store) -> None:
    week = gather(store, filled.settings(LATER), PLACES, WEEK, nothing_beside)
    assert [step.entered.seen for step in week.steps] == [False, False, False, True, False, False, False]
    assert week.entered.total == sum(40 + i for i in range(16))
    assert week.before.total == sum(40 + i for i in range(8))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change(tmp_path: Path, day: date, hours: int) -> None:
    period = Period("day", day)
    since, until = period.bounds(ZONE)
    with Store(tmp_path / "x.sqlite") as store:
        store.add(
            [
                Tally("entrance", Measure.CROSSINGS_IN, "Main door", start, 900, 1, 900)
                for start in range(int(since) - 8 * 86_400, int(until), 900)
            ]
        )
        found = gather(store, filled.settings(until + 60), (), period, nothing_beside)
    assert len(found.steps) == hours
    assert {step.entered.total for step in found.steps} == {4}
    assert found.entered.total == 4 * hours
    assert {step.before.total for step in found.steps} == {4}
    assert found.doors[0].entered.coverage == 1


def test_most_inside_is_between_its_bounds(figures: ReportFigures) -> None:
    most = figures.inside[0].most
    assert most is not None
    assert most.people == 160
    assert most.low is not None
    assert most.high is not None
    assert most.low <= 160 <= most.high
    assert figures.inside[0].coverage == pytest.approx(4 / 24, abs=0.01)


def test_zones_queues_and_masks(figures: ReportFigures) -> None:
    hall, till = figures.zones
    assert (hall.figures.max, till.figures.max) == (14, 6)
    assert hall.figures.queue is None
    assert till.figures.queue is not None
    assert till.figures.queue.served == 16 * 15
    whole, main, side = figures.masks
    assert main.place == "Main door"
    assert main.share.share == pytest.approx(24 / 34)
    assert side.share.judged == 16 * 4
    assert whole.share.judged == main.share.judged + side.share.judged


def test_what_goes_on_is_told_as_far_as_it_is(store: Store) -> None:
    noon = datetime(2025, 10, 9, 11, tzinfo=ZONE).timestamp()
    found = gather(store, filled.settings(noon), PLACES, DAY, nothing_beside)
    assert not found.over
    assert found.entered.total == sum(40 + i for i in range(8))
    assert found.before.total == found.entered.total
    assert found.doors[0].entered.coverage == pytest.approx(2 / 11)
    assert "as far as 11:00" in text_of(report(found, Head("Museum", "en", ZONE)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_the_figures(figures: ReportFigures, language: Language) -> None:
    texts = Texts(language)
    told = squeezed(text_of(report(figures, Head("Museum of Clocks", language, ZONE))))
    wanted = ["Museum of Clocks", texts.date(date(2025, 10, 9)), texts("locked"), texts("estimates")]
    wanted += [texts.number(760), texts.number(600), texts("before", value=texts.number(348))]
    wanted += [texts("seen", share=texts.percent(4 / 48)), texts.percent(4 / 24), "Hall", "Till", "13:00"]
    wanted += [texts.percent(24 / 34), texts("not_seen"), texts("chart_day"), "entrance", "shop"]
    assert [one for one in wanted if squeezed(one) not in told] == []
    assert "2025" in title(figures, Head("x", language, ZONE))


@pytest.mark.parametrize(("bias", "shown"), [(0.012, "+1.2"), (-0.059, "\u22125.9"), (-0.0001, "0.0")])
def test_a_proof_stands_beside_its_line(store: Store, bias: float, shown: str) -> None:
    def beside(_camera: str, line: str) -> Proof | None:
        return Proof(bias, 0.018, LATER - 86_400) if line == "Main door" else None

    found = gather(store, filled.settings(LATER), PLACES, DAY, beside)
    assert f"{shown} % \u00b1 1.8 %, 2025-10-19" in text_of(report(found, Head("Museum", "en", ZONE)))
    assert f"{shown.replace('.', ',')} % \u00b1 1,8 %, 2025-10-19" in text_of(report(found, Head("Museum", "de", ZONE)))
    told = row(found, place="Main door", measure="entered")["note"]
    assert told == f"proved 2025-10-19: {shown} % \u00b1 1.8 %"


def test_a_share_of_too_few_is_told_nowhere(store: Store) -> None:
    settings = replace(filled.settings(LATER), minimum_judged=65)
    found = gather(store, settings, PLACES, DAY, nothing_beside)
    assert found.masks[2].share.withheld
    page = text_of(report(found, Head("Museum", "en", ZONE)))
    assert "not told: fewer than 65 judged" in page
    told = row(found, place="Side door", measure="masked_share")
    assert (told["value"], told["low"], told["high"]) == ("", "", "")
    assert told["note"] == "withheld: fewer than 65 judged"


def test_the_same_figures_give_the_same_page(figures: ReportFigures) -> None:
    head = Head("Museum", "fr", ZONE)
    assert report(figures, head) == report(figures, head)


def test_what_was_counted_without_the_lock_is_marked(tmp_path: Path) -> None:
    with Store(tmp_path / "x.sqlite", unsafe=True) as store:
        store.add(list(filled.tallies(2)))
        found = gather(store, filled.settings(LATER), (), DAY, nothing_beside)
    page = text_of(report(found, Head("Museum", "en", ZONE)))
    assert "WITHOUT the lock-down" in page
    assert "complete lock-down" not in page
    assert {one["note"] for one in rows(found) if one["value"]} == {"counted without the lock-down; do not use"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_at_all_is_told_as_that(tmp_path: Path, language: Language) -> None:
    with Store(tmp_path / "x.sqlite") as store:
        bare = Settings((), 900, ZONE, clock=lambda: LATER)
        for settings, places in ((bare, ()), (filled.settings(LATER), PLACES)):
            for period in (DAY, WEEK):
                found = gather(store, settings, places, period, nothing_beside)
                told = squeezed(text_of(report(found, Head("Museum", language, ZONE))))
                assert squeezed(Texts(language)("nothing")) in told
                assert squeezed(Texts(language)("locked")) not in told


def test_a_profile_of_the_whole_site_tells_of_no_place(tmp_path: Path) -> None:
    plans = tuple(CameraPlan(plan.name) for plan in filled.PLANS)
    settings = replace(filled.settings(LATER), plans=plans, site_only=True)
    with Store(tmp_path / "x.sqlite") as store:
        store.add([tally for step in range(4) for tally in filled.decree(filled.NINE + step * 1200)])
        found = gather(store, settings, PLACES, DAY, nothing_beside)
    assert (found.doors, found.zones, found.inside, found.steps) == ((), (), (), ())
    page = text_of(report(found, Head("Museum", "en", ZONE)))
    assert "75 %" in page
    assert "keeps totals of the whole site alone" in page
    assert "Nothing was counted" not in page


def crowded(period: Period) -> tuple[tuple[CameraPlan, ...], list[Tally]]:
    """Twenty cameras with long names, four lines and four queues each."""
    name, square = "W" * 50, ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
    plans = tuple(
        CameraPlan(
            f"{number} camera {name}",
            tuple(LinePlan(f"{part} line {name}", (0.0, 0.5), (1.0, 0.5), masks=True) for part in range(4)),
            tuple(
                ZonePlan(f"{part} zone {name}", square, queue=QueuePlan((0.2, 0.5), (0.8, 0.5))) for part in range(4)
            ),
        )
        for number in range(20)
    )
    start = int(period.bounds(ZONE)[0])
    tallies = []
    for plan in plans:
        for line in plan.lines:
            tallies += [Tally(plan.name, one, line.name, start, 3600, 54_321, 3600) for one in LINE_MEASURES]
            tallies += [Tally(plan.name, one, line.name, start, 3600, 30, 40) for one in MASK_MEASURES]
        for zone in plan.zones:
            tallies += [
                Tally(plan.name, one, zone.name, start, 3600, 4321, 3600) for one in (Measure.PEOPLE, Measure.PEAK)
            ]
            tallies += [
                Tally(plan.name, one, zone.name, start, 3600, 50, 3600, 6) for one in (Measure.DWELL, Measure.WAITED)
            ]
    return plans, tallies


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("period", [DAY, WEEK], ids=["day", "week"])
def test_many_cameras_with_long_names_are_one_page(tmp_path: Path, language: Language, period: Period) -> None:
    plans, tallies = crowded(period)
    settings = replace(filled.settings(LATER), plans=plans)
    places = tuple(
        PlaceSettings(f"{number} " + "W" * 60, ((plans[0].name, plans[0].lines[0].name),)) for number in range(12)
    )
    with Store(tmp_path / "x.sqlite") as store:
        store.add(tallies)
        found = gather(store, settings, places, period, lambda *_: Proof(0.012, 0.018, LATER))
    page = report(found, Head("W" * 64, language, ZONE))
    assert squeezed(Texts(language)("more", count=71)) in squeezed(text_of(page))
    assert lowest_mm(page) > 12
    assert len({one["camera"] + one["place"] for one in rows(found)}) > 20 * 8, "all of them are in the table"


def test_a_whole_venue_for_weeks(tmp_path: Path) -> None:
    period = Period("week", date(2026, 11, 16))
    end = period.bounds(venue_day.ZONE)[1]
    with Store(tmp_path / "x.sqlite") as store:
        for days in range(14):
            store.add(list(venue_day.day(end - days * 86_400 - 1)))
        found = gather(
            readable(store.file),
            replace(venue_day.SETTINGS, clock=lambda: end + 60),
            venue_day.PLACES,
            period,
            nothing_beside,
        )
    assert found.entered.total == pytest.approx(found.before.total)
    assert [camera.camera for camera in found.cameras] == ["entrance", "garden", "shop"]
    assert all(camera.coverage and camera.coverage > 0.9 for camera in found.cameras)
    text_of(report(found, Head("Museum", "ru", venue_day.ZONE)))
