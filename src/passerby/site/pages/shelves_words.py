"""The sentences about shelves: how a facing is, how long it is empty, how available an aisle was."""

import shlex
from collections.abc import Sequence
from datetime import tzinfo

from passerby.core.shelves import FacingState
from passerby.records.page.words import NOT_SEEN, THIN, Sentence, Tone, clock, duration
from passerby.site.reports.shelf_tallies import OnShelf
from passerby.site.reports.shelves import (
    RESTOCK_MINIMUM,
    Course,
    FacingReport,
    GapReport,
    Restock,
    ShelfReport,
    ShelvesReport,
)
from passerby.site.settings import ShelfSettings

SIGNS = {
    FacingState.STOCKED: "Stocked",
    FacingState.LOW: "Low",
    FacingState.EMPTY: "Empty",
    FacingState.CANNOT_SEE: "Cannot be seen now",
}
"""What the signs of the plan mean."""
NO_GAPS = "No facing is empty."
_DAY_S = 86_400


def place(shelf: ShelfSettings, facing: int) -> str:
    """Where a facing is on its shelf: row 2 column 5."""
    at = shelf.row_column(facing)
    return f"facing {facing + 1}" if at is None else f"row {at[0]} column {at[1]}"


def full_place(shelf: ShelfSettings, facing: int) -> str:
    """Where a facing is in the venue: Aisle 3, pasta, row 2 column 5."""
    named = [shelf.aisle] if shelf.aisle else []
    return ", ".join([*named, shelf.shelf, place(shelf, facing)])


def gap(one: GapReport) -> str:
    """A gap that lasts: Aisle 3, pasta, row 2 column 5: empty for 2 h 10 min."""
    return f"{full_place(one.shelf, one.facing)}: empty for {lasting(one.length_s)}"


def gap_note(one: GapReport, zone: tzinfo | None) -> str:
    """Since when, and how long ago that was seen."""
    since = f"since {clock(one.gap.start_unix_s, zone)}" if one.length_s < _DAY_S else "since another day"
    ago = f"; cannot be seen now, and was seen last {lasting(one.age_s)} ago" if one.age_s else ""
    return since + ago


def lasting(seconds: float) -> str:
    """A length of time in whole minutes: what is known is no finer."""
    return duration(max(60.0, seconds // 60 * 60))


def share(one: OnShelf) -> str:
    """Availability as a percentage with one decimal, or that nothing was seen."""
    known = one.availability
    if known is None:
        return NOT_SEEN
    tenths = round(known * 1000) / 10
    if tenths == 100 and known < 1:
        return f"over 99.9{THIN}%"
    return f"{tenths:.1f}{THIN}%" if tenths < 100 else f"100{THIN}%"


def seen(one: OnShelf) -> Sentence:
    """How much of the time was seen."""
    if not one.seen_s:
        return Sentence("Not seen today yet", Tone.CALM)
    if one.coverage >= 0.995:
        return Sentence("Seen all the time", Tone.GOOD)
    percent = max(1, int(one.coverage * 100))
    # People stand before shelves all day, so that much less is usual than at a door.
    return Sentence(f"Seen {percent}{THIN}% of the time", Tone.GOOD if percent >= 60 else Tone.WARN)


def restock(one: Restock) -> dict[str, str]:
    """Time to restock, or how many gaps are missing for it."""
    if one.median_s is None or one.p90_s is None:
        return {"Time to restock": f"too few gaps filled ({one.gaps} of {RESTOCK_MINIMUM})"}
    return {
        "Half restocked within": lasting(one.median_s),
        "Nine in ten within": lasting(one.p90_s),
        "Gaps filled": str(one.gaps),
    }


def empty_now(course: Course, *, of_all: bool = True) -> str:
    """How many facings are empty, or that none was seen."""
    if not is_known(course):
        return NOT_SEEN
    return f"{course.empty} of {len(course.facings)}" if of_all else str(course.empty)


def counted(empty: int, facings: int) -> str:
    """So many facings of so many: of 120 facings empty."""
    return f"of {facings} facing{'' if facings == 1 else 's'} {'is' if empty == 1 else 'are'} empty"


def is_known(report: Course) -> bool:
    """Whether anything is known of any facing."""
    return any(one.last is not None for one in report.facings)


def hidden(report: Course) -> str:
    """How many facings cannot be seen now; nothing while all can."""
    return f"{report.hidden} of {len(report.facings)} cannot be seen now" if report.hidden else ""


def tile(report: ShelvesReport) -> str:
    """The shelves in one line: Shelves: 4 of 120 facings empty; longest 2 h 10 min."""
    if not is_known(report):
        return "Shelves: nothing seen yet"
    said = f"Shelves: {report.empty} of {len(report.facings)} facings empty"
    open_gaps = report.open_gaps
    return f"{said}; longest {lasting(open_gaps[0].length_s)}" if open_gaps else said


def trouble(shelf: ShelfReport) -> Sentence:
    """Why nothing of a shelf can be seen, and what to do; empty while it can."""
    of = shelf.shelf
    teach = f"passerby shelves teach SITE.yaml {shlex.quote(of.camera)} --shelf {shlex.quote(of.shelf)}"
    if shelf.moved:
        return Sentence(
            f"Camera {of.camera} was moved or its view changed, so nothing of this shelf is told. Check with Set-up "
            f"that it is drawn where it is, and teach it again: {teach} --state full, and the same with --state empty.",
            Tone.WARN,
        )
    if shelf.untaught:
        first, *others = shelf.untaught
        also = f", and the same with --state {others[0]}" if others else ""
        return Sentence(
            f"It was not taught yet how it looks {' and '.join(shelf.untaught)}, so nothing of it is told. "
            f"On this site's machine: {teach} --state {first}{also}.",
            Tone.WARN,
        )
    return Sentence("", Tone.CALM)


def facing(one: FacingReport) -> str:
    """How a facing is, for the plan: Row 2 column 5: cannot be seen now, was empty."""
    where = place(one.shelf, one.facing)
    return f"{where[:1].upper()}{where[1:]}: {state(one)}"


def state(one: FacingReport) -> str:
    """How a facing is, with what it was while it cannot be seen."""
    now = SIGNS[one.state].lower()
    if one.state is not FacingState.CANNOT_SEE:
        return now
    return f"{now}, was {SIGNS[one.last].lower()}" if one.last is not None else f"{now}, not seen yet"


def plan_summary(shelf: ShelfReport) -> str:
    """The plan in one sentence, for those who do not see it."""
    states = [one.state for one in shelf.facings]
    told = [f"{states.count(one)} {words.lower()}" for one, words in SIGNS.items() if one in states]
    return f"Plan of {shelf.shelf.shelf}, {len(states)} facings: {', '.join(told)}"


def facing_row(one: FacingReport, zone: tzinfo | None) -> list[str]:
    """A facing in the table."""
    since = clock(one.since_unix_s, zone) if one.since_unix_s is not None else "\u2013"
    last = "\u2013" if one.age_s is None else "now" if not one.age_s else f"{lasting(one.age_s)} ago"
    fill = "\u2013" if one.fill is None else f"{round(one.fill * 100)}{THIN}%"
    return [place(one.shelf, one.facing), state(one), since, last, fill, share(one.sum), seen(one.sum).text.lower()]


FACING_HEAD = ("Facing", "Now", "Since", "Seen last", "Fill then", "Available today", "Of the time")


def course_summary(name: str, hours: Sequence[tuple[str, OnShelf]]) -> str:
    """The day's course in one sentence, for those who do not see the chart."""
    told = [(one.availability, when) for when, one in hours if one.availability is not None]
    if not told:
        return f"{name}, availability today: not seen yet"
    least, when = min(told)
    return f"{name}, availability today by the hour; least from {when} with {least * 100:.1f}{THIN}%"
