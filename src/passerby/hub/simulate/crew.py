"""Many simulated sites in one process: each has its turn when it is due, and never two at once."""

import heapq
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from passerby.errors import StoreError
from passerby.hub.simulate.site import SimulatedSite


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crew is.

    Attributes:
        sites, connected: of the crew, and of these those that the hub takes from now.
        rows: tallies that were sealed since the start.
        waiting: batches that the hub has not taken.
        bytes_sent: since the start.
        problem: what keeps a site from sending, if anything does.
    """

    sites: int
    connected: int
    rows: int
    waiting: int
    bytes_sent: int
    problem: str | None

    def words(self) -> str:
        """For a person."""
        told = f"{self.rows:,} tallies, {self.bytes_sent / 1e6:.1f} MB, {self.waiting:,} batches wait"
        return f"{told}; {self.connected} of {self.sites} sites" + (f": {self.problem}" if self.problem else "")


class Crew:
    """Runs simulated sites in threads, from the start of the context to its end.

    Args:
        sites: any number; they are closed with the crew.
        threads: so many have a turn at the same time.
    """

    def __init__(self, sites: Sequence[SimulatedSite], threads: int = 8) -> None:
        self._sites = sites
        self._threads = [threading.Thread(target=self._work, name=f"sites-{n}") for n in range(threads)]
        self._due = [(0.0, index) for index in range(len(sites))]
        self._changed = threading.Condition()
        self._ends = False
        self._failed: StoreError | None = None

    def __enter__(self) -> "Crew":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ends = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        for site in self._sites:
            site.close()

    @property
    def done(self) -> bool:
        """Whether all that the sites were to make up is at the hub.

        Raises:
            StoreError: an outbox cannot be used.
        """
        self.raise_failed()
        return all(site.done for site in self._sites)

    def raise_failed(self) -> None:
        """Raises what ended a thread, if anything did.

        Raises:
            StoreError: an outbox cannot be used.
        """
        if self._failed is not None:
            raise self._failed

    def progress(self) -> Progress:
        """How far it is.

        Raises:
            StoreError: an outbox cannot be used.
        """
        states = [site.sender.state for site in self._sites]
        problems = [state.problem for state in states if state.problem]
        return Progress(
            sites=len(states),
            connected=len(states) - len(problems),
            rows=sum(site.sealed_rows for site in self._sites),
            waiting=sum(site.waiting for site in self._sites),
            bytes_sent=sum(state.bytes_sent for state in states),
            problem=problems[0] if problems else None,
        )

    def _work(self) -> None:
        try:
            self._turns()
        except StoreError as error:
            self._failed = error
        finally:
            if not self._ends and self._failed is None:
                self._failed = StoreError("a thread of simulated sites ended; why stands above")

    def _turns(self) -> None:
        while (index := self._next()) is not None:
            wait_s = self._sites[index].turn()
            with self._changed:
                heapq.heappush(self._due, (time.monotonic() + wait_s, index))
                self._changed.notify()

    def _next(self) -> int | None:
        """The site whose turn it is, when it is; None when all ends."""
        with self._changed:
            while not self._ends:
                now_s = time.monotonic()
                if self._due and self._due[0][0] <= now_s:
                    return heapq.heappop(self._due)[1]
                self._changed.wait(self._due[0][0] - now_s if self._due else None)
            return None
