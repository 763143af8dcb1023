"""A site without cameras: made-up windows, and otherwise what a site has: outbox, key, signatures, sender."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from passerby.hub.simulate.windows import Script, standing
from passerby.records.ballast import Ballast
from passerby.records.outbox import Outbox, Post, Sender, seal_in
from passerby.records.wire.batches import OutboxStanding, Standing

_NEXT = "CREATE TABLE IF NOT EXISTS simulated (only INTEGER PRIMARY KEY CHECK (only = 1), next_unix_s INTEGER) STRICT"
MOST_AT_ONCE = 96
"""Windows that are sealed between two requests: who catches up goes on sending meanwhile."""
_PRUNE_EVERY_S = 3600.0
_SEAL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Times:
    """The clocks of a simulated site.

    Attributes:
        made_up: up to when windows are over, in Unix seconds; it may run faster than time, up to now.
        own: what the site takes for the time, in Unix seconds.
        hurry: it waits so many times shorter than a site does, where days are played in minutes.
    """

    made_up: Callable[[], float] = time.time
    own: Callable[[], float] = time.time
    hurry: float = 1.0


class SimulatedSite:
    """A simulated site; it is used by one thread at a time. One that was killed goes on where it was.

    Args:
        folder: of its outbox.
        script: what it makes up.
        post: the way to its hub.
        times: its clocks.

    Raises:
        StoreError: the outbox cannot be used.
    """

    def __init__(self, folder: Path, script: Script, post: Post, times: Times = Times()) -> None:
        self.script, self._times = script, times
        self._windows = script.windows()
        self._outbox = Outbox.of_its_own(folder / "outbox.sqlite", Ballast.none())
        with self._outbox.writing() as connection:
            self._next = _first(connection, script)
        self._pruned_unix_s, self._due_s = times.own(), 0.0
        self.sender = Sender(self._outbox, post, self._standing, times.own)
        self.sealed_rows = 0

    @property
    def waiting(self) -> int:
        """Batches that the hub has not taken."""
        return self._outbox.waiting().batches

    @property
    def done(self) -> bool:
        """Whether all of its script is at the hub."""
        return self._next + self.script.window_s > self.script.until_unix_s and not self.waiting

    def turn(self) -> float:
        """Seals what is over by its clock, and sends one request where that is due.

        Returns:
            Seconds to wait before the next turn.

        Raises:
            StoreError: the outbox cannot be used.
        """
        more = self._seal()
        if time.monotonic() >= self._due_s:
            wait_s = self.sender.turn() / self._times.hurry
            self._due_s = time.monotonic() + wait_s  # from the answer on, which may have taken long
            self._prune()
        return 0.0 if more else min(_SEAL_EVERY_S, max(0.0, self._due_s - time.monotonic()))

    def _prune(self) -> None:
        now_unix_s = self._times.own()
        if now_unix_s - self._pruned_unix_s > _PRUNE_EVERY_S:
            self._outbox.prune(int(now_unix_s))
            self._pruned_unix_s = now_unix_s

    def close(self) -> None:
        """Closes its outbox."""
        self._outbox.close()

    def _seal(self) -> bool:
        """Seals windows that are over, each as a batch, and gives whether there are more."""
        window_s, over = self.script.window_s, min(self._times.made_up(), self.script.until_unix_s)
        ends = range(self._next + window_s, int(over) + 1, window_s)[:MOST_AT_ONCE]
        if not ends:
            return False
        sealed = [(end, self._windows.rows(end - window_s)) for end in ends]
        with self._outbox.writing() as connection:
            for end, rows in sealed:
                seal_in(connection, self._windows.layout, rows, end)
            connection.execute("UPDATE simulated SET next_unix_s = ?", (ends[-1],))
        self._next = ends[-1]
        self.sealed_rows += sum(len(rows) for _, rows in sealed)
        return self._next + window_s <= over

    def _standing(self) -> Standing:
        waiting = self._outbox.waiting()
        end = self._next if self._next > self.script.since_unix_s else None
        outbox = OutboxStanding(waiting.batches, waiting.oldest_unix_s, waiting.shed)
        return standing(self._windows, self._times.own(), end, outbox)


def _first(connection: sqlite3.Connection, script: Script) -> int:
    """Where it goes on."""
    connection.execute(_NEXT)
    connection.execute("INSERT OR IGNORE INTO simulated VALUES (1, ?)", (script.since_unix_s,))
    found: int = connection.execute("SELECT next_unix_s FROM simulated").fetchone()[0]
    return found
