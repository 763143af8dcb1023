"""Learns from spoilt heads."""

import copy
import math
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from masks.network import MaskNet
from masks.pool import Spoilt
from masks.trunk import Layer
from masks.view import Batch, collated, view

SHARES = (0.3, 0.14, 0.27, 0.2, 0.09)
"""What share of all views each class has, in the order of `masks.heads.CLASSES`."""
_TOLD_EVERY = 100
_WARM = 0.1
"""For so much of the course the rate rises."""
_PLACE = 0.5
"""So much counts the place beside the answer."""


@dataclass(frozen=True, slots=True)
class Course:
    """How it is learnt.

    Attributes:
        steps: how many batches.
        batch: views in each.
        rate: the highest learning rate.
        slower: AIZOO's layers learn so many times as fast.
        decay: of the weights that are not AIZOO's.
        smoothing: of the labels.
        kept: of the moving mean of the weights, at each step.
        seed: of the first weights, and of the views.
    """

    steps: int
    batch: int = 192
    rate: float = 2e-3
    slower: float = 0.2
    decay: float = 0.02
    smoothing: float = 0.05
    kept: float = 0.998
    seed: int = 1

    def rate_at(self, step: int) -> float:
        """The rate rises, and falls along a cosine: one cycle (Smith and Topin, arXiv 1708.07120)."""
        share = step / self.steps
        if share < _WARM:
            return self.rate * share / _WARM
        return self.rate * (0.5 * (1 + math.cos(math.pi * (share - _WARM) / (1 - _WARM))) + 1e-3)


@dataclass(frozen=True, slots=True)
class Learnt:
    """The network, whose weights are a moving mean, and the mean loss of each hundred steps."""

    net: MaskNet
    losses: list[float] = field(default_factory=list)


class Views(IterableDataset[Batch]):
    """Batches without end, in which each class has its share."""

    def __init__(self, spoilt: list[Spoilt], course: Course) -> None:
        super().__init__()
        self._spoilt, self._batch, self._seed = spoilt, course.batch, course.seed
        counts = Counter(one.answer for one in spoilt)
        weights = np.array([SHARES[one.answer] / counts[one.answer] for one in spoilt])
        self._shares = weights / weights.sum()

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        chance = np.random.default_rng(self._seed)
        while True:
            picks = chance.choice(len(self._spoilt), self._batch, p=self._shares)
            yield collated([view(self._spoilt[number], chance) for number in picks])


def learn(spoilt: list[Spoilt], trunk: dict[str, Layer], course: Course, device: str) -> Learnt:
    """Learns, and tells of it on standard output.

    Args:
        spoilt: what is learnt from.
        trunk: AIZOO's layers.
        course: how.
        device: "cuda" or "cpu".
    """
    torch.manual_seed(course.seed)
    net = MaskNet(trunk).to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch forgot it
    learnt = Learnt(copy.deepcopy(net))
    optimiser = _optimiser(net, course)
    # One other process makes the views, in the order of its seed; it is forked, so that it need not be sent the heads.
    loader = DataLoader(
        Views(spoilt, course), batch_size=None, num_workers=1, prefetch_factor=4, multiprocessing_context="fork"
    )
    recent: list[float] = []
    for step, batch in zip(range(course.steps), loader, strict=False):
        for group in optimiser.param_groups:
            group["lr"] = course.rate_at(step) * group["times"]
        loss = _loss(net.train(), batch, course, device)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        optimiser.step()
        _follow(learnt.net, net, min(course.kept, step / (step + 10)))
        recent.append(float(loss.detach()))
        if (step + 1) % _TOLD_EVERY == 0 or step + 1 == course.steps:
            learnt.losses.append(round(float(np.mean(recent)), 4))
            recent.clear()
            sys.stdout.write(f"{(step + 1) / course.steps:5.0%} step {step + 1} loss {learnt.losses[-1]:.4f}\n")
            sys.stdout.flush()
    learnt.net.to("cpu").eval()
    return learnt


def _optimiser(net: MaskNet, course: Course) -> torch.optim.Optimizer:
    old = list(net.borrowed())
    known = {id(parameter) for parameter in old}
    new = [parameter for parameter in net.parameters() if id(parameter) not in known]
    groups = [
        {"params": new, "weight_decay": course.decay, "times": 1.0},
        {"params": old, "weight_decay": 0.0, "times": course.slower},
    ]
    return torch.optim.AdamW(groups, lr=1e-4)


def _loss(net: MaskNet, batch: Batch, course: Course, device: str) -> Tensor:
    pictures, answers, has_place = (part.to(device) for part in (batch.pictures, batch.answers, batch.has_place))
    with torch.autocast(device, dtype=torch.bfloat16):
        logits, places = net(pictures)
    loss = nn.functional.cross_entropy(logits.float(), answers, label_smoothing=course.smoothing)
    if has_place.any():
        wanted = batch.places.to(device)[has_place]
        loss = loss + _PLACE * nn.functional.smooth_l1_loss(places.float()[has_place], wanted, beta=0.1)
    return loss


def _follow(mean: MaskNet, net: MaskNet, keep: float) -> None:
    """Moves the mean of the weights a little towards the weights."""
    with torch.no_grad():
        for kept, now in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
            kept.copy_(kept * keep + now * (1 - keep))
