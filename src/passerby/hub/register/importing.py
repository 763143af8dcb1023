"""Brings the register to what a list says: all of it or nothing."""

from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ConfigError
from passerby.hub.contract import Venue
from passerby.hub.register.register import Register
from passerby.hub.register.venue_list import read_list, venues_of


@dataclass(frozen=True, slots=True)
class Import:
    """What a list changes.

    Attributes:
        added, changed: venues.
        same: so many stay as they were.
    """

    added: tuple[Venue, ...]
    changed: tuple[Venue, ...]
    same: int


def import_list(register: Register, path: Path, by: str, *, dry_run: bool = False) -> Import:
    """Adds the venues of a list, and changes those that are there, by their short names.

    Args:
        register: gets them.
        path: of the list.
        by: who does it.
        dry_run: only say what it would change.

    Raises:
        ConfigError: with every mistake of the list; nothing has changed.
        StoreError: nothing was written.
    """
    listed = read_list(path)
    known = {venue.slug: venue for venue in register.venues()}
    venues = venues_of(path, listed, known)
    merged = [f"{path}: {one} was merged into another venue; leave it out" for one in _merged(register, venues, known)]
    if merged:
        raise ConfigError(merged)
    added = tuple(venue for venue in venues if venue.slug not in known)
    changed = tuple(venue for venue in venues if venue.slug in known and venue != known[venue.slug])
    if not dry_run:
        with register.database.writing() as connection:
            for venue in added:
                register.add_within(connection, venue, by)
            for venue in changed:
                register.change_within(connection, venue, by)
    return Import(added, changed, len(venues) - len(added) - len(changed))


def _merged(register: Register, venues: list[Venue], known: dict[str, Venue]) -> list[str]:
    return [venue.slug for venue in venues if venue.slug not in known and register.venue(venue.slug) is not None]
