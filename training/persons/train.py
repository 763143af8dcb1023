"""Learns from pasted people and from photographs, with YOLOX-nano as teacher: `python -m persons.train --data DIR --out DIR`."""

import argparse
import copy
import json
import math
import os
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from persons.bank import Pictures, pictures, sprites
from persons.loss import feature_error, losses, read
from persons.measure import measured
from persons.network import PersonNet
from persons.published import begin_from, read_published
from persons.scene import Batch, Composer, photographs
from persons.spoil import spoilt

SIZES_PX = (((416, 256), 0.6), ((320, 192), 0.2), ((288, 160), 0.2))
STRAIGHT_DOWN = 0.22
WEIGHTS = "passerby-person.pt"
_TOLD_EVERY_S = 10.0
_WARM = 0.05
_FEATURES = 0.5


@dataclass(frozen=True, slots=True)
class Course:
    """How it is learnt.

    Attributes:
        seconds: how long.
        batch: pictures of 416x256 in each step; of other sizes as many as have so many pixels.
        rate: the highest learning rate of the layers that are new: the first ones and the heads.
        slower: the layers of YOLOX-nano learn so many times as fast, once the new ones fit.
        fitted: after what share of the time they begin to.
        decay: of the weights.
        kept: of the moving mean of the weights, at each step.
        composed: what share of each batch is pasted; the rest are photographs.
        clear_from: after what share of the time every second picture is not spoilt.
        seed: of everything that is drawn.
    """

    seconds: float
    batch: int = 256
    rate: float = 6e-4
    slower: float = 0.3
    fitted: float = 0.3
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
        """How fast YOLOX-nano's own layers learn beside the new ones."""
        return self.slower * min(1.0, max(0.0, (share - self.fitted) / _WARM))


class Source:
    """Batches without end, spoilt as cameras spoil.

    Args:
        composer: pastes people into rooms.
        photos: with people and without.
        course: how many of which.
    """

    def __init__(self, composer: Composer, photos: Pictures, course: Course) -> None:
        self._composer, self._photos, self._course = composer, photos, course
        self.kept: Path | None = None

    def keep(self, net: PersonNet, name: str) -> None:
        if self.kept:
            torch.save({name: value.half().cpu() for name, value in net.state_dict().items()}, self.kept / name)

    def batch(self, share: float) -> Batch:
        """The next one, at that share of the time."""
        sizes = [size for size, _ in SIZES_PX]
        size_px = sizes[int(torch.multinomial(torch.tensor([share for _, share in SIZES_PX]), 1))]
        number = max(2, round(self._course.batch * 416 * 256 / (size_px[0] * size_px[1])))
        pasted = round(number * self._course.composed)
        one = self._composer.compose(pasted, size_px, STRAIGHT_DOWN)
        device = one.pictures.device
        other = photographs(self._photos, torch.randint(len(self._photos.size), (number - pasted,), device=device), size_px)
        return joined(one, other).seen_through(_half_spoilt if share > self._course.clear_from else spoilt)


def _half_spoilt(pictures: Tensor) -> Tensor:
    clear = torch.rand(len(pictures), 1, 1, 1, device=pictures.device) < 0.5
    return torch.where(clear, pictures, spoilt(pictures))


def joined(one: Batch, other: Batch) -> Batch:
    """Two batches as one."""
    most = max(one.boxes.shape[1], other.boxes.shape[1])
    parts = [
        torch.cat([torch.nn.functional.pad(part, [0, 0] * (part.dim() - 2) + [0, most - part.shape[1]]) for part in pair])
        for pair in ((one.boxes, other.boxes), (one.wanted, other.wanted), (one.passed, other.passed))
    ]
    labelled, filled = torch.cat([one.labelled, other.labelled]), torch.cat([one.filled, other.filled])
    return Batch(torch.cat([one.pictures, other.pictures]), *parts, labelled, filled)


def learn(net: PersonNet, teacher: PersonNet, source: Source, course: Course) -> tuple[PersonNet, list[str]]:
    """Learns until the time is over, and tells of it; gives the moving mean of the weights, and what was told."""
    net.bend(1.0)
    layout = _fastest(net, next(teacher.parameters()).device)
    net, teacher = net.to(memory_format=layout), teacher.to(memory_format=layout)  # type: ignore[call-overload]  # torch forgot it
    mean = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(_groups(net, course), lr=1e-5, betas=(0.9, 0.98))
    recent: deque[list[float]] = deque(maxlen=50)
    log: list[str] = []
    began_s = told_s = time.monotonic()
    step = 0
    while (share := (time.monotonic() - began_s) / course.seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = course.rate_at(share) * (1.0 if group["new"] else course.slower_at(share))
        parts = _step(net, teacher, source.batch(share))
        optimiser.zero_grad(set_to_none=True)
        torch.stack(parts).sum().backward()  # type: ignore[no-untyped-call]  # torch's own
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        _follow(mean, net, min(course.kept, step / (step + 10)))
        recent.append(torch.stack([part.detach() for part in parts]).tolist())
        if time.monotonic() - told_s > _TOLD_EVERY_S:
            told_s = time.monotonic()
            means = [sum(column) / len(recent) for column in zip(*recent, strict=True)]
            log.append(f"{share:5.0%} step {step} " + " ".join(f"{value:.3f}" for value in means))
            sys.stdout.write(f"{log[-1]}\n")
            sys.stdout.flush()
            source.keep(mean, "fitted.pt" if share < course.fitted else WEIGHTS)
    return mean.eval(), log


def _fastest(net: PersonNet, device: torch.device) -> torch.memory_format:
    """In which order of numbers in memory this device learns faster."""
    took: dict[torch.memory_format, float] = {}
    size = (64, 3, 256, 416) if device.type == "cuda" else (1, 3, 64, 64)
    for layout in (torch.contiguous_format, torch.channels_last):
        one = copy.deepcopy(net).to(memory_format=layout)  # type: ignore[call-overload]  # torch forgot it
        for began in (0, 3):
            began_s = time.monotonic()
            for _ in range(began or 1):
                with torch.autocast(device.type, dtype=torch.bfloat16):
                    told = one(torch.rand(size, device=device).contiguous(memory_format=layout))
                torch.stack([level.float().mean() for level in told]).sum().backward()  # type: ignore[no-untyped-call]  # torch's own
                told[0].detach().float().sum().item()
            took[layout] = time.monotonic() - began_s
    sys.stdout.write(" ".join(f"{layout}: {seconds:.3f} s" for layout, seconds in took.items()) + "\n")
    return min(took, key=lambda layout: took[layout])


def _step(net: PersonNet, teacher: PersonNet, batch: Batch) -> list[Tensor]:
    """Parts of the loss of one batch: scores, boxes, teacher, features."""
    with torch.autocast(batch.pictures.device.type, dtype=torch.bfloat16):
        with torch.no_grad():
            early = teacher.two(teacher.stem(batch.pictures))
            theirs = teacher.neck(batch.pictures, early)
            known = read(teacher.told(theirs))
        mine_early = net.two(net.stem(batch.pictures))
        mine = net.neck(batch.pictures, mine_early)
        told = read(net.told(mine))
    parts = losses(told, known, batch)
    features = feature_error(mine, theirs) + feature_error((mine_early,), (early,))
    return [parts.score, parts.box, parts.teacher, _FEATURES * features]


def _groups(net: PersonNet, course: Course) -> list[dict[str, object]]:
    new = {id(parameter) for part in (net.stem, net.two, net.heads) for parameter in part.parameters()}
    return [
        {
            "params": [one for one in net.parameters() if (id(one) in new) is is_new and (one.dim() > 1) is matrix],
            "weight_decay": course.decay if matrix and is_new else 0.0,
            "new": is_new,
        }
        for is_new in (True, False)
        for matrix in (True, False)
    ]


def _follow(mean: PersonNet, net: PersonNet, keep: float) -> None:
    """Moves the mean of the weights a little towards the weights."""
    with torch.no_grad():
        torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), 1 - keep)


def main() -> None:
    """Learns, and writes the weights, a check on what was held out, and what was told."""
    began_s = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=420)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--fitted", type=float, default=0.3)
    parser.add_argument("--begin", type=Path)
    parser.add_argument("--unchecked", action="store_true")
    asked = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    course = Course(asked.seconds, asked.batch, asked.rate, fitted=asked.fitted)
    torch.manual_seed(course.seed)
    if device == "cpu":
        torch.set_num_threads(1)
    processes = os.cpu_count() or 1
    people = sprites(asked.data / "sprites.zip", device, processes)
    photos, rooms, held = (pictures(asked.data / f"{name}.zip", device, processes) for name in ("photos", "rooms", "held"))
    sys.stdout.write(f"{time.monotonic() - began_s:.0f} s: {len(people.size)} {len(photos.size)} {len(rooms.size)} {len(held.size)}\n")
    teacher = read_published(asked.data / "yolox_nano.onnx").to(device)
    composer = Composer(people, rooms)
    net = begin_from(teacher.cpu()).to(device)
    if asked.begin:
        net.load_state_dict(torch.load(asked.begin, map_location=device))
    source = Source(composer, photos, course)
    asked.out.mkdir(parents=True, exist_ok=True)
    source.kept = asked.out
    net, log = learn(net, teacher.to(device), source, course)
    source.keep(net, WEIGHTS)
    if asked.unchecked:
        return
    checks = {
        "pasted": [composer.compose(64, (416, 256), 0.0) for _ in range(4)],
        "from above": [composer.compose(64, (416, 256), 1.0) for _ in range(2)],
        "photographs": [photographs(held, numbers, (416, 256)) for numbers in torch.arange(len(held.size), device=device).split(64)],
    }
    checks = {name: [one.seen_through(spoilt) for one in batches] for name, batches in checks.items()}
    for name, batches in checks.items():
        for who, which in (("teacher", teacher), ("ours", net)):
            log.append(f"{name}, {who}: {measured(which, batches)}")
            sys.stdout.write(f"{log[-1]}\n")
            sys.stdout.flush()
    (asked.out / "persons.json").write_text(json.dumps({"course": asdict(course), "log": log}, indent=1))


if __name__ == "__main__":
    main()
