"""Shores and borders behind the venues of a map, so that one sees where they are: Natural Earth, 1:110 million.

They are shown where a map spans enough of the world; closer by they would be wrong by more than they help. The file is
made by `scripts/outlines.py`.
"""

import json
import math
from functools import cache
from pathlib import Path

from passerby.records.page.chart import Options

LEAST_DEGREES = 4.0
"""Height of the smallest map that has them."""
_FILE = Path(__file__).with_suffix(".json")
_DETAIL = 200
"""A point is left out that is nearer to the one before than this part of the map's height."""
Point = tuple[float, float]


@cache
def _lines() -> tuple[tuple[Point, ...], ...]:
    read = json.loads(_FILE.read_text(encoding="ascii"))
    return tuple(tuple(zip((x / 100 for x in one[::2]), (y / 100 for y in one[1::2]), strict=True)) for one in read)


def outlines_in(west: float, south: float, east: float, north: float) -> list[list[Point]]:
    """Lines that meet a part of the world in degrees, each of longitude and latitude, no finer than can be seen."""
    if north - south < LEAST_DEGREES:
        return []
    step = (north - south) / _DETAIL
    met = (
        _coarse(line, step)
        for line in _lines()
        if min(x for x, _ in line) <= east
        and max(x for x, _ in line) >= west
        and min(y for _, y in line) <= north
        and max(y for _, y in line) >= south
    )
    return [line for line in met if len(line) > 2 or math.dist(*line) >= step]


def _coarse(line: tuple[Point, ...], step: float) -> list[Point]:
    kept = [line[0]]
    for point in line[1:-1]:
        if math.dist(point, kept[-1]) >= step:
            kept.append(point)
    return [*kept, line[-1]]


def series(lines: list[list[Point]], colour: str) -> Options:
    """The lines as a series of ECharts, behind all else."""
    return {
        "type": "lines", "coordinateSystem": "cartesian2d", "polyline": True, "silent": True, "z": 0, "clip": True,
        "lineStyle": {"color": colour, "width": 1, "opacity": 1}, "data": [{"coords": line} for line in lines],
    }  # fmt: skip
