"""The judge of masks that comes with passerby: no network, no cache, and only the file that is meant."""

import hashlib
import io
import sys
from importlib import resources
from pathlib import Path

import pytest
from rich.console import Console

from passerby.core.masks import OPERATING
from passerby.errors import ModelError
from passerby.pixels.judges import JUDGES
from passerby.site import models
from passerby.site.config import load
from passerby.site.models import MASKS
from passerby.site.ready import models_of
from passerby.site.settings import page_settings

ENTRY = next(one for one in MASKS if one.name == "passerby-mask")
RESOLVING = sys.modules[models.ResolvedModel.__module__]
"""The module; the package has a function of its name."""
SITE = """
model: {{file: people.onnx, family: yolox, input: [416, 256], threshold: 0.1}}
masks: {{model: {model}}}
cameras:
  - name: entrance
    source: rtsp://camera.example/s
    lines: [{{name: door, from: [0, 0], to: [1, 1], masks: on, purpose: for the statistics}}]
"""


@pytest.fixture(autouse=True)
def nothing_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty cache that cannot be written, no folder of models, and whoever would fetch is noted."""
    asked: list[str] = []
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/no-cache")
    monkeypatch.delenv("PASSERBY_MODELS", raising=False)
    monkeypatch.setattr(RESOLVING, "fetch", lambda entry, *_: asked.append(entry.name))
    return asked


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of passerby's own weights that may be spoilt; the file."""
    file = tmp_path / ENTRY.source.where / ENTRY.source.files[0].name
    file.parent.mkdir()
    file.write_bytes(Path(models.resolve_masks(ENTRY.name).plan.file).read_bytes())
    monkeypatch.setattr(RESOLVING, "__file__", str(tmp_path / "resolve.py"))
    return file


def test_it_asks_nobody(nothing_at_hand: list[str]) -> None:
    found = models.resolve_masks("passerby-mask")
    assert (found.name, found.note, found.plan.family) == ("passerby-mask", "", "passerby-mask")
    assert found == models.get("passerby-mask")
    assert Path(found.plan.file) == Path(str(resources.files("passerby.site.models") / "weights/passerby-mask.onnx"))
    assert hashlib.sha256(Path(found.plan.file).read_bytes()).hexdigest() == found.sha256 == ENTRY.sha256
    assert nothing_at_hand == []


@pytest.mark.parametrize("spoil", [lambda content: content[:-1], lambda content: content + b"x", lambda _: b""])
def test_a_file_that_is_damaged_is_not_used(elsewhere: Path, nothing_at_hand: list[str], spoil: object) -> None:
    assert callable(spoil)
    assert models.resolve_masks(ENTRY.name).plan.file == str(elsewhere)
    elsewhere.write_bytes(spoil(elsewhere.read_bytes()))
    with pytest.raises(ModelError) as caught:
        models.resolve_masks(ENTRY.name)
    text = str(caught.value)
    assert str(elsewhere) in text
    assert hashlib.sha256(elsewhere.read_bytes()).hexdigest() in text
    assert ENTRY.sha256 in text
    assert "Install passerby again" in text
    assert "models get" not in text
    assert [(one.whole, one.file) for one in models.installed((ENTRY,))] == [(False, elsewhere)]
    assert nothing_at_hand == []


def test_a_file_that_is_gone_is_told(elsewhere: Path, nothing_at_hand: list[str]) -> None:
    elsewhere.unlink()
    with pytest.raises(ModelError, match=r"is absent, or cannot be read\. Install passerby again"):
        models.get("passerby-mask")
    assert [(one.whole, one.file) for one in models.installed((ENTRY,))] == [(False, None)]
    assert nothing_at_hand == []


def test_it_is_listed_as_here_with_where_it_is_from() -> None:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(models.list_table())
    row = next(line for line in console.export_text().splitlines() if "passerby-mask " in line)
    assert [cell.strip() for cell in row.split("│")[1:5]] == ["passerby-mask", "Apache-2.0 AND MIT", "96x96", "yes"]
    assert str(ENTRY.source) == "a file of passerby itself: weights/passerby-mask.onnx"


def test_every_judge_has_a_licence_text_a_reader_and_limits() -> None:
    folder = resources.files("passerby.site.models") / "licences"
    for entry in MASKS:
        text = (folder / f"{entry.name}.txt").read_text()
        assert "MIT License" in text
        assert "Copyright (c) 2020 AIZOOTech" in text
        assert ("Apache License, Version 2.0" in text) == ("Apache-2.0" in entry.licence)
    assert {entry.family for entry in MASKS} == set(JUDGES) == set(OPERATING)


def test_a_correction_is_of_the_judge_in_use() -> None:
    assert models.confusion_of() is OPERATING["aizoo"].confusion
    assert models.confusion_of("passerby-mask") is OPERATING["passerby-mask"].confusion
    assert models.confusion_of("aizoo-facemask") is OPERATING["aizoo"].confusion
    assert models.confusion_of("another") is None


def test_a_site_that_names_it_starts_without_fetching(tmp_path: Path, nothing_at_hand: list[str]) -> None:
    (tmp_path / "people.onnx").write_bytes(b"a detector of one's own")
    (tmp_path / "site.yaml").write_text(SITE.format(model="passerby-mask"))
    config = load(tmp_path / "site.yaml")
    known = models_of(config)
    assert known.masks
    assert known.masks.name == "passerby-mask"
    assert page_settings(config).confusion is OPERATING["passerby-mask"].confusion
    assert nothing_at_hand == []


@pytest.mark.parametrize("model", ["null", "aizoo-facemask"])
def test_any_other_site_fetches_the_default_corrects_by_it_and_hears_of_what_needs_no_network(
    tmp_path: Path, nothing_at_hand: list[str], model: str
) -> None:
    (tmp_path / "people.onnx").write_bytes(b"a detector of one's own")
    (tmp_path / "site.yaml").write_text(SITE.format(model=model))
    config = load(tmp_path / "site.yaml")
    assert page_settings(config).confusion is OPERATING["aizoo"].confusion
    with pytest.raises(
        ModelError, match=r"masks need the mask model aizoo-facemask.*Without a network .*model: passerby-mask"
    ):
        models_of(config)
    assert nothing_at_hand == ["aizoo-facemask"]
