"""How a hub is named: its address, as a site's `hub:` and the hub's own configuration have it."""

import ipaddress
from urllib.parse import urlsplit

from passerby.records.checks import refuse_metadata


def hub_address(value: str | None) -> str | None:
    """An address of a hub: scheme, host and perhaps a port."""
    if value is None:
        return None
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise ValueError("not a valid address; write https://hub.example") from None
    if url.scheme not in ("https", "http") or not url.hostname or port == 0:
        raise ValueError("write the scheme and the host, such as https://hub.example")
    if "@" in url.netloc or url.path not in ("", "/") or url.query or url.fragment:
        raise ValueError("write scheme, host and port alone, such as https://hub.example; a hub has a name of its own")
    refuse_metadata(url.hostname)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("write it in ASCII, without spaces")
    return value


def is_encrypted_or_here(url: str) -> bool:
    """Whether what passes to a hub cannot be read on its way: it is encrypted, or does not leave this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
