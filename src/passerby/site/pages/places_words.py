"""The sentences of places: how many are inside, how sure that is, and since when it is known."""

import math
from collections.abc import Iterable
from datetime import tzinfo

from passerby.core.occupancy import Occupancy
from passerby.records.page.words import NOT_SEEN, Sentence, Tone, clock, number, people
from passerby.site.occupancy import PlaceReport

_LITTLE_PEOPLE = 0.5
_HEADROOM, _FEW_PEOPLE = 3, 10


def inside(place: PlaceReport) -> str:
    """The best estimate, as a whole number."""
    now = place.now
    return NOT_SEEN if now is None or now.people is None else number(now.people)


def interval(now: Occupancy | None) -> str:
    """Between which numbers the truth lies; empty where the estimate is not known, or has no interval."""
    if now is None or now.people is None or now.low is None:
        return ""
    if now.high is None:
        return f"({number(math.floor(now.low))} or more)"
    low, high = math.floor(now.low), math.ceil(now.high)
    return f"({number(low)} to {number(high)})" if low < high else ""


def drawn_up_to(known: Iterable[float], high: float | None) -> float | None:
    """How high a chart or a bar may go where the interval ends far above all else; None where it does not.

    Behind hours that were not seen the interval ends at thousands, and all that is known would lie flat on the ground.

    Args:
        known: people counted and allowed; what must be read well.
        high: the highest end of an interval.
    """
    room = _HEADROOM * max(_FEW_PEOPLE, *known)
    if high is None or high <= room:
        return None
    step = 10 ** math.floor(math.log10(room))
    return float(math.ceil(room / step) * step)


def interval_explained(now: Occupancy | None) -> str:
    """What the interval means."""
    if now is None or now.low is None or now.people is None:
        return ""
    if now.high is None:
        return "Its lines were not seen since it opened, so there may be any number more."
    return "95 times in 100 the true number is between these two." if interval(now) else ""


def limit(place: PlaceReport) -> Sentence:
    """How the number stands to the limit; the words tell it, not the colour alone."""
    most, now = place.crowd_limit, place.now
    if most is None:
        return Sentence("", Tone.CALM)
    if now is None or now.people is None:
        return Sentence(f"{number(most)} allowed", Tone.CALM)
    if place.over and now.people > most:
        return Sentence(f"\u25b2 Over the limit: {number(now.people)} inside, {number(most)} allowed", Tone.BAD)
    if place.over:
        return Sentence(f"\u25b2 Was over the limit of {number(most)}, and is not clearly below it yet", Tone.BAD)
    if now.high is None or now.high > most:
        return Sentence(f"{number(most)} allowed; it may be reached already", Tone.WARN)
    return Sentence(f"{number(most)} allowed: room for {number(math.floor(most - now.people))} more", Tone.GOOD)


def alarm(place: PlaceReport) -> Sentence | None:
    """What must be known before any figure."""
    if not place.over:
        return None
    said = limit(place).text.removeprefix("\u25b2 ")
    return Sentence(f"{place.name}: {said[:1].lower()}{said[1:]}.", Tone.BAD)


def as_of(place: PlaceReport, zone: tzinfo | None) -> str:
    """When the number was true: the end of the last closed window, or a correction."""
    return f"as of {clock(place.now.end_unix_s, zone)}" if place.now else ""


def flow(place: PlaceReport, zone: tzinfo | None) -> dict[str, str]:
    """How many came and went today; empty for a place without lines."""
    if place.entered is None or place.left is None:
        return {}
    since = clock(place.since_unix_s, zone)
    return {f"In since {since}": number(place.entered), f"Out since {since}": number(place.left)}


def last_set(place: PlaceReport, zone: tzinfo | None) -> str:
    """When the count was last set to a known number, and why. Who did it stands in the site's log."""
    if place.entered is None:
        return "Counted by zones that see all of it."
    if not place.corrections:
        return f"Set to 0 at {clock(place.since_unix_s, zone)}, when it opened."
    last = place.corrections[-1]
    why = f": {last.note}" if last.note else ""
    return f"Set to {number(last.people)} by hand at {clock(last.moment_unix_s, zone)}{why}"


def left_over(place: PlaceReport) -> str:
    """What the count of the day before still had at the opening."""
    still = place.left_over
    if still is None or still < _LITTLE_PEOPLE:
        return ""
    return f"The day before ended with {people(round(still))} still counted; that was miscounting, and was set to 0."


def drift(place: PlaceReport) -> Sentence:
    """How lines and zones agree."""
    found = place.drift
    if found is None:
        return Sentence("", Tone.CALM)
    if abs(found.mean) < _LITTLE_PEOPLE and abs(found.now) < _LITTLE_PEOPLE:
        return Sentence("Lines and zones agree.", Tone.GOOD)
    which = "more" if found.mean >= 0 else "fewer"
    text = f"Over the last hour the lines said {abs(found.mean):.1f} people {which} than the zones"
    now = place.now.people if place.now and place.now.people else 0.0
    is_far = abs(found.mean) > max(2.0, 0.1 * now)
    advice = "; count once by hand and correct it" if is_far else ""
    return Sentence(f"{text}{advice}.", Tone.WARN if is_far else Tone.CALM)


def swallowed(place: PlaceReport) -> str:
    """People who went out and had never been counted in."""
    missed = round(place.now.swallowed) if place.now else 0
    if not missed:
        return ""
    verb = "was" if missed == 1 else "were"
    return f"{people(missed).capitalize()} went out who {verb} not counted coming in."


def summary(place: PlaceReport, zone: tzinfo | None) -> str:
    """The day's course in one sentence, for those who do not see the chart."""
    known = [(one.people, one.end_unix_s) for one in place.course if one.people is not None and one.coverage]
    if not known:
        return f"People inside {place.name} today: not seen yet"
    most, when = max(known)
    allowed = f"; {number(place.crowd_limit)} allowed" if place.crowd_limit is not None else ""
    return f"People inside {place.name} today; most at {clock(when, zone)} with {number(most)}{allowed}"
