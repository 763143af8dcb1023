"""Teaching a shelf: what is kept, and when it is refused."""

import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.gate.messages import REFERENCE_BYTES, ShelfPlan, TeachState
from passerby.gate.setup_messages import Taught
from passerby.pixels.shelf_features import COLUMNS, ROWS, Cells, Facings
from passerby.pixels.shelf_reference import pack, unpack
from passerby.pixels.shelf_teaching import LOOKS, Teaching
from tests.support.shelf_scenes import ShelfScene


@pytest.fixture(scope="module")
def scene() -> ShelfScene:
    return ShelfScene(3, size_px=(640, 360))


@pytest.fixture(scope="module")
def facings(scene: ShelfScene) -> Facings:
    return Facings(scene.polygons, scene.size_px)


@pytest.fixture(scope="module")
def full(scene: ShelfScene, facings: Facings) -> Cells:
    return facings.cells(scene.taught("full"))


@pytest.fixture(scope="module")
def empty(scene: ShelfScene, facings: Facings) -> Cells:
    return facings.cells(scene.taught("empty"))


def shelf(scene: ShelfScene, full: bytes = b"", empty: bytes = b"") -> ShelfPlan:
    corners = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in scene.polygons)
    return ShelfPlan("crisps", corners, full=full, empty=empty)


def nobody(cells: Cells) -> NDArray[np.float64]:
    return np.zeros((len(cells), ROWS, COLUMNS))


def test_full_and_then_empty_make_a_shelf_that_was_taught(scene: ShelfScene, full: Cells, empty: Cells) -> None:
    plan = shelf(scene)
    assert not plan.taught
    for state, cells in ((TeachState.FULL, full), (TeachState.EMPTY, empty)):
        teaching = Teaching(plan, state)
        for _ in range(LOOKS):
            assert not teaching.done
            teaching.look(cells, nobody(cells))
        assert teaching.done
        told = teaching.taught()
        assert told.covered == ()
        plan = told.added_to(plan)
    assert plan.taught and len(plan.full) == REFERENCE_BYTES * len(full)
    assert plan.full == pack(full) and plan.empty == pack(empty)


def test_who_passes_leaves_nothing_behind_and_who_stays_is_told(scene: ShelfScene, full: Cells, empty: Cells) -> None:
    passing, staying = Teaching(shelf(scene), TeachState.FULL), Teaching(shelf(scene), TeachState.FULL)
    for number in range(LOOKS):
        hidden = nobody(full)
        hidden[2] = 1.0
        in_front = number % 5 == 0
        passing.look(empty if in_front else full, hidden if in_front else nobody(full))
        staying.look(full, hidden if number % 2 else nobody(full))
    told = passing.taught()
    assert told.references == pack(full) and told.covered == ()
    refused = staying.taught()
    assert refused.covered == (2,)
    assert not any(refused.references), "what was covered leaves nothing"
    with pytest.raises(ValueError, match="nothing is kept"):
        refused.added_to(shelf(scene))


def test_what_moves_and_is_not_found_to_be_a_person_is_told_too(scene: ShelfScene, full: Cells) -> None:
    teaching = Teaching(shelf(scene), TeachState.FULL)
    rng = np.random.default_rng(1)
    for _ in range(LOOKS):
        seen = full.copy()
        seen[4, ..., :4] = rng.uniform(0, 0.3, seen[4, ..., :4].shape)
        teaching.look(seen, nobody(full))
    assert teaching.taught().covered == (4,)


def test_as_it_stands_each_facing_is_taken_for_what_it_looks_like(scene: ShelfScene, full: Cells, empty: Cells) -> None:
    teaching = Teaching(shelf(scene, pack(full), pack(empty)), TeachState.NOW)
    mixed = full.copy()
    mixed[0] = empty[0]
    mixed[..., 4] += 0.2
    teaching.look(mixed, nobody(full))
    told = teaching.taught().added_to(shelf(scene, pack(full), pack(empty)))
    brighter = np.array(0.2)
    assert np.allclose(unpack(told.empty)[0, ..., 4], empty[0, ..., 4] + brighter, atol=0.02)
    assert np.allclose(unpack(told.full)[1:, ..., 4], full[1:, ..., 4] + brighter, atol=0.02)
    assert np.allclose(unpack(told.full)[0], full[0], atol=0.02), "of a gap nothing is learnt about the full facing"
    with pytest.raises(ValueError, match="teach it full and empty first"):
        Teaching(shelf(scene, full=pack(full)), TeachState.NOW)


def test_where_nothing_that_was_taught_fits_any_more_it_is_not_taken_for_the_same(
    scene: ShelfScene, full: Cells, empty: Cells
) -> None:
    """A camera that was moved, and is to be taught as it stands."""
    teaching = Teaching(shelf(scene, pack(full), pack(empty)), TeachState.NOW)
    turned = np.ascontiguousarray(full[:, ::-1, ::-1])
    teaching.look(turned, nobody(full))
    assert len(teaching.taught().covered) > len(full) / 2


def test_what_was_taught_of_each_facing_takes_its_own_place() -> None:
    old, new = bytes([1]) * REFERENCE_BYTES, bytes([9]) * REFERENCE_BYTES
    square = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
    plan = ShelfPlan("crisps", (square, square), full=old * 2, empty=old * 2)
    told = Taught((TeachState.EMPTY, TeachState.FULL), new * 2).added_to(plan)
    assert (told.full, told.empty) == (old + new, new + old)


def test_a_camera_that_shows_nothing_teaches_nothing(scene: ShelfScene) -> None:
    with pytest.raises(ValueError, match="showed nothing"):
        Teaching(shelf(scene), TeachState.FULL).taught()
