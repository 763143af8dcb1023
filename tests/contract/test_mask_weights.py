"""The weights that ship with passerby: their bytes, their size, what goes in and what comes out."""

import hashlib
from pathlib import Path

import onnx
from onnx import TensorProto

from passerby.site.models import MASKS, PERSONS
from passerby.site.models.catalogue import SourceKind
from tests.support.source import ROOT

FOLDER = ROOT / "src" / "passerby" / "site" / "models" / "weights"
FILE = FOLDER / "passerby-mask.onnx"
ENTRY = next(one for one in MASKS if one.name == "passerby-mask")


def test_the_file_has_the_hash_of_the_catalogue() -> None:
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == ENTRY.sha256


def test_nothing_else_is_shipped() -> None:
    ours = [one for one in PERSONS + MASKS if one.source.kind is SourceKind.OWN]
    assert {one.name for one in FOLDER.iterdir()} == {file.name for one in ours for file in one.source.files}


def test_it_is_small() -> None:
    assert FILE.stat().st_size < 1_000_000


def test_the_hash_stands_in_one_place() -> None:
    """Whoever replaces the file changes one line."""
    texts = [file for folder in ("src", "tests", "docs") for file in (ROOT / folder).rglob("*") if _is_text(file)]
    assert [file.name for file in texts if ENTRY.sha256 in file.read_text()] == ["catalogue.py"]


def _is_text(file: Path) -> bool:
    return file.is_file() and file.suffix in (".py", ".md", ".txt", ".yaml", ".json", ".toml")


def test_it_takes_a_head_and_gives_five_answers_and_a_place() -> None:
    model = onnx.load(FILE)
    onnx.checker.check_model(model)
    shapes = [
        tuple(dimension.dim_value for dimension in one.type.tensor_type.shape.dim)
        for one in (*model.graph.input, *model.graph.output)
    ]
    assert shapes == [(1, 3, 96, 96), (1, 5), (1, 3)]
    assert all(one.type.tensor_type.elem_type == TensorProto.FLOAT for one in (*model.graph.input, *model.graph.output))
    assert ENTRY.size_px == (96, 96)
    assert all(not one.external_data for one in model.graph.initializer)
