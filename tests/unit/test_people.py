"""The person detector: what it does with frames, what it refuses, and that it talks to nobody."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from shutil import which

import av
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.errors import ModelError
from passerby.gate.messages import ModelPlan
from passerby.pixels.people import FAMILIES, PersonDetector, _grid, non_maximum_suppression
from passerby.pixels.selftest import check
from passerby.pixels.selftest_picture import EXPECTED, picture


@pytest.fixture
def plan(shared_models: Path) -> ModelPlan:
    return ModelPlan(str(shared_models / "yolox_nano_person_416x256.onnx"), "yolox", 416, 256, 0.1)


@pytest.fixture
def detector(plan: ModelPlan) -> PersonDetector:
    return PersonDetector(plan)


def test_the_drawn_people_are_found_where_they_stand(detector: PersonDetector) -> None:
    found = detector.detect(picture(), 1.5)
    assert found.time_s == 1.5
    sure = found.boxes_px[found.scores >= detector.confident]
    assert len(sure) == EXPECTED
    feet = sorted((float(x1 + x2) / 2 / 416, float(y2) / 256) for x1, _, x2, y2 in sure)
    np.testing.assert_allclose(feet, [(0.20, 0.90), (0.50, 0.86), (0.80, 0.93)], atol=0.04)
    assert (np.diff(found.scores) <= 0).all()


def test_an_empty_room_has_nobody(detector: PersonDetector) -> None:
    found = detector.detect(np.full((256, 416, 3), 128, np.uint8), 0.0)
    assert len(found) == 0
    assert found.boxes_px.shape == (0, 4)


def test_a_smaller_frame_is_padded_and_nothing_of_the_one_before_is_left(plan: ModelPlan) -> None:
    small = picture()[40:240, 20:160]
    used = PersonDetector(plan)
    used.detect(picture(), 0.0)
    again, fresh = used.detect(small, 0.0), PersonDetector(plan).detect(small, 0.0)
    np.testing.assert_array_equal(again.boxes_px, fresh.boxes_px)
    np.testing.assert_array_equal(again.scores, fresh.scores)
    assert len(fresh) >= 1
    assert fresh.boxes_px[:, [0, 2]].max() <= 140
    assert fresh.boxes_px[:, [1, 3]].max() <= 200
    assert fresh.boxes_px.min() >= 0


def test_only_scores_from_the_threshold_are_returned(plan: ModelPlan) -> None:
    high = PersonDetector(msgspec.structs.replace(plan, threshold=0.95))
    assert len(high.detect(picture(), 0.0)) == 0


def test_a_frame_that_is_too_large_is_refused(detector: PersonDetector) -> None:
    for shape in ((257, 416, 3), (256, 417, 3)):
        with pytest.raises(ValueError, match="larger than the detector"):
            detector.detect(np.zeros(shape, np.uint8), 0.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"family": "resnet"}, "unknown model family 'resnet'. Known families: yolox, passerby, nanodet, ssd"),
        ({"family": "nanodet"}, r"the output has shape \(1, 2184, 6\)"),
        ({"height_px": 320}, "pictures of 416x320"),
        ({"file": "/no/such/model.onnx"}, r"/no/such/model\.onnx"),
    ],
)
def test_a_plan_that_does_not_fit_the_file_is_refused(plan: ModelPlan, change: dict[str, object], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        PersonDetector(msgspec.structs.replace(plan, **change))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"not a model")
    with pytest.raises(ModelError, match=r"model\.onnx is not a model"):
        PersonDetector(ModelPlan(str(file), "yolox", 416, 256, 0.1))


def test_cells_are_counted_row_by_row_from_the_finest() -> None:
    cell, side_px = _grid((64, 32))
    assert len(cell) == 8 * 4 + 4 * 2 + 2
    assert cell[1].tolist() == [1, 0]
    assert cell[8].tolist() == [0, 1]
    assert side_px[[0, 32, 40], 0].tolist() == [8, 16, 32]


def test_yolox_boxes_are_centred_in_their_cell_and_sized_by_powers_of_e() -> None:
    row = np.array([[0.5, 0.25, np.log(2), np.log(4), 1, 1]], np.float32)
    cell, side = np.array([[3, 2]], np.float32), np.array([[16]], np.float32)
    np.testing.assert_allclose(
        FAMILIES["yolox"].boxes(row, cell, side), [[56 - 16, 36 - 32, 56 + 16, 36 + 32]], rtol=1e-6
    )


def test_nanodet_boxes_are_mean_distances_from_the_middle_of_the_cell() -> None:
    bins = np.full((4, 11), -50, np.float32)
    bins[0, 1] = bins[1, 2] = bins[2, 3] = 50
    bins[3, 4] = bins[3, 5] = 50  # halfway between
    row = np.concatenate([[0.9], bins.ravel()]).astype(np.float32)[None]
    cell, side = np.array([[3, 2]], np.float32), np.array([[8]], np.float32)
    np.testing.assert_allclose(FAMILIES["nanodet"].boxes(row, cell, side), [[20, 4, 52, 56]], rtol=1e-5)


def test_the_better_of_two_that_overlap_is_kept() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]], np.float32)
    assert non_maximum_suppression(boxes, np.array([0.5, 0.9, 0.3], np.float32)).tolist() == [1, 2]
    assert non_maximum_suppression(boxes[:0], np.zeros(0, np.float32)).tolist() == []


def selftest(text: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "passerby.pixels.selftest"]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)


def test_the_self_test_tells_what_it_found(plan: ModelPlan) -> None:
    done = selftest(msgspec.json.encode(plan).decode())
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["found"], result["expected"]) == (3, 3)
    assert 0 < result["ms"] < 5000


ABSENT = '{"file": "/no/model.onnx", "family": "yolox", "width_px": 416, "height_px": 256, "threshold": 0.1}'


@pytest.mark.parametrize("text", ["", "{}", ABSENT])
def test_the_self_test_says_what_is_wrong(text: str) -> None:
    done = selftest(text)
    assert done.returncode == ModelError.exit_code
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_detector_that_finds_nothing_is_not_silent(shared_models: Path, tmp_path: Path) -> None:
    """A YOLOX whose scores are all nought passes every check of shapes; only the picture tells."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(shared_models / "yolox_nano_person_416x256.onnx"))
    for constant in model.graph.initializer:
        if "obj_preds" in constant.name and constant.name.endswith("bias"):
            constant.CopyFrom(numpy_helper.from_array(np.full(1, -50, np.float32), constant.name))
    broken = tmp_path / "broken.onnx"
    onnx.save(model, str(broken))
    result = check(ModelPlan(str(broken), "yolox", 416, 256, 0.1))
    assert (result.found, result.expected) == (0, 3)


WATCHED = """
import sys
seen = []
sys.addaudithook(lambda event, args: seen.append(event) if event.startswith("socket.") else None)
from passerby.gate.messages import ModelPlan
from passerby.pixels.people import PersonDetector
from passerby.pixels.selftest_picture import picture
detector = PersonDetector(ModelPlan(sys.argv[1], "yolox", 416, 256, 0.1))
assert len(detector.detect(picture(), 0.0)) >= 3
loaded = sorted(name for name in sys.modules if "openvino_telemetry" in name and sys.modules[name] is not None)
print(seen, loaded)
"""


def test_no_socket_is_ever_made_and_telemetry_is_never_loaded(plan: ModelPlan) -> None:
    command = [sys.executable, "-c", WATCHED, plan.file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[] []", 0), done.stderr


def test_telemetry_cannot_be_imported_afterwards() -> None:
    with pytest.raises(ImportError):
        importlib.import_module("openvino_telemetry")


def test_the_kernel_sees_no_socket_either(plan: ModelPlan, tmp_path: Path) -> None:
    strace = which("strace")
    if strace is None:
        pytest.skip("no strace")
    log = tmp_path / "calls"
    watch = [strace, "-f", "-qq", "-e", "trace=%network", "-o", str(log)]
    allowed = subprocess.run([*watch, "true"], capture_output=True, check=False)
    if allowed.returncode != 0:
        pytest.skip("strace is not permitted here")
    control = "import socket; socket.socket().close()"
    subprocess.run([*watch, sys.executable, "-c", control], check=True, timeout=60)
    assert "socket(" in log.read_text()
    subprocess.run([*watch, sys.executable, "-c", WATCHED, plan.file], check=True, timeout=120, capture_output=True)
    assert "socket(" not in log.read_text()


def frames(clip: Path, numbers: range) -> dict[int, NDArray[np.uint8]]:
    chosen = {}
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in numbers:
                scale = min(416 / frame.width, 256 / frame.height)
                scaled = frame.reformat(round(frame.width * scale), round(frame.height * scale), "bgr24")
                chosen[number] = np.asarray(scaled.to_ndarray(), np.uint8)
            if number >= max(numbers):
                return chosen
    return chosen


def test_people_of_a_real_clip_are_found(detector: PersonDetector, shared_data: Path) -> None:
    truth = np.loadtxt(shared_data / "tracks" / "vtest_part_a" / "gt.txt", delimiter=",")
    matched = total = 0
    for number, frame in frames(shared_data / "video" / "vtest_part_a.mp4", range(0, 200, 40)).items():
        scale = frame.shape[1] / 768
        boxes = truth[truth[:, 0] == number + 1, 2:6] * scale
        found = detector.detect(frame, number / 10)
        centres = (found.boxes_px[:, :2] + found.boxes_px[:, 2:]) / 2
        for x, y, width, height in boxes:
            inside = (abs(centres - (x + width / 2, y + height / 2)) < (width / 2, height / 4)).all(axis=1)
            matched += bool(inside.any())
            total += 1
    assert total > 15
    assert matched / total > 0.9
