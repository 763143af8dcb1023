"""Which cell answers for whom: task-aligned assignment (arXiv 2108.07755), and how good each answer should be."""

from dataclasses import dataclass

import torch
from torch import Tensor

_SCORE_POWER, _OVERLAP_POWER = 0.5, 4.0
_CANDIDATES = 9
_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Assigned:
    """For n pictures and c cells: the score wanted 0..1 (n, c), the box (n, c, 4), and whether it answers (n, c)."""

    score: Tensor
    box: Tensor
    meant: Tensor


def overlaps(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union of boxes (..., 4) that are broadcast against each other."""
    low, high = torch.maximum(one[..., :2], other[..., :2]), torch.minimum(one[..., 2:], other[..., 2:])
    common = (high - low).clamp(min=0).prod(-1)
    areas = (one[..., 2:] - one[..., :2]).prod(-1) + (other[..., 2:] - other[..., :2]).prod(-1)
    return common / (areas - common + _EPSILON)


@torch.no_grad()
def assign(scores: Tensor, found: Tensor, true: tuple[Tensor, Tensor], cells: Tensor) -> Assigned:
    """Gives each true box the cells that tell it best.

    Args:
        scores: (n, c), told 0..1.
        found: (n, c, 4), told boxes.
        true: boxes (n, m, 4), and which of them count, bool (n, m).
        cells: (c, 3), middle and side of each cell, pixels.
    """
    boxes, wanted = true
    iou = overlaps(boxes[:, :, None], found[:, None]) * wanted[:, :, None]
    near = _within(boxes, cells) & wanted[:, :, None]
    fit = scores[:, None].clamp(min=0) ** _SCORE_POWER * iou**_OVERLAP_POWER
    chosen = torch.zeros_like(near)
    # Where nothing fits yet the cells next to the middle learn first.
    ranked = (fit + 1e-7 * _nearness(boxes, cells)) * near
    best = ranked.topk(min(_CANDIDATES, ranked.shape[2]), 2)
    chosen.scatter_(2, best.indices, best.values > 0)
    whose = torch.where(chosen, iou + 1e-6, 0.0).max(1)
    meant = chosen.any(1)
    mine = torch.zeros_like(chosen).scatter_(1, whose.indices[:, None], True) & chosen
    fit = torch.where(mine, fit, 0.0)
    top_fit = fit.amax(2, keepdim=True).clamp(min=_EPSILON)
    top_iou = torch.where(mine, iou, 0.0).amax(2, keepdim=True)
    score = (fit / top_fit * top_iou).amax(1)
    box = boxes.gather(1, whose.indices[:, :, None].expand(-1, -1, 4))
    return Assigned(score * meant, box, meant)


def _within(boxes: Tensor, cells: Tensor) -> Tensor:
    """Whose box (n, m, c), bool, or at least a square of 1.5 cells around its middle, a cell's middle is in."""
    middle, half = (boxes[..., :2] + boxes[..., 2:]) / 2, (boxes[..., 2:] - boxes[..., :2]) / 2
    reach = torch.maximum(half[:, :, None], cells[None, None, :, 2:] * 0.75)
    return ((cells[None, None, :, :2] - middle[:, :, None]).abs() < reach).all(-1)


def _nearness(boxes: Tensor, cells: Tensor) -> Tensor:
    """(n, m, c): 0..1, how near to a box's middle a cell is, and how much its side is a box's."""
    middle, side = (boxes[..., :2] + boxes[..., 2:]) / 2, (boxes[..., 2:] - boxes[..., :2]).clamp(min=1).prod(-1).sqrt()
    far = (cells[None, None, :, :2] - middle[:, :, None]).norm(dim=-1) / side[:, :, None]
    level = (cells[None, None, :, 2] * 4 / side[:, :, None]).log().abs()
    return torch.exp(-far - level)
