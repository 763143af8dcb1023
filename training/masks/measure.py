"""How rendered heads that were held out are answered, by group: what the picture shows of light, angle and size.

Nothing about who somebody is: nobody is. Real faces are measured by `python -m benchmarks.masks.against`.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from masks.calibrate import Answered
from masks.heads import CLASSES, POOR, Crop
from masks.pool import Spoilt

_BINS = 15


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its name, how many views it has, and the share of those that were answered rightly.

    Attributes:
        name: what they have in common.
        views: how many.
        right: share whose most likely answer is the true one.
        sure: share whose most likely answer has a score of 0.8 or more.
        right_if_sure: share of the sure ones that are right. Each is None where there are none.
    """

    name: str
    views: int
    right: float | None
    sure: float | None
    right_if_sure: float | None

    def __str__(self) -> str:
        shares = ("-" if one is None else f"{one:.3f}" for one in (self.right, self.sure, self.right_if_sure))
        return f"{self.name:40} {self.views:6} {' '.join(f'{one:>6}' for one in shares)}"


Edges = tuple[float, ...]
Value = Callable[[Spoilt, Crop], float]


def _light(spoilt: Spoilt, _: Crop) -> float:
    """Mean of the middle of the picture, where the face is, 0..255."""
    quarter = len(spoilt.pixels) * 3 // 8
    return float(spoilt.pixels[quarter:-quarter, quarter:-quarter].mean())


GROUPS: dict[str, tuple[Value, Edges]] = {
    "light, mean of the face": (_light, (0, 40, 80, 120, 160, 256)),
    "turned, degrees": (lambda _, crop: abs(crop.yaw_deg), (0, 30, 60, 101)),
    "seen from above, degrees": (lambda _, crop: crop.pitch_deg, (-90, 0, 15, 30, 45, 91)),
    "face, pixels": (lambda spoilt, _: spoilt.face_px, (8, 10, 16, 24, 41)),
}
"""Value and edges of each grouping."""


def by_group(spoilt: list[Spoilt], crops: list[Crop], seen: Answered, temperature: float) -> list[Group]:
    """First all views of one answer, then the groups of `GROUPS`, then those with each thing that is worn or held.

    But for the first, views that are too poor to tell are left out, unless a face is covered by what is worn or held.
    """
    scores = (seen.logits / temperature).softmax(1)
    best = scores.max(1)
    right: NDArray[np.bool_] = (best.indices == seen.truth).numpy()
    sure: NDArray[np.bool_] = (best.values >= 0.8).numpy()
    truth = seen.truth.numpy()
    groups = [_group(name, truth == number, right, sure) for number, name in enumerate(CLASSES)]
    for what, (value, edges) in GROUPS.items():
        values = np.array([value(one, crops[one.crop]) for one in spoilt])
        for low, high in itertools.pairwise(edges):
            chosen = (values >= low) & (values < high) & (truth != POOR)
            groups.append(_group(f"{what}: {low:g} to {high:g}", chosen, right, sure))
    covered = np.array([crops[one.crop].answer == POOR for one in spoilt])
    readable = (truth != POOR) | covered
    for extra in sorted({extra for crop in crops for extra in crop.extra}):
        worn = np.array([extra in crops[one.crop].extra for one in spoilt])
        groups.append(_group(f"with: {extra}", worn & readable, right, sure))
    return groups


def _group(name: str, chosen: NDArray[np.bool_], right: NDArray[np.bool_], sure: NDArray[np.bool_]) -> Group:
    def share(of: NDArray[np.bool_], among: NDArray[np.bool_]) -> float | None:
        return round(float(of[among].mean()), 4) if among.any() else None

    return Group(name, int(chosen.sum()), share(right, chosen), share(sure, chosen), share(right, chosen & sure))


def calibration_error(seen: Answered, temperature: float) -> float:
    """Expected calibration error of the most likely answer, in bins of one width."""
    best = (seen.logits / temperature).softmax(1).max(1)
    right = (best.indices == seen.truth).float()
    bins = torch.clamp((best.values * _BINS).long(), max=_BINS - 1)
    gaps = [
        (right[bins == one].mean() - best.values[bins == one].mean()).abs() * (bins == one).float().mean()
        for one in torch.arange(_BINS)[torch.bincount(bins, minlength=_BINS) > 0]
    ]
    return float(torch.stack(gaps).sum())
