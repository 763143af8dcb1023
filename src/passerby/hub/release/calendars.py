"""Days by two time zones: where a venue's zone was changed, or it was merged with one of another, they overlap.

A person's hour would then be in a day of the old calendar and in another of the new one, each with a budget of its own.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from passerby.hub.contract import Venue
from passerby.hub.release.ledger import Accounts
from passerby.hub.release.tallied import span_of

WHY = "overlaps days that were released by another time zone"
_NEAR_DAYS = 2
"""The clocks of two places are up to 26 hours apart."""


def overlaps(accounts: Accounts, parts: Iterable[int], venue: Venue, day: int) -> bool:
    """Whether a day, as an ordinal, has hours that were told by another calendar.

    Args:
        accounts: what was measured.
        parts: numbers of all venues whose tallies are this one's.
        venue: which, with its time zone.
        day: by the venue's calendar.
    """
    return any(
        draw.counts is not None and draw.counts.start_unix_s != _start(venue.zone, near)
        for part in parts
        for near in range(day - _NEAR_DAYS, day + _NEAR_DAYS + 1)
        for draw in accounts.draws.get(part, {}).get(near, ())
    )


@lru_cache(maxsize=50_000)
def _start(zone: str, day: int) -> int:
    return span_of(Venue(0, "", "", zone=zone), date.fromordinal(day)).since_unix_s
