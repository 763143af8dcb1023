"""Batches that come again, in another order, cut short and from another site, at a hub, with real signatures."""

import gzip
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from passerby.hub.simulate.fleet import Order, make
from passerby.records.wire.batches import MOST_BATCHES
from tests.support.faults import noted
from tests.support.hub import RunningHub
from tests.support.hub_batches import Venue, check, joined, looked_into, post

WINDOW_S, WINDOWS = 900, 200
TIMES = 60
UNTIL = int(time.time()) // WINDOW_S * WINDOW_S


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with RunningHub(tmp_path_factory.mktemp("batches") / "hub") as running:
        yield running.start().wait_open()


@pytest.fixture(scope="module")
def venues(hub: RunningHub) -> list[Venue]:
    return joined(hub, make(Order(5, cameras=2, all_well=True)), (UNTIL - WINDOWS * WINDOW_S, UNTIL, WINDOW_S))


def test_a_batch_that_arrives_again_is_stored_once(hub: RunningHub, venues: list[Venue]) -> None:
    site, draw = venues[0], random.Random(1)
    with noted("batch-repeated") as note, ThreadPoolExecutor(4) as several:
        for time_ in range(TIMES):
            first = draw.randrange(max(0, site.said - 20), site.said + 1)
            some = site.batches[first : min(len(site.batches), site.said + draw.randrange(1, 6))]
            body = site.body(some)
            before = site.said
            answers = [site.deliver(some)] if time_ % 3 else list(several.map(site.deliver, [some] * 4))
            answers.append(site.send(body))
            assert {one.status for one in answers} <= {200, 503}  # as many of a site at once as may
            assert site.said == max(before, some[-1].sequence if some else 0)
            note.once(lost=max(0, before - answers[-1].mark(site.outbox)))
        for first in range(0, len(site.batches), MOST_BATCHES):
            site.deliver(site.batches[first : first + MOST_BATCHES])
        note.lost += check(hub, [site])


def test_batches_that_arrive_in_another_order_are_taken_in_theirs(hub: RunningHub, venues: list[Venue]) -> None:
    site, draw = venues[1], random.Random(2)
    with noted("batch-reordered") as note:
        while site.said < len(site.batches) or note.times < TIMES:
            at = min(site.said, len(site.batches) - 12)
            parts = [site.batches[at + 4 * n : at + 4 * (n + 1)] for n in range(3)]
            draw.shuffle(parts)
            for part in parts:
                before, mixed = site.said, draw.sample(part, len(part))
                if mixed != part:
                    assert site.deliver(mixed).status == 422, "no site makes such a request"
                answer = site.deliver(part)
                taken = max(before, part[-1].sequence) if part[0].sequence <= before + 1 else before
                assert answer.mark(site.outbox) == taken, "what follows a gap is not taken, and no mark goes back"
            note.once()
        note.lost = check(hub, [site])


def test_a_batch_that_arrives_cut_short_is_refused_whole_and_taken_when_it_comes_whole(
    hub: RunningHub, venues: list[Venue]
) -> None:
    site, draw = venues[2], random.Random(3)
    with noted("batch-cut") as note:
        for first in range(0, len(site.batches), 3):
            some = site.batches[first : first + 3]
            body = site.body(some)
            whole = gzip.decompress(body)
            cut = body[: draw.randrange(1, len(body))]
            inside = gzip.compress(whole[: draw.randrange(1, len(whole))])
            began_s = time.monotonic()
            assert site.send(cut).status == 400, "packed, cut and then signed"
            assert site.send(inside).status == 400, "cut, packed and then signed"
            assert site.send(cut, site.signed(body)).status == 401, "cut behind the signature"
            assert site.send(cut, site.signed(body), len(body)).status == 0, "the connection ends"
            assert site.send(site.body([])).mark(site.outbox) == site.said, "nothing of it was taken"
            assert site.deliver(some).mark(site.outbox) == some[-1].sequence
            note.once(time.monotonic() - began_s)
        note.lost = check(hub, [site])


def test_a_batch_of_another_venue_is_nobodys_but_the_senders(hub: RunningHub, venues: list[Venue]) -> None:
    """What is replayed as it was is refused; what another site signs is that site's, whatever it says."""
    site, other, draw = venues[3], venues[4], random.Random(4)
    kept: list[tuple[bytes, dict[str, str]]] = []
    with noted("batch-foreign") as note:
        for first in range(0, len(site.batches), 3):
            some = site.batches[first : first + 3]
            body = site.body(some)
            kept.append((body, dict(site.signed(body))))
            assert other.send(body).status == 200, "before its own site has sent it"
            assert post(hub, *kept[-1]).mark(site.outbox) == some[-1].sequence
            site.said = some[-1].sequence
            replayed, heads = draw.choice(kept)
            again = post(hub, replayed, heads)
            if first == 99:  # a hub that starts again knows no nonce, and stores what is there once all the same
                hub.kill()
                hub.start_quickly().wait_open()
                kept = kept[-1:]
                assert post(hub, *kept[-1]).mark(site.outbox) == site.said
            assert again.status == 401 and b"taken before" in again.body
            swapped = {**heads, **{name: other.signed(replayed)[name] for name in ("signature", "signature-input")}}
            swapped["signature-input"] = heads["signature-input"]
            assert post(hub, replayed, swapped).status == 401
            note.once()
        note.lost = check(hub, [site])
        with looked_into(hub) as series:
            assert site.outbox in series.marks(other.number), "it stands with who signed it"
            assert list(series.marks(site.number)) == [site.outbox]
