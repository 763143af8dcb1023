"""What is kept of the hours of a day that are over, so that a new window is not dearer late in the day."""

import math
from collections.abc import Callable
from typing import Generic, TypeVar

from passerby.site.store import Store

_Key = TypeVar("_Key")
_One = TypeVar("_One")


class Settled(Generic[_Key, _One]):
    """Grows by what became settled; all of it is read again when something of it changed. Not for threads.

    Args:
        store: is asked for changes.
        read: reads what there is between two moments, by key.
    """

    def __init__(self, store: Store, read: Callable[[float, float], dict[_Key, list[_One]]]) -> None:
        self._store, self._read = store, read
        self._since, self._until, self._revision = math.nan, math.nan, 0
        self._found: dict[_Key, list[_One]] = {}

    def between(self, since_unix_s: float, until_unix_s: float) -> dict[_Key, list[_One]]:
        """What there is from one moment to another, which does not go back on the same day.

        Raises:
            StoreError: the store cannot be read.
        """
        revision, found, until = self._store.revision, self._found, self._until
        is_known = self._since == since_unix_s and until <= until_unix_s
        if not is_known or self._store.changed_since(self._revision) < until:
            found, until = {}, since_unix_s
        if until < until_unix_s:
            found = joined(found, self._read(until, until_unix_s))
        self._since, self._until, self._revision, self._found = since_unix_s, until_unix_s, revision, found
        return found


def joined(first: dict[_Key, list[_One]], second: dict[_Key, list[_One]]) -> dict[_Key, list[_One]]:
    """The lists of both, by key."""
    return {key: first.get(key, []) + second.get(key, []) for key in first.keys() | second.keys()}
