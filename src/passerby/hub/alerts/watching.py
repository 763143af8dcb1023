"""What each kind of rule sees at a venue: a share, a number, or whether something holds."""

from passerby.hub.alerts.config import HubAlert
from passerby.hub.alerts.words import Seen
from passerby.hub.contract import VenueState
from passerby.hub.overview import VenueNow

LEAST_INSIDE = 5
"""Of fewer people inside no alert tells: it would say that one person came, and when."""


def seen(alert: HubAlert, now: VenueNow, now_unix_s: float) -> Seen:
    """What a rule sees at a venue; not for unusual.

    What a silent site told last is not how it is now, so that it neither begins nor ends an alert.
    """
    match alert.when:
        case "venue_silent":
            return Seen(None if not now.joined else float(now.state is VenueState.SILENT), now_unix_s)
        case "venue_overdue":
            return Seen(float(now.state is VenueState.OVERDUE), now_unix_s)
        case "occupancy_over":
            return _occupancy(now, now_unix_s)
        case _:
            value = _number(alert, now) if now.connected else None
            return Seen(value, now_unix_s, value)


def _occupancy(now: VenueNow, now_unix_s: float) -> Seen:
    inside = now.inside
    if inside is None or not inside.limit:
        return Seen(None, now_unix_s)
    value = 100.0 * inside.people / inside.limit
    if inside.people < LEAST_INSIDE:
        return Seen(0.0, float(inside.until_unix_s), value)
    return Seen(value, float(inside.until_unix_s), value)


def _number(alert: HubAlert, now: VenueNow) -> float | None:
    if alert.when == "cameras_down":
        return 100.0 * now.cameras.down / now.cameras.known if now.cameras.known else None
    if alert.when == "checks_failing":
        return float(now.cameras.failing)
    if alert.when == "shelves_empty":
        shelves = now.shelves
        seen_ = shelves.facings - shelves.unseen if shelves else 0
        return 100.0 * shelves.empty / seen_ if shelves and seen_ > 0 else None
    told = now.mask_share  # withheld, and so None, where fewer than the minimum were judged
    return 100.0 * told.share if told is not None and told.share is not None else None
