"""What the types of the wire contract cannot say: layouts and standings."""

import hashlib
from typing import Any

import msgspec
import pytest

from passerby.records.wire.batches import (
    CameraStanding,
    Layout,
    PlaceName,
    PlaceStanding,
    ShelfStanding,
    Standing,
)
from passerby.records.wire.checking import digest_of, problem_of_layout, problem_of_standing
from tests.support.outboxes import LAYOUT, MINUTE, STRICT, standing

BAD_LAYOUTS: dict[str, dict[str, Any]] = {
    "the name of camera 0 is none": {"cameras": (" door", "hall")},
    "two cameras share a name": {"cameras": ("hall", "hall", "door")},
    "there is no such time zone": {"zone": "Asia/Nowhere"},
    "windows of 70 s do not divide an hour": {"window_s": 70},
    "place 0: there is no such camera": {"places": (PlaceName("roof", "x", "line"),)},
    "place 0: its name is none": {"places": (PlaceName("door", "=1+1", "line"),)},
    "place 0: the whole site has no name": {"places": (PlaceName("door", "", "site"),)},
    "place 0: lines, zones and shelves are of a camera, and places are of none": {
        "places": (PlaceName("", "x", "zone"),)
    },
    "two places share a name": {"places": (PlaceName("door", "x", "line"), PlaceName("door", "x", "zone"))},
}
BAD_STANDINGS = {
    "camera 0: there are 2 cameras": standing(cameras=(CameraStanding(2, 1, 1),)),
    "camera 0: there is no such check": standing(cameras=(CameraStanding(0, 1, 0, ("nice",)),)),
    "camera 0: its findings are not in the order of the checks": standing(
        cameras=(CameraStanding(0, 1, 0, ("dark", "codec")),)
    ),
    "camera 1: it has findings exactly when it does not conform": standing(
        cameras=(CameraStanding(0, 1, 1), CameraStanding(1, 1, 0))
    ),
    "cameras and places do not stand in the order of the layout": standing(
        cameras=(CameraStanding(1, 1, 1), CameraStanding(0, 1, 1))
    ),
    "place 0: it is no place": standing(places=(PlaceStanding(0, 5, 0, MINUTE),)),
    "place 0: it is not as of the end of a window that is over": standing(
        places=(PlaceStanding(3, 5, 0, MINUTE + 60),)
    ),
    "shelf 0: it is no shelf": standing(shelves=(ShelfStanding(3, 5, 0, 0, 0),)),
    "shelf 0: its facings do not add up": standing(shelves=(ShelfStanding(2, 5, 2, 2, 2),)),
}


@pytest.mark.parametrize("words", BAD_LAYOUTS)
def test_a_layout_that_is_none(words: str) -> None:
    assert problem_of_layout(LAYOUT) is None
    changed: Layout = msgspec.structs.replace(LAYOUT, **BAD_LAYOUTS[words])
    assert problem_of_layout(changed) == words


@pytest.mark.parametrize("words", BAD_STANDINGS)
def test_a_standing_that_contradicts_itself(words: str) -> None:
    assert problem_of_standing(BAD_STANDINGS[words], LAYOUT) == words


def test_strict_has_the_whole_site_alone_and_tells_of_no_place() -> None:
    assert problem_of_layout(STRICT) is None
    assert problem_of_layout(msgspec.structs.replace(STRICT, window_s=600)) == (
        "profile strict sends windows of 1200, 1800, 3600 s, not of 600 s"
    )
    named = msgspec.structs.replace(STRICT, places=LAYOUT.places)
    assert problem_of_layout(named) == "profile strict sends the whole site alone"
    said: Standing = standing(layout=STRICT, cameras=(CameraStanding(0, 1, 1),))
    assert problem_of_standing(said, STRICT) is None
    places = msgspec.structs.replace(said, places=(PlaceStanding(0, 5, 0, MINUTE),))
    assert problem_of_standing(places, STRICT) == "profile strict tells neither occupancy nor shelves"


def test_a_digest_is_of_what_is_sent() -> None:
    assert digest_of(LAYOUT) == digest_of(msgspec.json.decode(msgspec.json.encode(LAYOUT), type=Layout))
    assert digest_of(LAYOUT) != digest_of(STRICT)
    text = '{"cameras":["door","hall"],"places":[["","","site"]],"zone":"","window_s":1200,"profile":"strict"}'
    assert digest_of(STRICT) == hashlib.sha256(text.encode()).hexdigest()
