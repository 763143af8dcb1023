"""Puts an account into each request, as the middleware of `site/access` does for who has signed in."""

from starlette.types import ASGIApp, Receive, Scope, Send

from passerby.records.access import LOCAL, Account
from passerby.records.access.accounts import SCOPE_KEY


class SignedIn:
    """Middleware for an app under test.

    Attributes:
        account: who asks now; None for nobody.
    """

    account: Account | None = LOCAL

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, SCOPE_KEY: self.account}, receive, send)
