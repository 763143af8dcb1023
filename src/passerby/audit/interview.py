"""What a camera tells by ONVIF: to a stranger, and to who signs in."""

import datetime as dt
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from onveef import envelopes, parsers

from passerby.audit.onvif import Device, Reply, Service
from passerby.audit.passwords import Knock
from passerby.audit.untrusted import clean
from passerby.audit.wire import NoAnswerError
from passerby.gate.audit_contract import ClockFacts, Login

_DATE = envelopes.device_get_system_date_time()  # to be told to everybody: ONVIF Core Specification, 5.9.4 (PRE_AUTH)
_INFORMATION = envelopes.device_get_information()
_USERS = envelopes.device_get_users()
_NTP = envelopes.device_get_ntp()


@dataclass(frozen=True, slots=True)
class Interview:
    """What was heard; None is "could not be told".

    Attributes:
        service: that spoke.
        speaks: whether any did.
        open: it told a stranger who it is, or who its users are.
        accepted: the login.
        problems: in plain words.
    """

    service: Service | None = None
    speaks: bool | None = None
    open: bool | None = None
    accepted: bool | None = None
    manufacturer: str | None = None
    model: str | None = None
    firmware: str | None = None
    clock: ClockFacts | None = None
    problems: tuple[str, ...] = field(default=())

    async def knock(self, login: Login) -> Knock:
        """Tries one login.

        Raises:
            NoAnswerError: no answer, or one that is not to be used.
        """
        assert self.service is not None
        drift_s = (self.clock.drift_s if self.clock else None) or 0.0
        async with Device(self.service) as device:
            reply = await device.ask_as(login, _INFORMATION, drift_s)
        if reply is None or (reply.xml and "lock" in parsers.parse_fault(reply.xml).lower()):
            return Knock.LOCKED
        if reply.answered:
            return Knock.LET_IN
        return Knock.REFUSED if reply.refused else Knock.LOCKED


async def interview(services: list[Service], login: Login | None) -> Interview:
    """Asks the first of the services that speaks ONVIF. A login that is refused is tried once."""
    problems: list[str] = []
    for service in services:
        async with Device(service) as device:
            try:
                date = await device.ask(_DATE)
            except NoAnswerError as error:
                problems.append(f"ONVIF, {error}")
                continue
            if date.xml is not None or date.refused:
                heard = await _talk(device, date, login)
                if heard.speaks:
                    return heard
                problems += heard.problems
    return Interview(speaks=None if problems else False, problems=tuple(problems))


async def _talk(device: Device, date: Reply, login: Login | None) -> Interview:
    heard = Interview(device.service, speaks=date.xml is not None or None, clock=_clock(date))
    try:
        information = await device.ask(_INFORMATION)
        heard = _with_information(heard, information)
        told = information.answered and bool(parsers.parse_device_information(information.xml or ""))
        heard = replace(heard, open=told or await _tells_users(device))
        if login is not None and not information.answered:
            heard = await _signed_in(device, heard, login)
        if heard.clock is None and heard.accepted and login is not None:
            heard = replace(heard, clock=_clock(await device.ask_as(login, _DATE, 0.0)))
        return replace(heard, clock=await _with_ntp(device, heard, login))
    except NoAnswerError as error:
        return replace(heard, problems=(*heard.problems, f"ONVIF, {error}"))


async def _tells_users(device: Device) -> bool:
    reply = await device.ask(_USERS)
    return reply.answered and bool(parsers.parse_users(reply.xml or ""))


async def _signed_in(device: Device, heard: Interview, login: Login) -> Interview:
    drift_s = (heard.clock.drift_s if heard.clock else None) or 0.0
    reply = await device.ask_as(login, _INFORMATION, drift_s)
    if reply is None:
        text = "ONVIF asks for the password in clear (Basic); it was not sent."
        return replace(heard, problems=(*heard.problems, text))
    heard = _with_information(heard, reply)
    if reply.answered:
        return replace(heard, accepted=True)
    return replace(heard, accepted=False if reply.refused and heard.speaks else None)


def _with_information(heard: Interview, reply: Reply) -> Interview:
    speaks = heard.speaks or reply.xml is not None or None
    if not reply.answered:
        return replace(heard, speaks=speaks)
    told = parsers.parse_device_information(reply.xml or "")
    found = {name: clean(told.get(key, "")) or None for name, key in _NAMES.items()}
    return replace(heard, speaks=speaks, **found)  # type: ignore[arg-type]  # all three are texts


_NAMES = {"manufacturer": "Manufacturer", "model": "Model", "firmware": "FirmwareVersion"}


def _clock(reply: Reply | None) -> ClockFacts | None:
    """The device's clock: it tells whole seconds, so half a second is added, and half of the way there and back."""
    if reply is None or not reply.answered:
        return None
    asked_unix_s = time.time() - reply.took_s / 2
    told: dict[str, Any] = {}
    with suppress(OverflowError):  # the year 1e999
        told = parsers.parse_system_datetime(reply.xml or "")
    drift_s = None
    if "UTCDateTime" in told:
        try:
            at = told["UTCDateTime"]
            leap_s = at["second"] == 60  # a leap second has the number of the one after it
            moment = dt.datetime(**(at | {"second": at["second"] - leap_s}), tzinfo=dt.UTC)
            drift_s = round(moment.timestamp() + leap_s + 0.5 - asked_unix_s, 2)
        except (ValueError, OverflowError):
            drift_s = None  # the 30th of February
    ntp = {"ntp": True, "manual": False}.get(told.get("date_time_type", "").lower())
    return ClockFacts(drift_s, clean(told.get("timezone", "")) or None, ntp)


async def _with_ntp(device: Device, heard: Interview, login: Login | None) -> ClockFacts | None:
    """The clock, and whether it has somebody to set itself by."""
    if heard.clock is None or not heard.clock.ntp:
        return heard.clock
    if heard.accepted and login is not None:
        reply = await device.ask_as(login, _NTP, heard.clock.drift_s or 0.0)
    else:
        reply = await device.ask(_NTP)
    told = parsers.parse_ntp(reply.xml or "") if reply is not None and reply.answered else {}
    if told and not told["from_dhcp"] and not told["servers"]:
        return ClockFacts(heard.clock.drift_s, heard.clock.zone, ntp=False)
    return heard.clock
