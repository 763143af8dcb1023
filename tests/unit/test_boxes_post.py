"""A post by itself: it works on a lease, and its tallies bear the epoch of its placement."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate.guard import Settings
from passerby.gate.messages import CameraPlan
from passerby.gate.sources import parse
from passerby.site.boxes.post import Order, Post
from passerby.site.store import Store
from tests.support.site import eventually


def order(clip: Path, lease_s: float) -> Order:
    from passerby.gate.guard import Job

    # A folder without a picture: the feed ends at once, and the guard waits for what never comes.
    return Order(
        3, (Job(CameraPlan("hall", view="overhead"), parse(str(clip))),), Settings(keep_running=True), {}, lease_s
    )


def test_a_post_that_nobody_asks_gives_up(tmp_path: Path) -> None:
    post = Post()
    post.begin(order(tmp_path, 0.3))
    time.sleep(0.5)  # longer than its lease is the point
    turn = post.turn(0)
    assert (turn.ended, turn.given_up, turn.told) == (True, True, ())
    eventually(post._ended.is_set)


def test_what_was_heard_is_let_go_and_the_rest_is_told_again(tmp_path: Path) -> None:
    post = Post()
    post.begin(order(tmp_path, 60))
    post._reports.epoch = 3
    for start in (0, 60, 120):
        post._reports.tally(Tally("hall", Measure.PEOPLE, "floor", start, 60, 1.0, 60.0))
    starts = [one.args[0].start_unix_s for one in post.turn(0).told if isinstance(one.args[0], Tally)]
    assert starts == [0, 60, 120]
    again = [one for one in post.turn(0).told if one.what == "tally"]
    assert len(again) == 3, "an answer that was lost is given once more"
    rest = [one for one in post.turn(again[1].number).told if one.what == "tally"]
    assert [one.number for one in rest] == [again[2].number]
    assert isinstance(rest[0].args[0], Tally)
    assert rest[0].args[0].epoch == 3
    post.finish()
    eventually(post._ended.is_set)


@pytest.mark.parametrize(("first", "second", "kept"), [(2, 1, 2), (1, 2, 2), (1, 1, 1)])
def test_the_store_keeps_the_highest_epoch_of_a_run(first: int, second: int, kept: int, tmp_path: Path) -> None:
    window = Tally("hall", Measure.PEOPLE, "floor", 0, 60, 1.0, 60.0)
    with Store(tmp_path / "a.sqlite", run=7) as store:
        for epoch in (first, second):
            store.add([replace(window, total=10.0 * epoch, epoch=epoch)])
        assert [one.total for one in store.query()] == [10.0 * kept]
