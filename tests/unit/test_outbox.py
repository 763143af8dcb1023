"""What waits for the hub: sealed once, kept, sent again, given up when the disk is full."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from passerby.errors import StoreError
from passerby.records.ballast import Ballast
from passerby.records.outbox import FullError, Outbox
from passerby.records.outbox.outbox import KEEP_TAKEN_S, MOST_OFFERED_BYTES, MOST_SEALED_ROWS
from passerby.records.wire.batches import Batch, Row
from tests.support.outboxes import LAYOUT, NOW, row


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox.of_its_own(tmp_path / "outbox.sqlite")


def read(bodies: tuple[bytes, ...]) -> list[Batch]:
    return [msgspec.json.decode(body, type=Batch) for body in bodies]


def offered(outbox: Outbox) -> list[Batch]:
    offer = outbox.offer()
    return read(offer.bodies) if offer else []


def sealed(outbox: Outbox, count: int) -> None:
    for minute in range(count):
        outbox.seal(LAYOUT, [row(minute - count)], NOW)


def test_what_is_sealed_is_offered_in_order_and_as_it_was_until_the_hub_has_it(outbox: Outbox) -> None:
    sealed(outbox, 3)
    first = outbox.offer()
    assert first is not None
    assert [one.sequence for one in read(first.bodies)] == [1, 2, 3]
    assert [one.rows for one in read(first.bodies)] == [(row(-3),), (row(-2),), (row(-1),)]
    again = outbox.offer()
    assert again == first
    assert outbox.taken({first.outbox: 2}, NOW) is False
    third = outbox.offer()
    assert third is not None
    assert third.bodies == first.bodies[2:]
    assert outbox.waiting().batches == 1
    outbox.taken({first.outbox: 3}, NOW)
    assert outbox.offer() is None


def test_it_is_all_there_after_a_start(outbox: Outbox) -> None:
    sealed(outbox, 2)
    before = outbox.offer()
    outbox.close()
    assert Outbox(outbox.file).offer() == before


def test_a_hub_that_was_restored_gets_again_what_it_lost(outbox: Outbox) -> None:
    sealed(outbox, 4)
    first = outbox.offer()
    assert first is not None
    outbox.taken({first.outbox: 4}, NOW)
    assert outbox.taken({first.outbox: 1}, NOW) is True
    offer = outbox.offer()
    assert offer is not None
    assert offer.bodies == first.bodies[1:]


def test_a_hub_that_knows_nothing_gets_what_is_kept_under_a_new_name(outbox: Outbox) -> None:
    sealed(outbox, 3)
    name = offered(outbox)[0].outbox
    outbox.taken({name: 2}, NOW)
    outbox.prune(NOW + KEEP_TAKEN_S + 1)
    outbox.taken({name: 3}, NOW + KEEP_TAKEN_S)
    assert outbox.taken({}, NOW + KEEP_TAKEN_S) is True
    (only,) = offered(outbox)
    assert (only.sequence, only.rows) == (1, (row(-1),))
    assert only.outbox != name
    outbox.taken({only.outbox: 1}, NOW)
    assert offered(outbox) == []


def test_a_site_that_was_restored_does_not_take_a_number_twice(tmp_path: Path, outbox: Outbox) -> None:
    sealed(outbox, 2)
    name = offered(outbox)[0].outbox
    copy = tmp_path / "copy.sqlite"
    with sqlite3.connect(copy) as to:
        outbox._connection.backup(to)  # as a copy of the store of a site that runs is made
    outbox.seal(LAYOUT, [row(-9)], NOW)
    outbox.offer()
    restored = Outbox(copy)
    restored.seal(LAYOUT, [row(-8, total=5)], NOW)
    restored.taken({name: 3}, NOW)  # the hub had the third of the site as it was before
    (other,) = offered(restored)
    assert (other.sequence, other.rows) == (1, (row(-8, total=5),))
    assert other.outbox != name
    restored.taken({name: 3, other.outbox: 1}, NOW)
    assert restored.waiting().batches == 0
    restored.seal(LAYOUT, [row(-7)], NOW)
    assert [(one.outbox, one.sequence) for one in offered(restored)] == [(other.outbox, 2)]


def test_what_the_hub_has_is_deleted_after_two_weeks(outbox: Outbox) -> None:
    sealed(outbox, 2)
    name = offered(outbox)[0].outbox
    outbox.taken({name: 2}, NOW)
    outbox.prune(NOW + KEEP_TAKEN_S - 1)
    assert outbox.taken({name: 0}, NOW)
    assert len(offered(outbox)) == 2
    outbox.taken({name: 2}, NOW)
    outbox.prune(NOW + KEEP_TAKEN_S + 1)
    assert outbox._rows("SELECT count(*) FROM outbox_batch") == [(0,)]
    outbox.seal(LAYOUT, [row()], NOW)
    assert [one.sequence for one in offered(outbox)] == [3]


def test_many_tallies_are_several_batches_and_a_request_is_bounded(outbox: Outbox) -> None:
    rows = [row(-n) for n in range(1, 3 * MOST_SEALED_ROWS + 2)]
    assert outbox.seal(LAYOUT, rows, NOW) == 4
    for _ in range(40):
        outbox.seal(LAYOUT, rows[:MOST_SEALED_ROWS], NOW)
    offer = outbox.offer()
    assert offer is not None
    assert 1 < len(offer.bodies) < 44
    assert sum(map(len, offer.bodies)) <= MOST_OFFERED_BYTES
    assert sum(len(one.rows) for one in read(offer.bodies[:4])) == len(rows)


def test_nothing_is_no_batch(outbox: Outbox) -> None:
    assert outbox.seal(LAYOUT, [], NOW) == 0
    assert outbox.offer() is None


def fill(outbox: Outbox, rows: list[Row]) -> None:
    """Seals until the file may not grow any more."""
    pages = outbox._connection.execute("PRAGMA page_count").fetchone()[0]
    outbox._connection.execute(f"PRAGMA max_page_count = {pages + 30}")
    for _ in range(1000):
        outbox.seal(LAYOUT, rows, NOW)
    raise AssertionError("the disk did not get full")


def holds(outbox: Outbox) -> bool:
    return outbox._ballast.held


def fits(outbox: Outbox, rows: list[Row]) -> bool:
    try:
        return outbox.seal(LAYOUT, rows, NOW) == 1
    except FullError:
        return False


def test_on_a_full_disk_what_the_hub_has_goes_first_and_the_oldest_that_waits_next(outbox: Outbox) -> None:
    rows = [row(-n, total=n * n % 1013) for n in range(1, 400)]
    outbox.seal(LAYOUT, rows, NOW)
    name = offered(outbox)[0].outbox
    outbox.taken({name: 1}, NOW)
    with pytest.raises(FullError, match="disk is full"):
        fill(outbox, rows)
    assert holds(outbox)
    assert outbox.make_room() == 0
    assert not holds(outbox)
    assert fits(outbox, rows)
    with pytest.raises(FullError):
        fill(outbox, rows)
    shed, waiting = 0, outbox.waiting().batches
    while not fits(outbox, rows):
        shed += outbox.make_room()
    assert 0 < shed < waiting
    assert outbox.waiting().shed == shed
    batches = offered(outbox)
    assert [one.sequence for one in batches[: shed + 2]] == list(range(2, shed + 4))
    assert [len(one.rows) for one in batches[: shed + 1]] == [0] * shed + [len(rows)]
    outbox.prune(NOW)
    assert holds(outbox)


def test_ballast_is_held_and_given_up(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 1 << 20)
    assert ballast.hold()
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= 1 << 20
    ballast.give_up()
    assert not ballast.held
    ballast.give_up()
    assert not Ballast(tmp_path / "no folder" / "ballast").hold()
    before = list(tmp_path.iterdir())
    none = Ballast.none()
    assert none.hold()
    none.give_up()
    assert (none.held, list(tmp_path.iterdir())) == (False, before)


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match=r"x cannot be used \(file is not a database\)"):
        Outbox(tmp_path / "x")
