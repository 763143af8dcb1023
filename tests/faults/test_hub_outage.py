"""A hub that was away for a week: what a site kept arrives in order, in little memory, and who is live goes first."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import msgspec

from passerby.hub.enrolment import SiteKeys
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.enlisting import enlist, invite, join, way
from passerby.hub.simulate.fleet import Order, SimulatedVenue, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.hub.simulate.windows import Script
from passerby.records.outbox import Answer, NotPostedError, Post
from passerby.records.wire.batches import MOST_BATCHES, Receipt
from tests.support.hub import RunningHub
from tests.support.hub_truth import Played, differences
from tests.support.site import eventually

WEEK = 7 * 24 * 60
"""Windows of a minute: 10,080."""
NOW = int(time.time()) // 60 * 60
MOST_MEMORY_KB = 48_000
"""By so much the hub may grow while a week arrives."""


@dataclass
class Watched:
    """A way to the hub that notes what goes over it."""

    post: Post
    marks: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    away: bool = False

    def __call__(self, body: bytes) -> Answer:
        if self.away:
            raise NotPostedError("the line is cut")
        began_s = time.monotonic()
        answer = self.post(body)
        self.took_s.append(time.monotonic() - began_s)
        self.sizes.append(len(body))
        if answer.status == 200:
            self.marks.append(sum(msgspec.json.decode(answer.body, type=Receipt).marks.values()))
        return answer


def memory_kb(pid: int, what: str) -> int:
    """`VmRSS`, or the most there ever was, `VmHWM`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1])


def test_a_week_of_minutes_drains_in_order_and_in_little_memory_while_others_are_live(tmp_path: Path) -> None:
    long_away, live = make(Order(2, cameras=2, all_well=True))
    with ExitStack() as open_now:
        hub = open_now.enter_context(RunningHub(tmp_path / "hub"))
        hub.start().wait_open()
        numbers, site_of = _joined(tmp_path, hub, (long_away, live))
        week = Script(long_away, 60, NOW - WEEK * 60, NOW)
        live_script = Script(live, 60, NOW - 60, NOW)
        away, near = Watched(site_of(long_away)), Watched(site_of(live))
        away.away = True
        kept = SimulatedSite(tmp_path / long_away.slug, week, away, Times(hurry=1000))
        with Crew([kept], threads=1) as crew:
            eventually(lambda: kept.waiting == WEEK)
            before_kb = memory_kb(hub.pid, "VmRSS")
            away.away = False
            lively = SimulatedSite(tmp_path / live.slug, live_script, near)
            while not crew.done:
                lively.sender.turn()
                time.sleep(0.02)
            eventually(lambda: lively.turn() >= 0 and lively.done)
            lively.close()
        grown_kb = memory_kb(hub.pid, "VmHWM") - before_kb
        assert hub.stop() == 0
        played = [Played(numbers[long_away.slug], week), Played(numbers[live.slug], live_script)]
        with closing(SqliteSeries(hub.config.series_file)) as series:
            assert differences(series, played) == []
    assert all(0 <= after - before <= MOST_BATCHES for before, after in pairwise(away.marks)), "in order, bounded"
    assert away.marks[-1] == WEEK and len(away.marks) >= WEEK / MOST_BATCHES
    assert grown_kb < MOST_MEMORY_KB and max(away.sizes) < 200_000
    assert sum(away.sizes) < 1_000_000, "bytes over the wire of a week"
    assert len(near.took_s) > 3 and sorted(near.took_s)[len(near.took_s) // 2] < 1.0


def _joined(
    folder: Path, hub: RunningHub, venues: tuple[SimulatedVenue, ...]
) -> tuple[dict[str, int], Callable[[SimulatedVenue], Post]]:
    """Numbers of venues whose sites have joined, and their ways to the hub."""
    with hub.register() as register:
        numbers = enlist(register, venues)
        tokens = {venue.slug: invite(SiteKeys(register), venue, hub.key.public) for venue in venues}
    for slug, token in tokens.items():
        assert token is not None
        join(folder / slug, hub.url, token)
    return numbers, lambda venue: way(folder / venue.slug, hub.link())
