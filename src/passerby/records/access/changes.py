"""Changes of who is let in: accounts and tokens are added and removed, each entered in the site's log."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from passerby.errors import ConfigError, StoreError
from passerby.records.access.accounts import LOCAL
from passerby.records.access.book import Book, Guest, Keeping, Person, RoleName, Token
from passerby.records.access.hashing import digest, hash_password, new_token, password_problem
from passerby.records.access.log import ACCESS_CHANGED, AccessLog

_NAME = re.compile(r"[^\W_][\w.@+ -]{0,62}[\w]|[^\W_]")
_MOST = 1000
MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes the accounts of a site or a hub.

    Attributes:
        file: the accounts.
        journal: the log; None where there is no store yet.
        by: who changes them.
    """

    file: Keeping
    journal: AccessLog | None
    by: str

    def add(self, name: str, role: RoleName, password: str, reach: tuple[str, ...] | None = None) -> str | None:
        """Adds an account; gives why that is not in the log, or None.

        Args:
            name: that they sign in with.
            role: what they may do.
            password: of theirs.
            reach: of which venues of a hub; None: of all.

        Raises:
            ConfigError: the name or the password cannot be taken; nothing has changed.
        """
        _check(_name_problem(name), password_problem(password, name))
        person = Person(name, role, hash_password(password), reach)

        def added(book: Book) -> Book:
            _check(_taken(book, name))
            return msgspec.structs.replace(book, accounts=(*book.accounts, person))

        return self._change(added, f"account {name} added, {role}{_of(reach)}")

    def set_password(self, name: str, password: str) -> str | None:
        """Gives an account another password, which ends its sessions; gives why that is not in the log, or None.

        Raises:
            ConfigError: there is no such account, or the password cannot be taken; nothing has changed.
        """
        _check(password_problem(password, name))
        kept = hash_password(password)

        def changed(book: Book) -> Book:
            if book.person(name) is None:
                raise ConfigError([f"there is no account {name}; there is: {_names(book)}"])
            accounts = (msgspec.structs.replace(one, password=kept) if _is(one, name) else one for one in book.accounts)
            return msgspec.structs.replace(book, accounts=tuple(accounts))

        return self._change(changed, f"password of {name} changed")

    def remove(self, name: str) -> str | None:
        """Removes an account or a token, which ends its sessions; gives why that is not in the log, or None.

        Raises:
            ConfigError: there is none; nothing has changed.
        """

        def removed(book: Book) -> Book:
            if book.member(name) is None and book.token(name) is None:
                raise ConfigError([f"there is no account or token {name}; there is: {_names(book)}"])
            return msgspec.structs.replace(
                book,
                accounts=tuple(one for one in book.accounts if not _is(one, name)),
                tokens=tuple(one for one in book.tokens if not _is(one, name)),
                guests=tuple(one for one in book.guests if not _is(one, name)),
            )

        return self._change(removed, f"{name} removed")

    def add_token(
        self, name: str, role: RoleName, days: int | None, reach: tuple[str, ...] | None = None
    ) -> tuple[str, str | None]:
        """Adds a token, and gives it, which is the only time that it is known; and why that is not in the log, or None.

        Args:
            name: what it is for.
            role: what the program may do.
            days: how long it is taken; None: until it is removed.
            reach: of which venues of a hub; None: of all.

        Raises:
            ConfigError: the name or the days cannot be taken; nothing has changed.
        """
        days_problem = None if days is None or 1 <= days <= MOST_DAYS else f"--days is from 1 to {MOST_DAYS}"
        _check(_name_problem(name), days_problem)
        secret, now = new_token(), int(time.time())
        token = Token(name, role, digest(secret), now, None if days is None else now + days * 86_400, reach)

        def added(book: Book) -> Book:
            _check(_taken(book, name))
            return msgspec.structs.replace(book, tokens=(*book.tokens, token))

        lasts = "for ever" if days is None else f"for {days} days"
        return secret, self._change(added, f"token {name} added, {role}{_of(reach)}, {lasts}")

    def _change(self, how: Callable[[Book], Book], detail: str) -> str | None:
        self.file.change(how)
        if self.journal is None:
            return None
        try:
            self.journal.add(self.by, ACCESS_CHANGED, detail)
        except StoreError as error:  # the change must not wait for the store: it may be what lets the site start
            return str(error)
        return None


def _check(*problems: str | None) -> None:
    found = [problem for problem in problems if problem]
    if found:
        raise ConfigError(found)


def _name_problem(name: str) -> str | None:
    if not _NAME.fullmatch(name) or name.casefold() == LOCAL.name:
        return "write a name of at most 64 letters, digits, spaces and . @ + - _ that begins with a letter or digit"
    return None


def _taken(book: Book, name: str) -> str | None:
    if book.person(name) or book.token(name):
        return f"{name} is there already; remove it first, or choose another name"
    if len(book.accounts) + len(book.tokens) >= _MOST:
        return f"there are {_MOST} accounts and tokens; remove some first"
    return None


def _of(reach: tuple[str, ...] | None) -> str:
    return "" if reach is None else f" of {', '.join(reach)}"


def _is(known: Person | Token | Guest, name: str) -> bool:
    return known.name.casefold() == name.casefold()


def _names(book: Book) -> str:
    known: tuple[Person | Token | Guest, ...] = (*book.accounts, *book.tokens, *book.guests)
    return ", ".join(one.name for one in known) or "none"
