"""The people-free still, from scenes of which it is known what is empty and who stands where."""

from collections.abc import Callable

import numpy as np
import pytest
from av.video.frame import VideoFrame

from passerby.core.geometry import Zone
from passerby.pixels.blanking import GREY, PrivacyMasks
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.still import LOOKS, Boxes, Mask, Picture, StillMaker
from passerby.pixels.watching import MovementFinder, Watch

SIZE = (64, 48)
FIGURE = np.array([250, 20, 240])
NOBODY: Boxes = np.zeros((0, 4))


def empty(seed: int = 0) -> Picture:
    """A room: a floor, a door, and the noise of one look."""
    rng = np.random.default_rng(seed)
    picture = np.full((SIZE[1], SIZE[0], 3), 90.0)
    picture[:20] = 150
    picture[5:30, 40:50] = (60, 110, 40)
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)


def with_figure(x: int, seed: int = 0) -> tuple[Picture, Boxes]:
    """The room with somebody in it, and their box."""
    picture = empty(seed)
    picture[12:40, x : x + 10] = FIGURE
    return picture, np.array([[x, 12.0, x + 10, 40]])


def still_of(look: Callable[[int], tuple[Picture, Boxes]], looks: int = LOOKS) -> Picture:
    maker = StillMaker(SIZE)
    for number in range(looks):
        picture, boxes = look(number)
        maker.look(picture, number / 3, boxes)
    return maker.make()


def shown(still: Picture) -> Mask:
    """Where it is not grey, (h, w)."""
    visible: Mask = (still != GREY).any(axis=2)
    return visible


def looks_like_the_figure(still: Picture) -> bool:
    return bool((np.abs(still.astype(int) - FIGURE).max(axis=2) < 60).any())


def test_an_empty_room_is_shown_whole() -> None:
    still = still_of(lambda number: (empty(number), NOBODY))
    assert shown(still).mean() > 0.99
    assert np.abs(still.astype(int) - empty().astype(int)).mean() < 4


def test_who_walks_through_and_is_found_leaves_nothing() -> None:
    still = still_of(lambda number: with_figure(number * 9 % 54, number))
    assert not looks_like_the_figure(still)
    assert shown(still).mean() > 0.5


def test_who_walks_through_and_is_missed_leaves_nothing() -> None:
    still = still_of(lambda number: (with_figure(number * 5 % 54, number)[0], NOBODY))
    assert not looks_like_the_figure(still)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_who_stands_for_part_of_the_time_and_is_missed_does_not_ghost(share: float) -> None:
    """Nobody finds them: what is seen there changes, so it is not shown."""
    still = still_of(lambda number: (with_figure(20, number)[0] if number < share * LOOKS else empty(number), NOBODY))
    assert not looks_like_the_figure(still)
    assert not shown(still)[14:38, 21:29].any()


@pytest.mark.parametrize("every", [2, 7, 59])
def test_who_stands_all_the_time_and_is_found_now_and_then_is_not_shown(every: int) -> None:
    def look(number: int) -> tuple[Picture, Boxes]:
        picture, box = with_figure(20, number)
        return picture, box if number % every == 1 else NOBODY

    still = still_of(look)
    assert not looks_like_the_figure(still)
    assert not shown(still)[12:40, 20:30].any()
    assert shown(still)[:, 45:].all(), "the rest of the room is"


def test_a_box_is_grown_over_what_it_cut_off() -> None:
    """Feet, hair and the shadow below lie outside of a box that is a little too small."""

    def look(number: int) -> tuple[Picture, Boxes]:
        picture, box = with_figure(20, number)
        return picture, box + np.array([2, 3, -2, -5])

    assert not looks_like_the_figure(still_of(look))


def test_a_place_that_was_seen_only_at_the_end_is_not_shown() -> None:
    """A third of all looks is not enough when they are all of one moment: somebody may have sat down in it."""
    still = still_of(lambda number: with_figure(20, number) if number < 0.65 * LOOKS else (empty(number), NOBODY))
    assert not shown(still)[14:38, 21:29].any()


def test_an_iris_that_opens_blanks_nothing() -> None:
    def look(number: int) -> tuple[Picture, Boxes]:
        light = 1.0 if number < LOOKS / 2 else 1.25
        return np.clip(empty(number) * light, 0, 255).astype(np.uint8), NOBODY

    assert shown(still_of(look)).mean() > 0.97


def test_its_memory_is_bounded() -> None:
    maker = StillMaker(SIZE)
    for number in range(3 * LOOKS):
        maker.look(empty(number), number / 3, NOBODY)
    assert len(maker) == LOOKS


class Blind:
    """Finds nobody, but somebody in each still."""

    size_px = (64, 48)
    looks_per_s = 3.0

    def __init__(self, left: int = 0) -> None:
        self.asked = 0
        self._left = left

    def find(self, bgr: Picture, time_s: float) -> tuple[Boxes, None]:
        return NOBODY, None

    def left(self, bgr: Picture, /) -> Boxes:
        self.asked += 1
        return np.array([[10.0, 10, 20, 30]]) if self.asked <= self._left else NOBODY


def frame(picture: Picture) -> VideoFrame:
    return VideoFrame.from_ndarray(picture, format="rgb24")


def watched(watch: Watch, looks: int = LOOKS, per_s: float = 3.0) -> Picture | None:
    for number in range(looks):
        watch.look(frame(empty(number)), number / per_s, 1 / per_s)
    return watch.still()


def test_who_is_found_in_the_still_itself_is_blanked() -> None:
    still = watched(Watch(Blind(left=1), 20, PrivacyMasks(())))
    assert still is not None
    assert not shown(still)[10:30, 10:20].any()
    assert 0.5 < shown(still).mean() < 1


def test_a_still_in_which_somebody_is_found_again_and_again_is_all_grey() -> None:
    still = watched(Watch(Blind(left=1000), 20, PrivacyMasks(())))
    assert still is not None
    assert not shown(still).any()


def test_privacy_masks_are_blanked() -> None:
    mask = Zone("privacy mask", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
    still = watched(Watch(Blind(), 20, PrivacyMasks((mask,))))
    assert still is not None
    assert not shown(still)[:, still.shape[1] // 2 :].any()
    assert shown(still)[:, : still.shape[1] // 2 - 2].mean() > 0.9


@pytest.mark.parametrize(("looks", "per_s"), [(10, 1.0), (25, 3.0)], ids=["few looks", "short"])
def test_of_too_little_no_still_is_made(looks: int, per_s: float) -> None:
    assert watched(Watch(Blind(), 20, PrivacyMasks(())), looks, per_s) is None


def test_it_is_done_when_enough_was_seen_and_forgets() -> None:
    watch = Watch(Blind(), 20, PrivacyMasks(()))
    done = [watch.done]
    assert watched(watch) is not None
    done.append(watch.done)
    assert done == [False, True]
    watch.forget()
    assert watch.still() is None


def test_the_still_is_of_reduced_resolution() -> None:
    watch = Watch(Blind(), 20, PrivacyMasks(()))
    large = np.full((1080, 1920, 3), 90, np.uint8)
    for number in range(LOOKS):
        watch.look(frame(large), number / 3, 1 / 3)
    still = watch.still()
    assert still is not None
    assert still.shape == (144, 256, 3)


def test_from_above_what_moves_is_not_shown_and_nothing_before_the_scene_is_known() -> None:
    finder = MovementFinder(OverheadDetector())
    bgr = np.full((120, 160, 3), 90, np.uint8)
    assert finder.find(bgr.copy(), 0.0) is None
    for number in range(1, 40):
        found = finder.find(bgr.copy(), number / 8)
    assert found is not None
    assert found[1] is not None
    assert not found[1].any()
    bgr[40:80, 60:100] = 220
    found = finder.find(bgr, 5.0)
    assert found is not None
    assert found[1] is not None
    assert found[1][38:82, 58:102].all()
