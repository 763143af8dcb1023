"""The names of a site's places, as the hub is told them, and where in them a tally belongs."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from passerby.core.release import strict_width_s
from passerby.core.tallies import LINE_MEASURES, MASK_MEASURES, SHELF_MEASURES, Measure
from passerby.records.checks import place_name
from passerby.records.wire.batches import MOST_CAMERAS, WHOLE_SITE, Layout, PlaceName, Row
from passerby.site.config import SiteConfig
from passerby.site.outbox.due import Due

_MILLI = 1000


def layout_of(config: SiteConfig) -> Layout:
    """What a site tells the hub of its cameras and places. Under profile strict, the cameras and the site alone."""
    strict = is_strict(config)
    return Layout(
        cameras=tuple(camera.name for camera in config.cameras),
        places=(PlaceName(WHOLE_SITE, WHOLE_SITE, "site"),) if strict else tuple(_places(config)),
        zone=config.site.time_zone or "",
        window_s=strict_width_s(config.window_s) if strict else config.window_s,
        profile="strict" if strict else "internal",
    )


def is_strict(config: SiteConfig) -> bool:
    """Whether the whole site alone is told: as `hub: profile` says, and always under a profile of the site."""
    return config.profile is not None or (config.hub is not None and config.hub.profile == "strict")


def _places(config: SiteConfig) -> list[PlaceName]:
    places: list[PlaceName] = []
    for camera in config.cameras:
        places += [PlaceName(camera.name, line.name, "line") for line in camera.lines]
        places += [PlaceName(camera.name, zone.name, "zone") for zone in camera.zones]
        places += [PlaceName(camera.name, shelf.name, "shelf") for shelf in camera.shelves]
    return places + [PlaceName(WHOLE_SITE, place.name, "place") for place in config.places]


@dataclass(slots=True)
class Names:
    """Numbers tallies by a layout, to which it adds places that the configuration has no more.

    Attributes:
        layout: as it is now.
    """

    layout: Layout

    def rows(self, due: list[Due]) -> list[Row]:
        """Tallies as the hub takes them; those that the store has no more are left out."""
        numbers = {(place.camera, place.name): n for n, place in enumerate(self.layout.places)}
        measures: dict[tuple[str, str], set[Measure]] = {}
        for one in due:
            if one.total_milli is not None and (one.camera, one.subject) not in numbers:
                measures.setdefault((one.camera, one.subject), set()).add(Measure(one.measure))
        for where, tallied in measures.items():
            if self._add(where, tallied):
                numbers[where] = len(numbers)
        return [
            _row(one, numbers[one.camera, one.subject])
            for one in due
            if one.total_milli is not None and (one.camera, one.subject) in numbers
        ]

    def _add(self, where: tuple[str, str], tallied: set[Measure]) -> bool:
        """Adds a place that was tallied at before the configuration was changed, if it has a name that can be told."""
        camera, name = where
        try:
            place_name(camera)
            place_name(name)
        except ValueError:
            return False
        cameras = self.layout.cameras
        if camera not in cameras:
            cameras = (*cameras, camera)
        if len(cameras) > MOST_CAMERAS:
            return False
        place = PlaceName(camera, name, _kind(tallied))
        self.layout = msgspec.structs.replace(self.layout, cameras=cameras, places=(*self.layout.places, place))
        return True


def _kind(tallied: set[Measure]) -> Literal["line", "zone", "shelf"]:
    if tallied & set(SHELF_MEASURES):
        return "shelf"
    return "line" if tallied <= {*LINE_MEASURES, *MASK_MEASURES} else "zone"


def _row(one: Due, place: int) -> Row:
    assert one.total_milli is not None
    assert one.exposure_milli is not None
    measure, exposure = Measure(one.measure), one.exposure_milli
    if measure not in SHELF_MEASURES and not measure.per_person:
        # Windows that a clock was set back in can be seen longer than they are.
        exposure = min(exposure, one.width_s * _MILLI)
    return Row(
        place,
        one.measure,
        one.part,
        one.start_unix_s,
        one.width_s,
        one.run,
        1 if one.unsafe else 0,
        one.total_milli,
        exposure,
    )
