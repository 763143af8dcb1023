"""The register of venues: added, changed, renamed, merged, each with its entry in the log in the same transaction."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from passerby.errors import ConfigError
from passerby.hub.contract import Contact, Venue
from passerby.hub.register.database import Database
from passerby.hub.register.hours import parse_hours, write_hours
from passerby.hub.register.log import Action, Log
from passerby.hub.register.tables import INVITATIONS, KEYS, PART, VENUES
from passerby.hub.register.venue_checks import problems_of


class Register:
    """Venues, and the log of what was done. Safe from any thread and any number of processes.

    Args:
        database: where they are; its tables are made or brought up to date.
        clock: Unix seconds.

    Raises:
        StoreError: the database cannot be used.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self.database, self.clock = database, clock
        database.prepare(PART)
        self.log = Log(database, clock)

    def venues(self) -> list[Venue]:
        """All venues that stand for themselves, by name.

        Raises:
            StoreError: they cannot be read.
        """
        asked = select(VENUES).where(VENUES.c.merged_into.is_(None))
        with self.database.reading() as connection:
            found = [_venue(row) for row in connection.execute(asked)]
        return sorted(found, key=lambda venue: (venue.name.casefold(), venue.number))

    def venue(self, slug: str) -> Venue | None:
        """The venue of that short name; one that was merged is the venue that it belongs to now.

        Raises:
            StoreError: it cannot be read.
        """
        with self.database.reading() as connection:
            return _final(connection, connection.execute(select(VENUES).where(VENUES.c.slug == slug)).one_or_none())

    def by_number(self, number: int) -> Venue | None:
        """The venue of that number; one that was merged is the venue that it belongs to now.

        Raises:
            StoreError: it cannot be read.
        """
        with self.database.reading() as connection:
            return venue_of(connection, number)

    def known(self, slug: str) -> Venue:
        """The venue of that short name.

        Raises:
            ConfigError: there is none.
            StoreError: it cannot be read.
        """
        found = self.venue(slug)
        if found is None:
            raise ConfigError([f"there is no venue {slug}; `passerby hub venues list` shows all"])
        return found

    def add(self, venue: Venue, by: str) -> Venue:
        """Adds a venue, whose number is given to it here.

        Raises:
            ConfigError: it cannot be taken; every reason is named.
            StoreError: nothing was written.
        """
        with self.database.writing() as connection:
            return self.add_within(connection, venue, by)

    def add_within(self, connection: Connection, venue: Venue, by: str) -> Venue:
        """As `add`, in a transaction that is open."""
        _refuse_mistakes(venue)
        _refuse_taken(connection, venue.slug)
        answer = connection.execute(VENUES.insert().values(_values(venue)))
        assert answer.inserted_primary_key is not None
        added = replace(venue, number=int(answer.inserted_primary_key[0]), merged_into=None)
        self.log.enter(connection, by, Action.VENUE_ADDED, f"{added.slug}: {added.name}", added.number)
        return added

    def change(self, venue: Venue, by: str) -> Venue:
        """Changes what is known of a venue, found by its number.

        Raises:
            ConfigError: it cannot be taken, or there is no such venue; nothing has changed.
            StoreError: nothing was written.
        """
        with self.database.writing() as connection:
            return self.change_within(connection, venue, by)

    def change_within(self, connection: Connection, venue: Venue, by: str) -> Venue:
        """As `change`, in a transaction that is open."""
        _refuse_mistakes(venue)
        row = connection.execute(select(VENUES).where(VENUES.c.number == venue.number)).one_or_none()
        if row is None or row.merged_into is not None:
            raise ConfigError([f"there is no venue {venue.slug}; it was merged or removed meanwhile"])
        before = _venue(row)
        if before.slug != venue.slug:
            _refuse_taken(connection, venue.slug)
        changed = _changed(before, venue)
        if changed:
            connection.execute(VENUES.update().where(VENUES.c.number == venue.number).values(_values(venue)))
            renamed = before.slug != venue.slug or before.name != venue.name
            detail = f"{before.slug}: {', '.join(changed)}" + (f"; now {venue.slug}: {venue.name}" if renamed else "")
            action = Action.VENUE_RENAMED if renamed else Action.VENUE_CHANGED
            self.log.enter(connection, by, action, detail, venue.number)
        return venue

    def merge(self, slug: str, into: str, by: str) -> Venue:
        """Makes a venue a part of another: its site goes on sending, and what it sends belongs to the other.

        The running hub moves what was gathered (`merges_due`).

        Raises:
            ConfigError: one of them is not known, or they are the same.
            StoreError: nothing was written.
        """
        with self.database.writing() as connection:
            rows = {row.slug: row for row in connection.execute(select(VENUES).where(VENUES.c.slug.in_((slug, into))))}
            unknown = [one for one in (slug, into) if one not in rows]
            if unknown:
                raise ConfigError([f"there is no venue {one}; `passerby hub venues list` shows all" for one in unknown])
            whole = _final(connection, rows[into])
            if whole is None or rows[slug].merged_into is not None or whole.number == rows[slug].number:
                raise ConfigError([f"{slug} and {into} are one venue already"])
            number = rows[slug].number
            connection.execute(
                VENUES.update().where(VENUES.c.number == number).values(merged_into=whole.number, merge_done=0)
            )
            self.log.enter(connection, by, Action.VENUE_MERGED, f"{slug} into {whole.slug}", number)
            return whole

    def merges_due(self) -> list[tuple[int, int, str]]:
        """Venues whose series are still to be moved: number, that of the venue that it belongs to now, own name.

        Raises:
            StoreError: they cannot be read.
        """
        asked = select(VENUES.c.number, VENUES.c.name).where(VENUES.c.merge_done == 0).order_by(VENUES.c.number)
        with self.database.reading() as connection:
            rows = connection.execute(asked).all()
            finals = [(int(row.number), venue_of(connection, row.number), str(row.name)) for row in rows]
        return [(number, venue.number, name) for number, venue, name in finals if venue is not None]

    def merged(self, number: int) -> None:
        """The series of a venue are where they belong.

        Raises:
            StoreError: nothing was written.
        """
        with self.database.writing() as connection:
            connection.execute(VENUES.update().where(VENUES.c.number == number).values(merge_done=1))

    def remove(self, slug: str, by: str) -> None:
        """Removes a venue whose site never joined.

        Raises:
            ConfigError: there is none, or a site has joined for it, so that something may have been gathered.
            StoreError: nothing was written.
        """
        with self.database.writing() as connection:
            row = connection.execute(select(VENUES).where(VENUES.c.slug == slug)).one_or_none()
            if row is None:
                raise ConfigError([f"there is no venue {slug}; `passerby hub venues list` shows all"])
            joined = connection.execute(select(KEYS.c.key).where(KEYS.c.venue == row.number)).first()
            parts = connection.execute(select(VENUES.c.slug).where(VENUES.c.merged_into == row.number)).first()
            if joined or parts or row.merged_into is not None:
                raise ConfigError(
                    [f"{slug}: a site has joined for it; merge it into another venue, or revoke its site"]
                )
            connection.execute(INVITATIONS.delete().where(INVITATIONS.c.venue == row.number))
            connection.execute(VENUES.delete().where(VENUES.c.number == row.number))
            self.log.enter(connection, by, Action.VENUE_REMOVED, f"{slug}: {row.name}", row.number)


def venue_of(connection: Connection, number: int) -> Venue | None:
    """The venue of a number; one that was merged is the venue that it belongs to now."""
    return _final(connection, connection.execute(select(VENUES).where(VENUES.c.number == number)).one_or_none())


def _final(connection: Connection, row: Row[Any] | None) -> Venue | None:
    while row is not None and row.merged_into is not None:
        row = connection.execute(select(VENUES).where(VENUES.c.number == row.merged_into)).one_or_none()
    return _venue(row) if row is not None else None


def _venue(row: Row[Any]) -> Venue:
    known = {
        name: getattr(row, name)
        for name in (
            *("number", "slug", "name", "organisation", "district", "brand", "latitude", "longitude", "zone"),
            *("expected_cameras", "expected_lines", "capacity", "merged_into"),
        )
    }
    return Venue(
        **known,
        tags=tuple(json.loads(row.tags)),
        hours=parse_hours(row.hours),
        contact=Contact(row.contact_role, row.contact_phone, row.contact_mail),
        deadline=date.fromisoformat(row.deadline) if row.deadline else None,
    )


def _values(venue: Venue) -> dict[str, Any]:
    """Columns of the table, without those that never change here."""
    values = asdict(venue)
    contact = values.pop("contact")
    for name in ("number", "merged_into"):
        del values[name]
    return {
        **values,
        "tags": json.dumps(venue.tags, ensure_ascii=False),
        "hours": write_hours(venue.hours),
        "deadline": venue.deadline.isoformat() if venue.deadline else None,
        **{f"contact_{name}": value for name, value in contact.items()},
    }


def _changed(before: Venue, after: Venue) -> list[str]:
    """Names of what differs; the values stay out of the log, since a contact's telephone may be among them."""
    old, new = _values(before), _values(after)
    return [name for name in old if old[name] != new[name]]


def _refuse_mistakes(venue: Venue) -> None:
    problems = problems_of(venue)
    if problems:
        raise ConfigError([f"{venue.slug}, {column}: {words}" for column, words in problems])


def _refuse_taken(connection: Connection, slug: str) -> None:
    if connection.execute(select(VENUES.c.number).where(VENUES.c.slug == slug)).first() is not None:
        raise ConfigError([f"{slug}: another venue has this short name; choose one of its own"])
