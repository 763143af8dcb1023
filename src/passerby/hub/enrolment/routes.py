"""What sites ask to join and to change their key."""

import asyncio
import json
from collections.abc import Callable

import msgspec
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from passerby.errors import StoreError
from passerby.hub.enrolment.door import Door, any_key
from passerby.hub.enrolment.site_keys import SiteKeys
from passerby.hub.gather.senders import SenderError
from passerby.records.logs import Sparing
from passerby.records.wire.joining import CHANGE_KEY, JOIN, JoinAnswer, JoinRequest
from passerby.records.wire.keys import PublicKey
from passerby.records.wire.signing import INVITED_TAG, NEW_KEY_TAG, SITE_TAG, Message, headers_of

_strangers = Sparing(structlog.get_logger("passerby.hub"))
_MOST_BYTES = 1024
_VERSION = 1
Take = Callable[[str, PublicKey], JoinAnswer]


def enrolment_router(keys: SiteKeys, door: Door) -> APIRouter:
    """The routes.

    Args:
        keys: of sites.
        door: knows who signed.
    """
    router = APIRouter()

    @router.post(JOIN, include_in_schema=False)
    async def join(request: Request) -> Response:
        return await _taken(request, door, INVITED_TAG, keys.join)

    @router.post(CHANGE_KEY, include_in_schema=False)
    async def change(request: Request) -> Response:
        return await _taken(request, door, SITE_TAG, keys.change)

    return router


async def _taken(request: Request, door: Door, tag: str, take: Take) -> Response:
    body = await _body(request)
    if body is None:
        return _refusal(413, f"at most {_MOST_BYTES} bytes are taken here")
    message = Message(request.method, request.url.path, headers_of(request.headers.raw), body)
    try:
        answer = await asyncio.to_thread(_take, message, door, tag, take)
    except SenderError as error:
        _strangers.warn("a site was refused", path=request.url.path, why=str(error))
        return _refusal(401, str(error))
    except StoreError as error:
        return _refusal(503, str(error))
    except msgspec.DecodeError:
        return _refusal(422, "the message is not understood; is the site's passerby newer than the hub's?")
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _take(message: Message, door: Door, tag: str, take: Take) -> JoinAnswer:
    """Takes a key that signed for itself, and that another key speaks for."""
    by = door.signed(message, any_key, tag)
    asked = msgspec.json.decode(message.body, type=JoinRequest)
    if asked.version > _VERSION:
        raise SenderError("the site's passerby is newer than this hub's; update the hub first")
    new = any_key(asked.key)
    if new is None:
        raise SenderError("the key of this site is none; make another one")
    door.signed(message, lambda name: new if name == new.name else None, NEW_KEY_TAG)
    door.once(by)
    return take(by.key, new)


async def _body(request: Request) -> bytes | None:
    """The body; None where it is too long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return None
    return body


def _refusal(status: int, words: str) -> Response:
    return Response(json.dumps({"error": {"message": words}}), status, media_type="application/json")
