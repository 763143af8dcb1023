"""The sentences of masks: the share, how sure it is, and what it is not."""

import math

from passerby.core.shares import Estimate, MaskShare
from passerby.records.page.words import THIN, Sentence, Tone, number, people, percent

ANONYMOUS = (
    "No face is recognised and none is kept: the one question asked is whether a mask is visible, "
    "and its answer is added to a count."
)
TWO_SHARES = (
    "There are two shares: the large one is what was counted; the corrected one allows for how often the judge was "
    "wrong on pictures of which the truth is known."
)
WITHHELD = "Too few people to say"


def interval(low: float, high: float) -> str:
    """Where a share lies, rounded outwards: 80 to 88 %."""
    return f"{math.floor(low * 100 + 1e-9)} to {math.ceil(high * 100 - 1e-9)}{THIN}%"


def share(told: MaskShare) -> str:
    """The share, or an empty text where it is withheld."""
    return "" if told.share is None else percent(told.share)


def between(told: MaskShare) -> str:
    """Its interval, in brackets."""
    return "" if told.low is None or told.high is None else f"({interval(told.low, told.high)})"


def withheld(told: MaskShare, minimum_judged: int) -> Sentence:
    """That no share is told, and why; empty where one is."""
    if not told.withheld:
        return Sentence("", Tone.CALM)
    if not told.asked:
        return Sentence("No figures yet today", Tone.CALM)
    return Sentence(f"{WITHHELD} ({number(told.judged)} of {number(minimum_judged)})", Tone.CALM)


def judged(told: MaskShare) -> str:
    """Of how many it could be told, and of how many not."""
    if not told.asked:
        return ""
    unknown = ""
    if told.cannot_tell_share is not None:
        unknown = f" of {percent(told.cannot_tell_share)} of those who passed it could not be told."
    return f"Of {number(told.judged)} judged;{unknown}" if unknown else f"Of {number(told.judged)} judged."


def worn_wrongly(told: MaskShare) -> str:
    """How many wore it under the nose or the chin; empty where nobody did."""
    if not told.worn_wrongly:
        return ""
    return f"{people(told.worn_wrongly)} wore it under the nose or the chin; that counts as without."


def corrected(estimate: Estimate | None) -> str:
    """The second estimate."""
    if estimate is None:
        return ""
    return (
        f"Corrected for the judge's known errors: {percent(estimate.share)} ({interval(estimate.low, estimate.high)})"
    )


def at_line(told: MaskShare, minimum_judged: int) -> str:
    """The share in one line, for the card of a door."""
    if told.withheld:
        return f"Masks: {withheld(told, minimum_judged).text[:1].lower()}{withheld(told, minimum_judged).text[1:]}"
    return f"Masks: {share(told)} {between(told)} of {number(told.judged)} judged"


def purpose(text: str) -> str:
    """Why masks are asked for."""
    return f"Why this is asked: {text}"
