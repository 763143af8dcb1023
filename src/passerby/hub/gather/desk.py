"""Takes deliveries: from the bytes of a request to the receipt that answers it."""

import random
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

import structlog

from passerby.hub.contract import Delivered, Known, Series, Taken
from passerby.hub.fleet import Fleet, Trouble
from passerby.hub.fleet_words import length
from passerby.hub.gather.bounds import Bounds
from passerby.hub.gather.metrics import GatherMetrics
from passerby.hub.gather.reading import Read, RefusedError, read, unpack
from passerby.hub.gather.senders import Sender
from passerby.hub.gather.writer import BusyError, Writer, is_old
from passerby.records.wire.batches import Layout, Receipt, Standing
from passerby.records.wire.checking import problem_of_standing

MOST_CLOCK_OFF_S = 120.0
"""A site's clock may be off by so much; what comes from one that is not is kept and marked."""
_BUSY_S = (2.0, 10.0)
_MOST_LAYOUTS = 4096
_NOTICED_WAIT_S = 0.25
_MOST_PAUSE_S = 60.0
_log = structlog.get_logger("passerby.hub")


@dataclass(frozen=True, slots=True)
class Pending:
    """A delivery that is being stored.

    Attributes:
        read: what it says.
        delivered: what is stored; None where it has no batch.
        stored: what becomes of that.
        began_s: when it was handed in, by the monotonic clock.
        wanted: digests that its standing needs.
    """

    read: Read
    delivered: Delivered
    stored: "Future[Taken] | None"
    began_s: float
    wanted: tuple[str, ...]


class Desk:
    """Takes deliveries of sites; safe from any thread.

    Args:
        series: where tallies go.
        fleet: who is told how sites are.
        clock: Unix seconds.

    Attributes:
        metrics: what was taken.
        bounds: what one site may take of the hub.
    """

    def __init__(self, series: Series, fleet: Fleet, clock: Callable[[], float] = time.time) -> None:
        self._series, self._fleet, self._clock = series, fleet, clock
        self._writer = Writer(series)
        self._layouts: dict[tuple[int, str], Layout] = {}
        self._problem: str | None = None
        self.metrics, self.bounds = GatherMetrics(), Bounds()
        self.metrics.waiting.set_function(lambda: self._writer.waiting)

    def problems(self) -> list[str]:
        """What keeps the hub from storing what sites send; empty while the last delivery was stored."""
        return [f"nothing is taken from sites, which keep all: {self._problem}"] if self._problem else []

    def stored(self, problem: str | None) -> None:
        """Notes what became of a delivery; `problem`: why it could not be stored."""
        if problem and self._problem is None:
            _log.error("what sites send cannot be stored; they keep all and send it again", problem=problem)
        elif self._problem and problem is None:
            _log.info("what sites send is stored again")
        self._problem = problem

    def close(self) -> None:
        """Stores what was handed in."""
        self._writer.close()

    def hand_in(self, sender: Sender, body: bytes, encoding: str) -> Pending:
        """Reads a request, notes how the site is, and has its batches stored.

        Raises:
            RefusedError: it is not taken. Where the site can mend that or the hub's operator must, both are told.
            StoreError: the store cannot be used.
        """
        try:
            told = read(unpack(body, encoding))
            self.bounds.check(sender.venue, told, self._clock())
        except RefusedError as error:
            self._fleet.hear(sender.shown, lambda known: replace(known, heard_unix_s=self._clock()))
            self._trouble(sender, "newer" if error.status == 426 else "refused", error.words)
            raise
        now_unix_s = self._clock()
        off_s = _clock_off(told, now_unix_s)
        wanted = self._hear(sender, told, now_unix_s, off_s)
        doubtful = abs(off_s) > MOST_CLOCK_OFF_S
        if doubtful:
            self._trouble(sender, "clock", f"its clock is {length(abs(off_s))} {'ahead' if off_s > 0 else 'behind'}")
        delivered = Delivered(
            venue=sender.venue,
            zone=sender.zone,
            batches=told.batches,
            layouts=told.layouts,
            received_unix_s=int(now_unix_s),
            aside=told.aside,
            doubtful=doubtful,
        )
        return Pending(told, delivered, self._store(delivered), time.monotonic(), wanted)

    def receipt(self, sender: Sender, pending: Pending, taken: Taken | None) -> Receipt:
        """What the site is told when all of it is on the disk.

        Raises:
            StoreError: the store cannot be used.
        """
        marks = self._series.marks(sender.venue)
        wanted = dict.fromkeys((*(taken.wanted if taken else ()), *pending.wanted))
        if taken and pending.read.outbox:
            marks[pending.read.outbox] = max(taken.mark, marks.get(pending.read.outbox, 0))
            self._count(sender, pending, taken)
        return Receipt(
            marks=marks,
            clock_unix_s=int(self._clock()),
            layouts_wanted=tuple(wanted)[:8],
            set_aside=taken.set_aside if taken else (),
            pause_s=_pause_s(pending),
        )

    def _store(self, delivered: Delivered) -> "Future[Taken] | None":
        if not (delivered.batches or delivered.aside or delivered.layouts):
            return None
        try:
            return self._writer.hand_in(delivered)
        except BusyError:
            raise RefusedError(503, "the hub has more to store than it can now; the site keeps all") from None

    def _hear(self, sender: Sender, told: Read, now_unix_s: float, off_s: float) -> tuple[str, ...]:
        """Notes how a site is, and gives the digest of the layout that is needed to understand it."""
        standing = told.standing
        if standing is None:
            self._fleet.hear(sender.shown, lambda known: replace(known, heard_unix_s=now_unix_s))
            return ()
        layout = told.layouts.get(standing.layout) or self._layout(sender, standing.layout)
        problem = problem_of_standing(standing, layout) if layout else None
        if problem:
            self._trouble(sender, "refused", f"how it says that it is breaks the contract: {problem}")

        def now(known: Known) -> Known:
            heard = replace(known, heard_unix_s=now_unix_s)
            if layout is None or problem or _is_older(standing, known):
                return heard
            return replace(heard, layout=layout, standing=standing, clock_off_s=off_s)

        self._fleet.hear(sender.shown, now)
        return () if layout else (standing.layout,)

    def _layout(self, sender: Sender, digest: str) -> Layout | None:
        venue = sender.venue
        found = self._fleet.layout(sender.shown, digest) or self._layouts.get((venue, digest))
        if found is None:
            found = self._series.layouts(venue).get(digest)
            if found is not None:
                if len(self._layouts) >= _MOST_LAYOUTS:
                    self._layouts.clear()
                self._layouts[venue, digest] = found
        return found

    def _count(self, sender: Sender, pending: Pending, taken: Taken) -> None:
        new, aside = set(taken.new), set(taken.set_aside)
        came = [(one.sequence, len(one.rows), one.sealed_unix_s) for one in pending.delivered.batches]
        for sequence, rows, sealed_unix_s in came:
            if sequence in new and sequence not in aside:
                self.metrics.tallies.inc(rows)
                self.metrics.lag.observe(max(0.0, pending.delivered.received_unix_s - sealed_unix_s))
        numbers = {one[0] for one in came} | {one.sequence for one in pending.delivered.aside}
        outcomes = {
            "new": len((new - aside) & numbers),
            "set_aside": len(aside & numbers),
            "not_taken": sum(one > taken.mark for one in numbers),
        }
        for outcome, count in outcomes.items():
            self.metrics.batches.labels(outcome).inc(count)
        self.metrics.batches.labels("known").inc(max(0, len(numbers) - sum(outcomes.values())))
        if aside:
            self._trouble(sender, "set aside", f"{len(aside)} batches break the contract and were set aside")

    def _trouble(self, sender: Sender, kind: str, words: str) -> None:
        # A site whose clock is off says so each minute: the log has it once.
        if self._fleet.trouble(Trouble(sender.shown, kind, words, self._clock())):
            _log.warning("trouble with a site", venue=sender.venue, kind=kind, problem=words)


def busy_s() -> int:
    """Seconds after which whoever was refused shall come again; not all at once."""
    return round(random.uniform(*_BUSY_S))  # noqa: S311 - spreads load, guards nothing


def _clock_off(told: Read, now_unix_s: float) -> float:
    """How far the site's clock is ahead. Without a standing, batches can only show that it is."""
    if told.standing is not None:
        return told.standing.clock_unix_s - now_unix_s
    return max([0.0, *(one.sealed_unix_s - now_unix_s for one in told.batches)])


def _is_older(standing: Standing, known: Known) -> bool:
    """Whether a standing is of before, replayed or late. A clock that was set back is no sign of that."""
    was_right = abs(known.clock_off_s) <= MOST_CLOCK_OFF_S
    return was_right and known.standing is not None and standing.clock_unix_s < known.standing.clock_unix_s


def _pause_s(pending: Pending) -> float:
    """Who catches up waits four times as long as its delivery did, so that what is new finds the store free."""
    waited_s = time.monotonic() - pending.began_s
    if not is_old(pending.delivered) or waited_s < _NOTICED_WAIT_S:
        return 0.0
    return round(min(_MOST_PAUSE_S, 4 * waited_s), 1)
