"""People from straight above: found where they are, counted as they cross, and nothing else counted."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.core.counting import LineCounter
from passerby.core.geometry import Line
from passerby.core.observations import Detections, Direction
from passerby.core.tracking import RULES, Tracker
from passerby.pixels.background import is_ghost
from passerby.pixels.frames import Scaler
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.personsize import Blob, PersonSize
from tests.support.overhead_scenes import Scene, SceneKind

FPS = 8.0
SIDE_PX = 16
FLOOR = np.random.default_rng(7).integers(90, 130, (120, 160, 1), dtype=np.uint8).repeat(3, axis=2)


def floor(gain: float = 1.0) -> NDArray[np.uint8]:
    picture: NDArray[np.uint8] = np.clip(FLOOR * gain, 0, 255).astype(np.uint8)
    return picture


def with_person(picture: NDArray[np.uint8], x: float, y: float, level: int = 220) -> NDArray[np.uint8]:
    """A disc of 22 pixels across, somebody in plain light clothes."""
    rows, columns = np.indices(picture.shape[:2])
    picture[(columns - x) ** 2 + (rows - y) ** 2 < 11**2] = level, level // 2, level // 3
    return picture


def seen(pictures: Iterator[NDArray[np.uint8]], detector: OverheadDetector, from_s: float = 0.0) -> list[Detections]:
    return [detector.detect(picture, from_s + i / FPS) for i, picture in enumerate(pictures)]


def walk(detector: OverheadDetector, from_s: float, x: float = 80.0) -> list[Detections]:
    return seen((with_person(floor(), x, y) for y in np.arange(-10.0, 132.0, 4.0)), detector, from_s)


@pytest.fixture
def detector() -> OverheadDetector:
    """One that has seen the empty floor for four seconds."""
    detector = OverheadDetector()
    seen((floor() for _ in range(32)), detector)
    return detector


def test_nobody_is_found_on_an_empty_floor(detector: OverheadDetector) -> None:
    assert detector.ready
    assert all(len(found) == 0 for found in seen((floor() for _ in range(16)), detector, 4.0))


def test_before_the_scene_is_known_the_detector_says_so() -> None:
    detector = OverheadDetector()
    assert not detector.ready
    detector.detect(floor(), 0.0)
    assert not detector.ready


def test_a_walker_is_found_where_they_are(detector: OverheadDetector) -> None:
    looks = walk(detector, 4.0)
    inside = looks[7:-7]
    assert all(len(found) == 1 for found in inside)
    middles = np.array([(found.boxes_px[0, :2] + found.boxes_px[0, 2:]) / 2 for found in inside])
    np.testing.assert_allclose(middles[:, 0], 80.5, atol=1.5)
    np.testing.assert_allclose(middles[:, 1], np.arange(-10.0, 132.0, 4.0)[7:-7] + 0.5, atol=1.5)


def test_the_size_of_a_person_is_learnt_and_sets_the_boxes(detector: OverheadDetector) -> None:
    for number in range(4):
        looks = walk(detector, 4.0 + 6 * number)
    side_px = detector.person_px or 0.0
    assert side_px == pytest.approx(np.sqrt(np.pi) * 11, rel=0.2)
    box = looks[15].boxes_px[0]
    assert box[2] - box[0] == pytest.approx(1.8 * side_px, rel=0.1)


def test_two_who_touch_are_two_once_the_size_is_known(detector: OverheadDetector) -> None:
    for number in range(4):
        walk(detector, 4.0 + 6 * number)
    together = (with_person(with_person(floor(), 70, y), 91, y) for y in np.arange(-10.0, 132.0, 4.0))
    looks = seen(together, detector, 30.0)
    assert [len(found) for found in looks[8:-8]] == [2] * len(looks[8:-8])


@pytest.mark.parametrize("gain", [0.8, 1.25])
def test_a_change_of_exposure_is_nobody(detector: OverheadDetector, gain: float) -> None:
    assert all(len(found) == 0 for found in seen((floor(gain) for _ in range(16)), detector, 4.0))


def test_a_shadow_is_nobody_and_dark_clothes_are_somebody(detector: OverheadDetector) -> None:
    shadow = floor()
    shadow[40:80, 60:100] = (shadow[40:80, 60:100] * 0.65).astype(np.uint8)
    assert len(detector.detect(shadow, 4.0)) == 0
    assert len(detector.detect(with_person(floor(), 80, 60, level=12), 4.125)) == 1


def test_who_stands_still_for_minutes_is_not_forgotten(detector: OverheadDetector) -> None:
    rng = np.random.default_rng(1)
    # Nobody stands like a post: once in a while they shift by a pixel.
    standing = (with_person(floor(), 80 + int(rng.integers(0, 2)) * (i % 40 == 0), 60) for i in range(8 * 240))
    looks = seen(standing, detector, 4.0)
    assert len(looks[-1]) == 1


def test_who_was_there_at_the_start_leaves_no_ghost() -> None:
    detector = OverheadDetector()
    seen((with_person(floor(), 80, 60) for _ in range(8)), detector)
    looks = seen((floor() for _ in range(40)), detector, 1.0)
    assert len(looks[-1]) == 0


def test_a_ghost_is_told_from_a_person() -> None:
    empty = floor().transpose(2, 0, 1).astype(np.float32)
    person = with_person(floor(), 80, 60).transpose(2, 0, 1).astype(np.float32)
    part = np.abs(person - empty).max(axis=0) > 30
    assert is_ghost(empty, person, part)
    assert not is_ghost(person, empty, part)


def test_fade_in_from_black_is_a_new_scene_and_nobody() -> None:
    detector = OverheadDetector()
    seen((floor(share) for share in np.linspace(0, 1, 8)), detector)
    assert all(len(found) == 0 for found in seen((floor() for _ in range(8)), detector, 1.0))


def test_a_picture_of_another_size_starts_anew(detector: OverheadDetector) -> None:
    assert len(detector.detect(floor()[:100, :140], 4.0)) == 0


def _stroll(size: PersonSize, area_px: float, from_s: float, aspect: float = 1.6) -> None:
    for step in range(10):
        size.update([Blob(np.array([50.0, 10.0 * step]), area_px, aspect, whole=True)], from_s + step / FPS)
    size.update([], from_s + 3.0)


def test_size_is_not_learnt_from_what_stays_nor_from_rows_of_people() -> None:
    size = PersonSize()
    for step in range(80):
        size.update([Blob(np.array([50.0, 50.0 + step % 3]), 300.0, 1.5, whole=True)], step / FPS)
    _stroll(size, 800.0, 12.0, aspect=3.6)
    assert size.area_px is None, "something was learnt"


def test_a_pair_of_feet_does_not_set_the_size() -> None:
    size = PersonSize()
    _stroll(size, 60.0, 0.0)
    _stroll(size, 400.0, 5.0)
    assert size.area_px == pytest.approx(400.0)
    unsure = PersonSize()
    _stroll(unsure, 60.0, 0.0)
    assert [size.sure, unsure.sure] == [False, False]
    for number in range(4):
        _stroll(size, 420.0, 10.0 + 5 * number)
    assert [size.sure, unsure.sure] == [True, False]
    assert size.area_px == pytest.approx(420.0)


def count(frames: Iterator[tuple[float, av.VideoFrame]], line: Line) -> dict[str, int]:
    detector = OverheadDetector()
    scaler, tracker, counter = Scaler(detector.size_px), Tracker(RULES["overhead"]), None
    counts = {"in": 0, "out": 0}
    for time_s, frame in frames:
        counter = counter or LineCounter(line, scaler.size_of(frame), "overhead")
        for crossing in counter.update(tracker.update(detector.detect(scaler.scale(frame), time_s))):
            counts["in" if crossing.direction is Direction.IN else "out"] += 1
    return counts


def test_made_up_doorways_are_counted() -> None:
    missed = wrong = total = 0
    for seed in (3, 5, 33):
        scene = Scene(seed, SceneKind(people=5, size=0.22, size_px=(240, 180), plain=True))
        frames = ((t, av.VideoFrame.from_ndarray(bgr, format="bgr24")) for t, bgr in scene.frames(FPS))
        counts = count(frames, Line("door", (1.0, 0.5), (0.0, 0.5)))
        total += sum(scene.truth.values())
        missed += sum(max(0, scene.truth[way] - counts[way]) for way in counts)
        wrong += sum(max(0, counts[way] - scene.truth[way]) for way in counts)
    assert total >= 8
    assert missed + wrong <= 0.2 * total, f"missed {missed}, wrong {wrong} of {total}"


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_the_doorway_clip_is_counted_at_any_rate(shared_data: Path, step: int) -> None:
    def frames() -> Iterator[tuple[float, av.VideoFrame]]:
        with av.open(str(shared_data / "video" / "overhead_doorway_footfall.mp4")) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number % step == 0:
                    yield number / 25, frame

    counts = count(frames(), Line("door", (1.0, 0.5), (40 / 240, 0.5)))
    assert abs(counts["in"] - 2) + abs(counts["out"] - 2) <= 1


REHEARSED = """
import sys
import numpy as np
from passerby.pixels.overhead import OverheadDetector
OverheadDetector().detect(np.full((120, 160, 3), 114, np.uint8), 0.0)
before = set(sys.modules)
detector = OverheadDetector()
for i in range(360):
    picture = np.full((120, 160, 3), 114, np.uint8)
    y = (i * 5) % 150 - 15
    picture[max(0, y):max(0, y + 20), 50:80] = 240
    if i > 180:
        picture[max(0, y):max(0, y + 20), 82:112] = 20
    detector.detect(picture, i / 8)
assert detector.person_px
print(*sorted(set(sys.modules) - before))
"""


def test_nothing_is_imported_after_the_rehearsal() -> None:
    late = subprocess.run([sys.executable, "-c", REHEARSED], capture_output=True, text=True, check=True).stdout.split()
    assert late == []
