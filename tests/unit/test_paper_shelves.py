"""Shelves in a report: availability of each aisle, from a real store, on the page and in the table."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.site.paper.aisles import with_aisles
from passerby.site.paper.by_hand import make_report
from passerby.site.paper.figures import ReportFigures, gather
from passerby.site.paper.periods import Period
from passerby.site.paper.proved import nothing_beside
from passerby.site.paper.report import Head, report
from passerby.site.paper.report_csv import report_csv
from passerby.site.paper.shapes import Language
from passerby.site.paper.texts import Texts
from passerby.site.store import Store, StoredTallies
from tests.support import filled
from tests.support.papers import CAMERA, NOTICE, site, text_of
from tests.support.shelved import CRISPS, NUTS, SHELVES

DAY = Period("day", date(2025, 10, 9))
LATER = datetime(2025, 10, 20, 7, tzinfo=filled.ZONE).timestamp()


def facing(shelf: str, part: int, seen: float, empty: float, camera: str = "shop") -> Iterator[Tally]:
    """Tallies of a facing in an hour."""
    for measure, total in ((Measure.SHELF_SEEN, seen), (Measure.SHELF_EMPTY, empty)):
        if total:
            yield Tally(camera, measure, shelf, filled.NINE, 3600, total, 3600, part)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("store") / "site.sqlite") as store:
        store.add([*facing("Crisps", 0, 3600, 0), *facing("Crisps", 5, 1800, 1200), *facing("Nuts", 1, 600, 600)])
        store.add(list(facing("Crisps", 6, 3600, 3600)))  # of a grid that had more facings once
        yield store


def told(store: StoredTallies, now_unix_s: float = LATER) -> ReportFigures:
    settings = replace(filled.settings(now_unix_s), plans=())
    return with_aisles(gather(store, settings, (), DAY, nothing_beside), store, SHELVES)


def test_an_aisle_is_of_all_its_shelves_and_what_has_none_is_told_by_itself(store: Store) -> None:
    snacks, tea = told(store).aisles
    assert (snacks.name, tea.name) == ("Snacks", "Tea")
    assert snacks.availability == pytest.approx(1 - 1800 / 6000)
    facings = len(CRISPS.facings) + len(NUTS.facings)
    assert snacks.coverage == pytest.approx(6000 / (facings * 86_400))
    assert (tea.availability, tea.coverage) == (None, 0)
    assert told(store).counted and not told(store).unsafe


def test_what_was_seen_without_the_lock_down_is_said(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite", unsafe=True) as store:
        store.add(list(facing("Crisps", 0, 3600, 0)))
        assert told(store).unsafe
        assert not told(store, filled.NINE - 3600).counted, "it was later"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_and_the_table_tell_them(store: Store, language: Language) -> None:
    figures = told(store)
    page = text_of(report(figures, Head("Museum of Tides", language, filled.ZONE)))
    t = Texts(language)
    for text in (t("shelves"), t("on_shelf"), "Snacks", t.percent(0.7), "Tea", t("not_seen")):
        assert " ".join(text.split()) in page
    rows = [one for one in csv.DictReader(io.StringIO(report_csv(figures, filled.ZONE))) if "shelf" in one["measure"]]
    assert [(one["place"], one["unit"], one["value"], one["note"]) for one in rows] == [
        ("Snacks", "share", "0.7", ""),
        ("Tea", "share", "", "not seen"),
    ]


def test_a_report_by_hand_has_them(tmp_path: Path) -> None:
    corners = "[[0, 0], [1, 0], [1, 1], [0, 1]]"
    shop = f"  - {{name: shop, source: a.mp4, shelves: [{{name: Nuts, rows: 1, columns: 2, corners: {corners}}}]}}\n"
    config = site(tmp_path, NOTICE, camera=CAMERA + shop)
    with Store(config.store_file) as store:
        store.add(list(facing("Nuts", 1, 600, 300)))
    assert "Nuts,on_shelf_availability,share,0.5," in make_report(config, DAY, "en").table
