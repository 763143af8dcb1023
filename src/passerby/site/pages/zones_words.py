"""The sentences of zones and queues: how long people stay, wait and give up."""

from passerby.core.dwell import DWELL_EDGES_S
from passerby.records.page.words import DASH, Sentence, Tone, duration, number, people, percent
from passerby.site.reports import QueueFigures, Stays, ZoneFigures, ZoneSeries

_DISAGREE = 0.3
"""A check that differs by more than this share is told."""


def bucket_names() -> list[str]:
    """The lengths of stay as people say them: 0-5 s, ..., 1 h or more."""
    return [_between(low, high) for low, high in zip((0, *DWELL_EDGES_S), DWELL_EDGES_S, strict=False)] + [
        "1 h or more"
    ]


def _between(low_s: int, high_s: int) -> str:
    if high_s <= 60:
        return f"{low_s}{DASH}{high_s} s"
    return f"{low_s // 60}{DASH}{high_s // 60} min"


def facts(zone: ZoneFigures) -> dict[str, str]:
    """What is told of a zone beside its people: names and values; empty where nothing was seen."""
    if zone.entered is None or zone.left is None or zone.person_minutes is None:
        return {}
    return {
        "Walked in": number(zone.entered),
        "Walked out": number(zone.left),
        "Person-minutes": number(zone.person_minutes),
    }


def over_limit(series: ZoneSeries) -> Sentence:
    """How long a zone was over its limit today; the words tell it, not the colour alone."""
    most, over_s, share = series.crowd_limit, series.sum.over_limit_s, series.sum.over_limit_share
    if most is None:
        return Sentence("", Tone.CALM)
    if over_s is None or share is None:
        return Sentence(f"{number(most)} allowed", Tone.CALM)
    if not over_s:
        return Sentence(f"Never over its limit of {number(most)} today", Tone.GOOD)
    text = f"\u25b2 Over its limit of {number(most)} for {duration(over_s)} today"
    return Sentence(f"{text}, {percent(share)} of the time seen", Tone.WARN)


def lengths(stays: Stays | None, *, is_queue: bool) -> dict[str, str]:
    """Median and 90th percentile of stays or waits; empty where they cannot be told."""
    if stays is None or not stays.summary.known_to_s:
        return {}
    told, verb = stays.summary, "wait" if is_queue else "stay"
    named = ((f"Half {verb}", told.median_s), (f"Nine in ten {verb}", told.p90_s))
    return {name: _up_to(value, told.known_to_s) for name, value in named}


def unknown_length(stays: Stays | None, *, is_queue: bool) -> str:
    """Why no length of stay is told; empty where one is."""
    if stays is None or not stays.summary.visits:
        return "Nobody was served yet today." if is_queue else "Nobody left yet today."
    return "" if stays.summary.known_to_s else "How long cannot be told: sight was lost of all of them."


def _up_to(value_s: float | None, known_to_s: float) -> str:
    return f"more than {duration(known_to_s)}" if value_s is None else f"up to {duration(value_s)}"


def lost(stays: Stays | None) -> str:
    """On how many stays it rests, and of how many the end is not known."""
    if stays is None or not stays.summary.visits:
        return ""
    rests = f"Of {number(stays.summary.visits)} {'stay' if stays.summary.visits == 1 else 'stays'}"
    if not stays.summary.censored_share:
        return f"{rests}."
    return (
        f"{rests}; of {percent(stays.summary.censored_share)} sight was lost before they ended, and they count as "
        "at least so long."
    )


def gave_up(queue: QueueFigures | None) -> str:
    """How many were served, and how many left before."""
    if queue is None or queue.abandonment_share is None:
        return ""
    if not queue.gave_up:
        return f"{people(queue.served)} served today, nobody gave up."
    return f"{people(queue.served)} served today; {number(queue.gave_up)} gave up ({percent(queue.abandonment_share)})."


def check(queue: QueueFigures | None) -> str:
    """What Little's law says, where it says something else than the waiting times."""
    if queue is None or queue.littles_law_wait_s is None or not queue.wait.summary.mean_s:
        return ""
    mean_s, law_s = queue.wait.summary.mean_s, queue.littles_law_wait_s
    if abs(law_s - mean_s) <= _DISAGREE * mean_s:
        return ""
    return (
        f"Take care: by the waiting times the mean wait is {duration(mean_s)}, by the length of the queue "
        f"(Little's law) it is {duration(law_s)}. People who only walk through, or whom something hides, make "
        "them differ."
    )


def stays_summary(name: str, stays: Stays, *, is_queue: bool) -> str:
    """The histogram in one sentence, for those who do not see the chart."""
    what = "waiting times" if is_queue else "lengths of stay"
    told = ", ".join(f"{half.lower()} {value}" for half, value in lengths(stays, is_queue=is_queue).items())
    return f"{name}, {what} today: {told or unknown_length(stays, is_queue=is_queue)}"
