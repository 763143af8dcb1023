"""`docs/using-the-api.md` shows every field of a tally, and no parameter that is not there."""

import json
import re

from passerby.core.tallies import Measure, Tally
from passerby.site.asking import Question, as_rows
from passerby.site.store import StoredTally
from tests.support.source import ROOT

PAGE = (ROOT / "docs" / "using-the-api.md").read_text()


def test_the_example_shows_every_field() -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    shown = json.loads(example)["tallies"][0]
    tally = Tally("entrance", Measure.CROSSINGS_IN, "door", 1_777_586_400, 3600, 12, 3540)
    assert list(shown) == list(as_rows([StoredTally(tally, unsafe=False)], None)[0])
    assert shown["value"] == round(shown["total"] / shown["exposure"], 5)
    assert shown["coverage"] == round(tally.coverage, 4)


def test_the_example_asks_what_may_be_asked() -> None:
    (query,) = re.findall(r"curl 'http://[^?]*\?([^']*)'", PAGE)
    assert {part.partition("=")[0] for part in query.split("&")} <= set(Question.model_fields)
