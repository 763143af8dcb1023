"""Zones, dwell and queues: figures of windows and of their sum, and what is not known stays None."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from passerby.core.dwell import summary
from passerby.core.tallies import Measure, Tally
from passerby.site.reports import Asked, ZoneSeries, zone_report
from passerby.site.reports.zones import zone_figures
from passerby.site.store import Store
from tests.support import filled
from tests.support.filled import NINE, WINDOW_S

HALL, TILL = ("entrance", "Hall"), ("shop", "Till")
SETTINGS = filled.settings(NINE + 2 * WINDOW_S + 60.0)
NOBODY = (0,) * 13


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.sqlite") as store:
        yield store


def ask(store: Store, asked: Asked | None = None) -> dict[str, ZoneSeries]:
    return {one.zone: one for one in zone_report(store, asked or Asked(NINE), SETTINGS).zones}


def test_people_of_a_zone(store: Store) -> None:
    store.add([*filled.zone(HALL, NINE, (6, 11, 40, 38)), *filled.zone(HALL, NINE + WINDOW_S, (2, 5, 10, 12))])
    hall = ask(store)["Hall"]
    figures = hall.sum
    assert (figures.mean, figures.max, figures.entered, figures.left) == (4, 11, 50, 50)
    assert figures.person_minutes == pytest.approx(8 * 15)
    assert (figures.observed_s, figures.coverage) == (1800, 1)
    assert [one.figures.max for one in hall.windows] == [11, 5]
    assert hall.windows[1].window.start_unix_s == NINE + WINDOW_S


def test_what_was_not_seen_lowers_the_coverage_and_is_not_nobody(store: Store) -> None:
    unseen = Tally(*HALL[:1], Measure.PEOPLE, HALL[1], NINE + WINDOW_S, WINDOW_S, 0, 0)
    store.add([*filled.zone(HALL, NINE, (6, 11, 40, 38)), unseen])
    hall = ask(store)["Hall"]
    assert hall.sum.coverage == 0.5
    assert (hall.windows[1].figures.mean, hall.windows[1].figures.dwell, hall.windows[1].figures.coverage) == (
        None,
        None,
        0,
    )
    assert (ask(store)["Till"].sum.mean, ask(store)["Till"].windows) == (None, ())


def test_a_window_that_never_came_lowers_the_coverage(store: Store) -> None:
    store.add(list(filled.zone(HALL, NINE, (6, 11, 40, 38))))
    assert ask(store)["Hall"].sum.coverage == 0.5
    assert ask(store, Asked(NINE, NINE + WINDOW_S))["Hall"].sum.coverage == 1


def test_the_crowd_limit(store: Store) -> None:
    over = Tally("entrance", Measure.OVER_LIMIT, "Hall", NINE, WINDOW_S, 90, WINDOW_S)
    store.add([*filled.zone(HALL, NINE, (6, 14, 40, 38)), over, *filled.zone(TILL, NINE, (1, 2, 3, 3))])
    zones = ask(store)
    assert (zones["Hall"].crowd_limit, zones["Hall"].sum.over_limit_s, zones["Hall"].sum.over_limit_share) == (
        12,
        90,
        0.1,
    )
    assert (zones["Till"].crowd_limit, zones["Till"].sum.over_limit_s, zones["Till"].sum.over_limit_share) == (
        None,
        None,
        None,
    )


def test_dwell_counts_those_who_were_lost(store: Store) -> None:
    left, lost = (0, 0, 2, 4, 10, 6, 2, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 5, 3, 0, 0, 0, 0, 0, 0, 0)
    store.add(list(filled.zone(HALL, NINE, (6, 11, 40, 38))))
    store.add([*filled.parts(HALL, Measure.DWELL, NINE, left), *filled.parts(HALL, Measure.DWELL_LOST, NINE, lost)])
    dwell = ask(store)["Hall"].sum.dwell
    assert dwell is not None
    assert (dwell.left, dwell.lost, dwell.summary) == (left, lost, summary(left, lost))
    without = summary(left, NOBODY).median_s
    assert without is not None
    assert (dwell.summary.median_s or 0) > without
    told = dwell.as_dict()
    assert (told["visits"], told["censored_share"], len(told["left"])) == (32, 0.25, 13)


def test_histograms_of_windows_add_up(store: Store) -> None:
    store.add(list(filled.tallies(2)))
    hall = ask(store)["Hall"]
    windows = [one.figures.dwell for one in hall.windows]
    assert hall.sum.dwell is not None
    assert hall.sum.dwell.left == tuple(2 * count for count in (windows[0].left if windows[0] else ()))


def test_a_queue(store: Store) -> None:
    store.add(list(filled.zone(TILL, NINE, (3, 6, 20, 18))))
    served, gave_up = (0, 0, 0, 1, 4, 6, 3, 1, 0, 0, 0, 0, 0), (0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    lost = (1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)
    store.add([*filled.parts(TILL, Measure.WAITED, NINE, served), *filled.parts(TILL, Measure.GAVE_UP, NINE, gave_up)])
    store.add(list(filled.parts(TILL, Measure.DWELL_LOST, NINE, lost)))
    till = ask(store)["Till"]
    queue = till.sum.queue
    assert queue is not None
    assert (till.is_queue, till.sum.mean, till.sum.max) == (True, 3, 6)
    assert (queue.served, queue.gave_up) == (15, 3)
    assert queue.abandonment_share == pytest.approx(3 / 18)
    assert queue.wait.summary == summary(served, [a + b for a, b in zip(gave_up, lost, strict=True)])
    assert queue.littles_law_wait_s == pytest.approx(3 * WINDOW_S / 18)
    assert ask(store)["Hall"].sum.queue is None


def test_an_empty_queue_has_no_wait(store: Store) -> None:
    store.add(list(filled.zone(TILL, NINE, (0, 0, 0, 0))))
    queue = ask(store)["Till"].sum.queue
    assert queue is not None
    assert (queue.abandonment_share, queue.littles_law_wait_s, queue.wait.summary.median_s) == (None, None, None)
    assert queue.as_dict()["wait"]["visits"] == 0


def test_windows_are_merged_and_rolled_up_ones_stay(store: Store) -> None:
    store.add(list(filled.tallies(8)))
    hall = ask(store, Asked(NINE, width_s=3600))["Hall"]
    assert [(one.window.width_s, one.figures.observed_s, one.figures.max) for one in hall.windows] == [
        (3600, 3600, 14)
    ] * 2
    assert hall.sum.entered == 8 * 40


def test_zones_in_the_order_of_the_configuration(store: Store) -> None:
    assert list(ask(store)) == ["Hall", "Till"]
    assert list(ask(store, Asked(NINE, camera="shop"))) == ["Till"]
    assert list(ask(store, Asked(NINE, subject="Hall"))) == ["Hall"]


def test_a_site_that_keeps_no_single_place_has_no_zones(store: Store) -> None:
    store.add(list(filled.decree(NINE)))
    assert zone_report(store, Asked(NINE), replace(SETTINGS, site_only=True)).zones == ()


def test_a_zone_that_asks_for_masks_too_is_a_zone() -> None:
    tallies = [*filled.zone(HALL, NINE, (6, 11, 40, 38)), *filled.masks("Hall", NINE, (24, 8, 2, 6))]
    assert zone_figures(tallies, WINDOW_S, is_queue=False).mean == 6
