"""Telling that a camera was moved, on real recordings: silent as they are, told where the camera is turned."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from passerby.pixels.moved import Moved
from tests.support.moved import Picture, crowd, lit, looped, noisy, pictures_of, scaled, told_at, turned

CLIPS = [
    "caviar_EnterExitCrossingPaths1front.mpg",
    "caviar_OneLeaveShop1front.mpg",
    "caviar_OneLeaveShopReenter1front.mpg",
    "corridor_two_people_preview.gif",
    "one-by-one-person-detection.mp4",
    "overhead_doorway_footfall.mp4",
    "store_aisle_preview.gif",
    "vtest_part_a.mp4",
]
LIGHTS: dict[str, Callable[[list[Picture]], list[Picture]]] = {
    "as it is": lambda seen: seen,
    "half as bright": lambda seen: lit(seen, lambda level: 0.5 * level),
    "1.6 times as bright": lambda seen: lit(seen, lambda level: 1.6 * level),
    "gamma 0.5": lambda seen: lit(seen, lambda level: level**0.5),
    "gamma 2": lambda seen: lit(seen, lambda level: level**2),
    "noise": lambda seen: noisy(seen, 8),
    "a crowd": lambda seen: crowd(seen, 0.5),
}


@cache
def _pictures(clip: Path) -> list[Picture]:
    return pictures_of(clip)


@pytest.fixture(params=CLIPS)
def seen(request: pytest.FixtureRequest, shared_data: Path) -> list[Picture]:
    """Pictures of a recording, in its own size."""
    return _pictures(shared_data / "video" / request.param)


def width_of(seen: list[Picture]) -> int:
    """Width at which a camera is looked at: a square picture is that of the camera that looks straight down."""
    return 160 if seen[0].shape[0] == seen[0].shape[1] else 416


@pytest.mark.parametrize("light", LIGHTS)
def test_a_camera_that_stays_is_silent(seen: list[Picture], light: str) -> None:
    here = scaled(seen, width_of(seen))
    assert told_at(Moved(), [*looped(here, 6), *looped(LIGHTS[light](here), 12)]) == []


@pytest.mark.parametrize("share", [0.03, 0.06, 0.15])
def test_a_camera_that_is_turned_aside_is_told(seen: list[Picture], share: float) -> None:
    cut = round(share * seen[0].shape[1])
    before = scaled([one[:, :-cut] for one in seen], width_of(seen))
    after = scaled([one[:, cut:] for one in seen], width_of(seen))
    assert len(told_at(Moved(), [*looped(before, 6), *looped(after, 6)])) == 1


def test_a_camera_that_is_turned_down_is_told(seen: list[Picture]) -> None:
    cut = round(0.03 * seen[0].shape[1])
    before = scaled([one[:-cut] for one in seen], width_of(seen))
    after = scaled([one[cut:] for one in seen], width_of(seen))
    assert len(told_at(Moved(), [*looped(before, 6), *looped(after, 6)])) == 1


@pytest.mark.parametrize("degrees", [2, -2])
def test_a_camera_that_is_tilted_is_told(seen: list[Picture], degrees: float) -> None:
    here = scaled(seen, width_of(seen))
    tilted = [turned(one, degrees) for one in here]
    assert len(told_at(Moved(), [*looped(here, 6), *looped(tilted, 6)])) == 1
