"""Who answers a call for ONVIF cameras on this computer's own networks (WS-Discovery). Nobody else is asked anything.

One question by multicast, which no router passes on (its time to live is 1), and what came back. No answer is followed:
an address that a device names is shown, and marked where it is not the device's own.
"""

import asyncio
import fcntl
import ipaddress
import socket
import struct
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import onveef.wsdiscovery as ws

from passerby.audit.untrusted import clean

_TYPES = "dn:NetworkVideoTransmitter"  # ONVIF Core Specification, 7.3.1: what a camera must answer to
_GROUP = (ws.WS_DISCOVERY_ADDRESS, ws.WS_DISCOVERY_PORT)
_CALLS = 2  # a datagram may be lost
_MOST = 1000
_SIOCGIFADDR, _SIOCGIFNETMASK = 0x8915, 0x891B  # netdevice(7)


@dataclass(frozen=True, slots=True)
class Network:
    """An interface of this computer, and the network that it is in."""

    interface: str
    address: ipaddress.IPv4Interface


@dataclass(frozen=True, slots=True)
class Found:
    """One device that answered. Its texts are its own, cleaned.

    Attributes:
        address: that the answer came from.
        onvif: address of its device service, on that same host; None where it names none there.
        remarks: what is odd about the answer, in plain words.
    """

    address: str
    name: str
    hardware: str
    location: str
    onvif: str | None
    remarks: tuple[str, ...] = ()


def networks() -> list[Network]:
    """This computer's IPv4 interfaces, loopback too."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            try:
                address, mask = (_inet(asking, name, what) for what in (_SIOCGIFADDR, _SIOCGIFNETMASK))
            except OSError:
                continue  # it has no IPv4 address
            found.append(Network(name, ipaddress.IPv4Interface(f"{address}/{mask}")))
    return found


def _inet(asking: socket.socket, name: str, what: int) -> str:
    answer = fcntl.ioctl(asking.fileno(), what, struct.pack("256s", name.encode()[:15]))
    return socket.inet_ntoa(answer[20:24])


async def discover(where: list[Network], timeout_s: float) -> tuple[list[Found], list[Network]]:
    """Calls on networks and collects who answers.

    Args:
        where: the networks.
        timeout_s: how long to listen.

    Returns:
        Who answered, in order of addresses; and the networks on which nothing could be sent.
    """
    loop = asyncio.get_running_loop()
    callers: list[tuple[asyncio.DatagramTransport, _Caller]] = []
    deaf: list[Network] = []
    with ExitStack() as stack:
        for network in where:
            try:
                calling = _socket(network)
            except OSError:
                deaf.append(network)
                continue
            caller = _Caller(network)
            transport, _ = await loop.create_datagram_endpoint(lambda one=caller: one, sock=calling)  # type: ignore[misc]
            stack.callback(transport.abort)
            callers.append((transport, caller))
        for _ in range(_CALLS):
            for transport, _caller in callers:
                question = ws.build_probe(message_id=f"urn:uuid:{uuid.uuid4()}", types=_TYPES)
                transport.sendto(question.encode(), _GROUP)
            await asyncio.sleep(timeout_s / _CALLS)
    found = {(one.address, one.onvif, one.name): one for _, caller in callers for one in caller.found.values()}
    deaf += [caller.network for _, caller in callers if caller.deaf]
    return sorted(found.values(), key=lambda one: ipaddress.ip_address(one.address)), deaf


def _socket(network: Network) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        address = str(network.address.ip)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        made.bind((address, 0))
    except OSError:
        made.close()
        raise
    return made


class _Caller(asyncio.DatagramProtocol):
    """Hears the answers of one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.found: dict[tuple[str, str], Found] = {}
        self.deaf = False

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Each datagram holds one answer or more; what is none is left out."""
        for device in ws.parse_probe_matches(data.decode("utf-8", errors="replace")):
            if len(self.found) < _MOST:
                self.found[addr[0], device.endpoint_reference] = _described(device, addr[0], self.network)

    def error_received(self, exc: Exception) -> None:
        """Nothing can be sent here."""
        del exc
        self.deaf = True


def _described(device: ws.DiscoveredDevice, sender: str, network: Network) -> Found:
    remarks = []
    if ipaddress.ip_address(sender) not in network.address.network:
        remarks.append(f"answered from outside of {network.address.network}")
    own = next((one for one in device.xaddrs if _host_of(one) == sender), None)
    foreign = [clean(one) for one in device.xaddrs if _host_of(one) != sender and not _is_ipv6(_host_of(one))]
    if foreign:
        remarks.append(f"names an address that is not its own: {clean(', '.join(foreign))}")
    elif own is None:
        remarks.append("names no address of its own")
    name, hardware, location = (clean(unquote(text)) for text in (device.name, device.hardware, device.location))
    return Found(sender, name, hardware, location, own, tuple(remarks))


def _host_of(url: str) -> str | None:
    """The host of a plain address of HTTP; None for anything else."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and url == clean(url) and url.isascii()
    return parts.hostname if plain else None


def _is_ipv6(host: str | None) -> bool:
    """Whether it is an IPv6 address: cameras name one beside that of IPv4, and whose it is cannot be told here."""
    return host is not None and ":" in host
