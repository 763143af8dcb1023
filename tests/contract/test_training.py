"""What is said of the training, of the weights that ship and of those that do not, holds."""

import csv
import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from passerby.site.models import MASKS, PERSONS
from tests.support.source import ROOT, relative

TRAINING = ROOT / "training"
MASKS_FOLDER = TRAINING / "masks"
PERSONS_FOLDER = TRAINING / "persons"
SOURCES = MASKS_FOLDER / "sources.sha256"
CARDS = sorted(path for path in TRAINING.rglob("*.md") if ".venv" not in path.parts)


def record() -> dict[str, object]:
    found: dict[str, object] = json.loads((MASKS_FOLDER / "run.json").read_text())
    return found


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_judge_of_masks_that_was_measured_is_the_one_that_the_recorded_run_made() -> None:
    made = record()["weights"]
    assert isinstance(made, dict)
    card = (MASKS_FOLDER / "MODEL.md").read_text()
    assert re.findall(r"^\| SHA-256 \| `([0-9a-f]{64})` \|$", card, re.MULTILINE) == [made["sha256"]]
    assert f"| bytes | {made['bytes']:,} |" in card


def test_no_copy_of_passerby_has_the_judge_of_masks_that_was_left_out() -> None:
    made = record()["weights"]
    assert isinstance(made, dict)
    files = [file for file in (ROOT / "src").rglob("*") if file.is_file()]
    assert not [file for file in files if file.stat().st_size == made["bytes"] and sha256_of(file) == made["sha256"]]
    assert made["sha256"] not in {file.sha256 for one in PERSONS + MASKS for file in one.source.files}


def test_the_recorded_run_used_the_sources_that_are_listed() -> None:
    assert record()["sources"] == {"list_sha256": sha256_of(SOURCES)}


@pytest.mark.parametrize("card", CARDS, ids=relative)
def test_nothing_is_left_blank(card: Path) -> None:
    assert "TO BE" not in card.read_text()


@pytest.mark.parametrize("card", CARDS, ids=relative)
def test_files_that_are_named_exist(card: Path) -> None:
    text = card.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    quoted = re.findall(r"`([\w./-]+\.(?:py|md|sha256|json|onnx))`", text)
    named = [card.parent / link for link in links]
    missing = [path for path in named if not path.exists()]
    missing += [Path(name) for name in quoted if "OUT" not in name and not _is_there(name, card.parent)]
    assert not [str(path) for path in missing]


def _is_there(name: str, beside: Path) -> bool:
    """Here, or in one of the repositories that files are taken from."""
    here = any((folder / name).exists() for folder in (ROOT, beside, beside / "render"))
    return here or f"/{name}\n" in SOURCES.read_text()


def test_each_source_is_pinned_once() -> None:
    lines = SOURCES.read_text().splitlines()
    pinned = {path: sha256 for sha256, _, path in (line.partition("  ") for line in lines)}
    assert len(pinned) == len(lines) > 500
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in pinned.values())
    assert {path.split("/")[0] for path in pinned} == {"makehuman", "makehuman-assets", "aizoo"}
    aizoo = next(one for one in MASKS if one.name == "aizoo-facemask")
    assert pinned[f"aizoo/{aizoo.source.files[0].path}"] == aizoo.sha256


def test_the_recorded_runs_of_the_detector_used_the_sources_that_are_listed() -> None:
    found = json.loads((PERSONS_FOLDER / "run.json").read_text())
    assert found["sources"]["list_sha256"] == sha256_of(PERSONS_FOLDER / "sources.sha256")
    card = (PERSONS_FOLDER / "DATA.md").read_text()
    assert all(f"`{sha256}`" in card for name, sha256 in found["sources"].items() if name != "list_sha256")


def test_each_photograph_is_credited_and_was_free_to_learn_from() -> None:
    with (PERSONS_FOLDER / "credits.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = json.loads((PERSONS_FOLDER / "run.json").read_text())["pictures"]
    uses = [row["use"] for row in rows]
    assert {use: uses.count(use) for use in set(uses)} == {"learnt from": found["photos"], "held out": found["held"]}
    assert {row["licence"] for row in rows} == {"CC-BY-2.0", "CC-BY-4.0", "No known copyright restrictions"}
    assert all(row["credit"] for row in rows)


def test_each_original_is_pinned_to_a_commit() -> None:
    lines = (PERSONS_FOLDER / "pictures.sha256").read_text().splitlines()
    assert len(set(lines)) == len(lines) > 600
    assert all(re.fullmatch(r"[0-9a-f]{64}  [\w.-]+/[\w.-]+@[0-9a-f]{40}/\S.*", line) for line in lines)


def test_each_requirement_is_pinned() -> None:
    lines = (TRAINING / "requirements.txt").read_text().splitlines()
    asked = [line for line in lines if line and not line.startswith("#")]
    assert asked
    assert not [line for line in asked if not re.fullmatch(r"[\w-]+==[\d.]+", line)]


def test_a_wheel_has_nothing_of_it() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    taken = [*wheel["packages"], *wheel.get("force-include", {}), *wheel.get("include", [])]
    assert "src/passerby" in taken
    assert not [path for path in taken if path.startswith("training") or path == "."]
