"""The route of shelves on a real server: JSON, both tables, what it refuses, and the tallies behind it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from passerby.records.serving import serve
from passerby.site.answers_shelves import ShelvesAnswer
from passerby.site.reports import Asked
from passerby.site.shelf_desk import ShelfDesk
from passerby.site.state import CameraState, SiteState
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app
from tests.support import grocer

STATE = SiteState("Corner Grocer", tuple(CameraState(plan.name) for plan in grocer.PLANS))


@dataclass
class Shop:
    """A site that is served."""

    desk: ShelfDesk
    url: str

    def get(self, query: str = "", path: str = "api/v1/shelves") -> httpx.Response:
        return httpx.get(f"{self.url}{path}{query}", trust_env=False)

    def rows(self, query: str, path: str = "api/v1/shelves") -> list[dict[str, str]]:
        answer = self.get(query, path)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(answer.text.splitlines()))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    settings = grocer.settings()
    with Store(tmp_path_factory.mktemp("shop") / "a.sqlite") as store:
        store.add(list(grocer.tallies()))
        grocer.teach(store)
        desk = ShelfDesk(store, lambda: STATE, settings, grocer.SHELVES, grocer.board())
        app = create_app(store, lambda: STATE, settings, None, ApiParts(shelves=desk))
        with serve(app, "127.0.0.1", 0) as url:
            yield Shop(desk, url)


@pytest.fixture(scope="module")
def told(shop: Shop) -> dict[str, Any]:
    answer: dict[str, Any] = shop.get().json()
    return answer


def test_the_answer_is_as_described(told: dict[str, Any]) -> None:
    ShelvesAnswer.model_validate(told)
    assert (told["facings_total"], told["facings_empty"], told["facings_hidden"]) == (120, 3, 12)


def test_gaps_come_longest_first_with_where_they_are(told: dict[str, Any]) -> None:
    first, second, third, fourth, *_ = told["gaps"]
    # At 12:01: row 2 column 5 of the pasta is empty since 9:50.
    assert {name: first[name] for name in ("aisle", "shelf", "row", "column", "lasts", "length_s", "start")} == {
        "aisle": "Aisle 3",
        "shelf": "pasta",
        "row": 2,
        "column": 5,
        "lasts": True,
        "length_s": 131 * 60,
        "start": "2025-10-09T09:50:00+02:00",
    }
    assert (second["shelf"], second["age_s"]) == ("sauces", 16 * 60)  # covered for a quarter of an hour
    assert (third["shelf"], third["row"], third["column"]) == ("bread", None, None)
    assert (fourth["lasts"], fourth["length_s"]) == (False, 48 * 60)


def test_a_shelf_that_was_not_taught_is_not_seen(told: dict[str, Any]) -> None:
    *_, crisps = told["shelves"]
    assert (crisps["not_taught"], crisps["sum"]["availability"], crisps["hours"]) == (["empty"], None, [])
    assert {facing["state"] for facing in crisps["facings"]} == {"cannot see"}
    assert {facing["last_state"] for facing in crisps["facings"]} == {None}


def test_time_to_restock_has_the_number_behind_it(told: dict[str, Any]) -> None:
    # Filled after 22, 25, 31, 40 and 48 minutes, all of them in aisle 3.
    aisle, empty_aisle = told["aisles"]
    assert (aisle["aisle"], empty_aisle["aisle"]) == ("Aisle 3", "Aisle 5")
    assert aisle["restock"] == told["restock"] == {"gaps": 5, "median_s": 31 * 60, "p90_s": 44.8 * 60}
    assert empty_aisle["restock"] == {"gaps": 0, "median_s": None, "p90_s": None}


def test_one_shelf_is_asked_for(shop: Shop) -> None:
    answer = shop.get("?camera=bakery&subject=bread").json()
    assert [one["shelf"] for one in answer["shelves"]] == ["bread"]
    assert (answer["aisles"], [gap["facing"] for gap in answer["gaps"]]) == ([], [4])


def test_gaps_as_a_table(shop: Shop, told: dict[str, Any]) -> None:
    rows = shop.rows("?format=csv")
    assert [(row["shelf"], row["length_s"]) for row in rows] == [
        (gap["shelf"], str(gap["length_s"])) for gap in told["gaps"]
    ]
    assert rows[0]["end"] == ""


def test_availability_as_a_table_of_shelves_and_aisles(shop: Shop, told: dict[str, Any]) -> None:
    rows = shop.rows("?format=csv&table=availability")
    assert [row["start"][11:16] for row in rows if row["shelf"] == "pasta"] == ["09:00", "10:00", "11:00"]
    of_aisles = [row for row in rows if not row["shelf"]]
    assert [(row["aisle"], row["availability"]) for row in of_aisles] == [
        ("Aisle 3", str(hour["availability"])) for hour in told["aisles"][0]["hours"]
    ]


@pytest.mark.parametrize("name", ["gaps", "availability"])
def test_both_tables_are_to_be_had_as_parquet(shop: Shop, name: str) -> None:
    answer = shop.get(f"?format=parquet&table={name}")
    assert (answer.status_code, answer.content[:4]) == (200, b"PAR1") or answer.status_code == 406


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?table=prices", "table"),
        ("?width_s=900", "width_s"),
        ("?since=1700000000&width_s=86400", "Ask for a shorter time, or for one shelf"),
        ("?camera=a&camera=b", "camera"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_words(shop: Shop, query: str, words: str) -> None:
    answer = shop.get(query)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_site_without_shelves_has_none(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        app = create_app(store, lambda: STATE, grocer.settings())
        with serve(app, "127.0.0.1", 0) as url:
            answer = httpx.get(f"{url}api/v1/shelves", trust_env=False).json()
    ShelvesAnswer.model_validate(answer)
    assert (answer["shelves"], answer["gaps"], answer["sum"]["availability"]) == ([], [], None)


@pytest.mark.parametrize("measure", ["shelf_seen", "shelf_fill", "shelf_low", "shelf_empty"])
def test_tallies_know_the_measures_of_shelves(shop: Shop, measure: str) -> None:
    path = f"api/v1/tallies?measure={measure}&subject=pasta&width_s=86400"
    tallies = shop.get(path=path).json()["tallies"]
    assert tallies
    assert {one["measure"] for one in tallies} == {measure}
    assert len({one["part"] for one in tallies}) == len(tallies) <= 24
    assert len(shop.rows("", f"{path}&format=csv")) == len(tallies)
    parquet = shop.get(path=f"{path}&format=parquet")
    assert parquet.status_code == 406 or parquet.content[:4] == b"PAR1"


def test_today_is_what_the_report_of_today_tells(shop: Shop) -> None:
    today = shop.desk.today()
    again = shop.desk.report(Asked.today(grocer.settings()))
    assert today == again
    assert shop.desk.today() is today
