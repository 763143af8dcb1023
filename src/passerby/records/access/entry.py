"""Decides who is let in: by a session, by a token, or because only this machine is listened to and nobody is set."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import urlsplit

import structlog
from starlette.requests import HTTPConnection

from passerby.errors import StoreError
from passerby.records.access.accounts import LOCAL, Account
from passerby.records.access.book import Book, Guest, Keeping, Person, Token, Watched, role_of
from passerby.records.access.hashing import digest, is_password
from passerby.records.access.limits import Limits, address_key
from passerby.records.access.log import SIGN_IN_REFUSED, SIGNED_IN, AccessLog
from passerby.records.access.sessions import Sessions

_log = structlog.get_logger("passerby.site")
_MOST_WAITING = 8
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Way(Enum):
    """How somebody was let in."""

    NOT = auto()
    LOCAL = auto()
    SESSION = auto()
    TOKEN = auto()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        account: theirs; None for a stranger.
        way: how they were let in; what came with a wrong token is a stranger, whatever else it brought.
    """

    account: Account | None = None
    way: Way = Way.NOT


@dataclass(frozen=True, slots=True)
class SignIn:
    """What became of a try to sign in.

    Attributes:
        identifier: of the new session; None where it was refused.
        wait_s: how long to wait before the next try is looked at; 0 where this one was.
    """

    identifier: str | None = None
    wait_s: float = 0.0


@dataclass(slots=True)
class _Line:
    one_at_a_time: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    waiting: int = 0


class Access:
    """Who is let in to one site or hub. Used by the server's thread alone.

    Args:
        kept: accounts and tokens.
        journal: where sign-ins are entered; None where there is no store.
        only_here: nobody else can reach the site, so that it is open to this machine as long as nobody is set.
        clock: seconds, which only go on.
    """

    def __init__(
        self,
        kept: Keeping,
        journal: AccessLog | None = None,
        *,
        only_here: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kept = kept
        self._watched = Watched(kept)
        self._journal = journal
        self._only_here = only_here
        self._sessions = Sessions(clock)
        self._refused_there = 0
        self._limits, self._line = Limits(clock), _Line()
        self._entering: set[asyncio.Task[None]] = set()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is set, so that nobody can sign in."""
        return self._watched.book().is_empty

    def caller(self, connection: HTTPConnection) -> Caller:
        """Who asks by this request or WebSocket."""
        book = self._watched.book()
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return _by_token(token.strip(), book)
        identifier = connection.cookies.get(cookie_name(connection))
        person = self._sessions.person(identifier, book) if identifier else None
        if person is not None:
            return Caller(_account(person), Way.SESSION)
        if self._only_here and book.is_empty and not self._watched.problem and not _is_forwarded(connection):
            return Caller(LOCAL, Way.LOCAL)
        return Caller()

    async def sign_in(self, name: str, password: str, connection: HTTPConnection) -> SignIn:
        """Tries to sign in. The answer takes as long for a name that is not known."""
        host = connection.client.host if connection.client else ""
        account, address = name.casefold(), address_key(host)
        wait_s = self._limits.wait_s(account, address)
        if wait_s > 0 or self._line.waiting >= _MOST_WAITING:
            return SignIn(wait_s=max(1.0, wait_s))
        tries = self._limits.add(account, address)
        person = self._watched.book().person(name)
        if not await self._is_right(person, password) or person is None:
            self._refused(person, host, tries)
            return SignIn()
        self._limits.right(account, address)
        self.sign_out(connection)
        await self._enter(person.name, SIGNED_IN)
        return SignIn(self._sessions.begin(person))

    async def vouched(self, guest: Guest, life_s: float, connection: HTTPConnection) -> str:
        """Begins a session of somebody for whom a provider vouches, and gives its identifier.

        The guest stands in the book already.
        """
        self.sign_out(connection)
        await self._enter(guest.name, SIGNED_IN, f"by {guest.issuer}")
        return self._sessions.begin(guest, life_s)

    async def not_vouched(self, connection: HTTPConnection, reason: str) -> None:
        """Somebody came from a provider, and is not let in."""
        _log.warning("sign-in refused", address=connection.client.host if connection.client else "", reason=reason)
        self._refused_there += 1
        if self._refused_there & (self._refused_there - 1) == 0:  # strangers cannot fill the log
            await self._enter("somebody", SIGN_IN_REFUSED, f"{reason}; {self._refused_there} since the start")

    def sign_out(self, connection: HTTPConnection) -> None:
        """Ends the session that a request came with."""
        self._sessions.end(connection.cookies.get(cookie_name(connection), ""))

    async def _is_right(self, person: Person | None, password: str) -> bool:
        # One at a time: each takes 64 MiB and all of a core, which the cameras need.
        self._line.waiting += 1
        try:
            async with self._line.one_at_a_time:
                return await asyncio.to_thread(is_password, person.password if person else None, password)
        finally:
            self._line.waiting -= 1

    def _refused(self, person: Person | None, host: str, tries: int) -> None:
        """Says so, without the name where it is not known: people type passwords there."""
        _log.warning("sign-in refused", address=host, account=person.name if person else None)
        if person is not None and tries & (tries - 1) == 0:  # the 1st, 2nd, 4th, 8th: a stranger cannot fill the log
            # Not waited for: an answer that takes longer would tell that there is such a name.
            entering = asyncio.create_task(
                self._enter(person.name, SIGN_IN_REFUSED, f"wrong password, {tries} in a row")
            )
            self._entering.add(entering)
            entering.add_done_callback(self._entering.discard)

    async def _enter(self, account: str, action: str, detail: str = "") -> None:
        if self._journal is None:
            return
        try:
            await asyncio.to_thread(self._journal.add, account, action, detail)
        except StoreError as error:
            _log.error("the log of changes takes nothing", problem=str(error))


def _account(known: Person | Token | Guest) -> Account:
    return Account(known.name, role_of(known), known.reach)


def is_encrypted(connection: HTTPConnection) -> bool:
    """Whether a request came by TLS, to this server or to a proxy that it believes."""
    return connection.scope.get("scheme") in ("https", "wss")


def cookie_name(connection: HTTPConnection) -> str:
    """Name of the cookie of a session. Cookies know hosts, not ports: with the port, two sites of a host keep apart."""
    try:
        port = urlsplit(f"//{connection.headers.get('host', '')}").port
    except ValueError:
        port = None
    name = f"passerby-{port}" if port else "passerby"
    return f"__Host-{name}" if is_encrypted(connection) else name


def _by_token(token: str, book: Book) -> Caller:
    known = book.token_of(digest(token))
    if known is None or known.is_over(time.time()):
        return Caller()
    return Caller(_account(known), Way.TOKEN)


def _is_forwarded(connection: HTTPConnection) -> bool:
    """Whether a proxy says that it handed this on: then it need not come from this machine."""
    return any(name in connection.headers for name in _FORWARDED)
