"""The pages' words for figures, times, widths and coverage, as somebody who runs a venue says them."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from passerby.core.tallies import Measure
from passerby.records.page.figures import Figure, PlaceFigures

NOT_SEEN = "not seen"
THIN = "\u202f"
DASH = "\u2013"


class Tone(StrEnum):
    """How much a sentence matters; also a class of the style sheet."""

    GOOD = "good"
    CALM = "calm"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and how much it matters."""

    text: str
    tone: Tone


def count(figure: Figure) -> str:
    """A whole number, or that nothing was seen."""
    return number(figure.total) if figure.seen else NOT_SEEN


def mean(figure: Figure) -> str:
    """Mean people with one decimal, or that nothing was seen."""
    return NOT_SEEN if figure.mean is None else f"{figure.mean:.1f}"


def number(value: float) -> str:
    """A whole number in groups of three: 1 234."""
    return f"{round(value):,}".replace(",", THIN)


def coverage(figure: Figure) -> Sentence:
    """How much of the time was seen, short."""
    if not figure.seen:
        return Sentence(NOT_SEEN, Tone.BAD)
    if figure.coverage >= 0.995:
        return Sentence("seen all the time", Tone.GOOD)
    percent = max(1, int(figure.coverage * 100))
    tone = Tone.GOOD if percent >= 95 else Tone.WARN if percent >= 60 else Tone.BAD
    return Sentence(f"seen {percent}{THIN}% of the time", tone)


def coverage_today(place: PlaceFigures, zone: tzinfo | None) -> Sentence:
    """How much of the day was seen, from when, and what that means for the count."""
    figure = next(iter(place.today.values()))
    if place.since_unix_s is None or not figure.seen:
        return Sentence("Not seen today yet", Tone.CALM)
    said = coverage(figure)
    text = f"{said.text.capitalize()} since {clock(place.since_unix_s, zone)}"
    missing = "; whoever passed meanwhile is missing" if said.tone is not Tone.GOOD else ""
    return Sentence(text + missing, said.tone)


def window(place: PlaceFigures, zone: tzinfo | None) -> str:
    """When the last window was."""
    when = span(place.last_unix_s, place.last_width_s, zone)
    return f"Last {width(place.last_width_s)}, {when}"


def clock(moment_unix_s: float, zone: tzinfo | None) -> str:
    """Hours and minutes in the site's zone."""
    return f"{datetime.fromtimestamp(moment_unix_s, zone):%H:%M}"


def day_and_clock(moment_unix_s: float, zone: tzinfo | None) -> str:
    """Day, hours and minutes in the site's zone: 9 October, 12:10."""
    moment = datetime.fromtimestamp(moment_unix_s, zone)
    return f"{moment.day} {moment:%B}, {moment:%H:%M}"


def now(moment_unix_s: float, zone: tzinfo | None) -> str:
    """Day and time in the site's zone."""
    moment = datetime.fromtimestamp(moment_unix_s, zone).astimezone(zone)
    return f"{moment:%A} {moment.day} {moment:%B}, {moment:%H:%M:%S} {moment:%Z}"


def width(seconds: int) -> str:
    """A width of time: 15 minutes."""
    for unit_s, unit in ((3600, "hour"), (60, "minute")):
        if seconds % unit_s == 0:
            return f"{seconds // unit_s} {unit}{'' if seconds == unit_s else 's'}"
    return f"{seconds} seconds"


def span(start_unix_s: float, width_s: float, zone: tzinfo | None) -> str:
    """From when to when: 11:45-12:00, with a dash as print has it."""
    return f"{clock(start_unix_s, zone)}{DASH}{clock(start_unix_s + width_s, zone)}"


def duration(seconds: float) -> str:
    """A length of time as people say it: 45 s, 3 min 20 s, 25 min, 1 h 5 min."""
    if seconds < 59.5:
        return f"{round(seconds)}{THIN}s"
    # Beyond a few minutes nobody asks for seconds.
    step_s = 10 if seconds < 595 else 60
    whole = round(seconds / step_s) * step_s
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    named = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{value}{THIN}{unit}" for value, unit in named if value)


def percent(share: float) -> str:
    """A share as a whole percentage; little is not nothing, and nearly all is not all."""
    whole = round(share * 100)
    if share > 0 and whole == 0:
        return f"under 1{THIN}%"
    if share < 1 and whole == 100:
        return f"over 99{THIN}%"
    return f"{whole}{THIN}%"


def size(count: int) -> str:
    """So many bytes, in the unit that is short: 812 bytes, 12 kB, 3.4 MB."""
    value, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    whole = unit == "bytes" or value >= 9.95
    return f"{value:.0f}{THIN}{unit}" if whole else f"{value:.1f}{THIN}{unit}"


def people(count: int) -> str:
    """So many people."""
    return f"{number(count)} {'person' if count == 1 else 'people'}"


def chart_summary(place: PlaceFigures, steps: tuple[int, ...], step_s: int, zone: tzinfo | None) -> str:
    """The day's course in one sentence, for those who do not see the chart."""
    measure = Measure.CROSSINGS_IN if place.is_line else Measure.PEAK
    course = [(figure.total, step) for figure, step in zip(place.course[measure], steps, strict=True) if figure.seen]
    if not course:
        return f"{place.name} today: not seen yet"
    most, when = max(course, key=lambda one: one[0])
    what = "in" if place.is_line else "people at once"
    return f"{place.name} today, by {width(step_s)}; most from {clock(when, zone)} with {number(most)} {what}"
