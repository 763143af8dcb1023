"""The routes of the reports on a real server, as JSON and CSV; nothing undoes a withholding."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from passerby.core.dwell import DWELL_EDGES_S
from passerby.core.tallies import SHELF_MEASURES, Measure
from passerby.records.serving import serve
from passerby.site.figures import Settings
from passerby.site.state import SiteState
from passerby.site.store import Store
from passerby.site.web import create_app
from tests.support import filled
from tests.support.filled import NINE

STATE = SiteState("Museum of Tides")
AT = 'site="Museum of Tides"'


@dataclass
class Site:
    """A site that is served."""

    store: Store
    url: str

    def get(self, path: str) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            return client.get(self.url + path.lstrip("/"))

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, path: str) -> list[dict[str, str]]:
        answer = self.get(path)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(answer.text.splitlines()))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Store(tmp_path_factory.mktemp("site") / "a.sqlite") as store:
        store.add(list(filled.tallies(16)))
        with serve(create_app(store, lambda: STATE, filled.settings()), "127.0.0.1", 0) as url:
            yield Site(store, url)


def test_masks(site: Site) -> None:
    answer = site.json("/api/v1/masks")
    main, side = answer["places"]
    assert (answer["minimum_judged"], len(main["windows"]), main["sum"]["judged"]) == (20, 16, 16 * 34)
    assert (main["purpose"], main["windows"][0]["start"]) == (
        filled.PURPOSES["entrance", "Main door"],
        "2025-10-09T09:00:00+02:00",
    )
    assert {window["masked"] for window in side["windows"]} == {None}
    assert answer["site"]["sum"]["masked"] == 16 * 27


def test_masks_as_csv_has_a_row_for_each_window_of_places_and_of_the_site(site: Site) -> None:
    rows = site.rows("/api/v1/masks?format=csv")
    assert len(rows) == 3 * 16
    assert [row["asked"] for row in rows if not row["camera"]] == ["45"] * 16
    quiet = [row for row in rows if row["place"] == "Side door"]
    assert {(row["judged"], row["withheld"], row["masked"], row["share"]) for row in quiet} == {("4", "True", "", "")}


def test_zones(site: Site) -> None:
    answer = site.json("/api/v1/zones?width_s=3600")
    hall, till = answer["zones"]
    assert answer["dwell_edges_s"] == list(DWELL_EDGES_S)
    assert (hall["crowd_limit"], hall["is_queue"], hall["sum"]["entered"], len(hall["windows"])) == (12, False, 640, 4)
    assert till["sum"]["queue"]["served"] == 16 * 15
    assert till["sum"]["queue"]["wait"]["median_s"] > 0
    (row, *others) = site.rows("/api/v1/zones?width_s=3600&format=csv")
    assert len(others) == 7
    assert float(row["dwell_median_s"]) == hall["windows"][0]["dwell"]["median_s"]
    assert row["queue_served"] == ""
    assert {other["queue_served"] for other in others[3:]} == {"60"}


def test_heat(site: Site) -> None:
    answer = site.json("/api/v1/heat?camera=entrance")
    assert (answer["rows"], answer["columns"], answer["minimum_people"], len(answer["windows"])) == (18, 32, 5, 4)
    assert answer["sum"]["person_seconds"][9][15:18] == [7200, 14400, None]
    assert answer["sum"]["mean_people"][9][16] == 1


def test_places_of_a_site_without_any(site: Site) -> None:
    assert site.json("/api/v1/places") == {"places": []}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("masks?measure=masked", "no such parameter; known here: since, until, width_s, camera, subject, format"),
        ("heat", "Field required"),
        ("heat?camera=entrance&subject=x", "no such parameter; known here: since, until, width_s, camera"),
        ("heat?camera=shop", "camera shop keeps no heat map; those that do: entrance"),
        ("heat?camera=entrance&width_s=900", "greater than or equal to 3600"),
        ("heat?camera=entrance&since=0", "the most is 400"),
        ("zones?since=0&width_s=60", "the most is 20000. Ask for one place, for a shorter time, or for wider windows"),
        ("zones?width_s=7000", "width_s must divide a day"),
        ("zones?camera=a&camera=b", "given twice"),
    ],
)
def test_a_wrong_question_is_answered_in_words(site: Site, question: str, said: str) -> None:
    answer = site.get(f"/api/v1/{question}")
    assert answer.status_code == 422
    assert said in " ".join(problem["message"] for problem in answer.json()["error"]["problems"])


def test_every_measure_can_be_asked_for(site: Site) -> None:
    for measure in Measure:
        found = site.json(f"/api/v1/tallies?measure={measure.label}&limit=3")["tallies"]
        # This site has no shelf.
        assert {row["measure"] for row in found} == ({measure.label} if measure not in SHELF_MEASURES else set())


def test_parts_have_no_value_and_masks_no_coverage(site: Site) -> None:
    (row, *_) = site.json("/api/v1/tallies?measure=dwell&subject=Hall&limit=1")["tallies"]
    assert (row["part"], row["total"], row["value"], row["coverage"]) == (1, 2, None, 1)
    (row, *_) = site.json("/api/v1/tallies?measure=masked&subject=Main%20door&limit=1")["tallies"]
    assert (row["total"], row["exposure"], row["value"], row["coverage"], row["withheld"]) == (
        *(24, 34, pytest.approx(24 / 34, abs=1e-6), None),
        False,
    )
    assert site.rows("/api/v1/tallies?measure=dwell&limit=2&format=csv")[1]["part"] == "2"


@pytest.mark.parametrize("measure", ["masked", "worn_wrongly"])
def test_tallies_do_not_undo_a_withholding(site: Site, measure: str) -> None:
    asked = f"/api/v1/tallies?measure={measure}&subject=Side%20door"
    rows = site.json(asked)["tallies"]
    assert {(row["total"], row["value"], row["exposure"], row["withheld"]) for row in rows} == {(None, None, 4, True)}
    assert {(row["total"], row["value"]) for row in site.rows(f"{asked}&format=csv")} == {("", "")}
    wide = site.json(f"{asked}&width_s=86400")["tallies"]
    assert [(row["exposure"], row["withheld"]) for row in wide] == [(64, False)]


def test_a_site_of_totals_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "b.sqlite") as store:
        store.add(list(filled.decree(NINE)))
        settings = replace(filled.settings(), plans=(), site_only=True)
        with serve(create_app(store, lambda: STATE, settings), "127.0.0.1", 0) as url:
            site = Site(store, url)
            answer = site.json("/api/v1/masks")
            assert (answer["places"], answer["site"]["sum"]["share"]) == ([], 0.75)
            assert site.json("/api/v1/zones")["zones"] == []
            assert len(site.rows("/api/v1/masks?format=csv")) == 1


def metrics(store: Store, settings: Settings) -> dict[str, float]:
    with serve(create_app(store, lambda: STATE, settings), "127.0.0.1", 0) as url:
        text = Site(store, url).get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(passerby\S*(?:{.*})?) (\S+)$", text, re.MULTILINE)}


def test_metrics_of_zones_and_queues(site: Site) -> None:
    found = metrics(site.store, filled.settings())
    hall, till = f'camera="entrance",{AT},zone="Hall"', f'camera="shop",{AT},zone="Till"'
    assert found[f"passerby_zone_entered_total{{{hall}}}"] == 640
    assert found[f"passerby_zone_left_total{{{till}}}"] == 16 * 18
    assert found[f"passerby_over_limit_seconds_total{{{hall}}}"] == 16 * 45
    buckets = [value for name, value in found.items() if name.startswith('passerby_dwell_seconds_bucket{camera="en')]
    assert buckets == [16 * count for count in (0, 2, 6, 12, 22, 30, 34, 37, 38, 38, 38, 38, 38)]
    assert found[f'passerby_queue_wait_seconds_bucket{{camera="shop",le="+Inf",{AT},zone="Till"}}'] == 16 * 15
    assert found[f'passerby_queue_gave_up_seconds_bucket{{camera="shop",le="20",{AT},zone="Till"}}'] == 16
    assert found[f'passerby_dwell_lost_seconds_bucket{{camera="entrance",le="+Inf",{AT},zone="Hall"}}'] == 16 * 6
    assert not [name for name in found if "_sum" in name]


def test_metrics_of_masks_are_of_hours_with_enough_people(tmp_path: Path) -> None:
    with Store(tmp_path / "c.sqlite") as store:
        store.add([one for i in range(6) for one in filled.masks("Side door", NINE + 900 * i, (3, 2, 1, 2))])
        found = metrics(store, filled.settings(NINE + 2 * 3600.0 + 61))
    judged = {
        name.partition('judgement="')[2].partition('"')[0]: value
        for name, value in found.items()
        if name.startswith("passerby_mask_judgements_total") and 'line="Side door"' in name
    }
    assert judged == {"masked": 12, "unmasked": 8, "worn_wrongly": 4, "cannot_tell": 8}, "the second hour is not told"
    assert found[f'passerby_masks_asked_total{{camera="entrance",line="Side door",{AT}}}'] == 48, "of all people"


def test_metrics_tell_no_hour_before_it_is_over(tmp_path: Path) -> None:
    with Store(tmp_path / "d.sqlite") as store:
        store.add(list(filled.masks("Main door", NINE, (24, 8, 2, 6))))
        found = metrics(store, filled.settings(NINE + 3600.0))
        assert {value for name, value in found.items() if name.startswith("passerby_mask_judgements_total{")} == {0}
        assert found[f'passerby_masks_asked_total{{camera="entrance",line="Main door",{AT}}}'] == 40
