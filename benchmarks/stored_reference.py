"""How well the signature of a people-free still tells whether a camera was moved, on real clips.

    python -m benchmarks.stored_reference FOLDER_OF_CLIPS MODEL

The still, and with it the signature, is made of the first half of a clip as the set-up room makes it; what is compared
is the second half, as it is, changed, or of a camera that is turned aside. Prints, for each clip and change, how well
the view fits in its place and in the best one, and what is told.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from passerby.gate.messages import ModelPlan
from passerby.pixels.alignment import Edges, edges_of, far, near
from passerby.pixels.blanking import GREY, PrivacyMasks
from passerby.pixels.minutes import seen
from passerby.pixels.moved import Moved
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.people import PersonDetector
from passerby.pixels.reference import Reference
from passerby.pixels.signature import cells_of, read, signature_of
from passerby.pixels.still import LOOKS
from passerby.pixels.watching import MovementFinder, PeopleFinder, Watch
from tests.support.moved import Picture, crowd, lit, looped, noisy, scaled, told_at, turned

_LATER = 24
_SHARES = (0.02, 0.03, 0.05, 0.10, 0.20)
_MINUTES = 14
Change = Callable[[list[Picture]], list[Picture]]
STAYS: dict[str, Change] = {
    "as it is": lambda later: later,
    "light x 0.5": lambda later: lit(later, lambda level: 0.5 * level),
    "light x 0.25": lambda later: lit(later, lambda level: 0.25 * level),
    "light x 1.6": lambda later: lit(later, lambda level: 1.6 * level),
    "gamma 0.5": lambda later: lit(later, lambda level: level**0.5),
    "gamma 2": lambda later: lit(later, lambda level: level**2),
    "light from the side": lambda later: lit(later, lambda level: level * _ramp(later[0].shape[1])),
    "noise 8": lambda later: noisy(later, 8),
    "night, noise 4": lambda later: noisy(lit(later, lambda level: 0.02 * level + 0.02), 4),
    "crowd before half": lambda later: crowd(later, 0.5),
    "turned by 1 degree": lambda later: [turned(one, 1) for one in later],
}
GOES: dict[str, Change] = {
    "turned by 2 degrees": lambda later: [turned(one, 2) for one in later],
    "mirrored": lambda later: [one[:, ::-1] for one in later],
}


def _ramp(width: int) -> np.ndarray:
    shadows = np.where(np.arange(width) % 90 < 20, 0.5, 1)
    return (np.linspace(0.3, 1.2, width) * shadows)[None, :, None]


class Clip:
    """A clip in two halves: pictures of the first for the still, and of the second."""

    def __init__(self, path: Path, model: ModelPlan) -> None:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            fps = float(stream.average_rate or 10)
            decoded = [frame.to_ndarray(format="bgr24") for frame in container.decode(stream)]
        frames = [picture.astype(np.uint8, copy=False) for picture in decoded]
        half = len(frames) // 2
        first = min(half, int(20 * fps))
        self.overhead, self._model = "overhead" in path.name, model
        looks = int(8 * first / fps) if self.overhead else min(first, LOOKS)
        self.first = [frames[index] for index in np.linspace(0, first - 1, looks).astype(int)]
        # A short clip is watched more slowly: as many looks as there are pictures.
        self.gap_s = 1 / 8 if self.overhead else 20 / LOOKS
        self.later = [frames[index] for index in np.linspace(half, len(frames) - 1, _LATER).astype(int)]
        self.width = 160 if self.overhead else 416

    def signature(self, cut: Callable[[Picture], Picture]) -> tuple[bytes, float] | None:
        """Of a still of the first half, and how much of the still is blank; None where there are too few pictures."""
        if self.overhead:
            finder: MovementFinder | PeopleFinder = MovementFinder(OverheadDetector())
        else:
            finder = PeopleFinder(PersonDetector(self._model), LOOKS / 20)
        watch = Watch(finder, len(self.first) * self.gap_s, PrivacyMasks(()))
        for number, picture in enumerate(self.first):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(cut(picture)), format="bgr24")
            watch.look(frame, number * self.gap_s, self.gap_s)
        still = watch.still()
        return None if still is None else (signature_of(still), float((still == GREY).all(axis=2).mean()))

    def after(self, cut: Callable[[Picture], Picture]) -> list[Picture]:
        """Pictures of the second half as a worker looks at them."""
        return scaled([cut(one) for one in self.later], self.width)


def _mean(pictures: list[Picture]) -> Edges:
    edges: Edges = np.mean([edges_of(cells_of(one[:, :, 1])) for one in pictures], axis=0)
    return edges


def row(signature: bytes, pictures: list[Picture]) -> tuple[str, bool | None]:
    """Fits of a minute, and what a worker knows after some minutes."""
    scene, known = read(signature)
    span = _mean(pictures)
    parts, whole, now = near(scene, span, known), far(scene, span, known), seen(scene, span, known)
    reference = Reference(signature)
    for index, picture in enumerate(looped(pictures, _MINUTES)):
        reference.look(picture, index * 5.0)
    told = {True: "moved", False: "here", None: "not known"}[reference.moved]
    fits = f"{parts.rest:.2f} | {parts.best:.2f} | {whole.rest:.2f} | {whole.best:.2f}"
    return f"{fits} | {'+' if now.moved else ' '} | {told}", reference.moved


def whole_picture(one: Picture) -> Picture:
    """All of it."""
    return one


def measure(name: str, clip: Clip) -> None:
    """Prints the rows of one clip."""
    made = clip.signature(whole_picture)
    if made is None:
        print(f"| {name} | too few pictures for a still |")
        return
    signature, blank = made
    print(f"{name}: {blank:.0%} of the still is blank, {len(signature)} bytes")
    later = clip.after(whole_picture)
    for expected, changes in ((False, STAYS), (True, GOES)):
        for what, change in changes.items():
            text, told = row(signature, change(later))
            print(f"| {name} | {what} | {text} |{'' if bool(told) is expected else ' *'}", flush=True)
    for share in _SHARES:
        text, told = row(*_turned_aside(clip, share))
        print(f"| {name} | shifted by {share:.0%} | {text} |{'' if told else ' *'}", flush=True)


def _turned_aside(clip: Clip, share: float) -> tuple[bytes, list[Picture]]:
    cut_px = round(share * clip.first[0].shape[1])
    made = clip.signature(lambda one: one[:, :-cut_px])
    assert made is not None
    return made[0], clip.after(lambda one: one[:, cut_px:])


def others(clips: dict[str, Clip]) -> None:
    """Prints what is told where the signature is one of another clip."""
    later = {name: clip.after(whole_picture) for name, clip in clips.items()}
    for name, clip in clips.items():
        made = clip.signature(whole_picture)
        for other, pictures in later.items():
            if made and other != name:
                print(f"| {name} | sees {other} | {row(made[0], pictures)[0]} |", flush=True)


def cost() -> None:
    """Prints what a look costs with and without a reference."""
    pictures = [np.random.default_rng(1).integers(0, 256, (256, 416, 3), dtype=np.uint8)] * 240
    for reference in (None, signature_of(pictures[0])):
        began_s = time.process_time()
        told_at(Moved((), reference), pictures)
        spent_ms = (time.process_time() - began_s) * 1000 / (len(pictures) * 5)
        print(f"{'with' if reference else 'without'} a reference: {spent_ms:.3f} ms for a second of video")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path, help="yolox_nano_person_416x256.onnx")
    given = parser.parse_args()
    plan = ModelPlan(str(given.model), "yolox", 416, 256, 0.1)
    known = {path.name.split(".")[0]: Clip(path, plan) for path in sorted(given.folder.iterdir())}
    cost()
    for clip_name, of_clip in known.items():
        measure(clip_name, of_clip)
    others(known)
