"""What is usual for an hour, and what a hub says when it is not; contacts of venues get mail."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from passerby.hub.alerts import desk as desk_module
from passerby.hub.alerts.bands import HOURS, Band, day_bands
from passerby.hub.alerts.config import HubAlert
from passerby.hub.alerts.opening import send_test
from passerby.hub.alerts.post import contact_way
from passerby.hub.alerts.unusual import UsualHours, by_wall_clock, is_open
from passerby.hub.alerts.words import Seen
from passerby.hub.contract import Sum, Venue
from passerby.hub.simulate.shapes import shapes
from passerby.records.receivers import Message
from tests.support.filled_hub import HOUR_S, SCRIPTS, filled_hub
from tests.support.hub_desk import Watch, config, hook, watching
from tests.support.mail_server import Certificate, MailServer
from tests.support.receiving import receiving

UNUSUAL = {"name": "unusual", "when": "unusual", "to": ["duty"]}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "a-secret-of-the-hook")


def weeks(count: int, seed: int = 1) -> NDArray[np.float64]:
    """Whole weeks of visitors by the hour: the shape of a real place, as people come who know nothing of each other."""
    shape = next(iter(shapes().values()))
    drawn = np.random.default_rng(seed).poisson(np.tile(20_000 * shape, count)).astype(float)
    return drawn.reshape(-1, HOURS)


def test_a_band_holds_what_comes_next_and_not_half_of_it() -> None:
    known = weeks(13)
    inside = below = above = busy = 0
    for day in range(7):
        bands = day_bands(known[day : 84 + day], 1.5)
        assert bands is not None
        for band, value in zip(bands, known[84 + day], strict=True):
            inside += not band.is_outside(value, "both")
            busy += value >= 50
            below += value >= 50 and band.is_outside(value / 2, "fewer")
            above += value >= 50 and band.is_outside(value * 2, "more")
            assert 0 <= band.low <= band.high
    assert inside >= 0.98 * 168
    assert below >= 0.9 * busy and above >= 0.9 * busy > 50


def test_of_too_little_nothing_is_said() -> None:
    assert day_bands(weeks(3), 1.0) is None
    assert day_bands(weeks(4), 1.0) is not None
    gaps = weeks(8)
    gaps[::2] = np.nan
    assert day_bands(gaps, 1.0) is None
    assert day_bands(np.full((84, HOURS), np.nan), 1.0) is None
    young = np.full((84, HOURS), np.nan)
    young[-35:] = weeks(5)
    assert day_bands(young, 1.0) is not None


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), holes=st.floats(0, 0.3), width=st.floats(0.5, 5))
def test_a_wider_band_holds_the_narrower_one(seed: int, holes: float, width: float) -> None:
    known = weeks(6, seed)
    known[np.random.default_rng(seed).random(known.shape) < holes] = np.nan
    narrow, wide = day_bands(known, width), day_bands(known, width * 1.2)
    assert narrow and wide
    assert all(b.low <= a.low + 1e-9 and a.high <= b.high + 1e-9 for a, b in zip(narrow, wide, strict=True))
    assert all(np.isfinite([one.low, one.middle, one.high]).all() for one in narrow)


def test_directions() -> None:
    band = Band(10, 15, 20)
    asked = [(value, way) for value in (9, 10, 20, 21) for way in ("fewer", "more", "both")]
    assert [one for one in asked if band.is_outside(*one)] == [
        (9, "fewer"), (9, "both"), (21, "more"), (21, "both"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "first", "hour_utc", "place"),
    [
        ("Asia/Kolkata", date(2026, 1, 1), "2026-01-01T18:00", (0, 23)),  # 23:30 there
        ("Asia/Kathmandu", date(2026, 1, 1), "2026-01-01T18:00", (0, 23)),  # 23:45
        ("Europe/Paris", date(2026, 3, 29), "2026-03-29T01:00", (0, 3)),  # the hour from two to three is skipped
        ("Pacific/Auckland", date(2026, 1, 1), "2026-01-01T11:00", (1, 0)),
    ],
)
def test_hours_stand_on_the_clock_of_the_wall(zone: str, first: date, hour_utc: str, place: tuple[int, int]) -> None:
    start = int(datetime.fromisoformat(hour_utc).replace(tzinfo=UTC).timestamp())
    history, exposure = by_wall_clock({start: Sum(40.0, 3600.0)}, zone, first)
    assert history[place] == 40.0 and np.isfinite(history).sum() == 1 and exposure == 3600.0


def test_an_hour_that_comes_twice_is_its_mean_and_one_hardly_seen_is_none() -> None:
    start = int(datetime(2026, 10, 25, 0, tzinfo=UTC).timestamp())
    twice = {start: Sum(40.0, 3600.0), start + HOUR_S: Sum(20.0, 3600.0), start + 2 * HOUR_S: Sum(9.0, 900.0)}
    history, _ = by_wall_clock(twice, "Europe/Paris", date(2026, 10, 25))
    assert history[0, 2] == 30.0 and np.isfinite(history).sum() == 1


def test_opening_hours_past_midnight() -> None:
    venue = Venue(1, "bar", "Bar", hours=(None, None, None, None, (20 * 60, 27 * 60), None, None))
    friday = datetime(2026, 5, 1, tzinfo=UTC)
    assert [is_open(venue, friday.replace(hour=hour)) for hour in (19, 20, 23)] == [False, True, True]
    assert [is_open(venue, friday.replace(day=2, hour=hour)) for hour in (0, 2, 3)] == [True, True, False]


@pytest.fixture(scope="module")
def quiet_watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK", "a-secret-of-the-hook")
        with watching(tmp_path_factory.mktemp("hub"), UNUSUAL) as watch:
            yield watch


def test_what_is_unusual_is_told_with_what_is_usual(quiet_watch: Watch) -> None:
    """On this Thursday Harbour and Bridge have more than in five weeks, Canal has fewer; ten forecasts a look."""
    watch = quiet_watch
    watch.look()
    watch.look(1)
    names = {one.number: one.slug for one in watch.hub.register.venues()}
    open_now = {names[one.venue]: one for one in watch.desk.open()}
    assert sorted(open_now) == ["bridge", "canal", "harbour"]
    assert open_now["canal"].text.startswith("Canal Arcade: 216 visitors in the last hour; ")
    assert open_now["canal"].text.endswith(" are usual (as of 2025-10-09 14:00).")
    watch.look(4 * HOUR_S)  # nothing came since: the last hour is not known, and nothing ends
    assert len(watch.desk.open()) == 3


def test_an_hour_as_usual_ends_it(quiet_watch: Watch) -> None:
    watch = quiet_watch
    usual = watch.desk._usual
    band = Band(100.0, 150.0, 200.0)
    shown = Seen(0.0, watch.hub.now, 180.0, band)
    usual.seen = lambda *_: shown  # type: ignore[method-assign]
    for slug in ("bridge", "canal", "harbour"):
        watch.change(slug)
    watch.look(1)
    assert not watch.desk.open()
    watch.quiesce()
    ended = [json.loads(one.body) for one in watch.got.got]
    texts = [one["text"] for one in ended if one["event"] == "ended"]
    assert len(texts) == 3 and all("as usual again; 100 to 200 are usual" in one for one in texts)


def test_without_the_library_it_says_so_and_watches_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "is_available", lambda: False)
    full = {"name": "too full", "when": "occupancy_over", "limit": 100, "to": ["duty"]}
    with watching(tmp_path, UNUSUAL, full, chosen=lambda one: one.venue.slug in ("station", "bridge")) as watch:
        watch.look()
        assert [one.rule for one in watch.desk.open()] == ["too full"]
        assert "pip install 'passerby[forecast]'" in watch.desk.problems()[0]


def test_the_contact_of_the_venue_gets_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer(Certificate.make(tmp_path), security="none") as server, receiving() as got:
        url = f"mailto://127.0.0.1:{server.port}?mode=insecure&from=hub@mail.example&to={{mail}}"
        monkeypatch.setenv("CONTACTS", url)
        rule = {"name": "too full", "when": "occupancy_over", "limit": 100, "tell_contact": True, "to": ["duty"]}
        sections: dict[str, Any] = {
            "notify": [hook("duty", got)], "contacts": {"url_env": "CONTACTS"}, "alerts": [rule],
        }  # fmt: skip
        with watching(tmp_path, chosen=lambda one: one.venue.slug == "station") as plain:
            config(tmp_path, **sections)
            watch = plain.again()
            watch.look()
            watch.quiesce()
            assert [one["to"] for one in server.mails] == ["manager@station.example"]
            assert server.mails[0]["subject"] == "Station Shops: too full"
            (alert,) = watch.desk.open()
            assert alert.told == ("duty", "venue contact")
            assert "manager@" not in f"{alert}{watch.desk.receivers()}"
            watch.change("station", inside=10.0)
            watch.look(1)
            watch.quiesce()
            assert server.mails[1]["subject"] == "Station Shops: over: too full"
            again = send_test(config(tmp_path, **sections), "too full", watch.hub.register.known("station"))
            assert again == {"duty": None, "venue contact": None}
            assert server.mails[2]["subject"] == "My venues: test: too full"


@pytest.mark.parametrize(("base", "judged"), [(4, False), (40, True)])
def test_an_hour_of_a_few_people_is_not_judged(tmp_path: Path, base: int, judged: bool) -> None:
    """Where hardly anybody comes, what is unusual would be one person."""
    script = replace(next(one for one in SCRIPTS if one.venue.slug == "bridge"), base=base, today=2.0)
    with filled_hub(tmp_path, (script,)) as hub:
        usual = UsualHours(hub.series)
        usual.read(hub.now)
        rule = HubAlert.model_validate_json(json.dumps(UNUSUAL | {"for_hours": 1}))
        seen = usual.seen(rule, hub.register.known("bridge"), hub.now)
        assert (seen.value, seen.number is not None) == ((1.0, True) if judged else (None, False))


@pytest.mark.parametrize("form", ["", "&format=html"])
def test_a_name_is_no_markup_in_mail(tmp_path: Path, form: str) -> None:
    name = "<img src=https://else.example/seen.gif> Mall"
    with MailServer(Certificate.make(tmp_path), security="none") as server:
        url = f"mailto://127.0.0.1:{server.port}?mode=insecure&from=hub@mail.example&to={{mail}}{form}"
        contact_way(url, "duty@mall.example").send(Message(name, name, {}))
        parts = {
            part.get_content_type(): str(part.get_content())
            for part in server.mails[0].walk()
            if not part.is_multipart()
        }
        assert name in parts["text/plain"] or form
        assert ("&lt;img" in parts["text/html"]) if form else "text/html" not in parts
        assert "<img" not in parts.get("text/html", "")
