"""What shelves were taught, in the store and back in the plan."""

from pathlib import Path

import msgspec
import pytest

from passerby.errors import StoreError
from passerby.gate.messages import REFERENCE_BYTES, CameraPlan, ShelfPlan
from passerby.site.shelf_references import ShelfReferences, taught_plan
from passerby.site.store import Store

SQUARE = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
SHELF = ShelfPlan("crisps", (SQUARE, SQUARE))
PLAN = CameraPlan("aisle", shelves=(SHELF, ShelfPlan("tea", (SQUARE,))))
FULL, EMPTY = bytes([1]) * REFERENCE_BYTES * 2, bytes([2]) * REFERENCE_BYTES * 2


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with Store(tmp_path / "site.sqlite"):
        pass
    return tmp_path / "site.sqlite"


def test_what_was_taught_comes_back_in_the_plan_and_replaces_what_was(file: Path) -> None:
    references = ShelfReferences(file)
    assert references.fitted(PLAN) == PLAN
    references.keep("aisle", msgspec.structs.replace(SHELF, full=FULL))
    assert not references.fitted(PLAN).shelves[0].taught
    references.keep("aisle", msgspec.structs.replace(SHELF, full=FULL, empty=EMPTY))
    crisps, tea = taught_plan(PLAN, file).shelves
    assert crisps.taught and (crisps.full, crisps.empty) == (FULL, EMPTY)
    assert not tea.taught
    assert not references.fitted(msgspec.structs.replace(PLAN, name="another")).shelves[0].taught


def test_a_shelf_that_was_drawn_anew_was_not_taught(file: Path) -> None:
    references = ShelfReferences(file)
    references.keep("aisle", msgspec.structs.replace(SHELF, full=FULL, empty=EMPTY))
    moved = msgspec.structs.replace(SHELF, facings=(SQUARE, SQUARE[1:] + SQUARE[:1]))
    assert not references.fitted(CameraPlan("aisle", shelves=(moved,))).shelves[0].taught


def test_what_is_of_other_facings_is_not_kept(file: Path) -> None:
    with pytest.raises(ValueError, match="2 facings"):
        ShelfReferences(file).keep("aisle", msgspec.structs.replace(SHELF, full=FULL[:-1], empty=EMPTY))


def test_a_site_that_never_ran_has_taught_nothing(tmp_path: Path) -> None:
    assert taught_plan(PLAN, tmp_path / "none.sqlite") == PLAN
    with pytest.raises(StoreError, match="start the site once"):
        ShelfReferences(tmp_path / "none.sqlite").keep("aisle", SHELF)
