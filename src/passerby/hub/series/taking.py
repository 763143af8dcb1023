"""A delivery is stored: which batches, their rows, and what these change in the sums. All in one transaction."""

import sqlite3
from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from passerby.errors import StoreError
from passerby.hub.contract import Aside, Delivered, Taken
from passerby.hub.series.adding import Key, Site, Value, add, changes_of, there
from passerby.hub.series.admitting import Admitted, admit, outbox_of
from passerby.hub.series.moving import move_days
from passerby.hub.series.names import Names, SiteNames
from passerby.hub.series.statements import TALLY
from passerby.records.wire.batches import Batch, Layout


def take(connection: sqlite3.Connection, names: Names, delivered: Delivered) -> Taken:
    """Stores what is new of a delivery.

    Args:
        connection: in a transaction.
        names: of series; to be cleared where the transaction fails.
        delivered: what came.

    Raises:
        StoreError: the venue's time zone is unknown.
        sqlite3.Error: nothing may be committed.
    """
    outbox = outbox_of(delivered)
    number = site_of(connection, delivered.venue, outbox)
    _know_site(connection, number, delivered)
    _keep_layouts(connection, number, delivered)
    if outbox is None:
        return Taken(0)
    mark = _mark(connection, number, outbox)
    admitted = admit(delivered, mark, _layouts(connection, number))
    _store(connection, names.of(connection, number), delivered, admitted)
    _set_aside(connection, number, delivered.received_unix_s, admitted.aside)
    if admitted.mark > mark:
        connection.execute(
            "INSERT INTO outbox VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark",
            (number, outbox, admitted.mark),
        )
    return Taken(admitted.mark, admitted.new, tuple(one.sequence for one in admitted.aside), admitted.wanted)


def site_of(connection: sqlite3.Connection, venue: int, outbox: str | None) -> int:
    """The site that an outbox of a venue is of: that of the venue, or of one that was merged into it."""
    found = connection.execute(
        "SELECT outbox.site FROM site JOIN outbox ON outbox.site = site.id WHERE site.venue = ? AND outbox.outbox = ?",
        (venue, outbox),
    ).fetchone()
    return int(found[0]) if found else venue


@lru_cache(maxsize=1000)
def zone_of(name: str) -> tzinfo:
    """A time zone by its name.

    Raises:
        StoreError: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise StoreError(f'the time zone "{name}" is unknown; give the venue one of the IANA database') from None


def _know_site(connection: sqlite3.Connection, site: int, delivered: Delivered) -> None:
    """Makes a site known, and moves its days where the zone of its venue was corrected."""
    zone = zone_of(delivered.zone)
    known = connection.execute("SELECT zone FROM site WHERE id = ?", (site,)).fetchone()
    if known is None:
        connection.execute("INSERT INTO site VALUES (?, ?, '', ?, 0, 0)", (site, site, delivered.zone))
    elif known[0] != delivered.zone:
        about = SiteNames.read(connection, site).about
        kept_from = move_days(connection, Site(site, zone_of(known[0]), _kept_from(connection, site), about), zone)
        connection.execute(
            "UPDATE site SET zone = ?, kept_from_unix_s = ? WHERE id = ?", (delivered.zone, kept_from, site)
        )


def _kept_from(connection: sqlite3.Connection, site: int) -> int:
    return int(connection.execute("SELECT kept_from_unix_s FROM site WHERE id = ?", (site,)).fetchone()[0])


def _keep_layouts(connection: sqlite3.Connection, site: int, delivered: Delivered) -> None:
    connection.executemany(
        "INSERT INTO layout VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(site, digest, msgspec.json.encode(layout)) for digest, layout in delivered.layouts.items()],
    )


def _layouts(connection: sqlite3.Connection, site: int) -> Callable[[str], Layout | None]:
    known: dict[str, Layout | None] = {}

    def layout_of(digest: str) -> Layout | None:
        if digest not in known:
            found = connection.execute(
                "SELECT json FROM layout WHERE site = ? AND digest = ?", (site, digest)
            ).fetchone()
            known[digest] = msgspec.json.decode(found[0], type=Layout) if found else None
        return known[digest]

    return layout_of


def _mark(connection: sqlite3.Connection, site: int, outbox: str) -> int:
    found = connection.execute("SELECT mark FROM outbox WHERE site = ? AND outbox = ?", (site, outbox)).fetchone()
    return int(found[0]) if found else 0


def _store(connection: sqlite3.Connection, names: SiteNames, delivered: Delivered, admitted: Admitted) -> None:
    """Stores rows, and brings what they change into the sums."""
    rows: dict[Key, Value] = {}
    ends = 0
    for batch, layout in admitted.batches:
        ends = max(ends, _number(connection, names, (batch, layout), rows))
    if delivered.doubtful:
        rows = {key: (total, exposure, 1) for key, (total, exposure, _) in rows.items()}
    if not rows:
        return
    kept_from = _kept_from(connection, names.site)
    site = Site(names.site, zone_of(delivered.zone), kept_from, names.about)
    changes = changes_of(site, rows, there(connection, names.site, rows))
    connection.executemany(TALLY, [(names.site, *key, *value) for key, value in rows.items()])
    add(connection, site, changes)
    newest = min(ends, delivered.received_unix_s) if delivered.received_unix_s else ends
    connection.execute("UPDATE site SET newest_unix_s = ?1 WHERE id = ?2 AND newest_unix_s < ?1", (newest, names.site))


def _number(
    connection: sqlite3.Connection, names: SiteNames, sealed: tuple[Batch, Layout], rows: dict[Key, Value]
) -> int:
    """Puts a batch's rows to the others, by number; what comes later stands. Gives where the last window ends."""
    batch, layout = sealed
    known, ends = names.of_layout(batch.layout), 0
    for row in batch.rows:
        about = (row.place, row.measure, row.part)
        series = known.get(about)
        if series is None:
            series = known[about] = names.series(connection, layout, row)
        key = (row.start_unix_s, series, names.run(connection, row))
        rows[key] = (row.total_milli, row.exposure_milli, row.unsafe)
        ends = max(ends, row.start_unix_s + row.width_s)
    return ends


def _set_aside(connection: sqlite3.Connection, site: int, received_unix_s: int, aside: tuple[Aside, ...]) -> None:
    connection.executemany(
        "INSERT INTO aside (site, outbox, sequence, received_unix_s, why, json) VALUES (?, ?, ?, ?, ?, ?)",
        [(site, one.outbox, one.sequence, received_unix_s, one.why, one.raw) for one in aside],
    )
