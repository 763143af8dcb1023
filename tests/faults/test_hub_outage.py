"""A hub that was away for a week: what a site kept arrives in order, in little memory, and who is live goes first."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import pairwise
from pathlib import Path

from passerby.hub.enrolment import SiteKeys
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.enlisting import enlist, invite, join, trusted, way
from passerby.hub.simulate.fleet import Order, SimulatedVenue, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.hub.simulate.windows import Script
from passerby.records.outbox import HttpPost, Post
from passerby.records.wire.batches import MOST_BATCHES
from passerby.records.wire.link import HubLink
from tests.support.faults import noted
from tests.support.hub import RunningHub
from tests.support.hub_batches import Venue, check, joined
from tests.support.hub_truth import Played, differences
from tests.support.site import eventually
from tests.support.watched import Watched

WEEK = 7 * 24 * 60
"""Windows of a minute: 10,080."""
NOW = int(time.time()) // 60 * 60
MOST_MEMORY_KB = 48_000
"""By so much hub and site may grow while a week arrives."""
SITES, THREADS, HURRY = 40, 40, 2.0
"""So many sites come back at once; a hub lets 18 such requests in."""
MOST_BURST_KB = 128_000


def memory_kb(pid: int, what: str) -> int:
    """`VmRSS`, or the most there was, `VmHWM`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1])


@contextmanager
def growing(pid: int) -> Iterator[list[int]]:
    """Tells, once it is over, by how many kB a process was larger than before at most."""
    grown: list[int] = []
    before_kb = memory_kb(pid, "VmRSS")
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # what was the most until now is forgotten
    yield grown
    grown.append(memory_kb(pid, "VmHWM") - before_kb)


def test_a_week_of_minutes_drains_in_order_and_in_little_memory_while_others_are_live(tmp_path: Path) -> None:
    long_away, live = make(Order(2, cameras=6, all_well=True))
    with noted("hub-away") as note, ExitStack() as open_now:
        hub = open_now.enter_context(RunningHub(tmp_path / "hub"))
        hub.start().wait_open()
        numbers, site_of = _joined(tmp_path, hub, (long_away, live))
        week = Script(long_away, 60, NOW - WEEK * 60, NOW)
        live_script = Script(live, 60, NOW - 60, NOW)
        away, near = Watched(site_of(long_away)), Watched(site_of(live))
        away.away = True
        kept = SimulatedSite(tmp_path / long_away.slug, week, away, Times(hurry=1000))
        with ExitStack() as measured:
            of_site, of_hub = (measured.enter_context(growing(pid)) for pid in (os.getpid(), hub.pid))
            began_s = _drained(kept, away, SimulatedSite(tmp_path / live.slug, live_script, near))
        recovered_s = time.monotonic() - began_s
        assert hub.stop() == 0
        played = [Played(numbers[long_away.slug], week), Played(numbers[live.slug], live_script)]
        with closing(SqliteSeries(hub.config.series_file)) as series:
            found = differences(series, played)
        note.once(recovered_s, lost=sum(", windows: " in one for one in found))
        assert found == []
    assert all(0 <= after - before <= MOST_BATCHES for before, after in pairwise(away.marks)), "in order, bounded"
    assert away.marks[-1] == WEEK and len(away.marks) >= WEEK / MOST_BATCHES
    assert of_hub[0] < MOST_MEMORY_KB and of_site[0] < MOST_MEMORY_KB and max(away.sizes) < 200_000
    assert sum(away.sizes) < 3_000_000, "bytes over the wire of a week"
    assert len(near.took_s) > 3 and sorted(near.took_s)[len(near.took_s) // 2] < 1.0


def _drained(kept: SimulatedSite, away: Watched, lively: SimulatedSite) -> float:
    """A site makes up its week without a hub, and then all of it arrives; gives when the hub was back."""
    with Crew([kept], threads=1) as crew:
        eventually(lambda: kept.waiting == WEEK)
        away.away, back_s = False, time.monotonic()
        while not crew.done:
            lively.sender.turn()
            time.sleep(0.02)
        eventually(lambda: lively.turn() >= 0 and lively.done)
        lively.close()
    return back_s


def test_forty_sites_that_come_back_at_once_are_asked_to_come_later_and_all_arrives_once(tmp_path: Path) -> None:
    venues = make(Order(SITES, cameras=1, all_well=True))
    span = (NOW // 900 * 900 - 24 * 900, NOW // 900 * 900, 900)
    with noted("hub-away") as note, RunningHub(tmp_path / "hub") as hub:
        known = joined(hub, venues, span)
        ways = [_way(hub, one) for one in known]
        sites = [_site(tmp_path, one, post) for one, post in zip(known, ways, strict=True)]
        hub.start().wait_open()
        with growing(hub.pid) as grown, Crew(sites, threads=THREADS) as crew:
            began_s = time.monotonic()
            eventually(lambda: crew.done, 120)
            recovered_s = time.monotonic() - began_s
        note.once(recovered_s, check(hub, known))
    answers = [answer for way in ways for answer in way.answers]
    assert {status for status, _wait_s in answers} == {200, 503}, "more came than the hub takes at once"
    asked_s = [wait_s for status, wait_s in answers if status == 503]
    assert min(asked_s) >= 2 and len(set(asked_s)) > 3, "they are asked to come later, and not all at once"
    later_s = [later for way in ways for later in way.came_later_s]
    assert min(later_s) * HURRY >= 1, "nobody comes sooner than it was asked to"
    assert len({round(later, 2) for later in later_s}) > len(later_s) / 4, "nor in step with others"
    assert grown[0] < MOST_BURST_KB


def _way(hub: RunningHub, venue: Venue) -> Watched:
    return Watched(HttpPost(HubLink(hub.url, hub.key.public, trusted()), lambda: venue.key))


def _site(folder: Path, venue: Venue, post: Watched) -> SimulatedSite:
    """A site that has made up all of its windows before the hub is back."""
    own = folder / f"site-{venue.number}"
    own.mkdir()
    site = SimulatedSite(own, venue.script, post, Times(hurry=HURRY))
    while site._seal():
        pass
    return site


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
