"""The judge with the real model: what it takes, that it answers right, and that nothing starts after it stands."""

import threading
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.core.masks import Answer, vote
from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.masks import MaskJudge, anchors
from passerby.pixels.sharpness import Sharpness
from passerby.site import models, voc

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Photograph:
    """A picture and its labelled faces."""

    rgb: Pixels
    faces: tuple[voc.Face, ...]


@pytest.fixture
def judge(shared_models: Path) -> MaskJudge:
    return MaskJudge(models.resolve_masks().plan)


@pytest.fixture(scope="module")
def photographs(shared_data: Path) -> list[Photograph]:
    found = []
    for picture in voc.find([shared_data / "mask"]).pictures[:20]:
        with av.open(str(picture.file)) as container:
            rgb = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8, copy=False)
        found.append(Photograph(rgb, picture.faces))
    return found


def answer(judge: MaskJudge, rgb: Pixels, box_px: tuple[float, float, float, float]) -> Answer:
    look = judge.judge_head(rgb, box_px)
    return vote([look] if look else [])


def test_the_anchors_are_those_that_the_model_was_trained_with() -> None:
    """Figures of the model's own `utils/anchor_generator.py`."""
    found = anchors()
    assert found.shape == (5972, 4)
    np.testing.assert_allclose(found[0], [0.5 / 33, 0.5 / 33, 0.04, 0.04])
    np.testing.assert_allclose(found[1], [0.5 / 33, 0.5 / 33, 0.056, 0.056])
    np.testing.assert_allclose(found[2], [0.5 / 33, 0.5 / 33, 0.04 * 0.62**0.5, 0.04 / 0.62**0.5])
    np.testing.assert_allclose(found[4, :2], [1.5 / 33, 0.5 / 33])
    np.testing.assert_allclose(found[-1], [2.5 / 3, 2.5 / 3, 0.64 * 0.42**0.5, 0.64 / 0.42**0.5])


def test_large_faces_are_judged_right(judge: MaskJudge, photographs: list[Photograph]) -> None:
    truth = {voc.WITH_MASK: Answer.MASKED, voc.WITHOUT_MASK: Answer.UNMASKED}
    right = asked = 0
    for one in photographs:
        for face in one.faces:
            if face.height_px < 24 or face.label not in truth:
                continue
            told = answer(judge, one.rgb, face.box_px)
            assert told in (truth[face.label], Answer.CANNOT_TELL)
            asked += 1
            right += told is truth[face.label]
    assert asked > 20
    assert right > 0.6 * asked


def test_small_faces_are_not_judged(judge: MaskJudge, photographs: list[Photograph]) -> None:
    small = [(one, face) for one in photographs for face in one.faces if face.height_px < 16]
    assert len(small) > 10
    told = [answer(judge, one.rgb, face.box_px) for one, face in small]
    assert told.count(Answer.CANNOT_TELL) >= 0.9 * len(told)


def test_where_there_is_no_face_it_cannot_be_told(judge: MaskJudge) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    for rgb in (np.full((300, 400, 3), 114, np.uint8), noise):
        assert answer(judge, rgb, (100.0, 100.0, 150.0, 150.0)) is Answer.CANNOT_TELL


def test_a_box_outside_of_the_picture_shows_nobody(judge: MaskJudge, photographs: list[Photograph]) -> None:
    rgb = photographs[0].rgb
    height, width = rgb.shape[:2]
    assert judge.judge_head(rgb, (width + 1.0, 0.0, width + 51.0, 50.0)) is None
    assert judge.judge_head(rgb, (0.0, -60.0, 50.0, -10.0)) is None
    judge.judge_head(rgb, (-40.0, -40.0, 10.0, 10.0))
    judge.judge_head(rgb, (0.0, 0.0, float(width), float(height)))
    with pytest.raises(ValueError, match="no area"):
        judge.judge_head(rgb, (10.0, 10.0, 10.0, 10.0))


def test_a_face_that_fills_a_large_picture_is_judged_too(judge: MaskJudge, photographs: list[Photograph]) -> None:
    one, face = max(((one, face) for one in photographs for face in one.faces), key=lambda pair: pair[1].height_px)
    told = answer(judge, one.rgb, face.box_px)
    assert told is not Answer.CANNOT_TELL
    times = 10
    large = one.rgb.repeat(times, axis=0).repeat(times, axis=1)
    x1, y1, x2, y2 = (side * times for side in face.box_px)
    assert answer(judge, large, (x1, y1, x2, y2)) is told


def test_nothing_starts_after_the_judge_stands(judge: MaskJudge, photographs: list[Photograph]) -> None:
    """The room is locked by then: no thread may start any more."""
    before = {task.name for task in Path("/proc/self/task").iterdir()}
    for face in photographs[0].faces:
        judge.judge_head(photographs[0].rgb, face.box_px)
    assert {task.name for task in Path("/proc/self/task").iterdir()} <= before
    assert threading.active_count() == len(threading.enumerate())


@pytest.mark.parametrize(("family", "size_px"), [("yolox", (260, 260)), ("aizoo", (416, 256))])
def test_a_plan_for_something_else_is_refused(family: str, size_px: tuple[int, int]) -> None:
    with pytest.raises(ModelError, match="family aizoo at 260x260"):
        MaskJudge(ModelPlan("some.onnx", family, *size_px, 0.02))


def test_a_model_of_persons_is_refused(shared_models: Path) -> None:
    with pytest.raises(ModelError, match="260x260"):
        MaskJudge(ModelPlan(str(shared_models / "yolox_nano_person_416x256.onnx"), "aizoo", 260, 260, 0.02))


def test_sharpness_asks_for_detail_and_not_for_pixels() -> None:
    random = np.random.default_rng(3)
    fine = random.integers(0, 256, (24, 24, 3), dtype=np.uint8)
    measure = Sharpness()
    sharp = measure.of(fine)
    soft = measure.of(
        np.kron(random.integers(0, 256, (4, 4)), np.ones((6, 6)))[..., None].repeat(3, 2).astype(np.uint8)
    )
    assert 0.5 < sharp <= 1
    assert soft < sharp / 2
    # The same detail on four times the pixels.
    assert measure.of(fine.repeat(2, axis=0).repeat(2, axis=1)) == pytest.approx(sharp, rel=0.1)
    assert measure.of(np.full((24, 24, 3), 90, np.uint8)) == 0
