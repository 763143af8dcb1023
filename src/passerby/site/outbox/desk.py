"""Seals what the store has that the hub was not told, and sends it, in a thread of its own.

Nothing of it can hold a tally back: what is not sealed stands in the store, and what is not sent in the outbox.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass

import structlog

from passerby.errors import StoreError
from passerby.records.damage import is_damage
from passerby.records.outbox import FullError, Outbox, Post, Sender, SenderState, Waiting, seal_in
from passerby.records.outbox.outbox import MOST_SEALED_ROWS
from passerby.records.wire.batches import Layout, Standing
from passerby.site.outbox.due import due, stop_watching, told, watch_tallies
from passerby.site.outbox.names import Names
from passerby.site.outbox.standing import standing
from passerby.site.outbox.strict import Strict
from passerby.site.outputs import Sources
from passerby.site.side_table import SideTable
from passerby.site.state import HubState

SEAL_EVERY_S = 60.0
_PRUNE_EVERY_S = 3600.0
_AGAIN_S = 10.0
_END_S = 5.0
_FULL_S = 1.0
_STEP = 8

_log = structlog.get_logger("passerby.site")


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a hub, open.

    Attributes:
        post: sends.
        tend: does what is to be done now and then.
    """

    post: Post
    tend: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class HubChannel:
    """Which hub is told, and what.

    Attributes:
        url: of the hub.
        way: opens the way to it.
        layout: names of the site's places.
        minimum_judged: under profile strict, no share is told of fewer people.
        seal_every_s: how often what is over is sealed.
    """

    url: str
    way: Callable[[], AbstractContextManager[Way]]
    layout: Layout
    minimum_judged: int = 20
    seal_every_s: float = SEAL_EVERY_S

    def strict(self, sources: Sources, opened_unix_s: float) -> Strict | None:
        """What profile strict lets go of a site that opened at a moment; None under another."""
        if self.layout.profile != "strict":
            return None
        return Strict(sources.store, self.layout.window_s, self.minimum_judged, opened_unix_s)


class HubDesk:
    """Tells the hub, as an output of a site.

    Args:
        to: which hub, and what.
        clock: Unix seconds.
    """

    def __init__(self, to: HubChannel, clock: Callable[[], float] = time.time) -> None:
        self._to, self._clock = to, clock
        self._closed = threading.Event()
        self._sender = SenderState()
        self._waiting = Waiting(0, 0, 0)
        self._problem: str | None = None
        self._opened_unix_s = 0.0
        self._generation = 0

    def state(self) -> HubState:
        """How it goes; safe from any thread."""
        sent, waiting = self._sender, self._waiting
        return HubState(
            url=self._to.url,
            problem=self._problem or sent.problem,
            waiting=waiting.batches,
            oldest_unix_s=waiting.oldest_unix_s or None,
            shed=waiting.shed,
            taken_unix_s=sent.taken_unix_s,
            bytes_sent=sent.bytes_sent,
            clock_off_s=sent.clock_off_s,
        )

    @contextmanager
    def __call__(self, sources: Sources) -> Iterator[None]:
        """Seals and sends as long as it is open."""
        self._opened_unix_s, self._generation = self._clock(), sources.store.generation
        thread = threading.Thread(target=self._run, args=(sources,), name="hub", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._closed.set()
            thread.join(_END_S)

    def _run(self, sources: Sources) -> None:
        try:
            while not self._closed.is_set():
                self._open(sources)
        finally:
            if not self._closed.is_set():
                self._found("it ended by a mistake of the program, which the log has; start the site again")

    def _open(self, sources: Sources) -> None:
        """Works until it is closed, or the store cannot be used or gave way to a new one."""
        if sources.store.generation != self._generation:  # what profile strict told before may not be known any more
            self._generation, self._opened_unix_s = sources.store.generation, self._clock()
        try:
            with closing(Outbox(sources.store.file)) as outbox, self._to.way() as way:
                strict = self._to.strict(sources, self._opened_unix_s)
                self._work(_Turns(self._to, sources, (outbox, strict), self._clock), outbox, way)
        except StoreError as error:
            sources.store.suspected |= is_damage(error)
            self._found(str(error))
            self._closed.wait(_AGAIN_S)

    def _work(self, turns: "_Turns", outbox: Outbox, way: Way) -> None:
        sender = Sender(outbox, way.post, lambda: turns.standing(self._waiting), self._clock)
        turns.begin()
        while turns.current and not self._closed.is_set():
            try:
                if turns.turn():
                    way.tend()
                self._waiting = outbox.waiting()
                wait_s = sender.turn()
                self._answered(sender.state)
                self._waiting = outbox.waiting()
            except FullError as error:
                shed = outbox.make_room()
                self._found(str(error))
                _log.error("the disk is full, and room was made", batches_given_up=shed)
                wait_s = _FULL_S
            else:
                self._found(None)
            self._closed.wait(wait_s)
        if turns.current:
            turns.close()

    def _answered(self, sent: SenderState) -> None:
        before, self._sender = self._sender, sent
        if sent.taken_unix_s == before.taken_unix_s and sent.problem not in (None, before.problem):
            _log.warning("the hub does not take what it is sent; all is kept", problem=sent.problem)

    def _found(self, problem: str | None) -> None:
        if problem and problem != self._problem:
            _log.error("the hub is not told", problem=problem)
        self._problem = problem


class _Turns:
    """What a site does to its outbox, again and again."""

    def __init__(
        self, to: HubChannel, sources: Sources, work: tuple[Outbox, Strict | None], clock: Callable[[], float]
    ) -> None:
        self._sources, self._clock = sources, clock
        self._outbox, self._strict = work
        self._names, self._every_s = Names(to.layout), to.seal_every_s
        self._generation = sources.store.generation
        self._sealed_s = self._pruned_s = float("-inf")

    @property
    def current(self) -> bool:
        """Whether the store's file is the one that this began with."""
        return self._generation == self._sources.store.generation

    def begin(self) -> None:
        """Has the store note what is added; under profile strict it need not."""
        with self._outbox.writing() as connection:
            if self._strict:
                stop_watching(connection)
            else:
                watch_tallies(connection)
        self._outbox.know(self._names.layout)

    def turn(self) -> bool:
        """Seals once a minute, and tidies up once an hour.

        Returns:
            Whether it was time to tidy up.

        Raises:
            StoreError: something could not be done; it will be tried again.
        """
        if time.monotonic() - self._sealed_s >= self._every_s:
            while self._seal_some():
                pass
            self._sealed_s = time.monotonic()
        if time.monotonic() - self._pruned_s >= _PRUNE_EVERY_S:
            self._outbox.prune(int(self._clock()))
            self._pruned_s = time.monotonic()
            return True
        return False

    def close(self) -> None:
        """Seals what is over by now; under profile strict it may not be whole yet, and is not told."""
        while not self._strict and self._seal_some():
            pass

    def standing(self, waiting: Waiting) -> Standing:
        """How the site is now."""
        return standing(self._sources, self._names.layout, waiting, self._clock)

    def _seal_some(self) -> bool:
        """Seals so many tallies that they fit into memory, and says whether there may be more."""
        now_unix_s = int(self._clock())
        with self._outbox.writing() as connection:
            if not self._strict:
                return self._seal_due(connection, now_unix_s)
            seal_in(connection, self._names.layout, self._strict.rows(connection, now_unix_s), now_unix_s)
            return False

    def _seal_due(self, connection: sqlite3.Connection, now_unix_s: int) -> bool:
        found = due(connection, now_unix_s, MOST_SEALED_ROWS)
        rows = self._names.rows(found)  # it may add to the names
        seal_in(connection, self._names.layout, rows, now_unix_s)
        told(connection, found)
        return len(found) == MOST_SEALED_ROWS


@contextmanager
def forget_hub(sources: Sources) -> Iterator[None]:
    """In place of a `HubDesk` where a site has no hub: nothing is noted for one.

    Raises:
        StoreError: the store cannot be written.
    """
    with SideTable(sources.store.file, _STEP, "the hub").writing() as connection:
        stop_watching(connection)
    yield
