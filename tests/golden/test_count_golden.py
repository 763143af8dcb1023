"""Real clips with known truth, through the program itself. `benchmarks/accuracy` has the table; this is its alarm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from passerby.gate import landlock, seccomp
from tests.support.program import passerby
from tests.support.rtsp_server import RtspServer, Serving

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)

KEYS = ["source", "seconds", "frames_read", "frames_analysed", "coverage", "lines", "zones", "model", "lockdown"]
# Turned so that "in" is from the left of the picture to its right, as the truth has it.
PLAZA = ("--line", "x560=560px,575px:560px,100px", "--line", "x300=300px,575px:300px,130px")
PLAZA_TRUTH = {"x560": {"in": 8, "out": 9}, "x300": {"in": 6, "out": 8}}
Server = Callable[[Serving], RtspServer]


def wrong(counted: dict[str, dict[str, int]], truth: dict[str, dict[str, int]]) -> dict[tuple[str, str], int]:
    """Counted less truth, of each line and direction."""
    return {(line, way): counted[line][way] - true for line, ways in truth.items() for way, true in ways.items()}


@pytest.fixture(scope="module")
def plaza(shared_data: Path) -> dict[str, Any]:
    """The pedestrian clip, counted as fast as it goes."""
    zone = "west=0px,0px:300px,0px:300px,575px:0px,575px"
    ran = passerby("count", shared_data / "video" / "vtest_part_a.mp4", *PLAZA, "--zone", zone, "--json")
    assert ran.status == 0, ran.err
    return ran.json


def test_pedestrians_are_counted_both_ways(plaza: dict[str, Any]) -> None:
    errors = wrong(plaza["lines"], PLAZA_TRUTH)
    assert all(abs(error) <= 2 for error in errors.values()), errors


def test_all_of_the_clip_was_seen(plaza: dict[str, Any]) -> None:
    assert plaza["coverage"] > 0.98
    assert (plaza["frames_read"], plaza["seconds"]) == (400, pytest.approx(40, abs=0.2))
    assert plaza["frames_analysed"] == pytest.approx(100, abs=2), "two and a half looks a second"


def test_the_keys_are_those_that_scripts_were_promised(plaza: dict[str, Any]) -> None:
    assert list(plaza) == [*KEYS, "warnings"]
    assert list(plaza["lines"]["x560"]) == ["in", "out"]
    assert list(plaza["zones"]["west"])[:2] == ["mean", "max"]
    assert list(plaza["model"]) == ["name", "licence", "sha256", "note"]
    assert list(plaza["lockdown"]) == ["landlock_abi", "seccomp"]
    assert plaza["model"]["name"] == "passerby-person"
    assert len(plaza["model"]["sha256"]) == 64
    assert plaza["lockdown"] == {"landlock_abi": landlock.abi(), "seccomp": True}
    assert plaza["warnings"] == []


def test_people_in_a_zone(plaza: dict[str, Any]) -> None:
    """People of the truth's tracks stand in the west of the picture: at most five at once."""
    west = plaza["zones"]["west"]
    assert 0 < west["mean"] < west["max"] <= 6


def test_a_live_camera_gives_the_counts_of_the_file(
    plaza: dict[str, Any], shared_data: Path, rtsp_server: Server
) -> None:
    """The same clip over RTSP at its own speed; a machine that cannot keep up sees less, and says so."""
    server = rtsp_server(Serving(shared_data / "video" / "vtest_part_a.mp4", loop=False, gop=10))
    ran = passerby("count", server.url, *PLAZA, "--json", timeout_s=170)
    assert ran.status == 0, ran.err
    live = ran.json
    if live["coverage"] < 0.97 or live["seconds"] < 38:
        pytest.skip(f"this machine is too busy to watch live: {live['seconds']} s, coverage {live['coverage']}")
    errors = wrong(live["lines"], plaza["lines"])
    assert all(abs(error) <= 1 for error in errors.values()), errors


def test_one_person_after_another(shared_data: Path) -> None:
    clip = shared_data / "video" / "one-by-one-person-detection.mp4"
    ran = passerby("count", clip, "--line", "line=600px,0px:600px,431px", "--json")
    assert ran.status == 0, ran.err
    assert ran.json["coverage"] > 0.98
    errors = wrong(ran.json["lines"], {"line": {"in": 0, "out": 6}})
    assert all(abs(error) <= 2 for error in errors.values()), errors
    assert ran.json["seconds"] == pytest.approx(139, abs=2)
