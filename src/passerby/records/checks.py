"""Checks of single values of a configuration. Each raises ValueError with what to write instead."""

import ipaddress
import re
import zoneinfo
from typing import Any

from passerby.gate.addresses import METADATA, is_metadata

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
    return refuse_metadata(value)


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
    return refuse_metadata(value)


def refuse_metadata(host: str) -> str:
    """A host that is not where a cloud tells its machines their secrets."""
    if is_metadata(host):
        raise ValueError(METADATA)
    return host


def time_of_day(value: Any) -> Any:
    """A time such as "06:00". Without quotes, YAML reads 10:30 as a number."""
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('write hours and minutes in quotes, such as "06:00"')
    return value
