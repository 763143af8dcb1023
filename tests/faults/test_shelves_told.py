"""Shelves of a running site before they are taught: a broker and Prometheus are told that nothing is known, and why."""

import json
import os
import urllib.request
from pathlib import Path

from tests.support.broker import Mosquitto, needs_mosquitto
from tests.support.clips import make_clip
from tests.support.site import RunningSite, eventually, overhead_camera

pytestmark = needs_mosquitto
TOPIC = "passerby/My%20venue/hall/Tea/shelf_availability"
SHELF = "shelves: [{name: Tea, aisle: Drinks, rows: 1, columns: 2, corners: [[0, 0], [1, 0], [1, 1], [0, 1]]}]"


def test_a_shelf_that_is_not_taught_is_told_as_one_of_which_nothing_is_known(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4", seconds=6)
    with Mosquitto(tmp_path) as broker, broker.hears("#") as ear:
        site = RunningSite(tmp_path, overhead_camera("hall", clip, SHELF))
        site.more = (
            f"mqtt: {{host: 127.0.0.1, port: {broker.port}}}\n"
            'notify: [{name: phone, webhook: "http://127.0.0.1:9/", secret_env: SHELF_SECRET}]\n'
            "alerts: [{name: tea is out, when: shelf_empty, camera: hall, shelf: Tea, to: [phone]}]\n"
        )
        with site.start(env={**os.environ, "SHELF_SECRET": "x" * 32}):
            eventually(lambda: "not taught" in ear.last.get(TOPIC, ""), 60)
            told = json.loads(ear.last[TOPIC])
            assert (told["value"], told["problem"]) == (None, "it was not taught yet: full, empty")
            assert told["cannot_see"] == [{"row": 1, "column": 1}, {"row": 1, "column": 2}]
            labels = 'aisle="Drinks",camera="hall",shelf="Tea",site="My venue",state="cannot_see"'
            eventually(lambda: f"passerby_shelf_facings{{{labels}}} 2.0" in metrics(site))
            assert "passerby_shelf_availability_ratio{" not in metrics(site)
            (alert,) = site.get("/api/v1/alerts")["alerts"]
            assert (alert["measure"], alert["on"], alert["value"]) == ("empty_facings", False, None)
            assert site.stop() == 0


def metrics(site: RunningSite) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
        return text
