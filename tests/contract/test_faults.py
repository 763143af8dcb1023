"""The registry of faults, the report of the last run and what the documentation promises are one list."""

import re
from pathlib import Path

import pytest

from scripts.faults import REPORT, rows
from tests.support.faults import FAULTS, GROUPS, Note, moments, noted, read
from tests.support.source import ROOT

RELIABILITY = ROOT / "docs" / "reliability.md"
TABLE_ROW = re.compile(r"^\| ([^|]+?) \|(.*)\|$", re.MULTILINE)


def first_cells(page: Path) -> list[str]:
    """What the rows of a page's tables begin with, without the tables' heads."""
    return [name for name, _rest in TABLE_ROW.findall(page.read_text()) if name not in ("What happens", "Fault")]


@pytest.mark.parametrize("page", [RELIABILITY, REPORT], ids=lambda page: page.name)
def test_every_fault_stands_in_its_place(page: Path) -> None:
    assert first_cells(page) == [fault.what for fault in FAULTS.values()]
    assert re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)[: len(GROUPS)] == list(GROUPS)


def test_nothing_is_left_unsaid() -> None:
    empty = [
        name for name, rest in TABLE_ROW.findall(RELIABILITY.read_text()) if not all(map(str.strip, rest.split("|")))
    ]
    assert empty == []


def test_the_last_run_lost_nothing() -> None:
    for name, rest in TABLE_ROW.findall(REPORT.read_text()):
        if name != "Fault":
            times, lost, *_recovered = (cell.strip() for cell in rest.split("|"))
            assert int(times) > 0, name
            assert lost == "0", name


@pytest.mark.parametrize("key", ["kill-feed", "kill-worker", "kill-site", "kill-hub"])
def test_a_kill_was_played_at_fifty_moments(key: str) -> None:
    row = next(rest for name, rest in TABLE_ROW.findall(REPORT.read_text()) if name == FAULTS[key].what)
    assert int(row.split("|")[0]) >= 50


def test_every_fault_is_played_by_a_test() -> None:
    played = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    assert [key for key in FAULTS if f'noted("{key}")' not in played] == []


class TestNotes:
    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tests.support.faults.NOTES", tmp_path)

    def test_what_is_noted_is_read_together(self, tmp_path: Path) -> None:
        with noted("kill-feed") as note:
            note.once(1.5)
        with noted("kill-feed") as note:
            note.once()
        assert read(tmp_path.iterdir()) == {"kill-feed": Note("kill-feed", 2, 0, [1.5])}

    def test_a_loss_fails(self, tmp_path: Path) -> None:
        with pytest.raises(AssertionError, match="1 acknowledged windows are gone"), noted("kill-hub") as note:
            note.once(lost=1)
        assert list(tmp_path.iterdir()) == []

    def test_playing_nothing_fails(self) -> None:
        with pytest.raises(AssertionError, match="played nothing"), noted("kill-hub"):
            pass

    def test_a_fault_of_no_group_fails(self) -> None:
        with pytest.raises(KeyError), noted("kill-nobody"):
            pass

    def test_the_report_has_median_and_worst(self) -> None:
        notes = {key: Note(key, 3, 0, [1.0, 2.0, 9.0]) for key in FAULTS}
        assert "| The power is cut | 3 | 0 | 2.0 s | 9.0 s |" in list(rows(notes))


def test_moments_are_the_same_on_every_run_and_favour_beginnings() -> None:
    found = moments(50, 8)
    assert found == moments(50, 8)
    assert len(found) == 50
    assert 0 <= min(found) < max(found) < 8
    assert sum(at < 2 for at in found) >= 25
