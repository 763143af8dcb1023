"""Accounts and roles. The middleware that lets somebody in puts their account into the request's scope."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

SCOPE_KEY = "passerby.account"
"""Where the account stands in an ASGI scope."""
STILL_KEY = "passerby.still"
"""Where stands what tells whether the account is as it was."""


class Role(IntEnum):
    """What somebody may do. Each may do all that those before may."""

    VIEWER = 1
    """Reads the page and the API."""

    OPERATOR = 2
    """Corrects occupancy, counts by hand, answers alerts."""

    ADMIN = 3
    """Sets cameras up, changes the configuration and who may do what."""

    @property
    def label(self) -> str:
        """As people write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks.

    Attributes:
        name: that they signed in with, or of their token.
        role: what they may do.
        reach: of which venues of a hub: words such as `district:North`; None: of all. A site does not ask.
    """

    name: str
    role: Role
    reach: tuple[str, ...] | None = None


LOCAL = Account("this machine", Role.ADMIN)
"""Who asks where no accounts are set and only this machine is listened to."""


def account_of(connection: HTTPConnection) -> Account | None:
    """Who asks by this request or WebSocket; None where nobody has signed in."""
    account: Account | None = connection.scope.get(SCOPE_KEY)
    return account


def is_still(connection: HTTPConnection) -> bool:
    """Whether who asked by this request would be let in now as then: the account is there, and with the same role."""
    still: Callable[[], bool] | None = connection.scope.get(STILL_KEY)
    return still is None or still()


def requires(role: Role) -> Callable[[HTTPConnection], Account]:
    """A dependency for FastAPI: the account of who asks, who has at least this role.

    Its routes answer 401 without an account, and 403 to one that may less.
    """

    def check(connection: HTTPConnection) -> Account:
        account = account_of(connection)
        if account is None:
            raise HTTPException(401, "sign in, or send a token: Authorization: Bearer TOKEN")
        if account.role < role:
            raise HTTPException(403, f"{account.name} is a {account.role.label}; this needs the role {role.label}")
        return account

    return check
