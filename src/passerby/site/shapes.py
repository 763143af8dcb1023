"""Lines and zones as they are written on the command line."""

import re
from collections.abc import Callable
from typing import TypeVar

from passerby.core.geometry import Line, Zone
from passerby.errors import ConfigError
from passerby.gate.messages import LinePlan, ZonePlan

_Plan = TypeVar("_Plan")

_NUMBER = re.compile(r"^(-?\d+(?:\.\d*)?|-?\.\d+)(px)?$")
_LINE_FORM = "write it as NAME=x1,y1:x2,y2 with fractions from 0 to 1, or with pixels: 560px,100px:560px,575px"
_ZONE_FORM = "write it as NAME=x,y:x,y:x,y with three corners or more, in fractions from 0 to 1 or pixels (560px,100px)"


def parse_places(lines: list[str], zones: list[str]) -> tuple[tuple[LinePlan, ...], tuple[ZonePlan, ...]]:
    """Reads the lines and zones of a command.

    Raises:
        ConfigError: with every mistake at once.
    """
    problems: list[str] = []
    line_plans = [line for text in lines if (line := _caught(_line, text, problems))]
    zone_plans = [zone for text in zones if (zone := _caught(_zone, text, problems))]
    names = [line.name for line in line_plans] + [zone.name for zone in zone_plans]
    problems += [f"the name {name!r} stands twice; give each line and zone its own." for name in _repeated(names)]
    if not lines and not zones:
        problems.append("nothing to count: give a --line NAME=x1,y1:x2,y2 or a --zone NAME=x,y:x,y:x,y.")
    if problems:
        raise ConfigError(problems)
    return tuple(line_plans), tuple(zone_plans)


def _caught(read: Callable[[str], _Plan], text: str, problems: list[str]) -> _Plan | None:
    try:
        return read(text)
    except ValueError as error:
        problems.append(str(error))
        return None


def _line(text: str) -> LinePlan:
    name, points, in_px = _points(f"--line {text}", text, _LINE_FORM)
    if len(points) != 2:
        raise ValueError(f"--line {text}: a line has two points; {_LINE_FORM}.")
    if not in_px:
        Line(name, points[0], points[1])
    elif points[0] == points[1]:
        raise ValueError(f"--line {text}: both ends are the same point.")
    return LinePlan(name, points[0], points[1], in_px)


def _zone(text: str) -> ZonePlan:
    name, points, in_px = _points(f"--zone {text}", text, _ZONE_FORM)
    if len(set(points)) < 3:
        raise ValueError(f"--zone {text}: a zone has three different corners or more; {_ZONE_FORM}.")
    if not in_px:
        Zone(name, points)
    return ZonePlan(name, points, in_px)


def _points(what: str, text: str, form: str) -> tuple[str, tuple[tuple[float, float], ...], bool]:
    name, _, rest = text.partition("=")
    if not name.strip() or not rest:
        raise ValueError(f"{what}: it has no name or no points; {form}.")
    found = [[_NUMBER.match(number.strip()) for number in point.split(",")] for point in rest.split(":")]
    if any(len(point) != 2 or None in point for point in found):
        raise ValueError(f"{what}: a point cannot be read; {form}.")
    numbers = [[match for match in point if match] for point in found]
    units = {bool(match[2]) for point in numbers for match in point}
    if len(units) != 1:
        raise ValueError(f"{what}: it mixes fractions and pixels; {form}.")
    points = tuple((float(x[1]), float(y[1])) for x, y in numbers)
    in_px = units.pop()
    if not in_px and any(value > 1 for point in points for value in point):
        raise ValueError(f"{what}: a fraction is larger than 1; for pixels write px behind each number, such as 560px.")
    if min(min(point) for point in points) < 0:
        raise ValueError(f"{what}: a point is outside the picture, whose coordinates begin at 0.")
    return name.strip(), points, in_px


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
