"""How often two judges are wrong about the same faces, at equal "cannot tell" and with every face answered."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from passerby.core.masks import Answer, Look
from passerby.site.voc import WITH_MASK

_BINS = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What one judge made of one face.

    Attributes:
        answer: at the judge's own operating point.
        masked: its guess where it may not say "cannot tell"; None where it saw no face, which is wrong of a face.
        confidence: in that guess, 0..1.
        p_masked: how likely masked is against not masked, 0..1.
    """

    answer: Answer
    masked: bool | None
    confidence: float
    p_masked: float

    @staticmethod
    def of(look: Look | None, answer: Answer) -> "Seen":
        """From what a judge's look gave, and its answer."""
        if look is None:
            return Seen(Answer.CANNOT_TELL, None, 0.0, 0.5)
        confidence = look.score * max(look.p_masked, 1 - look.p_masked)
        return Seen(answer, look.p_masked > 0.5, confidence, look.p_masked)


@dataclass(frozen=True, slots=True)
class Both:
    """One labelled face and what both judges made of it."""

    picture: int
    label: str
    height_px: float
    theirs: Seen
    ours: Seen

    @property
    def masked(self) -> bool:
        """The truth."""
        return self.label == WITH_MASK


def errors(faces: Sequence[Both], seen: Sequence[Seen]) -> np.ndarray:
    """Whether each guess is wrong, bool (n,)."""
    return np.array([one.masked is not face.masked for face, one in zip(faces, seen, strict=True)], bool)


def judged(faces: Sequence[Both], seen: Sequence[Seen]) -> tuple[int, int]:
    """How many are answered at the judge's own operating point, and how many of them wrongly: masked, or not."""
    told = [(face, one.answer) for face, one in zip(faces, seen, strict=True) if one.answer is not Answer.CANNOT_TELL]
    return len(told), sum((answer is Answer.MASKED) != face.masked for face, answer in told)


def surest(faces: Sequence[Both], seen: Sequence[Seen], count: int) -> tuple[int, float]:
    """How many of the `count` surest guesses are wrong, and the least confidence among them."""
    order = np.argsort([-one.confidence for one in seen], kind="stable")[:count]
    return int(errors(faces, seen)[order].sum()), min((seen[i].confidence for i in order), default=1.0)


def area(faces: Sequence[Both], seen: Sequence[Seen]) -> float:
    """Area under the risk-coverage curve: the mean error of the surest, over all numbers of them.

    El-Yaniv and Wiener, JMLR 2010; 0 is best.
    """
    order = np.argsort([-one.confidence for one in seen], kind="stable")
    wrong = errors(faces, seen)[order]
    return float(np.mean(np.cumsum(wrong) / np.arange(1, len(wrong) + 1)))


def calibration_error(faces: Sequence[Both], seen: Sequence[Seen]) -> float:
    """Expected calibration error of masked against unmasked, in bins of one width (Guo et al., arXiv 1706.04599)."""
    p = np.array([one.p_masked for one in seen])
    sure, right = np.maximum(p, 1 - p), (p > 0.5) == np.array([face.masked for face in faces])
    bins = np.minimum((sure - 0.5) * 2 * _BINS, _BINS - 1).astype(int)
    gaps = [abs(right[bins == one].mean() - sure[bins == one].mean()) * np.mean(bins == one) for one in np.unique(bins)]
    return float(sum(gaps))
