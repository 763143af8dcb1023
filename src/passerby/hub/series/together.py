"""Deliveries that wait for the disk at the same time are written to it together: one wait for all of them."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

from passerby.errors import StoreError
from passerby.hub.contract import Delivered, Taken

MOST_TOGETHER = 64
MOST_ROWS = 8_000
"""A transaction takes no more deliveries once it has so many rows, so that nobody waits long for another."""
Write = Callable[[Sequence[Delivered]], Sequence[Taken]]
_Waiting = tuple[Delivered, "Future[Taken]"]


class Together:
    """Whoever has the turn writes for all who wait.

    Args:
        write: stores deliveries; all of them are on the disk when it returns, or none is taken.
    """

    def __init__(self, write: Write) -> None:
        self._store = write
        self._turn = threading.Lock()
        self._waiting: deque[_Waiting] = deque()

    def take(self, delivered: Delivered) -> Taken:
        """Stores a delivery, alone or with others. Safe from any thread.

        Raises:
            StoreError: nothing of it was stored.
        """
        mine: Future[Taken] = Future()
        self._waiting.append((delivered, mine))
        while not mine.done():
            with self._turn:
                if not mine.done():
                    self._write(tuple(self._next()))
        return mine.result()

    def _next(self) -> Iterator[_Waiting]:
        rows = 0
        for _ in range(MOST_TOGETHER):
            if not self._waiting or rows >= MOST_ROWS:
                return
            one = self._waiting.popleft()
            rows += sum(len(batch.rows) for batch in one[0].batches)
            yield one

    def _write(self, these: Sequence[_Waiting]) -> None:
        try:
            taken = self._store([delivered for delivered, _ in these])
            for (_, future), result in zip(these, taken, strict=True):
                future.set_result(result)
        except StoreError as error:
            if len(these) == 1:
                these[0][1].set_exception(error)
                return
            # Whom it was about is not known: each alone, so that none holds up another.
            for one in these:
                self._write((one,))
        finally:
            # Whatever happened here, nobody waits for ever.
            for _, future in these:
                if not future.done():
                    future.set_exception(
                        StoreError("the hub could not store this, and its log says why; send it again")
                    )
