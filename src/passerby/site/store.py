"""The tallies of a site, in one SQLite file.

One writer, kept out of each other's way by a lock beside the file; any number of readers, each on its own connection. A
write is whole or not at all, and is on the disk when `add` returns.
"""

import math
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Self

from passerby.core.tallies import PICTURE, Measure, Tally
from passerby.errors import StoreError
from passerby.records.damage import Aside, DamagedError
from passerby.records.sqlite import connect, explained, lock
from passerby.site.renewal import alone, is_damaged, opened, renew
from passerby.site.schema import ROLLED_UP
from passerby.site.side_table import SideTable
from passerby.site.statements import AGES, COURSES, EARLIEST, LAST_RUN, QUERY, ROLL_UP, STEPS, SUMS, UNSAFE, UPSERT

HOUR_S = 3600
DAY_S = 24 * HOUR_S
KEEP_WINDOWS_S = 35 * DAY_S
KEEP_HOURS_S = 396 * DAY_S
"""Windows stay as recorded for 35 days, then as hours; after 13 months (396 days) nothing stays."""
_FOREVER = 2**62
_MILLI = 1000
_NOTHING = math.inf
_MOST_CHANGES = 4096


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tallies. What is None does not matter.

    Attributes:
        since_unix_s, until_unix_s: windows that start at or after, and before.
        width_s: merge into windows of this width, aligned to the Unix epoch; wider ones stay as they are.
        limit: at most so many, the earliest.
    """

    camera: str | None = None
    measure: Measure | None = None
    subject: str | None = None
    since_unix_s: float | None = None
    until_unix_s: float | None = None
    width_s: int | None = None
    limit: int | None = None

    def conditions(self) -> str:
        """What must hold of a row: only what is given, since SQLite uses no key for a condition that may be idle."""
        given = [name for name in ("camera", "measure", "subject") if getattr(self, name) is not None]
        equal = [f"{name} = :{name}" for name in given]
        start = "start_unix_s"
        if self.camera is not None and self.subject is not None:
            # With every part named, rows are found by the whole primary key: in a year, hundreds of times as fast.
            heat = self.subject == PICTURE  # is of whole pictures alone
            known = [one for one in Measure if one is not Measure.HEAT or heat]
            asked = known if self.measure is None else [self.measure]
            if self.measure is None:
                equal.append(f"measure IN ({', '.join(str(int(one)) for one in asked)})")
            equal.append(f"part IN ({', '.join(map(str, range(max(one.parts for one in asked))))})")
        elif self.since_unix_s is None:
            # Nearly all is read, best in the order of the table; a plus keeps the index by time out of it.
            start = "+start_unix_s"
        return " AND ".join([*equal, f"{start} >= :since", f"{start} < :until"])

    def values(self) -> dict[str, Any]:
        """What stands for the names in the statements."""
        return {
            "camera": self.camera,
            "measure": None if self.measure is None else int(self.measure),
            "subject": self.subject,
            "since": 0 if self.since_unix_s is None else self.since_unix_s,
            "until": _FOREVER if self.until_unix_s is None else self.until_unix_s,
            "width": self.width_s or 0,
            "limit": -1 if self.limit is None else self.limit,
            "peak": int(Measure.PEAK),
        }


@dataclass(frozen=True, slots=True)
class StoredTally:
    """A tally, and whether any of it was counted without the lock-down (for development only)."""

    tally: Tally
    unsafe: bool


@dataclass(frozen=True, slots=True)
class PlaceSum:
    """All that was seen of one measure, or one part of it, at one place in a span of time.

    Attributes:
        total, exposure: as in `Tally`; for `PEAK` the largest total.
        first_unix_s, last_unix_s: where the first window starts and the last one ends.
    """

    camera: str
    measure: Measure
    subject: str
    part: int
    total: float
    exposure: float
    first_unix_s: int
    last_unix_s: int


@dataclass(frozen=True, slots=True)
class StepSum(PlaceSum):
    """As `PlaceSum`, of one step of a course.

    Attributes:
        start_unix_s: where the step begins.
        widest_s: the widest of its windows.
    """

    start_unix_s: int
    widest_s: int


class StoredTallies:
    """The tallies of a site, to be read; a site may go on writing to them meanwhile.

    Args:
        file: path of the SQLite file, which a site has made.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def query(self, which: Filter | None = None) -> list[Tally]:
        """Tallies by time, then camera, measure and place.

        Raises:
            StoreError: the file cannot be read.
        """
        return [row.tally for row in self.rows(which)]

    def rows(self, which: Filter | None = None) -> list[StoredTally]:
        """As `query`, with the mark of what was counted without the lock-down.

        Raises:
            StoreError: the file cannot be read.
        """
        return [_stored(row) for row in self._read(QUERY, which or Filter())]

    def sums(self, which: Filter | None = None) -> list[PlaceSum]:
        """One sum for each camera, measure, place and part; `width_s` and `limit` do not matter.

        Raises:
            StoreError: the file cannot be read.
        """
        rows = self._read(SUMS, which or Filter())
        return [
            PlaceSum(camera, Measure(measure), subject, part, total / _MILLI, exposure / _MILLI, first, last)
            for camera, measure, subject, part, total, exposure, first, last in rows
        ]

    def courses(self, which: Filter) -> list[StepSum]:
        """As `sums`, one for each step of `width_s`, aligned to the Unix epoch; `limit` does not matter.

        Raises:
            StoreError: the file cannot be read.
        """
        rows = self._read(COURSES, which)
        return [
            StepSum(camera, Measure(measure), subject, part, total / _MILLI, exposure / _MILLI, *rest)
            for camera, measure, subject, part, total, exposure, *rest in rows
        ]

    def earliest(self, measure: Measure, since_unix_s: float) -> int | None:
        """Where the first window of a measure starts that starts at a moment or after; None where there is none.

        Raises:
            StoreError: the file cannot be read.
        """
        ((found,),) = self._read(EARLIEST, Filter(measure=measure, since_unix_s=since_unix_s))
        return None if found is None else int(found)

    def steps(self, which: Filter, from_unix_s: int, width_s: int) -> list[tuple[int, float, float]]:
        """Number, total and exposure of each step of a span in which anything was tallied.

        Args:
            which: one measure of one part; its `width_s` and `limit` do not matter.
            from_unix_s: where step 0 begins, at any moment: steps are those of a reader's day.
            width_s: of a step. A window belongs to the step that it begins in.

        Raises:
            StoreError: the file cannot be read.
        """
        rows = self._read(STEPS, which, first=from_unix_s, step=width_s)
        return [(int(step), total / _MILLI, exposure / _MILLI) for step, total, exposure in rows]

    def unsafe_since(self, since_unix_s: float) -> bool:
        """Whether any window that starts at or after a moment was counted without the lock-down.

        Raises:
            StoreError: the file cannot be read.
        """
        return bool(self._read(UNSAFE, Filter(since_unix_s=since_unix_s)))

    def _read(self, statement: str, which: Filter, **values: int) -> list[Any]:
        with explained(self.file), closing(connect(self.file, "ro")) as connection:
            values = {**which.values(), **values}
            return connection.execute(statement.format(where=which.conditions()), values).fetchall()


def readable(file: Path) -> StoredTallies:
    """The tallies of a store that is there, checked.

    Raises:
        StoreError: there is none, it is of another version, or it cannot be read.
    """
    with SideTable(file, 3, "reports").reading():
        return StoredTallies(file)


class Store(StoredTallies):
    """Tallies of a site.

    Args:
        file: path of the SQLite file; made where there is none. One that is damaged is set aside, and gives way to a
            new one.
        run: tells the parts of a window apart that two runs recorded; by default the present second or more.
        unsafe: mark what is added as counted without the lock-down.

    Attributes:
        revision: rises with each change.
        generation: rises when the file gives way to a new one: open again what is open.
        renewed_unix_s: when it last did; what was stored before may not be known any more.
        suspected: something could not be read or written, as if the file were damaged: see `mend`.

    Raises:
        StoreError: the file cannot be used; the text says why.
    """

    def __init__(self, file: Path, *, run: int | None = None, unsafe: bool = False) -> None:
        super().__init__(file)
        self.revision = self.generation = 0
        self.suspected = self._is_mending = False
        self.renewed_unix_s = 0.0
        self._unsafe = unsafe
        self._writing = threading.Lock()
        self._changes: deque[tuple[int, float]] = deque([(0, _NOTHING)], maxlen=_MOST_CHANGES)
        with explained(self.file):
            self._lock_file = lock(file)
            try:
                self._writer = opened(file, self._lock_file)
                (last,) = self._writer.execute(LAST_RUN).fetchone()
            except (sqlite3.Error, StoreError, OSError):
                self._lock_file.close()
                raise
        self._run = max(int(time.time()), last + 1) if run is None else run

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; closing twice does nothing."""
        with self._writing:
            self._writer.close()
            self._lock_file.close()

    def add(self, tallies: Sequence[Tally]) -> None:
        """Stores tallies, all or none. One that this run stored before is replaced, unless that has a higher epoch.

        Raises:
            StoreError: nothing was stored; try again later.
        """
        rows = [_row(tally, self._run, self._unsafe) for tally in tallies]
        with self._transaction() as connection:
            connection.executemany(UPSERT, rows)
            earliest = min((tally.start_unix_s for tally in tallies), default=_NOTHING)
            self._changes.append((self.revision + 1, earliest))

    def changed_since(self, revision: int) -> float:
        """From which moment on tallies may be others than at a revision; what only became too old does not count.

        Returns:
            Infinity where none are others, and minus infinity where that is not known.
        """
        if revision == self.revision:
            return _NOTHING
        changes = list(self._changes)
        if revision < changes[0][0]:
            return -_NOTHING
        newest = takewhile(lambda change: change[0] > revision, reversed(changes))
        return min((start for _, start in newest), default=_NOTHING)

    def has_lived(self, now_unix_s: float) -> bool:
        """Whether a clock is believed in deleting: nothing is old, or something is of the last weeks (decision 40).

        Raises:
            StoreError: the file cannot be read.
        """
        with explained(self.file), closing(connect(self.file, "ro")) as connection:
            old, recent = connection.execute(AGES, {"yesterday": int(now_unix_s - DAY_S)}).fetchone()
        return bool(recent or not old)

    def roll_up(self, now_unix_s: float) -> None:
        """Rolls windows older than 35 days up to hours, and deletes what is older than 13 months.

        Raises:
            StoreError: nothing was changed.
        """
        hours_before = int(now_unix_s - KEEP_WINDOWS_S) // HOUR_S * HOUR_S
        with self._transaction() as connection:
            connection.execute("DELETE FROM tally WHERE start_unix_s < ?", (int(now_unix_s - KEEP_HOURS_S),))
            values = {"before": hours_before, "hour": HOUR_S, "rolled_up": ROLLED_UP, "peak": int(Measure.PEAK)}
            connection.execute(ROLL_UP, values)
            connection.execute("DELETE FROM tally WHERE start_unix_s < ? AND run <> ?", (hours_before, ROLLED_UP))

    def mend(self) -> Aside | None:
        """Reads the file through; where it is damaged, sets it aside and goes on with a new one. May take seconds.

        Returns:
            What was set aside; None where nothing is damaged.

        Raises:
            StoreError: it is damaged and could not be set aside; nothing was changed.
        """
        with explained(self.file):
            if not is_damaged(self.file):
                self.suspected = False
                return None
            self._is_mending = True
            try:
                with self._writing, alone(self._writer):
                    aside = renew(self.file, self._writer.close)
                    self._writer = opened(self.file, self._lock_file)
                    self.suspected = False
                    self.generation += 1
                    self.renewed_unix_s = time.time()
                    self.revision += 1
                    self._changes.append((self.revision, -_NOTHING))
            finally:
                self._is_mending = False
            return aside

    def _read(self, statement: str, which: Filter, **values: int) -> list[Any]:
        with self._suspecting():
            return super()._read(statement, which, **values)

    @contextmanager
    def _suspecting(self) -> Iterator[None]:
        try:
            yield
        except DamagedError:
            self.suspected = True
            raise

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._is_mending:
            raise StoreError("it is damaged, and is giving way to a new one")
        with self._suspecting(), explained(self.file), self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except sqlite3.Error:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            self.revision += 1


def _row(tally: Tally, run: int, unsafe: bool) -> tuple[Any, ...]:
    place = (tally.camera, int(tally.measure), tally.subject, tally.part, tally.start_unix_s, tally.width_s)
    return (*place, run, round(tally.total * _MILLI), round(tally.exposure * _MILLI), unsafe, tally.epoch)


def _stored(row: tuple[Any, ...]) -> StoredTally:
    camera, code, subject, part, start, width, total, exposure, unsafe = row
    measure = Measure(code)
    # Runs of a window may overlap by a rounding or by a clock that was set back: never more than the window.
    seen = exposure / _MILLI if measure.per_person else min(exposure / _MILLI, width)
    return StoredTally(Tally(camera, measure, subject, start, width, total / _MILLI, seen, part), bool(unsafe))
