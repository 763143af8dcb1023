"""From a site's store to a real hub: what is sealed, when it is sent again, and what stays at the site."""

import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from passerby.core.tallies import LINE_MEASURES, MASK_MEASURES, SHELF_MEASURES, Measure, Tally
from passerby.errors import ConfigError
from passerby.hub.contract import Span
from passerby.records.outbox import Outbox
from passerby.records.wire.batches import WHOLE_SITE, Batch, Layout, PlaceName, Row
from passerby.records.wire.checking import problem_of_batch, problem_of_layout
from passerby.records.wire.keys import write_key
from passerby.records.wire.link import Answer
from passerby.site.config import SiteConfig, load
from passerby.site.corrections import Corrections
from passerby.site.hub_link import KEY
from passerby.site.occupancy import PlaceBoard
from passerby.site.outbox.channel import hub_desk
from passerby.site.outbox.desk import HubChannel, HubDesk, Way, forget_hub
from passerby.site.outbox.names import layout_of
from passerby.site.outbox.strict import GRACE_S, Strict, whole_site
from passerby.site.outputs import Sources
from passerby.site.pages.board import PageBoard
from passerby.site.store import Filter, Store
from tests.support import filled
from tests.support.filled import NINE, WINDOW_S
from tests.support.outboxes import Clock, Hub, gathering
from tests.support.published import PLACES, STATE
from tests.support.site import eventually
from tests.support.site_door import open_door

NOON = NINE + 16 * WINDOW_S
LAYOUT = Layout(
    ("entrance", "shop"),
    (
        PlaceName("entrance", "Main door", "line"),
        PlaceName("entrance", "Side door", "line"),
        PlaceName("entrance", "Hall", "zone"),
        PlaceName("shop", "Till", "zone"),
        PlaceName("", "Ground floor", "place"),
    ),
    "Europe/Paris",
    WINDOW_S,
    "internal",
)
STRICT = Layout(("entrance", "shop"), (PlaceName("", "", "site"),), "", 1800, "strict")


@dataclass
class Venue:
    """A site with a store, without cameras, and a clock that a test turns."""

    store: Store
    layout: Layout = LAYOUT
    clock: Clock = field(default_factory=lambda: Clock(NOON + 60))
    batches: list[Batch] = field(default_factory=list)

    def sources(self) -> Sources:
        settings = replace(filled.settings(), clock=self.clock)
        places = PlaceBoard(self.store, Corrections(self.store.file), PLACES, settings)
        board = PageBoard(self.store, lambda: STATE, settings, places)
        return Sources(self.store, lambda: STATE, settings, board)

    @contextmanager
    def telling(self, hub: "Hub | Refusing") -> Iterator[HubDesk]:
        @contextmanager
        def way() -> Iterator[Way]:
            yield Way(hub.way())

        desk = HubDesk(HubChannel("http://hub.example", way, self.layout, seal_every_s=0.05), self.clock)
        with desk(self.sources()):
            yield desk

    def sealed(self) -> list[Batch]:
        """All that its outbox keeps."""
        with closing(Outbox(self.store.file)) as outbox:
            bodies = outbox._rows("SELECT body FROM outbox_batch ORDER BY outbox, sequence")
        return [msgspec.json.decode(zlib.decompress(body), type=Batch) for (body,) in bodies]

    def nothing_due(self) -> bool:
        with closing(sqlite3.connect(self.store.file)) as connection:
            return not connection.execute("SELECT 1 FROM outbox_due").fetchone()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "site.sqlite", run=1_700_000_000) as store:
        yield store


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    (tmp_path / "hub").mkdir()
    with gathering(tmp_path / "hub", Clock(NOON + 60)) as hub:
        yield hub


def sums(hub: Hub, measures: Sequence[Measure]) -> dict[tuple[Measure, int], tuple[float, float]]:
    found = hub.series.totals(Span(0, NOON // 3600 * 3600 + 7200), [1], measures)
    return {(measure, part): (one.total, one.exposure) for (_, measure, part), one in found.items()}


def truth(store: Store, measures: Sequence[Measure]) -> dict[tuple[Measure, int], tuple[float, float]]:
    known: dict[tuple[Measure, int], tuple[float, float]] = {}
    for tally in store.query():
        if tally.measure in measures:
            part = 0 if tally.measure in SHELF_MEASURES else tally.part
            total, exposure = known.get((tally.measure, part), (0.0, 0.0))
            known[tally.measure, part] = (total + tally.total, exposure + tally.exposure)
    return known


ADDED = [one for one in Measure if one not in (Measure.PEAK, Measure.HEAT)]


def test_the_hub_has_what_the_site_has_but_for_heat(store: Store, hub: Hub) -> None:
    venue = Venue(store)
    with venue.telling(hub) as desk:
        eventually(lambda: desk.state().taken_unix_s is not None)
        store.add(list(filled.tallies()))
        eventually(lambda: hub.series.newest().get(1) == NOON and desk.state().waiting == 0)
    assert sums(hub, ADDED) == truth(store, ADDED)
    assert sums(hub, [Measure.HEAT]) == {}
    for batch in venue.sealed():
        assert problem_of_batch(batch, LAYOUT) is None
    assert hub.series.set_aside() == []


def test_how_the_site_is_goes_with_it(store: Store, hub: Hub) -> None:
    store.add(list(filled.tallies()))
    venue = Venue(store)
    with venue.telling(hub):
        eventually(lambda: hub.fleet.of(1).standing is not None)
    standing = hub.fleet.of(1).standing
    assert standing is not None
    assert hub.fleet.of(1).layout == LAYOUT
    assert hub.fleet.troubles() == ()
    assert (standing.locked, standing.problems, standing.clock_unix_s) == (True, 0, NOON + 60)
    assert [(one.camera, one.status, one.conforming) for one in standing.cameras] == [(0, 1, -1), (1, 1, -1)]
    (place,) = standing.places
    assert (place.place, place.limit, place.until_unix_s) == (4, 50, NOON)
    report = venue.sources().board.today().places[0].course[-1]
    assert report.people is not None
    assert place.people_deci == round(10 * report.people)


@dataclass
class Refusing:
    """A hub that takes nothing."""

    asked: int = 0

    def way(self) -> Callable[[bytes], Answer]:
        return self.post

    def post(self, body: bytes) -> Answer:
        self.asked += 1
        return Answer(503, b'{"error": {"message": "the key of this site was revoked"}}')


def test_the_log_says_once_that_the_hub_refuses(store: Store) -> None:
    hub = Refusing()
    with capture_logs() as logs, Venue(store).telling(hub) as desk:
        eventually(lambda: hub.asked >= 2)
        told = desk.state().problem
    said = [one["problem"] for one in logs if "does not take" in one["event"]]
    assert said == [told] == ["the hub says (503): the key of this site was revoked"]


def test_only_what_changed_is_sent_again(store: Store, hub: Hub) -> None:
    venue = Venue(store)
    crossings = [Tally("entrance", Measure.CROSSINGS_IN, "Main door", NINE, WINDOW_S, total, 900.0) for total in (3, 5)]
    people = Tally("entrance", Measure.PEOPLE, "Hall", NINE, WINDOW_S, 90.5, 899.9)
    with venue.telling(hub) as desk:
        eventually(lambda: desk.state().taken_unix_s is not None)
        store.add([crossings[0], people])
        eventually(lambda: len(venue.sealed()) == 1 and desk.state().waiting == 0)
        store.add([crossings[0], people])  # the same, since an answer was late
        store.add([crossings[1]])
        eventually(lambda: len(venue.sealed()) == 2 and desk.state().waiting == 0)
    first, second = venue.sealed()
    assert [(one.place, one.total_milli, one.exposure_milli) for one in first.rows] == [
        (0, 3000, 900_000),
        (2, 90_500, 899_900),
    ]
    assert [(one.place, one.total_milli) for one in second.rows] == [(0, 5000)]
    assert sums(hub, [Measure.CROSSINGS_IN]) == {(Measure.CROSSINGS_IN, 0): (5.0, 900.0)}


def test_a_window_that_is_not_over_is_not_sealed(store: Store, hub: Hub) -> None:
    venue = Venue(store)
    with venue.telling(hub) as desk:
        eventually(lambda: desk.state().taken_unix_s is not None)
        store.add([Tally("entrance", Measure.CROSSINGS_IN, "Main door", NOON, WINDOW_S, 1, 30.0)])
        store.add([Tally("entrance", Measure.CROSSINGS_IN, "Main door", NINE, WINDOW_S, 1, 30.0)])
        eventually(lambda: len(venue.sealed()) == 1)
        assert not venue.nothing_due()
        venue.clock.now = hub.clock.now = NOON + WINDOW_S
        eventually(lambda: len(venue.sealed()) == 2 and desk.state().waiting == 0)
    assert sums(hub, [Measure.CROSSINGS_IN])[Measure.CROSSINGS_IN, 0][0] == 2


def test_what_was_rolled_up_is_not_sent_twice(store: Store, hub: Hub) -> None:
    venue = Venue(store)
    with venue.telling(hub) as desk:
        eventually(lambda: desk.state().taken_unix_s is not None)
        store.add(list(filled.tallies()))
        eventually(lambda: hub.series.newest().get(1) == NOON and venue.nothing_due())
        store.roll_up(NOON + 40 * 86_400)
        assert venue.nothing_due()
    assert sums(hub, [Measure.CROSSINGS_IN]) == truth(store, [Measure.CROSSINGS_IN])


def test_facings_are_one_sum_and_a_place_that_is_gone_is_still_told(store: Store, hub: Hub) -> None:
    def told(facings: int, start: int) -> list[Tally]:
        return [
            Tally("shop", measure, "tea", start, WINDOW_S, total, 900.0, part)
            for part in range(facings)
            for measure, total in ((Measure.SHELF_SEEN, 900), (Measure.SHELF_EMPTY, 100 * part))
        ]

    venue = Venue(store)
    with venue.telling(hub) as desk:
        eventually(lambda: desk.state().taken_unix_s is not None)
        store.add(told(12, NINE))
        store.add([Tally("yard", Measure.CROSSINGS_IN, "gate", NINE, WINDOW_S, 7, 900.0)])
        eventually(lambda: hub.series.newest().get(1) == NINE + WINDOW_S and desk.state().waiting == 0)
    assert sums(hub, list(SHELF_MEASURES)) == truth(store, list(SHELF_MEASURES))
    assert sums(hub, [Measure.CROSSINGS_IN])[Measure.CROSSINGS_IN, 0][0] == 7
    names = [one for layout in hub.series.layouts(1).values() for one in layout.places]
    assert PlaceName("shop", "tea", "shelf") in names
    assert PlaceName("yard", "gate", "line") in names


def test_a_site_without_a_hub_notes_nothing_for_one(store: Store, hub: Hub) -> None:
    venue = Venue(store)
    with venue.telling(hub) as desk:
        eventually(lambda: desk.state().taken_unix_s is not None)
    store.add(list(filled.tallies(1)))
    assert not venue.nothing_due()
    with forget_hub(venue.sources()):
        assert venue.nothing_due()
        store.add(list(filled.tallies(2)))
        assert venue.nothing_due()


def test_strict_tells_the_whole_site_once_of_half_an_hour(store: Store, hub: Hub) -> None:
    half = NOON // 1800 * 1800 + 1800
    venue = Venue(store, STRICT, Clock(half))
    hub.clock.now = half

    def crossings(start: int, total: int) -> list[Tally]:
        door = [
            Tally("entrance", Measure.CROSSINGS_IN, name, start, WINDOW_S, total, 900.0)
            for name in ("Main door", "Side door")
        ]
        return [
            *door,
            *filled.masks("Main door", start, (24, 8, 2, 6)),
            *filled.masks("Side door", start, (3, 1, 0, 1)),
        ]

    with venue.telling(hub) as desk:
        eventually(lambda: desk.state().taken_unix_s is not None)
        store.add(crossings(half - WINDOW_S, 100))  # had begun before the site opened
        store.add(crossings(half, 3))
        store.add(crossings(half + WINDOW_S, 4))
        venue.clock.now = hub.clock.now = half + 1800 + GRACE_S
        eventually(lambda: len(venue.sealed()) == 1 and desk.state().waiting == 0)
        store.add(crossings(half + WINDOW_S, 40))  # late
        venue.clock.now = hub.clock.now = half + 3600 + GRACE_S
        store.add(crossings(half + 1800, 5))
        eventually(lambda: hub.fleet.of(1).heard_unix_s == venue.clock.now or desk.state().problem)
    rows = {Measure(one.measure): one for batch in venue.sealed() for one in batch.rows if one.start_unix_s == half}
    assert set(rows) == {Measure.CROSSINGS_IN, *MASK_MEASURES}
    assert rows[Measure.CROSSINGS_IN] == Row(0, 1, 0, half, 1800, 0, 0, 14_000, 1_800_000)
    assert rows[Measure.MASKED] == Row(0, 12, 0, half, 1800, 0, 0, 54_000, 76_000)
    assert {one.start_unix_s for batch in venue.sealed() for one in batch.rows} <= {half, half + 1800}
    assert len([one for batch in venue.sealed() for one in batch.rows if one.start_unix_s == half]) == 4
    assert hub.series.set_aside() == []
    assert {one.name for one in hub.series.course(1, Span(NINE, half + 7200), 1800, list(Measure))} == {WHOLE_SITE}


def test_strict_tells_no_share_of_too_few(store: Store) -> None:
    store.add(list(filled.masks("Side door", NINE, (3, 1, 0, 1))))
    rows = whole_site(store.rows(Filter()), NINE, WINDOW_S, 20)
    assert [one.measure for one in rows] == [Measure.CANNOT_TELL]
    rows = whole_site(store.rows(Filter()), NINE, WINDOW_S, 4)
    assert [one.measure for one in rows] == list(MASK_MEASURES)


def test_strict_tells_what_a_site_of_the_decree_keeps(store: Store) -> None:
    store.add([*filled.decree(NINE), Tally("site", Measure.CANNOT_TELL, "site", NINE + 1200, 1200, 3, 9)])
    told = Strict(store, 1200, 20, NINE)
    with closing(Outbox(store.file)) as outbox, outbox.writing() as connection:
        rows = told.rows(connection, NINE + 2 * 1200 + GRACE_S - 1)
        assert [(one.measure, one.total_milli, one.exposure_milli) for one in rows] == [
            (Measure.MASKED, 60_000, 80_000),
            (Measure.WORN_WRONGLY, 4000, 80_000),
            (Measure.CANNOT_TELL, 20_000, 100_000),
        ]
        rows = told.rows(connection, NINE + 2 * 1200 + GRACE_S)
        assert [(one.measure, one.exposure_milli) for one in rows] == [(Measure.CANNOT_TELL, 9000)]
        assert told.rows(connection, NINE + 2 * 1200 + GRACE_S) == []


CONFIG = """
site: {{name: Museum, time_zone: Asia/Kathmandu}}
store: {{file: site.sqlite}}
window_s: {window_s}
{more}
hub: {{url: "{url}", key: "{key}"{profile}}}
places: {places}
cameras:
  - name: door
    source: a.mp4
    lines: [{{name: main, from: [0, 0], to: [1, 1]{masks}}}]
"""


def written(folder: Path, url: str = "https://hub.example", key: str = "ab" * 32, **given: str) -> Path:
    values = {"window_s": "60", "more": "", "profile": "", "places": "[]", "masks": "", **given}
    (folder / "site.yaml").write_text(CONFIG.format(url=url, key=key, **values))
    return folder / "site.yaml"


@pytest.mark.parametrize(("window_s", "width_s"), [(60, 1200), (600, 1200), (900, 1800), (1800, 1800), (3600, 3600)])
def test_windows_of_strict_are_the_least_that_windows_of_a_site_fill(
    tmp_path: Path, window_s: int, width_s: int
) -> None:
    layout = layout_of(load(written(tmp_path, window_s=str(window_s), profile=", profile: strict")))
    assert (layout.window_s, layout.profile, layout.cameras) == (width_s, "strict", ("door",))
    assert problem_of_layout(layout) is None


def test_a_site_of_the_decree_can_only_send_strict(tmp_path: Path) -> None:
    decree = {"more": "profile: decree-2021-269", "masks": ", masks: true, purpose: hygiene", "window_s": "1200"}
    assert layout_of(load(written(tmp_path, **decree))).profile == "strict"
    with pytest.raises(ConfigError, match=r"hub\.profile: profile decree-2021-269 lets only strict go to a hub"):
        load(written(tmp_path, **decree, profile=", profile: internal"))


@contextmanager
def sending(config: SiteConfig, store: Store) -> Iterator[HubDesk]:
    desk = hub_desk(config)
    assert desk is not None
    with desk(Venue(store).sources()):
        yield desk


def test_a_site_with_a_key_sends_to_the_hub_of_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    with open_door(tmp_path / "hub") as door:
        key = door.enrol("museum")
        config = load(written(tmp_path, door.url, door.key.public.name))
        now = time.time() // 60 * 60
        with Store(config.store_file) as store:
            with sending(config, store) as desk:
                eventually(lambda: "has not joined its hub" in (desk.state().problem or ""))
            write_key(key, config.store_file.parent / KEY)
            with sending(config, store) as desk:
                eventually(lambda: desk.state().taken_unix_s is not None)
                assert desk.state().problem is None
            store.add([Tally("door", Measure.CROSSINGS_IN, "main", int(now) - 120, 60, 4, 60.0)])
            with sending(config, store):
                eventually(lambda: bool(door.series.newest()))
        (venue,) = door.register.venues()
        found = door.series.totals(Span(0, 2**32 // 3600 * 3600), [venue.number], list(LINE_MEASURES))
        assert [one.total for one in found.values()] == [4.0]
