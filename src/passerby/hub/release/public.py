"""A public release: budget spent, noise drawn, figures made, in this order, each on the disk before the next."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from passerby import __version__
from passerby.core.noise import MICRO, scale_of
from passerby.hub.release import sheet as sheets
from passerby.hub.release.budget import Budget
from passerby.hub.release.calendars import WHY, overlaps
from passerby.hub.release.figures import Cell, Figure, figures
from passerby.hub.release.ledger import (
    Accounts,
    Counts,
    Draw,
    Kind,
    Ledger,
    Measured,
    MovedError,
    Released,
    Spend,
    Spent,
)
from passerby.hub.release.noise import MECHANISM, Noise
from passerby.hub.release.rows import digest_of
from passerby.hub.release.settings import ReleaseSettings, micro
from passerby.hub.release.sheet import InLedger, Sheet, Standing
from passerby.hub.release.tallied import Reader, Tallied, VenueDay, Waiting
from passerby.hub.release.words import ReleaseError

_MOST_TRIES = 50
_FORM = 1
"""Of figures and sheet. A release of another form is another release, of the same counts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for.

    Attributes:
        what: venues, days, and whether hours too.
        remeasure: draw and pay again, where the budget covers it: for days whose tallies came late or were wrong.
    """

    what: Waiting
    remeasure: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """By which terms, as `hub.yaml` says."""

    settings: ReleaseSettings
    parts: Mapping[int, tuple[int, ...]]

    @property
    def budget(self) -> Budget:
        """What may be spent."""
        one = self.settings
        return Budget(micro(one.budget_day), micro(one.budget_year), one.crossings, self.parts)

    def spend(self, kind: Kind, days: dict[int, list[int]]) -> Spend:
        """What some venue-days of one kind cost."""
        one = self.settings
        epsilon = micro(one.epsilon_day if kind is Kind.DAY else one.epsilon_hours)
        return Spend(kind, epsilon, one.crossings, scale_of(one.crossings, epsilon), days)


@dataclass(slots=True)
class Plan:
    """What a release takes, by the accounts as they are.

    Attributes:
        days: venue-days that it is of.
        spends: what must be paid.
        measure: what must be measured, paid now or before.
        left_out: venue-days without a figure, and why.
    """

    days: list[VenueDay]
    spends: list[Spend]
    measure: list[Tallied]
    left_out: list[tuple[int, int, str]]


class PublicReleases:
    """Makes public releases.

    Args:
        reader: reads tallies.
        ledger: of the budget.
        noise: draws it.
        terms: by which.
    """

    def __init__(self, reader: Reader, ledger: Ledger, noise: Noise, terms: Terms) -> None:
        self._reader, self._ledger, self._noise, self._terms = reader, ledger, noise, terms

    def plan(self, asked: Asked) -> Sheet:
        """The data sheet of what a release would be, or of what it was; nothing is spent, drawn or written.

        Raises:
            ReleaseError: it could not be made.
            StoreError: a store cannot be read.
        """
        accounts = self._ledger.read()
        plan = self._plan(accounts, asked, self._reader.read(asked.what))
        known = None if plan.measure else self._known(accounts, asked, self._cells(accounts, asked, plan.days))
        if known is not None:
            return known
        self._terms.budget.check(accounts, plan.spends, _names(asked))
        for spend in plan.spends:
            accounts.add(accounts.entry + 1, accounts.digest, Spent([spend]))
        cells = self._cells(accounts, asked, plan.days, measured=False)
        return self._sheet(accounts, asked, plan, (cells, [], ()))

    def make(self, asked: Asked, made_unix_s: int) -> tuple[Sheet, list[Figure]]:
        """Makes a release, or finds it again: what was asked before gets the answer that it got then.

        Raises:
            BudgetError: the budget does not cover it; nothing was spent.
            ReleaseError: it cannot be made.
            StoreError: a store cannot be used; what was spent is in the ledger, and nothing must be handed out.
        """
        tallied = self._reader.read(asked.what)
        entries: list[int] = []
        for _try in range(_MOST_TRIES):
            accounts = self._ledger.read()
            plan = self._plan(accounts, asked, tallied)
            try:
                if plan.spends:
                    self._terms.budget.check(accounts, plan.spends, _names(asked))
                    self._ledger.enter(accounts, Spent(plan.spends))
                    entries.append(accounts.entry)
                    asked = replace(asked, remeasure=False)
                if plan.measure:
                    self._ledger.enter(accounts, Measured(self._measured(accounts, plan.measure)))
                    entries.append(accounts.entry)
                return self._released(accounts, asked, (plan, entries), made_unix_s)
            except MovedError:
                continue
        raise ReleaseError("other releases were made all the time; nothing was handed out. Try again")

    def _plan(self, accounts: Accounts, asked: Asked, tallied: Mapping[VenueDay, list[Tallied] | str]) -> Plan:
        plan = Plan([], [], [], [])
        kinds = (Kind.DAY, Kind.HOURS) if asked.what.hourly else (Kind.DAY,)
        paid: dict[Kind, dict[int, list[int]]] = {kind: {} for kind in kinds}
        venues = {venue.number: venue for venue in asked.what.venues}
        for (venue, day), found in sorted(tallied.items()):
            missing = [kind for kind in kinds if asked.remeasure or _lacks(accounts.of(venue, day, kind))]
            if missing and isinstance(found, str):
                plan.left_out.append((venue, day, found))
                continue
            if missing and overlaps(accounts, self._terms.budget.of(venue), venues[venue], day):
                plan.left_out.append((venue, day, WHY))
                continue
            plan.days.append((venue, day))
            if not isinstance(found, str):
                plan.measure += [one for one in found if one.kind in missing]
            for kind in missing:
                if not any(draw.is_open for draw in accounts.of(venue, day, kind)):
                    paid[kind].setdefault(venue, []).append(day)
        plan.spends = [self._terms.spend(kind, days) for kind, days in paid.items() if days]
        if not plan.days:
            raise ReleaseError(_nothing(plan.left_out, _names(asked)))
        return plan

    def _measured(self, accounts: Accounts, tallied: Sequence[Tallied]) -> list[Counts]:
        """Noise for all of it, drawn at once for what has one price."""
        by_price: dict[tuple[float, int, int], list[Tallied]] = {}
        for one in tallied:
            draw = next(draw for draw in accounts.of(one.venue, one.day, one.kind) if draw.is_open)
            by_price.setdefault((draw.scale, draw.crossings, draw.epsilon_micro), []).append(one)
        found = []
        for (scale, *paid), held in by_price.items():
            true = [count for one in held for count in one.counts]
            noisy = iter(self._noise.add(true, scale, (paid[0], paid[1])))
            found += [
                Counts(
                    one.venue, one.day, one.kind, one.start_unix_s, [next(noisy) for _ in one.counts],
                    list(one.coverage), one.doubtful,
                )
                for one in held
            ]  # fmt: skip
        return found

    def _cells(
        self, accounts: Accounts, asked: Asked, days: Sequence[VenueDay], *, measured: bool = True
    ) -> list[Cell]:
        venues = {venue.number: venue for venue in asked.what.venues}

        def newest(venue: int, day: int, kind: Kind) -> Draw:
            found = _newest(accounts, venue, day, kind) or (None if measured else accounts.of(venue, day, kind)[-1])
            assert found is not None
            return found

        return [
            Cell(
                venues[venue],
                date.fromordinal(day),
                newest(venue, day, Kind.DAY),
                newest(venue, day, Kind.HOURS) if asked.what.hourly else None,
            )
            for venue, day in days
        ]

    def _released(
        self, accounts: Accounts, asked: Asked, made: tuple[Plan, list[int]], made_unix_s: int
    ) -> tuple[Sheet, list[Figure]]:
        plan, entries = made
        cells = self._cells(accounts, asked, plan.days)
        rows = figures(cells, self._terms.settings.minimum)
        known = self._known(accounts, asked, cells)
        if known is not None:
            return known, rows
        request = self._request(asked, cells)
        own = (*entries, accounts.entry + 1)
        fresh = self._sheet(accounts, asked, plan, (cells, rows, own))
        fresh = msgspec.structs.replace(fresh, release=request[:16], made_unix_s=made_unix_s)
        self._ledger.enter(accounts, Released(request, msgspec.Raw(msgspec.json.encode(fresh))))
        return fresh, rows

    def _known(self, accounts: Accounts, asked: Asked, cells: Sequence[Cell]) -> Sheet | None:
        """The sheet of a release that was made of the same before."""
        raw = accounts.releases.get(self._request(asked, cells))
        return None if raw is None else msgspec.json.decode(raw, type=Sheet)

    def _request(self, asked: Asked, cells: Sequence[Cell]) -> str:
        """What a release is made of: the same twice is the same release."""
        of_cells = [
            (
                *(cell.venue.number, cell.venue.slug, cell.venue.district, cell.venue.zone, cell.day.toordinal()),
                *(draw.entry for draw in (cell.count, cell.hours) if draw is not None),
            )
            for cell in cells
        ]
        settings = self._terms.settings
        form = (_FORM, asked.what.hourly, settings.minimum, settings.crossings, of_cells)
        return hashlib.sha256(msgspec.json.encode(form)).hexdigest()

    def _sheet(
        self,
        accounts: Accounts,
        asked: Asked,
        plan: Plan,
        made: tuple[Sequence[Cell], Sequence[Figure], Sequence[int]],
    ) -> Sheet:
        cells, rows, entries = made
        settings, names = self._terms.settings, _names(asked)
        withheld, partly_seen, doubtful = sheets.counted(rows)
        used = {venue: names[venue] for venue, _day in plan.days}
        return Sheet(
            passerby=__version__,
            release="",
            made_unix_s=0,
            first=asked.what.first.isoformat(),
            last=asked.what.last.isoformat(),
            hourly=asked.what.hourly,
            venues=used,
            venue_days=len(plan.days),
            unit=sheets.UNIT.format(crossings=settings.crossings),
            crossings=settings.crossings,
            assumed=sheets.ASSUMED.format(crossings=settings.crossings),
            mechanism=MECHANISM,
            library=f"opendp {getattr(self._noise, 'version', '')}".strip(),
            epsilon=self._price(cells) / MICRO,
            errors=sheets.errors_of(cells),
            drawn=sheets.drawn_of(cells),
            minimum=settings.minimum,
            left_out=sheets.left_out_of(plan.left_out, names),
            post=list(sheets.POST),
            budget=sheets.budget_left(Standing(accounts, self._terms.budget, plan.days)),
            ledger=InLedger(list(entries), accounts.digest),
            files=digest_of(rows),
            withheld=withheld,
            partly_seen=partly_seen,
            doubtful=doubtful,
        )

    def _price(self, cells: Sequence[Cell]) -> int:
        """The most that the draws of one venue-day cost, by the k of now, in millionths."""
        return max(self._terms.budget.cost(draw for draw in (cell.count, cell.hours) if draw) for cell in cells)


def _newest(accounts: Accounts, venue: int, day: int, kind: Kind) -> Draw | None:
    return next((draw for draw in reversed(accounts.of(venue, day, kind)) if draw.counts is not None), None)


def _lacks(draws: Sequence[Draw]) -> bool:
    """Whether something must be measured: nothing was, or it was paid for and its maker died before."""
    return any(draw.is_open for draw in draws) or all(draw.counts is None for draw in draws)


def _names(asked: Asked) -> dict[int, str]:
    return {venue.number: venue.slug for venue in asked.what.venues}


def _nothing(left_out: Sequence[tuple[int, int, str]], names: Mapping[int, str]) -> str:
    if not left_out:
        return "there is no venue or no day to release; name others with --venue, --district, --from and --to"
    venue, day, why = left_out[0]
    return f"nothing can be released yet: {names[venue]} on {date.fromordinal(day)} {why}, and {len(left_out) - 1} more"
