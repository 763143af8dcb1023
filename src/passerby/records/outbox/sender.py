"""Sends what waits in an outbox, and how the site is, one request after the other, until the hub has all of it.

One outbox goes in the order of its sequence, so what is new waits behind what is old; fifty batches go in a request,
and how the site is now goes with each of them, so a hub knows that at once.
"""

import gzip
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from passerby.gate.backoff import Backoff
from passerby.records.outbox.outbox import Offer, Outbox
from passerby.records.outbox.posting import Answer, NotPostedError, Post
from passerby.records.wire.batches import MOST_BATCHES, VERSION, Digest, Receipt, Standing, Wire

TELL_EVERY_S = 60.0
"""How the site is is told so often, also where nothing waits."""
FEW = 5
"""As many batches are no backlog: they are sent though the hub asked to wait with what is old."""
_LONG_WAIT_S = 300.0
_CLOCK_OFF_S = 120.0
_MOST_WORDS = 300


class _Parts(Wire, frozen=True):
    """A delivery whose layouts and batches were written before, byte by byte."""

    version: int
    layouts: tuple[msgspec.Raw, ...] = ()
    batches: tuple[msgspec.Raw, ...] = ()
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class SenderState:
    """How sending goes.

    Attributes:
        problem: why nothing is taken now, and what to do; None while all is well.
        taken_unix_s: when the hub last took something; None: not since the start.
        bytes_sent: since the start, as they went over the wire, without heads.
        requests: that the hub took since the start.
        clock_off_s: how far this machine's clock is ahead of the hub's, within some seconds.
    """

    problem: str | None = "the hub was not asked yet"
    taken_unix_s: float | None = None
    bytes_sent: int = 0
    requests: int = 0
    clock_off_s: float = 0.0


class Sender:
    """Sends. `turn` is called by one thread; `state` may be read by any.

    Args:
        outbox: what to send.
        post: how to send it.
        standing: how the site is now; None: nothing is told of it.
        clock: Unix seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        post: Post,
        standing: Callable[[], Standing | None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._outbox, self._post, self._standing, self._clock = outbox, post, standing, clock
        self._backoff = Backoff(1.0)
        self._most = MOST_BATCHES
        self._greeted = False
        self._wanted: tuple[Digest, ...] = ()
        self._told_s = self._pause_until_s = float("-inf")
        self.state = SenderState()

    def turn(self) -> float:
        """Sends one request where there is something to say.

        Returns:
            Seconds to wait before the next turn; 0 while more waits.

        Raises:
            StoreError: the outbox cannot be used.
        """
        offer = self._offer()
        said = self._greeted and not self._wanted
        if offer is None and said and time.monotonic() - self._told_s < TELL_EVERY_S:
            return 1.0
        body = self._packed(offer)
        try:
            answer = self._post(body)
        except NotPostedError as error:
            return self._failed(str(error))
        self.state = replace(self.state, bytes_sent=self.state.bytes_sent + len(body))
        return self._heard(answer)

    def _offer(self) -> Offer | None:
        """What goes now: nothing before the hub has said what it has, and nothing old while it asks to wait."""
        if not self._greeted:
            return None
        paused = time.monotonic() < self._pause_until_s
        return None if paused and self._outbox.waiting().batches > FEW else self._outbox.offer(self._most)

    def _packed(self, offer: Offer | None) -> bytes:
        layouts = [body for digest in self._wanted if (body := self._outbox.layout(digest)) is not None]
        delivery = _Parts(
            VERSION,
            tuple(map(msgspec.Raw, layouts)),
            tuple(map(msgspec.Raw, offer.bodies)) if offer else (),
            self._standing(),
        )
        return gzip.compress(msgspec.json.encode(delivery), compresslevel=6, mtime=0)

    def _heard(self, answer: Answer) -> float:
        if answer.status == 200:
            try:
                receipt = msgspec.json.decode(answer.body, type=Receipt)
            except msgspec.MsgspecError:
                return self._failed("what answers is no hub of passerby; check its address")
            return self._taken(receipt)
        if answer.status == 413 and self._most > 1:
            self._most = max(1, self._most // 2)
            return 0.0
        wait_s = self._failed(_words(answer))
        if answer.status in (401, 403, 422, 426):  # soon it would be answered alike
            wait_s = max(wait_s, random.uniform(0.5, 1.0) * _LONG_WAIT_S)  # noqa: S311 - spreads load, guards nothing
        return max(wait_s, answer.wait_s * random.uniform(1.0, 1.5))  # noqa: S311 - the same

    def _taken(self, receipt: Receipt) -> float:
        now_unix_s = self._clock()
        self._outbox.taken(receipt.marks, int(now_unix_s))
        self._backoff.worked()
        unknown = [one for one in receipt.layouts_wanted if one in self._wanted]
        self._greeted, self._wanted, self._told_s = True, receipt.layouts_wanted, time.monotonic()
        self._pause_until_s = self._told_s + receipt.pause_s
        off_s = now_unix_s - receipt.clock_unix_s
        self.state = SenderState(
            _clock_words(off_s), now_unix_s, self.state.bytes_sent, self.state.requests + 1, round(off_s, 1)
        )
        if unknown:
            return self._failed("the hub asks for names of places that it was sent; its log says why")
        if self._wanted:
            return 0.0
        if self._outbox.waiting().batches:
            return min(1.0, receipt.pause_s)
        self._most = MOST_BATCHES
        return 1.0

    def _failed(self, words: str) -> float:
        self.state = replace(self.state, problem=words)
        return self._backoff.failed()


def _words(answer: Answer) -> str:
    """What a hub says, in one line; whoever else answers is not quoted."""
    try:
        said = msgspec.json.decode(answer.body, type=_Refusal).error.message
    except msgspec.MsgspecError:
        return f"the hub's address answers with status {answer.status}, and not as a hub does; check hub: url"
    said = "".join(letter for letter in said[:_MOST_WORDS] if letter.isprintable())
    return f"the hub says ({answer.status}): {said}"


class _Message(msgspec.Struct):
    message: str


class _Refusal(msgspec.Struct):
    error: _Message


def _clock_words(off_s: float) -> str | None:
    if abs(off_s) <= _CLOCK_OFF_S:
        return None
    side = "ahead of" if off_s > 0 else "behind"
    return f"this machine's clock is {abs(off_s):.0f} s {side} the hub's; set it, by NTP say (the tallies were taken)"
