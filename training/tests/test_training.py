"""A short run from sources to weights: `pytest tests` in `training`, in its own environment.

`SOURCES` may name a folder with the published files; without it they are downloaded.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator

from masks.heads import CLASSES, load
from masks.network import FROZEN, MaskNet
from masks.sources import GRAPH, gather, listed
from masks.trunk import LAYERS, read_trunk

ROOT = Path(__file__).resolve().parents[1]
HEADS, STEPS = 40, 3


def short_run(folder: Path) -> Path:
    given = ["--sources", os.environ["SOURCES"]] if "SOURCES" in os.environ else []
    asked = ["--out", str(folder), "--heads", str(HEADS), "--steps", str(STEPS), "--processes", "2", *given]
    subprocess.run([sys.executable, "-m", "masks", *asked], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return short_run(tmp_path_factory.mktemp("run"))


def test_a_run_says_what_it_was(run: Path) -> None:
    record = json.loads((run / "run.json").read_text())
    weights = (run / "passerby-mask.onnx").read_bytes()
    assert record["weights"]["sha256"] == hashlib.sha256(weights).hexdigest()
    assert record["weights"]["bytes"] == len(weights) < 1_000_000
    assert record["heads"]["learnt"] + record["heads"]["held_out"] == len(load(run / "heads")) <= HEADS
    assert record["course"]["steps"] == STEPS
    assert len(record["losses"]) == 1


def test_what_was_written_gives_shares_and_a_place(run: Path) -> None:
    model = onnx.load(run / "passerby-mask.onnx")
    picture = np.full((1, 3, 96, 96), 0.5, np.float32)
    answers, place = ReferenceEvaluator(model).run(None, {"picture": picture})
    assert answers.shape == (1, len(CLASSES))
    assert answers.sum() == pytest.approx(1, abs=1e-4)
    assert place.shape == (1, 3)
    assert {one.data_type for one in model.graph.initializer if one.dims} == {onnx.TensorProto.FLOAT16}


def test_the_same_seeds_give_the_same_weights(run: Path, tmp_path: Path) -> None:
    (tmp_path / "heads").symlink_to(run / "heads")
    again = short_run(tmp_path)
    one, other = (torch.load(folder / "passerby-mask.pt") for folder in (run, again))
    assert all(torch.allclose(one[name], other[name], atol=1e-4) for name in one)


def test_the_first_layers_stay_aizoos_and_the_others_learn(run: Path) -> None:
    trunk = read_trunk(run / "sources" / GRAPH)
    learnt = torch.load(run / "passerby-mask.pt")
    same = [
        np.allclose(learnt[f"trunk.{number}.weight"], trunk[name].weights, atol=1e-5)
        for number, name in enumerate(LAYERS[:-1])
    ]
    assert same == [True] * FROZEN + [False] * (len(same) - FROZEN)


def test_a_network_without_a_trunk_has_the_same_weights_by_name(run: Path) -> None:
    MaskNet().load_state_dict(torch.load(run / "passerby-mask.pt"))


def test_other_bytes_are_refused(run: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    for source in listed():
        (given / source.path).parent.mkdir(parents=True, exist_ok=True)
        (given / source.path).write_bytes((run / "sources" / source.path).read_bytes())
    (given / GRAPH).write_bytes(b"other")
    with pytest.raises(ValueError, match="SHA-256"):
        gather(tmp_path / "out", given)
    assert not (tmp_path / "out" / GRAPH).exists()
