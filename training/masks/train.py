"""Learns from spoilt crops."""

import copy
import math
import time
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from masks.crops import CLASSES, SIDE_FACES, Crop
from masks.network import SEES_FACES, SIDE_PX, MaskNet
from masks.pool import Spoilt

ASTRAY_FACES, UNLIKE = 0.3, 0.22
"""How far off a head's expected place and the logarithm of its size are: standard deviations, as in the pixel room."""


@dataclass(frozen=True, slots=True)
class Course:
    """How it is learnt."""

    seconds: float
    batch: int = 192
    rate: float = 2e-3
    decay: float = 0.02
    smoothing: float = 0.05
    seed: int = 1
    slower: float = 0.2


@dataclass(frozen=True, slots=True)
class Example:
    """What the network sees, uint8 (96, 96, 3), and what it should say."""

    picture: NDArray[np.uint8]
    answer: int
    place: tuple[float, float, float]
    has_place: bool


def view(spoilt: Spoilt, crop: Crop, chance: Generator, steady: bool = False) -> Example:
    """A head as the pixel room would cut it out: not quite at the right place, nor of the right size."""
    face_px = spoilt.face_px
    if not steady and chance.random() < NOWHERE:
        return _nowhere(spoilt, chance)
    expected = face_px if steady else face_px * math.exp(float(np.clip(chance.normal(0, UNLIKE), -0.5, 0.4)))
    spread = 0.0 if steady else ASTRAY_FACES * expected
    dx, dy = np.clip(chance.normal(0, 1, 2) * spread, -0.6 * expected, 0.6 * expected)
    half = len(spoilt.pixels) / 2
    times = SIDE_PX / (SEES_FACES * expected)
    move = np.array(
        [[times, 0, SIDE_PX / 2 - times * (half + dx)], [0, times, SIDE_PX / 2 - times * (half + dy)]], np.float32
    )
    flip = not steady and chance.random() < 0.5
    if not steady and chance.random() < 0.5:
        turn = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), chance.normal(0, 9), 1.0)
        move = (turn @ np.vstack([move, [0, 0, 1]])).astype(np.float32)
    if times < 0.7:
        pixels = cv2.GaussianBlur(spoilt.pixels, (0, 0), 0.4 / times)
    else:
        pixels = spoilt.pixels
    picture = cv2.warpAffine(pixels, move, (SIDE_PX, SIDE_PX), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    x, y = (move @ np.array([half, half, 1])) / SIDE_PX - 0.5
    if flip:
        picture, x = picture[:, ::-1], -x
    place = (float(x) * SEES_FACES, float(y) * SEES_FACES, math.log(face_px / expected))
    return Example(picture, spoilt.answer, place, crop.has_box and spoilt.answer != CLASSES.index("poor"))


NOWHERE = 0.05
"""So many views show no head: a detector's mistake."""


def _nowhere(spoilt: Spoilt, chance: Generator) -> Example:
    """A corner of a crop, in which there is no face."""
    side = round(spoilt.face_px * chance.uniform(0.9, 1.3))
    far = len(spoilt.pixels) - side
    y, x = (int(chance.choice([0, far])) for _ in range(2))
    picture = cv2.resize(spoilt.pixels[y : y + side, x : x + side], (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)
    return Example(picture, CLASSES.index("none"), (0.0, 0.0, 0.0), False)


class Feed:
    """Batches without end, in which each class has the share that it is given."""

    def __init__(self, spoilt: list[Spoilt], crops: list[Crop], weights: NDArray[np.float64], seed: int) -> None:
        self._spoilt, self._crops = spoilt, crops
        self._chance = np.random.default_rng(seed)
        self._shares = weights / weights.sum()

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        picks = self._chance.choice(len(self._spoilt), size, p=self._shares)
        found = [view(self._spoilt[n], self._crops[self._spoilt[n].crop], self._chance) for n in picks]
        return collated(found)


def collated(found: list[Example]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    pictures = torch.from_numpy(np.stack([one.picture for one in found])).permute(0, 3, 1, 2).float() / 255
    return (
        pictures.contiguous(memory_format=torch.channels_last),
        torch.tensor([one.answer for one in found]),
        torch.tensor([one.place for one in found], dtype=torch.float32),
        torch.tensor([one.has_place for one in found]),
    )


class Batches(torch.utils.data.IterableDataset):  # type: ignore[type-arg]
    def __init__(self, feed: Feed, size: int) -> None:
        self.feed, self.size = feed, size

    def __iter__(self):  # noqa: ANN204
        while True:
            yield self.feed.batch(self.size)


def learn(feed: Feed, course: Course, told=print) -> MaskNet:  # noqa: ANN001
    """Learns for so many seconds; the rate rises and falls (one cycle, Smith, arXiv 1708.07120). The weights are a moving mean."""
    torch.manual_seed(course.seed)
    net = MaskNet().to(memory_format=torch.channels_last)
    mean = copy.deepcopy(net)
    old = list(getattr(net, "c", nn.ModuleList()).parameters())
    known = {id(p) for p in old}
    new = [p for p in net.parameters() if id(p) not in known]
    optimiser = torch.optim.AdamW(
        [{"params": new, "weight_decay": course.decay, "times": 1.0}, {"params": old, "weight_decay": 0.0, "times": course.slower}], lr=1e-4
    )
    answers = nn.CrossEntropyLoss(label_smoothing=course.smoothing)
    loader = iter(torch.utils.data.DataLoader(Batches(feed, course.batch), batch_size=None, num_workers=1, prefetch_factor=4))
    began_s, step, losses = time.monotonic(), 0, []
    while (share := (time.monotonic() - began_s) / course.seconds) < 1:
        rate = course.rate * (share / 0.1 if share < 0.1 else 0.5 * (1 + math.cos(math.pi * (share - 0.1) / 0.9)) + 1e-3)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["times"]
        pictures, truth, place, has_place = next(loader)
        net.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits, places = net(pictures)
        loss = answers(logits.float(), truth)
        if has_place.any():
            loss = loss + 0.5 * nn.functional.smooth_l1_loss(places.float()[has_place], place[has_place], beta=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
        keep = min(0.998, step / (step + 10))
        with torch.no_grad():
            for kept, now in zip(mean.state_dict().values(), net.state_dict().values(), strict=True):
                kept.copy_(kept * keep + now * (1 - keep) if kept.dtype.is_floating_point else now)
        step += 1
        if step % 100 == 0:
            told(f"{share:5.0%} step {step} loss {np.mean(losses[-100:]):.4f}", flush=True)
    return mean.eval()
