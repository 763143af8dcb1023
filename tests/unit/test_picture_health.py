"""Dark, bright, blurred, covered, without colour, frozen: told of made pictures, each by its own fault and no other."""

from collections.abc import Callable

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from passerby.core.geometry import Zone
from passerby.gate.audit_contract import PictureFacts
from passerby.gate.audit_figures import Figures
from passerby.gate.messages import CameraPlan, HealthFigure
from passerby.pixels.edge_slopes import BLURRED
from passerby.pixels.frozen import Frozen
from passerby.pixels.line_heights import LineHeights
from passerby.pixels.picture_health import LOOK_EVERY_S, PictureHealth

Floats = NDArray[np.float64]
WALL = Zone("mask", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))


def scene(rows: int = 288, columns: int = 512) -> Floats:
    """Coloured furniture with sharp edges."""
    rng = np.random.default_rng(5)
    picture = np.full((rows, columns, 3), 120.0)
    for _ in range(90):
        y, x = rng.integers(0, rows - 20), rng.integers(0, columns - 20)
        picture[y : y + rng.integers(12, 70), x : x + rng.integers(12, 70)] = rng.integers(50, 210, 3)
    return picture


def blurred(picture: Floats, sigma: float = 1.5) -> Floats:
    reach = int(3 * sigma) + 1
    weights = np.exp(-np.square(np.arange(-reach, reach + 1)) / (2 * sigma**2))
    for axis in (0, 1):
        picture = sum(
            weight * np.roll(picture, shift, axis)
            for weight, shift in zip(weights / weights.sum(), range(-reach, reach + 1), strict=True)
        )
    return picture


def covered(picture: Floats) -> Floats:
    return np.full_like(picture, 90.0) + np.linspace(0, 60, picture.shape[1])[None, :, None]


def facts(change: Callable[[Floats], Floats], looks: int = 3, blanked: tuple[Zone, ...] = ()) -> PictureFacts:
    """What three looks at a changed scene tell."""
    health, figures, rng = PictureHealth(blanked), Figures(CameraPlan("door")), np.random.default_rng(1)
    for look in range(looks):
        noisy = change(scene()) + rng.normal(0, 2, (288, 512, 3))
        rgb = np.clip(noisy, 0, 255).astype(np.uint8)
        bgr = np.ascontiguousarray(rgb[:, :, ::-1])
        health.look(VideoFrame.from_ndarray(rgb, format="rgb24"), bgr, look * LOOK_EVERY_S)
    for figure, value in health.figures().items():
        figures.take(figure, value)
    return figures.facts().picture


def test_a_good_picture_has_no_fault() -> None:
    told = facts(lambda picture: picture)
    assert (told.dark, told.bright, told.covered, told.night) == (0.0, 0.0, False, False)
    assert told.sharpness is not None
    assert told.sharpness > 1.3 * BLURRED


def test_a_blurred_one_is_only_blurred() -> None:
    told = facts(blurred)
    assert (told.dark, told.bright, told.covered, told.night) == (0.0, 0.0, False, False)
    assert told.sharpness is not None
    assert told.sharpness < BLURRED


def test_a_dark_one_is_only_dark_and_a_burnt_out_one_only_bright() -> None:
    dark, bright = facts(lambda picture: picture * 0.1), facts(lambda picture: picture * 6)
    assert dark.dark == 1.0
    assert (dark.bright, dark.covered, dark.night, dark.sharpness) == (0.0, False, None, None)
    assert bright.bright is not None
    assert bright.bright > 0.5
    assert (bright.dark, bright.covered) == (0.0, False)


def test_a_covered_one_is_only_covered_and_one_without_colour_only_that() -> None:
    hidden, grey = facts(covered), facts(lambda picture: picture.mean(axis=2, keepdims=True).repeat(3, axis=2))
    assert (hidden.covered, hidden.dark, hidden.bright, hidden.night) == (True, 0.0, 0.0, None)
    assert (grey.night, grey.covered, grey.dark) == (True, False, 0.0)
    assert grey.sharpness is not None
    assert grey.sharpness > BLURRED


def test_nothing_is_told_before_the_third_look_nor_of_what_is_blanked() -> None:
    assert facts(lambda picture: picture, looks=2) == PictureFacts()

    def half_dark(picture: Floats) -> Floats:
        picture[:, :256] = 0
        return picture

    assert facts(half_dark, blanked=(WALL,)).dark == 0.0
    assert facts(half_dark).dark == 0.5


def test_a_cover_over_most_of_a_known_view_is_told_and_its_end_too() -> None:
    health = PictureHealth()
    bgr = scene().astype(np.uint8)
    part = bgr.copy()
    part[:, 80:] = 110
    frame, time_s, told = VideoFrame.from_ndarray(bgr, format="rgb24"), 0.0, []
    for picture in [bgr] * 20 + [part] * 30 + [bgr] * 3:
        health.look(frame, picture, time_s)
        time_s += LOOK_EVERY_S
        told.append(health.figures().get(HealthFigure.COVERED))
    assert told[:2] == [None, None]
    assert told[2:21] == [0] * 19
    assert set(told[22:51]) == {1}
    assert told[-1] == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 70), st.integers(2, 70), st.integers(0, 255), st.integers(0, 255))
def test_pictures_of_any_size_and_light_are_measured(rows: int, columns: int, light: int, contrast: int) -> None:
    rng = np.random.default_rng(rows)
    rgb = np.clip(light + rng.normal(0, contrast, (rows, columns, 3)), 0, 255).astype(np.uint8)
    seen = PictureHealth().measure(lambda: rgb[..., 0], rgb)
    assert 0 <= seen.dark <= 1
    assert 0 <= seen.bright <= 1
    assert seen.sharpness is None or 0 <= seen.sharpness <= 1


def key(seed: int) -> VideoFrame:
    return VideoFrame.from_ndarray(picture_of(seed), format="gray")


def picture_of(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 255, (240, 320), np.uint8)


def test_a_camera_that_repeats_its_key_frames_is_frozen_and_one_that_lives_is_not() -> None:
    frozen = Frozen()
    for second in range(0, 60, 2):
        frozen.key(key(second), float(second))
        assert frozen.seconds(float(second)) == 0
    # A fixed bit rate: now and then it is coded otherwise.
    for second in range(60, 120, 2):
        frozen.key(key(second if second % 10 == 0 else 1), float(second))
    assert frozen.seconds(120.0) > 40
    assert frozen.seconds(120.0) < 62
    for second in range(120, 136, 2):
        frozen.key(key(second), float(second))
    assert frozen.seconds(136.0) == 0


def test_a_recording_in_a_loop_is_not_frozen() -> None:
    frozen = Frozen()
    for second in range(60):
        frozen.key(key(second % 4), float(second))
        assert frozen.seconds(float(second)) == 0


def test_a_hanging_picture_may_be_coded_a_little_otherwise_each_time() -> None:
    frozen, rng = Frozen(), np.random.default_rng(0)
    for second in range(0, 30, 2):
        picture = picture_of(1)
        picture[rng.random(picture.shape) < 0.01] += 1
        frozen.key(VideoFrame.from_ndarray(picture, format="gray"), float(second))
    assert frozen.seconds(28.0) == 28


def test_a_noiseless_scene_in_which_something_small_moves_is_not_frozen() -> None:
    frozen = Frozen()
    for second in range(0, 30, 2):
        picture = picture_of(1)
        picture[100:116, 4 * second : 4 * second + 10] = 200
        frozen.key(VideoFrame.from_ndarray(picture, format="gray"), float(second))
        assert frozen.seconds(float(second)) == 0


@pytest.mark.parametrize("light", [0, 10, 250])
def test_what_is_clipped_tells_nothing(light: int) -> None:
    frozen = Frozen()
    for second in range(0, 30, 2):
        frozen.key(VideoFrame.from_ndarray(np.full((240, 320), light, np.uint8), format="gray"), float(second))
    assert frozen.seconds(28.0) == 0


@pytest.mark.parametrize("noise", [0.25, 0.5, 1.0])
def test_a_living_sensor_before_a_still_scene_is_not_frozen(noise: float) -> None:
    frozen, rng = Frozen(), np.random.default_rng(0)
    scene = gaussian_filter(rng.normal(120, 400, (240, 320)), 4)
    for second in range(0, 30, 2):
        seen = np.clip(np.rint(scene + rng.normal(0, noise, scene.shape)), 0, 255).astype(np.uint8)
        frozen.key(VideoFrame.from_ndarray(seen, format="gray"), float(second))
        assert frozen.seconds(float(second)) == 0


@pytest.mark.parametrize(("people", "told"), [(29, False), (30, True)])
def test_heights_are_told_of_ten_people_and_more(people: int, told: bool) -> None:
    heights = LineHeights()
    for n in range(people):
        heights.add(80.0 + 20 * n, float(n))
    assert bool(heights.figures()) is told


def test_heights_are_a_low_and_a_middle_one_and_old_ones_fade() -> None:
    heights = LineHeights()
    for n in range(100):
        heights.add(100.0 + n, 0.0)
    known = heights.figures()
    steps = [known[of] for of in (HealthFigure.LINE_PEOPLE, HealthFigure.LINE_LOW_PX, HealthFigure.LINE_MEDIAN_PX)]
    assert steps == [10, pytest.approx(110 / 4, abs=1), pytest.approx(150 / 4, abs=1)]
    heights.add(400.0, 30 * 3600.0)
    assert heights.figures() == {}
