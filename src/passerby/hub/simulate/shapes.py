"""Shapes of a week, from real counts of Auckland (shapes.csv says whose, and under which licence)."""

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

HOURS = 168
"""Of a week, Monday 00:00 first, local time."""

_Floats = NDArray[np.float64]


@cache
def shapes() -> dict[str, _Floats]:
    """By name, float64 (168,): the share of a week's people who come in each hour; sums to 1."""
    text = resources.files(__package__).joinpath("shapes.csv").read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines() if not line.startswith("#")]
    table = np.array(lines[1:], dtype=np.float64)
    return {name: column / column.sum() for name, column in zip(lines[0][1:], table.T[1:], strict=True)}


def at(shape: str, hour_of_week: _Floats) -> _Floats:
    """Share of a week's people for each hour at moments of the week; courses between the hours are straight.

    Args:
        shape: one of `shapes()`.
        hour_of_week: float64 (n,), 0..168, local time.

    Returns:
        float64 (n,), a share an hour.
    """
    return np.interp(hour_of_week, np.arange(HOURS) + 0.5, shapes()[shape], period=HOURS)
