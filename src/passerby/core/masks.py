"""Is a mask visible: looks at one face become one answer.

No picture is here, and nothing about a face but how large and sharp it was and what the model gave for its classes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Answer(IntEnum):
    """What is tallied of one person.

    `WORN_WRONGLY` is a mask under the nose or the chin. Models of the family "aizoo" have no such class, so with them
    nobody is answered so.
    """

    MASKED = 1
    UNMASKED = 2
    WORN_WRONGLY = 3
    CANNOT_TELL = 4


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a face gave.

    Attributes:
        p_masked: how likely "masked" is of a face that can be read, 0..1.
        score: how sure the model is that there is a face that can be read, 0..1.
        face_px: height of the face, brow to chin, native pixels.
        sharpness: share of the face's contrast that is fine detail, 0..1; see `pixels.sharpness`.
        p_wrong: how likely "worn wrongly" is of a face that can be read, 0..1; 0 of a model without such a class. What
            is left of 1 is "unmasked".

    Raises:
        ValueError: a number is out of its range.
    """

    p_masked: float
    score: float
    face_px: float
    sharpness: float = 1.0
    p_wrong: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.p_masked, self.score, self.sharpness, self.p_wrong)
        if not (all(0 <= share <= 1 for share in shares) and 0 <= self.face_px < math.inf):
            raise ValueError(f"shares must be within 0..1 and a height positive and finite: {self}")
        if self.p_masked + self.p_wrong > 1 + _ROUNDING:
            raise ValueError(f"shares of masked and worn wrongly must be within 0..1 together: {self}")


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a look is good enough, and a vote clear enough.

    Attributes:
        face_px: least height of a face, native pixels.
        score: least score of a face. Backs of heads look like faces to a model, but seldom so sure.
        sharpness: least sharpness; 0 asks for none.
        clear: least likelihood of the answer, 0.5..1.
    """

    face_px: float
    score: float
    sharpness: float
    clear: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """How a judge answered for faces of which the truth is known. Those that it could not tell are not among them.

    Faces on which the mask is worn wrongly count as bare, as does the answer that it is.

    Attributes:
        masked_right, masked_wrong: masked faces answered masked and unmasked.
        bare_right, bare_wrong: bare faces answered unmasked and masked.
    """

    masked_right: int
    masked_wrong: int
    bare_right: int
    bare_wrong: int


@dataclass(frozen=True, slots=True)
class Operating:
    """How the answers of one family of judges are used.

    Attributes:
        limits: which looks count, and how clear a vote must be.
        confusion: how it answered at these limits, one look at each face of 80 photographs (`benchmarks.masks`). Few
            faces and few photographs: the interval of a corrected share is to be taken seriously.
    """

    limits: Limits
    confusion: Confusion


OPERATING: Mapping[str, Operating] = {
    "passerby-mask": Operating(
        Limits(face_px=12.0, score=0.8, sharpness=0.0, clear=0.85),
        # TO BE REPLACED before merge by what `python -m benchmarks.masks` measures of the final weights.
        Confusion(masked_right=0, masked_wrong=0, bare_right=0, bare_wrong=0),
    ),
    "aizoo": Operating(
        Limits(face_px=20.0, score=0.9, sharpness=0.05, clear=0.7),
        Confusion(masked_right=170, masked_wrong=0, bare_right=57, bare_wrong=2),
    ),
}
"""By the family of the model; decisions 43 and 9 in docs/decisions tell how they were chosen."""

_LEAST = 1e-3
_ROUNDING = 1e-9


def good(look: Look, limits: Limits) -> bool:
    """Whether a look counts."""
    return look.face_px >= limits.face_px and look.score >= limits.score and look.sharpness >= limits.sharpness


def vote(looks: Sequence[Look], limits: Limits) -> Answer:
    """One answer out of the looks at one person.

    Looks at one person in one light err together, so their log-probabilities are averaged and not added: a logarithmic
    opinion pool (Genest and Zidek, Statistical Science 1986), weighted by the height of the face.
    """
    counted = [look for look in looks if good(look, limits)]
    weight = math.fsum(look.face_px for look in counted)
    if not weight:
        return Answer.CANNOT_TELL
    pool = {Answer.UNMASKED: 0.0, Answer.MASKED: math.fsum(one.face_px * _masked_odds(one) for one in counted) / weight}
    if any(look.p_wrong for look in counted):
        pool[Answer.WORN_WRONGLY] = math.fsum(one.face_px * _wrong_odds(one) for one in counted) / weight
    best = max(pool, key=pool.__getitem__)
    others = [odds for answer, odds in pool.items() if answer is not best]
    most = max(others)
    ahead = pool[best] - most - math.log(math.fsum(math.exp(odds - most) for odds in others))
    # Where nothing is ahead, two answers are as likely.
    return best if ahead > 0 and ahead >= logit(limits.clear, _LEAST) else Answer.CANNOT_TELL


def logit(share: float, least: float) -> float:
    """Log-odds of a share that is taken to lie at least so far from 0 and from 1."""
    share = _within(share, least)
    return math.log(share / (1 - share))


def _masked_odds(look: Look) -> float:
    """Log-odds of masked to unmasked."""
    return math.log(_within(look.p_masked, _LEAST) / _p_unmasked(look))


def _wrong_odds(look: Look) -> float:
    """Log-odds of worn wrongly to unmasked."""
    return math.log(_within(look.p_wrong, _LEAST) / _p_unmasked(look))


def _p_unmasked(look: Look) -> float:
    return max(_LEAST, 1 - (_within(look.p_masked, _LEAST) + look.p_wrong))


def _within(share: float, least: float) -> float:
    return min(max(share, least), 1 - least)
