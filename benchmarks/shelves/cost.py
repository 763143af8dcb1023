"""What one look costs: 40 facings in a picture of 1920 x 1080, on one core."""

import time

import numpy as np

from passerby.pixels.shelf_features import Facings
from passerby.pixels.shelf_judge import Judge
from tests.support.shelf_scenes import ShelfScene

_FACINGS, _LOOKS = 40, 200


def table() -> None:
    """Prints milliseconds of thread time, without decoding."""
    scene = ShelfScene(5, size_px=(1920, 1080))
    polygons = np.concatenate([scene.polygons] * _FACINGS)[:_FACINGS]
    facings = Facings(polygons, scene.size_px)
    full, empty = scene.taught("full"), scene.taught("empty")
    judge = Judge(facings.cells(full), facings.cells(empty))
    nobody = np.zeros((0, 4))
    spent_ms = []
    for _ in range(_LOOKS):
        began_s = time.thread_time()
        judge.look(facings.cells(full), facings.hidden(nobody))
        spent_ms.append(1000 * (time.thread_time() - began_s))
    median, most = np.percentile(spent_ms, (50, 95))
    print(f"\nOne look at {_FACINGS} facings in 1920 x 1080: median {median:.2f} ms, 95th percentile {most:.2f} ms")
