"""Keeps other web sites out: who asked, under which name, and what a browser may do with the answer.

A page of another site can make a reader's browser ask this server. Names are checked against DNS rebinding (only an
address, `localhost`, this machine's name and the configured names are answered), origins against cross-site requests
and WebSockets, and no answer may be read, framed or extended by another origin.
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# NiceGUI starts its page with inline scripts, and Vue compiles templates in the browser. Nothing comes from elsewhere.
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_API_PATHS = ("/api/", "/healthz", "/metrics")
_CORS = ("access-control-allow-origin", "access-control-allow-credentials")


class Shield:
    """ASGI middleware around everything that is served.

    Args:
        app: what is served.
        names: host names to answer to, beside addresses, localhost and this machine's name.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self._app = app
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own}.local", *(name.lower().rstrip(".") for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        problem = self._problem(Headers(scope=scope))
        if problem:
            await _refuse(problem, scope, receive, send)
            return

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _cover(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self._app(scope, receive, send_shielded)

    def _problem(self, headers: Headers) -> str | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return "this name is not known here; use the address, or list the name under web.names"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != hosts[0].lower():
            return "requests from other web sites are refused"
        return None

    def _is_known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self._names
        return True


def _cover(headers: MutableHeaders, path: str) -> None:
    for name in _CORS:
        del headers[name]
    for name, value in _HEADERS.items():
        headers[name] = value
    is_api = path.startswith(_API_PATHS)
    headers["Content-Security-Policy"] = _API_POLICY if is_api else _PAGE_POLICY
    if not path.startswith("/_nicegui/"):
        headers["Cache-Control"] = "no-store"


async def _refuse(problem: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": problem})
        return
    await JSONResponse({"error": {"message": problem}}, status_code=403)(scope, receive, send)
