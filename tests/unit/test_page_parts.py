"""Words and figures of the pages: all doors together, cameras in a line, what leaves; and what is kept of today."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from passerby.core.tallies import Measure, Tally
from passerby.records.access import Account, Role
from passerby.records.page import words
from passerby.records.page.figures import Figure, PlaceFigures
from passerby.records.page.parts import listed, told, written
from passerby.site.history import Period, Span, series_of
from passerby.site.journal import Action, Entry
from passerby.site.pages import now_words, privacy_words
from passerby.site.pages.history import address, question
from passerby.site.reports.day import DayTallies
from passerby.site.sent import Counted, Door, Meter, Sent
from passerby.site.state import CameraState, CameraStatus, LockdownState
from passerby.site.store import Filter, Store
from tests.browser import venue
from tests.support import venue_day
from tests.support.source import ROOT

NOON = 1_760_004_000
IN, OUT = Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT
THIN = "\u202f"


def door(name: str, came: float, *, seen_s: float = 900.0, last: int = NOON) -> PlaceFigures:
    figure = Figure(came, seen_s, 900.0)
    both = {IN: figure, OUT: figure}
    return PlaceFigures("a", name, True, NOON - 900, last, 900, both, both, dict.fromkeys((IN, OUT), (figure,)))


def test_all_doors_are_one_whose_coverage_is_that_of_all() -> None:
    whole = now_words.together([door("one", 10), door("two", 4, seen_s=450.0)])
    assert whole.today[IN] == Figure(14, 1350, 1800)
    assert whole.today[IN].coverage == 0.75
    assert whole.course[IN] == (Figure(14, 1350, 1800),)


def test_texts_of_a_list_are_no_html_and_empty_ones_are_left_out() -> None:
    assert written("p", "Tom & <i>Eve</i>", "soft") == '<p class="soft">Tom &amp; &lt;i&gt;Eve&lt;/i&gt;</p>'
    assert told("span", words.Sentence('"Live"', words.Tone.GOOD)) == '<span class="pill good">&quot;Live&quot;</span>'
    assert listed({"<In>": "1 & 2"}) == '<dl class="pb-list"><div><dt>&lt;In&gt;</dt><dd>1 &amp; 2</dd></div></dl>'
    assert written("p", "") == told("p", words.Sentence("", words.Tone.WARN)) == listed({}) == ""


def test_the_last_window_of_all_doors_is_of_those_that_have_it() -> None:
    whole = now_words.together([door("one", 10), door("ended", 4, last=NOON - 3600)])
    assert whole.last[IN].total == 10


@pytest.mark.parametrize(
    ("statuses", "text", "tone"),
    [
        ((), "No camera is configured", "warn"),
        (("live",), "The camera counts", "good"),
        (("live", "done"), "Both cameras count", "good"),
        (("live",) * 3, "All 3 cameras count", "good"),
        (("live", "failed", "stalled"), "1 of 3 cameras counts; not cam 1, cam 2", "warn"),
        (("live", "live", "stalled"), "2 of 3 cameras count; not cam 2", "warn"),
        (("connecting", "connecting"), "Neither of the two cameras counts", "calm"),
        (("failed",) * 3, "None of the 3 cameras counts", "warn"),
        (("connecting",), "The camera does not count", "calm"),
    ],
)
def test_cameras_in_one_line(statuses: tuple[str, ...], text: str, tone: str) -> None:
    known = [CameraState(f"cam {index}", CameraStatus(one)) for index, one in enumerate(statuses)]
    said = now_words.cameras(known)
    assert (said.text, said.tone) == (text, tone)


_ON, _OFF = CameraStatus.LIVE, CameraStatus.CONNECTING


def test_a_camera_at_which_nothing_is_drawn_is_connected_or_not() -> None:
    said = [now_words.cameras([CameraState("hall", one)], drawn=False).text for one in (_ON, _OFF)]
    assert said == ["The camera is connected", "The camera is not connected"]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1234, "1.2 kB"), (45_600, "46 kB"), (2_000_000, "2.0 MB")]
)
def test_sizes(count: int, text: str) -> None:
    assert words.size(count).replace(THIN, " ") == text


def test_what_came_out_of_a_room_has_a_rate_once_a_minute_is_over() -> None:
    lock = LockdownState("worker 1", bytes_out=12_000)
    assert "a minute" not in privacy_words.bytes_out(lock, 59)
    assert privacy_words.bytes_out(lock, 600).replace(THIN, " ").endswith("since the start, 1.2 kB a minute")


def test_the_bound_is_told_of_live_cameras_and_where_all_is_known() -> None:
    assert "these 3 cameras" in privacy_words.bound(venue_day.SETTINGS)
    assert privacy_words.bound(replace(venue_day.SETTINGS, site_only=True)) == ""


def test_bytes_of_set_up_mode_are_told_once_there_are_some() -> None:
    assert privacy_words.setup_bytes(0) == ""
    assert privacy_words.setup_bytes(147_480) == "Set-up mode: 147\u202fkB came out of its rooms since the start."


def test_the_page_has_every_claim_with_its_sentence() -> None:
    folder = ROOT / "docs" / "claims"
    index = (folder / "index.md").read_text()
    assert set(privacy_words.CLAIMS) == {page.stem for page in folder.glob("*.md")} - {"index"}
    for name, said in privacy_words.CLAIMS.items():
        assert f"| {said} | [" in index
        assert f"]({name}.md)" in index


def test_who_did_what_is_for_admins() -> None:
    changed = Entry(NOON, "Oskar", Action.CONFIGURED.value, "a line")
    refused = Entry(NOON, "Oskar", Action.SIGN_IN_REFUSED.value)
    viewer, admin = Account("v", Role.VIEWER), Account("a", Role.ADMIN)
    assert [privacy_words.is_for(refused, one) for one in (None, viewer, admin)] == [False, False, True]
    assert privacy_words.row(changed, viewer, venue.ZONE) == ["9 October, 12:00", "Configuration changed", "a line"]
    assert privacy_words.row(changed, admin, venue.ZONE)[-1] == "Oskar"


def test_bytes_are_counted_by_what_was_asked_for() -> None:
    meter = Meter()
    app = FastAPI()
    app.get("/api/v1/state")(lambda: "x" * 98)
    app.add_middleware(Counted, meter=meter)
    client = TestClient(app)
    for _ in range(2):
        assert len(client.get("/api/v1/state").content) == 100
    told = meter.sent()[Door.API]
    assert (told.count, told.answers) == (200, 2)
    assert meter.sent()[Door.METRICS] == Sent()
    assert privacy_words.sent(Sent(), None) == "nothing so far"
    assert privacy_words.sent(Sent(200, 2, NOON), venue.ZONE) == f"200{THIN}bytes in 2 answers, last 9 October, 12:00"


def test_an_address_says_what_is_shown_and_is_understood() -> None:
    monday = date(2025, 10, 6)
    for series in series_of(venue_day.SETTINGS):
        link = address(Period.of(Span.WEEK, monday), series)
        asked, wrong = question(venue_day.SETTINGS, dict(parse_qsl(urlsplit(link).query)))
        assert not wrong
        assert asked.which(venue_day.SETTINGS) == series
        assert asked.when(venue_day.SETTINGS).first == monday


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.sqlite") as store:
        yield store


def test_tallies_of_today_are_those_of_the_store_also_when_they_come_late(store: Store) -> None:
    now = NOON + 600.0
    day = DayTallies(store, replace(venue_day.SETTINGS, clock=lambda: now))
    since = NOON - 12 * 3600

    def check(width_s: int | None) -> None:
        for camera, name in (("entrance", "Main door"), ("garden", "Garden door")):
            which = Filter(camera, IN, name, since_unix_s=since, width_s=width_s)
            assert day.query(which) == store.query(which)

    store.add(list(venue_day.day(NOON)))
    for width_s in (3600, None):
        check(width_s)
        store.add([Tally("entrance", IN, "Main door", NOON - 900, 900, 77, 900)])
        check(width_s)
        store.add([Tally("garden", IN, "Garden door", NOON - 8 * 3600, 900, 99, 900)])
        check(width_s)
    now += 3600
    check(3600)
