"""The report on places: opening time, windows that come late, zones beside lines, limits and corrections."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog.testing

from passerby.core.tallies import Measure, Tally
from passerby.site.corrections import Correction, Corrections
from passerby.site.figures import Settings
from passerby.site.occupancy import PlaceBoard, PlaceReport, places_json
from passerby.site.place_windows import GRACE_S, PlaceSettings, last_opening
from passerby.site.store import Store

PARIS = ZoneInfo("Europe/Paris")
SIX = int(datetime(2025, 10, 9, 6, 0, tzinfo=PARIS).timestamp())
FRONT, BACK, FLOOR, GALLERY = ("street", "front"), ("yard", "back"), ("street", "floor"), ("yard", "gallery")
HALL = PlaceSettings("hall", (FRONT, BACK), opens=time(6))


class Site:
    """A store with its corrections, and a clock that is set by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.corrections = Corrections(store.file)
        self.now = float(SIX)

    def board(self, *places: PlaceSettings, window_s: int = 900) -> PlaceBoard:
        return PlaceBoard(self.store, self.corrections, places, Settings((), window_s, PARIS, (), lambda: self.now))

    def report(self, place: PlaceSettings = HALL, window_s: int = 900) -> PlaceReport:
        (report,) = self.board(place, window_s=window_s).places()
        return report

    def pass_line(self, line: tuple[str, str], window: int, passed: tuple[int, int], width_s: int = 900) -> None:
        """Tallies of a line in a window since six o'clock, wholly seen."""
        measures = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)
        start = SIX + window * width_s
        self.store.add(
            [
                Tally(line[0], measure, line[1], start, width_s, total, width_s)
                for measure, total in zip(measures, passed, strict=True)
            ]
        )

    def see_zone(self, zone: tuple[str, str], window: int, people: float, seen_s: float = 900) -> None:
        start = SIX + window * 900
        self.store.add([Tally(zone[0], Measure.PEOPLE, zone[1], start, 900, people * seen_s, seen_s)])

    def correct(self, people: int, moment: float | None = None, place: str = "hall") -> None:
        self.corrections.add(Correction(place, int(moment or self.now), people, "counted by hand", "mia"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Store(tmp_path / "a.sqlite", run=1) as store:
        yield Site(store)


def people(report: PlaceReport) -> list[float | None]:
    return [one.people for one in report.course]


def present(report: PlaceReport) -> tuple[float | None, float]:
    assert report.now is not None
    return report.now.people, report.now.end_unix_s


def test_all_lines_of_a_place_count(site: Site) -> None:
    for window, (front, back) in enumerate([((10, 2), (3, 0)), ((1, 4), (0, 5))]):
        site.pass_line(FRONT, window, front)
        site.pass_line(BACK, window, back)
    site.now = SIX + 1810
    report = site.report()
    assert people(report) == [11, 3]
    assert present(report) == (3, SIX + 1800)
    assert (report.entered, report.left, report.since_unix_s) == (14, 11, SIX)


def test_a_window_waits_for_all_lines_and_then_counts_as_not_seen(site: Site) -> None:
    site.pass_line(FRONT, 0, (10, 0))
    site.now = SIX + 900 + GRACE_S - 1
    assert site.report().course == ()
    assert present(site.report()) == (0, SIX)
    site.now = SIX + 900 + GRACE_S
    (told,) = site.report().course
    assert (told.people, told.coverage, told.high) == (10, 0, None)


def test_a_camera_that_tells_late_mends_what_was_told(site: Site) -> None:
    site.pass_line(FRONT, 0, (10, 0))
    site.pass_line(FRONT, 1, (5, 0))
    site.pass_line(BACK, 1, (0, 5))
    site.now = SIX + 1801
    board = site.board(HALL)
    assert people(board.places()[0]) == [10, 10]
    site.pass_line(BACK, 0, (0, 4))
    assert people(board.places()[0]) == [6, 6]
    assert [one.coverage for one in board.places()[0].course] == [1, 1]


def test_a_camera_that_tells_hours_late_is_heard(site: Site) -> None:
    for window in range(13):
        site.pass_line(FRONT, window, (2, 0))
    site.now = SIX + 13 * 900 + GRACE_S
    board = site.board(HALL)
    assert present(board.places()[0])[0] == 26
    site.pass_line(BACK, 0, (0, 1))
    site.pass_line(BACK, 12, (0, 1))
    assert present(board.places()[0])[0] == 24
    site.now = SIX + 4 * 3600
    assert board.places()[0].course[12].people == 24


def test_a_window_that_is_not_over_is_not_told(site: Site) -> None:
    site.pass_line(FRONT, 0, (10, 0))
    site.pass_line(BACK, 0, (0, 0))
    site.now = SIX + 899
    assert site.report().course == ()


def test_the_opening_time_sets_to_zero_and_says_what_was_left_over(site: Site) -> None:
    day_before = -24 * 4
    site.pass_line(FRONT, day_before + 10, (50, 43))
    site.pass_line(BACK, day_before + 10, (0, 0))
    site.pass_line(FRONT, 0, (3, 0))
    site.pass_line(BACK, 0, (0, 0))
    site.now = SIX - 1
    assert present(site.report())[0] == 7
    site.now = SIX + 900
    with structlog.testing.capture_logs() as logs:
        board = site.board(HALL)
        board.places()
        site.now += 60
        (report,) = board.places()
    assert present(report) == (3, SIX + 900)
    assert report.left_over == 7
    assert [(one["place"], one["people_before"]) for one in logs if "reset" in one["event"]] == [("hall", 7)]


def test_left_over_is_unknown_where_the_day_before_was_not_seen(site: Site) -> None:
    site.now = SIX + 900
    assert site.report().left_over is None


def test_a_correction_counts_at_once_and_is_logged(site: Site) -> None:
    site.pass_line(FRONT, 0, (10, 0))
    site.pass_line(BACK, 0, (0, 0))
    site.now = SIX + 1000
    board = site.board(HALL)
    assert present(board.places()[0]) == (10, SIX + 900)
    site.correct(4)
    site.correct(99, place="another")
    with structlog.testing.capture_logs() as logs:
        report = board.places()[0]
        site.pass_line(FRONT, 1, (9, 0))
        board.places()
    assert present(report) == (4, SIX + 1000)
    assert [one.people for one in report.corrections] == [4]
    found = [one for one in logs if one["event"] == "place corrected" and one["place"] == "hall"]
    assert [(one["people"], one["account"], one["note"]) for one in found] == [(4, "mia", "counted by hand")]
    site.pass_line(BACK, 1, (0, 0))
    site.now = SIX + 1801
    assert present(board.places()[0]) == (12, SIX + 1800)


def test_corrections_of_other_days_and_of_the_future_do_not_count(site: Site) -> None:
    site.now = SIX + 60
    site.correct(8, SIX - 1)
    site.correct(9, SIX + 600)
    assert present(site.report()) == (0, SIX)


def test_the_crowd_limit_has_a_hysteresis(site: Site) -> None:
    place = replace(HALL, lines=(FRONT,), crowd_limit=20)
    over = []
    for window, passed in enumerate([(20, 0), (1, 0), (0, 2), (0, 1), (2, 0)]):
        site.pass_line(FRONT, window, passed)
        site.now = SIX + (window + 1) * 900
        over.append(site.report(place).over)
    # 20, 21, 19, 18, 20 people: over ends at 18
    assert over == [False, True, True, False, False]
    assert site.report().over is None


def test_zones_that_see_all_are_compared_with_lines(site: Site) -> None:
    place = replace(HALL, lines=(FRONT,), zones=(FLOOR, GALLERY), zones_see_all=True)
    for window, (entered, floor, gallery) in enumerate([(10, 3, 0), (0, 4, 2), (0, 5, 1)]):
        site.pass_line(FRONT, window, (entered, 0))
        site.see_zone(FLOOR, window, floor)
        if window != 1:
            site.see_zone(GALLERY, window, gallery)
    site.now = SIX + 2700
    found = site.report(place).drift
    assert found is not None
    assert (found.now, found.mean, found.windows) == (4, 3, 2)
    assert site.report(replace(place, zones_see_all=False)).drift is None
    assert present(site.report(place))[0] == 10


def test_a_place_without_lines_is_what_its_zones_see(site: Site) -> None:
    place = PlaceSettings("hall", zones=(FLOOR, GALLERY), opens=time(6), zones_see_all=True, crowd_limit=8)
    site.see_zone(FLOOR, 0, 7)
    site.see_zone(GALLERY, 0, 2, seen_s=450)
    site.see_zone(FLOOR, 1, 4)
    site.see_zone(GALLERY, 1, 0, seen_s=0)
    site.now = SIX + 1800
    report = site.report(place)
    assert [(one.people, one.low, one.coverage) for one in report.course] == [(9, None, 0.5), (None, None, 0)]
    assert (report.entered, report.left, report.over) == (None, None, True)
    assert site.report(replace(place, zones_see_all=False)).now is None


def test_a_day_on_which_the_width_of_windows_was_changed(site: Site) -> None:
    for line in (FRONT, BACK):
        site.pass_line(line, 0, (2, 0))
        for minute in range(15, 30):
            site.pass_line(line, minute, (1, 0), width_s=60)
    site.now = SIX + 1800
    assert people(site.report(window_s=60)) == people(site.report(window_s=900)) == [4, 34]


def test_the_report_is_computed_once_and_again_when_something_is_new(site: Site) -> None:
    board = site.board(HALL)
    site.now = SIX + 10
    first = board.places()
    assert board.places() is first
    site.pass_line(FRONT, 0, (1, 0))
    second = board.places()
    assert second is not first
    site.correct(3)
    third = board.places()
    assert third is not second
    site.now += 31
    assert board.places() is not third


def test_a_site_without_places_reads_nothing(site: Site) -> None:
    assert site.board().places() == ()


@pytest.mark.parametrize(
    ("now", "opens", "expected"),
    [
        ("2025-10-09T05:59:59+02:00", time(6), "2025-10-08T06:00:00+02:00"),
        ("2025-10-09T06:00:00+02:00", time(6), "2025-10-09T06:00:00+02:00"),
        ("2025-10-09T12:00:00+02:00", None, "2025-10-09T00:00:00+02:00"),
        ("2025-03-30T12:00:00+02:00", None, "2025-03-30T00:00:00+01:00"),  # a day of 23 hours
        ("2025-10-26T12:00:00+01:00", None, "2025-10-26T00:00:00+02:00"),  # a day of 25 hours
        ("2025-10-26T02:45:00+01:00", time(2, 30), "2025-10-26T02:30:00+02:00"),  # comes twice: the first counts
        ("2025-03-30T03:15:00+02:00", time(2, 30), "2025-03-29T02:30:00+01:00"),  # is skipped: as much later
        ("2025-03-30T03:30:00+02:00", time(2, 30), "2025-03-30T03:30:00+02:00"),
    ],
)
def test_opening_in_the_sites_zone(now: str, opens: time | None, expected: str) -> None:
    found = last_opening(datetime.fromisoformat(now).timestamp(), opens, PARIS)
    assert found == datetime.fromisoformat(expected).timestamp()


def test_a_zone_that_skipped_a_day_has_an_opening() -> None:
    apia = ZoneInfo("Pacific/Apia")
    now = datetime(2011, 12, 31, 0, 10, tzinfo=apia).timestamp()
    assert 0 <= now - last_opening(now, time(23, 30), apia) < 2 * 86400


def test_the_day_has_25_hours_when_clocks_go_back(site: Site) -> None:
    opened = int(datetime(2025, 10, 25, 6, 0, tzinfo=PARIS).timestamp())
    site.now = opened + 25 * 3600 - 1
    assert site.report().since_unix_s == opened
    site.now += 1
    assert site.report().since_unix_s == opened + 25 * 3600


def test_json_says_whole_people_for_the_interval_and_not_who_corrected(site: Site) -> None:
    site.pass_line(FRONT, 0, (10, 1))
    site.pass_line(BACK, 0, (0, 0))
    site.now = SIX + 910
    site.correct(7, SIX + 905)
    (place,) = places_json(site.board(HALL))
    assert place["now"] == {"end_unix_s": SIX + 905, "people": 7, "low": 7, "high": 7, "coverage": 1}
    assert place["course"] == [{"end_unix_s": SIX + 900, "people": 9, "low": 7, "high": 11, "coverage": 1}]
    assert place["corrections"] == [{"moment_unix_s": SIX + 905, "people": 7, "note": "counted by hand"}]
    assert "mia" not in str(place)
    assert {"place", "since_unix_s", "crowd_limit", "over", "swallowed", "left_over", "drift"} <= set(place)
