"""The sentences of a heat map."""

from collections.abc import Sequence
from datetime import tzinfo

from passerby.core.tallies import HEAT_COLUMNS, HEAT_ROWS
from passerby.records.page.words import NOT_SEEN, number, span
from passerby.site.reports import Heat, HeatWindow

TODAY = "Today so far"
MEANING = "Each cell shows the minutes that all people together spent in it. There is no picture behind it."


def empty(minimum_people: int) -> str:
    """What an empty cell is."""
    return f"Empty: fewer than {number(minimum_people)} people in an hour, or nobody"


def hour(one: HeatWindow, zone: tzinfo | None) -> str:
    """Which hour."""
    return span(one.window.start_unix_s, one.window.width_s, zone)


def most(heat: Heat) -> float:
    """Person-minutes of the fullest cell; 0 where all are empty."""
    return max((cell for row in heat.person_seconds for cell in row if cell is not None), default=0.0) / 60


def scale_end(heat: Heat) -> str:
    """What the strongest colour stands for."""
    return f"{minutes(60 * most(heat))} person-minutes"


def minutes(person_seconds: float) -> str:
    """Person-minutes of a cell: whole, or one decimal where they are few; little is not nothing."""
    value = person_seconds / 60
    if 0 < value < 0.05:
        return "under 0.1"
    return number(value) if value >= 10 or not value else f"{value:.1f}"


def summary(heat: Heat, camera: str, when: str) -> str:
    """The map in one sentence, for those who do not see it."""
    told = [(cell, row, column) for row, cells in enumerate(heat.person_seconds) for column, cell in enumerate(cells)
            if cell is not None]  # fmt: skip
    what = f"Where people were, camera {camera}, {when[:1].lower()}{when[1:]}"
    if not told:
        return f"{what}: {NOT_SEEN if not heat.observed_s else 'no cell with enough people'}"
    cell, row, column = max(told)
    down = _third(row, HEAT_ROWS, ("top", "middle", "bottom"))
    across = _third(column, HEAT_COLUMNS, ("left", "centre", "right"))
    return f"{what}; most at the {down} {across}, with {minutes(cell)} person-minutes in one cell"


def _third(index: int, length: int, names: Sequence[str]) -> str:
    return names[index * len(names) // length]
