"""Learning: courses, what they learn from, and how a lesson is taught."""

import copy
import math
import sys
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from persons.bank import Pictures
from persons.network import PersonNet
from persons.scene import Batch, Composer, photographs
from persons.spoil import spoilt

SIZES_PX = (((416, 256), 0.75), ((288, 160), 0.25))
STRAIGHT_DOWN = 0.15
_TOLD_EVERY_S = 10.0
_WARM = 0.05
MOST_GRADIENT = 5.0


@dataclass(frozen=True, slots=True)
class Course:
    """One stage of learning.

    Attributes:
        seconds: how long.
        batch: pictures of 416x256 in each step; of other sizes as many as have so many pixels.
        rate: the highest learning rate.
        kept: of the moving mean of the weights, at each step.
        composed: what share of each batch is pasted; the rest are photographs.
        clear: what share of batches is not spoilt.
        seed: of everything that is drawn.
    """

    seconds: float
    batch: int
    rate: float = 1e-3
    kept: float = 0.995
    composed: float = 0.5
    clear: float = 0.3
    seed: int = 1

    def rate_at(self, share: float) -> float:
        """The rate rises, and falls along a cosine (arXiv 1708.07120)."""
        if share < _WARM:
            return self.rate * (0.1 + 0.9 * share / _WARM)
        return self.rate * (0.5 * (1 + math.cos(math.pi * (share - _WARM) / (1 - _WARM))) + 5e-3)


class Source:
    """Batches without end, spoilt as cameras spoil.

    Args:
        composer: pastes people into rooms.
        photos: with people and without.
    """

    def __init__(self, composer: Composer, photos: Pictures) -> None:
        self._composer, self._photos = composer, photos

    def batch(self, course: Course) -> Batch:
        """The next one."""
        chances = torch.tensor([chance for _, chance in SIZES_PX])
        size_px = SIZES_PX[int(torch.multinomial(chances, 1))][0]
        number = max(2, round(course.batch * 416 * 256 / (size_px[0] * size_px[1])))
        pasted = min(number - 1, max(1, round(number * course.composed)))
        one = self._composer.compose(pasted, size_px, STRAIGHT_DOWN)
        picks = torch.randint(len(self._photos.size), (number - pasted,), device=one.pictures.device)
        both = joined(one, photographs(self._photos, picks, size_px))
        clear = bool(torch.rand(1) < course.clear)
        return both.seen_through((lambda pictures: pictures) if clear else spoilt)


def joined(one: Batch, other: Batch) -> Batch:
    """Two batches as one."""
    most = max(one.boxes.shape[1], other.boxes.shape[1])
    boxes, wanted, passed = (
        torch.cat([functional.pad(part, [0, 0] * (part.dim() - 2) + [0, most - part.shape[1]]) for part in pair])
        for pair in ((one.boxes, other.boxes), (one.wanted, other.wanted), (one.passed, other.passed))
    )
    labelled, filled = torch.cat([one.labelled, other.labelled]), torch.cat([one.filled, other.filled])
    pictures = torch.cat([one.pictures, other.pictures])
    return Batch(pictures, boxes, wanted, passed, labelled, filled)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A network, in how many steps, and the mean parts of the loss, every ten seconds."""

    net: PersonNet
    steps: int
    losses: list[list[float]]


class _Teller:
    """Keeps the losses of the latest steps, and tells of them now and then."""

    def __init__(self) -> None:
        self.losses: list[list[float]] = []
        self._recent: deque[list[float]] = deque(maxlen=50)
        self._told_s = time.monotonic()

    def add(self, parts: list[Tensor], share: float, step: int) -> None:
        """One step's losses."""
        self._recent.append(torch.stack([part.detach() for part in parts]).tolist())
        if self.losses and time.monotonic() - self._told_s < _TOLD_EVERY_S:
            return
        self._told_s = time.monotonic()
        self.losses.append([round(sum(of) / len(self._recent), 3) for of in zip(*self._recent, strict=True)])
        sys.stdout.write(f"{share:5.0%} step {step} {self.losses[-1]}\n")
        sys.stdout.flush()


Groups = tuple[tuple[list[nn.Parameter], float], ...]
"""What learns, each group with the share of a course's rate at which it does."""


class Lesson(Protocol):
    """What is taught.

    Attributes:
        net: who learns; what of it learns wants a gradient.
        groups: all of it that learns.
    """

    net: PersonNet
    groups: Groups

    def parts(self, batch: Batch) -> list[Tensor]:
        """Parts of the loss of one batch."""


def learn(lesson: Lesson, source: Source, course: Course) -> Learnt:
    """Teaches a lesson until the time is over, and tells of it; gives the moving mean of the weights."""
    torch.manual_seed(course.seed)
    net = lesson.net
    optimiser = torch.optim.AdamW(
        [{"params": some, "share": share} for some, share in lesson.groups], lr=1e-5, betas=(0.9, 0.98), weight_decay=0
    )
    mean, teller, step = copy.deepcopy(net), _Teller(), 0
    began_s = time.monotonic()
    while (share := (time.monotonic() - began_s) / course.seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = course.rate_at(share) * group["share"]
        parts = lesson.parts(source.batch(course))
        optimiser.zero_grad(set_to_none=True)
        torch.stack(parts).sum().backward()  # type: ignore[no-untyped-call]  # torch's own
        for group in optimiser.param_groups:
            torch.nn.utils.clip_grad_norm_(group["params"], MOST_GRADIENT)
        optimiser.step()
        step += 1
        _follow(mean, net, min(course.kept, step / (step + 10)))
        teller.add(parts, share, step)
    return Learnt(mean.eval(), step, teller.losses)


def _follow(mean: PersonNet, net: PersonNet, keep: float) -> None:
    """Moves the mean of the weights a little towards the weights."""
    with torch.no_grad():
        for one, other in zip(mean.parameters(), net.parameters(), strict=True):
            if other.requires_grad:
                one.lerp_(other, 1 - keep)


def mean_of(nets: Iterable[PersonNet]) -> PersonNet:
    """One network whose weights are the mean of others' that began as the same (arXiv 2203.05482)."""
    every = [net.state_dict() for net in nets]
    mean = PersonNet()
    mean.load_state_dict({name: torch.stack([one[name].float() for one in every]).mean(0) for name in every[0]})
    return mean.eval()
