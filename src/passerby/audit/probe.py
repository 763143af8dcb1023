"""Asks one configured camera what it is as a device on the network. Nothing else is contacted."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec

from passerby.audit import onvif, rtsp
from passerby.audit.certificates import certificate
from passerby.audit.interview import Interview, interview
from passerby.audit.passwords import MOST_TRIES, Knock, any_lets_in, is_factory, logins_for
from passerby.audit.ports import SERVICES
from passerby.audit.wire import Host, NoAnswerError, listens, resolve
from passerby.gate.audit_contract import AuditCamera, DeviceFacts, Login

DEADLINE_S = 15.0
"""Of everything but the tries of factory passwords, which have as long again."""

_AT_ONCE = 4  # connections to ports beside each other: cameras are small computers
_RTSPS, _HTTPS = 322, 443


async def probe(camera: AuditCamera, *, services: bool, default_passwords: bool) -> DeviceFacts:
    """What a camera is as a device.

    It never raises for what a camera does: what could not be seen is None, and `problems` says why in plain words. It
    ends within `DEADLINE_S`, and the tries of factory passwords within as much again. A wrong password of the
    configuration is tried once, at one of its services.

    Args:
        camera: which; one without a `source` (a recording) has no facts.
        services: also try the ports of `audit.ports`, and look for TLS and its certificates.
        default_passwords: also try factory passwords; an operator has confirmed it.
    """
    if camera.source is None:
        return DeviceFacts()
    stream = rtsp.parse(camera.source)
    if stream is None:
        return DeviceFacts(problems=("The camera's address cannot be read.",))
    look = _Look(camera, stream)
    try:
        async with asyncio.timeout(DEADLINE_S):
            await look.at_everything(services=services)
    except TimeoutError:
        look.problem(f"It was given up after {DEADLINE_S:g} s; what was not seen by then is left out.")
    if default_passwords:
        try:
            async with asyncio.timeout(DEADLINE_S):
                await look.at_factory_passwords()
        except TimeoutError:
            look.problem("Factory passwords: it took too long; not all were tried.")
    return look.facts


class _Look:
    """One look at one camera; `facts` are what is known so far."""

    def __init__(self, camera: AuditCamera, stream: rtsp.Stream) -> None:
        self._camera = camera
        self._stream = stream
        self._host: Host | None = None
        self._named: onvif.Service | None = None
        self._rtsp = rtsp.Described()
        self._onvif = Interview()
        self.facts = DeviceFacts()

    def problem(self, text: str) -> None:
        self._note(problems=(*self.facts.problems, text))

    def _note(self, **seen: Any) -> None:
        self.facts = msgspec.structs.replace(self.facts, **seen)

    async def at_everything(self, *, services: bool) -> None:
        try:
            self._host = await resolve(self._stream.host)
        except NoAnswerError as error:
            self._note(reachable=False)
            self.problem(str(error))
            return
        reachable = await listens(self._host, self._stream.port)
        self._note(reachable=reachable)
        if not reachable:
            self.problem(f"port {self._stream.port}: nothing answers. Check the address, the cable and the power.")
            return
        self._named = await _service(self._camera.onvif) if self._camera.onvif else None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._at_conversations(self._host))
            if services:
                tasks.create_task(self._at_ports(self._host))

    async def _at_conversations(self, host: Host) -> None:
        """One after the other: a password that RTSP refuses is not tried at ONVIF too."""
        await self._at_rtsp(host)
        await self._at_onvif(host)

    async def _at_rtsp(self, host: Host) -> None:
        stream = self._stream
        self._note(rtsp_plain=not stream.tls)
        try:
            self._rtsp = await rtsp.describe(stream, host, self._camera.login)
        except NoAnswerError as error:
            self.problem(str(error))
            return
        refused = None if self._rtsp.accepted is None else not self._rtsp.accepted
        self._note(rtsp_open=self._rtsp.open, refused_password=refused)
        if self._rtsp.problem:
            self.problem(self._rtsp.problem)

    async def _at_onvif(self, host: Host) -> None:
        login = None if self.facts.refused_password else self._camera.login
        self._onvif = await interview(await self._onvif_services(host), login)
        seen = self._onvif
        self._note(onvif=seen.speaks, onvif_open=seen.open, clock=seen.clock)
        self._note(manufacturer=seen.manufacturer, model=seen.model, firmware=seen.firmware)
        if seen.speaks and seen.service is not None:
            self._note(http_plain=not seen.service.tls)
        if seen.accepted is not None:
            self._note(refused_password=not seen.accepted)
        for text in seen.problems:
            self.problem(text)

    async def _onvif_services(self, host: Host) -> list[onvif.Service]:
        """Where ONVIF may be: where the configuration says, else at the usual ports that answer."""
        if self._camera.onvif is not None:
            if self._named is None:
                self.problem("ONVIF: the address of the configuration cannot be used.")
            return [self._named] if self._named else []
        open_ports = await _open_ports(host, [port for _, port in onvif.USUAL_PORTS])
        return [
            onvif.Service(host, port, scheme == "https") for scheme, port in onvif.USUAL_PORTS if port in open_ports
        ]

    async def _at_ports(self, host: Host) -> None:
        own, https = {self._stream.port}, _HTTPS
        if self._named is not None and self._named.host == host:
            own.add(self._named.port)
            https = self._named.port if self._named.tls else _HTTPS
        found = await _open_ports(host, [port for port in SERVICES if port not in own])
        self._note(listening=tuple(sorted(found)))
        ports = tuple(dict.fromkeys((self._stream.port, _RTSPS, https)))
        shown = dict(zip(ports, await asyncio.gather(*(certificate(host, port) for port in ports)), strict=True))
        self._note(
            rtsp_tls=bool(shown[self._stream.port] or shown[_RTSPS]),
            http_tls=bool(shown[https]),
            certificates=tuple(one for one in shown.values() if one is not None),
        )

    async def at_factory_passwords(self) -> None:
        login = self._camera.login
        if login is not None and is_factory(login) and self.facts.refused_password is False:
            self._note(default_password=True)  # it is the one in use: nothing needs to be tried
            return
        if self._host is None or not (self._rtsp.open is False or self._onvif.open is False):
            self.problem("Factory passwords: it asks for no password, or does not answer; none was tried.")
            return
        logins = [one for one in logins_for(self.facts.manufacturer) if one != login]
        logins = logins[: MOST_TRIES - 1 if self.facts.refused_password else MOST_TRIES]
        let_in = await any_lets_in(self._knock, logins)
        self._note(default_password=let_in)
        if let_in is None:
            self.problem("Factory passwords: it stopped answering, or may have locked the account; no more were tried.")

    async def _knock(self, login: Login) -> Knock:
        assert self._host is not None
        try:
            if self._rtsp.open is False:
                described = await rtsp.describe(self._stream, self._host, login)
                if described.accepted is None or described.locked:
                    return Knock.LOCKED
                return Knock.LET_IN if described.accepted else Knock.REFUSED
            return await self._onvif.knock(login)
        except NoAnswerError:
            return Knock.LOCKED


async def _open_ports(host: Host, ports: list[int]) -> set[int]:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(port: int) -> bool:
        async with turn:
            return await listens(host, port)

    answers = await asyncio.gather(*(one(port) for port in ports))
    return {port for port, answer in zip(ports, answers, strict=True) if answer}


async def _service(url: str) -> onvif.Service | None:
    """The device service that the configuration names; None where that cannot be used."""
    try:
        return onvif.service_of(url, await resolve(urlsplit(url).hostname or ""))
    except (NoAnswerError, ValueError):
        return None
