"""The audit's process: orders in, reports out. It keeps what was last heard of each device, and nothing else."""

import asyncio
import time
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from passerby.audit.checks import Seen, judge
from passerby.audit.probe import probe
from passerby.errors import ConfigError
from passerby.gate.audit_contract import AuditCamera, CameraReport, DeviceFacts, Known, Order

_AT_ONCE = 8
_OF_SERVICES = ("listening", "certificates", "rtsp_tls", "http_tls")


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was last heard of a device, and when."""

    facts: DeviceFacts
    unix_s: float


class Answering:
    """Answers orders."""

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def report(self, camera: AuditCamera, order: Order) -> CameraReport:
        """Looks at one camera as the order says, and judges it."""
        if order.probe:
            async with self._turns:
                await self._probe(camera, order)
        heard, known = self._heard.get(camera.name), camera.known or Known()
        device = heard.facts if heard else DeviceFacts()
        seen = Seen(camera, known.video, known.picture, known.placing, device)
        return judge(seen, heard.unix_s if heard and not camera.known else time.time())

    async def _probe(self, camera: AuditCamera, order: Order) -> None:
        facts = await probe(camera, services=order.services, default_passwords=order.default_passwords)
        before = self._heard.get(camera.name)
        if before:
            facts = _together(facts, before.facts, order)
        self._heard[camera.name] = _Heard(facts, time.time())


def _together(facts: DeviceFacts, before: DeviceFacts, order: Order) -> DeviceFacts:
    """What is asked seldom is taken from the time before."""
    kept = () if order.services else _OF_SERVICES
    kept = kept if order.default_passwords else (*kept, "default_password")
    return msgspec.structs.replace(facts, **{name: getattr(before, name) for name in kept})


def next_order(orders: BinaryIO) -> Order | None:
    """The next line as an order; None at the end.

    Raises:
        ConfigError: the line is none.
    """
    line = orders.readline()
    if not line:
        return None
    try:
        return msgspec.json.decode(line, type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # What msgspec says names a field, and not its value.
        raise ConfigError([f"a line is no order to the audit: {error}"]) from None


async def answer_orders(first: Order | None, orders: BinaryIO, reports: BinaryIO) -> None:
    """Answers until the orders end.

    Args:
        first: the first one, which was read before.
        orders: one `Order` of JSON a line.
        reports: one `CameraReport` of JSON a line, as each is ready.

    Raises:
        ConfigError: a line is no order.
    """
    answering, order = Answering(), first
    while order is not None:
        for ready in asyncio.as_completed([_report(answering, camera, order) for camera in order.cameras]):
            reports.write(msgspec.json.encode(await ready) + b"\n")
            reports.flush()
        order = await asyncio.to_thread(next_order, orders)


async def _report(answering: Answering, camera: AuditCamera, order: Order) -> CameraReport:
    """The report on one camera: what nobody foresaw of its answers is told of it alone, and ends no other's look."""
    (done,) = await asyncio.gather(answering.report(camera, order), return_exceptions=True)
    if isinstance(done, Exception):
        failed = f"its answers could not be understood ({type(done).__name__}). Please report this with its model."
        return CameraReport(camera.name, time.time(), failed=failed)
    if isinstance(done, BaseException):
        raise done
    return done
