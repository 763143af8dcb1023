"""The detector that comes with passerby: no cache, nobody asked, and only the file that is meant."""

import hashlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from passerby.errors import ModelError
from passerby.site import models
from passerby.site.models import PERSONS

ENTRY = next(one for one in PERSONS if one.name == "passerby-person")
RESOLVING = sys.modules[models.ResolvedModel.__module__]
"""The module; the package has a function of its name."""


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
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
    file.write_bytes(Path(models.get(ENTRY.name).plan.file).read_bytes())
    monkeypatch.setattr(RESOLVING, "__file__", str(tmp_path / "resolve.py"))
    return file


@pytest.mark.parametrize("spoil", [lambda content: content[:-1], lambda content: content + b"x", lambda _: b""])
def test_a_file_that_is_damaged_is_not_used(elsewhere: Path, asked: list[str], spoil: Callable[[bytes], bytes]) -> None:
    assert models.get(ENTRY.name).plan.file == str(elsewhere)
    elsewhere.write_bytes(spoil(elsewhere.read_bytes()))
    with pytest.raises(ModelError) as caught:
        models.get(ENTRY.name)
    text = str(caught.value)
    assert str(elsewhere) in text
    assert hashlib.sha256(elsewhere.read_bytes()).hexdigest() in text
    assert ENTRY.sha256 in text
    assert "Install passerby again" in text
    assert "models get" not in text
    assert [(one.whole, one.file) for one in models.installed((ENTRY,))] == [(False, elsewhere)]
    assert asked == []


def test_a_file_that_is_gone_is_told(elsewhere: Path, asked: list[str]) -> None:
    elsewhere.unlink()
    with pytest.raises(ModelError, match=r"is absent, or cannot be read\. Install passerby again"):
        models.get(ENTRY.name)
    assert [(one.whole, one.file) for one in models.installed((ENTRY,))] == [(False, None)]
    assert asked == []


def test_another_that_stands_in_for_a_damaged_one_says_so(
    elsewhere: Path, shared_models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PASSERBY_MODELS", str(shared_models))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert models.resolve("yolox-nano").note.endswith("and is used where no other is named.")
    elsewhere.write_bytes(b"half of it")
    found = models.resolve()
    assert found.name == "yolox-nano"
    assert found.note.endswith("its file is damaged or gone: install passerby again.")


def test_it_is_listed_as_here_with_where_it_is_from() -> None:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(models.list_table())
    row = next(line for line in console.export_text().splitlines() if f" {ENTRY.name} " in line)
    assert [cell.strip() for cell in row.split("│")[1:5]] == ["passerby-person", "Apache-2.0", "416x256", "yes"]
    assert str(ENTRY.source) == "a file of passerby itself: weights/passerby-person.onnx"
