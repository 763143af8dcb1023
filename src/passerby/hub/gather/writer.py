"""Threads that store deliveries, those with new tallies before those of a site that catches up.

There are several, so that a store can write together what waits for the disk together.
"""

import itertools
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from passerby.errors import StoreError
from passerby.hub.contract import Delivered, Series, Taken
from passerby.records.outbox.sender import FEW

MOST_WAITING = 512
"""Deliveries that wait at the same time; who comes then is asked to come later."""
MOST_OLD_WAITING = 16
"""The same, of sites that catch up: what they send is large, and can wait."""
_THREADS = 8
_END = 2


class BusyError(Exception):
    """As many wait as may."""


@dataclass(order=True, slots=True)
class _Job:
    rank: int
    number: int
    delivered: Delivered = field(compare=False)
    done: "Future[Taken]" = field(compare=False)


class Writer:
    """Stores what is handed in.

    Args:
        series: where.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._waiting = [0, 0]
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"gather-{n}", daemon=True) for n in range(_THREADS)]
        for thread in self._threads:
            thread.start()

    def hand_in(self, delivered: Delivered) -> "Future[Taken]":
        """Promises what becomes of a delivery, when it is on the disk.

        Raises:
            BusyError: come again later.
        """
        rank = int(is_old(delivered))
        with self._lock:
            if self._closed or self._waiting[rank] >= (MOST_WAITING, MOST_OLD_WAITING)[rank]:
                raise BusyError
            self._waiting[rank] += 1
            job = _Job(rank, next(self._numbers), delivered, Future())
            self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Stores what was handed in, and ends."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._jobs.put(_Job(_END, next(self._numbers), Delivered(0, "", ()), Future()))
        for thread in self._threads:
            thread.join()

    @property
    def waiting(self) -> int:
        """How many deliveries wait."""
        with self._lock:
            return sum(self._waiting)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job.rank == _END:
                return
            try:
                taken = self._series.take(job.delivered)
            except StoreError as error:
                job.done.set_exception(error)
            else:
                job.done.set_result(taken)
            finally:
                with self._lock:
                    self._waiting[job.rank] -= 1


def is_old(delivered: Delivered) -> bool:
    """Whether a site catches up: live, it sends a batch or two in a minute."""
    return len(delivered.batches) + len(delivered.aside) > FEW
