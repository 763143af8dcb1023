"""The page's words and shapes, and that the store is read once for all who look."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from passerby.core.occupancy import Drift, Occupancy
from passerby.core.shares import MaskCounts, mask_share
from passerby.records.page import words
from passerby.site.corrections import Correction, Corrections
from passerby.site.figures import Settings
from passerby.site.occupancy import PlaceBoard, PlaceReport
from passerby.site.pages import heat_words, masks_words, places_chart, places_words, zones_words
from passerby.site.pages.board import PageBoard
from passerby.site.pages.heat_chart import draw
from passerby.site.reports import Heat, QueueFigures, Stays, ZoneFigures, ZoneSeries
from passerby.site.state import SiteState
from passerby.site.store import Store
from tests.support import venue_day

THIN = "\u202f"
NOON = 1_760_004_000.0


def spaced(text: str) -> str:
    return text.replace(THIN, " ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (45.4, "45 s"), (59.6, "1 min"), (100, "1 min 40 s"), (594, "9 min 50 s"), (596, "10 min"),
     (1500, "25 min"), (3590, "1 h"), (3900, "1 h 5 min"), (7200, "2 h")],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert spaced(words.duration(seconds)) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.003, "under 1 %"), (0.126, "13 %"), (0.999, "over 99 %"), (1, "100 %")]
)
def test_percentages_do_not_round_to_none_or_all(share: float, text: str) -> None:
    assert spaced(words.percent(share)) == text


def test_an_interval_of_a_share_is_rounded_outwards() -> None:
    assert spaced(masks_words.interval(0.8049, 0.8801)) == "80 to 89 %"
    assert spaced(masks_words.interval(0.8, 0.88)) == "80 to 88 %"


def test_a_share_is_told_from_the_minimum_on() -> None:
    few, enough = (mask_share(MaskCounts(masked, masked, 0, 3, masked + 3), 20) for masked in (19, 20))
    assert masks_words.withheld(few, 20).text == "Too few people to say (19 of 20)"
    assert (masks_words.share(few), masks_words.between(few)) == ("", "")
    assert masks_words.withheld(enough, 20).text == ""
    assert spaced(masks_words.at_line(enough, 20)) == "Masks: 100 % (83 to 100 %) of 20 judged"
    nobody = mask_share(MaskCounts(0, 0, 0, 0, 0), 20)
    assert masks_words.withheld(nobody, 20).text == "No figures yet today", "a window that is not over says nothing"


def place(now: Occupancy | None, **more: object) -> PlaceReport:
    report = PlaceReport("Gallery", NOON, now, (), 10, 5, 60, False, None, None, ())
    return replace(report, **more)  # type: ignore[arg-type]  # a test names the fields that it changes


def at(people: float | None, low: float | None, high: float | None) -> Occupancy:
    return Occupancy(NOON, people, low, high, 1.0)


def test_people_inside_have_an_interval() -> None:
    assert places_words.interval(at(47.2, 41.9, 54.1)) == "(41 to 55)"
    assert places_words.interval(at(47, 47, 47)) == ""
    assert places_words.interval(at(3, 0, None)) == "(0 or more)"
    assert places_words.inside(place(None)) == words.NOT_SEEN


@pytest.mark.parametrize(
    ("now", "over", "text", "tone"),
    [
        (at(65, 60, 70), True, "\u25b2 Over the limit: 65 inside, 60 allowed", "bad"),
        (at(58, 50, 66), True, "\u25b2 Was over the limit of 60, and is not clearly below it yet", "bad"),
        (at(58, 50, 66), False, "60 allowed; it may be reached already", "warn"),
        (at(47.5, 41, 55), False, "60 allowed: room for 12 more", "good"),
        (at(5, 0, None), False, "60 allowed; it may be reached already", "warn"),
        (None, None, "60 allowed", "calm"),
    ],
)
def test_the_limit_in_words(now: Occupancy | None, over: bool | None, text: str, tone: str) -> None:
    said = places_words.limit(place(now, over=over))
    assert (said.text, said.tone) == (text, tone)


def test_only_what_is_over_is_an_alarm() -> None:
    assert places_words.alarm(place(at(5, 4, 6))) is None
    alarm = places_words.alarm(place(at(65, 60, 70), over=True))
    assert alarm and alarm.text == "Gallery: over the limit: 65 inside, 60 allowed."


def test_drift_asks_for_a_recount_only_where_it_is_large() -> None:
    now = at(50, 40, 60)
    assert places_words.drift(place(now, drift=Drift(0.2, -0.1, 4))).text == "Lines and zones agree."
    small = places_words.drift(place(now, drift=Drift(3, 3, 4)))
    assert (small.text, small.tone) == ("Over the last hour the lines said 3.0 people more than the zones.", "calm")
    large = places_words.drift(place(now, drift=Drift(-9, -9.3, 4)))
    assert large.text.endswith("9.3 people fewer than the zones; count once by hand and correct it.")


def test_when_the_count_was_last_set() -> None:
    assert places_words.last_set(place(None), venue_day.ZONE) == "Set to 0 at 12:00, when it opened."
    written = (Correction("Gallery", int(NOON) + 1800, 40, "recount", "someone"),)
    said = places_words.last_set(place(None, corrections=written), venue_day.ZONE)
    assert said == "Set to 40 by hand at 12:30: recount"
    assert places_words.last_set(place(None, entered=None), venue_day.ZONE).startswith("Counted by zones")


def test_a_long_course_is_thinned_and_keeps_its_end() -> None:
    course = tuple(replace(at(i, i, i + 1), end_unix_s=NOON + 60 * i) for i in range(1440))
    drawn = places_chart.draw(place(course[-1], course=course), venue_day.ZONE)
    inside = next(series for series in drawn.options["series"] if series["name"] == "Inside")
    assert len(inside["data"]) <= 200
    assert inside["data"][-1]["value"] == 1439


def test_a_long_hole_does_not_flatten_the_chart() -> None:
    """Behind hours that nobody saw the interval ends at thousands: the axis ends where people and limit are read."""

    def top(*highs: float | None) -> object:
        course = tuple(replace(at(20, 0, high), end_unix_s=NOON + 60 * i) for i, high in enumerate(highs))
        return places_chart.draw(place(course[-1], course=course), venue_day.ZONE).options["yAxis"][0]["max"]

    assert top(32_508, 45) == 200, "three times the 60 allowed, in round numbers"
    assert top(45, 180) is None, "the whole interval is drawn where it is near"
    assert top(None, None) is None


def stays(left: dict[int, int], lost: dict[int, int]) -> Stays:
    return Stays.of(*(tuple(one.get(part, 0) for part in range(13)) for one in (left, lost)))


def test_what_the_estimate_does_not_reach_is_more_than() -> None:
    told = zones_words.lengths(stays({5: 6}, {9: 10}), is_queue=False)
    assert [spaced(one) for one in told.values()] == ["more than 10 min"] * 2
    assert zones_words.lengths(stays({}, {0: 4}), is_queue=False) == {}
    assert "sight was lost of all" in zones_words.unknown_length(stays({}, {0: 4}), is_queue=False)
    assert zones_words.unknown_length(stays({}, {}), is_queue=True) == "Nobody was served yet today."


def test_bucket_names() -> None:
    names = zones_words.bucket_names()
    assert len(names) == 13
    assert (names[1], names[4], names[11], names[12]) == (
        "5\u201310 s",
        "30\u201360 s",
        "30\u201360 min",
        "1 h or more",
    )


@pytest.mark.parametrize(
    ("law_s", "told"), [(100.0, False), (129.0, False), (140.0, True), (60.0, True), (None, False)]
)
def test_littles_law_is_told_where_it_disagrees(law_s: float | None, told: bool) -> None:
    # All waits between one and two minutes, as many at each length: the mean is near 90 s.
    wait = stays({5: 100}, {})
    mean_s = wait.summary.mean_s or 0.0
    queue = QueueFigures(100, 0, 0.0, wait, None if law_s is None else law_s * mean_s / 100)
    assert bool(zones_words.check(queue)) is told


def test_over_its_limit_in_words() -> None:
    series = ZoneSeries("a", "Hall", 12, False, ZoneFigures(0, 0), ())
    assert zones_words.over_limit(series).text == "12 allowed"
    never = replace(series, sum=ZoneFigures(10, 1, over_limit_s=0.0, over_limit_share=0.0))
    assert zones_words.over_limit(never).text == "Never over its limit of 12 today"
    some = replace(series, sum=ZoneFigures(3600, 1, over_limit_s=480.0, over_limit_share=0.133))
    assert (
        spaced(zones_words.over_limit(some).text)
        == "\u25b2 Over its limit of 12 for 8 min today, 13 % of the time seen"
    )


def heat(cells: dict[tuple[int, int], float]) -> Heat:
    return Heat(3600, tuple(tuple(cells.get((row, column)) for column in range(32)) for row in range(18)))


def test_blanked_cells_are_not_drawn_and_outlines_are() -> None:
    drawn = draw(heat({(0, 0): 600.0, (17, 31): 30.0}), venue_day.PLANS[0], "Today so far")
    cells, *outlines = drawn.options["series"]
    assert cells["data"] == [[0, 0, 10.0, "10"], [31, 17, 0.5, "0.5"]]
    assert [len(one["data"]) for one in outlines] == [5, 2, 2], "a zone is closed, a line is not"
    assert drawn.label.endswith("most at the top left, with 10 person-minutes in one cell")
    assert drawn.table.count("<tr>") == 19


@pytest.mark.parametrize(("seconds", "end"), [(2.0, "under 0.1"), (13.0, "0.2"), (600.0, "10")])
def test_the_scale_of_a_map_ends_above_nothing(seconds: float, end: str) -> None:
    assert heat_words.scale_end(heat({(0, 0): seconds})) == f"{end} person-minutes"
    assert heat_words.scale_end(heat({})) == "0 person-minutes"


def test_an_empty_map_says_so() -> None:
    assert heat_words.summary(heat({}), "a", "Today so far").endswith("no cell with enough people")
    assert heat_words.summary(replace(heat({}), observed_s=0), "a", "Today so far").endswith("not seen")


class Page:
    """A board over a filled store, and its clock."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.now = NOON + 13 * 60
        self.store = store
        settings = replace(settings, clock=lambda: self.now)
        places = PlaceBoard(store, Corrections(store.file), venue_day.PLACES, settings)
        self.board = PageBoard(store, lambda: SiteState("x"), settings, places)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(venue_day.day(NOON)))
        yield Page(store, venue_day.SETTINGS)


def test_the_store_is_read_once_for_all_who_look(page: Page) -> None:
    seen = []
    readers = [
        threading.Thread(target=lambda: seen.append((page.board.today(), page.board.heat("shop")))) for _ in range(8)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len({(id(today), id(heat)) for today, heat in seen}) == 1


def test_what_is_new_in_the_store_is_seen_a_second_later(page: Page) -> None:
    before = page.board.today()
    page.store.add(list(venue_day.masks("Main door", int(NOON) // 900 * 900, 40)))
    page.now += 1
    after = page.board.today()
    assert before.masks and after.masks
    assert after.masks.site.sum.asked == before.masks.site.sum.asked + 40


def test_what_was_known_stays_when_the_store_cannot_be_read(page: Page) -> None:
    before = page.board.today()
    for ending in ("", "-wal", "-shm"):
        Path(f"{page.store.file}{ending}").unlink(missing_ok=True)
    page.store.revision += 1
    page.now += 1
    after = page.board.today()
    assert after.problem
    assert after.masks == before.masks
    assert page.board.heat("entrance") is None


def test_a_place_that_asks_no_more_is_not_shown(tmp_path: Path) -> None:
    door, staff = venue_day.PLANS[0].lines
    silent = msgspec.structs.replace(staff, masks=False)
    plans = (msgspec.structs.replace(venue_day.PLANS[0], lines=(door, silent)), *venue_day.PLANS[1:])
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(venue_day.day(NOON)))
        today = Page(store, replace(venue_day.SETTINGS, plans=plans)).board.today()
    assert today.masks
    assert [one.place for one in today.masks.places] == ["Main door"]


def test_nothing_is_read_that_nothing_asks_for(tmp_path: Path) -> None:
    plans = (venue_day.PLANS[1],)
    with Store(tmp_path / "a.sqlite") as store:
        board = Page(store, replace(venue_day.SETTINGS, plans=plans)).board
        today = board.today()
    assert (today.masks, today.zones, board.heat_cameras) == (None, (), ())
