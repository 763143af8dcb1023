"""What is wrong with what a network tells."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from persons.assign import assign, overlaps
from persons.network import STRIDES_PX
from persons.scene import Batch

_BOX, _FOOT, _TEACHER = 2.5, 1.0, 0.6


@dataclass(frozen=True, slots=True)
class Told:
    """What a network tells of n pictures: logits (n, c), boxes (n, c, 4), and cells (c, 3), middle and side."""

    logit: Tensor
    boxes: Tensor
    cells: Tensor


def read(levels: list[Tensor]) -> Told:
    """Reads the heads; where there are two logits, both must hold (their probabilities are multiplied)."""
    logits, boxes, cells = [], [], []
    for level, stride in zip(levels, STRIDES_PX, strict=True):
        rows, columns = level.shape[2:]
        y, x = torch.meshgrid(
            torch.arange(rows, device=level.device), torch.arange(columns, device=level.device), indexing="ij"
        )
        corner = torch.stack([x, y], -1).reshape(-1, 2).float()
        flat = level.float().flatten(2).transpose(1, 2)
        middle = (flat[..., :2] + corner) * stride
        half = flat[..., 2:4].clamp(max=7).exp() * stride / 2
        boxes.append(torch.cat([middle - half, middle + half], -1))
        logits.append(flat[..., 4] if flat.shape[2] == 5 else _both(flat[..., 4], flat[..., 5]))
        cells.append(torch.cat([(corner + 0.5) * stride, torch.full_like(corner[:, :1], stride)], -1))
    return Told(torch.cat(logits, 1), torch.cat(boxes, 1), torch.cat(cells))


def _both(one: Tensor, other: Tensor) -> Tensor:
    return torch.logit(one.sigmoid() * other.sigmoid(), eps=1e-6)


@dataclass(frozen=True, slots=True)
class Losses:
    """Parts of the loss: scores, boxes, and what the teacher tells."""

    score: Tensor
    box: Tensor
    teacher: Tensor

    @property
    def whole(self) -> Tensor:
        """Their sum, weighed."""
        return self.score + self.box + self.teacher


def losses(told: Told, teacher: Told, batch: Batch) -> Losses:
    """Compares what is told with the truth where that is known, and with the teacher elsewhere."""
    found = assign(told.logit.sigmoid(), told.boxes, (batch.boxes, batch.wanted), told.cells)
    sure = batch.labelled[:, None] & ~(_passed(batch, told.cells) & ~found.meant)
    error = functional.binary_cross_entropy_with_logits(told.logit, found.score, reduction="none")
    error = error * (found.score - told.logit.detach().sigmoid()).abs().clamp(min=0.02) ** 0.5
    people = found.score.sum().clamp(min=1)
    score = (error * sure).sum() / people
    weight = found.score * found.meant
    box = box_error(told.boxes, found.box)
    wrong = (box * weight).sum() / people
    wanted = teacher.logit.sigmoid()
    unsure = (~batch.labelled).float()[:, None] * 0.7 + 0.3
    copied = functional.binary_cross_entropy_with_logits(told.logit, wanted, reduction="none")
    copied = copied - functional.binary_cross_entropy_with_logits(teacher.logit, wanted, reduction="none")
    mass = (wanted * unsure).sum().clamp(min=1)
    near = (box_error(told.boxes, teacher.boxes) * wanted * unsure).sum()
    return Losses(score, wrong, _TEACHER * ((copied * unsure).sum() + near) / mass)


def box_error(one: Tensor, other: Tensor) -> Tensor:
    """Distance-IoU (arXiv 1911.08287), and how far the foot is from where it should be, in heights of the person."""
    middle = ((one[..., :2] + one[..., 2:]) - (other[..., :2] + other[..., 2:])) / 2
    around = torch.maximum(one[..., 2:], other[..., 2:]) - torch.minimum(one[..., :2], other[..., :2])
    distance = (middle**2).sum(-1) / ((around**2).sum(-1) + 1e-6)
    high = (other[..., 3] - other[..., 1]).clamp(min=4)
    foot = (one[..., 3] - other[..., 3]).abs() / high + middle[..., 0].abs() / high
    return _BOX * (1 - overlaps(one, other) + distance) + _FOOT * foot.clamp(max=1)


def _passed(batch: Batch, cells: Tensor) -> Tensor:
    """Cells (n, c), bool, in boxes that say nothing."""
    middle = cells[None, None, :, :2]
    inside = (middle > batch.boxes[:, :, None, :2]) & (middle < batch.boxes[:, :, None, 2:])
    return (inside.all(-1) & batch.passed[:, :, None]).any(1)
