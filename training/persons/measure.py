"""How many of the people in held-out pictures are found, at how few false finds."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from persons.assign import overlaps
from persons.loss import read
from persons.network import PersonNet
from persons.scene import Batch

_MATCH, _SAME = 0.5, 0.65
_LEAST, _MOST = 0.02, 60


@dataclass(frozen=True, slots=True)
class Figures:
    """Average precision, the recall at which still 99 % and 95 % of finds are right, and the median foot error in heights."""

    people: int
    average_precision: float
    recall_99: float
    recall_95: float
    foot: float

    def __str__(self) -> str:
        return (
            f"{self.people} people: AP {self.average_precision:.3f}, recall at precision .99 {self.recall_99:.3f}, "
            f"at .95 {self.recall_95:.3f}, foot off {self.foot:.3f}"
        )


@torch.no_grad()
def measured(net: PersonNet, batches: list[Batch]) -> Figures:
    """Looks at batches with a network."""
    scores: list[float] = []
    right: list[bool] = []
    feet: list[float] = []
    people = 0
    for batch in batches:
        with torch.autocast(batch.pictures.device.type, dtype=torch.bfloat16):
            levels = net(batch.pictures)
        told = read(levels)
        for number in range(len(batch.pictures)):
            found, score = _distinct(told.boxes[number], told.logit[number].sigmoid())
            true = batch.boxes[number][batch.wanted[number]]
            people += len(true)
            passed = batch.boxes[number][batch.passed[number]]
            for one, sure, is_right, foot in _matched(found, score, true, passed):
                del one
                scores.append(sure)
                right.append(is_right)
                if is_right:
                    feet.append(foot)
    order = np.argsort(-np.array(scores))
    hits = np.cumsum(np.array(right)[order])
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / max(people, 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    average = float(np.sum(np.diff(recall, prepend=0) * best))
    return Figures(people, average, _recall(recall, precision, 0.99), _recall(recall, precision, 0.95), float(np.median(feet or [9])))


def _recall(recall: NDArray[np.float64], precision: NDArray[np.float64], least: float) -> float:
    good = recall[(precision >= least)]
    return float(good.max()) if len(good) else 0.0


def _distinct(boxes: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """The best of those that overlap much."""
    scores, order = scores.topk(min(300, len(scores)))
    boxes, scores = boxes[order][scores > _LEAST], scores[scores > _LEAST]
    same = (overlaps(boxes[:, None], boxes[None]) > _SAME).cpu().numpy()
    kept: list[int] = []
    for number in range(len(boxes)):
        if len(kept) < _MOST and not same[number, kept].any():
            kept.append(number)
    return boxes[kept], scores[kept]


def _matched(found: Tensor, scores: Tensor, true: Tensor, passed: Tensor) -> list[tuple[int, float, bool, float]]:
    """Each find with its score, whether it is right, and how far its foot is off; finds of what says nothing are left out."""
    rows: list[tuple[int, float, bool, float]] = []
    free = overlaps(found[:, None], true[None]).cpu().numpy() if len(true) else np.zeros((len(found), 0))
    vague = overlaps(found[:, None], passed[None]).cpu().numpy() if len(passed) else np.zeros((len(found), 0))
    off = (found[:, None, 3] - true[None, :, 3]).abs() / (true[None, :, 3] - true[None, :, 1]).clamp(min=1)
    foot = off.cpu().numpy() if len(true) else off
    taken = np.zeros(free.shape[1], bool)
    for number, score in enumerate(scores.tolist()):
        open_now = np.where(taken, 0, free[number])
        if len(open_now) and open_now.max() >= _MATCH:
            mine = int(open_now.argmax())
            taken[mine] = True
            rows.append((number, score, True, float(foot[number, mine])))
        elif not (len(vague[number]) and vague[number].max() >= 0.3):
            rows.append((number, score, False, 0.0))
    return rows
