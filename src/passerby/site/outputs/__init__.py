"""What a site tells others, each in a file or folder of its own. All of it reads; none of it can hold a tally back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from passerby.site.figures import Settings
from passerby.site.pages.board import PageBoard
from passerby.site.proof import LineProof
from passerby.site.shelf_states import ShelfNow
from passerby.site.state import OutputState, SiteState
from passerby.site.store import Store


@dataclass(frozen=True, slots=True)
class Sources:
    """What an output may read.

    Attributes:
        store: where tallies are.
        state: how the site is now; safe from any thread.
        settings: what is needed of the configuration.
        board: all that is told of today, read once for all; `outputs.numbers` makes a flat list of it.
        tell: takes how the output is, for the page and the API.
        proved: what was proved of each line.
        shelves: how each shelf is now; safe from any thread.
    """

    store: Store
    state: Callable[[], SiteState]
    settings: Settings
    board: PageBoard
    tell: Callable[[OutputState], None] = lambda _: None
    proved: Callable[[], tuple[LineProof, ...]] = tuple
    shelves: Callable[[], tuple[ShelfNow, ...]] = tuple


Output = Callable[[Sources], AbstractContextManager[object]]
"""Tells others as long as its context is open. It opens at once: who waits for a network does so in its own thread."""
