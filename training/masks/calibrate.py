"""The temperature by which logits are divided so that scores are shares (Guo et al., arXiv 1706.04599)."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from masks.network import MaskNet
from masks.pool import Spoilt
from masks.view import collated, view

_TOGETHER = 256
_TEMPERATURES = np.exp(np.linspace(-1.5, 1.5, 601))


@dataclass(frozen=True, slots=True)
class Answered:
    """Logits (n, 5) of views of heads that were held out, and what they should have been, (n,)."""

    logits: Tensor
    truth: Tensor


def answered(net: MaskNet, spoilt: list[Spoilt], seed: int) -> Answered:
    """One view of each spoilt head, answered."""
    chance = np.random.default_rng(seed)
    logits, truth = [], []
    with torch.no_grad():
        for start in range(0, len(spoilt), _TOGETHER):
            batch = collated([view(one, chance) for one in spoilt[start : start + _TOGETHER]])
            logits.append(net(batch.pictures)[0])
            truth.append(batch.answers)
    return Answered(torch.cat(logits), torch.cat(truth))


def temperature(seen: Answered) -> float:
    """The temperature with the least cross-entropy."""
    losses = [
        float(torch.nn.functional.cross_entropy(seen.logits / float(value), seen.truth)) for value in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])
