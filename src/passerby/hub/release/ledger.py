"""The ledger of the privacy budget: what was spent on which venue and day, and the noisy counts that it bought.

It is one table of the register that only grows. Each entry holds the digest of the one before it, so that none can be
changed, taken out or put in between unseen; `Counter` tells whether the newest are missing. All that is known of the
budget is the sum of its entries.

A release makes three: `Spent`, then `Measured` with the noisy counts, then `Released` with the data sheet. Nothing is
handed out before the entry that tells of it is on the disk, here and in the counter. What was measured is kept, and
every later question is answered from it: there is never a second draw of the noise for the same money.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec
from sqlalchemy import BigInteger, Column, Connection, String, Table, Text, func, select
from sqlalchemy.exc import IntegrityError

from passerby.hub.register.database import METADATA, Database, Part, creates, only_grows
from passerby.hub.release.counter import Counter, Mark
from passerby.hub.release.words import LedgerError

LEDGER = Table(
    "release_ledger",
    METADATA,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("moment_unix_s", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
PART = Part("release", (creates(LEDGER), only_grows(LEDGER)))
_FIRST = "0" * 64


class Kind(StrEnum):
    """What is measured of a venue-day: its count, or all counts of its hours."""

    DAY = "day"
    HOURS = "hours"


class Spend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is paid for venue-days of one kind.

    Attributes:
        epsilon_micro: for each venue-day, in millionths.
        crossings: the k that was assumed.
        scale: of the noise, in people.
        days: by number of the venue: its days, as ordinals.
    """

    kind: Kind
    epsilon_micro: int
    crossings: int
    scale: float
    days: dict[int, list[int]]


class Counts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """Noisy counts of one venue-day.

    Attributes:
        venue: number.
        day: ordinal.
        start_unix_s: where the first count begins; hours follow each other.
        counts: one of the day, or those of its hours; noisy, and may be negative.
        coverage: of each, how much was seen, in per cent in steps of five; -1: nothing.
        doubtful: part of it comes from a clock that was off.
    """

    venue: int
    day: int
    kind: Kind
    start_unix_s: int
    counts: list[int]
    coverage: list[int]
    doubtful: bool


class Spent(msgspec.Struct, frozen=True, tag="spent", forbid_unknown_fields=True):
    """Budget is spent."""

    spends: list[Spend]


class Measured(msgspec.Struct, frozen=True, tag="measured", forbid_unknown_fields=True):
    """Noise was drawn, for what was spent before."""

    counts: list[Counts]


class Released(msgspec.Struct, frozen=True, tag="released", forbid_unknown_fields=True):
    """A release was handed out. `request` is what was asked for, `sheet` its data sheet, both as told by `sheet`."""

    request: str
    sheet: msgspec.Raw


class Closed(msgspec.Struct, frozen=True, tag="closed", forbid_unknown_fields=True):
    """Entries up to `entry` are lost.

    Attributes:
        until: days up to this ordinal count as spent; 0: none.
        spends: what data sheets tell of the lost entries.
    """

    entry: int
    until: int
    spends: list[Spend]


Body = Spent | Measured | Released | Closed


@dataclass(slots=True)
class Draw:
    """What was paid for one kind of one venue-day, and what it gave.

    Attributes:
        entry: in which it was spent.
        counts: None until it is measured.
        lost: it was measured, and is not known any more.
    """

    kind: Kind
    epsilon_micro: int
    crossings: int
    scale: float
    entry: int
    counts: Counts | None = None
    lost: bool = False

    @property
    def is_open(self) -> bool:
        """It was paid for, and the noise was not drawn yet."""
        return self.counts is None and not self.lost


class MovedError(Exception):
    """Somebody else made an entry meanwhile; read again."""


@dataclass(slots=True)
class Accounts:
    """The sum of a ledger's entries.

    Attributes:
        entry, digest: of the newest.
        last_day: the latest day that anything was spent on.
        closed_until: days up to this ordinal count as spent where nothing is known of them; 0: none.
        settled: entries up to this number may be lost, or others than they were; that is settled.
        draws: by venue and day.
        releases: data sheets, by request.
    """

    entry: int = 0
    digest: str = _FIRST
    last_day: int = 0
    closed_until: int = 0
    settled: int = 0
    draws: dict[int, dict[int, list[Draw]]] = field(default_factory=dict)
    releases: dict[str, msgspec.Raw] = field(default_factory=dict)

    @property
    def mark(self) -> Mark:
        """How far it is."""
        return Mark(self.entry, self.digest, self.last_day)

    def holds(self, mark: Mark, digests: Mapping[int, str]) -> bool:
        """Whether the ledger has the entry of a mark, or it is settled that it has not."""
        return mark.entry <= self.settled or digests.get(mark.entry) == mark.digest

    def of(self, venue: int, day: int, kind: Kind) -> list[Draw]:
        """What was paid for, the oldest first."""
        return [draw for draw in self.draws.get(venue, {}).get(day, ()) if draw.kind is kind]

    def add(self, entry: int, digest: str, body: Body) -> None:
        """Adds the next entry."""
        self.entry, self.digest = entry, digest
        match body:
            case Spent():
                for spend in body.spends:
                    self._spend(entry, spend)
            case Measured():
                for counts in body.counts:
                    next(one for one in self.of(counts.venue, counts.day, counts.kind) if one.is_open).counts = counts
            case Released():
                self.releases[body.request] = body.sheet
            case Closed():
                for spend in body.spends:
                    self._spend(entry, spend)
                self.closed_until = max(self.closed_until, body.until)
                self.last_day = max(self.last_day, body.until)
                self.settled = body.entry
                self._close()

    def _close(self) -> None:
        """What was paid for and not measured may have been measured, and told, by an entry that is lost."""
        for draws in (one for days in self.draws.values() for one in days.values()):
            for draw in draws:
                draw.lost |= draw.counts is None

    def _spend(self, entry: int, spend: Spend) -> None:
        for venue, days in spend.days.items():
            known = self.draws.setdefault(venue, {})
            for day in days:
                paid = (spend.kind, spend.epsilon_micro, spend.crossings, spend.scale)
                known.setdefault(day, []).append(Draw(*paid, entry))
                self.last_day = max(self.last_day, day)


class Ledger:
    """The ledger in the register. Safe from any number of threads and processes.

    Args:
        database: the register's; the table is made where there is none.
        counter: how far the ledger has been.
        witness: an entry that something else knows of; None: nothing does.
        clock: Unix seconds.

    Raises:
        StoreError: the database cannot be used.
    """

    def __init__(
        self,
        database: Database,
        counter: Counter,
        witness: Callable[[], Mark | None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self.counter, self._witness, self._clock = database, counter, witness, clock
        database.prepare(PART)

    def read(self) -> Accounts:
        """All accounts, if the ledger is what it was.

        Raises:
            LedgerError: an entry was changed, or the newest are missing.
            StoreError: it cannot be read.
        """
        mark, witness = self.counter.read(), self._witness()  # before the entries, which may become more meanwhile
        accounts, digests = self.unchecked()
        if mark is None and accounts.entry:
            if self.counter.read() is not None:
                return self.read()  # the first entry of all was made meanwhile, and the counter before it
            raise LedgerError(
                f"{self.counter.file} is missing, though the ledger has entries. Bring it from its disk, or from the "
                f"machine of this hub that made the last release. {_SETTLE}"
            )
        for one, where in ((mark, str(self.counter.file)), (witness, "a data sheet that was handed out")):
            if one and not accounts.holds(one, digests):
                raise LedgerError(
                    f"the ledger of releases ends at entry {accounts.entry}, and {where} knows another entry "
                    f"{one.entry}: the register was put back from a copy, or changed. {_SETTLE}"
                )
        self.counter.advance(accounts.mark)
        return accounts

    def unchecked(self) -> tuple[Accounts, dict[int, str]]:
        """All accounts, and the digests of all entries, without asking the counter; the chain is checked.

        Raises:
            LedgerError: an entry was changed, put in or taken out.
            StoreError: it cannot be read.
        """
        accounts, digests = Accounts(), {0: _FIRST}
        with self._database.reading() as connection:
            for entry, digest, body in _entries(connection, accounts):
                try:
                    accounts.add(entry, digest, body)
                except StopIteration:
                    raise _changed(entry) from None
                digests[entry] = digest
        return accounts, digests

    def enter(self, accounts: Accounts, body: Body, entry: int | None = None) -> None:
        """Makes the next entry and adds it to the accounts; it and the counter are on the disk when this returns.

        Args:
            accounts: as they were read; what was decided by them still holds, or this raises.
            body: of the entry.
            entry: its number, where entries before it are lost; else the next.

        Raises:
            MovedError: somebody else made an entry meanwhile; nothing was written.
            StoreError: it may or may not be written, and nothing must be handed out.
        """
        number = accounts.entry + 1 if entry is None else entry
        text, moment = msgspec.json.encode(body).decode(), int(self._clock())
        digest = _digest(number, moment, accounts.digest, text)
        row = {"entry": number, "moment_unix_s": moment, "body": text, "previous": accounts.digest, "digest": digest}
        with self._database.writing() as connection:
            if (connection.execute(select(func.max(LEDGER.c.entry))).scalar() or 0) != accounts.entry:
                raise MovedError
            try:
                connection.execute(LEDGER.insert().values(row))
            except IntegrityError:
                raise MovedError from None
        accounts.add(number, digest, body)
        self.counter.advance(accounts.mark)


def _entries(connection: Connection, accounts: Accounts) -> Iterator[tuple[int, str, Body]]:
    """Entries in order, each checked against the one before it, which `accounts` holds by then."""
    for entry, moment, text, previous, digest in connection.execute(select(LEDGER).order_by(LEDGER.c.entry)):
        if previous != accounts.digest or digest != _digest(entry, moment, previous, text):
            raise _changed(entry)
        try:
            body = msgspec.json.decode(text, type=Body)
        except msgspec.MsgspecError:
            raise _changed(entry) from None
        follows = entry == accounts.entry + 1 or (isinstance(body, Closed) and entry > body.entry >= accounts.entry)
        if not follows:
            raise _changed(entry)
        yield entry, digest, body


def _digest(entry: int, moment_unix_s: int, previous: str, text: str) -> str:
    return hashlib.sha256(f"{entry}\n{moment_unix_s}\n{previous}\n{text}".encode()).hexdigest()


def _changed(entry: int) -> LedgerError:
    return LedgerError(
        f"entry {entry} of the ledger of releases is not what was written, so what was spent is not known. Put the "
        "register back from a copy; then `passerby hub reconcile` settles what the copy does not know"
    )


_SETTLE = "Nothing is released until `passerby hub reconcile` has settled what was spent"
