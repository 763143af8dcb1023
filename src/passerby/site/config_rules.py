"""Checks of what a site says of its cameras and places; each raises ValueError with what to write instead."""

from typing import Any
from urllib.parse import urlsplit

from passerby.core.polygons import crossing_words
from passerby.records.reading import Document, Location, Problem, path_text


def multiples_of_32(value: tuple[int, int]) -> tuple[int, int]:
    """An input size that detectors with a stride of 32 can take."""
    if value[0] % 32 or value[1] % 32:
        raise ValueError("both must be multiples of 32, such as [416, 256]")
    return value


def camera_source(value: str) -> str:
    """An RTSP address or a file. What is wrong is said without the value, which may hold a password."""
    if not value.isprintable() or value != value.strip():
        raise ValueError("write one line without spaces around it")
    if "://" not in value:
        return value
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise ValueError("not a valid address; write rtsp://host:554/path") from None
    if url.scheme.lower() not in ("rtsp", "rtsps"):
        raise ValueError("only rtsp:// and rtsps:// are read from the network; write rtsp://host:554/path, or a file")
    if "@" in url.netloc:
        raise ValueError(
            "credentials must not stand in the address; write rtsp://host:554/path and beside it "
            "credentials: {username: ..., password_file: ...}"
        )
    if not url.hostname or port == 0:
        raise ValueError("the host or the port is missing; write rtsp://host:554/path")
    return value


def simple_polygon(value: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Corners in an order in which no two edges cross."""
    crossing = crossing_words(value)
    if crossing is not None:
        raise ValueError(crossing)
    return value


def unknown_places(document: Document) -> list[Problem]:
    """Lines and zones that belong to a place that is not in `places`."""
    names = [place.get("name") for place in _list(document.data, "places") if isinstance(place, dict)]
    known = ", ".join(name for name in names if isinstance(name, str)) or "none"
    problems = []
    for i, camera in enumerate(_list(document.data, "cameras")):
        for kind in ("lines", "zones"):
            for j, shape in enumerate(_list(camera, kind)):
                place = shape.get("place") if isinstance(shape, dict) else None
                if isinstance(place, str) and place not in names:
                    where = ("cameras", i, kind, j, "place")
                    text = f"there is no place {place}; add it to places, where there is: {known}"
                    problems.append((document.line(where), f"{path_text(where)}: {text}"))
    return problems


def places_of_nothing(document: Document) -> list[Problem]:
    """Places of which nothing could ever be told."""
    cameras = _list(document.data, "cameras")
    lines, zones = (
        {shape.get("place") for one in cameras for shape in _list(one, kind) if isinstance(shape, dict)}
        for kind in ("lines", "zones")
    )
    problems = []
    for i, place in enumerate(_list(document.data, "places")):
        name = place.get("name") if isinstance(place, dict) else None
        if not isinstance(name, str):
            continue
        text = _says_nothing(name, place.get("zones_see_all") is True, name in lines, name in zones)
        if text:
            problems.append((document.line(("places", i)), f"{path_text(('places', i))}: {text}"))
    return problems


def _says_nothing(name: str, zones_see_all: bool, has_lines: bool, has_zones: bool) -> str | None:
    if not has_lines and not has_zones:
        return f"no line or zone belongs to it; write place: {name} at its lines or zones"
    if zones_see_all and not has_zones:
        return f"zones_see_all needs zones; write place: {name} at those that see it, or take zones_see_all away"
    if not has_lines and not zones_see_all:
        return f"it has zones alone; write zones_see_all: true if they see all of it, or place: {name} at its lines"
    return None


def repeated_names(document: Document) -> list[Problem]:
    """Names given twice: of cameras and places in the site, of lines and zones in one camera."""
    data = document.data
    cameras = _list(data, "cameras")
    problems = _repeats(document, [(("cameras", i), camera) for i, camera in enumerate(cameras)], "camera")
    problems += _repeats(document, [(("places", i), one) for i, one in enumerate(_list(data, "places"))], "place")
    for i, camera in enumerate(cameras):
        places: list[tuple[Location, Any]] = [
            (("cameras", i, kind, j), place)
            for kind in ("lines", "zones", "shelves")
            for j, place in enumerate(_list(camera, kind))
        ]
        problems += _repeats(document, places, "line, zone or shelf of this camera")
    return problems


def _list(data: Any, key: str) -> list[Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, list) else []


def _repeats(document: Document, parts: list[tuple[Location, Any]], what: str) -> list[Problem]:
    first: dict[str, str] = {}
    problems = []
    for location, part in parts:
        name = part.get("name") if isinstance(part, dict) else None
        if not isinstance(name, str):
            continue
        place = (*location, "name")
        if name.casefold() in first:
            text = f"another {what} has this name ({first[name.casefold()]}); give it one of its own"
            problems.append((document.line(place), f"{path_text(place)}: {text}"))
        first.setdefault(name.casefold(), path_text(place))
    return problems
