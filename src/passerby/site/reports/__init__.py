"""Reports over the store: what the page draws and the API answers. All of them read, and keep nothing."""

from passerby.site.reports.asked import WHOLE_SITE, Asked, Window
from passerby.site.reports.heat import Heat, HeatReport, HeatWindow, heat_cameras, heat_report
from passerby.site.reports.masks import MaskReport, MaskSeries, MaskWindow, mask_report
from passerby.site.reports.shelf_now import ShelvesNow
from passerby.site.reports.shelves import ShelfReport, ShelvesReport, shelf_report
from passerby.site.reports.zones import (
    QueueFigures,
    Stays,
    ZoneFigures,
    ZoneReport,
    ZoneSeries,
    ZoneWindow,
    zone_report,
)

__all__ = [
    "WHOLE_SITE",
    "Asked",
    "Heat",
    "HeatReport",
    "HeatWindow",
    "MaskReport",
    "MaskSeries",
    "MaskWindow",
    "QueueFigures",
    "ShelfReport",
    "ShelvesNow",
    "ShelvesReport",
    "Stays",
    "Window",
    "ZoneFigures",
    "ZoneReport",
    "ZoneSeries",
    "ZoneWindow",
    "heat_cameras",
    "heat_report",
    "mask_report",
    "shelf_report",
    "zone_report",
]
