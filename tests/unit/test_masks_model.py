"""The judge of masks in the catalogue: how it is had, what is said where it cannot be had, and how it is rebuilt."""

import io
from importlib import resources
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from rich.console import Console

from passerby.errors import ModelError
from passerby.site import models
from passerby.site.models import MASKS, keep
from passerby.site.models.aizoo import aizoo_masks
from passerby.site.models.rebuild import Rebuilder
from passerby.site.models.tensorflow import Graph, Node
from tests.support.registries import served

ENTRY = MASKS[0]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and no folder of models unless a test names one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PASSERBY_MODELS", raising=False)


def test_a_copy_that_others_converted_is_recognised(shared_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERBY_MODELS", str(shared_models))
    resolved = models.resolve_masks()
    assert (resolved.name, resolved.licence, resolved.note) == ("aizoo-facemask", "MIT", "")
    assert (resolved.plan.family, resolved.plan.width_px, resolved.plan.height_px) == ("aizoo", 260, 260)
    assert models.get("aizoo-facemask").plan == resolved.plan


def test_where_it_cannot_be_had_the_words_say_how(monkeypatch: pytest.MonkeyPatch) -> None:
    with served() as site:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, site.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(ModelError) as caught:
            models.resolve_masks()
    text = str(caught.value)
    assert "masks need the mask model aizoo-facemask" in text
    assert "`passerby models get aizoo-facemask`" in text
    assert "PASSERBY_MODELS" in text


def test_it_is_no_detector_of_persons(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model 'aizoo-facemask'"):
        models.resolve("aizoo-facemask")
    with pytest.raises(ModelError, match="unknown model family 'aizoo'"):
        models.resolve_own(tmp_path, "aizoo", (260, 260), 0.1)
    with pytest.raises(ModelError, match="no model of masks 'yolox-nano'"):
        models.resolve_masks("yolox-nano")
    assert ENTRY.name not in {state.entry.name for state in models.installed()}


def test_it_is_listed_with_its_source_and_licence() -> None:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(models.list_table())
    text = console.export_text()
    assert "aizoo-facemask" in text
    assert "AIZOOTech/FaceMaskDetection/256dc65f726cb78d82936b2c61c55a5adc2cf05d" in text.replace("\n", "")
    licence = resources.files("passerby.site.models") / "licences" / "aizoo-facemask.txt"
    assert "MIT License" in licence.read_text()
    assert "Copyright (c) 2020 AIZOOTech" in licence.read_text()


def test_another_size_and_another_file_are_refused() -> None:
    with pytest.raises(ModelError, match="260x260 only"):
        aizoo_masks(b"", (416, 256))
    with pytest.raises(ModelError, match="has no node loc_0_conv_1"):
        aizoo_masks(b"", (260, 260))
    with pytest.raises(ModelError, match="not a frozen TensorFlow graph"):
        aizoo_masks(b"\xffnot a graph", (260, 260))


def test_its_rectifier_and_its_pooling_are_rebuilt() -> None:
    """TensorFlow's "SAME" gives an odd picture one more column and row, at its right and its bottom."""
    nodes = {
        "relu": Node("Relu", ("images",)),
        "pool": Node("MaxPool", ("relu",), strides=(2, 2), kernel=(2, 2), padding="SAME"),
    }
    rebuilder = Rebuilder(Graph(nodes, {}), "images", 5)
    model = rebuilder.model(rebuilder.value("pool").name, (1, 1, 5, 5), (1, 1, 3, 3))
    picture = np.arange(-6, 19, dtype=np.float32).reshape(1, 1, 5, 5)
    outputs = ReferenceEvaluator(model).run(["output"], {"images": picture})
    assert isinstance(outputs, list)
    np.testing.assert_array_equal(outputs[0][0, 0], [[0, 2, 3], [10, 12, 13], [15, 17, 18]])


def test_rebuilt_from_the_published_file_it_scores_as_the_copy_of_others(
    shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERBY_MODELS", str(shared_models))
    given = keep.given_files()
    if ENTRY.sha256 not in given:
        pytest.skip("../shared/models has no copy of the published face_mask_detection.pb")
    rebuilt = onnx.load_from_string(aizoo_masks(given[ENTRY.sha256].read_bytes(), (260, 260)))
    known = onnx.load(given[ENTRY.ready[0][0]])
    picture = np.random.default_rng(0).random((1, 3, 260, 260), np.float32)
    ours = ReferenceEvaluator(rebuilt).run(None, {"images": picture})
    theirs = ReferenceEvaluator(known).run(None, {known.graph.input[0].name: picture})
    assert isinstance(ours, list)
    assert isinstance(theirs, list)
    np.testing.assert_array_equal(ours[0], np.concatenate(theirs, axis=2))
