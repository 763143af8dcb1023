"""The reader of the judge of masks that was left out: where it looks, and what it makes of what its network gives."""

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.masks.heads_judge import Head, HeadsJudge
from passerby.core.masks import Answer, Look
from passerby.errors import ModelError

Pixels = NDArray[np.uint8]
BOX = (100.0, 60.0, 140.0, 100.0)
STILL = (0.0, 0.0, 0.0)


def network(file: Path, shares: tuple[float, ...], place: tuple[float, ...], of_red: float = 0.0) -> Path:
    """A network that always gives these shares and this place, but moves `of_red` x the crop's mean red from unmasked
    to masked."""
    weights = np.zeros((3, len(shares)), np.float32)
    weights[0, :3:2] = of_red, -of_red
    constants = {
        "shares": np.array([shares], np.float32),
        "somewhere": np.array([place], np.float32),
        "weights": weights,
        "none": np.zeros((3, len(place)), np.float32),
    }
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["mean"]),
        helper.make_node("Gemm", ["mean", "weights", "shares"], ["answers"]),
        helper.make_node("Gemm", ["mean", "none", "somewhere"], ["place"]),
    ]
    outputs = [("answers", len(shares)), ("place", len(place))]
    graph = helper.make_graph(
        nodes,
        "stand-in",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, (1, 3, 96, 96))],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, count)) for name, count in outputs],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, file)
    return file


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> HeadsJudge:
    """With a network that sees masked faces where there is red, a little to the right and larger."""
    shares, place = (0.0, 0.0, 1.0, 0.0, 0.0), (0.3, 0.0, 0.2)
    return HeadsJudge(network(tmp_path_factory.mktemp("network") / "n.onnx", shares, place, 1.0))


def slope(width: int = 256, height: int = 200) -> Pixels:
    """Red rises by one from column to column."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 0] = np.arange(width)
    return rgb


def test_shares_are_of_faces_that_can_be_read(tmp_path: Path) -> None:
    head = HeadsJudge(network(tmp_path / "n.onnx", (0.4, 0.1, 0.3, 0.15, 0.05), STILL)).judge_head(slope(), BOX)
    assert head
    assert head.look.p_masked == pytest.approx(0.5, rel=0.02)
    assert head.p_wrong == pytest.approx(0.125, rel=0.02)
    assert head.look.score == pytest.approx(0.8, rel=0.02)
    assert head.look.face_px == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("shares", "seen"),
    [((0.3, 0.1, 0.05, 0.45, 0.1), True), ((0.25, 0.05, 0.05, 0.6, 0.05), False), ((0.2, 0.0, 0.1, 0.1, 0.6), True)],
)
def test_where_most_likely_no_face_is_nothing_is_told(tmp_path: Path, shares: tuple[float, ...], seen: bool) -> None:
    """A face that is too poor is told, with a low score: it was looked at."""
    assert (HeadsJudge(network(tmp_path / "n.onnx", shares, STILL)).judge_head(slope(), BOX) is not None) is seen


@pytest.mark.parametrize(
    ("place", "right", "larger"),
    [
        (STILL, 0.0, 1.0),
        ((0.5, -0.2, 0.2), 0.5, math.exp(0.2)),
        ((-0.3, 0.0, -0.4), -0.3, math.exp(-0.4)),
        ((2.0, 0.0, 3.0), 0.7, math.exp(0.5)),
        ((-2.0, 0.0, -3.0), -0.7, math.exp(-0.5)),
    ],
)
def test_the_second_look_goes_where_the_first_saw_the_face(
    tmp_path: Path, place: tuple[float, ...], right: float, larger: float
) -> None:
    """The middle of each crop is told by its red; the look is the mean of the two logarithms, renormalised."""
    head = HeadsJudge(network(tmp_path / "n.onnx", (0.0, 0.0, 1.0, 0.0, 0.0), place, 1.0)).judge_head(slope(), BOX)
    assert head
    first, second = 120 / 255, (120 + 40 * right) / 255
    masked, bare = math.sqrt(first * second), math.sqrt((1 - first) * (1 - second))
    assert head.look.p_masked == pytest.approx(masked / (masked + bare), abs=0.01)
    assert head.look.face_px == pytest.approx(40 * larger, rel=0.01)


def test_one_crop_that_rules_an_answer_out_leaves_numbers_that_can_be_used(tmp_path: Path) -> None:
    head = HeadsJudge(network(tmp_path / "n.onnx", (0.0, 0.0, 1.0, 0.0, 0.0), STILL)).judge_head(slope(), BOX)
    assert head
    assert 0 < head.look.p_masked < 1e-3
    assert head.look.score <= 1
    assert head.answer is Answer.UNMASKED


@pytest.mark.parametrize(
    ("p_masked", "p_wrong", "answer"),
    [
        (0.9, 0.05, Answer.MASKED),
        (0.84, 0.1, Answer.CANNOT_TELL),
        (0.05, 0.9, Answer.WORN_WRONGLY),
        (0.05, 0.05, Answer.UNMASKED),
        (0.02, 0.57, Answer.UNMASKED),
        (0.02, 0.6, Answer.WORN_WRONGLY),
        (0.0, 1.0, Answer.WORN_WRONGLY),
    ],
)
def test_masked_or_not_is_told_first(p_masked: float, p_wrong: float, answer: Answer) -> None:
    assert Head(Look(p_masked, 0.8, 12.0, 0.0), p_wrong).answer is answer


@pytest.mark.parametrize("weak", [Look(0.99, 0.79, 40.0), Look(0.01, 0.99, 11.9)], ids=["unsure", "small"])
def test_a_look_that_is_not_good_enough_cannot_be_told(weak: Look) -> None:
    assert Head(weak, 0.0).answer is Answer.CANNOT_TELL


@pytest.mark.parametrize(("shares", "place"), [((0.25,) * 4, STILL), ((0.2,) * 5, (0.0,) * 4)])
def test_a_network_with_other_outputs_is_refused(
    tmp_path: Path, shares: tuple[float, ...], place: tuple[float, ...]
) -> None:
    with pytest.raises(ModelError, match="five answers and a place"):
        HeadsJudge(network(tmp_path / "n.onnx", shares, place))


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "n.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"n\.onnx"):
        HeadsJudge(tmp_path / "n.onnx")


def test_a_box_outside_of_the_picture_shows_nobody(judge: HeadsJudge) -> None:
    rgb = slope()
    assert judge.judge_head(rgb, BOX)
    assert judge.judge_head(rgb, (257.0, 0.0, 307.0, 50.0)) is None
    assert judge.judge_head(rgb, (0.0, -60.0, 50.0, -10.0)) is None
    with pytest.raises(ValueError, match="no area"):
        judge.judge_head(rgb, (10.0, 10.0, 10.0, 10.0))


SIDES = st.floats(-300, 600)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 300), SIDES, SIDES, st.floats(0.5, 500))
def test_any_box_in_any_picture_gives_a_head_or_none(
    judge: HeadsJudge, seed: int, width: int, height: int, x: float, y: float, side: float
) -> None:
    """A `Look` refuses numbers out of their ranges by itself; nothing else may be raised."""
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    head = judge.judge_head(rgb, (x, y, x + side, y + side))
    assert head == judge.judge_head(rgb, (x, y, x + side, y + side)), "a look leaves nothing behind"
    if head:
        assert head.look.face_px == pytest.approx(side * math.exp(0.2), rel=0.01)
        assert head.look.p_masked + head.p_wrong <= 1 + 1e-9
