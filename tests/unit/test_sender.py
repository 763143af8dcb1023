"""What a site makes of what a hub answers, also of one that is newer, busy, wrong or none."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from passerby.records.outbox import Answer, NotPostedError, Outbox, Sender
from passerby.records.outbox.sender import FEW
from passerby.records.wire.batches import Delivery, Receipt
from passerby.records.wire.checking import digest_of
from tests.support.outboxes import LAYOUT, NOW, row, standing


@dataclass
class Script:
    """Answers as a test says, and takes what it is told to take.

    Attributes:
        told: what was sent.
        answer: makes the answer to a delivery; the first, a greeting, is answered with what was taken.
    """

    answer: Callable[["Script"], Answer]
    told: list[Delivery] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)

    def __call__(self, body: bytes) -> Answer:
        delivery = msgspec.json.decode(gzip.decompress(body), type=Delivery)
        self.told.append(delivery)
        return took(self) if len(self.told) == 1 else self.answer(self)


def took(script: Script, **more: object) -> Answer:
    """A hub that takes all."""
    for one in script.told[-1].batches:
        script.marks[one.outbox] = one.sequence
    receipt = Receipt(script.marks, NOW, **more)  # type: ignore[arg-type]  # as a test says
    return Answer(200, msgspec.json.encode(receipt))


def says(status: int, words: str = "no", wait_s: float = 0.0) -> Callable[[Script], Answer]:
    body = msgspec.json.encode({"error": {"message": words, "problems": []}})
    return lambda _: Answer(status, body, wait_s)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox.of_its_own(tmp_path / "outbox.sqlite")


def sender(outbox: Outbox, script: Script, waiting: int = 20, clock_unix_s: float = NOW) -> Sender:
    for minute in range(waiting):
        outbox.seal(LAYOUT, [row(-minute - 1)], NOW)
    made = Sender(outbox, script, standing, lambda: clock_unix_s)
    assert made.turn() == 0.0
    assert script.told[0].batches == ()
    return made


def test_a_hub_that_asks_to_wait_gets_what_is_new_and_how_the_site_is(outbox: Outbox) -> None:
    script = Script(lambda it: took(it, pause_s=3600.0))
    made = sender(outbox, script, 60)
    made.turn()
    assert outbox.waiting().batches == 10
    made.turn()
    assert len(script.told) == 2  # it waits, and has told how it is
    made._told_s = float("-inf")
    made.turn()
    assert (script.told[-1].batches, script.told[-1].standing) == ((), standing())
    offer = outbox.offer(10 - FEW)
    assert offer is not None
    script.marks[offer.outbox] += 10 - FEW
    outbox.taken(script.marks, NOW)
    made.turn()
    assert len(script.told[-1].batches) == FEW


def test_a_request_that_is_too_long_is_made_shorter(outbox: Outbox) -> None:
    script = Script(lambda it: took(it) if len(it.told[-1].batches) <= 6 else says(413)(it))
    made = sender(outbox, script)
    while outbox.waiting().batches:
        assert made.turn() in (0.0, 1.0)
    assert [len(one.batches) for one in script.told] == [0, 20, 20, 12, 6, 6, 6, 2]


@pytest.mark.parametrize("status", [401, 403, 422, 426])
def test_what_will_be_answered_alike_is_asked_seldom_and_nothing_is_lost(outbox: Outbox, status: int) -> None:
    made = sender(outbox, Script(says(status, "update the hub\n\x1b[2J")))
    assert 150 <= made.turn() <= 300
    assert made.state.problem == f"the hub says ({status}): update the hub[2J"
    assert outbox.waiting().batches == 20


def test_a_busy_hub_says_when_to_come_again(outbox: Outbox) -> None:
    made = sender(outbox, Script(says(503, "busy", 40.0)))
    assert 40 <= made.turn() <= 60


@pytest.mark.parametrize("status", [200, 301, 404, 502])
def test_what_is_no_hub_is_not_quoted(outbox: Outbox, status: int) -> None:
    made = sender(outbox, Script(lambda _: Answer(status, b"<html>Welcome to nginx")))
    assert made.turn() > 0
    assert "hub: url" in (made.state.problem or "") or "check its address" in (made.state.problem or "")
    assert "nginx" not in (made.state.problem or "")
    assert outbox.waiting().batches == 20


def test_a_layout_that_is_asked_for_again_and_again_is_no_endless_loop(outbox: Outbox) -> None:
    script = Script(lambda it: Answer(200, msgspec.json.encode(Receipt({}, NOW, (digest_of(LAYOUT),)))))
    made = sender(outbox, script)
    assert made.turn() == 0.0
    assert made.turn() > 0
    assert script.told[-1].layouts == (LAYOUT,)
    assert "its log says why" in (made.state.problem or "")


def test_a_line_that_is_cut_is_tried_later_and_later(outbox: Outbox) -> None:
    def cut(_: Script) -> Answer:
        raise NotPostedError("the hub cannot be reached")

    script = Script(cut)
    made = sender(outbox, script)
    waits = [made.turn() for _ in range(60)]
    assert min(waits) >= 1.0
    assert max(waits[:1]) <= 2.0
    assert 10 < max(waits) <= 30.0
    assert made.state.problem == "the hub cannot be reached"
    script.answer = took
    made.turn()
    assert made.state.problem is None


def test_a_clock_that_is_off_is_said(outbox: Outbox) -> None:
    made = sender(outbox, Script(took), clock_unix_s=NOW + 500)
    assert made.state.problem == (
        "this machine's clock is 500 s ahead of the hub's; set it, by NTP say (the tallies were taken)"
    )
    made.turn()
    assert outbox.waiting().batches == 0
