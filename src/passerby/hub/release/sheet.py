"""The data sheet of a public release: what a statistician and a data-protection officer must know of its figures.

It goes out with them as `datasheet.json`, and stands in the ledger. `explain` says the same in plain words. A sheet
also tells a ledger that was put back from a copy what had been spent (`reconcile`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from passerby.core.noise import MICRO
from passerby.hub.release.budget import Budget
from passerby.hub.release.figures import Cell, Figure, error_of
from passerby.hub.release.ledger import Accounts, Draw, Kind, Spend

UNIT = "one person's presence in one venue on one day, changing at most {crossings} crossings"
ASSUMED = (
    "That nobody crosses the lines of one venue inwards more than {crossings} times in a day is an assumption. "
    "Tallies are sums already, "
    "so that it cannot be enforced. For who does so m times, each epsilon is m / {crossings} times what is said."
)
POST = (
    "Counts below the minimum, as measured with noise, are withheld; a single one takes the next smallest with it.",
    "Venues are fitted to their district, districts to all, and hours to their day, as the nearest whole numbers of 0 "
    "or more that add up. Where small counts are pushed up to 0, the others are pushed down; `measured` is not biased.",
    "All of this was done with noisy counts alone, and costs no privacy.",
)


class SheetPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of a sheet have in common."""


class Drawn(SheetPart, frozen=True):
    """Venue-days of one kind that were measured at one price.

    Attributes:
        epsilon: spent on each venue-day.
        entry: of the ledger, by which it was spent.
        crossings: the k that was assumed then.
        scale: of the noise, in people.
        days: by number of the venue: first and last days of unbroken runs.
    """

    kind: Kind
    epsilon: float
    crossings: int
    scale: float
    entry: int
    days: dict[int, list[tuple[str, str]]]


class ErrorOf(SheetPart, frozen=True):
    """How wrong `measured` is, of figures that are sums of so many venues, in people.

    Attributes:
        within: the true count lies within so many people of it with 95 %.
    """

    level: str
    what: str
    venues: int
    deviation: float
    within: int


class LeftOut(SheetPart, frozen=True):
    """A venue-day of which there is no figure."""

    venue: str
    day: str
    why: str


class BudgetLeft(SheetPart, frozen=True):
    """What was spent and what is left, of the venue-day and the year of a venue with the least left."""

    per_venue_day: float
    spent_most: float
    left_least: float
    per_year: float
    left_of_year_least: float


class InLedger(SheetPart, frozen=True):
    """Where the release stands in the ledger: the entries that it made, its own the last, and the one before it."""

    entries: list[int]
    digest: str


class Sheet(SheetPart, frozen=True):
    """A data sheet. Docs/release.md explains each field."""

    passerby: str
    release: str
    made_unix_s: int
    first: str
    last: str
    hourly: bool
    venues: dict[int, str]
    venue_days: int
    unit: str
    crossings: int
    assumed: str
    mechanism: str
    library: str
    epsilon: float
    errors: list[ErrorOf]
    drawn: list[Drawn]
    minimum: int
    withheld: int
    partly_seen: int
    doubtful: int
    left_out: list[LeftOut]
    post: list[str]
    budget: BudgetLeft
    ledger: InLedger
    files: dict[str, str]
    profile: Literal["public"] = "public"
    delta: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How the budget is, with the release in it.

    Attributes:
        days: venue-days of the release.
    """

    accounts: Accounts
    budget: Budget
    days: Sequence[tuple[int, int]]


def budget_left(standing: Standing) -> BudgetLeft:
    """What is left where the least is."""
    budget, accounts = standing.budget, standing.accounts
    spent = [budget.spent(accounts, venue, [day]) for venue, day in standing.days] or [0]
    years = {(venue, date.fromordinal(day).year): day for venue, day in standing.days}
    left = [budget.left_of_year(accounts, venue, day) for (venue, _year), day in years.items()] or [budget.year_micro]
    return BudgetLeft(
        per_venue_day=budget.day_micro / MICRO,
        spent_most=max(spent) / MICRO,
        left_least=(budget.day_micro - max(spent)) / MICRO,
        per_year=budget.year_micro / MICRO,
        left_of_year_least=min(left) / MICRO,
    )


def errors_of(cells: Iterable[Cell]) -> list[ErrorOf]:
    """The error of each kind of figure: of a venue, and of the sums of venues that there are, at its largest."""
    by_day: dict[tuple[date, str], list[Cell]] = {}
    held = list(cells)
    for cell in held:
        by_day.setdefault((cell.day, cell.venue.district), []).append(cell)
    of_all: dict[date, list[Cell]] = {}
    for cell in held:
        of_all.setdefault(cell.day, []).append(cell)
    groups = {
        "venue": [[cell] for cell in held],
        "district": [members for (_day, name), members in by_day.items() if name],
        "all": list(of_all.values()),
    }
    found = []
    for level, sums in groups.items():
        for what in ("day", "hour"):
            scales = [Counter(draw.scale for draw in _draws(members, what)) for members in sums]
            worst = max((one for one in scales if one), key=lambda one: error_of(one)[0], default=None)
            if worst and not (level == "all" and what == "hour"):
                found.append(ErrorOf(level, what, sum(worst.values()), *error_of(worst)))
    return found


def _draws(cells: Iterable[Cell], what: str) -> Iterable[Draw]:
    return [draw for cell in cells if (draw := cell.count if what == "day" else cell.hours) is not None]


def drawn_of(cells: Iterable[Cell]) -> list[Drawn]:
    """What the figures were paid with."""
    days: dict[tuple[Kind, int, int, float, int], dict[int, list[int]]] = {}
    for cell in cells:
        for draw in (cell.count, cell.hours):
            if draw is not None:
                key = (draw.kind, draw.epsilon_micro, draw.crossings, draw.scale, draw.entry)
                days.setdefault(key, {}).setdefault(cell.venue.number, []).append(cell.day.toordinal())
    return [
        Drawn(kind, epsilon / MICRO, crossings, scale, entry, {venue: _runs(held) for venue, held in by_venue.items()})
        for (kind, epsilon, crossings, scale, entry), by_venue in sorted(days.items())
    ]


def spends_of(sheets: Iterable[Sheet], after: int) -> list[Spend]:
    """What sheets say was paid by entries after another, as the ledger has it; what several tell of counts once."""
    paid: dict[tuple[int, Kind, int, int, float], dict[int, set[int]]] = {}
    for one in (one for sheet in sheets for one in sheet.drawn if one.entry > after):
        by_venue = paid.setdefault((one.entry, one.kind, round(one.epsilon * MICRO), one.crossings, one.scale), {})
        for venue, runs in one.days.items():
            by_venue.setdefault(venue, set()).update(day for run in runs for day in _days(run))
    return [
        Spend(kind, epsilon, crossings, scale, {venue: sorted(days) for venue, days in by_venue.items()})
        for (_entry, kind, epsilon, crossings, scale), by_venue in sorted(paid.items())
    ]


def left_out_of(left_out: Iterable[tuple[int, int, str]], names: Mapping[int, str]) -> list[LeftOut]:
    """Venue-days without a figure, by number of the venue and ordinal of the day, by name."""
    return [LeftOut(names[venue], date.fromordinal(day).isoformat(), why) for venue, day, why in left_out]


def counted(rows: Iterable[Figure]) -> tuple[int, int, int]:
    """How many figures are withheld, and how many venue-days are partly unseen or by a clock that was off."""
    held = list(rows)
    days = [row for row in held if row.level == "venue" and not row.hour]
    return (
        sum(row.state == "withheld" for row in held),
        sum(row.coverage < 100 for row in days),
        sum(row.doubtful for row in days),
    )


def _runs(days: Iterable[int]) -> list[tuple[str, str]]:
    """First and last of each run of days that follow each other."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][1] + 1:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return [(date.fromordinal(first).isoformat(), date.fromordinal(last).isoformat()) for first, last in runs]


def _days(run: tuple[str, str]) -> range:
    first, last = (date.fromisoformat(one).toordinal() for one in run)
    return range(first, last + 1)
