"""The file of accounts and tokens: `access.json`, beside the store, for the eyes of the site's own account only."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from passerby.errors import ConfigError
from passerby.records.access.accounts import Role

_log = structlog.get_logger("passerby.site")
FILE_NAME = "access.json"
_OTHERS = 0o077
_VERSION = 1
RoleName = Literal["viewer", "operator", "admin"]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account that signs in with a password.

    Attributes:
        name: that they sign in with; capitals make no difference.
        role: what they may do.
        password: as argon2id made it; the password itself stands nowhere.
    """

    name: str
    role: RoleName
    password: str


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a program sends instead of a password.

    Attributes:
        name: what it is for.
        role: what the program may do.
        sha256: of the token, in hexadecimal; the token itself stands nowhere.
        made_unix_s: when it was made.
        expires_unix_s: from when it is no longer taken; None: never.
    """

    name: str
    role: RoleName
    sha256: str
    made_unix_s: int
    expires_unix_s: int | None = None

    def is_over(self, now_unix_s: float) -> bool:
        """Whether it is no longer taken."""
        return self.expires_unix_s is not None and now_unix_s >= self.expires_unix_s


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All who are let in.

    Attributes:
        version: of the file's form.
        accounts: people.
        tokens: programs.
    """

    version: int = _VERSION
    accounts: tuple[Person, ...] = ()
    tokens: tuple[Token, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is in it."""
        return not (self.accounts or self.tokens)

    def person(self, name: str) -> Person | None:
        """The account of that name."""
        return next((one for one in self.accounts if one.name.casefold() == name.casefold()), None)

    def token(self, name: str) -> Token | None:
        """The token of that name."""
        return next((one for one in self.tokens if one.name.casefold() == name.casefold()), None)

    def token_of(self, sha256: str) -> Token | None:
        """The token with that digest."""
        return next((one for one in self.tokens if one.sha256 == sha256), None)


def role_of(known: Person | Token) -> Role:
    """What an account or token may do."""
    return Role[known.role.upper()]


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
            return Book()
        except OSError as error:
            words = f"it cannot be read ({error.strerror}); it must belong to the account that the site runs under"
            raise ConfigError([f"{self.file}: {words}"]) from None
        return self._understood(raw)

    def _understood(self, raw: bytes) -> Book:
        try:
            book = msgspec.json.decode(raw, type=Book)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            words = "it is not a list of accounts; bring a copy back, or delete it and add the accounts again"
            raise ConfigError([f"{self.file}: {words} ({error})"]) from None
        if book.version != _VERSION:
            raise ConfigError([f"{self.file}: it is of another version of passerby ({book.version}); use that one"])
        return book

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
    """The file as a running site knows it: read again when it changes. One that cannot be read lets nobody in.

    Args:
        file: the file.
    """

    def __init__(self, file: AccessFile) -> None:
        self._file = file
        self._stamp: tuple[int, ...] | None = None
        self._book = Book()
        self.problem: str | None = None

    def book(self) -> Book:
        """Who is let in now."""
        stamp = self._file.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._read()
        return self._book

    def _read(self) -> None:
        try:
            self._book, self.problem = self._file.read(), None
        except ConfigError as error:
            self._book, self.problem = Book(), str(error)
            _log.error("nobody is let in until the file of accounts can be read", problem=self.problem)
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
