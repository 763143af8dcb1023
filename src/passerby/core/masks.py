"""Is a mask visible: looks at one face become one answer.

No picture is here, and nothing about a face but how large and sharp it was and what the model gave for its two classes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Answer(IntEnum):
    """What is tallied of one person.

    `WORN_WRONGLY`, a mask under the nose or the chin, is for models that have such a class. The model of the catalogue
    has two, so with it nobody is answered so.
    """

    MASKED = 1
    UNMASKED = 2
    WORN_WRONGLY = 3
    CANNOT_TELL = 4


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a face gave.

    Attributes:
        p_masked: the model's share for "masked" of its two classes, 0..1.
        score: how sure the model is that there is a face at all, 0..1.
        face_px: height of the face, native pixels.
        sharpness: how much of the detail that the size allows is there, 0..1.
    """

    p_masked: float
    score: float
    face_px: float
    sharpness: float = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a look is good enough, and a vote is clear enough.

    Attributes:
        face_px: least height of a face, native pixels.
        score: least score of a face.
        sharpness: least sharpness.
        clear: least share of the votes' evidence for one answer, 0.5..1.
    """

    face_px: float = 24.0
    score: float = 0.7
    sharpness: float = 0.0
    clear: float = 0.7


LIMITS = Limits()
"""The operating point; `benchmarks/masks` tells how it was chosen."""

_LEAST = 1e-3


def good(look: Look, limits: Limits = LIMITS) -> bool:
    """Whether a look counts."""
    return look.face_px >= limits.face_px and look.score >= limits.score and look.sharpness >= limits.sharpness


def vote(looks: Sequence[Look], limits: Limits = LIMITS) -> Answer:
    """One answer out of the looks at one person.

    The looks are not independent, since the same person stands in the same light: so their log-odds are averaged, not
    added (a logarithmic opinion pool, Genest and Zidek 1986), with the heights of the faces as weights.
    """
    counted = [look for look in looks if good(look, limits)]
    if not counted:
        return Answer.CANNOT_TELL
    weight = sum(look.face_px for look in counted)
    log_odds = sum(look.face_px * _log_odds(look.p_masked) for look in counted) / weight
    clear = _log_odds(limits.clear)
    if log_odds >= clear:
        return Answer.MASKED
    return Answer.UNMASKED if log_odds <= -clear else Answer.CANNOT_TELL


def _log_odds(share: float) -> float:
    share = min(max(share, _LEAST), 1 - _LEAST)
    return math.log(share / (1 - share))
