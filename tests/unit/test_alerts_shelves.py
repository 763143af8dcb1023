"""Alerts about shelves: how many facings, for how long, where, and what ends one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from passerby.errors import ConfigError
from passerby.site.config import load
from passerby.site.journal import Journal
from passerby.site.outputs.alerts import AlertDesk, alert_desk
from passerby.site.reports.shelf_now import ShelvesNow
from passerby.site.shelf_states import ShelfNow
from passerby.site.state import CameraState, CameraStatus
from passerby.site.store import Store
from tests.support import filled
from tests.support.shelved import LIVE, Shelved
from tests.unit.test_alerts import Said, Venue

ALERT = {"name": "crisps are out", "when": "shelf_empty", "camera": "shop", "shelf": "Crisps"}
SNACKS = {"name": "snacks are out", "when": "shelf_empty", "aisle": "Snacks"}


@dataclass
class Shop:
    """A shop with shelves, whose desk of alerts looks after every minute."""

    venue: Venue
    shelves: Shelved = field(default_factory=Shelved)
    _now: tuple[ShelfNow, ...] = ()

    def __post_init__(self) -> None:
        self.venue.state = LIVE
        self.venue.sources = replace(self.venue.sources, shelves=lambda: self._now)

    @property
    def said(self) -> Said:
        return self.venue.said

    def minute(self, desk: AlertDesk, **letters: str) -> bool:
        """Lets a minute go by, after which shelves are so; whether the first alert is on then."""
        self.shelves.minute(**letters)
        known = self.shelves.now()
        # In this order: whoever looks between sees a minute of which nothing was told yet.
        self.venue.now_unix_s = self.shelves.now_unix_s + 31
        self._now = known
        desk.look(self.venue.sources)
        return bool(desk.alerts()[0]["on"])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Store(tmp_path / "passerby.sqlite") as store:
        yield Shop(Venue(store))


def test_it_begins_with_a_gap_says_where_and_ends_when_it_is_filled(shop: Shop) -> None:
    desk = shop.venue.desk(ALERT)
    with desk(shop.venue.sources):
        assert not shop.minute(desk, Crisps="ssssss")
        assert shop.minute(desk, Crisps="ssesse")
        shop.venue.told(1)
        assert shop.minute(desk, Crisps="ss?ss?"), "somebody stands before it"
        assert shop.minute(desk, Crisps="????se")
        assert not shop.minute(desk, Crisps="ssssll")
        assert shop.venue.told(2) == ["Museum of Tides: crisps are out", "Museum of Tides: over: crisps are out"]
    began, ended = shop.said.messages
    assert began.text == (
        "shop, Crisps: 2 facings are empty: row 1, column 3; row 2, column 3 (as of 2025-10-09 09:02)."
    )
    place = {"camera": "shop", "shelf": "Crisps", "since_unix_s": filled.NINE + 120}
    assert began.body["empty"] == [place | {"row": 1, "column": 3}, place | {"row": 2, "column": 3}]
    assert (began.body["measure"], began.body["value"], began.body["limit"]) == ("empty_facings", 2, 0)
    assert ended.text == "shop, Crisps: no facing is empty (as of 2025-10-09 09:05)."
    assert len(shop.said.messages) == 2
    actions = [one.action for one in Journal(shop.venue.store.file).since(0)]
    assert actions == ["alert ended", "alert began"]


def test_each_of_so_many_facings_has_to_be_empty_for_so_many_minutes(shop: Shop) -> None:
    desk = shop.venue.desk(ALERT | {"facings": 2, "for_minutes": 3})
    courses = ["ssssse", "ssssse", "ssssse", "ssssse", "esssse", "esssse", "esssse", "esssse", "esssss", "esssss"]
    assert [shop.minute(desk, Crisps=letters) for letters in courses] == [*[False] * 7, True, False, False]
    courses = ["esssse", "esssss", "esssse", "esssse", "esssse"]
    assert [shop.minute(desk, Crisps=letters) for letters in courses] == [False] * 5, "a gap that was filled is new"
    assert shop.minute(desk, Crisps="esssse")


def test_an_aisle_is_all_its_shelves_together_and_neither_is_the_whole_site(shop: Shop) -> None:
    desk = shop.venue.desk(SNACKS | {"facings": 2}, {"name": "site", "when": "shelf_empty", "facings": 3})
    with desk(shop.venue.sources):
        assert not shop.minute(desk, Crisps="ssssse", Nuts="ss", Tea="se")
        assert shop.minute(desk, Crisps="ssssse", Nuts="es", Tea="se")
        shop.venue.told(2)
    texts = {one.title: one.text for one in shop.said.messages}
    assert texts == {
        "Museum of Tides: snacks are out": "aisle Snacks: 2 facings are empty: Crisps row 2, column 3; "
        "Nuts row 1, column 1 (as of 2025-10-09 09:02).",
        "Museum of Tides: site": "whole site: 3 facings are empty: Crisps row 2, column 3; Nuts row 1, column 1; "
        "Tea facing 2 (as of 2025-10-09 09:02).",
    }


def _down(shop: Shop) -> None:
    shop.venue.state = shop.shelves.state = replace(
        LIVE, cameras=(LIVE.cameras[0], CameraState("shop", CameraStatus.STALLED))
    )


def _covered(shop: Shop) -> None:
    shop.shelves.minute(Nuts="??")


def _moved(shop: Shop) -> None:
    shop.shelves.known = ShelvesNow(moved=frozenset({"shop"}))


@pytest.mark.parametrize("befalls", [_down, _covered, _moved])
def test_a_shelf_that_cannot_be_seen_ends_nothing(shop: Shop, befalls: Callable[[Shop], None]) -> None:
    desk = shop.venue.desk(SNACKS)
    assert shop.minute(desk, Crisps="ssssss", Nuts="es")
    befalls(shop)
    assert shop.minute(desk, Crisps="ssssss")
    shop.shelves.state, shop.shelves.known = LIVE, ShelvesNow()
    assert not shop.minute(desk, Crisps="ssssss", Nuts="ss")


def test_a_shelf_that_was_never_seen_keeps_no_alert_on(shop: Shop) -> None:
    desk = shop.venue.desk(SNACKS)
    assert not shop.minute(desk), "nothing is known"
    assert desk.alerts()[0]["value"] is None
    assert shop.minute(desk, Crisps="ssssse")
    assert not shop.minute(desk, Crisps="ssssss")


def test_not_all_of_very_many_are_named(shop: Shop) -> None:
    shelf = shop.shelves.shelves[0]
    shop.shelves.shelves = (replace(shelf, facings=shelf.facings * 2, columns=6),)
    desk = shop.venue.desk(ALERT)
    with desk(shop.venue.sources):
        shop.minute(desk, Crisps="e" * 12)
        shop.venue.told(1)
    (began,) = shop.said.messages
    assert "row 2, column 4; and 2 more (as of" in began.text and "column 5; row 2" not in began.text
    assert len(began.body["empty"]) == 12


def site(
    folder: Path, alert: str, shelves: str = "[{name: Tea, aisle: Drinks, rows: 1, columns: 3, {corners}}]"
) -> Path:
    path = folder / "site.yaml"
    (folder / "url").write_text("json://a.example/")
    shelf = shelves.replace("{corners}", "corners: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]")
    text = f"notify: [{{name: phone, url_file: url}}]\ncameras: [{{name: hall, source: a.mp4, shelves: {shelf}}}, "
    path.write_text(f"{text}{{name: yard, source: b.mp4}}]\nalerts: [{{name: x, to: [phone], {alert}}}]\n")
    return path


@pytest.mark.parametrize("alert", ["camera: hall, shelf: Tea", "aisle: Drinks, facings: 3", "for_minutes: 10"])
def test_it_can_be_written(tmp_path: Path, alert: str) -> None:
    desk = alert_desk(load(site(tmp_path, f"when: shelf_empty, {alert}")))
    assert desk is not None and desk.alerts()[0]["measure"] == "empty_facings"


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ("camera: hall, shelf: Teas", "alerts[0].shelf: camera hall has no shelf Teas; it has: Tea"),
        ("camera: yard, shelf: Tea", "camera yard has no shelf Tea; it has: none; write shelves: at it"),
        ("camera: roof, shelf: Tea", "alerts[0].camera: there is no camera roof; there is: hall, yard"),
        ("aisle: Snacks", "alerts[0].aisle: no shelf has the aisle Snacks; there is: Drinks"),
        ("camera: hall, shelf: Tea, facings: 4", "alerts[0].facings: there are only 3 facings; write 3 or fewer"),
        ("camera: hall", "shelf_empty takes camera and shelf, aisle alone, or neither for all"),
        ("shelf: Tea", "shelf_empty takes camera and shelf, aisle alone, or neither for all"),
        (
            "camera: hall, shelf: Tea, limit: 3",
            "takes no limit and no clear_at; for_minutes says for how long and facings",
        ),
        ("for_windows: 2", "shelf_empty takes no for_windows; for_minutes says for how long"),
        ("facings: 0", "alerts[0].facings: must be 1 or more"),
        ("severity: note", "severity: for camera_check alone"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, alert: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(site(tmp_path, f"when: shelf_empty, {alert}"))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ("when: shelf_empty", "alerts[0].when: no camera has shelves; write shelves: at one"),
        ("when: shelf_empty, aisle: Drinks", "no shelf has the aisle Drinks; there is: none; write aisle: at a shelf"),
        ("when: camera_check, facings: 2", "facings: for shelf_empty alone"),
        ("when: camera_down, camera: hall, for_minutes: 2", "for_minutes: for camera_check and shelf_empty alone"),
        ("when: camera_check, shelf: Tea", "camera_check takes camera alone, or none for each of them"),
    ],
)
def test_mistakes_without_a_shelf_are_said(tmp_path: Path, alert: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(site(tmp_path, alert, "[]"))
    assert said in str(caught.value)
