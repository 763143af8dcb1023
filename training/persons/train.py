"""Learns from pasted people and from photographs, with YOLOX-nano as teacher."""

import copy
import math
import sys
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from persons.bank import Pictures
from persons.loss import feature_error, losses, read
from persons.network import PersonNet
from persons.scene import Batch, Composer, photographs
from persons.spoil import spoilt

SIZES_PX = (((416, 256), 0.6), ((320, 192), 0.2), ((288, 160), 0.2))
STRAIGHT_DOWN = 0.22
NEW = ("stem", "two", "heads")
"""Parts in which YOLOX-nano's bends are gone."""
_TOLD_EVERY_S = 10.0
_WARM = 0.05


@dataclass(frozen=True, slots=True)
class Course:
    """One stage of learning.

    Attributes:
        seconds: how long.
        batch: pictures of 416x256 in each step; of other sizes as many as have so many pixels.
        rate: the highest learning rate.
        quick: parts of the network that learn at that rate.
        still: parts that do not learn.
        slower: the other parts learn so many times as fast as the quick ones,
        fitted: and begin to after this share of the time.
        through_teacher: whether the heads are given the teacher's features, and nothing but the heads is looked at.
        features: how much it matters that features are the teacher's.
        decay: of the weights of quick parts.
        kept: of the moving mean of the weights, at each step.
        composed: what share of each batch is pasted; the rest are photographs.
        clear_from: after what share of the time every second picture is not spoilt.
        seed: of everything that is drawn.
    """

    seconds: float
    batch: int
    rate: float = 6e-4
    quick: tuple[str, ...] = NEW
    still: tuple[str, ...] = ()
    slower: float = 0.3
    fitted: float = 0.3
    through_teacher: bool = False
    features: float = 0.5
    decay: float = 0.02
    kept: float = 0.996
    composed: float = 0.5
    clear_from: float = 0.6
    seed: int = 1

    def rate_at(self, share: float) -> float:
        """The rate rises, and falls along a cosine (arXiv 1708.07120)."""
        if share < _WARM:
            return self.rate * (0.1 + 0.9 * share / _WARM)
        return self.rate * (0.5 * (1 + math.cos(math.pi * (share - _WARM) / (1 - _WARM))) + 5e-3)

    def slower_at(self, share: float) -> float:
        """How fast the parts that are not quick learn beside the quick ones."""
        return self.slower * min(1.0, max(0.0, (share - self.fitted) / _WARM))


class Source:
    """Batches without end, spoilt as cameras spoil.

    Args:
        composer: pastes people into rooms.
        photos: with people and without.
    """

    def __init__(self, composer: Composer, photos: Pictures) -> None:
        self._composer, self._photos = composer, photos

    def batch(self, course: Course, share: float) -> Batch:
        """The next one, at that share of the course's time."""
        chances = torch.tensor([chance for _, chance in SIZES_PX])
        size_px = SIZES_PX[int(torch.multinomial(chances, 1))][0]
        number = max(2, round(course.batch * 416 * 256 / (size_px[0] * size_px[1])))
        pasted = min(number - 1, max(1, round(number * course.composed)))
        one = self._composer.compose(pasted, size_px, STRAIGHT_DOWN)
        picks = torch.randint(len(self._photos.size), (number - pasted,), device=one.pictures.device)
        both = joined(one, photographs(self._photos, picks, size_px))
        return both.seen_through(_half_spoilt if share > course.clear_from else spoilt)


def _half_spoilt(pictures: Tensor) -> Tensor:
    clear = torch.rand(len(pictures), 1, 1, 1, device=pictures.device) < 0.5
    return torch.where(clear, pictures, spoilt(pictures))


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
    """A network, in how many steps, and the mean losses of score, box, teacher and features, every ten seconds."""

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


def learn(net: PersonNet, teacher: PersonNet, source: Source, course: Course) -> Learnt:
    """Learns until the time is over, and tells of it; gives the moving mean of the weights."""
    torch.manual_seed(course.seed)
    net, teacher = _laid_out(net), _laid_out(teacher)
    net.bend(1.0)
    groups = _groups(net, course)
    optimiser = torch.optim.AdamW(groups, lr=1e-5, betas=(0.9, 0.98))
    learning = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    mean, teller, step = copy.deepcopy(net), _Teller(), 0
    began_s = time.monotonic()
    while (share := (time.monotonic() - began_s) / course.seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = course.rate_at(share) * (1.0 if group["quick"] else course.slower_at(share))
        parts = _parts(net, teacher, source.batch(course, share), course)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(parts).sum().backward()  # type: ignore[no-untyped-call]  # torch's own
        torch.nn.utils.clip_grad_norm_(learning, 5.0)
        optimiser.step()
        step += 1
        _follow(mean, net, min(course.kept, step / (step + 10)))
        teller.add(parts, share, step)
    return Learnt(mean.requires_grad_(True).eval(), step, teller.losses)


def _laid_out(net: PersonNet) -> PersonNet:
    """Channels last in memory, with which a graphics card took half the time."""
    laid: PersonNet = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch forgot it
    return laid


def _parts(net: PersonNet, teacher: PersonNet, batch: Batch, course: Course) -> list[Tensor]:
    """Parts of the loss of one batch: scores, boxes, teacher, features."""
    kind = batch.pictures.device.type
    with torch.autocast(kind, dtype=torch.bfloat16, enabled=kind == "cuda"):
        with torch.no_grad():
            early = teacher.two(teacher.stem(batch.pictures))
            theirs = teacher.neck(batch.pictures, early)
            known = read(teacher.told(theirs))
        if course.through_teacher:
            mine, features = theirs, torch.zeros((), device=batch.pictures.device)
        else:
            mine_early = net.two(net.stem(batch.pictures))
            mine = net.neck(batch.pictures, mine_early)
            features = feature_error(mine, theirs) + feature_error((mine_early,), (early,))
        told = read(net.told(mine))
    found = losses(told, known, batch)
    return [found.score, found.box, found.teacher, course.features * features]


def _groups(net: PersonNet, course: Course) -> list[dict[str, object]]:
    """What learns, quick parts and others apart; only matrices of quick parts decay."""
    net.requires_grad_(False)
    groups: list[dict[str, object]] = []
    for name, part in net.named_children():
        quick = name in course.quick
        if name in course.still or not (quick or course.slower):
            continue
        part.requires_grad_(True)
        for matrix in (True, False):
            chosen = _chosen(part, matrix)
            decay = course.decay if matrix and quick else 0.0
            groups.append({"params": chosen, "weight_decay": decay, "quick": quick})
    return groups


def _chosen(part: nn.Module, matrix: bool) -> list[nn.Parameter]:
    return [one for one in part.parameters() if (one.dim() > 1) is matrix]


def _follow(mean: PersonNet, net: PersonNet, keep: float) -> None:
    """Moves the mean of the weights a little towards the weights."""
    with torch.no_grad():
        torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), 1 - keep)


def mean_of(nets: Iterable[PersonNet]) -> PersonNet:
    """One network whose weights are the mean of others' that began as the same (arXiv 2203.05482)."""
    found = list(nets)
    every = [net.state_dict() for net in found]
    mean = PersonNet(kept=found[0].kept)
    mean.load_state_dict({name: torch.stack([one[name].float() for one in every]).mean(0) for name in every[0]})
    mean.bend(1.0)
    return mean.eval()
