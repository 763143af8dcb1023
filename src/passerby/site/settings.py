"""From the configuration to what the page and the API know of it."""

from dataclasses import dataclass

import msgspec

from passerby.core.masks import AIZOO
from passerby.gate.messages import CameraPlan, Corners
from passerby.site.config import SiteConfig, camera_plan
from passerby.site.figures import Settings
from passerby.site.opening import reach
from passerby.site.place_windows import PlaceSettings


@dataclass(frozen=True, slots=True)
class ShelfSettings:
    """A shelf that is watched.

    Attributes:
        camera, shelf: their names.
        aisle: the aisle that availability is told for; None: it has none.
        facings: corners of each in fractions of the picture, in the order of their indices.
        columns: facings side by side in each row; None where they were drawn one by one.
    """

    camera: str
    shelf: str
    aisle: str | None
    facings: tuple[Corners, ...]
    columns: int | None = None

    @property
    def where(self) -> tuple[str, str]:
        """Camera and shelf."""
        return self.camera, self.shelf

    def row_column(self, facing: int) -> tuple[int, int] | None:
        """Row and column of a facing, from 1 at the upper left; None where it was drawn by itself."""
        if self.columns is None:
            return None
        row, column = divmod(facing, self.columns)
        return row + 1, column + 1


def page_settings(config: SiteConfig) -> Settings:
    """What the page and the API know. Under a profile that keeps the whole site alone, they know of no line or zone."""
    plans = tuple(camera_plan(camera, config) for camera in config.cameras)
    asking = [
        (camera.name, place)
        for camera in config.cameras
        for place in (*camera.lines, *camera.zones)
        if place.purpose is not None
    ]
    return Settings(
        plans=tuple(map(_without_places, plans)) if config.profile else plans,
        window_s=config.window_s,
        zone=config.site.zone,
        names=config.web.names,
        minimum_judged=config.masks.minimum_judged,
        heat_minimum=config.heat_map.minimum_people,
        purposes={(camera, place.name): place.purpose or "" for camera, place in asking},
        confusion=AIZOO,
        site_only=config.profile is not None,
        reach=reach(config.web),
    )


def place_settings(config: SiteConfig) -> tuple[PlaceSettings, ...]:
    """The places whose occupancy is told, each with its lines and zones."""
    return tuple(
        PlaceSettings(
            name=place.name,
            lines=tuple(
                (camera.name, one.name) for camera in config.cameras for one in camera.lines if one.place == place.name
            ),
            zones=tuple(
                (camera.name, one.name) for camera in config.cameras for one in camera.zones if one.place == place.name
            ),
            opens=place.opening_time,
            crowd_limit=place.crowd_limit,
            zones_see_all=place.zones_see_all,
        )
        for place in config.places
    )


def shelf_settings(config: SiteConfig) -> tuple[ShelfSettings, ...]:
    """The shelves of all cameras, in the order of the file."""
    return tuple(
        ShelfSettings(camera.name, shelf.name, shelf.aisle, shelf.quads, shelf.columns)
        for camera in config.cameras
        for shelf in camera.shelves
    )


def _without_places(plan: CameraPlan) -> CameraPlan:
    return msgspec.structs.replace(plan, lines=(), zones=(), heat_minimum=None, shelves=())
