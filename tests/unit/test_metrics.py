"""Metrics as Prometheus reads them, and the dashboard that asks for them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from passerby.site.corrections import Corrections
from passerby.site.metrics import exposition
from passerby.site.metrics_cameras import cameras_exposition
from passerby.site.metrics_shelves import shelves_exposition
from passerby.site.occupancy import PlaceBoard
from passerby.site.pages.board import PageBoard
from passerby.site.state import CameraState, CameraStatus, HubState, LockdownState, OutputState, SiteState
from passerby.site.store import Store
from tests.support import checked, filled
from tests.support.published import PLACES
from tests.support.shelved import Shelved
from tests.support.source import ROOT

DASHBOARD = ROOT / "dashboards" / "grafana.json"
STATE = SiteState(
    "Museum of Tides",
    cameras=(
        CameraState("entrance", CameraStatus.LIVE, packets_dropped=7, decode_errors=3, frame_age_s=1.5),
        CameraState("shop", CameraStatus.CONNECTING),
    ),
    lockdown=(LockdownState("worker 1", 7, seccomp=True, bytes_out=2400),),
    outputs=(OutputState("MQTT", ok=False, problem="away"),),
    hub=HubState("https://hub.example", "away", waiting=3, oldest_unix_s=1_700_000_000, shed=2, bytes_sent=4711),
    checks=checked.checks(filled.NINE),
)
Samples = dict[str, list[tuple[dict[str, str], float]]]

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (scripts/system-packages.sh)"
)


@pytest.fixture
def text(tmp_path: Path) -> Iterator[str]:
    with Store(tmp_path / "a.sqlite") as store:
        store.add(list(filled.tallies()))
        yield exposed(store)


def exposed(store: Store, state: SiteState = STATE) -> str:
    settings = filled.settings()
    places = PlaceBoard(store, Corrections(store.file), PLACES, settings)
    own = exposition(store, lambda: state, settings, PageBoard(store, lambda: state, settings, places))()
    shelved = Shelved()
    shelved.minute(Crisps="eslss?", Nuts="ss")
    shelved.minute(Crisps="eesss?")
    shelves = shelves_exposition(state.site, shelved.now(), shelved.now_unix_s + 15)
    return (own + shelves + cameras_exposition(state.site, state.checks)).decode()


def samples(text: str) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def value(text: str, name: str, **labels: str) -> float:
    (found,) = [told for known, told in samples(text)[name] if known == {"site": "Museum of Tides", **labels}]
    return found


def test_each_metric_says_what_it_is_of(text: str) -> None:
    assert value(text, "passerby_crossings_total", camera="entrance", line="Main door", direction="in") == 760
    assert value(text, "passerby_occupancy", place="Ground floor") == 160
    assert value(text, "passerby_occupancy", camera="entrance", zone="Hall") == 9
    judged = {"camera": "entrance", "line": "Main door"}
    people = {"masked": 24, "unmasked": 8, "worn_wrongly": 2, "cannot_tell": 6}
    for judgement, count in people.items():
        windows = 12  # the hour that ended just now is told a minute later
        assert value(text, "passerby_mask_judgements_total", **judged, judgement=judgement) == windows * count
    assert value(text, "passerby_camera_up", camera="entrance") == 1
    assert value(text, "passerby_camera_up", camera="shop") == 0
    assert value(text, "passerby_frame_age_seconds", camera="entrance") == 1.5
    assert value(text, "passerby_frames_dropped_total", camera="entrance", reason="behind") == 7
    assert value(text, "passerby_frames_dropped_total", camera="entrance", reason="undecodable") == 3
    assert value(text, "passerby_pixel_room_bytes_total", worker="worker 1") == 2400
    assert value(text, "passerby_output_up", output="MQTT") == 0
    assert value(text, "passerby_hub_up") == 0
    assert value(text, "passerby_outbox_batches") == 3
    assert value(text, "passerby_outbox_oldest_seconds") > 1_000_000
    assert value(text, "passerby_outbox_shed_total") == 2
    assert value(text, "passerby_hub_sent_bytes_total") == 4711
    assert len(samples(text)["passerby_frame_age_seconds"]) == 1, "no frame, no age"
    assert all(labels["site"] == "Museum of Tides" for told in samples(text).values() for labels, _ in told)


def test_cameras_as_devices_have_their_findings_and_figures(text: str) -> None:
    counts = {
        one: value(text, "passerby_camera_findings", camera="entrance", severity=one) for one in ("note", "critical")
    }
    assert counts == {"note": 1, "critical": 1}
    assert value(text, "passerby_camera_findings", camera="garden", severity="warning") == 0
    assert value(text, "passerby_camera_check_failed", camera="entrance", check="frozen") == 1
    assert len(samples(text)["passerby_camera_check_failed"]) == 3
    assert value(text, "passerby_camera_fps", camera="garden") == 20
    assert value(text, "passerby_camera_certificate_left_seconds", camera="garden", port="443") == 61 * 86_400
    assert value(text, "passerby_camera_clock_drift_seconds", camera="garden") == 3.2
    assert value(text, "passerby_audit_up") == 1
    away = replace(STATE.checks, cameras=STATE.checks.cameras[:1], problem="it ended")
    assert value(cameras_exposition(STATE.site, away).decode(), "passerby_audit_up") == 0


def test_shelves_have_their_facings_availability_and_longest_gap(text: str) -> None:
    crisps = {"camera": "shop", "shelf": "Crisps", "aisle": "Snacks"}
    states = ("stocked", "low", "empty", "cannot_see")
    assert [value(text, "passerby_shelf_facings", **crisps, state=one) for one in states] == [3, 0, 2, 1]
    assert value(text, "passerby_shelf_availability_ratio", **crisps) == pytest.approx(0.6)
    assert value(text, "passerby_shelf_longest_gap_seconds", **crisps) == 75
    assert value(text, "passerby_shelf_longest_gap_seconds", **crisps | {"shelf": "Nuts"}) == 0
    tea = {"camera": "entrance", "shelf": "Tea"}
    assert value(text, "passerby_shelf_facings", **tea, state="cannot_see") == 2
    told = samples(text)
    for name in ("passerby_shelf_availability_ratio", "passerby_shelf_longest_gap_seconds"):
        assert {labels["shelf"] for labels, _ in told[name]} == {"Crisps", "Nuts"}, "of tea nothing is known"


def test_counters_begin_at_zero_and_what_is_not_known_is_absent(tmp_path: Path) -> None:
    with Store(tmp_path / "b.sqlite") as store:
        text = exposed(store)
    assert value(text, "passerby_crossings_total", camera="entrance", line="Side door", direction="out") == 0
    assert [labels for labels, _ in samples(text)["passerby_occupancy"] if "zone" in labels] == [], "not seen yet"
    known = samples(text)["passerby_mask_judgements_total"]
    assert {told for _, told in known} == {0} and len(known) == 8


def test_the_site_alone_has_no_other_label(tmp_path: Path) -> None:
    with Store(tmp_path / "c.sqlite") as store:
        store.add(list(filled.decree(filled.NINE)))
        plans = tuple(type(plan)(plan.name) for plan in filled.PLANS)
        settings = replace(filled.settings(), plans=plans, site_only=True)
        board = PageBoard(store, lambda: STATE, settings)
        found = exposition(store, lambda: STATE, settings, board)().decode()
    assert value(found, "passerby_mask_judgements_total", judgement="masked") == 60
    assert value(found, "passerby_masks_asked_total") == 100
    assert "passerby_crossings_total" not in samples(found)


@needs_promtool
def test_prometheus_finds_nothing_wrong(text: str) -> None:
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def queries(node: Any) -> Iterator[str]:
    """All expressions of the dashboard, also those of its variables."""
    if isinstance(node, dict):
        for key, inner in node.items():
            if key in ("expr", "query", "definition") and isinstance(inner, str) and "passerby" in inner:
                yield inner
            else:
                yield from queries(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from queries(inner)


def test_the_dashboard_asks_for_what_there_is(text: str) -> None:
    found = samples(text)
    asked = list(queries(json.loads(DASHBOARD.read_text())))
    assert len(asked) > 12
    for query in asked:
        names = re.findall(r"passerby_\w+", query)
        assert names and [name for name in names if name not in found] == [], query
        labels = {label for name in names for known, _ in found[name] for label in known}
        labels |= {"zone"} if "mask" in query else set()  # zones may ask for masks too; here none does
        used = re.findall(r"(\w+)\s*=~?\s*\"", query)
        used += [one.strip() for group in re.findall(r"by \(([^)]*)\)", query) for one in group.split(",")]
        assert set(used) <= labels, query


def test_the_dashboard_is_one() -> None:
    board = json.loads(DASHBOARD.read_text())
    identifiers = [panel["id"] for panel in board["panels"]]
    assert len(set(identifiers)) == len(identifiers)
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= set(board)
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(set(places)) == len(places)
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in board["panels"] if panel["type"] != "row")


@needs_promtool
def test_prometheus_understands_each_query(tmp_path: Path) -> None:
    asked = [one for one in queries(json.loads(DASHBOARD.read_text())) if not one.startswith("label_values")]
    rules = [
        {"record": f"asked_{i}", "expr": re.sub(r"\$__\w+", "5m", one).replace("$site", ".*")}
        for i, one in enumerate(asked)
    ]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = subprocess.run(["promtool", "check", "rules", file], text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_every_metric_and_label_is_told_of(text: str) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    found = samples(text)
    labels = {label for told in found.values() for known, _ in told for label in known} - {"le", "version"}
    assert [label for label in labels if f"`{label}`" not in page] == []
    named = set(re.findall(r"passerby_\w+", page)) - {"passerby_"}
    families = {family.name for family in text_string_to_metric_families(text)}
    assert [name for name in named if name not in found and name not in families] == []
