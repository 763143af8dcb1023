"""What the hub knows now of each venue's site, and how far that makes the venue."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
import structlog

from passerby.errors import StoreError
from passerby.hub.contract import Known, Venue, VenueState
from passerby.hub.fleet_words import lacks
from passerby.records import sqlite
from passerby.records.damage import DamagedError, is_damage, set_aside
from passerby.records.repeating import repeating
from passerby.records.wire.batches import CameraStanding, Layout, Standing
from passerby.records.wire.checking import digest_of

SILENT_AFTER_S = 900.0
"""A site that was not heard for so long is silent, unless told otherwise: it sends each minute."""
TROUBLE_S = 86_400.0
"""What was wrong with what a site sent is told for so long after it was last."""
_NEWS_AFTER_S = 3600.0
LIVE = 1
"""Status of a camera whose pictures are counted."""
_SAVE_EVERY_S = 15.0
_APPLICATION_ID = 0x70626C74
_MIGRATIONS = (
    """
    CREATE TABLE known (
        venue INTEGER NOT NULL PRIMARY KEY,
        heard_unix_s REAL,
        clock_off_s REAL NOT NULL,
        layout BLOB,
        standing BLOB
    ) STRICT;
    CREATE TABLE trouble (
        venue INTEGER NOT NULL,
        kind TEXT NOT NULL,
        words TEXT NOT NULL,
        first_unix_s REAL NOT NULL,
        last_unix_s REAL NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (venue, kind)
    ) STRICT, WITHOUT ROWID;
    """,
)
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_log = structlog.get_logger("passerby.hub")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is of what shall be there.

    Attributes:
        expected: cameras, or lines, of the register; where it names none, as many as the site has.
        connected: of its site's, those that are there; of cameras, those that are live.
        conforming: of these cameras, without findings; of lines as `connected`.
    """

    expected: int
    connected: int
    conforming: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about a site that its hub's operator is to know.

    Attributes:
        venue: number.
        kind: "set aside", "refused", "newer" or "clock": of each, one is kept of a venue.
        words: what it is, the last time.
        last_unix_s, first_unix_s: when it was last, and first.
        count: how often it was.
    """

    venue: int
    kind: str
    words: str
    last_unix_s: float
    first_unix_s: float = 0.0
    count: int = 1


class Fleet:
    """How all sites are now; safe from any thread. It is kept in a file, so that a hub that starts again knows it.

    Args:
        file: SQLite file; made where there is none.
        silent_after_s: from when on a site that says nothing is silent.

    Raises:
        StoreError: the file cannot be used.
    """

    def __init__(self, file: Path, silent_after_s: float = SILENT_AFTER_S) -> None:
        self._file, self._silent_after_s = file, silent_after_s
        self._lock, self._saving = threading.Lock(), threading.Lock()
        self._known: dict[int, Known] = {}
        self._digests: dict[int, str] = {}
        self._troubles: dict[tuple[int, str], Trouble] = {}
        self._unsaved: set[int] = set()
        self._untold: set[tuple[int, str]] = set()
        with sqlite.explained(file):
            try:
                self._open()
            except (sqlite3.Error, DamagedError) as error:
                if not is_damage(error):
                    raise
                aside = set_aside(file)
                _log.error(
                    "how sites are was damaged, and begins anew; they say it within a minute", old=str(aside.file)
                )
                self._open()

    def of(self, venue: int) -> Known:
        """What is known of a venue's site."""
        with self._lock:
            return self._known.get(venue, Known())

    def all(self) -> dict[int, Known]:
        """By venue: what is known of all that were ever heard."""
        with self._lock:
            return dict(self._known)

    def layout(self, venue: int, digest: str) -> Layout | None:
        """A site's layout, if it is of that digest."""
        with self._lock:
            return self._known[venue].layout if self._digests.get(venue) == digest else None

    def hear(self, venue: int, known: Callable[[Known], Known]) -> None:
        """Takes what a site said.

        Args:
            venue: number.
            known: from what was known, makes what is known now.
        """
        with self._lock:
            before = self._known.get(venue, Known())
            now = known(before)
            self._known[venue] = now
            self._unsaved.add(venue)
            if now.layout is not None and now.layout is not before.layout:
                self._digests[venue] = digest_of(now.layout)

    def forget(self, venue: int) -> None:
        """Forgets a site, since its venue was merged or is no more."""
        with self._lock:
            self._known.pop(venue, None)
            self._digests.pop(venue, None)
            self._unsaved.add(venue)
            for key in [key for key in self._troubles if key[0] == venue]:
                del self._troubles[key]
                self._untold.add(key)

    def trouble(self, found: Trouble) -> bool:
        """Notes that something is wrong with a site; gives whether that is news: it was not so in the hour before."""
        key = (found.venue, found.kind)
        with self._lock:
            before = self._troubles.get(key)
            first, count = (before.first_unix_s, before.count + 1) if before else (found.last_unix_s, 1)
            self._troubles[key] = replace(found, first_unix_s=first, count=count)
            self._untold.add(key)
        return before is None or found.last_unix_s - before.last_unix_s > _NEWS_AFTER_S

    def troubles(self) -> tuple[Trouble, ...]:
        """All that was ever wrong with what sites sent, the newest first."""
        with self._lock:
            return tuple(sorted(self._troubles.values(), key=lambda one: -one.last_unix_s))

    def state_of(self, venue: Venue, now_unix_s: float, *, invited: bool) -> VenueState:
        """How far a venue is.

        Args:
            venue: as registered.
            now_unix_s: the present.
            invited: it was given a token, which it may have used.
        """
        known = self.of(venue.number)
        if known.heard_unix_s is None:
            if venue.deadline is not None and now_unix_s >= _end_of(venue):
                return VenueState.OVERDUE
            return VenueState.INVITED if invited else VenueState.LISTED
        if now_unix_s - known.heard_unix_s > self._silent_after_s:
            return VenueState.SILENT
        return VenueState.CONNECTED if self.lacks(venue, now_unix_s) else VenueState.CONFORMING

    def cameras_of(self, venue: Venue) -> Coverage:
        """Its cameras."""
        known = self.of(venue.number)
        there = len(known.layout.cameras) if known.layout else 0
        cameras = known.standing.cameras if known.standing else ()
        live = [one for one in cameras if one.status == LIVE]
        conforming = sum(_conforms(one) for one in live)
        return Coverage(venue.expected_cameras or there, len(live), conforming)

    def lines_of(self, venue: Venue) -> Coverage:
        """Its lines; of a site that sends the whole of it alone, they are not told, and none is expected."""
        layout = self.of(venue.number).layout
        lines = sum(place.kind == "line" for place in layout.places) if layout else 0
        told = layout is None or layout.profile != "strict"
        return Coverage((venue.expected_lines or lines) if told else 0, lines, lines)

    def lacks(self, venue: Venue, now_unix_s: float) -> tuple[str, ...]:
        """What a venue lacks until it conforms, in words; empty where it lacks nothing."""
        known = self.of(venue.number)
        if known.heard_unix_s is None:
            return ("its site did not send anything yet",)
        silent = self._silent(now_unix_s - known.heard_unix_s)
        missing = lacks(known, self.cameras_of(venue).expected, self.lines_of(venue).expected, silent)
        with self._lock:
            found = [one for (number, _), one in sorted(self._troubles.items()) if number == venue.number]
        return missing + tuple(one.words for one in found if now_unix_s - one.last_unix_s < TROUBLE_S)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Saves what changed as long as it is open, and once more when it closes."""
        try:
            with repeating("fleet", _SAVE_EVERY_S, self._try_to_save):
                yield
        finally:
            self._try_to_save()

    def save(self) -> None:
        """Writes down what changed.

        Raises:
            StoreError: nothing was written; it is tried with the next.
        """
        with self._saving, sqlite.explained(self._file):
            with self._lock:
                venues, keys = self._unsaved, self._untold
                self._unsaved, self._untold = set(), set()
                known = {venue: self._known.get(venue) for venue in venues}
                troubles = {key: self._troubles.get(key) for key in keys}
            saved = False
            try:
                self._write(known, troubles)
                saved = True
            finally:
                if not saved:
                    with self._lock:
                        self._unsaved |= venues
                        self._untold |= keys

    def close(self) -> None:
        """Closes it; closing twice does nothing."""
        with self._saving:
            self._connection.close()

    def _silent(self, since_s: float) -> float | None:
        return since_s if since_s > self._silent_after_s else None

    def _try_to_save(self) -> None:
        try:
            self.save()
        except StoreError as error:
            _log.error("how sites are was not saved, and will be again", problem=str(error))

    def _open(self) -> None:
        self._connection = sqlite.connect(self._file, "rwc")
        try:
            sqlite.migrate(self._connection, _MIGRATIONS, _APPLICATION_ID)
            self._connection.execute("PRAGMA journal_mode = WAL")
            sqlite.check_whole(self._connection)
            self._load()
        except (sqlite3.Error, StoreError):
            self._connection.close()
            raise

    def _load(self) -> None:
        for venue, heard, off, layout, standing in self._connection.execute("SELECT * FROM known"):
            self._known[venue] = Known(heard, _read(layout, Layout), _read(standing, Standing), off)
        self._digests = {venue: digest_of(one.layout) for venue, one in self._known.items() if one.layout}
        for venue, kind, words, first, last, count in self._connection.execute("SELECT * FROM trouble"):
            self._troubles[venue, kind] = Trouble(venue, kind, words, last, first, count)

    def _write(self, known: Mapping[int, Known | None], troubles: Mapping[tuple[int, str], Trouble | None]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("DELETE FROM known WHERE venue = ?", [(venue,) for venue in known])
            rows = [
                (venue, one.heard_unix_s, one.clock_off_s, _written(one.layout), _written(one.standing))
                for venue, one in known.items()
                if one is not None
            ]
            connection.executemany("INSERT INTO known VALUES (?, ?, ?, ?, ?)", rows)
            connection.executemany("DELETE FROM trouble WHERE venue = ? AND kind = ?", list(troubles))
            told = [
                (one.venue, one.kind, one.words, one.first_unix_s, one.last_unix_s, one.count)
                for one in troubles.values()
                if one is not None
            ]
            connection.executemany("INSERT INTO trouble VALUES (?, ?, ?, ?, ?, ?)", told)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _read(raw: bytes | None, kind: type[_Struct]) -> _Struct | None:
    """What was kept; nothing of what an older hub kept in another form: the site tells it within a minute."""
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError:
        return None


def _written(value: msgspec.Struct | None) -> bytes | None:
    return None if value is None else msgspec.json.encode(value)


def _conforms(camera: CameraStanding) -> bool:
    return camera.conforming == 1


def _end_of(venue: Venue) -> float:
    """When the last day ends on which a venue may be connected."""
    assert venue.deadline is not None
    after = datetime.combine(venue.deadline + timedelta(days=1), time(), ZoneInfo(venue.zone))
    return after.timestamp()
