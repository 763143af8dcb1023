"""Alerts about shelves: which facings have been empty for long enough."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from passerby.site.config_alerts import Alert
from passerby.site.place_windows import GRACE_S
from passerby.site.shelf_states import GapNow, ShelfNow

_MOST_TOLD = 10


def empty_facings(alert: Alert, shelves: Sequence[ShelfNow], now_unix_s: float) -> int | None:
    """How many are empty, or None where that cannot be said.

    A shelf that was seen before and cannot be seen now may have gaps or none, so without it no alert ends. Of one that
    was never seen, such as one that is not taught, nobody waits.
    """
    watched = [one for one in _of(alert, shelves) if one.was_seen]
    found = sum(1 for _ in _gaps(alert, watched, now_unix_s))
    unseen = [one for one in watched if one.problem]
    return None if not watched or (unseen and found < alert.facings) else found


def told_facings(alert: Alert, shelves: Sequence[ShelfNow], now_unix_s: float) -> list[dict[str, Any]]:
    """The same facings, as a webhook gets them."""
    return [
        {
            "camera": shelf.shelf.camera,
            "shelf": shelf.shelf.shelf,
            **shelf.where(gap.facing),
            "since_unix_s": round(gap.since_unix_s),
        }
        for shelf, gap in _gaps(alert, shelves, now_unix_s)
    ]


def facings_in_words(told: Sequence[dict[str, Any]], shelf: str | None) -> str:
    """Where they are, in words; not all of very many.

    Args:
        told: as `told_facings` has them.
        shelf: the shelf that is named already; None if there may be several.
    """
    places: dict[str, list[str]] = {}
    for one in told[:_MOST_TOLD]:
        where = f"row {one['row']}, column {one['column']}" if "row" in one else f"facing {one['facing']}"
        places.setdefault(one["shelf"], []).append(where)
    parts = [("" if name == shelf else f"{name} ") + "; ".join(where) for name, where in places.items()]
    more = len(told) - _MOST_TOLD
    return "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def _of(alert: Alert, shelves: Iterable[ShelfNow]) -> list[ShelfNow]:
    return [
        one
        for one in shelves
        if alert.camera in (None, one.shelf.camera)
        and alert.shelf in (None, one.shelf.shelf)
        and alert.aisle in (None, one.shelf.aisle)
    ]


def _gaps(alert: Alert, shelves: Iterable[ShelfNow], now_unix_s: float) -> Iterator[tuple[ShelfNow, GapNow]]:
    for shelf in _of(alert, shelves):
        for gap in shelf.gaps:
            # What one minute brings comes facing by facing, and is told together.
            if now_unix_s - gap.since_unix_s >= 60 * alert.for_minutes + GRACE_S:
                yield shelf, gap
