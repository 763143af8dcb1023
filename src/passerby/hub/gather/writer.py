"""Hands deliveries to the store: new tallies before those of sites that catch up, and several at a time.

The store writes together what is handed to it at the same time, so one wait for the disk serves many sites. A site has
one request under way, so no delivery overtakes another of its outbox.
"""

import threading
from collections import deque
from concurrent.futures import Future

from passerby.errors import StoreError
from passerby.hub.contract import Delivered, Series, Taken
from passerby.records.outbox.sender import FEW

MOST_WAITING = 512
"""Deliveries that wait at the same time; who comes then is asked to come later."""
MOST_OLD_WAITING = 16
"""The same, of sites that catch up: what they send is large, and can wait."""
_AT_WORK, _OLD_AT_WORK = 16, 2
"""So many are handed over at the same time, and of these so many of sites that catch up."""
_Job = tuple[Delivered, "Future[Taken]"]


class BusyError(Exception):
    """As many wait as may."""


class Writer:
    """Stores what is handed in.

    Args:
        series: where.
    """

    def __init__(self, series: Series) -> None:
        self._series = series
        self._changed = threading.Condition()
        self._new: deque[_Job] = deque()
        self._old: deque[_Job] = deque()
        self._old_at_work = 0
        self._closed = False
        self._threads = [threading.Thread(target=self._work, name=f"gather-{n}", daemon=True) for n in range(_AT_WORK)]
        for thread in self._threads:
            thread.start()

    def hand_in(self, delivered: Delivered) -> "Future[Taken]":
        """Promises what becomes of a delivery, when it is on the disk.

        Raises:
            BusyError: come again later.
        """
        queue, most = (self._old, MOST_OLD_WAITING) if is_old(delivered) else (self._new, MOST_WAITING)
        done: Future[Taken] = Future()
        with self._changed:
            if self._closed or len(queue) >= most:
                raise BusyError
            queue.append((delivered, done))
            self._changed.notify()
        return done

    def close(self) -> None:
        """Stores what was handed in, and ends; closing twice does nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    @property
    def waiting(self) -> int:
        """How many deliveries wait."""
        with self._changed:
            return len(self._new) + len(self._old)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            delivered, done = job
            try:
                if done.set_running_or_notify_cancel():  # who waited may be gone; once begun, it is stored
                    done.set_result(self._series.take(delivered))
            except StoreError as error:
                done.set_exception(error)
            finally:
                self._finished(delivered)

    def _next(self) -> _Job | None:
        """What is to be stored next; None when all is, and nothing more will come."""
        with self._changed:
            while True:
                if self._new:
                    return self._new.popleft()
                if self._old and self._old_at_work < _OLD_AT_WORK:
                    self._old_at_work += 1
                    return self._old.popleft()
                if self._closed and not self._old:
                    return None
                self._changed.wait()

    def _finished(self, delivered: Delivered) -> None:
        if is_old(delivered):
            with self._changed:
                self._old_at_work -= 1
                self._changed.notify()


def is_old(delivered: Delivered) -> bool:
    """Whether a site catches up: live, it sends a batch or two in a minute."""
    return len(delivered.batches) + len(delivered.aside) > FEW
