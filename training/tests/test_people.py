"""Parts of the renderer of people that need no file of MakeHuman's."""

import numpy as np
import pytest

from masks.render.parts import Look
from persons.render.canvas import SQUARE, Lens
from persons.render.carry import block
from persons.render.clothes import islands
from persons.render.make import cropped
from persons.render.pose import Leg, Stance, bent, down, moves
from persons.render.rig import NAMES, NUMBER, on_head, skin

POINTS = np.random.default_rng(1).normal(0, 4, (50, 3))


@pytest.mark.parametrize("tilt_deg", [0, 35, 90])
def test_a_lens_and_its_projection_agree(tilt_deg: float) -> None:
    lens = Lens(np.array([0.0, 1.0, 0.0]), 40.0, np.radians(tilt_deg), 0.7)
    lens.fit(POINTS, 400)
    seen = np.c_[POINTS, np.ones(50)] @ lens.view.T
    ndc = seen[:, :2] / seen[:, 3:]
    assert np.allclose(lens.pixel(POINTS), (ndc * [0.5, -0.5] + 0.5) * SQUARE)
    assert np.ptp(lens.pixel(POINTS), axis=0).max() == pytest.approx(400)


def test_what_is_higher_is_higher_in_the_picture_until_the_camera_looks_straight_down() -> None:
    spots = np.array([[0.0, -8, 0], [0, 8, 0]])
    heights = []
    for tilt in (0.0, 0.8, 1.5):
        lens = Lens(np.zeros(3), 60.0, tilt, 2.0)
        lens.fit(np.concatenate([POINTS, spots]), 400)
        low, high = lens.pixel(spots)[:, 1]
        heights.append(low - high)
    assert heights[0] > heights[1] > heights[2] > 0


def test_pieces_that_share_no_vertex_are_islands() -> None:
    label = islands(np.array([[0, 1, 2], [2, 3, 4], [5, 6, 7]]), 8)
    assert label.tolist() == [0, 0, 0, 0, 0, 5, 5, 5]


def _joints() -> np.ndarray:
    joints = np.zeros((len(NAMES), 3))
    for side, sign in (("L", 1), ("R", -1)):
        arm = [(1.7, 5, 0), (3.1, 3.5, 0), (4.3, 2.5, 1.7)]
        leg = [(1.1, 0.5, 0), (1.5, -3.7, 0.3), (2, -7.4, 0)]
        names = ("upperarm", "lowerarm", "hand", "upperleg", "lowerleg", "foot")
        for name, place in zip(names, arm + leg, strict=True):
            joints[NUMBER[f"{name}.{side}"]] = np.array(place) * [sign, 1, 1]
    return joints


def test_limbs_point_where_the_stance_says() -> None:
    joints = _joints()
    legs = {side: Leg(30, 0, 50, 0, 0) for side in "LR"}
    found = moves(joints, Stance(legs, {"L": "hang", "R": "hang"}))
    weights = np.eye(len(NAMES))
    placed = skin(joints, weights, found)
    thigh = placed[NUMBER["lowerleg.L"]] - placed[NUMBER["upperleg.L"]]
    shin = placed[NUMBER["foot.L"]] - placed[NUMBER["lowerleg.L"]]
    assert np.allclose(thigh / np.linalg.norm(thigh), down(1, 30, 0))
    assert np.allclose(shin / np.linalg.norm(shin), bent(down(1, 30, 0), np.array([0, 0, -1.0]), 50))
    assert all(np.linalg.det(move[:, :3]) == pytest.approx(1) for move in found)


def test_what_hangs_from_the_head_follows_head_above_and_chest_below() -> None:
    weights = on_head(np.array([[0, 8.0, 0.5], [0, 5.0, 0.5]]))
    assert weights[0, NUMBER["head"]] == weights[1, NUMBER["chest"]] == 1


def test_a_block_has_its_size() -> None:
    part = block(np.array([1.0, 2, 3]), Look(np.ones(3), np.ones(3)), 0.3)
    assert np.allclose(np.ptp(part.points, axis=0), [1, 2, 3])


def test_a_sprite_is_cut_close_and_its_edge_keeps_its_colour() -> None:
    picture = np.zeros((SQUARE, SQUARE, 4), np.uint8)
    picture[101:201, 60:100] = (200, 100, 50, 1)
    sprite, shift = cropped(picture)
    assert sprite.shape == (51 + 4, 20 + 4, 4)
    assert shift.tolist() == [28, 48]
    assert sprite[2, 10].tolist() == [50, 100, 200, 128]
    assert sprite[0, 10, 3] == 0
