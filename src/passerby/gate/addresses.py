"""Addresses that nothing in passerby is sent to, whoever writes them.

Cameras, brokers and hubs are in private networks, at this machine, and, without DHCP, on link-local addresses: none of
that is refused. Where a cloud tells its machines their secrets there is never one of them.
"""

import ipaddress
import socket

METADATA = "there a cloud tells its machines their secrets; no camera, hub or receiver is there"
"""Why such an address is refused."""
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254"))
)
_NAMES = frozenset(("metadata.google.internal", "metadata.goog", "instance-data"))


def is_metadata(host: str) -> bool:
    """Whether a host is the metadata service of a cloud, however its address is written.

    Args:
        host: a name or an address, without brackets.
    """
    if host.lower().rstrip(".") in _NAMES:
        return True
    address = _address(host)
    if isinstance(address, ipaddress.IPv6Address):
        return (address.ipv4_mapped or address) in _METADATA
    return address in _METADATA


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))  # as resolvers read it: 2852039166, 0xa9.254.169.254
    except (OSError, UnicodeEncodeError):
        return None
