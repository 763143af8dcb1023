"""Batches that wait for the hub, each sealed once, and for two weeks those that it has, should it lose them.

Nothing here knows what is tallied: a site seals what it has stored, and a simulated one what it makes up. All is on the
disk when a call returns.
"""

import sqlite3
import threading
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from passerby.errors import StoreError
from passerby.records.ballast import Ballast
from passerby.records.damage import DamagedError, is_damage
from passerby.records.outbox.tables import OUTBOX
from passerby.records.wire.batches import MOST_BATCHES, Batch, Layout, Row
from passerby.records.wire.checking import digest_of

KEEP_TAKEN_S = 14 * 86_400
"""Batches that the hub has are kept so long: it may be restored from a copy of then."""
MOST_SEALED_ROWS = 5_000
"""Of one batch; more are sealed as several."""
MOST_OFFERED_BYTES = 4 * 1024 * 1024
"""Of the batches of one request, unpacked; less than `batches.MOST_BYTES`, for layouts and the standing come too."""
_SHED_AT_ONCE_BYTES = 16 * 1024
_BUSY_S = 10.0
_SHED = "shed"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the hub has not taken yet.

    Attributes:
        batches: how many.
        oldest_unix_s: when the oldest was sealed; 0 where none waits.
        shed: how many were given up since the disk was full, ever.
    """

    batches: int
    oldest_unix_s: int
    shed: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Batches to send now, of one outbox.

    Attributes:
        outbox: its id.
        bodies: JSON of each batch, as it was sealed.
    """

    outbox: str
    bodies: tuple[bytes, ...]


class Outbox:
    """An outbox; safe from any thread.

    Args:
        file: SQLite file that has its tables already; see `of_its_own`.
        ballast: is given up when the disk is full; by default a file beside it.

    Raises:
        StoreError: the file cannot be used.
    """

    def __init__(self, file: Path, ballast: Ballast | None = None) -> None:
        self.file = file
        self._ballast = ballast or Ballast.beside(file)
        self._lock = threading.RLock()
        with _explained(file):
            self._connection = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
        with self.writing() as connection:
            if _current(connection) is None:
                _begin(connection)
        self._ballast.hold()

    @classmethod
    def of_its_own(cls, file: Path, ballast: Ballast | None = None) -> Self:
        """An outbox in a file that holds nothing else; made where there is none.

        Args:
            file: SQLite file.
            ballast: as for the outbox itself.

        Raises:
            StoreError: the file cannot be used.
        """
        with _explained(file):
            connection = sqlite3.connect(file, isolation_level=None)
            try:
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone():
                    connection.executescript(f"BEGIN IMMEDIATE; {OUTBOX}; COMMIT;")
            finally:
                connection.close()
        return cls(file, ballast)

    def close(self) -> None:
        """Closes it; closing twice does nothing."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, which is on the disk when this ends; nothing is written if it raises.

        Raises:
            StoreError: nothing was written.
        """
        with self._lock, _explained(self.file):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def seal(self, layout: Layout, rows: Sequence[Row], now_unix_s: int) -> int:
        """Seals tallies as one batch or several, and gives how many. None for no tallies.

        Raises:
            StoreError: nothing was sealed.
        """
        with self.writing() as connection:
            return seal_in(connection, layout, rows, now_unix_s)

    def know(self, layout: Layout) -> str:
        """Keeps a layout for when the hub asks for it, and gives its digest.

        Raises:
            StoreError: it could not be kept.
        """
        with self.writing() as connection:
            return _know(connection, layout)

    def layout(self, digest: str) -> bytes | None:
        """JSON of a layout that was kept.

        Raises:
            StoreError: it cannot be read.
        """
        found = self._rows("SELECT body FROM outbox_layout WHERE digest = ?", digest)
        return zlib.decompress(found[0][0]) if found else None

    def waiting(self) -> Waiting:
        """What waits.

        Raises:
            StoreError: it cannot be read.
        """
        ((count, oldest),) = self._rows(_WAITING)
        shed = self._rows("SELECT value FROM outbox_count WHERE name = ?", _SHED)
        return Waiting(count, oldest or 0, shed[0][0] if shed else 0)

    def offer(self, most: int = MOST_BATCHES) -> Offer | None:
        """The oldest that wait, as many as one request may hold; they count as sent from now on. None: nothing waits.

        Raises:
            StoreError: it could not be read or noted.
        """
        if not self._rows(_OLDEST):
            return None
        with self.writing() as connection:
            first = connection.execute(_OLDEST).fetchone()
            if first is None:
                return None
            number, name, taken = first
            bodies = _bodies(connection, first, most)
            newest = taken + len(bodies)
            connection.execute("UPDATE outbox SET offered = max(offered, ?) WHERE number = ?", (newest, number))
        return Offer(name, tuple(bodies))

    def taken(self, marks: Mapping[str, int], now_unix_s: int) -> bool:
        """Takes the hub's word on what it has, by outbox; it has nothing of one that it does not name.

        A mark that is older than before says that the hub was restored from a copy: what came after is sent again. One
        that is newer than anything that was ever sent says that this outbox was: what was sealed since then goes on
        under a name of its own, for the hub would take it for what it has. The same is done where the hub's mark is
        older than all that is kept.

        Returns:
            Whether the hub has less than it had.

        Raises:
            StoreError: nothing was noted.
        """
        with self.writing() as connection:
            known = connection.execute("SELECT number, id, offered, taken FROM outbox").fetchall()
            less = [_note(connection, one, marks.get(one[1], 0), now_unix_s) for one in known]
        return any(less)

    def prune(self, now_unix_s: int) -> None:
        """Deletes what the hub has had for two weeks, and layouts that nothing needs.

        Raises:
            StoreError: nothing was deleted.
        """
        with self.writing() as connection:
            _prune(connection, now_unix_s - KEEP_TAKEN_S)
        self._ballast.hold()

    def make_room(self) -> int:
        """Makes room in a file on a full disk: what the hub has goes first, the oldest that waits next.

        Returns:
            How many batches were given up that the hub did not have. An empty one is sent in place of each, so that
            the hub does not wait for it.

        Raises:
            StoreError: there is no room even for that.
        """
        self._ballast.give_up()
        with self.writing() as connection:
            if _prune(connection, None):
                return 0
            return _shed(connection)

    def _rows(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]  # as SQLite gives them
        with self._lock, _explained(self.file):
            return self._connection.execute(statement, values).fetchall()


_OLDEST = """
    SELECT number, id, taken FROM outbox
    WHERE EXISTS (SELECT 1 FROM outbox_batch WHERE outbox = number AND sequence > taken) ORDER BY number LIMIT 1
"""
_WAITING = """
    SELECT count(*), min(sealed_unix_s) FROM outbox CROSS JOIN outbox_batch ON outbox = number AND sequence > taken
"""
_NEXT = """
    SELECT sequence, layout, sealed_unix_s, bytes, body FROM outbox_batch
    WHERE outbox = ? AND sequence > ? ORDER BY sequence LIMIT ?
"""
_INSERT = """
    INSERT INTO outbox_batch (outbox, sequence, layout, sealed_unix_s, bytes, body) VALUES (?, ?, ?, ?, ?, ?)
"""


def seal_in(connection: sqlite3.Connection, layout: Layout, rows: Sequence[Row], now_unix_s: int) -> int:
    """As `Outbox.seal`, within a transaction of `Outbox.writing` that does more."""
    if not rows:
        return 0
    digest = _know(connection, layout)
    parts = [tuple(rows[n : n + MOST_SEALED_ROWS]) for n in range(0, len(rows), MOST_SEALED_ROWS)]
    number, name, newest = _current(connection) or _begin(connection)
    for sequence, part in enumerate(parts, start=newest + 1):
        put(connection, number, Batch(name, sequence, digest, now_unix_s, part))
    return len(parts)


def _bodies(connection: sqlite3.Connection, outbox: tuple[int, str, int], most: int) -> list[bytes]:
    """What comes after what was taken, without a gap: in place of what was given up, something empty."""
    number, name, taken = outbox
    bodies: list[bytes] = []
    size = 0
    waiting = connection.execute(_NEXT, (number, taken, most))
    for sequence, layout, sealed_unix_s, length, body in waiting:
        given_up = range(taken + len(bodies) + 1, sequence)[: most - len(bodies)]
        bodies += [msgspec.json.encode(Batch(name, one, layout, sealed_unix_s, ())) for one in given_up]
        size += length
        if len(bodies) == most or (bodies and size > MOST_OFFERED_BYTES):
            break
        bodies.append(zlib.decompress(body))
    waiting.close()
    return bodies


def put(connection: sqlite3.Connection, number: int, batch: Batch) -> None:
    """Puts a batch into an outbox, as its newest."""
    body = msgspec.json.encode(batch)
    about = (number, batch.sequence, batch.layout, batch.sealed_unix_s, len(body))
    connection.execute(_INSERT, (*about, zlib.compress(body)))
    connection.execute("UPDATE outbox SET newest = ? WHERE number = ?", (batch.sequence, number))


def _current(connection: sqlite3.Connection) -> tuple[int, str, int] | None:
    found: tuple[int, str, int] | None = connection.execute(
        "SELECT number, id, newest FROM outbox ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return found


def _begin(connection: sqlite3.Connection) -> tuple[int, str, int]:
    name = uuid.uuid4().hex
    number = connection.execute("INSERT INTO outbox (id) VALUES (?)", (name,)).lastrowid
    assert number is not None
    return number, name, 0


def _know(connection: sqlite3.Connection, layout: Layout) -> str:
    digest = digest_of(layout)
    body = zlib.compress(msgspec.json.encode(layout))
    connection.execute("INSERT OR IGNORE INTO outbox_layout VALUES (?, ?)", (digest, body))
    return digest


def _note(connection: sqlite3.Connection, known: tuple[int, str, int, int], mark: int, now_unix_s: int) -> bool:
    number, _name, offered, taken = known
    kept = connection.execute("SELECT min(sequence) FROM outbox_batch WHERE outbox = ?", (number,)).fetchone()[0]
    if mark > offered:
        _move_on(connection, number, offered)
    elif mark < taken and (kept is None or mark + 1 < kept):
        _move_on(connection, number, 0)
        connection.execute("DELETE FROM outbox WHERE number = ?", (number,))
        return True
    connection.execute("UPDATE outbox SET taken = ?1, offered = max(offered, ?1) WHERE number = ?2", (mark, number))
    connection.execute(
        "UPDATE outbox_batch SET taken_unix_s = ? WHERE outbox = ? AND sequence > ? AND sequence <= ? "
        "AND taken_unix_s IS NULL",
        (now_unix_s, number, taken, mark),
    )
    return mark < taken


def _move_on(connection: sqlite3.Connection, number: int, after: int) -> None:
    """Begins another outbox, and gives it what one holds after a sequence."""
    new, name, _ = _begin(connection)
    held = "SELECT sequence, body FROM outbox_batch WHERE outbox = ? AND sequence > ? ORDER BY sequence LIMIT 1"
    sequence = 0
    while found := connection.execute(held, (number, after)).fetchone():
        sequence += 1
        batch = msgspec.json.decode(zlib.decompress(found[1]), type=Batch)
        put(connection, new, msgspec.structs.replace(batch, outbox=name, sequence=sequence))
        connection.execute("DELETE FROM outbox_batch WHERE outbox = ? AND sequence = ?", (number, found[0]))


def _prune(connection: sqlite3.Connection, before_unix_s: int | None) -> int:
    """Deletes what the hub has, taken before a moment or whenever."""
    gone = connection.execute(
        "DELETE FROM outbox_batch WHERE sequence <= (SELECT taken FROM outbox WHERE number = outbox) "
        "AND taken_unix_s IS NOT NULL AND (?1 IS NULL OR taken_unix_s < ?1)",
        (before_unix_s,),
    ).rowcount
    connection.execute(
        "DELETE FROM outbox WHERE number < (SELECT max(number) FROM outbox) "
        "AND NOT EXISTS (SELECT 1 FROM outbox_batch WHERE outbox = number)"
    )
    return gone


def _shed(connection: sqlite3.Connection) -> int:
    waiting = connection.execute(
        "SELECT outbox, sequence, length(body) FROM outbox_batch JOIN outbox ON outbox = number "
        "WHERE sequence > taken ORDER BY outbox, sequence"
    )
    freed, shed = 0, []
    for number, sequence, length in waiting:
        shed.append((number, sequence))
        freed += length
        if freed >= _SHED_AT_ONCE_BYTES:
            break
    waiting.close()
    connection.executemany("DELETE FROM outbox_batch WHERE outbox = ? AND sequence = ?", shed)
    connection.execute(
        "INSERT INTO outbox_count VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2",
        (_SHED, len(shed)),
    )
    return len(shed)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_WRITE"):
            raise FullError(f"the outbox {file} cannot be written: the disk is full; free some space") from None
        kind = DamagedError if is_damage(error) else StoreError
        raise kind(f"the outbox {file} cannot be used ({error}); check its space and permissions") from None


class FullError(StoreError):
    """The disk is full: `Outbox.make_room` helps."""
