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
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # To others it says nothing. With "no-referrer", browsers would hide from us where our own forms come from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_API_PATHS = ("/api/", "/healthz", "/metrics")
_ASSETS = "/_nicegui/"
_STRICT_TRANSPORT = "max-age=2592000"  # 30 days; of this host alone, and undone by waiting where TLS is given up
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
                _cover(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_shielded)

    def _problem(self, headers: Headers) -> str | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return "this name is not known here; use the address, or list the name under web.names"
        if any(_other_site(origin, hosts[0]) for origin in headers.getlist("origin")):
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


def _other_site(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() != host.lower()
    except ValueError:
        return True


def _cover(headers: MutableHeaders, scope: Scope) -> None:
    for name in _CORS:
        del headers[name]
    for name, value in _HEADERS.items():
        headers[name] = value
    path = scope["path"]
    headers.setdefault("Content-Security-Policy", _API_POLICY if path.startswith(_API_PATHS) else _PAGE_POLICY)
    if not path.startswith(_ASSETS):
        headers["Cache-Control"] = "no-store"
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = _STRICT_TRANSPORT


async def _refuse(problem: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": problem})
        return
    await JSONResponse({"error": {"message": problem}}, status_code=403)(scope, receive, send)
