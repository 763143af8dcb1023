"""The made-up shelves that others are tested and measured on: what they say is true of what they show."""

import numpy as np

from tests.support.shelf_disturbances import Disturbances, only
from tests.support.shelf_scenes import ShelfScene

SMALL = (320, 180)


def luma(scene: ShelfScene, looks: int) -> list[np.ndarray]:
    return [sight.frame.to_ndarray()[: SMALL[1]].astype(int) for sight in scene.sights(looks)]


def test_a_seed_gives_the_same_pictures() -> None:
    one, other = (luma(ShelfScene(5, size_px=SMALL), 3) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_it_begins_as_it_was_taught_full() -> None:
    scene = ShelfScene(5, Disturbances(), size_px=SMALL)
    full, empty = (scene.taught(state).to_ndarray()[: SMALL[1]].astype(int) for state in ("full", "empty"))
    (first,) = scene.sights(1)
    assert (first.fill == 1).all()
    shown = first.frame.to_ndarray()[: SMALL[1]].astype(int)
    assert np.abs(shown - full).max() == 0
    assert (np.abs(shown - empty) > 20).mean() > 0.1


def test_nothing_changes_but_when_a_unit_was_taken() -> None:
    scene = ShelfScene(5, Disturbances(), size_px=SMALL)
    before, pictures = None, luma(ShelfScene(5, Disturbances(), size_px=SMALL), 6)
    for sight, picture in zip(scene.sights(6), pictures, strict=True):
        if before is not None:
            changed = np.abs(picture - before[1]).max() > 0
            assert bool(changed) == bool((sight.fill != before[0]).any())
        before = (sight.fill, picture)


def test_disturbances_of_every_look_change_the_first_one() -> None:
    (calm,) = luma(ShelfScene(8, Disturbances(), size_px=SMALL), 1)
    for name in ("light", "shadows", "shift", "noise", "codec"):
        (disturbed,) = luma(ShelfScene(8, only(name), size_px=SMALL), 1)
        assert np.abs(calm - disturbed).max() > 2, name
