"""Where a made-up venue counts: cameras, lines, zones and shelves, as its layout tells the hub."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from passerby.hub.simulate.fleet import SimulatedVenue
from passerby.records.wire.batches import WHOLE_SITE, Layout, PlaceName

INSIDE = "Inside"
"""The place that stands for all of a made-up venue."""
FACINGS = 24
"""Of a made-up shelf."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Something that is counted at.

    Attributes:
        place: its number in the layout.
        camera: number of the camera that sees it.
        what: a door's line, a hall, a queue or a shelf.
        ordinal: which of its sort, from 0 on.
        limit: how many people are a crowd there; 0: no limit is set.
    """

    place: int
    camera: int
    name: str
    what: Literal["door", "hall", "queue", "shelf"]
    ordinal: int
    limit: int = 0


_KINDS: dict[str, Literal["line", "zone", "shelf"]] = {
    "door": "line",
    "hall": "zone",
    "queue": "zone",
    "shelf": "shelf",
}


def spots(venue: SimulatedVenue) -> list[Spot]:
    """All that it counts at, in the order of its layout."""
    found: list[Spot] = []
    for what, name, many in (
        ("door", "Door", len(venue.doors)),
        ("hall", venue.kind.hall, venue.halls),
        ("queue", venue.kind.queue, venue.queues),
        ("shelf", "Shelf", venue.shelves),
    ):
        for ordinal in range(many):
            place = len(found)
            camera = min(place, venue.cameras - 1)
            full = f"{name} {ordinal + 1}" if many > 1 or what in ("door", "shelf") else name
            limit = max(8, venue.capacity // (4 * many)) if what == "hall" else 0
            found.append(Spot(place, camera, full, what, ordinal, limit))  # type: ignore[arg-type]
    return found


def camera_names(venue: SimulatedVenue) -> tuple[str, ...]:
    """Names of its cameras: that of the first thing that each sees, in lower case."""
    names: dict[int, str] = {}
    for spot in spots(venue):
        names.setdefault(spot.camera, spot.name.lower())
    return tuple(names[index] for index in range(venue.cameras))


@lru_cache(maxsize=1024)
def layout(venue: SimulatedVenue, window_s: int) -> Layout:
    """What its rows speak of by number; the place for all of it comes last."""
    cameras = camera_names(venue)
    places = [PlaceName(cameras[spot.camera], spot.name, _KINDS[spot.what]) for spot in spots(venue)]
    places.append(PlaceName(WHOLE_SITE, INSIDE, "place"))
    return Layout(cameras, tuple(places), venue.zone, window_s, "internal")
