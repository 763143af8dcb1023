"""Whether a camera still has a password of its factory. Only for an operator who has confirmed that it shall be tried.

Cameras lock an account after a few wrong passwords, so there are three at most in a run, a refused one of the
configuration counted in, with pauses between them, and none more at the first sign of a lock. Nothing that was tried
is kept or told: only whether one let us in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum

from passerby.gate.audit_contract import Login

MOST_TRIES = 3
PAUSE_S = 3.0

_ANYWHERE = (("admin", "admin"), ("admin", "12345"), ("admin", ""))
_OF_MAKER = {  # as their manuals had them, before first use began to ask for one
    "amcrest": (("admin", "admin"),),
    "axis": (("root", "pass"),),
    "bosch": (("service", "service"), ("live", "live")),
    "dahua": (("admin", "admin"), ("888888", "888888"), ("666666", "666666")),
    "foscam": (("admin", ""),),
    "hanwha": (("admin", "4321"),),
    "hikvision": (("admin", "12345"),),
    "i-pro": (("admin", "12345"),),
    "mobotix": (("admin", "meinsm"),),
    "panasonic": (("admin", "12345"),),
    "samsung": (("admin", "4321"),),
    "sony": (("admin", "admin"),),
    "vivotek": (("root", ""),),
    "xiongmai": (("admin", ""), ("default", "tluafed")),
}


class Knock(Enum):
    """What came of one try."""

    LET_IN = "let in"
    REFUSED = "refused"
    LOCKED = "locked"  # or not to be told from it: it stopped answering


def logins_for(manufacturer: str | None) -> tuple[Login, ...]:
    """What to try, the likeliest first."""
    maker = (manufacturer or "").lower()
    own = [login for name, logins in _OF_MAKER.items() if name in maker for login in logins]
    return tuple(Login(*one) for one in dict.fromkeys([*own, *_ANYWHERE]))[:MOST_TRIES]


def is_factory(login: Login) -> bool:
    """Whether a login is one of those, of any maker."""
    every = {one for logins in (_ANYWHERE, *_OF_MAKER.values()) for one in logins}
    return (login.username, login.password) in every


async def any_lets_in(
    knock: Callable[[Login], Awaitable[Knock]], logins: Iterable[Login], pause_s: float = PAUSE_S
) -> bool | None:
    """Tries logins one after another until one lets in; None where the door closed before all were tried."""
    for number, login in enumerate(logins):
        if number:
            await asyncio.sleep(pause_s)
        came = await knock(login)
        if came is not Knock.REFUSED:
            return True if came is Knock.LET_IN else None
    return False
