"""Sentences about counts by hand and what they prove."""

from datetime import tzinfo

from passerby.core.equivalence import LEAST_WINDOWS, Bias
from passerby.records.page.words import NOT_SEEN, Sentence, Tone, clock, width
from passerby.site.proof import HandCount, LineProof
from passerby.site.proof.command import why_nothing
from passerby.site.proof.report import percent


def how(window_s: int) -> str:
    """What to do, and for how long."""
    return (
        "Stand where you see the line. For each person who crosses it, press In or Out. Stay for three windows of "
        f"{width(window_s)} or more. Only their numbers are kept: no picture, and no moment at which somebody came."
    )


def progress(count: HandCount, now_unix_s: float, zone: tzinfo | None) -> Sentence:
    """How far a count by hand is, and until when to stay."""
    whole = count.whole_windows(now_unix_s)
    enough_unix_s = count.first_whole_unix_s + LEAST_WINDOWS * count.width_s
    if now_unix_s < count.first_whole_unix_s:
        text = f"Warming up: the first window that counts begins at {clock(count.first_whole_unix_s, zone)}."
        return Sentence(f"{text} Stay until {clock(enough_unix_s, zone)} or longer.", Tone.CALM)
    windows = f"{whole} whole window{'' if whole == 1 else 's'} of {width(count.width_s)}"
    next_unix_s = count.first_whole_unix_s + (whole + 1) * count.width_s
    if whole < LEAST_WINDOWS:
        return Sentence(f"{windows} so far. Stay until {clock(enough_unix_s, zone)} or longer.", Tone.CALM)
    return Sentence(f"{windows}. The longer, the surer; the present one ends at {clock(next_unix_s, zone)}.", Tone.GOOD)


def ended(windows: int) -> Sentence:
    """What becomes of a count that was ended."""
    if windows == 0:
        return Sentence("No whole window was counted, so nothing is kept.", Tone.WARN)
    if windows == 1:
        return Sentence("1 whole window is kept. Its result stands below within a minute.", Tone.GOOD)
    return Sentence(f"{windows} whole windows are kept. Their result stands below within a minute.", Tone.GOOD)


def verdict(proof: LineProof) -> Sentence:
    """What is proved of a line, in one sentence."""
    whole = proof.whole
    if whole is None:
        return Sentence(why_nothing(proof).capitalize(), Tone.CALM)
    margin = f"{100 * whole.margin:g} %"
    if whole.equivalent:
        return Sentence(f"Equal to a count by hand, within {margin}", Tone.GOOD)
    if whole.low > whole.margin or whole.high < -whole.margin:
        return Sentence(f"Differs from a count by hand by more than {margin}", Tone.BAD)
    return Sentence(f"Not proved to be within {margin} yet: more windows would tell", Tone.WARN)


def facts(proof: LineProof, zone: tzinfo | None) -> dict[str, str]:
    """The figures behind it."""
    if proof.whole is None:
        return {}
    said = {"Bias": proof.words(zone) or NOT_SEEN, "By hand": f"{proof.whole.hand:.0f}"}
    said["By the engine"] = f"{proof.whole.engine:.0f}"
    said["Windows"] = str(proof.whole.windows)
    said |= {name.capitalize(): _short(one) for name, one in proof.by_direction.items()}
    return said | {name.capitalize(): _short(one) for name, one in proof.by_part.items()}


def _short(one: Bias) -> str:
    return f"{percent(one.bias)} ± {100 * one.half_width:.1f} %"
