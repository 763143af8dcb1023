"""What the doctor says of a machine, and that it never says that all is well when it is not."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from passerby.gate import landlock, seccomp
from passerby.site import doctor, models
from passerby.site.doctor import Finding, examine, table


def finding(findings: list[Finding], what: str) -> Finding:
    (found,) = (one for one in findings if one.what == what)
    return found


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any detector."""
    monkeypatch.setenv("PASSERBY_MODELS", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_machine_with_a_detector_sees_the_figures_of_the_known_picture(shared_models: Path) -> None:
    found = examine()
    test = finding(found, "self-test")
    assert test.level == "good", test
    assert "of" in test.seen
    assert "ms" in test.seen


@pytest.mark.usefixtures("no_models")
def test_a_machine_without_any_model_counts_with_the_one_that_comes_with_passerby() -> None:
    test = finding(examine(), "self-test")
    assert (test.level, test.seen.split()[:5]) == ("good", ["passerby-person", "found", "3", "of", "3"])


@pytest.mark.usefixtures("no_models")
def test_a_machine_whose_own_detector_is_gone_cannot_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[models.ResolvedModel.__module__], "__file__", str(tmp_path / "resolve.py"))
    test = finding(examine(), "self-test")
    assert (test.level, test.seen) == ("missing", "no detector is here, not even passerby's own")
    assert test.mend == "Install passerby again."


@pytest.mark.usefixtures("no_models")
def test_every_finding_that_is_not_good_says_what_to_do() -> None:
    found = examine()
    assert {"version", "Landlock", "seccomp", "processor", "self-test", "disk"} <= {one.what for one in found}
    for one in found:
        assert one.seen
        assert one.level == "good" or one.mend, one


@pytest.mark.usefixtures("no_models")
def test_passerby_s_own_detector_is_told_once_and_is_not_to_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = finding(examine(), "model passerby-person")
    assert (here.level, here.mend) == ("good", "")
    assert [one.what for one in examine() if one.what.startswith("model ")] == ["model passerby-person"]
    monkeypatch.setattr(sys.modules[models.ResolvedModel.__module__], "__file__", str(tmp_path / "resolve.py"))
    gone = examine()
    told = [one for one in gone if one.what.startswith("model passerby-person")]
    assert [(one.level, one.mend) for one in told] == [("note", "Install passerby again.")]
    # Only now is it of use to fetch another.
    assert finding(gone, "model yolox-nano").mend == "passerby models get yolox-nano"


@pytest.mark.usefixtures("no_models")
def test_the_kernel_s_locks_are_stated_as_they_are() -> None:
    found = examine()
    if landlock.abi() >= landlock.ABI_WITH_PORTS:
        assert finding(found, "Landlock").seen == f"ABI {landlock.abi()}"
    assert (finding(found, "seccomp").level == "good") is seccomp.available()


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        ({"found": 4, "expected": 4, "ms": 9}, "good"),
        ({"found": 3, "expected": 4, "ms": 9}, "note"),
        ({"found": 0, "expected": 4, "ms": 9}, "missing"),
        ("the model could not be read", "missing"),
    ],
)
def test_a_detector_that_finds_nobody_is_never_silent(
    answer: dict[str, object] | str, level: str, shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_ask", lambda *_: answer)
    test = doctor._self_test()
    assert test.level == level
    assert level == "good" or test.mend


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('libopenvino.so is missing')", "libopenvino.so is missing"),
        ("import os; os.abort()", "no answer"),
        ("import sys; sys.exit(3)", "no answer"),
    ],
)
def test_a_program_of_the_pixel_room_that_fails_is_told_in_its_words(program: str, words: str) -> None:
    answer = doctor._ask((sys.executable, "-c", program))
    assert isinstance(answer, str)
    assert words in answer


def test_a_program_that_is_not_there_is_told() -> None:
    assert isinstance(doctor._ask(("/no/such/program",)), str)


def test_the_table_shows_all_of_it() -> None:
    findings = [Finding("disk", "note", "0.1 GB [/free]", "Free some space."), Finding("seccomp", "good", "[can]")]
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(table(findings))
    text = console.export_text()
    for words in ("disk", "note", "0.1 GB [/free]", "Free some space.", "seccomp", "good", "[can]"):
        assert words in text


def test_findings_are_plain_for_json() -> None:
    assert Finding("disk", "good", "5 GB").as_dict() == {"what": "disk", "level": "good", "seen": "5 GB", "mend": ""}
