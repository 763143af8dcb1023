"""The share of people with a mask: told of enough people, withheld of too few, by place and for the site."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from passerby.core.masks import Confusion
from passerby.core.shares import wilson
from passerby.site.reports import Asked, mask_report
from passerby.site.store import Store
from tests.support import filled
from tests.support.filled import NINE

SETTINGS = filled.settings()
ALL = Asked(NINE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "a.sqlite") as store:
        yield store


def test_a_place_tells_its_share_with_an_interval(store: Store) -> None:
    store.add(list(filled.masks("Main door", NINE, (24, 8, 2, 6))))
    place = mask_report(store, ALL, SETTINGS).places[0]
    share = place.windows[0].share
    assert (place.camera, place.place, place.purpose) == (
        "entrance",
        "Main door",
        filled.PURPOSES["entrance", "Main door"],
    )
    assert (share.asked, share.judged, share.masked, share.worn_wrongly, share.withheld) == (40, 34, 24, 2, False)
    assert share.share == pytest.approx(24 / 34)
    assert (share.low, share.high) == pytest.approx(wilson(24, 34))
    assert share.cannot_tell_share == pytest.approx(6 / 40)
    assert share.corrected is None, "nobody measured the judge"


def test_too_few_people_are_no_share_but_enough_windows_of_them_are(store: Store) -> None:
    store.add([one for i in range(6) for one in filled.masks("Side door", NINE + 900 * i, (3, 1, 0, 1))])
    side = mask_report(store, ALL, SETTINGS).places[1]
    assert [(one.share.judged, one.share.withheld, one.share.share) for one in side.windows] == [(4, True, None)] * 6
    assert (side.sum.judged, side.sum.masked, side.sum.share) == (24, 18, 0.75)
    told = side.as_dict()["windows"][0]
    assert (told["asked"], told["judged"], told["withheld"]) == (5, 4, True)
    hidden = ("masked", "worn_wrongly", "share", "low", "high", "corrected")
    assert [told[name] for name in hidden] == [None] * 6


@pytest.mark.parametrize(("judged", "withheld"), [(19, True), (20, False)])
def test_the_minimum_is_enough(store: Store, judged: int, withheld: bool) -> None:
    store.add(list(filled.masks("Main door", NINE, (10, judged - 10, 0, 0))))
    share = mask_report(store, ALL, SETTINGS).places[0].sum
    assert share.withheld is withheld
    assert (share.share is None) is withheld


def test_the_site_is_the_sum_of_its_places(store: Store) -> None:
    store.add([*filled.masks("Main door", NINE, (24, 8, 2, 6)), *filled.masks("Side door", NINE, (3, 1, 0, 1))])
    site = mask_report(store, ALL, SETTINGS).site
    assert (site.camera, site.place) == (None, None)
    assert (site.sum.asked, site.sum.judged, site.sum.masked) == (45, 38, 27)
    assert site.windows[0].share == site.sum


def test_wider_windows_reach_the_minimum(store: Store) -> None:
    store.add([one for i in range(8) for one in filled.masks("Side door", NINE + 900 * i, (3, 2, 0, 1))])
    side = mask_report(store, replace(ALL, width_s=3600), SETTINGS).places[1]
    assert [(one.window.start_unix_s, one.window.width_s, one.share.share) for one in side.windows] == [
        (NINE, 3600, 0.6), (NINE + 3600, 3600, 0.6),
    ]  # fmt: skip


def test_the_judges_measured_errors_correct_the_share(store: Store) -> None:
    store.add(list(filled.masks("Main door", NINE, (80, 20, 0, 0))))
    settings = replace(SETTINGS, confusion=Confusion(90, 10, 95, 5))
    corrected = mask_report(store, ALL, settings).places[0].sum.corrected
    assert corrected is not None
    assert corrected.share == pytest.approx((0.8 + 0.95 - 1) / (0.9 + 0.95 - 1))
    assert corrected.low < corrected.share < corrected.high
    told = mask_report(store, ALL, settings).as_dict()["places"][0]["sum"]["corrected"]
    assert told["share"] == pytest.approx(corrected.share, abs=1e-6)


def test_only_what_was_asked_for(store: Store) -> None:
    store.add(list(filled.tallies(4)))
    report = mask_report(store, Asked(NINE + 900, NINE + 2700, None, "entrance", "Side door"), SETTINGS)
    assert [(place.place, len(place.windows)) for place in report.places] == [("Side door", 2)]
    assert report.site.sum == report.places[0].sum


def test_a_place_without_people_has_no_shares(store: Store) -> None:
    report = mask_report(store, ALL, SETTINGS)
    assert [(place.place, place.sum.asked, place.windows) for place in report.places] == [
        ("Main door", 0, ()),
        ("Side door", 0, ()),
    ]
    assert (report.site.sum.withheld, report.site.sum.cannot_tell_share) == (True, None)


def test_a_site_that_keeps_no_single_place(store: Store) -> None:
    store.add([*filled.decree(NINE), *filled.decree(NINE + 1200)])
    report = mask_report(store, ALL, replace(SETTINGS, site_only=True))
    assert report.places == ()
    assert (report.site.sum.share, report.site.sum.asked) == (0.75, 200)
    assert [one.window.width_s for one in report.site.windows] == [1200, 1200]


def test_two_parts_of_a_window_are_one(tmp_path: Path) -> None:
    for run in (1, 2):
        with Store(tmp_path / "b.sqlite", run=run) as store:
            store.add(list(filled.masks("Main door", NINE, (10, 2, 0, 0))))
            share = mask_report(store, ALL, SETTINGS).places[0].windows[0].share
            assert (share.judged, share.withheld) == (12 * run, run == 1)
