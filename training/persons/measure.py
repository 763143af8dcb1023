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

_MATCH, _SAME, _VAGUE = 0.5, 0.65, 0.3
_LEAST, _MOST = 0.02, 60


@dataclass(frozen=True, slots=True)
class Figures:
    """Average precision, the recall at which 99 % and 95 % of finds are right, and the median foot error in heights."""

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


@dataclass(frozen=True, slots=True)
class _Find:
    """One find: its score, whether it is right, and how far its foot is off in heights."""

    score: float
    right: bool
    foot: float


@torch.no_grad()
def measured(net: PersonNet, batches: list[Batch]) -> Figures:
    """Looks at batches with a network."""
    finds = [find for batch in batches for find in _looked(net, batch)]
    people = sum(int(batch.wanted.sum()) for batch in batches)
    finds.sort(key=lambda find: -find.score)
    hits = np.cumsum([find.right for find in finds]).astype(np.float64)
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / max(people, 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    average = float(np.sum(np.diff(recall, prepend=0) * best))
    foot = float(np.median([find.foot for find in finds if find.right] or [float("nan")]))
    return Figures(people, average, _recall(recall, precision, 0.99), _recall(recall, precision, 0.95), foot)


def _looked(net: PersonNet, batch: Batch) -> list[_Find]:
    kind = batch.pictures.device.type
    with torch.autocast(kind, dtype=torch.bfloat16, enabled=kind == "cuda"):
        told = read(net(batch.pictures))
    finds: list[_Find] = []
    for number in range(len(batch.pictures)):
        found = _distinct(told.boxes[number], told.logit[number].sigmoid())
        boxes = batch.boxes[number]
        finds += _matched(found, boxes[batch.wanted[number]], boxes[batch.passed[number]])
    return finds


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


def _matched(found: tuple[Tensor, Tensor], true: Tensor, passed: Tensor) -> list[_Find]:
    """What the finds are worth, the surest first; those of what says nothing are left out."""
    boxes, scores = found
    finds: list[_Find] = []
    free = overlaps(boxes[:, None], true[None]).cpu().numpy()
    vague = overlaps(boxes[:, None], passed[None]).cpu().numpy()
    high = (true[None, :, 3] - true[None, :, 1]).clamp(min=1)
    foot = ((boxes[:, None, 3] - true[None, :, 3]).abs() / high).cpu().numpy()
    taken = np.zeros(free.shape[1], bool)
    for number, score in enumerate(scores.tolist()):
        open_now = np.where(taken, 0, free[number])
        if open_now.max(initial=0) >= _MATCH:
            mine = int(open_now.argmax())
            taken[mine] = True
            finds.append(_Find(score, True, float(foot[number, mine])))
        elif vague[number].max(initial=0) < _VAGUE:
            finds.append(_Find(score, False, 0.0))
    return finds
