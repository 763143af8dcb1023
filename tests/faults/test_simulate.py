"""`passerby hub demo` and `passerby simulate`: made-up venues through the hub's own door, never beside real ones."""

import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure
from passerby.errors import ConfigError
from passerby.hub.contract import Span, VenueState
from passerby.hub.enrolment import SiteKeys
from passerby.hub.fleet import Fleet
from passerby.hub.hub import states
from passerby.hub.opening import open_register
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.demo import Demo, Shown, prepare, showing
from passerby.hub.simulate.fleet import Fate, Order, make
from passerby.hub.simulate.load import Load, loading, refuse_real
from passerby.hub.simulate.windows import Script
from tests.support.hub import RunningHub
from tests.support.hub_truth import Played, differences
from tests.support.site import eventually, free_port

WANTED = {
    Fate.WELL: VenueState.CONFORMING,
    Fate.FINDINGS: VenueState.CONNECTED,
    Fate.DOWN: VenueState.CONNECTED,
    Fate.SILENT: VenueState.SILENT,
    Fate.CLOCK: VenueState.CONFORMING,
    Fate.OVERDUE: VenueState.OVERDUE,
    Fate.INVITED: VenueState.INVITED,
    Fate.LISTED: VenueState.LISTED,
}


def passerby(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "passerby.cli", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def venue_states(shown: Shown) -> dict[Fate, set[VenueState]]:
    config = shown.config
    with open_register(config) as register, closing(Fleet(config.fleet_file)) as fleet:
        told = states(register, SiteKeys(register), fleet, time.time())
        slugs = {venue.slug: venue.number for venue in register.venues()}
    found: dict[Fate, set[VenueState]] = {}
    for venue in shown.fleet:
        found.setdefault(venue.fate, set()).add(told[slugs[venue.slug]])
    return found


def test_a_demonstration_shows_every_state_and_goes_on_through_the_door_also_when_it_is_shown_again(
    tmp_path: Path,
) -> None:
    demo = Demo(tmp_path / "demo", Order(40, cameras=3), days=1, port=free_port())
    told: list[int] = []
    shown = prepare(demo, lambda done, _rows: told.append(done))
    assert told[-1] == 40 and told == sorted(told)
    assert venue_states(shown) == {fate: {state} for fate, state in WANTED.items()}
    sites = sum(venue.fate.joined and venue.fate is not Fate.SILENT for venue in shown.fleet)
    behind = sum(venue.fate is Fate.CLOCK for venue in shown.fleet)
    for _ in range(2):
        again = prepare(demo, lambda *_: pytest.fail("it is filled already"))
        assert again.history == shown.history and again.fleet == shown.fleet
        with showing(again) as (_, crew):
            assert crew.progress().sites == sites
            eventually(partial(_all_told, crew, sites - behind))
    assert venue_states(shown)[Fate.WELL] == {VenueState.CONFORMING}
    with open_register(shown.config) as register:
        refuse_real(register)


def _all_told(crew: Crew, connected: int) -> bool:
    progress = crew.progress()
    return progress.waiting == 0 and progress.connected == connected


def test_no_demonstration_is_made_of_what_is_none(tmp_path: Path) -> None:
    RunningHub(tmp_path / "hub")
    with pytest.raises(ConfigError, match="no demonstration"):
        prepare(Demo(tmp_path / "hub", Order(2)), lambda *_: None)


def test_simulate_sends_what_made_up_venues_would_send_and_says_so(tmp_path: Path) -> None:
    with RunningHub(tmp_path / "hub") as hub:
        hub.start().wait_open()
        asked = ("--hub", hub.folder, "--venues", 3, "--cameras", 2, "--minutes", 120, "--once", "--all-well")
        first = passerby("simulate", *asked, "--sites", tmp_path / "sites")
        again = passerby("simulate", *asked, "--sites", tmp_path / "sites")
        assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
        assert "3 of 3 sites" in first.stdout and "made up" in first.stdout
        with hub.register() as register:
            numbers = {venue.slug: venue.number for venue in register.venues()}
        assert hub.stop() == 0
        with closing(SqliteSeries(hub.config.series_file)) as series:
            newest = series.newest()
            played = []
            for venue in make(Order(3, cameras=2, all_well=True)):
                number = numbers[venue.slug]
                course = series.course(number, Span(0, 2**40), 900, [Measure.CROSSINGS_IN])
                start = min(point.start_unix_s for point in course)
                played.append(Played(number, Script(venue, 900, start, newest[number])))
            assert differences(series, played) == []
        assert all(one.script.until_unix_s - one.script.since_unix_s >= 7200 for one in played)


def refused(hub: RunningHub, sites: Path, **more: Any) -> str:
    load = Load(hub.folder, sites, Order(1), once=True, **more)
    with pytest.raises(ConfigError) as raised, loading(load, lambda _: None):
        pass
    return str(raised.value)


def test_made_up_venues_are_not_put_beside_real_ones(tmp_path: Path) -> None:
    hub = RunningHub(tmp_path / "hub")
    hub.add("north-mall")
    assert "north-mall" in refused(hub, tmp_path)
    with hub.register() as register:
        assert [venue.slug for venue in register.venues()] == ["north-mall"]


def test_a_hub_that_is_not_there_is_told_and_what_to_do(tmp_path: Path) -> None:
    hub = RunningHub(tmp_path / "hub")
    assert "whether it runs" in refused(hub, tmp_path)
    assert "divide an hour" in refused(hub, tmp_path, window_s=700)
