"""Simulated sites: what they make up goes out once, in order, through a site's own outbox and sender."""

import gzip
import time
from pathlib import Path

import msgspec
import pytest

from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.fleet import Fate, Order, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.hub.simulate.windows import Script
from passerby.records.outbox import Answer, NotPostedError
from passerby.records.wire.batches import Batch, Delivery, Receipt, Standing
from passerby.records.wire.checking import problem_of_standing
from tests.support.site import eventually

START = 1_790_000_100 // 900 * 900
VENUE = make(Order(1, all_well=True))[0]


class Ear:
    """Takes what a site posts, as a hub would: in order, each batch once."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.standings: list[Standing] = []
        self.away = False

    def __call__(self, body: bytes) -> Answer:
        if self.away:
            raise NotPostedError("away")
        delivery = msgspec.json.decode(gzip.decompress(body), type=Delivery)
        known = len(self.batches)
        self.batches += [batch for batch in delivery.batches if batch.sequence > known]
        assert [batch.sequence for batch in self.batches] == list(range(1, len(self.batches) + 1))
        if delivery.standing is not None:
            self.standings.append(delivery.standing)
        marks = {batch.outbox: batch.sequence for batch in self.batches}
        return Answer(200, msgspec.json.encode(Receipt(marks, int(time.time()))))


def script(windows: int) -> Script:
    return Script(VENUE, 900, START, START + windows * 900)


def play(site: SimulatedSite) -> None:
    with Crew([site], threads=1) as crew:
        eventually(lambda: crew.done)


def test_all_that_is_made_up_arrives_once_and_in_order_also_after_a_new_start(tmp_path: Path) -> None:
    ear = Ear()
    play(SimulatedSite(tmp_path, script(30), ear))
    play(SimulatedSite(tmp_path, script(50), ear))
    wanted = [tuple(script(50).windows().rows(START + n * 900)) for n in range(50)]
    assert [batch.rows for batch in ear.batches] == wanted
    assert [batch.sealed_unix_s for batch in ear.batches] == [START + n * 900 for n in range(1, 51)]


def test_a_site_says_how_it_is_as_of_its_last_window(tmp_path: Path) -> None:
    ear = Ear()
    play(SimulatedSite(tmp_path, script(44), ear))
    layout = script(1).windows().layout
    assert all(problem_of_standing(standing, layout) is None for standing in ear.standings)
    inside = ear.standings[-1].places[0]
    assert inside.until_unix_s == START + 44 * 900 and inside.limit == VENUE.capacity
    assert inside.people_deci % 10 == 0


def test_what_is_made_up_while_the_hub_is_away_waits(tmp_path: Path) -> None:
    ear = Ear()
    ear.away = True
    site = SimulatedSite(tmp_path, script(8), ear, Times(hurry=1000))
    with Crew([site], threads=2) as crew:
        eventually(lambda: site.waiting == 8)
        eventually(lambda: crew.progress().problem == "away")
        assert crew.progress().connected == 0
        ear.away = False
        eventually(lambda: crew.done)
        eventually(lambda: crew.progress().connected == 1)
    assert len(ear.batches) == 8


def test_made_up_time_may_run_faster_but_not_ahead(tmp_path: Path) -> None:
    ear, now = Ear(), [START + 900.0 * 3]
    site = SimulatedSite(tmp_path, Script(VENUE, 900, START), ear, Times(lambda: now[0], lambda: now[0]))
    for _ in range(4):
        site.turn()
    assert site.sealed_rows == sum(len(script(3).windows().rows(START + n * 900)) for n in range(3))
    site.close()


def test_a_crew_has_turns_for_each_of_many_sites(tmp_path: Path) -> None:
    sites, ears = [], []
    for venue in make(Order(12, cameras=2, all_well=True)):
        (tmp_path / venue.slug).mkdir()
        ears.append(Ear())
        sites.append(SimulatedSite(tmp_path / venue.slug, Script(venue, 900, START, START + 4 * 900), ears[-1]))
    with Crew(sites, threads=3) as crew:
        eventually(lambda: crew.done)
        progress = crew.progress()
    assert progress.waiting == 0 and progress.connected == progress.sites == 12
    assert progress.rows == sum(len(batch.rows) for ear in ears for batch in ear.batches) > 0
    assert all(len(ear.batches) == 4 for ear in ears)


@pytest.mark.parametrize("fate", [Fate.FINDINGS, Fate.DOWN])
def test_a_site_tells_what_is_the_matter_with_its_cameras(tmp_path: Path, fate: Fate) -> None:
    venue = next(one for one in make(Order(40)) if one.fate is fate)
    ear = Ear()
    play(SimulatedSite(tmp_path, Script(venue, 900, START, START + 900, down_since_unix_s=0), ear))
    standing = ear.standings[-1]
    assert any(camera.conforming == 0 for camera in standing.cameras)
    assert any(camera.status == 2 for camera in standing.cameras) == (fate is Fate.DOWN)
