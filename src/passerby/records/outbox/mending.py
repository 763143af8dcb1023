"""What waits in a damaged outbox goes on in a new one."""

import sqlite3
import uuid
import zlib
from typing import TypeVar

import msgspec

from passerby.records.outbox.outbox import put
from passerby.records.wire.batches import Batch, Layout

_T = TypeVar("_T")
_NEXT = """
    SELECT 1 + max(coalesce((SELECT max(number) FROM outbox), 0), coalesce((SELECT max(outbox) FROM outbox_batch), 0))
"""


def go_on_under_new_name(connection: sqlite3.Connection) -> None:
    """Hands what waits to a new outbox, where what is known of the old ones comes from a damaged file.

    Their marks cannot be trusted, and the hub takes a sequence that it had once for what it has.

    Args:
        connection: in a transaction, to the tables with what could be read.
    """
    taken, layouts = dict(connection.execute("SELECT number, taken FROM outbox")), _whole_layouts(connection)
    ((new,),) = connection.execute(_NEXT)
    name, sequence = uuid.uuid4().hex, 0
    connection.execute("INSERT INTO outbox (number, id) VALUES (?, ?)", (new, name))
    held = connection.execute("SELECT outbox, sequence FROM outbox_batch ORDER BY outbox, sequence").fetchall()
    for which in held:
        ((body,),) = connection.execute("SELECT body FROM outbox_batch WHERE outbox = ? AND sequence = ?", which)
        batch = _unpacked(body, Batch) if which[1] > taken.get(which[0], 0) else None
        if batch and batch.layout in layouts:
            sequence += 1
            put(connection, new, msgspec.structs.replace(batch, outbox=name, sequence=sequence))
    connection.execute("DELETE FROM outbox_batch WHERE outbox <> ?", (new,))
    connection.execute("DELETE FROM outbox WHERE number <> ?", (new,))


def _whole_layouts(connection: sqlite3.Connection) -> set[str]:
    """Digests of the layouts that can be unpacked; the others are deleted."""
    kept = connection.execute("SELECT digest, body FROM outbox_layout").fetchall()
    whole = {digest for digest, body in kept if _unpacked(body, Layout)}
    lost = [(digest,) for digest, _ in kept if digest not in whole]
    connection.executemany("DELETE FROM outbox_layout WHERE digest = ?", lost)
    return whole


def _unpacked(body: bytes, kind: type[_T]) -> _T | None:
    """What was packed; None for bytes that are not, which the checksum in them tells."""
    try:
        return msgspec.json.decode(zlib.decompress(body), type=kind)
    except (zlib.error, msgspec.MsgspecError):
        return None
