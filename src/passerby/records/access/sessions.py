"""Who is signed in. It is known in memory only, so it ends with the program."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from passerby.records.access.book import Book, Guest, Person
from passerby.records.access.hashing import digest

IDLE_S = 3600.0
"""A session ends so long after the last page was closed."""
LIFE_S = 12 * 3600.0
"""A session ends so long after signing in."""
_MOST = 1000


@dataclass(slots=True)
class _Session:
    name: str
    mark: str  # of the account as it was: another one ends the session
    life_s: float
    began_s: float
    used_s: float


class Sessions:
    """The sessions.

    Args:
        clock: seconds, which only go on.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: OrderedDict[str, _Session] = OrderedDict()

    def begin(self, person: Person | Guest, life_s: float = LIFE_S) -> str:
        """Begins one, and gives its identifier, which nobody has known before.

        Args:
            person: who has signed in.
            life_s: how long it lasts at most.
        """
        identifier = secrets.token_urlsafe(32)
        now_s = self._clock()
        self._forget(now_s)
        self._open[digest(identifier)] = _Session(person.name, person.mark, life_s, now_s, now_s)
        return identifier

    def end(self, identifier: str) -> None:
        """Ends one, if there is such a one."""
        self._open.pop(digest(identifier), None)

    def person(self, identifier: str, book: Book) -> Person | Guest | None:
        """Whose session this is, as the book has them now; to ask is to use it."""
        key = digest(identifier)
        session = self._open.get(key)
        if session is None:
            return None
        now_s = self._clock()
        person = book.member(session.name)
        if _is_over(session, now_s) or person is None or person.mark != session.mark:
            del self._open[key]
            return None
        session.used_s = now_s
        self._open.move_to_end(key)
        return person

    def _forget(self, now_s: float) -> None:
        for key in [key for key, session in self._open.items() if _is_over(session, now_s)]:
            del self._open[key]
        while len(self._open) >= _MOST:
            self._open.popitem(last=False)


def _is_over(session: _Session, now_s: float) -> bool:
    return now_s - session.used_s >= IDLE_S or now_s - session.began_s >= session.life_s
