"""How one venue is now, from what was registered, what its site told and what was tallied."""

from dataclasses import dataclass, field
from typing import Any

from passerby.core.shares import MaskCounts
from passerby.hub.contract import Known, Venue, VenueState
from passerby.hub.overview import CameraCount, Health, Inside, ShelfCount, VenueNow, Visitors, Worry
from passerby.records.wire.batches import Standing

LIVE, NO_PICTURES, NOT_COUNTING = 1, 2, 3
"""Of `CameraStanding.status`."""
_MOST_CLOCK_OFF_S = 300.0
_WORRYING_SHELVES = 0.1


@dataclass(frozen=True, slots=True)
class Tallied:
    """What was tallied of a venue today."""

    visitors: Visitors = field(default_factory=Visitors)
    masks: MaskCounts | None = None


def named(venue: Venue) -> dict[str, Any]:
    """What a venue is called, and what it belongs to."""
    return {
        "venue": venue.slug,
        "name": venue.name,
        "organisation": venue.organisation,
        "district": venue.district,
        "brand": venue.brand,
    }


def tell(venue: Venue, state: VenueState, known: Known, tallied: Tallied) -> VenueNow:
    """How a venue is now."""
    sends = state in (VenueState.CONNECTED, VenueState.CONFORMING)
    standing = known.standing
    told = VenueNow(
        venue=venue,
        state=state,
        health=Health.GOOD,
        heard_unix_s=known.heard_unix_s,
        inside=_inside(venue, known) if sends else None,
        visitors=tallied.visitors,
        masks=tallied.masks,
        shelves=_shelves(standing) if sends else None,
        cameras=cameras(venue, standing, sends=sends),
        waiting=standing.outbox.waiting if standing else 0,
        problems=standing.problems if standing else 0,
        clock_off_s=known.clock_off_s,
    )
    worries = _worries(told, standing)
    return _with(told, _health(state, worries), worries)


def _with(told: VenueNow, health: Health, worries: tuple[Worry, ...]) -> VenueNow:
    # Set once, right after it was made, instead of copying six hundred of them each few seconds.
    object.__setattr__(told, "health", health)
    object.__setattr__(told, "worries", worries)
    return told


def _health(state: VenueState, worries: tuple[Worry, ...]) -> Health:
    if state is VenueState.OVERDUE:
        return Health.OVERDUE
    if state is VenueState.SILENT:
        return Health.SILENT
    if state in (VenueState.LISTED, VenueState.INVITED):
        return Health.ABSENT
    return Health.ATTENTION if worries else Health.GOOD


def _worries(told: VenueNow, standing: Standing | None) -> tuple[Worry, ...]:
    shelves, cameras_ = told.shelves, told.cameras
    holds = {
        Worry.OVER: told.inside is not None and told.inside.over,
        Worry.UNLOCKED: told.connected and standing is not None and not standing.locked,
        Worry.SILENT: told.state is VenueState.SILENT,
        Worry.DOWN: cameras_.down > 0,
        Worry.OVERDUE: told.state is VenueState.OVERDUE,
        Worry.SHED: standing is not None and standing.outbox.shed > 0,
        Worry.FAILING: cameras_.failing > 0,
        Worry.MISSING: told.connected and cameras_.missing > 0,
        Worry.CLOCK: told.connected and abs(told.clock_off_s) > _MOST_CLOCK_OFF_S,
        Worry.EMPTY: shelves is not None and shelves.empty > _WORRYING_SHELVES * max(1, shelves.facings),
        Worry.PROBLEMS: told.connected and told.problems > 0 and not cameras_.down,
    }
    return tuple(worry for worry, it_does in holds.items() if it_does)


def _inside(venue: Venue, known: Known) -> Inside | None:
    """The first place of the site's configuration stands for the venue; others may lie inside it."""
    standing = known.standing
    first = next((one for one in standing.places if one.people_deci >= 0), None) if standing else None
    if first is None:
        return None
    limit = venue.capacity if venue.capacity is not None else first.limit or None
    return Inside(first.people_deci / 10, limit, first.until_unix_s)


def _shelves(standing: Standing | None) -> ShelfCount | None:
    if standing is None or not standing.shelves:
        return None
    return ShelfCount(
        facings=sum(one.facings for one in standing.shelves),
        empty=sum(one.empty for one in standing.shelves),
        low=sum(one.low for one in standing.shelves),
        unseen=sum(one.unseen for one in standing.shelves),
    )


def cameras(venue: Venue, standing: Standing | None, *, sends: bool) -> CameraCount:
    """The cameras of a venue; of one that does not send now, none counts as live."""
    if standing is None:
        return CameraCount(expected=venue.expected_cameras)
    known = standing.cameras
    if not sends:
        return CameraCount(expected=venue.expected_cameras, known=len(known))
    return CameraCount(
        expected=venue.expected_cameras,
        known=len(known),
        live=sum(one.status == LIVE for one in known),
        down=sum(one.status in (NO_PICTURES, NOT_COUNTING) for one in known),
        failing=sum(one.conforming == 0 for one in known),
        conforming=sum(one.conforming == 1 and one.status == LIVE for one in known),
    )
