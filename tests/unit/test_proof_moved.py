"""A camera that was moved ends what is proved of its lines: in the store, in the log, and on the page."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from passerby.gate.faults import TEXTS
from passerby.gate.guard import Job, Settings
from passerby.gate.messages import CameraPlan, FaultCode, LinePlan
from passerby.gate.sources import parse
from passerby.site.count import Models
from passerby.site.figures import Settings as PageSettings
from passerby.site.journal import Action, Entry, Journal
from passerby.site.proof import HandWindow, MovedCameras, Proofs, provable_lines
from passerby.site.run import Wiring, open_site
from passerby.site.store import Store
from tests.support.source import ROOT

WIDTH_S = 900
START = int(time.time()) // WIDTH_S * WIDTH_S - 86_400
"""Yesterday: an open site forgets what is older than 13 months."""
LINE = LinePlan("door", (0.1, 0.5), (0.9, 0.5))
JOBS = [Job(CameraPlan(name, (LINE,)), parse(f"rtsp://camera.example/{name}")) for name in ("entrance", "shop")]
LINES = provable_lines(JOBS, None)


def ended(file: Path) -> list[Entry]:
    return [one for one in Journal(file).since(0) if one.action == Action.PROOF_EXPIRED]


def count_by_hand(file: Path) -> None:
    Proofs(file).add([HandWindow(line, START + n * WIDTH_S, WIDTH_S, "anna", 20, 10) for line in LINES for n in (0, 1)])


def left(file: Path) -> list[int]:
    """Windows that still count, of each line."""
    return [sum(one.fingerprint == line.fingerprint for one in Proofs(file).of(line)) for line in LINES]


def test_the_fault_ends_the_proof_of_that_camera_once(tmp_path: Path) -> None:
    # In a process of its own, as NiceGUI serves one application in a process.
    look = f"from tests.unit.test_proof_moved import site_with_a_moved_camera as site; site({str(tmp_path)!r})"
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def site_with_a_moved_camera(folder: str) -> None:
    """A whole site, one of whose cameras is told to have moved."""

    def asked(path: str) -> Any:
        with urllib.request.urlopen(f"{url.rstrip('/')}{path}", timeout=30) as answer:
            return json.load(answer)

    with Store(Path(folder) / "site.sqlite") as store:
        count_by_hand(store.file)
        page = PageSettings(tuple(job.plan for job in JOBS), WIDTH_S)
        wiring = Wiring("Venue", JOBS, Settings(), store, page, ("127.0.0.1", 0), Models(None))
        with open_site(wiring) as (watch, url):
            watch.fault("entrance", FaultCode.SIZE_CHANGED)
            assert left(store.file) == [2, 2]
            watch.fault("entrance", FaultCode.CAMERA_MOVED)
            assert left(store.file) == [0, 2]
            entrance, shop = asked("/api/v1/state")["cameras"]
            assert (entrance["fault"], shop["fault"]) == (TEXTS[FaultCode.CAMERA_MOVED], None)
        (entry,) = ended(store.file)
        assert (entry.account, entry.detail) == ("passerby", "entrance: the camera was moved or its view changed")
        assert abs(entry.moment_unix_s - time.time()) < 600


def test_what_the_store_does_not_take_is_ended_later(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite"
    cameras = MovedCameras(file)
    cameras.moved("entrance")
    with Store(file):
        count_by_hand(file)
        cameras.work()
        cameras.work()
        assert left(file) == [0, 2]
        assert len(ended(file)) == 1
