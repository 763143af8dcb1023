"""Settles a ledger that does not know all that was spent: one that was put back from a copy.

What is missing is told by the data sheets of the releases that were made after the copy. If they tell of every missing
entry, what they say was spent counts as spent. If not, every day up to the last that was ever released counts as
wholly spent: it costs statistics, never privacy. Noisy counts that the ledger still knows stay good in both cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from passerby.hub.release.counter import Mark
from passerby.hub.release.ledger import Closed, Ledger, MovedError
from passerby.hub.release.sheet import Sheet, spends_of
from passerby.hub.release.words import LedgerError, ReleaseError


@dataclass(frozen=True, slots=True)
class Settled:
    """How it was settled.

    Attributes:
        missing: how many entries the ledger had lost.
        told: of how many of them data sheets told.
        closed_until: until which day all counts as spent; None: of no more days than before.
    """

    missing: int
    told: int
    closed_until: date | None


def read_sheet(file: Path) -> Sheet:
    """A data sheet from its file.

    Raises:
        ReleaseError: it cannot be read, or is none.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Sheet)
    except OSError as error:
        raise ReleaseError(f"{file}: cannot be read ({error.strerror})") from None
    except msgspec.MsgspecError:
        raise ReleaseError(f"{file}: is no data sheet of a public release") from None


def reconcile(ledger: Ledger, sheets: Sequence[Sheet], today: date) -> Settled:
    """Settles what was spent, and lets releases be made again.

    Args:
        ledger: as it was put back.
        sheets: of the releases that were made since the copy, all of them or none.
        today: days to come cannot have been released.

    Raises:
        LedgerError: an entry was changed, so that nothing in it can be believed.
        ReleaseError: nothing is missing.
        StoreError: it cannot be read or written.
    """
    mark = ledger.counter.read()
    accounts, digests = ledger.unchecked()
    if accounts.entry == 0 and mark is None and not sheets:
        raise ReleaseError("the ledger and its counter are both empty: nothing was released, so nothing is to settle")
    marks = [*([mark] if mark else []), *(before(sheet) for sheet in sheets)]
    strange = [one for one in marks if not accounts.holds(one, digests)]
    if mark and not strange:
        raise ReleaseError("the ledger has all entries that its counter knows; there is nothing to settle")
    last = max([accounts.entry, mark.entry if mark else 0, *(one for sheet in sheets for one in sheet.ledger.entries)])
    missing = set(range(accounts.entry + 1, last + 1))
    told = missing & {entry for sheet in sheets for entry in sheet.ledger.entries}
    # Another entry under a number that they know: the ledger went its own way since the copy.
    forked = any(one.entry <= accounts.entry for one in strange)
    until = 0
    if mark is None or forked or told != missing:
        known = [accounts.last_day, mark.last_day if mark else today.toordinal()]
        until = max(known + [date.fromisoformat(sheet.last).toordinal() for sheet in sheets])
    try:
        ledger.enter(accounts, Closed(last, until, spends_of(sheets, accounts.entry)), last + 1)
    except MovedError:
        raise LedgerError("another program makes releases; end it, and try again") from None
    return Settled(len(missing), len(told), date.fromordinal(until) if until else None)


def before(sheet: Sheet) -> Mark:
    """The entry before that of a release, which its sheet knows."""
    return Mark(sheet.ledger.entries[-1] - 1, sheet.ledger.digest)
