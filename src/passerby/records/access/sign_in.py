"""The page to sign in: a form of plain HTML, without scripts. It says nothing of the venue."""

import asyncio
import base64
import hashlib
import hmac
import html
import math
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from passerby.records.access.accounts import LOCAL, account_of
from passerby.records.access.entry import Access, SignIn, cookie_name, is_encrypted
from passerby.records.access.keeper import NOTICE, SIGN_IN, SIGN_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

_STYLE = Path(__file__).with_name("sign_in.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a browser may do with the page."""
_MOST_BYTES = 4096
_PATIENCE_S = 10.0
_FORM_S = 3600
_WRONG = "The name or the password is not right."
_STALE = "The form was open for too long, or cookies are off. Try again."
_CLEAR = "This connection is not encrypted: whoever is in the same network can read the password."
ADD_ACCOUNT = "passerby access add SITE.yaml NAME --role admin"
_BUTTON = (
    "font: inherit; color: inherit; background: none; border: 1px solid; border-radius: 8px; min-height: 40px; "
    "padding: 4px 12px; margin-left: 8px; cursor: pointer"
)
_ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"
_PAGE = Path(__file__).with_name("sign_in.html").read_text(encoding="utf-8")


def add_sign_in(app: "FastAPI", access: Access | None, how_to_add: str = ADD_ACCOUNT) -> "SignInPage | None":
    """Adds the page to sign in, and what signs out.

    Args:
        app: the application.
        access: who is let in; None where everybody is, and there is nothing to sign in to.
        how_to_add: command that adds the first account.
    """
    form = SignInPage(app, access, how_to_add) if access else None

    @app.get(SIGN_IN, include_in_schema=False)
    def show(request: Request) -> Response:
        onward = onward_of(request.query_params.get("next", ""))
        return form.page(request, onward) if form else RedirectResponse("/", status_code=303)

    @app.post(SIGN_IN, include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        return await form.take(request) if form else RedirectResponse("/", status_code=303)

    @app.post(SIGN_OUT, include_in_schema=False)
    def sign_out(request: Request) -> Response:
        answer = RedirectResponse(SIGN_IN, status_code=303)
        if access:
            access.sign_out(request)
            answer.delete_cookie(cookie_name(request), secure=is_encrypted(request), httponly=True, samesite="strict")
        return answer

    return form


def sign_out_form(connection: HTTPConnection) -> str:
    """HTML for a page: who is signed in, and the button to end that. Empty where nobody need sign in."""
    account = account_of(connection)
    if account is None or account == LOCAL:
        return ""
    who = html.escape(f"{account.name}, {account.role.label}")
    return f'<form method="post" action="{SIGN_OUT}">{who} <button style="{_BUTTON}">Sign out</button></form>'


class SignInPage:
    """The form. Only one that this server gave to this browser is taken: its cookie and its hidden field match.

    Attributes:
        beside: makes HTML of other ways to sign in, for the page to go to after that; None where there are none.
    """

    def __init__(self, app: "FastAPI", access: Access, how_to_add: str) -> None:
        self._app = app
        self._access = access
        self._empty = f"No account is set. At the machine that this runs on: {how_to_add}"
        self.beside: Callable[[str], str] | None = None
        self._key = secrets.token_bytes(32)

    def page(self, request: Request, onward: str, problem: str = "", name: str = "") -> HTMLResponse:
        """The form, with what went wrong."""
        given = request.cookies.get(_form_cookie(request), "")
        nonce = given if len(given) == 43 else secrets.token_urlsafe(32)
        notes = [("bad", "alert", problem)] if problem else []
        if self._access.is_empty:
            notes.append(("warn", "note", self._empty))
        if not is_encrypted(request) and not _is_this_machine(request):
            notes.append(("warn", "note", _CLEAR))
        text = _PAGE.format(
            icon=_ICON,
            style=_STYLE,
            notes="".join(f'<p class="note {kind}" role="{role}">{html.escape(one)}</p>' for kind, role, one in notes),
            action=SIGN_IN,
            form=self._proof(nonce),
            onward=html.escape(onward),
            name=html.escape(name),
            first="" if name else " autofocus",
            second=" autofocus" if name else "",
            beside=self.beside(onward) if self.beside else "",
            foot=self._foot(),
        )
        answer = HTMLResponse(text, headers={"Content-Security-Policy": POLICY})
        set_cookie(answer, request, _form_cookie(request), nonce, _FORM_S)
        return answer

    def refused(self, request: Request, onward: str, problem: str, status: int) -> HTMLResponse:
        """The form, with why another way to sign in did not work."""
        return _with_status(self.page(request, onward, problem), status)

    async def take(self, request: Request) -> Response:
        """Tries to sign in with what was written into it."""
        fields = await _fields(request)
        name, onward = fields.get("name", "").strip(), onward_of(fields.get("next", ""))
        nonce = request.cookies.get(_form_cookie(request), "")
        if not nonce or not hmac.compare_digest(self._proof(nonce).encode(), fields.get("form", "").encode()):
            return _with_status(self.page(request, onward, _STALE, name), 403)
        tried = await self._access.sign_in(name, fields.get("password", ""), request)
        if tried.identifier is None:
            return self._refusal(request, tried, onward, name)
        answer = RedirectResponse(onward, status_code=303)
        set_cookie(answer, request, cookie_name(request), tried.identifier)
        answer.delete_cookie(_form_cookie(request), secure=is_encrypted(request), httponly=True, samesite="strict")
        return answer

    def _refusal(self, request: Request, tried: SignIn, onward: str, name: str) -> Response:
        if not tried.wait_s:
            return _with_status(self.page(request, onward, _WRONG, name), 401)
        seconds = math.ceil(tried.wait_s)
        problem = f"Too many tries. Wait {seconds} s, then try again."
        answer = _with_status(self.page(request, onward, problem, name), 429)
        answer.headers["Retry-After"] = str(seconds)
        return answer

    def _proof(self, nonce: str) -> str:
        return hmac.new(self._key, nonce.encode(), hashlib.sha256).hexdigest()

    def _foot(self) -> str:
        if any(getattr(route, "path", "") == NOTICE for route in self._app.routes):
            return f'<footer class="soft"><a href="{NOTICE}">What is measured here, and why</a></footer>'
        return ""


async def _fields(request: Request) -> "Mapping[str, str]":
    """The fields of the form; none of what is too long, comes too slowly or is no form."""
    raw = b""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for part in request.stream():
                raw += part
                if len(raw) > _MOST_BYTES:
                    return {}
        found = parse_qs(raw.decode("utf-8"), max_num_fields=8)
    except (TimeoutError, ValueError):
        return {}
    return {name: values[0] for name, values in found.items()}


def onward_of(path: str) -> str:
    """Where to go after signing in: a page of this server, never another one's."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if is_ours and "\\" not in path and not path.startswith((SIGN_IN, SIGN_OUT)) else "/"


def _form_cookie(request: Request) -> str:
    return f"{cookie_name(request)}-form"


def set_cookie(answer: Response, request: Request, name: str, value: str, life_s: int | None = None) -> None:
    """Gives a browser a cookie that scripts cannot read, and that is sent encrypted where the page is."""
    secure = is_encrypted(request)
    answer.set_cookie(name, value, life_s, path="/", secure=secure, httponly=True, samesite="strict")


def _is_this_machine(request: Request) -> bool:
    return request.client is not None and request.client.host in ("127.0.0.1", "::1")


def _with_status(answer: HTMLResponse, status: int) -> HTMLResponse:
    answer.status_code = status
    return answer
