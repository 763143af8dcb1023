"""Signs what the hub answers to sites, so that nobody on the way can say in its name that something was taken."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.errors import StoreError
from passerby.records.wire import signing
from passerby.records.wire.keys import Key

_KEY = re.compile(r'keyid="([0-9a-f]{64})"')
_MOST_KEYS = 2
_UNKNOWN = "this hub does not know the key of this site; join again, with a new invitation"


@dataclass(slots=True)
class _Kept:
    """An answer, kept until it is whole."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    async def send(self, message: Message) -> None:
        """Takes a part of it."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    @staticmethod
    def refusal(status: int, words: str) -> "_Kept":
        """An answer that refuses."""
        body = bytearray(json.dumps({"error": {"message": words}}).encode())
        return _Kept(status, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")], body)


class Seal:
    """ASGI middleware around all that sites ask. Of a request whose key nobody knows, the body is not even read.

    Args:
        app: what answers.
        key: the hub's.
        knows: whether a key of that name is worth reading a request for.
        clock: Unix seconds.
    """

    def __init__(self, app: ASGIApp, key: Key, knows: Callable[[str], bool], clock: Callable[[], float]) -> None:
        self._app, self._key, self._knows, self._clock = app, key, knows, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            headers = signing.headers_of(scope["headers"])
        except signing.UnsignedError as error:
            await _send(_Kept.refusal(400, f"{error}; nothing was taken"), send)
            return
        kept = await self._answer(headers, scope, receive)
        path = scope.get("raw_path", b"").decode("latin-1")
        self._sign(kept, signing.Message(scope["method"], path, headers, b""))
        await _send(kept, send)

    async def _answer(self, headers: signing.Headers, scope: Scope, receive: Receive) -> _Kept:
        if scope.get("query_string"):  # no route reads one, so none is part of what is checked
            return _Kept.refusal(400, "sites ask without a query; nothing was taken")
        names = set(_KEY.findall(headers.get("signature-input", "")))
        if not names or len(names) > _MOST_KEYS:
            return _Kept.refusal(401, "the request is not signed by a site of this hub; nothing was taken")
        try:
            known = await asyncio.to_thread(lambda: any(self._knows(name) for name in names))
        except StoreError as error:
            return _Kept.refusal(503, str(error))
        if not known:
            return _Kept.refusal(401, _UNKNOWN)
        kept = _Kept()
        await self._app(scope, receive, kept.send)
        return kept

    def _sign(self, kept: _Kept, request: signing.Message) -> None:
        """Signs an answer; one to a request that cannot be answered so goes without."""
        if "signature" not in request.headers:
            return
        own = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in kept.headers}
        signed: signing.Headers = {name: own[name] for name in ("content-type", "content-encoding") if name in own}
        answer = signing.Answer(kept.status, signed, bytes(kept.body), request)
        try:
            signing.sign_answer(answer, self._key, self._clock())
        except signing.UnsignedError:
            return
        kept.headers += [(name.encode(), value.encode()) for name, value in answer.headers.items() if name not in own]


async def _send(kept: _Kept, send: Send) -> None:
    length = str(len(kept.body)).encode()
    headers = [one for one in kept.headers if one[0].lower() != b"content-length"] + [(b"content-length", length)]
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    await send({"type": "http.response.body", "body": bytes(kept.body)})
