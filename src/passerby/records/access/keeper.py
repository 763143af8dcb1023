"""Stands before everything that is served: who asks is known, or learns nothing.

What a stranger may have is listed in `OPEN`; every other path, known or not, answers alike. An open WebSocket or stream
ends when its account does.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passerby.records.access.accounts import LOCAL, SCOPE_KEY, STILL_KEY
from passerby.records.access.entry import Access, Caller, Way, is_encrypted

SIGN_IN, SIGN_OUT, NOTICE = "/sign-in", "/sign-out", "/privacy-notice"
OPEN = {SIGN_IN: ("GET", "POST"), SIGN_OUT: ("POST",), NOTICE: ("GET",), "/healthz": ("GET",)}
"""What strangers may ask for, and by which methods."""
MOST_BYTES = 1 << 20
"""No request and no message of a WebSocket may be longer."""
_FOR_PROGRAMS = ("/api/", "/metrics", "/_nicegui")
_READING = ("GET", "HEAD", "OPTIONS")
_TOO_LONG = f"at most {MOST_BYTES >> 20} MiB are taken"
_WORDS = "sign in, or send a token: Authorization: Bearer TOKEN"


class Keeper:
    """ASGI middleware that puts the account into the scope, and keeps strangers out.

    Args:
        app: what is served.
        access: who is let in; None lets everybody in as this machine.
        open_too: what strangers may ask for beside `OPEN`.
    """

    def __init__(
        self, app: ASGIApp, access: Access | None, open_too: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._app = app
        self._access = access
        self._open: Mapping[str, Sequence[str]] = {**OPEN, **(open_too or {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        caller = self._caller(connection)
        scope[SCOPE_KEY] = caller.account
        scope[STILL_KEY] = lambda: self.is_still(connection, caller)
        refusal = _refusal(connection, caller, self._open)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
            return
        line = _Line(self, connection, caller, send)
        await self._app(scope, line.receiving(receive), line.send)

    def _caller(self, connection: HTTPConnection) -> Caller:
        return self._access.caller(connection) if self._access else Caller(LOCAL, Way.LOCAL)

    def is_still(self, connection: HTTPConnection, caller: Caller) -> bool:
        """Whether who asked may still have the answer."""
        return self._caller(connection) == caller


class _Line:
    """One answer under way. It is cut when the account that asked for it ends, if it is one that goes on and on."""

    def __init__(self, keeper: Keeper, connection: HTTPConnection, caller: Caller, send: Send) -> None:
        self._keeper, self._connection, self._caller, self._send = keeper, connection, caller, send
        self._is_stream = connection.scope["type"] == "websocket"
        self._is_cut = False
        self._bytes = 0

    def _is_over(self) -> bool:
        return self._is_stream and not self._keeper.is_still(self._connection, self._caller)

    async def send(self, message: Message) -> None:
        """Hands an answer on."""
        if self._is_cut:
            return
        if message["type"] == "http.response.start":
            self._is_stream = "content-length" not in Headers(raw=message["headers"])
        elif message["type"] in ("websocket.send", "http.response.body") and self._is_over():
            await self._cut()
            return
        await self._send(message)

    def receiving(self, receive: Receive) -> Receive:
        """Hands on what is asked."""

        async def checked() -> Message:
            message = await receive()
            self._bytes += len(message.get("body", b"")) if message["type"] == "http.request" else 0
            if self._bytes > MOST_BYTES:
                raise HTTPException(413, _TOO_LONG)
            if message["type"] == "websocket.receive" and not self._is_cut and self._is_over():
                await self._cut()
            if self._is_cut and message["type"] == "websocket.receive":
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return checked

    async def _cut(self) -> None:
        self._is_cut = True
        if self._connection.scope["type"] == "websocket":
            await self._send({"type": "websocket.close", "code": 1008, "reason": "signed out"})
        else:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _refusal(connection: HTTPConnection, caller: Caller, is_open: Mapping[str, Sequence[str]]) -> Response | None:
    """Why a request is not handed on, or None."""
    path = connection.scope["path"]
    if caller.account is None and connection.scope.get("method") not in is_open.get(path, ()):
        return _stranger(connection, path)
    if _changes(connection) and caller.way is not Way.TOKEN and not _comes_from_here(connection, caller.way):
        words = "the browser does not say that this comes from this page; open the page anew and try again"
        return _error(403, f"{words}. Programs send a token instead: Authorization: Bearer TOKEN")
    length = connection.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MOST_BYTES:  # so that nothing of it need be read
        return _error(413, _TOO_LONG)
    return None


def _stranger(connection: HTTPConnection, path: str) -> Response:
    if connection.scope["type"] == "websocket":
        return _error(403, _WORDS)
    if connection.scope["method"] in ("GET", "HEAD") and not path.startswith(_FOR_PROGRAMS):
        query = connection.url.query
        asked = path + (f"?{query}" if query else "")
        where = SIGN_IN if asked == "/" else f"{SIGN_IN}?next={quote(asked, safe='/')}"
        return RedirectResponse(where, status_code=303)
    answer = _error(401, _WORDS)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _changes(connection: HTTPConnection) -> bool:
    """Whether a request can change something, or opens a socket that can."""
    return connection.scope["type"] == "websocket" or connection.scope["method"] not in _READING


def _comes_from_here(connection: HTTPConnection, way: Way) -> bool:
    """Whether a page of this site sent it. A browser says so; without its word only what has no cookie is let by.

    Programs of this machine need no account where it is open to them, and say nothing of where they come from.
    """
    origins = connection.headers.getlist("origin")
    site = connection.headers.get("sec-fetch-site")
    if connection.scope["type"] == "http" and site not in (None, "same-origin"):
        return False
    if not origins:
        return site == "same-origin" or way is Way.LOCAL
    origin = urlsplit(origins[0])
    is_same_host = origin.netloc.lower() == connection.headers.get("host", "").lower()
    return len(origins) == 1 and is_same_host and (origin.scheme == "https" or not is_encrypted(connection))


def _error(status: int, words: str) -> Response:
    return JSONResponse({"error": {"message": words}}, status, {"Cache-Control": "no-store"})


async def _refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
        return
    await answer(scope, receive, send)
