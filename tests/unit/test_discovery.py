"""`passerby discover`: ipycam's own answerer of WS-Discovery, answers of bad intent, and lines that a site takes.

Other devices on this machine may answer too, so a test looks for its own, for as long as it takes.
"""

import ipaddress
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from passerby.audit.discovery import Found, Network, discover, networks
from passerby.cli.devices import yaml_lines
from passerby.site.config import load
from tests.support import loops
from tests.support.onvif_device import OnvifDevice, Speaking
from tests.support.program import in_words, passerby

LOOPBACK = Network("lo", ipaddress.IPv4Interface("127.0.0.1/8"))
GROUP = "239.255.255.250"
MATCH = (
    '<?xml version="1.0"?>{doctype}<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches><d:ProbeMatch>'
    "<a:EndpointReference><a:Address>urn:uuid:{name}</a:Address></a:EndpointReference>"
    "<d:Scopes>onvif://www.onvif.org/name/{name}</d:Scopes><d:XAddrs>{addresses}</d:XAddrs>"
    "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
)


def match(name: str, addresses: str, doctype: str = "") -> bytes:
    return MATCH.format(name=name, addresses=addresses, doctype=doctype).encode()


@contextmanager
def answering(*datagrams: bytes) -> Iterator[None]:
    """Answers every question on loopback with these."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.bind((GROUP, 3702))
        ear.setsockopt(
            socket.IPPROTO_IP,
            socket.IP_ADD_MEMBERSHIP,
            struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton("127.0.0.1")),
        )
        ear.settimeout(0.1)
        done = threading.Event()

        def answer() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
                mouth.bind(("127.0.0.1", 0))
                while not done.is_set():
                    try:
                        _, who = ear.recvfrom(65535)
                    except TimeoutError:
                        continue
                    for datagram in datagrams:
                        mouth.sendto(datagram, who)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def heard(wanted: Callable[[Found], bool], where: Network = LOOPBACK) -> Found:
    """The first who is wanted of those that answer."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found, _ = loops.run(discover([where], 0.5))
        for one in found:
            if wanted(one):
                return one
    raise AssertionError("it did not answer")


@pytest.fixture(scope="module")
def device() -> Iterator[OnvifDevice]:
    with OnvifDevice(Speaking(name="North%20door", discoverable=True)) as speaking:
        yield speaking


def test_a_device_that_nobody_here_wrote(device: OnvifDevice) -> None:
    found = heard(lambda one: one.onvif == device.url)
    assert (found.address, found.name, found.remarks) == ("127.0.0.1", "North door", ())


def test_the_command_prints_json_and_lines_that_a_site_takes(device: OnvifDevice, tmp_path: Path) -> None:
    until = time.monotonic() + 60
    while True:
        ran = passerby("discover", "--interface", "lo", "--timeout", 1, "--json")
        assert ran.status == 0
        told = json.loads(ran.out)
        if device.url in [one["onvif"] for one in told]:
            break
        assert time.monotonic() < until
    site = tmp_path / "site.yaml"
    site.write_text(
        "cameras:\n" + yaml_lines([Found(**one | {"remarks": tuple(one["remarks"])}) for one in told]) + "\n"
    )
    assert "North door" in [camera.name for camera in load(site).cameras]


def test_an_answer_that_names_another_host_is_marked() -> None:
    with answering(match("liar", "http://203.0.113.9/onvif/device_service")):
        found = heard(lambda one: one.name == "liar")
    assert (found.address, found.onvif) == ("127.0.0.1", None)
    assert found.remarks == ("names an address that is not its own: http://203.0.113.9/onvif/device_service",)


def test_an_address_of_ipv6_beside_its_own_is_no_lie() -> None:
    with answering(match("both", "http://[fe80::1]/onvif http://127.0.0.1:8000/onvif")):
        found = heard(lambda one: one.name == "both")
    assert (found.onvif, found.remarks) == ("http://127.0.0.1:8000/onvif", ())


@pytest.mark.parametrize(
    "address",
    ["", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http://127.0.0.1:99999/", "http://[::1", "javascript:1"],
)
def test_what_is_no_address_is_not_told_as_one(address: str) -> None:
    name = f"odd{abs(hash(address))}"
    with answering(match(name, address)):
        found = heard(lambda one: one.name == name)
    assert found.onvif is None
    assert len(found.remarks) == 1


def test_an_answer_from_outside_of_the_network_is_marked() -> None:
    with answering(match("afar", "http://127.0.0.1/onvif")):
        found = heard(lambda one: one.name == "afar", Network("lo", ipaddress.IPv4Interface("127.0.0.2/32")))
    assert found.remarks == ("answered from outside of 127.0.0.2/32",)


def test_garbage_and_bombs_are_left_out() -> None:
    bomb = "<!DOCTYPE a [" + '<!ENTITY a "aaaa">' + '<!ENTITY b "&a;&a;&a;&a;">' + "]>"
    with answering(b"\x00\xff", b"<a>", match("bomb", "&b;", bomb), b"", match("sane", "http://127.0.0.1/onvif")):
        assert heard(lambda one: one.name == "sane")
        found, _ = loops.run(discover([LOOPBACK], 0.5))
    assert "bomb" not in [one.name for one in found]


def test_a_network_on_which_nothing_can_be_sent_is_told() -> None:
    nowhere = Network("eth9", ipaddress.IPv4Interface("203.0.113.9/24"))
    assert loops.run(discover([nowhere], 0.1)) == ([], [nowhere])


def test_loopback_is_among_the_networks() -> None:
    assert LOOPBACK in networks()


def test_an_interface_that_is_not_there() -> None:
    ran = passerby("discover", "--interface", "nowhere0")
    assert ran.status == 2
    assert "lo" in in_words(ran)


NASTY = [
    Found("10.0.0.7", "Door", "DS-2CD", "Hall", "http://10.0.0.7/onvif"),
    Found("10.0.0.8", "door", "", "", None),
    Found("10.0.0.9", '"}]: - &a *b # {% $HOME', "x: y", "- z", None),
    Found("10.0.0.10", "=cmd()", "", "", None),
    Found("10.0.0.11", "北门", "", "", None),
    Found("10.0.0.12", "true", "", "", None),
    Found("10.0.0.13", "A" * 120, "", "", None),
    Found("10.0.0.14", "elsewhere", "", "", None, ("answered from outside of 10.0.0.0/24",)),
]


def test_lines_for_a_site_are_taken_by_it(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("cameras:\n" + yaml_lines(NASTY) + "\n")
    cameras = load(site).cameras
    assert [camera.source for camera in cameras] == [f"rtsp://10.0.0.{number}:554/" for number in range(7, 14)]
    assert [camera.name for camera in cameras][:2] == ["Door", "door 2"]
    assert all(camera.credentials is None for camera in cameras)
