"""The door for sites: one route that takes deliveries."""

import asyncio
import time

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from passerby.errors import StoreError
from passerby.hub.contract import Taken
from passerby.hub.gather.desk import Desk, busy_s
from passerby.hub.gather.reading import MOST_PACKED_BYTES, RefusedError
from passerby.hub.gather.senders import Asked, SenderError, Verify
from passerby.records.refusals import refusal
from passerby.records.wire.joining import DELIVER

_MOST_READING = 128
"""Requests whose bodies are held at the same time: each may be `MOST_PACKED_BYTES` long, and its sender is unknown."""


def gather_router(desk: Desk, verify: Verify) -> APIRouter:
    """The route.

    Args:
        desk: takes what is sent.
        verify: says who sent it.
    """
    router = APIRouter()
    reading = asyncio.Semaphore(_MOST_READING)

    @router.post(DELIVER, include_in_schema=False)
    async def deliver(request: Request) -> Response:
        began_s = time.monotonic()
        try:
            async with reading:
                answer = await _answered(request, desk, verify)
        except RefusedError as error:
            answer = refusal(error.words, error.status)
        except SenderError as error:
            desk.metrics.strangers.inc()
            answer = refusal(str(error), 401)
        except StoreError as error:
            desk.stored(str(error))
            answer = refusal(f"the hub cannot store now; the site keeps all ({error})", 503)
        if answer.status_code == 503:
            answer.headers["retry-after"] = str(busy_s())
        desk.metrics.deliveries.labels(answer.status_code).inc()
        desk.metrics.took.observe(time.monotonic() - began_s)
        return answer

    return router


async def _answered(request: Request, desk: Desk, verify: Verify) -> Response:
    body = await _body(request)
    desk.metrics.bytes.inc(len(body))
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked = Asked(request.method, request.url.path, headers, body)

    sender = await asyncio.to_thread(verify, asked)
    with desk.bounds.turn(sender.venue):
        pending = await asyncio.to_thread(desk.hand_in, sender, body, headers.get("content-encoding", ""))
        taken: Taken | None = None
        if pending.stored:
            taken = await asyncio.wrap_future(pending.stored)
            desk.stored(None)
        receipt = await asyncio.to_thread(desk.receipt, sender, pending, taken)
    return Response(msgspec.json.encode(receipt), media_type="application/json")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_PACKED_BYTES:
            raise RefusedError(413, f"a request may be {MOST_PACKED_BYTES} bytes; send fewer batches in one")
    return bytes(body)
