"""Suppression of overlapping boxes: what must hold for any boxes."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from passerby.pixels.people import non_maximum_suppression

corner = st.integers(0, 60)
side = st.integers(1, 40)
box = st.tuples(corner, corner, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))
scored = st.lists(st.tuples(box, st.integers(1, 100)), max_size=25)


def arrays(found: list[tuple[tuple[int, ...], int]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    boxes = np.array([one for one, _ in found], np.float32).reshape(-1, 4)
    return boxes, np.array([score / 100 for _, score in found], np.float32)


def overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    common = float(np.clip(high - low, 0, None).prod())
    areas = float((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod())
    return common / (areas - common)


@given(scored, st.floats(0.1, 0.9))
def test_kept_boxes_do_not_overlap_and_each_dropped_one_has_a_better_neighbour(
    found: list[tuple[tuple[int, ...], int]], iou: float
) -> None:
    boxes, scores = arrays(found)
    kept = non_maximum_suppression(boxes, scores, iou).tolist()
    assert len(set(kept)) == len(kept)
    assert all(scores[a] >= scores[b] for a, b in pairwise(kept))
    margin = 1e-6
    for i, a in enumerate(kept):
        assert all(overlap(boxes[a], boxes[b]) <= iou + margin for b in kept[i + 1 :])
    for dropped in set(range(len(scores))) - set(kept):
        assert any(scores[a] >= scores[dropped] and overlap(boxes[a], boxes[dropped]) > iou - margin for a in kept)


@given(scored)
def test_suppressing_twice_changes_nothing(found: list[tuple[tuple[int, ...], int]]) -> None:
    boxes, scores = arrays(found)
    kept = non_maximum_suppression(boxes, scores)
    again = non_maximum_suppression(boxes[kept], scores[kept])
    assert again.tolist() == list(range(len(kept)))
