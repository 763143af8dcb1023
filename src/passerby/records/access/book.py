"""Accounts and tokens, and the file that they stand in: `access.json`, for the eyes of the site's own account only."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Protocol

import msgspec
import structlog

from passerby.errors import ConfigError
from passerby.records.access.accounts import Role

_log = structlog.get_logger("passerby.site")
FILE_NAME = "access.json"
_OTHERS = 0o077
_VERSION = 1
RoleName = Literal["viewer", "operator", "admin"]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An account that signs in with a password.

    Attributes:
        name: that they sign in with; capitals make no difference.
        role: what they may do.
        password: as argon2id made it; the password itself stands nowhere.
        reach: of which venues of a hub; None: of all. A site does not ask.
    """

    name: str
    role: RoleName
    password: str
    reach: tuple[str, ...] | None = None

    @property
    def mark(self) -> str:
        """Sessions end when it changes."""
        return self.password


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a program sends instead of a password.

    Attributes:
        name: what it is for.
        role: what the program may do.
        sha256: of the token, in hexadecimal; the token itself stands nowhere.
        made_unix_s: when it was made.
        expires_unix_s: from when it is no longer taken; None: never.
        reach: of which venues of a hub; None: of all. A site does not ask.
    """

    name: str
    role: RoleName
    sha256: str
    made_unix_s: int
    expires_unix_s: int | None = None
    reach: tuple[str, ...] | None = None

    def is_over(self, now_unix_s: float) -> bool:
        """Whether it is no longer taken."""
        return self.expires_unix_s is not None and now_unix_s >= self.expires_unix_s


class Guest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An account for whom a provider of log-ins vouches: somebody who works with a hub.

    Attributes:
        name: as the log has it; no account of another kind can have it.
        role: what they may do, by their groups when they signed in last.
        issuer: the provider.
        key: what the provider knows them by.
        groups: those that gave them their role.
        seen_unix_s: when they signed in last.
        reach: of which venues; None: of all.
    """

    name: str
    role: RoleName
    issuer: str
    key: str
    groups: tuple[str, ...] = ()
    seen_unix_s: int = 0
    reach: tuple[str, ...] | None = None

    @property
    def mark(self) -> str:
        """Sessions end when it changes."""
        return repr((self.issuer, self.key, self.role, self.reach))


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """All who are let in.

    Attributes:
        version: of the file's form.
        accounts: people.
        tokens: programs.
        guests: people for whom a provider vouches.
    """

    version: int
    accounts: tuple[Person, ...] = ()
    tokens: tuple[Token, ...] = ()
    guests: tuple[Guest, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is in it."""
        return not (self.accounts or self.tokens)

    def person(self, name: str) -> Person | None:
        """The account of that name."""
        return next((one for one in self.accounts if one.name.casefold() == name.casefold()), None)

    def member(self, name: str) -> Person | Guest | None:
        """Who can have a session under that name."""
        return self.person(name) or next((one for one in self.guests if one.name == name), None)

    def token(self, name: str) -> Token | None:
        """The token of that name."""
        return next((one for one in self.tokens if one.name.casefold() == name.casefold()), None)

    def token_of(self, sha256: str) -> Token | None:
        """The token with that digest."""
        return next((one for one in self.tokens if one.sha256 == sha256), None)


EMPTY = Book(_VERSION)
"""Nobody is in it."""


def role_of(known: Person | Token | Guest) -> Role:
    """What an account or token may do."""
    return Role[known.role.upper()]


def understood(raw: bytes, where: str) -> Book:
    """A book as it was written.

    Args:
        raw: what was written.
        where: it stands, for messages.

    Raises:
        ConfigError: it is none, or of another version.
    """
    try:
        book = msgspec.json.decode(raw, type=Book)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        words = "it is not a list of accounts; bring a copy back, or delete it and add the accounts again"
        raise ConfigError([f"{where}: {words} ({error})"]) from None
    if book.version != _VERSION:
        raise ConfigError([f"{where}: it is of another version of passerby ({book.version}); use that one"])
    return book


class Keeping(Protocol):
    """Where a book is kept: the file of a site, or the register of a hub."""

    def read(self) -> Book:
        """What stands in it; nobody, where there is none.

        Raises:
            ConfigError: it cannot be read or understood.
        """

    def change(self, how: Callable[[Book], Book]) -> Book:
        """Changes it; whoever reads at the same time sees all of the change or nothing.

        Raises:
            ConfigError: it cannot be read or written, or `how` refuses; nothing has changed.
        """

    def stamp(self) -> tuple[int, ...] | None:
        """Changes when the book does; None where there is none."""


class AccessFile:
    """The file, read and written whole.

    Args:
        file: its path; it need not exist.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> Book:
        """What stands in it; nobody, where there is none.

        Raises:
            ConfigError: others may read it, or it cannot be read or understood.
        """
        try:
            with self.file.open("rb") as handle:
                if os.fstat(handle.fileno()).st_mode & _OTHERS:
                    words = "others on this machine may read it; keep it for yourself"
                    raise ConfigError([f"{self.file}: {words}: chmod 600 {self.file}"])
                raw = handle.read()
        except FileNotFoundError:
            return EMPTY
        except OSError as error:
            words = f"it cannot be read ({error.strerror}); it must belong to the account that the site runs under"
            raise ConfigError([f"{self.file}: {words}"]) from None
        return understood(raw, str(self.file))

    def change(self, how: Callable[[Book], Book]) -> Book:
        """Changes it; whoever reads at the same time sees all of the change or nothing.

        Raises:
            ConfigError: it cannot be read or written, or `how` refuses; nothing has changed.
        """
        try:
            with _locked(self.file.parent):
                book = how(self.read())
                self._write(msgspec.json.format(msgspec.json.encode(book), indent=2) + b"\n")
        except OSError as error:
            raise ConfigError([f"{self.file}: cannot be written ({error.strerror})"]) from None
        return book

    def _write(self, raw: bytes) -> None:
        descriptor, name = tempfile.mkstemp(prefix=f".{self.file.name}-", dir=self.file.parent)  # with mode 0600
        try:
            with os.fdopen(descriptor, "wb") as handle:
                if os.geteuid() == 0:  # root writes for the account that the site runs under
                    owner = self.file.parent.stat()
                    os.fchown(handle.fileno(), owner.st_uid, owner.st_gid)
                handle.write(raw)
                handle.flush()
                os.fsync(handle.fileno())
            Path(name).replace(self.file)
        finally:
            Path(name).unlink(missing_ok=True)

    def stamp(self) -> tuple[int, ...] | None:
        """Changes when the file does; None where there is none."""
        try:
            found = self.file.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode)


class Watched:
    """A book as a running site or hub knows it: read again when it changes. One that cannot be read lets nobody in.

    Args:
        kept: where it is.
    """

    def __init__(self, kept: Keeping) -> None:
        self._kept = kept
        self._stamp: tuple[int, ...] | None = None
        self._book = EMPTY
        self.problem: str | None = None

    def book(self) -> Book:
        """Who is let in now."""
        stamp = self._kept.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._read()
        return self._book

    def _read(self) -> None:
        try:
            self._book, self.problem = self._kept.read(), None
        except ConfigError as error:
            self._book, self.problem = EMPTY, str(error)
            _log.error("nobody is let in until the accounts can be read", problem=self.problem)
            return
        _log.info("accounts read", accounts=len(self._book.accounts), tokens=len(self._book.tokens))


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
