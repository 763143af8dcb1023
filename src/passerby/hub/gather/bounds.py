"""What one site may take of a hub. A site whose key was stolen is believed, but must not fill the hub or stop others.

An honest site does far less. What is beyond is refused, the site keeps it, and the operator is told.
"""

import threading
from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager

from passerby.hub.gather.reading import Read, RefusedError

DAY_S = 86_400.0
MOST_AT_ONCE = 4
"""Requests of a site at the same time. It has one under way, and tries again where it waited in vain."""
MOST_LAYOUTS, MOST_OUTBOXES, MOST_RUNS = 48, 24, 10_000
"""Different ones of a site in 24 hours: changes of its configuration, of its disk, and starts. A hub keeps them."""


class Bounds:
    """Counts what sites do. Safe from any thread; a hub that starts again begins anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: dict[int, int] = {}
        self._seen: dict[tuple[int, str], dict[Hashable, float]] = {}

    @contextmanager
    def turn(self, venue: int) -> Iterator[None]:
        """A request of a site is under way.

        Raises:
            RefusedError: it has as many already as it may.
        """
        with self._lock:
            at_work = self._at_work.get(venue, 0)
            if at_work >= MOST_AT_ONCE:
                raise RefusedError(503, "this site has other requests under way; the site keeps all")
            self._at_work[venue] = at_work + 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work[venue] -= 1
                if not self._at_work[venue]:
                    del self._at_work[venue]

    def check(self, venue: int, told: Read, now_unix_s: float) -> None:
        """Counts what a delivery has that a hub keeps for long.

        Raises:
            RefusedError: it is more than a site may have in a day.
        """
        runs = {row.run for batch in told.batches for row in batch.rows}
        outboxes = [told.outbox] if told.outbox else []
        with self._lock:
            self._count((venue, "lists of names"), told.layouts, (MOST_LAYOUTS, now_unix_s))
            self._count((venue, "outboxes"), outboxes, (MOST_OUTBOXES, now_unix_s))
            self._count((venue, "starts"), runs, (MOST_RUNS, now_unix_s))

    def _count(self, of: tuple[int, str], came: Collection[Hashable], bound: tuple[int, float]) -> None:
        most, now_unix_s = bound
        seen = self._seen.setdefault(of, {})
        new = [one for one in came if one not in seen]
        if len(seen) + len(new) > most:
            self._seen[of] = seen = {one: at for one, at in seen.items() if 0 <= now_unix_s - at < DAY_S}
        if len(seen) + len(new) > most:
            words = f"more than {most} {of[1]} in a day; the site keeps the rest. If nobody works on it, revoke its key"
            raise RefusedError(503, words)
        seen.update(dict.fromkeys(new, now_unix_s))
