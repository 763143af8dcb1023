"""A venue as the API tells it."""

from typing import Any

from passerby.core.shares import MaskShare
from passerby.hub.contract import Known
from passerby.hub.overview import Overview, VenueNow
from passerby.hub.register.hours import write_hours
from passerby.hub.telling import named

VENUE_COLUMNS = (
    *("venue", "name", "organisation", "district", "brand", "tag_list", "latitude", "longitude", "time_zone"),
    *("state", "health", "heard_unix_s", "inside_people", "inside_limit"),
    *("visitors_today", "visitors_coverage", "visitors_usual"),
    *("masks_judged", "masks_withheld", "masks_masked", "masks_share", "masks_low", "masks_high"),
    *("shelves_facings", "shelves_empty", "shelves_low", "shelves_unseen"),
    *("cameras_expected", "cameras_known", "cameras_live", "cameras_down", "cameras_failing", "cameras_conforming"),
    *("batches_waiting", "problems", "clock_off_s"),
)


def venue_json(now: VenueNow) -> dict[str, Any]:
    """A venue now."""
    venue, visitors, inside = now.venue, now.visitors, now.inside
    return {
        **named(venue),
        "tags": list(venue.tags),
        "latitude": venue.latitude,
        "longitude": venue.longitude,
        "time_zone": venue.zone,
        "state": now.state.value,
        "health": now.health.value,
        "worries": [one.value for one in now.worries],
        "heard_unix_s": now.heard_unix_s,
        "inside": {"people": inside.people, "limit": inside.limit, "until_unix_s": inside.until_unix_s}
        if inside
        else None,
        "visitors": {
            "today": visitors.came.total,
            "until_unix_s": visitors.until_unix_s,
            "coverage": _rounded(visitors.coverage),
            "usual": visitors.usual,
        }
        if visitors.came
        else None,
        "masks": masks_json(now.mask_share),
        "shelves": _of(now.shelves, "facings", "empty", "low", "unseen") if now.shelves else None,
        "cameras": _of(now.cameras, "expected", "known", "live", "down", "failing", "conforming"),
        "batches_waiting": now.waiting,
        "problems": now.problems,
        "clock_off_s": round(now.clock_off_s, 1),
    }


def detail_json(now: VenueNow, known: Known, lacks: tuple[str, ...]) -> dict[str, Any]:
    """A venue now, with all that is registered."""
    venue, layout = now.venue, known.layout
    return {
        **venue_json(now),
        "contact": _of(venue.contact, "role", "phone", "mail"),
        "hours": write_hours(venue.hours),
        "capacity": venue.capacity,
        "expected_lines": venue.expected_lines,
        "deadline": venue.deadline.isoformat() if venue.deadline else None,
        "lacks": list(lacks),
        "places": [{"camera": one.camera, "name": one.name, "kind": one.kind} for one in layout.places]
        if layout
        else [],
        "window_s": layout.window_s if layout else None,
    }


def totals_json(overview: Overview) -> dict[str, Any]:
    """All venues of an overview together."""
    totals = overview.totals
    return {
        **_of(totals, "venues", "connected", "conforming", "silent", "overdue"),
        "people_inside": totals.people,
        "venues_telling": totals.telling,
        "visitors_today": totals.came,
        "venues_counting": totals.counting,
        "masks": masks_json(totals.mask_share),
    }


def masks_json(share: MaskShare | None) -> dict[str, Any] | None:
    """What may be told of masks."""
    if share is None:
        return None
    return {
        **_of(share, "asked", "judged", "withheld", "masked"),
        **{name: _rounded(getattr(share, name)) for name in ("share", "low", "high", "cannot_tell_share")},
    }


def _of(told: object, *names: str) -> dict[str, Any]:
    return {name: getattr(told, name) for name in names}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
