"""What each key of a shelf changes; see `tests.support.config_effects`."""

from collections.abc import Callable

from passerby.site.config import SiteConfig, camera_plan
from passerby.site.settings import shelf_settings


def _shelf(**changes: str) -> str:
    corners = {"corners": "[[0.4, 0.8], [0.6, 0.8], [0.6, 0.98], [0.4, 0.98]]", "rows": "2", "columns": "3"}
    keys = {"name": "crisps", "aisle": "first", **corners, "confirm_s": "60", "look_every_s": "10"} | changes
    written = ", ".join(f"{key}: {value}" for key, value in keys.items() if value)
    return f"\n    shelves: [{{{written}}}]"


def _drawn(corners: str) -> str:
    return _shelf(corners="", rows="", columns="", facings=f"[{{corners: {corners}}}]")


def _plan(config: SiteConfig) -> object:
    return camera_plan(config.cameras[0], config).shelves


_SQUARE = "[[0.4, 0.8], [0.5, 0.8], [0.5, 0.9], [0.4, 0.9]]"
SHELF_VALUES = {"shelves": _shelf()}
SHELF_EFFECTS: dict[str, tuple[dict[str, str], Callable[[SiteConfig], object]]] = {
    "Camera.shelves": ({"shelves": ""}, _plan),
    "ShelfShape.name": ({"shelves": _shelf(name="tea")}, _plan),
    "ShelfShape.aisle": ({"shelves": _shelf(aisle="second")}, shelf_settings),
    "ShelfShape.corners": ({"shelves": _shelf(corners=_SQUARE)}, _plan),
    "ShelfShape.rows": ({"shelves": _shelf(rows="1")}, _plan),
    "ShelfShape.columns": ({"shelves": _shelf(columns="1")}, _plan),
    "ShelfShape.facings": ({"shelves": _drawn(_SQUARE)}, _plan),
    "ShelfShape.confirm_s": ({"shelves": _shelf(confirm_s="120")}, _plan),
    "ShelfShape.look_every_s": ({"shelves": _shelf(look_every_s="20")}, _plan),
    "FacingShape.corners": ({"shelves": _drawn(_SQUARE)}, _plan),
}
