"""Who is looked at when, and that all of it is forgotten."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from passerby.core.masks import Answer, Look
from passerby.core.observations import Tracks
from passerby.pixels.heads import FORGET_S, LOOKS, MaskWatch, Picture, face_of
from passerby.pixels.squares import Box

SIZE_PX = (416, 234)
NATIVE_PX = (1280, 720)
NEAR = (100.0, 20.0, 160.0, 200.0)
FAR = (300.0, 100.0, 310.0, 130.0)
GOOD = Look(0.99, 0.99, 50.0, 0.2)


@dataclass
class Judge:
    """Answers always the same, and remembers when and where it was asked."""

    look: Look | None = GOOD
    boxes: list[Box] = field(default_factory=list)

    def judge_head(self, picture: Picture, box_px: Box) -> Look | None:
        assert picture.shape[:2] == NATIVE_PX[::-1]
        self.boxes.append(box_px)
        return self.look


@dataclass
class Native:
    """The native picture, and how often it was asked for."""

    asked: int = 0

    def __call__(self) -> Picture:
        self.asked += 1
        return np.zeros((NATIVE_PX[1], NATIVE_PX[0], 3), np.uint8)


def tracks(time_s: float, **boxes: tuple[float, float, float, float]) -> Tracks:
    """Tracks by name: `_7=box` is track 7."""
    ids = np.array([int(name[1:]) for name in boxes], np.int32)
    places = np.array(list(boxes.values()), np.float32).reshape(-1, 4)
    return Tracks(ids, places, np.full(len(ids), 1.0, np.float32), places.copy(), time_s)


@pytest.mark.parametrize("fps", [2.0, 8.0, 25.0])
def test_once_a_second_and_five_times(fps: float) -> None:
    judge, native = Judge(), Native()
    watch = MaskWatch(judge)
    for frame in range(round(2.5 * fps)):
        watch.look(tracks(frame / fps, _1=NEAR), SIZE_PX, native)
    assert len(judge.boxes) == 3
    for frame in range(round(2.5 * fps), round(20 * fps)):
        watch.look(tracks(frame / fps, _1=NEAR), SIZE_PX, native)
    assert len(judge.boxes) == native.asked == LOOKS
    assert watch.vote(1) is Answer.MASKED


def test_the_head_is_found_in_native_pixels() -> None:
    judge = Judge()
    MaskWatch(judge).look(tracks(0.0, _1=NEAR), SIZE_PX, Native())
    (x1, y1, x2, y2) = judge.boxes[0]
    times = NATIVE_PX[0] / SIZE_PX[0]
    assert (x1 + x2) / 2 == pytest.approx(130 * times)
    assert NEAR[1] * times < y1 < y2 < (NEAR[1] + 0.25 * 180) * times


def test_who_is_far_away_is_not_looked_at_and_costs_no_picture() -> None:
    judge, native = Judge(), Native()
    watch = MaskWatch(judge)
    for frame in range(80):
        watch.look(tracks(frame / 8, _1=FAR), SIZE_PX, native)
    assert judge.boxes == []
    assert native.asked == 1  # which told the native size
    assert watch.vote(1) is Answer.CANNOT_TELL


def test_looks_from_afar_do_not_use_up_all_five() -> None:
    """Who approaches is judged when near."""
    judge = Judge(look=Look(0.01, 0.99, 12.0, 0.2))
    watch = MaskWatch(judge)
    for second in range(8):
        watch.look(tracks(float(second), _1=NEAR), SIZE_PX, Native())
    judge.look = GOOD
    for second in range(8, 30):
        watch.look(tracks(float(second), _1=NEAR), SIZE_PX, Native())
    assert watch.vote(1) is Answer.MASKED


@pytest.mark.parametrize("nothing", [None, Look(0.99, 0.5, 50.0, 0.2)], ids=["no face", "back of a head"])
def test_who_shows_no_face_is_looked_at_ever_more_rarely_and_then_no_more(nothing: Look | None) -> None:
    judge = Judge(look=nothing)
    watch = MaskWatch(judge)
    asked = []
    for tenth in range(20000):
        before = len(judge.boxes)
        watch.look(tracks(tenth / 10, _1=NEAR), SIZE_PX, Native())
        if len(judge.boxes) > before:
            asked.append(tenth / 10)
    assert len(asked) == LOOKS
    assert np.diff(asked) == pytest.approx([1.0, 2.0, 4.0, 8.0], abs=0.11)
    assert watch.vote(1) is Answer.CANNOT_TELL


def test_two_people_in_one_frame_share_one_picture() -> None:
    judge, native = Judge(), Native()
    watch = MaskWatch(judge)
    watch.look(tracks(0.0, _1=NEAR, _2=(200.0, 20.0, 260.0, 200.0)), SIZE_PX, native)
    assert len(judge.boxes) == 2
    assert native.asked == 1


def test_a_track_is_forgotten_soon_after_it_was_last_seen() -> None:
    watch = MaskWatch(Judge())
    watch.look(tracks(0.0, _1=NEAR), SIZE_PX, Native())
    watch.look(tracks(FORGET_S - 0.1), SIZE_PX, Native())
    assert watch.vote(1) is Answer.MASKED
    watch.look(tracks(FORGET_S + 0.1), SIZE_PX, Native())
    assert len(watch) == 0
    assert watch.vote(1) is Answer.CANNOT_TELL


def test_a_track_can_be_forgotten_at_once_and_twice() -> None:
    watch = MaskWatch(Judge())
    watch.look(tracks(0.0, _1=NEAR), SIZE_PX, Native())
    watch.forget(1)
    watch.forget(1)
    assert len(watch) == 0


def test_the_face_of_a_standing_figure_and_of_a_bust() -> None:
    x1, y1, x2, y2 = face_of(np.array([0.0, 0.0, 60.0, 180.0]))
    assert x2 - x1 == pytest.approx(20.7, abs=0.1)
    assert y2 - y1 == pytest.approx(20.7, abs=0.1)
    assert (x1 + x2) / 2 == 30
    bust = face_of(np.array([0.0, 0.0, 300.0, 300.0]))
    assert bust[3] - bust[1] == pytest.approx(96)
    assert bust[3] < 200


@dataclass
class AnySize:
    """Remembers the boxes, and finds nobody."""

    boxes: list[Box] = field(default_factory=list)

    def judge_head(self, picture: Picture, box_px: Box) -> Look | None:
        self.boxes.append(box_px)
        return None


def test_a_new_native_size_is_taken_as_it_comes() -> None:
    """A source may go from 720p to 1080p in one scene, for the analysed frame stays the same."""
    judge = AnySize()
    watch = MaskWatch(judge)
    watch.look(tracks(0.0, _1=NEAR), SIZE_PX, lambda: np.zeros((720, 1280, 3), np.uint8))
    watch.look(tracks(1.0, _1=NEAR), SIZE_PX, lambda: np.zeros((1080, 1920, 3), np.uint8))
    assert judge.boxes[1][0] / judge.boxes[0][0] == pytest.approx(1.5)
