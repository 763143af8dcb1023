"""Passwords and tokens: how they are made, kept and compared."""

import hashlib
import secrets
import unicodedata

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD = 12
MAX_PASSWORD = 256
TOKEN_PREFIX = "passerby_"  # noqa: S105 - what every token begins with, so that scanners for secrets find it

# RFC 9106, section 4, second recommended option: argon2id, 64 MiB, 3 passes, 4 lanes.
_BASE64 = str.maketrans("-_", "+/")
_HASHER = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)
_NOBODY = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${secrets.token_urlsafe(16).translate(_BASE64)}${secrets.token_urlsafe(32).translate(_BASE64)}"
)
"""What a name that is not known is compared with, so that the answer takes as long. No password fits it."""


def password_problem(password: str, name: str) -> str | None:
    """Why a password cannot be taken, or None."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        return f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; four or five words do well"
    if not password.isprintable():
        return "the password holds a character that cannot be typed; leave it out"
    if len(set(password)) < 5 or name.casefold() in password.casefold():
        return "the password is the account's name or too plain; four or five words that do not belong together do well"
    return None


def hash_password(password: str) -> str:
    """What is kept of a password. Takes some 50 ms and 64 MiB, on purpose."""
    return _HASHER.hash(_same(password))


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one of which this is kept. It takes as long where nothing is."""
    try:
        return _HASHER.verify(kept or _NOBODY, _same(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """A token of 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a token or of the identifier of a session: a random secret needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _same(password: str) -> str:
    """One spelling of what keyboards spell in several ways (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
