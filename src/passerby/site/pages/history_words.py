"""The sentences of the history: which period, how much, and more or fewer than before."""

from datetime import date, datetime, tzinfo

from passerby.core.tallies import Measure
from passerby.records.page.figures import Figure
from passerby.records.page.words import DASH, NOT_SEEN, Sentence, Tone, clock, coverage, number, percent
from passerby.site.history import Bar, HistoryReport, Period, Series, Span, Step, Told
from passerby.site.pages.masks_words import WITHHELD, interval

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES = {
    Measure.CROSSINGS_IN: "Visitors in",
    Measure.CROSSINGS_OUT: "Visitors out",
    Measure.PEOPLE: "People on average",
    Measure.PEAK: "Most people at once",
    Measure.ENTERED: "Walked in",
    Measure.LEFT: "Walked out",
    Measure.MASKED: "Share with a mask",
}
_BEFORE = {Span.DAY: "The same weekday a week before", Span.WEEK: "The week before", Span.MONTH: "The month before"}
_LITTLE = 0.95
_SAME = 0.005


def place(series: Series) -> str:
    """Where it was counted."""
    if series.camera and series.subject:
        return f"{series.subject} (camera {series.camera})"
    return "Whole site" if series.measure is Measure.MASKED else "All doors"


def title(series: Series) -> str:
    """What is shown, and where."""
    return f"{NAMES[series.measure]}, {place(series) if series.camera else place(series).lower()}"


def day(of: date) -> str:
    """A day: Thursday 9 October 2025."""
    return f"{of:%A} {of.day} {of:%B} {of.year}"


def period(of: Period) -> str:
    """A day, a week or a month in words."""
    if of.span is Span.DAY:
        return day(of.first)
    if of.span is Span.MONTH:
        return f"{of.first:%B} {of.first.year}"
    last = of.days[-1]
    first = f"{of.first.day} {of.first:%B}" if of.first.month != last.month else str(of.first.day)
    first += f" {of.first.year}" if of.first.year != last.year else ""
    return f"{first} {DASH} {last.day} {last:%B} {last.year}"


def compared(report: HistoryReport) -> str:
    """What the pale bars are."""
    return f"{_BEFORE[report.period.span]} ({period(report.compared)})"


def step(one: Step, span: Span, zone: tzinfo | None) -> str:
    """A bar's name: 09:00, Mon 6, 6; an hour that comes a second time says so."""
    if span is Span.DAY:
        return clock(one.start_unix_s, zone) + ("\u2009*" if len(one.key) > 2 and one.key[2] else "")
    when = datetime.fromtimestamp(one.start_unix_s, zone)
    return f"{WEEKDAYS[when.weekday()]} {when.day}" if span is Span.WEEK else str(when.day)


def second_time(report: HistoryReport) -> str:
    """What the star means, on the day on which an hour comes twice."""
    twice = report.period.span is Span.DAY and any(bar.step.key[2] for bar in report.bars)
    return "* The clock was set back on this day: this hour came a second time." if twice else ""


def value(told: Told, series: Series) -> str:
    """A figure in words."""
    if told.withheld:
        return WITHHELD.lower()
    if told.value is None:
        return NOT_SEEN
    return amount(told.value, series.measure)


def amount(of: float, measure: Measure) -> str:
    """A figure that was seen."""
    if measure is Measure.MASKED:
        return percent(of)
    return f"{of:.1f}" if measure is Measure.PEOPLE else number(of)


def seen(told: Told) -> Sentence:
    """How much of the time was seen; of masks, of how many people it could be told."""
    if told.judged is not None:
        between = "" if told.low is None or told.high is None else f", between {interval(told.low, told.high)}"
        return Sentence(f"{number(told.judged)} judged{between}", Tone.CALM)
    said = coverage(Figure(exposure=told.coverage or 0.0, span_s=1.0))
    return Sentence(said.text[:1].upper() + said.text[1:], said.tone)


def comparison(report: HistoryReport, zone: tzinfo | None) -> Sentence:
    """More or fewer than before, of the hours or days that are over."""
    if report.until is None:
        what = "hour" if report.period.span is Span.DAY else "day"
        return Sentence(f"No {what} of it is over yet, so there is nothing to compare.", Tone.CALM)
    here, before = report.until
    when = _until(report, zone)
    if here.value is None or before.value is None:
        which = "then" if before.value is None else "now"
        said = WITHHELD.lower() if (before if which == "then" else here).withheld else NOT_SEEN
        return Sentence(f"Nothing to compare {when}: {said} {which}.", Tone.CALM)
    shown = f"{amount(before.value, report.series.measure)} then, {amount(here.value, report.series.measure)} now"
    care = ""
    if min(one.coverage if one.coverage is not None else 1.0 for one in (here, before)) < _LITTLE:
        care = " Part of it was not seen: compare with care."
    text = f"{_difference(here.value, before.value, report.series.measure)} {when} ({shown}).{care}"
    return Sentence(text[:1].upper() + text[1:], Tone.WARN if care else Tone.CALM)


def _difference(here: float, before: float, measure: Measure) -> str:
    if measure is Measure.MASKED:
        points = round(100 * (here - before))
        return "the same share as" if not points else f"{abs(points)} points {'more' if points > 0 else 'less'} than"
    if not before:
        return "as few as" if not here else "more than"
    share = here / before - 1
    if abs(share) < _SAME:
        return "as many as"
    return f"{percent(abs(share))} {'more' if share > 0 else 'fewer'} than"


def _until(report: HistoryReport, zone: tzinfo | None) -> str:
    over = [bar for bar in report.bars if bar.is_over]
    name = period(report.compared)
    if len(over) == len(report.bars):
        return {Span.DAY: f"on {name}", Span.WEEK: f"in the week {name}", Span.MONTH: f"in {name}"}[report.period.span]
    if report.period.span is Span.DAY:
        return f"on {name} until {clock(over[-1].step.end_unix_s, zone)}"
    days = "the first day" if len(over) == 1 else f"the first {len(over)} days"
    return f"{'in' if report.period.span is Span.MONTH else 'in the week'} {name}, {days}"


def note(bar: Bar, series: Series) -> str:
    """What the pointer tells of a bar."""
    if bar.told is None:
        return "not yet"
    said = value(bar.told, series)
    return f"<b>{said}</b>, {_small(seen(bar.told).text)}" if bar.told.value is not None else said


def summary(report: HistoryReport, zone: tzinfo | None) -> str:
    """The bars in one sentence, for those who do not see them."""
    what = f"{title(report.series)}, {period(report.period)}"
    known = [(bar.told.value, bar) for bar in report.bars if bar.told and bar.told.value is not None]
    if not known:
        return f"{what}: {NOT_SEEN}"
    most, bar = max(known, key=lambda one: one[0])
    when = step(bar.step, report.period.span, zone)
    joint = "from " if report.period.span is Span.DAY else "on "
    return f"{what}; most {joint}{when} with {amount(most, report.series.measure)}"


_OF_WEEK = {
    Measure.PEOPLE: "People on average",
    Measure.PEAK: "Most people at once",
    Measure.MASKED: "Share with a mask",
}


def week(report: HistoryReport) -> str:
    """Of what the hours of the week are."""
    first, last = report.weeks[0].first, report.weeks[-1].days[-1]
    when = f"{first.day} {first:%B} {DASH} {last.day} {last:%B} {last.year}"
    return f"{_OF_WEEK.get(report.series.measure, 'People in an hour that was seen')}, {when}."


def week_summary(report: HistoryReport) -> str:
    """The hours of the week in one sentence."""
    known = [(cell.told.value, cell) for cell in report.cells if cell.told.value is not None]
    what = f"{title(report.series)}, by weekday and hour"
    if not known:
        return f"{what}: {NOT_SEEN}"
    most, cell = max(known, key=lambda one: one[0])
    return f"{what}; most {WEEKDAYS[cell.weekday]} {cell.hour:02}:00 with {amount(most, report.series.measure)}"


def cell_text(told: Told, measure: Measure) -> str:
    """A cell as a table has it."""
    if told.value is None:
        return WITHHELD.lower() if told.withheld else DASH
    if measure is Measure.MASKED:
        return percent(told.value)
    return f"{told.value:.1f}" if told.value < 10 and round(told.value, 1) % 1 else number(told.value)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
