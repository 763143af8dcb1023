"""Work that is done again and again beside the rest, until a site closes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeating(name: str, every_s: float, work: Callable[[], object]) -> Iterator[None]:
    """Works as long as it is open, in a thread of its own; when it has closed, nothing is at work any more.

    Args:
        name: of the thread.
        every_s: pause before each turn.
        work: one turn.
    """
    closed = threading.Event()

    def turns() -> None:
        while not closed.wait(every_s):
            work()

    thread = threading.Thread(target=turns, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        closed.set()
        thread.join()
