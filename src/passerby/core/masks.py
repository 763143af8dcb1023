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
        clear: least likelihood of "masked", or of "not masked", 0.5..1.
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
        Confusion(masked_right=248, masked_wrong=9, bare_right=93, bare_wrong=1),
    ),
    "aizoo": Operating(
        Limits(face_px=20.0, score=0.9, sharpness=0.05, clear=0.7),
        Confusion(masked_right=170, masked_wrong=0, bare_right=57, bare_wrong=2),
    ),
}
"""By the family of the model; decisions 43 and 9 in docs/decisions tell how they were chosen."""

_LEAST = 1e-3
_ROUNDING = 1e-9
_RATHER_WRONG = 0.6
"""So likely, against "unmasked", is "worn wrongly" where it is the answer."""


def good(look: Look, limits: Limits) -> bool:
    """Whether a look counts."""
    return look.face_px >= limits.face_px and look.score >= limits.score and look.sharpness >= limits.sharpness


def vote(looks: Sequence[Look], limits: Limits) -> Answer:
    """One answer out of the looks at one person.

    First whether the mask is worn as it should be, which is what the masked share is of; whoever surely does not wear
    it so has it at the wrong place, or wears none. Were all three weighed at once, more bare faces than masked ones
    would be "cannot tell", and the share too high.

    Looks at one person in one light err together, so their log-odds are averaged and not added: a logarithmic opinion
    pool (Genest and Zidek, Statistical Science 1986), weighted by the height of the face.
    """
    counted = [look for look in looks if good(look, limits)]
    weight = math.fsum(look.face_px for look in counted)
    if not weight:
        return Answer.CANNOT_TELL
    masked = math.fsum(look.face_px * logit(look.p_masked, _LEAST) for look in counted) / weight
    if abs(masked) < logit(limits.clear, _LEAST) or not masked:
        return Answer.CANNOT_TELL
    if masked > 0:
        return Answer.MASKED
    wrong = math.fsum(look.face_px * _wrong_odds(look) for look in counted) / weight
    return Answer.WORN_WRONGLY if wrong >= logit(_RATHER_WRONG, _LEAST) else Answer.UNMASKED


def logit(share: float, least: float) -> float:
    """Log-odds of a share that is taken to lie at least so far from 0 and from 1."""
    share = min(max(share, least), 1 - least)
    return math.log(share / (1 - share))


def _wrong_odds(look: Look) -> float:
    """Log-odds of worn wrongly to unmasked."""
    return math.log(max(look.p_wrong, _LEAST) / max(1 - look.p_masked - look.p_wrong, _LEAST))
