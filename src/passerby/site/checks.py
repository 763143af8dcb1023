"""Checks of single values of the configuration. Each raises ValueError with what to write instead."""

import ipaddress
import re
import zoneinfo
from typing import Any
from urllib.parse import urlsplit

from passerby.core.polygons import crossing_words
from passerby.site.reading import Document, Location, Problem, path_text

_PLACE_NAME = re.compile(r"[^\W_][\w .,:'()&/+-]*")
_TOPIC_PREFIX = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?", re.IGNORECASE)


def plain_text(value: str | None) -> str | None:
    """A text of one line."""
    if value is not None and (not value.isprintable() or value != value.strip()):
        raise ValueError("write one line of plain text, without spaces around it")
    return value


def place_name(value: str) -> str:
    """A name that a table, a chart and a spreadsheet show as it is (a spreadsheet reads `=...` as a formula)."""
    if not _PLACE_NAME.fullmatch(value) or value != value.strip():
        raise ValueError(
            "begin with a letter or digit; then letters, digits, spaces and . , : ' ( ) & / + - _ are good"
        )
    return value


def file_name(value: str | None) -> str | None:
    """A name without folders."""
    if value is not None and ("/" in value or value in (".", "..")):
        raise ValueError("write a name, not a path")
    return value


def time_zone(value: str | None) -> str | None:
    """A zone of the IANA database."""
    try:
        zoneinfo.ZoneInfo(value or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; write one such as Europe/Paris, Asia/Tokyo or UTC") from None
    return value


def divides_an_hour(value: int) -> int:
    """A width that fills hours without a rest, so that windows can be rolled up to hours."""
    if value > 0 and 3600 % value:
        raise ValueError("must divide an hour: 60, 300, 600, 900, 1800 or 3600 are good")
    return value


def listen_address(value: str) -> str:
    """An address to listen on."""
    if value != "localhost":
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise ValueError("write an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1") from None
    return value


def host_names(value: tuple[str, ...]) -> tuple[str, ...]:
    """Names without scheme and port."""
    if not all(len(name) <= 253 and _HOST_NAME.fullmatch(name) for name in value):
        raise ValueError("write host names alone, such as counting.example, without http:// and without a port")
    return value


def networks(value: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks, none of them everybody."""
    for one in value:
        try:
            is_all = ipaddress.ip_network(one).prefixlen == 0
        except ValueError:
            raise ValueError("write addresses or networks, such as 127.0.0.1 or 10.0.0.0/24") from None
        if is_all:
            raise ValueError("everybody cannot be trusted; write the addresses of the proxies")
    return value


def broker_host(value: str) -> str:
    """A name or an address alone."""
    if not _HOST_NAME.fullmatch(value):
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise ValueError(
                "write a name or an address alone, such as broker.example, without mqtt:// and without a port"
            ) from None
    return value


def topic_prefix(value: str) -> str:
    """Levels of a topic that need no escaping."""
    if not _TOPIC_PREFIX.fullmatch(value):
        raise ValueError("write letters, digits, . _ and -, with / between levels, such as passerby")
    return value


def mail_host(value: str) -> str:
    """A name or an address of a server."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not _HOST_NAME.fullmatch(value):
            raise ValueError("write the name of the server alone, such as mail.example, without a port") from None
    return value


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


def time_of_day(value: Any) -> Any:
    """A time such as "06:00". Without quotes, YAML reads 10:30 as a number."""
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('write hours and minutes in quotes, such as "06:00"')
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
