"""Places as they are written on the command line."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from passerby.core.geometry import Line, Zone
from passerby.core.polygons import crossing_words
from passerby.core.visits import Queue
from passerby.errors import ConfigError
from passerby.gate.messages import Corners, LinePlan, QueuePlan, ZonePlan

_Read = TypeVar("_Read")

_NUMBER = re.compile(r"^(-?\d+(?:\.\d*)?|-?\.\d+)(px)?$")
_LINE_FORM = "write it as NAME=x1,y1:x2,y2 with fractions from 0 to 1, or with pixels: 560px,100px:560px,575px"
_ZONE_FORM = "write it as NAME=x,y:x,y:x,y with three corners or more, in fractions from 0 to 1 or pixels (560px,100px)"
_QUEUE_FORM = "write it as ZONE=x,y:x,y, where people are served and where they join, in the units of the zone"
_AREA_FORM = "write it as x,y:x,y:x,y with three corners or more, in fractions from 0 to 1"
_LIMIT_FORM = "write it as ZONE=20, the name of a zone and how many people may be in it"
_MAX_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Written:
    """Places as a command has them, each a text.

    Attributes:
        lines, zones: NAME=points.
        queues: ZONE=head:tail.
        crowd_limits: ZONE=people.
        staff_areas, privacy_masks: points.
        masks: ask for masks at every line and zone.
    """

    lines: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    crowd_limits: tuple[str, ...] = ()
    staff_areas: tuple[str, ...] = ()
    privacy_masks: tuple[str, ...] = ()
    masks: bool = False


@dataclass(frozen=True, slots=True)
class Shapes:
    """Places as a plan has them."""

    lines: tuple[LinePlan, ...]
    zones: tuple[ZonePlan, ...]
    staff_areas: tuple[Corners, ...] = ()
    privacy_masks: tuple[Corners, ...] = ()


def parse_places(written: Written, *, nothing_else: bool = True) -> Shapes:
    """Reads the places of a command.

    Args:
        written: the texts.
        nothing_else: whether there is nothing to count without a line or a zone.

    Raises:
        ConfigError: with every mistake at once.
    """
    problems: list[str] = []
    lines = [line for text in written.lines if (line := _caught(_line, text, problems))]
    zones = {zone.name: zone for text in written.zones if (zone := _caught(_zone, text, problems))}
    names = [text.partition("=")[0].strip() for text in (*written.lines, *written.zones)]
    problems += [f"the name {name!r} stands twice; give each line and zone its own." for name in _repeated(names)]
    for option, texts in (("--queue", written.queues), ("--crowd-limit", written.crowd_limits)):
        again = _repeated([text.partition("=")[0].strip() for text in texts])
        problems += [f"{option} {name}: given twice for one zone; keep one of them." for name in again]
    for text in written.queues:
        _caught(lambda text: _add_queue(text, zones), text, problems)
    for text in written.crowd_limits:
        _caught(lambda text: _add_limit(text, zones), text, problems)
    staff = [_caught(lambda text: _area("--staff-area", text), text, problems) for text in written.staff_areas]
    blank = [_caught(lambda text: _area("--privacy-mask", text), text, problems) for text in written.privacy_masks]
    if nothing_else and not written.lines and not written.zones:
        problems.append("nothing to count: give a --line NAME=x1,y1:x2,y2 or a --zone NAME=x,y:x,y:x,y.")
    if problems:
        raise ConfigError(problems)
    return Shapes(
        tuple(msgspec.structs.replace(line, masks=written.masks) for line in lines),
        tuple(msgspec.structs.replace(zone, masks=written.masks) for zone in zones.values()),
        tuple(filter(None, staff)),
        tuple(filter(None, blank)),
    )


def _caught(read: Callable[[str], _Read], text: str, problems: list[str]) -> _Read | None:
    try:
        return read(text)
    except ValueError as error:
        problems.append(str(error))
        return None


def _line(text: str) -> LinePlan:
    name, points, in_px = _named(f"--line {text}", text, _LINE_FORM)
    if len(points) != 2:
        raise ValueError(f"--line {text}: a line has two points; {_LINE_FORM}.")
    if not in_px:
        Line(name, points[0], points[1])
    elif points[0] == points[1]:
        raise ValueError(f"--line {text}: both ends are the same point.")
    return LinePlan(name, points[0], points[1], in_px)


def _zone(text: str) -> ZonePlan:
    name, points, in_px = _named(f"--zone {text}", text, _ZONE_FORM)
    _check_polygon(f"--zone {text}", points, _ZONE_FORM)
    if not in_px:
        Zone(name, points)
    return ZonePlan(name, points, in_px)


def _area(option: str, text: str) -> Corners:
    what = f"{option} {text}"
    points, in_px = _points(what, text, _AREA_FORM)
    if in_px:
        raise ValueError(f"{what}: only fractions are read here; {_AREA_FORM}.")
    _check_polygon(what, points, _AREA_FORM)
    Zone("area", points)
    return points


def _check_polygon(what: str, points: Corners, form: str) -> None:
    if len(set(points)) < 3:
        raise ValueError(f"{what}: three different corners or more are needed; {form}.")
    crossing = crossing_words(points)
    if crossing:
        raise ValueError(f"{what}: {crossing}.")


def _add_queue(text: str, zones: dict[str, ZonePlan]) -> None:
    what = f"--queue {text}"
    name, points, in_px = _named(what, text, _QUEUE_FORM)
    zone = _known(what, name, zones)
    if len(points) != 2 or points[0] == points[1] or in_px != zone.in_px:
        raise ValueError(f"{what}: a queue has two different points; {_QUEUE_FORM}.")
    if not in_px:
        Queue(*points)
    zones[name] = msgspec.structs.replace(zone, queue=QueuePlan(points[0], points[1]))


def _add_limit(text: str, zones: dict[str, ZonePlan]) -> None:
    what = f"--crowd-limit {text}"
    name, _, number = (part.strip() for part in text.partition("="))
    if not number.isdecimal() or not 1 <= int(number) <= _MAX_LIMIT:
        raise ValueError(f"{what}: {_LIMIT_FORM}.")
    zones[name] = msgspec.structs.replace(_known(what, name, zones), crowd_limit=int(number))


def _known(what: str, name: str, zones: dict[str, ZonePlan]) -> ZonePlan:
    if name not in zones:
        known = ", ".join(zones) or "none is given; add --zone"
        raise ValueError(f"{what}: there is no zone {name!r}; zones: {known}.")
    return zones[name]


def _named(what: str, text: str, form: str) -> tuple[str, Corners, bool]:
    name, _, rest = text.partition("=")
    if not name.strip() or not rest:
        raise ValueError(f"{what}: it has no name or no points; {form}.")
    return name.strip(), *_points(what, rest, form)


def _points(what: str, text: str, form: str) -> tuple[Corners, bool]:
    found = [[_NUMBER.match(number.strip()) for number in point.split(",")] for point in text.split(":")]
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
    return points, in_px


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
