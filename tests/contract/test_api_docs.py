"""`docs/using-the-api.md` shows answers as they are, every field of them, and asks nothing that may not be asked."""

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from passerby.core.masks import AIZOO
from passerby.core.tallies import Measure, Tally
from passerby.site.asking import Question, ShelfQuestion
from passerby.site.figures import Settings
from passerby.site.reports import Asked, ShelvesNow, heat_report, mask_report, shelf_report, zone_report
from passerby.site.reports_api import QUESTIONS
from passerby.site.shelves_api import SHELVES as SHELVES_PATH
from passerby.site.store import Store, StoredTally
from passerby.site.tally_rows import as_rows
from tests.support import filled, grocer
from tests.support.source import ROOT

PAGE = (ROOT / "docs" / "using-the-api.md").read_text()
TALLIES, MASKS, ZONES, HEAT, SHELVES = map(
    json.loads, re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)


def fields(answer: Any) -> Any:
    """An answer without its values: what it is made of."""
    if isinstance(answer, dict):
        return {name: fields(value) for name, value in answer.items()}
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        return [fields(answer[0])]
    return None


def test_the_tally_shows_every_field() -> None:
    shown = TALLIES["tallies"][0]
    tally = Tally("entrance", Measure.CROSSINGS_IN, "door", 1_777_586_400, 3600, 12, 3540)
    assert list(shown) == list(as_rows([StoredTally(tally, unsafe=False)], Settings((), 900))[0])
    assert shown["value"] == round(shown["total"] / shown["exposure"], 5)
    assert tally.coverage is not None
    assert shown["coverage"] == round(tally.coverage, 4)


def test_the_reports_show_every_field(tmp_path: Path) -> None:
    known = filled.settings()
    settings = Settings(known.plans, 900, known.zone, clock=known.clock, purposes=known.purposes, confusion=AIZOO)
    asked = Asked(filled.NINE, width_s=3600)
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(filled.tallies(4)))
        masks = mask_report(store, Asked(filled.NINE, width_s=3600, subject="Main door"), settings).as_dict()
        zones = zone_report(store, Asked(filled.NINE, width_s=3600, camera="shop"), settings).as_dict()
        heat = heat_report(store, "entrance", asked, settings).as_dict()
    assert fields(MASKS) == fields(masks)
    assert MASKS["places"][0]["sum"]["share"] == masks["places"][0]["sum"]["share"]
    assert fields(ZONES) == fields(zones)
    assert ZONES["zones"][0]["sum"]["queue"]["wait"] == zones["zones"][0]["sum"]["queue"]["wait"]
    assert fields(HEAT) == fields(heat)


def test_the_shelves_show_every_field(tmp_path: Path) -> None:
    asked = Asked(filled.NINE, width_s=3600, camera="aisle 3", subject="pasta")
    now = ShelvesNow(grocer.board().now())
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(grocer.tallies()))
        told = shelf_report(store, asked, grocer.settings(), grocer.SHELVES, now).as_dict(filled.ZONE)
    assert fields(SHELVES) == fields(told)
    assert SHELVES["gaps"][0] == told["gaps"][0]
    assert SHELVES["aisles"][0]["restock"] == told["aisles"][0]["restock"]


def test_the_examples_ask_what_may_be_asked() -> None:
    known: dict[str, type[BaseModel]] = {"/api/v1/tallies": Question, SHELVES_PATH: ShelfQuestion, **QUESTIONS}
    asked = re.findall(r"curl 'http://[^/]*(/[^?]*)\?([^']*)'", PAGE)
    assert {route for route, _ in asked} == set(known)
    for route, query in asked:
        assert {part.partition("=")[0] for part in query.split("&")} <= set(known[route].model_fields)
