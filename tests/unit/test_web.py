"""The API on a real server: figures, filters, refusals, health, metrics, and who may ask."""

import csv
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from passerby.core.tallies import Measure, Tally
from passerby.errors import ConfigError
from passerby.records.serving import serve
from passerby.site.state import CameraStatus, SiteState
from passerby.site.store import Store
from passerby.site.web import create_app
from tests.browser import venue

NOON = 1_760_004_000


@dataclass
class Site:
    """A site that is served, and how a test turns it."""

    store: Store
    url: str
    state: SiteState

    def get(self, path: str, **headers: str) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            return client.get(self.url + path.lstrip("/"), headers=headers)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Store(tmp_path / "a.sqlite") as store:
        made = Site(store, "", venue.WELL)
        settings = replace(venue.SETTINGS, clock=lambda: NOON + 1800.0)
        with serve(create_app(store, lambda: made.state, settings), "127.0.0.1", 0) as made.url:
            store.add(
                [
                    Tally("entrance", Measure.CROSSINGS_IN, "Main door", NOON, 900, 30, 900),
                    Tally("entrance", Measure.CROSSINGS_IN, "Main door", NOON + 900, 900, 12, 450),
                    Tally("entrance", Measure.CROSSINGS_OUT, "Main door", NOON, 900, 7, 900),
                    Tally("entrance", Measure.PEOPLE, "Hall", NOON, 900, 1800, 900),
                    Tally("entrance", Measure.PEAK, "Hall", NOON, 900, 5, 900),
                    Tally("garden", Measure.CROSSINGS_IN, "Garden door", NOON, 900, 0, 0),
                ]
            )
            yield made


def test_a_tally_says_value_coverage_total_and_exposure(site: Site) -> None:
    answer = site.get("/api/v1/tallies?camera=entrance&measure=crossings_in").json()
    assert answer["truncated"] is False
    assert answer["tallies"][1] == {
        "camera": "entrance",
        "measure": "crossings_in",
        "subject": "Main door",
        "part": 0,
        "start_unix_s": NOON + 900,
        "start": "2025-10-09T12:15:00+02:00",
        "width_s": 900,
        "total": 12.0,
        "exposure": 450.0,
        "value": pytest.approx(12 / 450, abs=1e-6),
        "coverage": 0.5,
        "withheld": False,
        "unsafe": False,
    }


def test_what_was_not_seen_has_no_value(site: Site) -> None:
    (row,) = site.get("/api/v1/tallies?camera=garden").json()["tallies"]
    assert (row["value"], row["coverage"], row["total"]) == (None, 0.0, 0.0)


def test_mean_people_and_peak(site: Site) -> None:
    rows = {row["measure"]: row for row in site.get("/api/v1/tallies?subject=Hall").json()["tallies"]}
    assert rows["people"]["value"] == 2
    assert (rows["peak"]["total"], rows["peak"]["value"]) == (5, None)


def test_windows_are_merged(site: Site) -> None:
    rows = site.get("/api/v1/tallies?subject=Main%20door&measure=crossings_in&width_s=3600").json()["tallies"]
    assert [(row["total"], row["exposure"], row["width_s"]) for row in rows] == [(42, 1350, 3600)]


def test_moments_are_unix_seconds_or_iso(site: Site) -> None:
    by_number = site.get(f"/api/v1/tallies?since={NOON + 900}&until={NOON + 1800}").json()
    by_time = site.get("/api/v1/tallies?since=2025-10-09T12:15:00%2B02:00&until=2025-10-09T10:30:00Z").json()
    assert by_number == by_time
    assert len(by_number["tallies"]) == 1
    assert by_time == site.get("/api/v1/tallies?since=2025-10-09T12:15:00+02:00").json(), (
        "a plus sign that was not escaped"
    )


def test_the_default_is_today_in_the_sites_zone(site: Site) -> None:
    yesterday = Tally("entrance", Measure.CROSSINGS_IN, "Main door", NOON - 86_400, 900, 99, 900)
    site.store.add([yesterday])
    totals = [row["total"] for row in site.get("/api/v1/tallies").json()["tallies"]]
    assert 99 not in totals
    assert 99 in [row["total"] for row in site.get("/api/v1/tallies?since=0").json()["tallies"]]


def test_more_than_the_limit_is_said(site: Site) -> None:
    answer = site.get("/api/v1/tallies?limit=2").json()
    assert (len(answer["tallies"]), answer["truncated"]) == (2, True)


def test_csv_has_the_same_rows(site: Site) -> None:
    answer = site.get("/api/v1/tallies?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["start"] for row in rows] == [row["start"] for row in site.get("/api/v1/tallies").json()["tallies"]]
    assert {row["value"] for row in rows if row["camera"] == "garden"} == {""}


def test_csv_holds_no_formula(site: Site) -> None:
    site.store.add([Tally("=cmd()", Measure.PEAK, "@x", NOON, 900, 1, 900)])
    rows = list(csv.DictReader(site.get("/api/v1/tallies?format=csv").text.splitlines()))
    assert ("'=cmd()", "'@x") in {(row["camera"], row["subject"]) for row in rows}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("cmaera=x", "no such parameter; known here: since, until, width_s, camera, measure"),
        ("measure=faces", "crossings_in"),
        ("since=yesterday", "write Unix seconds, or a time such as"),
        ("since=2026-05-01T09:00:00", "the zone is missing"),
        ("since=2026-05-01T09:00:60", "the zone is missing"),
        ("since=2026-05-01T09:00:61Z", "write Unix seconds, or a time"),
        ("since=nan", "write Unix seconds, or a time"),
        ("since=-5", "greater than or equal to 0"),
        ("since=20&until=10", "until must be later than since"),
        ("width_s=7000", "width_s must divide a day"),
        ("width_s=abc", "valid integer"),
        ("limit=1000000", "less than or equal to 50000"),
        ("format=xml", "'json', 'csv' or 'parquet'"),
        ("camera=a&camera=b", "given twice"),
        ("camera=", "at least 1 character"),
    ],
)
def test_a_wrong_question_is_answered_in_words(site: Site, query: str, said: str) -> None:
    answer = site.get(f"/api/v1/tallies?{query}")
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["message"] == "the question was not understood"
    assert said in " ".join(problem["message"] for problem in error["problems"])


def test_the_state_says_all(site: Site) -> None:
    state = site.get("/api/v1/state").json()
    assert state["site"] == "Museum of Tides"
    assert state["cameras"][0]["status"] == "live"
    assert state["cameras"][0]["coverage"] == pytest.approx(3560 / 3600, abs=1e-4)
    lock = {
        "worker": "worker 1",
        "landlock_abi": 7,
        "seccomp": True,
        "restarts": 0,
        "bytes_out": 5760,
        "complete": True,
    }
    assert state["lockdown"] == [lock]
    assert state["models"][0]["licence"] == "Apache-2.0"


def test_health_is_200_only_while_all_is_well(site: Site) -> None:
    assert (site.get("/healthz").status_code, site.get("/healthz").json()["reasons"]) == (200, [])
    site.state = venue.unwell()
    answer = site.get("/healthz")
    assert answer.status_code == 503
    assert "camera garden cannot be counted: the camera did not answer" in "\n".join(answer.json()["reasons"])
    assert any("lock-down" in reason for reason in answer.json()["reasons"])


@pytest.mark.parametrize("status", [CameraStatus.CONNECTING, CameraStatus.STALLED, CameraStatus.FAILED])
def test_each_trouble_of_a_camera_is_unwell(site: Site, status: CameraStatus) -> None:
    site.state = replace(venue.WELL, cameras=(replace(venue.WELL.cameras[0], status=status),))
    assert site.get("/healthz").status_code == 503


def test_metrics_speak_prometheus(site: Site) -> None:
    text = site.get("/metrics").text
    at = 'site="Museum of Tides"'
    for line in (
        f'passerby_crossings_total{{camera="entrance",direction="in",line="Main door",{at}}} 42.0',
        f'passerby_person_seconds_total{{camera="entrance",{at},zone="Hall"}} 1800.0',
        f'passerby_observed_seconds_total{{camera="entrance",line="Main door",{at}}} 1350.0',
        f'passerby_camera_up{{camera="garden",{at}}} 1.0',
        f'passerby_camera_frames_analysed_total{{camera="garden",{at}}} 28800.0',
        f'passerby_lockdown_complete{{{at},worker="worker 1"}} 1.0',
        f"passerby_unsafe{{{at}}} 0.0",
    ):
        assert line in text.splitlines()


def test_metrics_go_on_counting(site: Site) -> None:
    site.get("/metrics")
    site.store.add([Tally("entrance", Measure.CROSSINGS_IN, "Main door", NOON + 1800, 900, 8, 900)])
    assert 'direction="in",line="Main door",site="Museum of Tides"} 50.0' in site.get("/metrics").text


@pytest.mark.parametrize("path", ["/api/docs", "/docs", "/redoc", "/nowhere"])
def test_nothing_else_is_served(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404
    assert site.get(path).json()["error"]["message"] == "Not Found"


def test_the_description_is_served_and_loads_nothing(site: Site) -> None:
    assert "/api/v1/tallies" in site.get("/api/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8765", 200),
        ("localhost", 200),
        ("192.168.1.7:8765", 200),
        ("[::1]:8765", 200),
        ("counting.example", 200),
        ("COUNTING.example.:8765", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_only_known_names_are_answered(site: Site, host: str, status: int) -> None:
    assert site.get("/api/v1/state", host=host).status_code == status


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example", 403), ("null", 403), ("", 403)])
def test_other_sites_are_refused(site: Site, origin: str, status: int) -> None:
    assert site.get("/api/v1/state", origin=origin).status_code == status
    assert site.get("/api/v1/state", origin=site.url.rstrip("/")).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/state", "/api/v1/tallies", "/healthz", "/metrics", "/nowhere"])
def test_headers_shut_browsers_in(site: Site, path: str) -> None:
    headers = site.get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


def test_nothing_can_be_written(site: Site) -> None:
    with httpx.Client(trust_env=False) as client:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert client.request(method, f"{site.url}api/v1/tallies").status_code == 405


def test_a_store_that_is_gone_is_said(site: Site) -> None:
    site.store.file.write_bytes(b"hello " * 4000)
    answer = site.get("/api/v1/tallies")
    assert answer.status_code == 503
    assert "the store" in answer.json()["error"]["message"]


def test_a_taken_port_is_said(site: Site) -> None:
    app = create_app(site.store, lambda: site.state, venue.SETTINGS)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} of 127.0.0.1 is taken"), serve(app, "127.0.0.1", port):
            pass
    with pytest.raises(ConfigError, match="not an address of this machine"), serve(app, "192.0.2.1", 0):
        pass


def test_the_server_ends_with_its_context(tmp_path: Path) -> None:
    with Store(tmp_path / "b.sqlite") as store:
        app = create_app(store, lambda: venue.WELL, venue.SETTINGS)
        others = set(threading.enumerate())
        with serve(app, "127.0.0.1", 0) as url:
            mine = set(threading.enumerate()) - others
            assert any(thread.name == "web" for thread in mine)
        assert not any(thread.is_alive() for thread in mine)
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, trust_env=False)
