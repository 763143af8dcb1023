"""A real hub takes what real sites send, over HTTP, and keeps it in SQLite."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from passerby.core.tallies import Measure
from passerby.hub.gather import Sender as SenderOf
from passerby.hub.gather.bounds import MOST_AT_ONCE, MOST_LAYOUTS, MOST_OUTBOXES, MOST_RUNS
from passerby.hub.gather.reading import MOST_PACKED_BYTES
from passerby.hub.gather.writer import MOST_OLD_WAITING
from passerby.records.outbox import Outbox, Sender
from passerby.records.wire.batches import (
    MOST_BATCHES,
    MOST_BYTES,
    VERSION,
    CameraStanding,
    Delivery,
    Layout,
    Receipt,
    Standing,
)
from passerby.records.wire.checking import digest_of
from tests.support.outboxes import (
    LAYOUT,
    NOW,
    OUTBOX,
    STRICT,
    Clock,
    Hub,
    batch,
    delivery,
    gathering,
    packed,
    row,
    standing,
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    (tmp_path / "hub").mkdir()
    with gathering(tmp_path / "hub") as hub:
        yield hub


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox.of_its_own(tmp_path / "outbox.sqlite")


def drained(sender: Sender, most: int = 100) -> None:
    for _ in range(most):
        sender.turn()
        if not sender._outbox.waiting().batches:
            return
    raise AssertionError(sender.state)


def test_a_site_sends_all_that_it_has_and_how_it_is(hub: Hub, outbox: Outbox) -> None:
    for minute in range(1, 121):
        outbox.seal(LAYOUT, [row(-minute)], NOW)
    way = hub.way()
    outbox.know(LAYOUT)
    drained(Sender(outbox, way, standing, hub.clock))
    assert hub.total() == 120 * 3
    assert hub.series.marks(1) == {outbox._rows("SELECT id FROM outbox")[0][0]: 120}
    known = hub.fleet.of(1)
    assert (known.layout, known.standing, known.heard_unix_s) == (LAYOUT, standing(), NOW)
    # a greeting, one that the hub wants a layout for, two of fifty and one of what is left
    assert len(way.bodies) == 5 - 1


def test_lost_answers_count_nothing_twice(hub: Hub, outbox: Outbox) -> None:
    way = hub.way()
    sender = Sender(outbox, way, clock=hub.clock)
    for minute in range(1, 41):
        outbox.seal(LAYOUT, [row(-minute)], NOW)
        way.loses_answers, way.cut = minute % 3 == 0, minute % 5 == 0
        sender.turn()
    way.loses_answers = way.cut = False
    drained(sender)
    assert hub.total() == 40 * 3
    assert sender.state.problem is None


def test_a_tally_that_changed_replaces_what_was_there(hub: Hub, outbox: Outbox) -> None:
    outbox.seal(LAYOUT, [row(-1, total=3), row(-2, total=4)], NOW)
    outbox.seal(LAYOUT, [row(-1, total=9)], NOW)
    drained(Sender(outbox, hub.way(), clock=hub.clock))
    assert hub.total() == 4 + 9


def test_a_hub_that_was_restored_from_a_copy_gets_again_what_it_lost(tmp_path: Path, outbox: Outbox) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    outbox.seal(LAYOUT, [row(-1)], NOW)
    with gathering(before) as hub:
        drained(Sender(outbox, hub.way(), clock=hub.clock))
    for file in before.iterdir():
        (after / file.name).write_bytes(file.read_bytes())
    outbox.seal(LAYOUT, [row(-2)], NOW)
    outbox.seal(LAYOUT, [row(-3)], NOW)
    with gathering(before) as hub:
        drained(Sender(outbox, hub.way(), clock=hub.clock))
        assert hub.total() == 9
    with gathering(after) as hub:
        assert hub.total() == 3
        sender = Sender(outbox, hub.way(), clock=hub.clock)
        sender.turn()
        assert outbox.waiting().batches == 2
        drained(sender)
        assert hub.total() == 9


def test_a_hub_that_starts_again_knows_how_sites_are(tmp_path: Path) -> None:
    said = standing(cameras=(CameraStanding(0, 1, 0, ("codec", "dark")), CameraStanding(1, 2, -1)))
    with gathering(tmp_path) as hub:
        hub.send(delivery(said=said))
        hub.post(packed(b"nothing"))
    with gathering(tmp_path) as hub:
        assert hub.fleet.of(1).standing == said
        assert hub.fleet.of(1).layout == LAYOUT
        assert [(one.kind, one.count) for one in hub.fleet.troubles()] == [("refused", 1)]


def test_a_layout_is_asked_for_when_it_is_needed(hub: Hub) -> None:
    answer = hub.send(delivery(batch(1, row()), layouts=(), said=standing()))
    assert answer.layouts_wanted == (digest_of(LAYOUT),)
    assert answer.marks.get(OUTBOX, 0) == 0
    answer = hub.send(delivery(batch(1, row()), said=standing()))
    assert (answer.layouts_wanted, answer.marks) == ((), {OUTBOX: 1})


def test_a_batch_that_breaks_the_contract_is_set_aside_and_holds_nobody_up(hub: Hub) -> None:
    bad = msgspec.structs.replace(row(), start_unix_s=row().start_unix_s + 1)
    answer = hub.send(delivery(batch(1, row(-3)), batch(2, bad), batch(3, row(-2))))
    assert (answer.marks, answer.set_aside) == ({OUTBOX: 3}, (2,))
    assert hub.total() == 6
    ((*where, why),) = [one[:4] for one in hub.series.set_aside()]
    assert where == [1, OUTBOX, 2]
    assert why == "row 0: its window is not one of the clock's"
    assert [one.kind for one in hub.fleet.troubles()] == ["set aside"]
    assert b'passerby_hub_batches_total{outcome="set_aside"} 1.0' in hub.desk.metrics.exposition()


def test_of_a_batch_without_the_form_of_the_contract_only_its_sum_is_kept(hub: Hub) -> None:
    told = msgspec.to_builtins(delivery(batch(1, row())))
    told["batches"][0]["note"] = "the man in the red coat"
    answer = hub.post(packed(msgspec.json.encode(told)))
    assert msgspec.json.decode(answer.content, type=Receipt).set_aside == (1,)
    assert "red coat" not in str(hub.series.set_aside())
    assert b"red coat" not in b"".join(file.read_bytes() for file in hub.series.file.parent.iterdir())


@pytest.mark.parametrize("numbers", [(2, 1), (1, 3), (1, 1)])
def test_batches_out_of_order_are_refused(hub: Hub, numbers: tuple[int, ...]) -> None:
    answer = hub.post(packed(delivery(*(batch(one, row(-one)) for one in numbers))))
    assert answer.status_code == 422
    assert "in the order of their sequence" in answer.text


def test_batches_after_a_gap_are_not_taken(hub: Hub) -> None:
    answer = hub.send(delivery(batch(2, row())))
    assert answer.marks.get(OUTBOX, 0) == 0
    assert hub.total() == 0


def test_a_site_cannot_send_for_another(hub: Hub) -> None:
    hub.send(delivery(batch(1, row())), venue=1)
    hub.send(delivery(batch(1, row(total=100))), venue=2)
    assert (hub.total(venue=1), hub.total(venue=2)) == (3, 100)
    assert hub.post(packed(delivery(batch(2, row()))), venue=3).status_code == 401
    assert hub.fleet.of(3).heard_unix_s is None


def test_what_is_replayed_changes_nothing(hub: Hub) -> None:
    old = packed(delivery(batch(1, row(total=3)), said=standing(NOW)))
    hub.post(old)
    hub.send(delivery(batch(2, row(total=5)), said=standing(NOW + 60)))
    assert hub.post(old).status_code == 200
    assert hub.total() == 5
    known = hub.fleet.of(1).standing
    assert known is not None
    assert known.clock_unix_s == NOW + 60


@pytest.mark.parametrize("cut", [1, 20, -10, -1])
def test_what_is_cut_off_is_refused(hub: Hub, cut: int) -> None:
    answer = hub.post(packed(delivery(batch(1, row())))[:cut])
    assert answer.status_code == 400
    assert hub.total() == 0


def test_what_goes_on_after_its_end_is_refused(hub: Hub) -> None:
    body = packed(delivery(batch(1, row())))
    assert hub.post(body + body).status_code == 400
    assert hub.post(body + b"x").status_code == 400


def test_a_bomb_is_not_unfolded(hub: Hub) -> None:
    bomb = packed(b" " * (16 * MOST_BYTES))
    assert len(bomb) < MOST_PACKED_BYTES
    for body in (bomb, bomb[:-100_000], os.urandom(MOST_PACKED_BYTES + 1)):
        answer = hub.post(body)
        assert answer.status_code == 413
        assert "fewer batches" in answer.text


def test_what_is_packed_otherwise_is_refused(hub: Hub) -> None:
    assert hub.post(b"x", encoding="br").status_code == 415
    answer = hub.post(msgspec.json.encode(delivery(batch(1, row()))), encoding="identity")
    assert answer.status_code == 200


def test_a_newer_site_keeps_its_batches_until_the_hub_is_updated(hub: Hub, outbox: Outbox) -> None:
    told = msgspec.to_builtins(delivery(batch(1, row()))) | {"version": VERSION + 1, "more": {"of": "the future"}}
    answer = hub.post(packed(msgspec.json.encode(told)))
    assert answer.status_code == 426
    assert "update the hub" in answer.text
    assert [one.kind for one in hub.fleet.troubles()] == ["newer"]
    assert hub.series.set_aside() == []


@pytest.mark.parametrize(("off_s", "said"), [(-3 * 86_400, "3 days"), (3600, "1 hour"), (5 * 86_400, "5 days")])
def test_what_comes_from_a_clock_that_is_off_is_kept_and_marked(hub: Hub, off_s: int, said: str) -> None:
    one = msgspec.structs.replace(batch(1, row(-10 * 1440)), sealed_unix_s=NOW + off_s)
    hub.send(delivery(one, said=standing(NOW + off_s)))
    assert hub.total() == 3
    assert hub.fleet.of(1).clock_off_s == off_s
    (trouble,) = hub.fleet.troubles()
    assert trouble.words == f"its clock is {said} {'ahead' if off_s > 0 else 'behind'}"
    hub.send(delivery(said=standing(NOW)))  # it was set
    assert hub.fleet.of(1).standing == standing(NOW)


def test_a_standing_that_contradicts_itself_is_told_and_not_believed(hub: Hub) -> None:
    hub.send(delivery(said=standing()))
    bad: list[Standing] = [
        standing(NOW + 1, cameras=(CameraStanding(0, 1, 1, ("dark",)),)),
        standing(NOW + 1, cameras=(CameraStanding(2, 1, 1),)),
        standing(NOW + 1, cameras=(CameraStanding(0, 1, 0, ("a man",)),)),
    ]
    for said in bad:
        hub.send(delivery(said=said))
        assert hub.fleet.of(1).standing == standing()
    assert hub.fleet.troubles()[0].count == len(bad)


def test_strict_sends_nothing_but_the_whole_site(hub: Hub) -> None:
    hour = NOW // 3600 * 3600 - 3600
    good = msgspec.structs.replace(row(), start_unix_s=hour, width_s=1200, exposure_milli=1_200_000)
    answer = hub.send(delivery(batch(1, good, layout=STRICT), layouts=(STRICT,), said=standing(layout=STRICT)))
    assert answer.set_aside == ()
    small = msgspec.structs.replace(good, width_s=600, exposure_milli=0)
    people = msgspec.structs.replace(good, measure=int(Measure.PEOPLE))
    for number, one in enumerate((small, people), start=2):
        assert hub.send(delivery(batch(number, one, layout=STRICT))).set_aside == (number,)
    named = msgspec.structs.replace(STRICT, places=LAYOUT.places)
    assert hub.post(packed(delivery(layouts=(named,)))).status_code == 422


def test_too_many_batches_are_refused(hub: Hub) -> None:
    told = delivery(*(batch(n, row(-n)) for n in range(1, MOST_BATCHES + 2)))
    assert hub.post(packed(told)).status_code == 413


def test_a_hub_that_is_busy_lets_what_is_new_through(tmp_path: Path) -> None:
    with gathering(tmp_path, Clock()) as hub:
        hub.send(delivery())
        old = delivery(*(batch(n, row(-n)) for n in range(1, 20)))
        with hub.desk._writer._changed:
            hub.desk._writer._old_at_work = 1000  # as if sites that catch up had all that they may have
        handed_in = [hub.desk.hand_in(SenderOf(2, "UTC"), packed(old), "gzip") for _ in range(MOST_OLD_WAITING)]
        answer = hub.post(packed(old))
        assert answer.status_code == 503
        assert 2 <= int(answer.headers["retry-after"]) <= 10
        assert hub.send(delivery(batch(1, row()))).marks == {OUTBOX: 1}
        with hub.desk._writer._changed:
            hub.desk._writer._old_at_work = 0
            hub.desk._writer._changed.notify_all()
        assert [one.stored and one.stored.result(60).mark for one in handed_in] == [19] * MOST_OLD_WAITING
        assert hub.send(old).marks == {OUTBOX: 19}
        assert hub.total(venue=2) == 19 * 3


def test_many_sites_at_once(hub: Hub) -> None:
    """What several hand in at the same time is written together, and each gets its own answer."""
    with ThreadPoolExecutor(16) as pool:
        told = [delivery(batch(n, row(-n))) for n in range(1, 33)]
        for one in told:
            answers = list(pool.map(lambda venue, one=one: hub.send(one, venue), (1, 2)))
            assert [answer.marks[OUTBOX] for answer in answers] == [one.batches[0].sequence] * 2
    assert (hub.total(venue=1), hub.total(venue=2)) == (96, 96)


def test_a_site_that_asks_many_things_at_once_waits_and_the_others_do_not(hub: Hub) -> None:
    with ExitStack() as under_way:
        for _ in range(MOST_AT_ONCE):
            under_way.enter_context(hub.desk.bounds.turn(1))
        answer = hub.post(packed(delivery(batch(1, row()))))
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert hub.send(delivery(batch(1, row())), venue=2).marks == {OUTBOX: 1}
    assert hub.send(delivery(batch(1, row()))).marks == {OUTBOX: 1}


def renamed(number: int) -> Layout:
    return msgspec.structs.replace(LAYOUT, cameras=(*LAYOUT.cameras, f"note {number}"))


def other_outbox(number: int) -> Delivery:
    return delivery(batch(1, row(), outbox=f"{number:032x}"))


def other_runs(number: int) -> Delivery:
    rows = [msgspec.structs.replace(row(), run=number * 2500 + n) for n in range(2500)]
    return delivery(batch(number + 1, *rows))


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (lambda n: delivery(layouts=(renamed(n),)), MOST_LAYOUTS),
        (other_outbox, MOST_OUTBOXES),
        (other_runs, MOST_RUNS // 2500),
    ],
    ids=["names", "outboxes", "runs"],
)
def test_a_site_cannot_write_notes_into_what_the_hub_keeps(
    tmp_path: Path, made: Callable[[int], Delivery], most: int
) -> None:
    """Names, outboxes and starts are the site's to choose; of each a hub takes so many a day, and tells of the rest."""
    clock = Clock()
    with gathering(tmp_path, clock) as hub:
        for number in range(most):
            hub.send(made(number))
        assert hub.post(packed(made(most))).status_code == 503
        assert any("in a day" in one.words for one in hub.fleet.troubles())
        assert hub.send(made(most), venue=2) is not None
        clock.now += 86_400
        assert hub.post(packed(made(most))).status_code == 200
