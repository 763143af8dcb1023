"""The profile decree-2021-269: the whole site, each window once, and nothing of a shorter time or of one camera."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import MASK_MEASURES, Measure, Tally
from passerby.errors import ConfigError, StoreError
from passerby.gate.messages import CameraPlan, LinePlan, ZonePlan
from passerby.site.config import load
from passerby.site.decree import GRACE_S, PROFILE, SITE, Release, SiteTotals, check_store, released_in
from passerby.site.store import Store
from passerby.site.watch import Watch, initial_state

WIDTH_S = 1200
NOON = 1_760_004_000 // WIDTH_S * WIDTH_S
OVER = NOON + WIDTH_S
GATE = LinePlan("gate", (0.1, 0.5), (0.9, 0.5), masks=True)
HALL = ZonePlan("hall", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), masks=True)
PLANS = (CameraPlan("north", lines=(GATE,), window_s=WIDTH_S), CameraPlan("south", zones=(HALL,), window_s=WIDTH_S))
PLACE = {"north": "gate", "south": "hall"}


class Clock:
    """The clock on the wall, set by hand."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Site:
    """A real watch, the totals and a real store, as `run` puts them together."""

    def __init__(self, file: Path, now: float = NOON, *, run: int = 1, since: float = 0) -> None:
        self.clock = Clock(now)
        self.store = Store(file, run=run)
        self.fails: str | None = None
        release = replace(Release.of(PLANS, WIDTH_S, 20), since_unix_s=since)
        self.totals = SiteTotals(self._add, release, released_in(self.store, WIDTH_S), self.clock)
        self.watch = Watch(initial_state("Venue", ["north", "south"], 1, unsafe=False), self.totals.keep)

    def _add(self, tallies: list[Tally]) -> None:
        if self.fails:
            raise StoreError(self.fails)
        self.store.add(tallies)

    def window(self, camera: str, masked: int, judged: int, unknown: int = 0, *, start: int = NOON) -> None:
        """A camera closes a window: its records come one by one, as from the room."""

        def tally(measure: Measure, total: float, exposure: float) -> None:
            self.watch.tally(Tally(camera, measure, PLACE[camera], start, WIDTH_S, total, exposure))

        if camera == "north":
            tally(Measure.CROSSINGS_IN, judged + unknown, WIDTH_S)
        else:
            tally(Measure.PEOPLE, 77.5, WIDTH_S)
        tally(Measure.MASKED, masked, judged)
        tally(Measure.WORN_WRONGLY, 1 if judged > masked else 0, judged)
        tally(Measure.CANNOT_TELL, unknown, judged + unknown)

    def stored(self) -> dict[tuple[int, Measure], tuple[float, float]]:
        """What the store has; every row must be of the site."""
        rows = self.store.query()
        assert {(one.camera, one.subject, one.width_s) for one in rows} <= {(SITE, SITE, WIDTH_S)}
        return {(one.start_unix_s, one.measure): (one.total, one.exposure) for one in rows}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = Site(tmp_path / "tallies.sqlite")
    yield opened
    opened.store.close()


def test_a_window_that_is_over_is_added_over_cameras_and_handed_on_once(site: Site) -> None:
    site.clock.now = OVER + 5
    site.window("north", 15, 20, 3)
    assert site.stored() == {}, "one camera alone is never stored"
    site.window("south", 10, 12, 1)
    assert site.stored() == {
        (NOON, Measure.MASKED): (25, 32),
        (NOON, Measure.WORN_WRONGLY): (2, 32),
        (NOON, Measure.CANNOT_TELL): (4, 36),
    }


def test_nothing_but_masks_is_handed_on(site: Site) -> None:
    site.clock.now = OVER + 5
    site.window("north", 15, 20)
    site.window("south", 10, 12)
    assert {measure for _start, measure in site.stored()} == set(MASK_MEASURES)


def test_nothing_is_handed_on_before_the_window_is_over(site: Site) -> None:
    """Workers that end early send what they have of an open window."""
    site.clock.now = OVER - 1
    site.window("north", 15, 20)
    site.window("south", 10, 12)
    site.totals.flush()
    assert site.stored() == {}
    site.clock.now = OVER
    site.totals.flush()
    assert site.stored()[NOON, Measure.MASKED] == (25, 32)


def test_a_silent_camera_is_waited_for_a_minute(site: Site) -> None:
    site.clock.now = OVER + 5
    site.window("north", 15, 20)
    site.clock.now = OVER + 5 + GRACE_S - 1
    site.totals.flush()
    assert site.stored() == {}
    site.clock.now = OVER + 5 + GRACE_S
    site.totals.flush()
    assert site.stored()[NOON, Measure.MASKED] == (15, 20)


def test_records_that_all_come_late_still_come_together(site: Site) -> None:
    """A machine that slept: the first record must not be handed on without those behind it."""
    site.clock.now = OVER + 10 * GRACE_S
    site.window("north", 15, 20, 3)
    site.window("south", 10, 12, 1)
    assert site.stored()[NOON, Measure.CANNOT_TELL] == (4, 36)
    assert site.totals.late == 0


def test_a_place_that_told_only_in_part_does_not_count(site: Site) -> None:
    """Its camera's worker died between two records: a share of its people must not be added to the others'."""
    site.clock.now = OVER + 5
    site.window("north", 15, 20, 3)
    site.watch.tally(Tally("south", Measure.MASKED, "hall", NOON, WIDTH_S, 12, 12))
    site.clock.now += GRACE_S
    site.totals.flush()
    assert site.stored()[NOON, Measure.MASKED] == (15, 20)
    assert site.stored()[NOON, Measure.CANNOT_TELL] == (3, 23)
    assert site.totals.late == 1


def test_what_comes_late_is_dropped_and_counted(site: Site) -> None:
    site.clock.now = OVER + 5
    site.window("north", 15, 20)
    site.clock.now += GRACE_S
    site.totals.flush()
    before = site.stored()
    assert before[NOON, Measure.MASKED] == (15, 20)
    site.clock.now += 30
    site.window("south", 10, 12)
    site.clock.now += GRACE_S
    site.totals.flush()
    assert site.stored() == before, "the difference would be one camera's"
    assert site.totals.late == len(MASK_MEASURES)
    site.clock.now = OVER + WIDTH_S + 5
    site.window("north", 30, 40, start=OVER)
    site.window("south", 10, 20, start=OVER)
    assert site.stored()[OVER, Measure.MASKED] == (40, 60), "and it is not in the next window either"


def test_below_the_minimum_only_the_number_of_people_is_handed_on(site: Site) -> None:
    site.clock.now = OVER + 5
    site.window("north", 9, 10, 2)
    site.window("south", 1, 9, 1)
    assert site.stored() == {(NOON, Measure.CANNOT_TELL): (3, 22)}


def test_the_minimum_is_of_the_whole_site(site: Site) -> None:
    site.clock.now = OVER + 5
    site.window("north", 9, 10)
    site.window("south", 1, 10)
    assert site.stored()[NOON, Measure.MASKED] == (10, 20)


def test_a_full_disk_loses_nothing_and_doubles_nothing(site: Site) -> None:
    site.clock.now = OVER + 5
    site.fails = "the disk is full"
    site.window("north", 15, 20, 3)
    site.window("south", 10, 12, 1)
    assert site.stored() == {}
    assert site.watch.state().store_problem == "the disk is full"
    with pytest.raises(StoreError):
        site.totals.flush()
    for _ in range(3):
        site.watch.flush()
    site.clock.now = OVER + WIDTH_S + 5
    site.window("north", 30, 40, start=OVER)
    site.fails = None
    site.watch.flush()
    site.window("south", 10, 20, start=OVER)
    assert site.watch.state().store_problem is None
    assert site.stored()[NOON, Measure.MASKED] == (25, 32)
    assert site.stored()[NOON, Measure.CANNOT_TELL] == (4, 36)
    assert site.stored()[OVER, Measure.MASKED] == (40, 60)
    assert site.totals.late == 0


def test_closing_hands_on_what_is_over_and_forgets_the_rest(site: Site) -> None:
    site.clock.now = OVER + 5
    site.window("north", 15, 20)
    site.window("north", 15, 20, start=OVER)
    site.window("south", 15, 20, start=OVER)
    site.totals.close()
    assert {start for start, _measure in site.stored()} == {NOON}
    site.clock.now = OVER + 3 * WIDTH_S
    site.totals.close()
    site.totals.flush()
    assert {start for start, _measure in site.stored()} == {NOON}


def test_a_window_that_had_begun_before_the_site_opened_is_of_a_shorter_time(tmp_path: Path) -> None:
    site = Site(tmp_path / "tallies.sqlite", OVER + 5, since=NOON + 1100)
    for start in (NOON, OVER):
        site.clock.now = start + WIDTH_S + 5
        site.window("north", 15, 20, start=start)
        site.window("south", 10, 12, start=start)
    assert {start for start, _measure in site.stored()} == {OVER}
    assert site.totals.late == 2 * len(MASK_MEASURES)
    site.store.close()


def test_a_second_run_never_hands_on_the_same_window(tmp_path: Path) -> None:
    """Its rows would be added to those of the first run, and the difference is of a shorter time."""
    first = Site(tmp_path / "tallies.sqlite", OVER + 5)
    first.window("north", 15, 20)
    first.window("south", 10, 12)
    before = first.stored()
    first.store.close()
    second = Site(tmp_path / "tallies.sqlite", OVER + 20, run=2)
    second.window("north", 1, 30)
    second.window("south", 1, 30)
    second.totals.flush()
    assert second.stored() == before
    assert second.totals.late == 2 * len(MASK_MEASURES)
    second.store.close()


def test_nor_one_of_which_a_damaged_store_may_have_forgotten_that_it_was_handed_on(tmp_path: Path) -> None:
    with Store(tmp_path / "tallies.sqlite") as store:
        store.renewed_unix_s = NOON + 1800.0
        released = released_in(store, 1200)
        assert released(NOON)
        assert not released(NOON + 1200), "it was not over yet"


def test_nor_one_that_overlaps_a_window_of_another_width(tmp_path: Path) -> None:
    with Store(tmp_path / "tallies.sqlite") as store:
        store.add([Tally(SITE, Measure.CANNOT_TELL, SITE, NOON, 1200, 0, 5)])
        half_hour, hour = released_in(store, 1800), released_in(store, 3600)
        assert half_hour(NOON // 1800 * 1800)
        assert hour(NOON // 3600 * 3600)
        assert not hour(NOON // 3600 * 3600 - 3600)
        assert not half_hour(NOON // 3600 * 3600 + 3600)
        assert not released_in(store, 1200)(NOON + 1200)


def test_a_store_of_an_older_configuration_is_refused(tmp_path: Path) -> None:
    """The API and the metrics would go on to tell of its cameras and its minutes."""
    with Store(tmp_path / "tallies.sqlite") as store:
        check_store(store)
        store.add([Tally(SITE, Measure.CANNOT_TELL, SITE, NOON, 1200, 0, 5)])
        check_store(store)
        store.add([Tally("north", Measure.CROSSINGS_IN, "gate", NOON - 86400, 60, 1, 60)])
        with pytest.raises(ConfigError, match="holds tallies of north, gate"):
            check_store(store)


def test_what_is_expected_is_every_mask_measure_of_every_place() -> None:
    expected = Release.of(PLANS, WIDTH_S, 20).expected
    assert expected == {(camera, place, one) for camera, place in PLACE.items() for one in MASK_MEASURES}


# The configuration.

GOOD = """
profile: decree-2021-269
window_s: 1200
cameras:
  - name: north
    source: rtsp://cam.example/1
    lines: [{name: gate, from: [0.1, 0.5], to: [0.9, 0.5], masks: true, purpose: advice on masks}]
    zones: [{name: hall, corners: [[0, 0], [1, 0], [1, 1]], masks: true, purpose: advice on masks}]
"""


def problems(folder: Path, text: str) -> list[str]:
    file = folder / "site.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    return caught.value.problems


def test_a_configuration_of_masks_alone_is_fine(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(GOOD)
    config: Any = load(file)
    assert config.profile == PROFILE


@pytest.mark.parametrize(
    ("old", "new", "where", "instead"),
    [
        ("window_s: 1200", "window_s: 600", "window_s", "write 1200, 1800 or 3600"),
        ("window_s: 1200", "window_s: 900", "window_s", "write 1200, 1800 or 3600"),
        ("cameras:", "places: [{name: ward}]\ncameras:", "places", "take places away"),
        ("    lines:", "    heat_map: true\n    lines:", "cameras[0].heat_map", "take heat_map away"),
        (
            "to: [0.9, 0.5], masks: true, purpose: advice on masks",
            "to: [0.9, 0.5]",
            "cameras[0].lines[0]",
            "masks: true",
        ),
        ("corners:", "crowd_limit: 5, corners:", "cameras[0].zones[0].crowd_limit", "take crowd_limit away"),
        (
            "corners:",
            "queue: {head: [0.9, 0.5], tail: [0.5, 0.5]}, corners:",
            "cameras[0].zones[0].queue",
            "take queue away",
        ),
    ],
)
def test_what_the_profile_does_not_allow(tmp_path: Path, old: str, new: str, where: str, instead: str) -> None:
    assert old in GOOD
    found = [one for one in problems(tmp_path, GOOD.replace(old, new, 1)) if PROFILE in one]
    assert len(found) == 1
    assert f"{where}:" in found[0]
    assert found[0].endswith(instead) or instead in found[0]


def test_a_place_is_refused_where_it_is_named(tmp_path: Path) -> None:
    text = GOOD.replace("{name: gate,", "{name: gate, place: ward,").replace(
        "cameras:", "places: [{name: ward}]\ncameras:"
    )
    found = problems(tmp_path, text)
    assert any("cameras[0].lines[0].place:" in one and "take place away" in one for one in found)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("1200", "300").replace("    lines:", "    heat_map: true\n    lines:")
    assert len(problems(tmp_path, text)) == 2
