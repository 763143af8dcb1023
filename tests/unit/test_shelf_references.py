"""What shelves were taught, in the store and back in the plan."""

from pathlib import Path

import msgspec
import pytest

from passerby.core.shelves import FacingState
from passerby.errors import ConfigError, StoreError
from passerby.gate.contract import FacingNow
from passerby.gate.messages import REFERENCE_BYTES, CameraPlan, ShelfPlan, TeachState
from passerby.gate.setup_messages import Taught
from passerby.site.reload import Reload
from passerby.site.shelf_board import ShelfBoard
from passerby.site.shelf_memory import ShelfMemory
from passerby.site.shelf_news import ShelfNews
from passerby.site.shelf_references import ShelfReferences, taught_plan
from passerby.site.store import Store

START = 1_760_000_400
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


def test_what_is_taught_is_added_and_a_camera_that_was_moved_forgets_it(file: Path) -> None:
    references = ShelfReferences(file)
    crisps = CameraPlan("aisle", shelves=(SHELF,))
    references.learn("aisle", SHELF, Taught((TeachState.FULL,) * 2, FULL))
    references.learn("aisle", SHELF, Taught((TeachState.EMPTY,) * 2, EMPTY))
    assert references.lessons("aisle", SHELF).whole
    references.moved("another")
    assert references.fitted(crisps).shelves[0].taught
    references.moved("aisle")
    assert not references.fitted(crisps).shelves[0].taught, "also after the next start"
    assert references.lessons("aisle", SHELF).moved_unix_s is not None
    assert references.fitted(crisps, before_it_moved=True).shelves[0].taught
    references.learn("aisle", SHELF, Taught((TeachState.FULL,) * 2, FULL))
    lessons = references.lessons("aisle", SHELF)
    assert (lessons.full, lessons.empty, lessons.whole) == (True, False, False), "the other is of another view"


def test_a_shelf_that_is_as_it_was_before_is_taught_as_it_stands(file: Path) -> None:
    references = ShelfReferences(file)
    references.keep("aisle", msgspec.structs.replace(SHELF, full=FULL, empty=EMPTY))
    references.moved("aisle")
    mixed = Taught((TeachState.FULL, TeachState.EMPTY), bytes([9]) * REFERENCE_BYTES * 2)
    references.learn("aisle", SHELF, mixed, before_it_moved=True)
    (shelf,) = references.fitted(CameraPlan("aisle", shelves=(SHELF,))).shelves
    assert (shelf.full[:1], shelf.full[-1:], shelf.empty[:1], shelf.empty[-1:]) == (b"\t", b"\1", b"\2", b"\t")


def test_a_running_site_takes_a_shelf_once_it_can_be_watched(file: Path) -> None:
    references = ShelfReferences(file)
    asked: list[int] = []
    reload = Reload(lambda: asked.append(1))
    news = ShelfNews(references, (PLAN,), reload)
    news.work()
    references.learn("aisle", SHELF, Taught((TeachState.FULL,) * 2, FULL))
    news.work()
    assert not asked, "half a lesson is of no use"
    references.learn("aisle", SHELF, Taught((TeachState.EMPTY,) * 2, EMPTY))
    news.work()
    assert reload.asked
    news.work()
    assert len(asked) == 1
    as_it_runs = ShelfNews(references, (references.fitted(PLAN),), Reload(lambda: asked.append(1)))
    as_it_runs.work()
    assert len(asked) == 1, "it runs with it already"


def test_a_configuration_that_is_broken_meanwhile_is_complained_of_once(file: Path) -> None:
    references = ShelfReferences(file)
    asked: list[int] = []

    def broken() -> None:
        asked.append(1)
        raise ConfigError(["cameras: none is given"])

    reload = Reload(broken)
    references.keep("aisle", msgspec.structs.replace(SHELF, full=FULL, empty=EMPTY))
    news = ShelfNews(references, (PLAN,), reload)
    news.work()
    news.work()
    assert (reload.asked, len(asked)) == (False, 1)


def test_since_when_a_facing_is_empty_outlives_a_restart(file: Path) -> None:
    memory, board = ShelfMemory(file, [PLAN]), ShelfBoard()
    with memory.remembering(board):
        for minute in range(3):
            board.tell(FacingNow("aisle", "crisps", 1, FacingState.EMPTY, START + 60 * minute))
        board.tell(FacingNow("gone", "crisps", 1, FacingState.EMPTY, START))
    later = ShelfBoard()
    with ShelfMemory(file, [PLAN]).remembering(later):
        (known,) = later.now()
        assert (known.state, known.last, known.since_unix_s) == (FacingState.CANNOT_SEE, FacingState.EMPTY, START)
        later.tell(FacingNow("aisle", "crisps", 1, FacingState.EMPTY, START + 600))
        (known,) = later.now()
        assert (known.state, known.since_unix_s, known.age_s) == (FacingState.EMPTY, START, 0)
        later.tell(FacingNow("aisle", "crisps", 1, FacingState.STOCKED, START + 660))
    drawn_anew = msgspec.structs.replace(PLAN, shelves=(ShelfPlan("crisps", (SQUARE,)),))
    assert ShelfMemory(file, [drawn_anew]).known() == ()
    assert [one.since_unix_s for one in ShelfMemory(file, [PLAN]).known()] == [START + 660]


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
