"""How well masks are judged: `python -m benchmarks.masks [--spoilt]`.

Photographs with labelled faces, and clips without any face to judge. "Judged" faces are those that were not answered
"cannot tell"; recall, precision and balanced accuracy are of them.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.masks.faces import ROOT, Judged, at_hand, blurred, compressed, from_people, judged, pictures, smaller
from benchmarks.masks.negatives import CLIPS, of_clip, of_walls
from passerby.core.masks import Answer, Confusion, vote
from passerby.core.shares import corrected, wilson
from passerby.pixels.masks import MaskJudge
from passerby.pixels.people import PersonDetector
from passerby.site import models
from passerby.site.voc import WITH_MASK, WITHOUT_MASK, WORN_WRONGLY

BINS = ((0, 16), (16, 24), (24, 40), (40, 10**4), (24, 10**4))
SPOILS = {
    "as they are": lambda rgb: rgb,
    "1.5 times smaller": smaller(1.5),
    "2 times smaller": smaller(2),
    "3 times smaller": smaller(3),
    "blurred by 1 px": blurred(1),
    "blurred by 2 px": blurred(2),
    "blurred by 3 px": blurred(3),
    "H.264 CRF 28": compressed(28),
    "H.264 CRF 34": compressed(34),
    "H.264 CRF 40": compressed(40),
    "H.264 CRF 46": compressed(46),
}


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--spoilt", action="store_true", help="also pictures made smaller, blurred and compressed")
    options = parser.parse_args()
    if not at_hand(options.data):
        return 0
    judge = MaskJudge(models.resolve_masks().plan)
    detector = PersonDetector(models.resolve("yolox-nano").plan)
    found = pictures(options.data / "mask")
    straight = judged(found, judge)
    by_size("Straight from the labelled face", straight)
    shares("Straight from the labelled face", straight)
    through = from_people(found, judge, detector)
    by_size("From the person that the detector finds", through)
    shares("From the person that the detector finds", through)
    walls = of_walls(found, lambda rgb, box: vote([look] if (look := judge.judge_head(rgb, box)) else []))
    nobody("Squares of the photographs without a face", walls, heading=True)
    for what, file, times in CLIPS:
        nobody(what, of_clip(options.data / "video" / file, judge, detector, times))
    if options.spoilt:
        spoilt(lambda spoil: judged(found, judge, spoil))
    return 0


def confusion(faces: Iterable[Judged]) -> Confusion:
    """How the judged ones were answered; a mask worn wrongly is none."""
    counts = Counter((face.label == WITH_MASK, face.answer) for face in faces)
    return Confusion(
        masked_right=counts[True, Answer.MASKED],
        masked_wrong=counts[True, Answer.UNMASKED],
        bare_right=counts[False, Answer.UNMASKED],
        bare_wrong=counts[False, Answer.MASKED],
    )


def by_size(title: str, faces: list[Judged]) -> None:
    """Prints right and wrong by the height of the faces, for all pictures and for each half of them."""
    print(f"\n### {title}\n")
    print(
        "| face height | pictures | with / without / wrongly | cannot tell | recall with, without | precision with, "
        "without | balanced accuracy | wrongly worn: masked, unmasked, cannot tell |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for low, high in BINS:
        for half in ("all", "even", "odd"):
            chosen = [face for face in in_half(faces, half) if low <= face.height_px < high]
            print(f"| {size_name(low, high)} | {half} | {row(chosen)} |")


def in_half(faces: list[Judged], half: str) -> list[Judged]:
    """The faces of all pictures, of the even or of the odd ones."""
    return [face for face in faces if half == "all" or face.picture % 2 == (half == "odd")]


def size_name(low: int, high: int) -> str:
    """A range of heights for people."""
    return f"under {high} px" if not low else f"{low} px and more" if high == 10**4 else f"{low} to {high} px"


def row(faces: list[Judged]) -> str:
    """One row of `by_size`."""
    labels = Counter(face.label for face in faces)
    wrongly = Counter(face.answer for face in faces if face.label == WORN_WRONGLY)
    told = confusion(face for face in faces if face.label != WORN_WRONGLY)
    unknown = sum(face.answer is Answer.CANNOT_TELL for face in faces)
    recall = [
        ratio(told.masked_right, told.masked_right + told.masked_wrong),
        ratio(told.bare_right, told.bare_right + told.bare_wrong),
    ]
    precision = [
        ratio(told.masked_right, told.masked_right + told.bare_wrong),
        ratio(told.bare_right, told.bare_right + told.masked_wrong),
    ]
    worn = ", ".join(str(wrongly[answer]) for answer in (Answer.MASKED, Answer.UNMASKED, Answer.CANNOT_TELL))
    return (
        f"{labels[WITH_MASK]} / {labels[WITHOUT_MASK]} / {labels[WORN_WRONGLY]} | {ratio(unknown, len(faces)):.0%} | "
        f"{recall[0]:.3f}, {recall[1]:.3f} | {precision[0]:.3f}, {precision[1]:.3f} | {sum(recall) / 2:.3f} | {worn}"
    )


def ratio(part: int, whole: int) -> float:
    """A share, not a number where there is nothing."""
    return part / whole if whole else float("nan")


def shares(title: str, faces: list[Judged]) -> None:
    """Prints the masked share of faces of 24 px and more, and of all, against the truth."""
    print(f"\n### Masked share: {title[0].lower()}{title[1:]}\n")
    print("| faces | pictures | true | judged, of so many | error, points | interval | corrected by the other half |")
    print("|---|---|---|---|---|---|---|")
    others = {"all": "all", "even": "odd", "odd": "even"}
    for name, low in (("24 px and more", 24), ("all", 0)):
        for half, other in others.items():
            chosen = [face for face in in_half(faces, half) if face.height_px >= low]
            told = [face for face in chosen if face.answer is not Answer.CANNOT_TELL]
            masked = sum(face.answer is Answer.MASKED for face in told)
            true = ratio(sum(face.label == WITH_MASK for face in chosen), len(chosen))
            between = wilson(masked, len(told))
            mended = corrected(masked, len(told), confusion(in_half(faces, other)))
            shown = f"{mended.share:.3f} ({mended.low:.3f} to {mended.high:.3f})" if mended else "-"
            print(
                f"| {name} | {half} | {true:.3f} | {ratio(masked, len(told)):.3f} of {len(told)} "
                f"| {100 * (ratio(masked, len(told)) - true):+.1f} | {between[0]:.3f} to {between[1]:.3f} | {shown} |"
            )
    print(f"\nConfusion, all sizes: {confusion(faces)}")


def nobody(what: str, answers: Counter[Answer], heading: bool = False) -> None:
    """Prints one row of answers where there is nothing to judge."""
    if heading:
        print("\n### Nothing to judge\n")
        print("| what | asked | cannot tell | masked | unmasked |")
        print("|---|---|---|---|---|")
    counts = " | ".join(str(answers[answer]) for answer in (Answer.CANNOT_TELL, Answer.MASKED, Answer.UNMASKED))
    print(f"| {what} | {answers.total()} | {counts} |", flush=True)


def spoilt(judge: Callable[..., list[Judged]]) -> None:
    """Prints what is left of faces that are made smaller, blurred or compressed, by the height that they then have."""
    print("\n### Spoilt pictures\n")
    print("| pictures | " + " | ".join(f"{size_name(*one)}: cannot tell, balanced accuracy" for one in BINS[:4]) + " |")
    print("|---" * 5 + "|")
    for name, spoil in SPOILS.items():
        faces = [face for face in judge(spoil) if face.label in (WITH_MASK, WITHOUT_MASK)]
        cells = []
        for low, high in BINS[:4]:
            chosen = [face for face in faces if low <= face.height_px < high]
            told = confusion(chosen)
            recall = ratio(told.masked_right, told.masked_right + told.masked_wrong)
            recall += ratio(told.bare_right, told.bare_right + told.bare_wrong)
            unknown = sum(face.answer is Answer.CANNOT_TELL for face in chosen)
            cells.append(f"{ratio(unknown, len(chosen)):.0%}, {recall / 2:.3f} of {len(chosen) - unknown}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
