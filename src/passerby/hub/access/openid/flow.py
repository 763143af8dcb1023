"""The way of a browser through a log-in: to the provider, back with a code, and on with a session.

What belongs to a log-in under way is in a signed cookie of the browser that began it, so that nobody can finish another
one's, and strangers fill no memory.
"""

import asyncio
import base64
import hashlib
import hmac
import html
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import msgspec
import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from passerby.errors import ConfigError
from passerby.hub.access.openid.config import GroupRole, Oidc
from passerby.hub.access.openid.provider import Identity, Pending, Provider, ProviderError
from passerby.hub.access.scope import reach
from passerby.records.access.book import Book, Guest, Keeping
from passerby.records.access.entry import Access, cookie_name, is_encrypted
from passerby.records.access.sign_in import POLICY, SignInPage, onward_of, set_cookie

_log = structlog.get_logger("passerby.hub")
BEGIN, BACK = "/sign-in/with", "/sign-in/back"
OPEN = {BEGIN: ("GET",), BACK: ("GET",)}
"""What strangers may ask for; for the keeper."""
_PENDING_S = 600
_KEEP_S = 400 * 86_400
_MOST_GUESTS = 5000
_AWAY = "The log-in cannot be reached now. Try again later, or sign in with a name and a password."
_REFUSED = "You were not let in. If you should be, ask who runs the hub."
_STALE = "The log-in took too long, or began in another window. Try again."


@dataclass(frozen=True, slots=True)
class OpenIdParts:
    """What a log-in needs of the hub.

    Attributes:
        provider: who vouches.
        access: begins sessions.
        kept: the accounts.
        number_of: the number of a venue, by its short name; None where there is none.
    """

    provider: Provider
    access: Access
    kept: Keeping
    number_of: Callable[[str], int | None]


def add_openid(app: FastAPI, parts: OpenIdParts, page: SignInPage) -> None:
    """Adds the ways to the provider and back, and the button on the page to sign in."""
    flow = _Flow(parts, page)
    label = html.escape(parts.provider.config.name)

    def beside(onward: str) -> str:
        leaving = parts.provider.leaving
        out = f'<p class="soft"><a href="{html.escape(leaving)}">Sign out at {label}</a></p>' if leaving else ""
        return f'<p><a class="way" href="{BEGIN}?next={quote(onward, safe="/")}">Sign in with {label}</a></p>{out}'

    page.beside = beside

    @app.get(BEGIN, include_in_schema=False)
    async def begin(request: Request) -> Response:
        return await flow.begin(request)

    @app.get(BACK, include_in_schema=False)
    async def back(request: Request) -> Response:
        return await flow.back(request)


class _Flow:
    def __init__(self, parts: OpenIdParts, page: SignInPage) -> None:
        self._parts, self._page = parts, page
        self._key = secrets.token_bytes(32)

    async def begin(self, request: Request) -> Response:
        """Sends a browser to the provider."""
        onward = onward_of(request.query_params.get("next", ""))
        pending = Pending(
            secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), onward,
            time.time() + _PENDING_S,
        )  # fmt: skip
        try:
            address = await self._parts.provider.address(pending, _back(request))
        except ProviderError as error:
            _log.error("log-in by the provider fails", problem=str(error))
            return self._page.refused(request, onward, _AWAY, 502)
        answer = RedirectResponse(address, status_code=303)
        set_cookie(answer, request, _cookie(request), self._sealed(pending), _PENDING_S)
        # It has to come along from the provider's page, which a strict cookie does not.
        answer.headers["set-cookie"] = answer.headers["set-cookie"].replace("SameSite=strict", "SameSite=lax")
        return answer

    async def back(self, request: Request) -> Response:
        """A browser comes back: with a code, or with the news that there is none."""
        given = request.query_params
        pending = self._opened(request.cookies.get(_cookie(request), ""))
        if pending is None or not hmac.compare_digest(pending.state.encode(), given.get("state", "").encode()):
            return self._over(request, self._page.refused(request, "/", _STALE, 403))
        try:
            identity = await self._parts.provider.identify(_code(request), pending, _back(request))
            guest = await self._guest(identity)
        except (ProviderError, ConfigError) as error:
            await self._parts.access.not_vouched(request, str(error))
            return self._over(request, self._page.refused(request, pending.onward, _REFUSED, 403))
        life_s = 60.0 * self._parts.provider.config.session_minutes
        identifier = await self._parts.access.vouched(guest, life_s, request)
        answer = self._over(request, _onward_page(pending.onward))
        set_cookie(answer, request, cookie_name(request), identifier)
        return answer

    async def _guest(self, identity: Identity) -> Guest:
        """Who came, as the accounts have them from now on.

        Raises:
            ProviderError: they are not let in.
            ConfigError: the accounts cannot be written.
        """
        config = self._parts.provider.config
        role = config.role_for(identity.groups)
        if role is None:
            await asyncio.to_thread(self._parts.kept.change, lambda book: _without(book, config, identity))
            raise ProviderError("somebody whom the provider knows is in no group of the hub")
        if config.mail_domains and identity.mail_domain not in {one.lower() for one in config.mail_domains}:
            raise ProviderError("somebody whom the provider knows has no verified address in mail_domains")
        reached = await asyncio.to_thread(self._reach, role)
        guest = Guest("", role.role, config.issuer, identity.key, (role.group,), int(time.time()), reached)
        book = await asyncio.to_thread(self._parts.kept.change, lambda book: _with(book, guest, identity.name))
        return next(one for one in book.guests if _is(one, guest))

    def _reach(self, role: GroupRole) -> tuple[str, ...] | None:
        if role.whole_hub:
            return None
        numbers = [self._parts.number_of(slug) for slug in role.venues]
        # Where all its venues are gone, nothing is left; it is not the whole hub that is.
        return reach(role.organisations, role.districts, (one for one in numbers if one is not None)) or ()

    def _sealed(self, pending: Pending) -> str:
        raw = base64.urlsafe_b64encode(msgspec.json.encode(pending)).decode()
        return f"{raw}.{self._proof(raw)}"

    def _opened(self, cookie: str) -> Pending | None:
        raw, _, proof = cookie.partition(".")
        if not hmac.compare_digest(self._proof(raw).encode(), proof.encode()):
            return None
        pending = msgspec.json.decode(base64.urlsafe_b64decode(raw), type=Pending)
        return pending if time.time() < pending.until_unix_s else None

    def _proof(self, raw: str) -> str:
        return hmac.new(self._key, raw.encode(), hashlib.sha256).hexdigest()

    def _over(self, request: Request, answer: Response) -> Response:
        answer.delete_cookie(_cookie(request), secure=is_encrypted(request), httponly=True, samesite="lax")
        return answer


def _code(request: Request) -> str:
    code = request.query_params.get("code", "")
    if not code or len(code) > 4096:
        # What the provider says of the reason is not repeated: anybody can write it into an address.
        raise ProviderError("the provider sent somebody back without a code")
    return code


def _back(request: Request) -> str:
    """The address that the provider sends browsers back to; the name in it was checked by the shield."""
    return f"{'https' if is_encrypted(request) else 'http'}://{request.headers['host']}{BACK}"


def _cookie(request: Request) -> str:
    return f"{cookie_name(request)}-with"


def _onward_page(onward: str) -> HTMLResponse:
    """A page that goes on by itself: after a redirect from the provider the browser would leave the cookie at home."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Signed in</title>'
        f'<meta http-equiv="refresh" content="0;url={html.escape(onward)}"></head>'
        f'<body><p><a href="{html.escape(onward)}">Go on</a></p></body></html>'
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})


def _with(book: Book, guest: Guest, name: str) -> Book:
    """The book with a guest, under a name that no other account has; who has not come for 13 months is left out."""
    others = tuple(one for one in book.guests if not _is(one, guest) and guest.seen_unix_s - one.seen_unix_s < _KEEP_S)[
        -_MOST_GUESTS:
    ]
    words = " ".join(re.sub(r"[^\w .,'@+-]", " ", name).split())[:64] or "somebody"
    taken = {one.name for one in others}
    # No local account can have a bracket in its name.
    called = f"{words} (log-in)"
    if called in taken:
        called = f"{words} (log-in {hashlib.sha256(f'{guest.issuer} {guest.key}'.encode()).hexdigest()[:12]})"
    return msgspec.structs.replace(book, guests=(*others, msgspec.structs.replace(guest, name=called)))


def _without(book: Book, config: Oidc, identity: Identity) -> Book:
    """The book without somebody who lost all groups, which ends their sessions."""
    kept = tuple(one for one in book.guests if (one.issuer, one.key) != (config.issuer, identity.key))
    return msgspec.structs.replace(book, guests=kept)


def _is(one: Guest, other: Guest) -> bool:
    return (one.issuer, one.key) == (other.issuer, other.key)
