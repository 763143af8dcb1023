"""The documentation against the program: nothing missing, nothing stale, nothing that is not there."""

import re
from pathlib import Path

import pytest

from passerby import __version__
from passerby.core.tallies import Measure
from passerby.site.config import json_schema
from scripts import reference
from scripts.reference_api import routes_and_metrics
from tests.support.source import ROOT, documents, relative, text_files

CHARTER = ROOT / "docs" / "charter.md"  # speaks of what is promised, some of it not yet built
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
MACHINE_PATH = re.compile(r"(?<![\w.~$}])/(?:work|root|Users|home/\w+)/")


def everything() -> str:
    return "\n".join(path.read_text() for path in documents())


def code() -> str:
    """What stands in code blocks and between back-ticks, one piece on a line."""
    text = "\n".join(path.read_text() for path in documents() if path != CHARTER)
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])


def targets() -> set[str]:
    """Names that `make` knows and describes."""
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", reference.pages(), ids=relative)
def test_generated_pages_are_fresh(path: Path) -> None:
    assert path.is_file(), "make it with `.venv/bin/python -m scripts.reference`"
    assert path.read_text() == reference.pages()[path], "stale: `.venv/bin/python -m scripts.reference`"


def test_every_command_has_its_place() -> None:
    names = [name for name, _command in reference.commands()]
    assert {"passerby count", "passerby demo", "passerby run", "passerby models get"} <= set(names)
    page = (ROOT / "docs" / "commands.md").read_text()
    assert [name for name in names if f"## {name}\n" not in page] == []


def test_every_option_is_explained() -> None:
    silent = [
        f"{name} {parameter.name}"
        for name, command in reference.commands()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    assert silent == []


def test_every_key_is_explained() -> None:
    schema = json_schema()
    parts = {"": schema, **schema["$defs"]}
    silent = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, value in part["properties"].items()
        if not (value.get("description") or "$ref" in value)
    ]
    assert silent == []


def test_every_command_that_is_named_exists() -> None:
    names = {name for name, _command in reference.commands()}
    firsts = {" ".join(name.split()[:2]) for name in names}
    named = {f"passerby {word}" for word in re.findall(r"^(?:ExecStart=\S*)?passerby ([a-z]+)", code(), re.MULTILINE)}
    assert len(named) > 3
    assert named <= firsts


def test_every_option_that_is_named_exists() -> None:
    known = {option for _name, command in reference.commands() for one in command.params for option in one.opts}
    lines = [line for line in code().splitlines() if line.startswith("passerby ")]
    named = {option for line in lines for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)}
    assert named <= known | {"--version"}


def test_every_measure_is_explained() -> None:
    page = (ROOT / "docs" / "measures.md").read_text()
    assert [measure.label for measure in Measure if f"`{measure.label}`" not in page] == []


def test_every_route_and_metric_is_explained() -> None:
    paths, metrics = routes_and_metrics()
    assert {"/api/v1/tallies", "/api/v1/state", "/healthz", "/metrics"} <= set(paths)
    page = (ROOT / "docs" / "api.md").read_text()
    assert [path for path in paths if f" {path}\n" not in page] == []
    assert [name for name in metrics if f"`{name}`" not in page] == []
    parameters = [one for methods in paths.values() for told in methods.values() for one in told.get("parameters", [])]
    assert [one["name"] for one in parameters if not one.get("description")] == []


def test_every_make_target_is_told() -> None:
    known = targets()
    assert {"demo", "test", "lint", "bench", "docs", "clean"} <= known
    text = everything() + (ROOT / "CONTRIBUTING.md").read_text()
    assert {name for name in known if f"make {name}" not in text} == set()
    assert set(re.findall(r"`make ([a-z]+)", text)) <= known


@pytest.mark.parametrize("path", sorted({*documents(), *ROOT.glob("*.md")}), ids=relative)
def test_links_lead_somewhere(path: Path) -> None:
    local = [link.partition("#")[0] for link in LINK.findall(path.read_text()) if "://" not in link]
    assert [link for link in local if link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", text_files(), ids=relative)
def test_no_path_of_one_machine(path: Path) -> None:
    assert MACHINE_PATH.findall(path.read_text()) == []


def test_the_changelog_knows_the_version() -> None:
    assert re.search(rf"^## \[?{re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "claims").glob("*.md")), ids=lambda page: page.name)
def test_a_claim_names_code_and_test_that_exist(page: Path) -> None:
    if page.name == "index.md":
        return
    text = page.read_text()
    for heading in ("The claim.", "The code.", "The test.", "What it does not cover."):
        assert f"**{heading}**" in text
    named = re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", text)
    assert named, "a claim names its code and its test"
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_claim_is_listed() -> None:
    folder = ROOT / "docs" / "claims"
    index = (folder / "index.md").read_text()
    assert [
        page.name for page in folder.glob("*.md") if page.name != "index.md" and f"({page.name})" not in index
    ] == []
