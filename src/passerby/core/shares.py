"""The share of people with a mask: how large it is, and how sure that is.

Nothing is shown of too few people. Where the judge's own errors were measured, a second estimate takes them into
account.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from passerby.core.masks import Confusion
from passerby.core.tallies import Measure, Tally

Z_95 = 1.959964
"""The normal distribution's 97.5 % quantile, for intervals of 95 %."""

MINIMUM_JUDGED = 20
"""Of fewer people no share is told, unless a site sets another minimum."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share, 0..1, and where it lies with 95 % confidence."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MaskCounts:
    """People who passed a place that asks for masks.

    Attributes:
        masked: judged to wear a mask.
        judged: judged at all; all others of them count as unmasked.
        worn_wrongly: judged to wear it under the nose or the chin; they count as unmasked.
        cannot_tell: of whom it could not be told.
        asked: all of them. Where a site hands on less than it knows, more than `judged` and `cannot_tell`.
    """

    masked: int
    judged: int
    worn_wrongly: int
    cannot_tell: int
    asked: int

    @staticmethod
    def of(tallies: Iterable[Tally]) -> "MaskCounts":
        """The sum of tallies of masks; those of other measures do not matter."""
        totals, exposures = dict.fromkeys(Measure, 0), dict.fromkeys(Measure, 0)
        for tally in tallies:
            totals[tally.measure] += round(tally.total)
            exposures[tally.measure] += round(tally.exposure)
        judged, unknown = exposures[Measure.MASKED], totals[Measure.CANNOT_TELL]
        return MaskCounts(
            masked=totals[Measure.MASKED],
            judged=judged,
            worn_wrongly=totals[Measure.WORN_WRONGLY],
            cannot_tell=unknown,
            asked=exposures[Measure.CANNOT_TELL],
        )


@dataclass(frozen=True, slots=True)
class MaskShare:
    """What may be shown of a place and a time.

    Attributes:
        asked: people who passed.
        judged: people of whom it could be told.
        withheld: fewer than the minimum were judged, so what follows next is None.
        masked, worn_wrongly: people, of those judged.
        share, low, high: masked by judged, 0..1, and its interval of 95 %.
        corrected: the same by the judge's measured errors; None too where they are not known.
        cannot_tell_share: people of whom it could not be told by people asked, 0..1; None where nobody was asked.
    """

    asked: int
    judged: int
    withheld: bool
    masked: int | None = None
    worn_wrongly: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    corrected: Estimate | None = None
    cannot_tell_share: float | None = None


def mask_share(counts: MaskCounts, minimum_judged: int, errors: Confusion | None = None) -> MaskShare:
    """What may be shown of some counts.

    Args:
        counts: people of one place and time.
        minimum_judged: of fewer people nothing is told but how many they were; at least 1.
        errors: how the judge did on known faces; None if that is not known.
    """
    unknown = counts.cannot_tell / counts.asked if counts.asked else None
    if counts.judged < max(1, minimum_judged):
        return MaskShare(counts.asked, counts.judged, withheld=True, cannot_tell_share=unknown)
    low, high = wilson(counts.masked, counts.judged)
    return MaskShare(
        asked=counts.asked,
        judged=counts.judged,
        withheld=False,
        masked=counts.masked,
        worn_wrongly=counts.worn_wrongly,
        share=counts.masked / counts.judged,
        low=low,
        high=high,
        corrected=corrected(counts.masked, counts.judged, errors) if errors else None,
        cannot_tell_share=unknown,
    )


def wilson(successes: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Where a share lies, by the score interval (Wilson 1927, JASA 22).

    Args:
        successes: of n, 0..n.
        n: how many were asked; of nobody nothing is known, so that the interval is 0..1.
        z: quantile of the normal distribution.

    Raises:
        ValueError: the numbers are no share.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At both ends the formula gives the share itself, but for a rounding.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def corrected(masked: int, judged: int, errors: Confusion, z: float = Z_95) -> Estimate | None:
    """The share by the judge's measured errors (Rogan and Gladen 1978, American Journal of Epidemiology 107).

    The interval knows that the errors were measured on a sample too (Lang and Reiczigel 2014, Preventive Veterinary
    Medicine 113, equation 16). All is clipped to 0..1, and the interval is widened to hold the share.

    Args:
        masked: people judged to wear a mask.
        judged: people judged.
        errors: of the judge, on known faces.
        z: quantile of the normal distribution.

    Returns:
        None where nobody was judged, or where the judge is not better than chance.
    """
    known_masked, known_bare = errors.masked_right + errors.masked_wrong, errors.bare_right + errors.bare_wrong
    if not (judged and known_masked and known_bare):
        return None
    sensitivity, specificity = errors.masked_right / known_masked, errors.bare_right / known_bare
    # One face on each side, as the paper has it: a judge who made no error yet is not one who makes none.
    se, var_se = _shrunk(errors.masked_right, known_masked, 1.0)
    sp, var_sp = _shrunk(errors.bare_right, known_bare, 1.0)
    if sensitivity + specificity <= 1 or se + sp <= 1:
        return None
    share = _clipped((masked / judged + specificity - 1) / (sensitivity + specificity - 1))
    seen, var_seen = _shrunk(masked, judged, z**2 / 2)
    middle = (seen + sp - 1) / (se + sp - 1)
    shift = 2 * z**2 * (middle * var_se - (1 - middle) * var_sp)
    half = z * math.sqrt(var_seen + middle**2 * var_se + (1 - middle) ** 2 * var_sp) / (se + sp - 1)
    low, high = _clipped(middle + shift - half), _clipped(middle + shift + half)
    return Estimate(share, min(low, share), max(high, share))


def _shrunk(right: int, n: int, more: float) -> tuple[float, float]:
    """A share with so many more on each side (Agresti and Coull 1998), and its variance."""
    share = (right + more) / (n + 2 * more)
    return share, share * (1 - share) / (n + 2 * more)


def _clipped(share: float) -> float:
    return min(1.0, max(0.0, share))
