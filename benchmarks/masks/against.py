"""The judge of masks of `training/masks` against AIZOO's: `python -m benchmarks.masks.against --own FILE`.

Ours is no part of passerby; `training/README.md` tells how a file of it is made. The same faces, boxes and pictures
for both. "Cannot tell" is made equal by taking as many of our surest answers as AIZOO's detector gives at its
operating point. Some minutes on one core.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import numpy as np

from benchmarks.masks.faces import ROOT, Labelled, Pixels, Spoil, at_hand, blurred, compressed, pictures, smaller
from benchmarks.masks.heads_judge import SIZE_PX, HeadsJudge
from benchmarks.masks.negatives import of_walls
from benchmarks.masks.risk import Both, Seen, area, calibration_error, errors, judged, surest
from passerby.core.masks import Answer, vote
from passerby.core.shares import wilson
from passerby.pixels.frames import Scaler
from passerby.pixels.heads import face_of
from passerby.pixels.inference import Network
from passerby.pixels.masks import MaskJudge
from passerby.pixels.people import PersonDetector
from passerby.pixels.squares import Box
from passerby.site import models
from passerby.site.voc import WORN_WRONGLY

BINS = ((10, 16), (16, 24), (24, 40), (40, 10**4), (10, 10**4))
BACKS, BACKS_EVERY_S, BACKS_LEAST = "one-by-one-person-detection.mp4", 0.7, 0.5
Place = Callable[[Box], Box]


@dataclass(frozen=True, slots=True)
class Judge:
    """One of the two.

    Attributes:
        name: for the tables.
        file, size_px: its network, and the side of what that takes.
        see: what it makes of a face that is expected at a box of a picture.
    """

    name: str
    file: Path
    size_px: int
    see: Callable[[Pixels, Box], Seen]


Judges = tuple[Judge, Judge]


def aizoo() -> Judge:
    """The judge that passerby has."""
    plan = models.resolve_masks().plan
    judge = MaskJudge(plan)

    def see(rgb: Pixels, box: Box) -> Seen:
        look = judge.judge_head(rgb, box)
        return Seen.of(look, vote([look] if look else []))

    return Judge("AIZOO", Path(plan.file), plan.width_px, see)


def own(file: Path) -> Judge:
    """The one that a run of `training/masks` wrote."""
    judge = HeadsJudge(file)

    def see(rgb: Pixels, box: Box) -> Seen:
        head = judge.judge_head(rgb, box)
        return Seen.of(head.look, head.answer) if head else Seen.of(None, Answer.CANNOT_TELL)

    return Judge("ours", file, SIZE_PX, see)


def astray(seed: int) -> Place:
    """Boxes as a person's box gives them: a quarter of a face off, and larger or smaller by a fifth."""
    random = np.random.default_rng(seed)

    def place(box: Box) -> Box:
        side = max(box[2] - box[0], box[3] - box[1]) * np.exp(np.clip(random.normal(0, 0.22), -0.5, 0.4))
        x, y = (np.array(box[:2]) + box[2:]) / 2 + random.normal(0, 0.25, 2) * side
        return float(x - side / 2), float(y - side / 2), float(x + side / 2), float(y + side / 2)

    return place


def as_labelled(box: Box) -> Box:
    """The box itself."""
    return box


CONDITIONS: dict[str, tuple[Spoil, Place]] = {
    "as labelled": (lambda rgb: rgb, as_labelled),
    "astray": (lambda rgb: rgb, astray(7)),
    "half the size": (smaller(2), as_labelled),
    "blurred by 1 px": (blurred(1), as_labelled),
    "H.264 CRF 34": (compressed(34), as_labelled),
}


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--own", type=Path, help="the ONNX file that a run of training/masks wrote")
    options = parser.parse_args()
    if options.own is None:
        parser.error("--own FILE is needed: no copy of passerby has one, training/README.md tells how it is made")
    if not at_hand(options.data):
        return 0
    judges = aizoo(), own(options.own)
    found = pictures(options.data / "mask")
    faces = {name: list(looked(found, judges, *how)) for name, how in CONDITIONS.items()}
    equal(faces)
    masked_share(faces)
    answered(faces)
    wrongly(faces["as labelled"])
    nobody(found, judges, options.data / "video" / BACKS)
    costs(judges, found)
    return 0


def looked(found: list[Labelled], judges: Judges, spoil: Spoil, place: Place) -> Iterator[Both]:
    """Each face of at least ten pixels, looked at by both judges."""
    for number, one in enumerate(found):
        rgb = spoil(one.rgb)
        scale = rgb.shape[0] / one.rgb.shape[0]
        for face in one.faces:
            x1, y1, x2, y2 = (side * scale for side in face.box_px)
            if y2 - y1 < BINS[0][0]:
                continue
            box = place((x1, y1, x2, y2))
            theirs, ours = (judge.see(rgb, box) for judge in judges)
            yield Both(number, face.label, y2 - y1, theirs, ours)


def cells(faces: dict[str, list[Both]]) -> Iterator[tuple[str, list[Both]]]:
    """The beginning of a row, and the faces with and without a mask of one condition and height."""
    for condition, all_of_it in faces.items():
        for low, high in BINS:
            height = f"{low} px and more" if high == 10**4 else f"{low} to {high} px"
            chosen = [face for face in all_of_it if low <= face.height_px < high and face.label != WORN_WRONGLY]
            if chosen:
                yield f"| {condition} | {height} | {len(chosen)} ", chosen


def equal(faces: dict[str, list[Both]]) -> None:
    """Prints how many answers are wrong, at as many answers, and at the operating point of each."""
    print('\n### At equal "cannot tell"\n')
    print(
        "| pictures | face height | faces | AIZOO answers | wrong | ours, as many: wrong | least confidence "
        "| ours at its own limits answers | wrong |"
    )
    print("|---" * 9 + "|")
    for head, chosen in cells(faces):
        theirs, ours = [face.theirs for face in chosen], [face.ours for face in chosen]
        (told, wrong), (own_told, own_wrong) = judged(chosen, theirs), judged(chosen, ours)
        as_many, least = surest(chosen, ours, told)
        print(
            f"{head}| {told / len(chosen):.0%} | {between(wrong, told)} | {between(as_many, told)} | {least:.2f} "
            f"| {own_told / len(chosen):.0%} | {between(own_wrong, own_told)} |"
        )


def masked_share(faces: dict[str, list[Both]]) -> None:
    """Prints the figure that a venue reads: masked of those that are answered, at the operating point of each."""
    print("\n### Masked share, masks worn wrongly as none\n")
    print("| pictures | face height | faces | true | AIZOO, of so many | ours, of so many |")
    print("|---" * 6 + "|")
    for condition, all_of_it in faces.items():
        for low in (10, 24):
            chosen = [face for face in all_of_it if face.height_px >= low]
            true = sum(face.masked for face in chosen) / len(chosen)
            shares = [_told_share([face.theirs for face in chosen]), _told_share([face.ours for face in chosen])]
            print(f"| {condition} | {low} px and more | {len(chosen)} | {true:.3f} | {' | '.join(shares)} |")


def _told_share(seen: list[Seen]) -> str:
    told = [one.answer for one in seen if one.answer is not Answer.CANNOT_TELL]
    return f"{told.count(Answer.MASKED) / max(1, len(told)):.3f} of {len(told)}"


def between(part: int, whole: int) -> str:
    """A count, its share and Wilson's 95 % interval."""
    if not whole:
        return "0 of 0"
    low, high = wilson(part, whole)
    return f"{part} of {whole} ({low:.1%} to {high:.1%})"


def answered(faces: dict[str, list[Both]]) -> None:
    """Prints how many guesses are right if every face is to be answered, and the risk over the coverage."""
    print("\n### Every face answered\n")
    print(
        "| pictures | face height | faces | right: AIZOO | right: ours | only AIZOO wrong, only ours wrong "
        "| risk-coverage area: AIZOO, ours | calibration error: AIZOO, ours |"
    )
    print("|---" * 8 + "|")
    for head, chosen in cells(faces):
        sides = [face.theirs for face in chosen], [face.ours for face in chosen]
        wrong = [errors(chosen, seen) for seen in sides]
        right = " | ".join(between(int((~one).sum()), len(one)) for one in wrong)
        areas = ", ".join(f"{area(chosen, seen):.4f}" for seen in sides)
        gaps = ", ".join(f"{calibration_error(chosen, seen):.3f}" for seen in sides)
        only = f"{(wrong[0] & ~wrong[1]).sum()}, {(wrong[1] & ~wrong[0]).sum()}"
        print(f"{head}| {right} | {only} | {areas} | {gaps} |")


def wrongly(faces: list[Both]) -> None:
    """Prints what each makes of masks that are worn wrongly."""
    print("\n### Worn wrongly\n")
    row("judge", [answer.name.lower().replace("_", " ") for answer in Answer])
    row("---", ["---"] * len(Answer))
    chosen = [face for face in faces if face.label == WORN_WRONGLY]
    for name, seen in (("AIZOO", [face.theirs for face in chosen]), ("ours", [face.ours for face in chosen])):
        counts = Counter(one.answer for one in seen)
        row(name, [str(counts[answer]) for answer in Answer])


def nobody(found: list[Labelled], judges: Judges, clip: Path) -> None:
    """Prints what each answers where there is no face."""
    print("\n### No face\n")
    row("what, judge", [answer.name.lower().replace("_", " ") for answer in Answer])
    row("---", ["---"] * len(Answer))
    detector = PersonDetector(models.resolve("yolox-nano").plan)
    backs = list(heads_of(clip, detector))
    for judge in judges:
        counts = Counter(judge.see(rgb, box).answer for rgb, box in backs)
        row(f"backs of heads, {judge.name}", [str(counts[answer]) for answer in Answer])
    for judge in judges:
        counts = of_walls(found, partial(_answer, judge))
        row(f"squares of the photographs without a face, {judge.name}", [str(counts[answer]) for answer in Answer])


def _answer(judge: Judge, rgb: Pixels, box: Box) -> Answer:
    return judge.see(rgb, box).answer


def row(name: str, values: list[str]) -> None:
    """Prints one row."""
    print(f"| {name} | {' | '.join(values)} |", flush=True)


def heads_of(clip: Path, detector: PersonDetector) -> Iterator[tuple[Pixels, Box]]:
    """Where faces would be of people who all turn their backs: a picture and a box for each, at some moments."""
    scaler, last_s = Scaler(detector.size_px), -BACKS_EVERY_S
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            now_s = frame.time or 0.0
            if now_s - last_s < BACKS_EVERY_S:
                continue
            last_s = now_s
            rgb = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
            people = detector.detect(scaler.scale(frame), now_s)
            times = rgb.shape[1] / scaler.size_of(frame)[0]
            for box in people.boxes_px[people.scores >= BACKS_LEAST]:
                yield rgb, face_of(box * times)


def costs(judges: Judges, found: list[Labelled]) -> None:
    """Prints the milliseconds of one crop through the network, of a whole look at a head, and the file's size."""
    print("\n### Cost, one thread, in turns\n")
    row("judge", ["ms for a crop, median", "ms for a look", "bytes"])
    row("---", ["---"] * 3)
    networks = [Network(one.file, (one.size_px, one.size_px), (0, 0, 0), (255, 255, 255), 1) for one in judges]
    random = np.random.default_rng(0)
    for network in networks:
        network.picture[:] = random.integers(0, 256, network.picture.shape)
    heads = [(one.rgb, face.box_px) for one in found for face in one.faces if face.height_px >= 24]
    crops = in_turns([network.infer_all for network in networks], 300)
    looks = in_turns([partial(look_at_all, judge, heads[:20]) for judge in judges], 20)
    for judge, crop_s, look_s in zip(judges, crops, looks, strict=True):
        size = judge.file.stat().st_size
        row(judge.name, [f"{crop_s * 1000:.2f}", f"{look_s * 1000 / len(heads[:20]):.2f}", str(size)])


def look_at_all(judge: Judge, heads: list[tuple[Pixels, Box]]) -> None:
    """One look at each head."""
    for rgb, box in heads:
        judge.see(rgb, box)


def in_turns(works: list[Callable[[], object]], times: int) -> list[float]:
    """Median seconds of each of several works, done in turns."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for work, seconds in zip(works, taken, strict=True):
            began_s = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - began_s)
    return [float(np.median(seconds)) for seconds in taken]


if __name__ == "__main__":
    sys.exit(main())
