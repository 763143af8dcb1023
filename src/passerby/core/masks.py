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
        p_masked: how likely "masked" is, of the model's two classes, 0..1.
        score: how sure the model is that there is a face at all, 0..1.
        face_px: height of the face, brow to chin, native pixels.
        sharpness: share of the face's contrast that is fine detail, 0..1; see `pixels.sharpness`.

    Raises:
        ValueError: a number is out of its range.
    """

    p_masked: float
    score: float
    face_px: float
    sharpness: float = 1.0

    def __post_init__(self) -> None:
        shares = (self.p_masked, self.score, self.sharpness)
        if not (all(0 <= share <= 1 for share in shares) and 0 <= self.face_px < math.inf):
            raise ValueError(f"shares must be within 0..1 and a height positive and finite: {self}")


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a look is good enough, and a vote clear enough.

    Attributes:
        face_px: least height of a face, native pixels.
        score: least score of a face. Backs of heads look like faces to the model, but seldom so sure.
        sharpness: least sharpness.
        clear: least likelihood of the answer, 0.5..1.
    """

    face_px: float = 20.0
    score: float = 0.9
    sharpness: float = 0.05
    clear: float = 0.7


LIMITS = Limits()
"""The operating point; docs/decisions/0009-mask-judge.md tells how it was chosen."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How a judge answered for faces of which the truth is known. Those that it could not tell are not among them.

    Attributes:
        masked_right, masked_wrong: masked faces answered masked and unmasked.
        bare_right, bare_wrong: bare faces answered unmasked and masked.
    """

    masked_right: int
    masked_wrong: int
    bare_right: int
    bare_wrong: int


AIZOO = Confusion(masked_right=170, masked_wrong=0, bare_right=57, bare_wrong=2)
"""The model of the catalogue at `LIMITS`, one look at each face of 80 photographs: `python -m benchmarks.masks`.

Faces worn wrongly count as bare. Few faces, and few photographs: the interval of a corrected share is to be taken
seriously.
"""

_LEAST = 1e-3


def good(look: Look, limits: Limits = LIMITS) -> bool:
    """Whether a look counts."""
    return look.face_px >= limits.face_px and look.score >= limits.score and look.sharpness >= limits.sharpness


def vote(looks: Sequence[Look], limits: Limits = LIMITS) -> Answer:
    """One answer out of the looks at one person.

    Looks at one person in one light err together, so their log-odds are averaged and not added: a logarithmic opinion
    pool (Genest and Zidek, Statistical Science 1986), weighted by the height of the face.
    """
    counted = [look for look in looks if good(look, limits)]
    weight = math.fsum(look.face_px for look in counted)
    if not weight:
        return Answer.CANNOT_TELL
    log_odds = math.fsum(look.face_px * logit(look.p_masked, _LEAST) for look in counted) / weight
    clear = logit(limits.clear, _LEAST)
    if abs(log_odds) < clear or not log_odds:
        return Answer.CANNOT_TELL
    return Answer.MASKED if log_odds > 0 else Answer.UNMASKED


def logit(share: float, least: float) -> float:
    """Log-odds of a share that is taken to lie at least so far from 0 and from 1."""
    share = min(max(share, least), 1 - least)
    return math.log(share / (1 - share))
