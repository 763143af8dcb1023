"""The detector that ships with passerby: its bytes, its size, what goes in and what comes out."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from passerby.errors import ModelError
from passerby.pixels.people import PersonDetector
from passerby.site import models
from passerby.site.models import MASKS, PERSONS, SourceKind
from tests.support.source import ROOT

FILE = ROOT / "src" / "passerby" / "site" / "models" / "weights" / "passerby-person.onnx"
ENTRY = next(one for one in PERSONS if one.name == "passerby-person")
CARD = ROOT / "training" / "persons" / "MODEL.md"


def test_the_file_has_the_hash_of_the_catalogue_and_of_the_card() -> None:
    found = hashlib.sha256(FILE.read_bytes()).hexdigest()
    assert found == ENTRY.sha256
    card = CARD.read_text()
    assert f"| SHA-256 | `{found}` |" in card
    assert f"| bytes | {FILE.stat().st_size:,} |" in card


def test_nothing_else_is_shipped() -> None:
    ours = [one for one in PERSONS + MASKS if one.source.kind is SourceKind.OWN]
    assert {one.name for one in FILE.parent.iterdir()} == {file.name for one in ours for file in one.source.files}


def test_it_is_small() -> None:
    assert FILE.stat().st_size < 4_000_000


def test_it_takes_pictures_of_any_size_and_gives_five_numbers_a_cell() -> None:
    model = onnx.load(FILE)
    onnx.checker.check_model(model)
    (picture,), (rows,) = model.graph.input, model.graph.output
    assert [one.dim_value for one in picture.type.tensor_type.shape.dim] == [1, 3, 0, 0]
    assert [one.dim_value for one in rows.type.tensor_type.shape.dim] == [1, 0, 5]
    assert picture.type.tensor_type.elem_type == rows.type.tensor_type.elem_type == TensorProto.FLOAT
    assert all(not one.external_data for one in model.graph.initializer)


@pytest.mark.parametrize("size_px", [(416, 256), (288, 160), (640, 384)])
def test_it_is_had_without_a_network_and_looks(
    size_px: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("PASSERBY_MODELS", raising=False)
    found = models.resolve(None, size_px)
    assert found.name == "passerby-person"
    assert Path(found.plan.file) == FILE
    detector = PersonDetector(found.plan)
    assert len(detector.detect(np.full((size_px[1], size_px[0], 3), 114, np.uint8), 0.0).scores) == 0
    assert not list(tmp_path.iterdir())


def test_a_size_that_its_strides_do_not_divide_is_refused() -> None:
    plan = models.resolve("passerby-person", (400, 250)).plan
    with pytest.raises(ModelError, match="400x250"):
        PersonDetector(plan)
