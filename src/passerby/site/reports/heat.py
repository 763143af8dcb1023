"""Where people are in the picture of one camera, hour by hour, on a coarse grid."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from passerby.core.tallies import HEAT_COLUMNS, HEAT_ROWS, HEAT_WINDOW_S, PICTURE, Measure, Tally
from passerby.site.figures import Settings
from passerby.site.reports.asked import Asked, Window, by_window, read, rounded
from passerby.site.store import Store

Grid = tuple[tuple[float | None, ...], ...]
"""18 rows of 32 cells, the first at the top left of the picture."""


@dataclass(frozen=True, slots=True)
class Heat:
    """A map.

    Attributes:
        observed_s: seconds that the picture was seen; 0 means "not seen", which is not "nobody".
        person_seconds: of each cell; None where fewer people than the minimum were in an hour, or nobody. A sum of
            hours adds those that are told, so it can be too low, never too high.
    """

    observed_s: float
    person_seconds: Grid

    @property
    def mean_people(self) -> Grid:
        """Mean number of people in each cell while the picture was seen; None as in `person_seconds`."""
        return tuple(
            tuple(None if cell is None or not self.observed_s else cell / self.observed_s for cell in row)
            for row in self.person_seconds
        )

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {"observed_s": rounded(self.observed_s, 1), "person_seconds": [list(row) for row in self.person_seconds]}


@dataclass(frozen=True, slots=True)
class HeatWindow:
    """One hour, or several."""

    window: Window
    heat: Heat


@dataclass(frozen=True, slots=True)
class HeatReport:
    """The maps of one camera.

    Attributes:
        camera: which.
        minimum_people: of a cell with fewer people in an hour nothing is told.
        sum: all hours of the span.
        windows: those in which anything was seen, the earliest first.
    """

    camera: str
    minimum_people: int
    sum: Heat
    windows: tuple[HeatWindow, ...]

    def as_dict(self, zone: tzinfo | None = None) -> dict[str, Any]:
        """As the API writes it."""
        mean_people = [[rounded(cell) for cell in row] for row in self.sum.mean_people]
        return {
            "camera": self.camera,
            "rows": HEAT_ROWS,
            "columns": HEAT_COLUMNS,
            "minimum_people": self.minimum_people,
            "sum": {**self.sum.as_dict(), "mean_people": mean_people},
            "windows": [{**one.window.as_dict(zone), **one.heat.as_dict()} for one in self.windows],
        }


def heat_report(store: Store, camera: str, asked: Asked, settings: Settings) -> HeatReport:
    """Reads the store, and tells where people were.

    Args:
        store: where tallies are.
        camera: which.
        asked: the span; windows narrower than an hour are taken as hours.
        settings: of the site.

    Raises:
        StoreError: the store cannot be read.
    """
    hours = replace(asked, camera=camera, subject=None, width_s=max(asked.width_s or 0, HEAT_WINDOW_S))
    cells = by_window(read(store, hours, (camera, PICTURE), (Measure.HEAT,)))
    seen_s = _seen(
        tally
        for measure in (Measure.PEOPLE, Measure.CROSSINGS_IN)
        for place in hours.places(settings, measure)
        for tally in read(store, hours, place, (measure,))
    )
    windows = sorted({*cells, *seen_s}, key=lambda window: window.start_unix_s)
    maps = tuple(HeatWindow(window, _heat(cells.get(window, []), seen_s.get(window, 0.0))) for window in windows)
    everything = [tally for group in cells.values() for tally in group]
    total = _heat(everything, sum(one.heat.observed_s for one in maps))
    return HeatReport(camera, settings.heat_minimum, total, maps)


def heat_cameras(settings: Settings) -> tuple[str, ...]:
    """Cameras that keep a heat map, in the order of the configuration."""
    return tuple(plan.name for plan in settings.plans if plan.heat_minimum is not None and not settings.site_only)


def _seen(tallies: Iterable[Tally]) -> dict[Window, float]:
    """Seconds seen in each window: an hour without people has no cell that could tell it, but lines and zones do."""
    return {
        window: seen_s
        for window, group in by_window(tallies).items()
        if (seen_s := max(tally.exposure for tally in group)) > 0
    }


def _heat(cells: list[Tally], seen_s: float) -> Heat:
    grid: list[list[float | None]] = [[None] * HEAT_COLUMNS for _ in range(HEAT_ROWS)]
    for tally in cells:
        row, column = divmod(tally.part, HEAT_COLUMNS)
        grid[row][column] = (grid[row][column] or 0.0) + tally.total
    observed_s = max([seen_s, *(tally.exposure for tally in cells)])
    return Heat(observed_s, tuple(tuple(row) for row in grid))
