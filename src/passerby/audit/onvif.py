"""Asks a camera's ONVIF device service, as a stranger and with the login. It reads only; nothing is changed.

The messages and their reading are onveef's (docs/decisions/0019-onvif-client.md). They go over a connection of our own,
which leads to the camera's address and nowhere else: no redirect is followed, no address that a camera names is
contacted, no more is read than `wire.MAX_ANSWER_BYTES`, and passwords go as digests alone.
"""

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from onveef import envelopes, parsers

from passerby.audit import digest
from passerby.audit.certificates import trusting_anything
from passerby.audit.wire import ANSWER_S, CONNECT_S, MAX_ANSWER_BYTES, Host, NoAnswerError
from passerby.gate.audit_contract import Login

USUAL_PATH = "/onvif/device_service"  # ONVIF Core Specification, 5.1.1
USUAL_PORTS = (("http", 80), ("https", 443), ("http", 8080), ("http", 8000), ("http", 2020), ("http", 8899))
"""Where it is looked for if the configuration does not say. 2020 is Tapo's, 8899 Xiongmai's."""

_SOAP = "{http://www.w3.org/2003/05/soap-envelope}Envelope"
_REFUSALS = ("notauthorized", "not authorized", "failedauthentication", "failed authentication")


@dataclass(frozen=True, slots=True)
class Service:
    """Where a device service is."""

    host: Host
    port: int
    tls: bool
    path: str = field(default=USUAL_PATH, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        xml: the envelope; None where the answer is none.
        refused: a login is asked for, or the one that was given is not taken.
        challenges: how it may be given, by HTTP.
        took_s: from asking to the end of the answer.
    """

    xml: str | None
    refused: bool
    challenges: tuple[str, ...]
    took_s: float

    @property
    def answered(self) -> bool:
        """Whether it is what was asked for."""
        return self.xml is not None and not self.refused and not parsers.has_soap_fault(self.xml)


class Device:
    """A device service, for as long as it is entered."""

    def __init__(self, service: Service) -> None:
        self.service = service
        host = service.host
        self._headers = {
            "Host": f"[{host.name}]" if ":" in host.name else host.name,
            "Content-Type": "application/soap+xml; charset=utf-8",
            "Accept-Encoding": "identity",  # nothing that grows when it is unpacked
            "User-Agent": "passerby",
        }
        if service.port not in (80, 443):
            self._headers["Host"] += f":{service.port}"
        address = f"[{host.address}]" if ":" in host.address else host.address
        self._url = f"{'https' if service.tls else 'http'}://{address}:{service.port}{service.path}"
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,  # no proxy, no .netrc
            verify=trusting_anything(),
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
        )

    async def __aenter__(self) -> "Device":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(self, body: str) -> Reply:
        """Asks as a stranger.

        Raises:
            NoAnswerError: no answer, or one that is not to be used.
        """
        return await self._post(envelopes.build_envelope(body), None)

    async def ask_as(self, login: Login, body: str, drift_s: float) -> Reply | None:
        """Asks with a login: by HTTP Digest where the device wants that, else by a digest in the message. Once.

        Args:
            login: whose.
            body: of the message.
            drift_s: how far the device's clock runs ahead: it takes only messages of its own time.

        Returns:
            The answer; None where the device takes a password in clear alone.

        Raises:
            NoAnswerError: no answer, or one that is not to be used.
        """
        stranger = await self.ask(body)
        if not stranger.refused:
            return stranger
        signed = digest.authorization(stranger.challenges, login, "POST", self.service.path)
        if signed:
            return await self._post(envelopes.build_envelope(body), signed)
        envelope = envelopes.build_envelope(
            body, username=login.username, password=login.password, clock_offset_s=drift_s
        )
        reply = await self._post(envelope, None)
        only_basic = stranger.challenges and reply.refused
        return None if only_basic else reply

    async def _post(self, envelope: str, signed: str | None) -> Reply:
        where = f"port {self.service.port}"
        headers = self._headers | ({"Authorization": signed} if signed else {})
        sent = {name.encode(): value.encode() for name, value in headers.items()}  # a user's name may have umlauts
        began = time.monotonic()
        try:
            async with (
                asyncio.timeout(ANSWER_S + CONNECT_S),
                self._client.stream("POST", self._url, content=envelope.encode(), headers=sent) as response,
            ):
                text = await _text(response, where)
        except (TimeoutError, httpx.TimeoutException):
            raise NoAnswerError(f"{where}: no whole answer within {ANSWER_S:g} s.") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise NoAnswerError(f"{where}: what answers there does not speak HTTP, or broke off.") from None
        took_s = time.monotonic() - began
        if response.is_redirect:
            raise NoAnswerError(f"{where}: it wants to lead to another address; it was not followed.")
        xml = _envelope(text, where)
        refused = response.status_code in (401, 403) or _is_refusal(xml)
        challenges = tuple(response.headers.get_list("www-authenticate"))
        return Reply(xml, refused, challenges, took_s)


async def _text(response: httpx.Response, where: str) -> str:
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > MAX_ANSWER_BYTES:
            raise NoAnswerError(f"{where}: the answer is larger than {MAX_ANSWER_BYTES // 1024} KiB; it was cut off.")
    return data.decode("utf-8", errors="replace")


def _envelope(text: str, where: str) -> str | None:
    """The text, if it is a SOAP envelope: SOAP forbids document types, and with them every bomb."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise NoAnswerError(f"{where}: the answer holds an XML document type, which SOAP forbids. Not read.") from None
    except (ParseError, ValueError):
        return None
    return text if root.tag == _SOAP else None


def _is_refusal(xml: str | None) -> bool:
    """Whether a fault says that a login is wanted: in its code, or in its words alone, as some devices have it."""
    root = parsers.parse_xml(xml) if xml else None
    fault = parsers.find_local(root, "Fault") if root is not None else None
    if fault is None:
        return False
    said = " ".join(one.text or "" for one in fault.iter()).lower()
    return any(word in said for word in _REFUSALS)


def service_of(url: str, host: Host) -> Service | None:
    """The service that the configuration names; None for an address that is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not url.isascii() or not url.isprintable():
        return None
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Service(host, port or (443 if tls else 80), tls, path)
