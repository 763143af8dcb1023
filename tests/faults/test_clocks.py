"""Clocks that are set while a site counts, by little and by much; and one that was never set. Everything is real.

The camera shows a script: who walks through in all is known, whatever the clock says meanwhile.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate import landlock, seccomp
from passerby.site.journal import Action, Journal
from passerby.site.store import Store
from tests.support import clock as clocks
from tests.support.clips import make_walks
from tests.support.clock import SettableClock
from tests.support.faults import Note, noted
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, eventually, kill, overhead_camera

WINDOW_S, DAY_S = 60, 86_400
TEN_YEARS_S = 3653 * DAY_S
BORDER = "to the border of a window"
STEPS: tuple[float | str, ...] = (90, BORDER, -5, 7200, -90, -5, DAY_S, BORDER, -90, 5, BORDER, -5)
"""Seconds; those back are short enough to be waited for."""
STEP_EVERY_S = 1.2
Key = tuple[str, str, int, int, int]

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.skipif(not clocks.there(), reason="no C compiler makes a clock that can be set"),
    pytest.mark.usefixtures("rtsp_parts"),
]


class Venue:
    """A site with a clock of its own, and a camera that shows so many walks each time it is opened.

    Attributes:
        known: windows that the site ever said it has: total and exposure.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.clock = SettableClock(folder)
        self.site = RunningSite(folder, overhead_camera("hall", url))
        self.site.python = self.clock.python
        self.store_file = folder / "passerby.sqlite"
        self.known: dict[Key, tuple[float, float]] = {}

    def opened(self) -> int:
        """How often the site opened."""
        return self.site.log.read_text().count('"site open"')

    def told(self) -> dict[Key, tuple[float, float]]:
        """All windows that the site says it has now."""
        answer = eventually(lambda: self.site.get("/api/v1/tallies?since=0"))
        return {key_of(one): (one["total"], one["exposure"]) for one in answer["tallies"]}

    def lost(self) -> int:
        """How many windows that it ever had are gone, or hold less than before."""
        now = self.told()
        lost = sum(1 for key, (total, _) in self.known.items() if now.get(key, (-1.0, 0.0))[0] < total)
        self.known = now
        return lost

    def step(self, by_s: float, note: Note, until: Callable[[], bool] | None = None) -> None:
        """Sets the clock, and waits until something is so again."""
        self.known, began_s = self.told(), time.monotonic()
        self.clock.step(by_s)
        if until is not None:
            eventually(until, 120)
        recovered_s = None if until is None else time.monotonic() - began_s
        note.once(recovered_s, self.lost())

    def walked(self, walks: int) -> None:
        """Waits until so many walks were told in all: a clock that is set forward ends a window."""

        def all_told() -> bool:
            self.clock.step(WINDOW_S)
            time.sleep(0.4)
            assert self.lost() == 0
            return counted(self.known) >= walks

        eventually(all_told)

    def stored(self) -> list[Tally]:
        """What is on the disk of a site that was stopped."""
        with Store(self.store_file) as store:
            return store.query()


def key_of(told: dict[str, Any]) -> Key:
    measure, subject, part = told["measure"], told["subject"], told["part"]
    return measure, subject, part or 0, told["start_unix_s"], told["width_s"]


def counted(told: dict[Key, tuple[float, float]]) -> float:
    """All who walked in."""
    return sum(total for key, (total, _) in told.items() if key[0] == "crossings_in")


def walks(stored: list[Tally]) -> float:
    assert sum(one.total for one in stored if one.measure is Measure.CROSSINGS_OUT) == 0
    return sum(one.total for one in stored if one.measure is Measure.CROSSINGS_IN)


def by_s(step: float | str, clock: SettableClock) -> float:
    """How far a step goes."""
    return WINDOW_S - clock.unix_s % WINDOW_S - 0.3 if isinstance(step, str) else float(step)


def test_a_clock_that_is_set_by_little_or_forward_disturbs_nothing(tmp_path: Path) -> None:
    clip = make_walks(tmp_path / "walks.mkv", walks=8, every_s=2, tail_s=60)
    with RtspServer(Serving(clip, as_it_is=True)) as server:
        venue = Venue(tmp_path, server.url)
        with (
            venue.site.start() as site,
            noted("clock-forward") as forward,
            noted("clock-back") as back,
            noted("leap-second") as leap,
        ):
            venue.walked(1)
            for one in STEPS:
                by = by_s(one, venue.clock)
                venue.step(by, forward if by > 0 else back)
                time.sleep(STEP_EVERY_S)  # the script goes on
            leap_second(venue, leap)
            venue.walked(8)
            state, opened = site.state(), venue.opened()
            assert site.stop() == 0
            assert walks(venue.stored()) == 8
        assert max(one.exposure for one in venue.stored() if one.measure is Measure.PEOPLE) <= WINDOW_S
    assert (state["messages_refused"], state["lockdown"][0]["restarts"], opened) == (0, 0, 1)


def test_a_clock_that_was_never_set_and_one_that_is_set_far_back(tmp_path: Path) -> None:
    """Each time that the camera is opened anew, one walks through."""
    clip = make_walks(tmp_path / "walks.mkv", walks=1, every_s=2, tail_s=60)
    with RtspServer(Serving(clip, as_it_is=True)) as server:
        venue = Venue(tmp_path, server.url)
        with noted("clock-forward") as forward, noted("clock-back") as back, venue.site:
            start_without_a_clock(venue, forward)
            for walk, back_s in ((2, TEN_YEARS_S), (3, 7200)):
                venue.step(-back_s, back, lambda opened=walk: venue.opened() == opened)  # type: ignore[misc]  # mypy cannot type a bound default
                venue.walked(walk)
            lose_the_worker_after_a_step(venue, back)
            assert venue.site.stop() == 0
            assert walks(venue.stored()) == 4
    entries = [one.action for one in Journal(venue.store_file).since(0)]
    assert entries.count(Action.CLOCK_SET_BACK) == 2


def leap_second(venue: Venue, note: Note) -> None:
    """It comes twice where the clock is POSIX's, and is spread where it is smeared; the API is asked for it by name."""
    year = datetime.fromtimestamp(venue.clock.unix_s, UTC).year
    midnight = datetime(year + 1, 1, 1, tzinfo=UTC).timestamp()
    venue.clock.set(midnight - 0.5)
    time.sleep(0.8)
    venue.step(-1, note)
    for _ in range(10):
        time.sleep(0.1)
        venue.step(-0.1, note)
    asked = f"/api/v1/tallies?since={year}-12-31T23:59:60Z"
    eventually(lambda: venue.clock.unix_s > midnight + 5)
    venue.clock.step(WINDOW_S)
    assert eventually(lambda: venue.site.get(asked).get("tallies"))[0]["start_unix_s"] == midnight


def start_without_a_clock(venue: Venue, note: Note) -> None:
    """A computer without a battery begins in 1970. It is set ten years too far ahead, when all of the past is old."""
    today_unix_s = venue.clock.unix_s
    yesterday = int(today_unix_s - DAY_S) // WINDOW_S * WINDOW_S
    with Store(venue.store_file, run=1) as store:
        store.add([Tally("hall", Measure.PEOPLE, "floor", yesterday, WINDOW_S, 30.0, WINDOW_S)])
    venue.clock.set(3600.0)
    venue.site.start()
    eventually(lambda: "the clock of this computer says 1 January 1970" in venue.site.log.read_text())
    assert venue.site.get("/api/v1/state") == {}
    began_s = time.monotonic()
    venue.clock.set(today_unix_s + TEN_YEARS_S)
    eventually(venue.opened)
    note.once(time.monotonic() - began_s)
    venue.walked(1)
    assert any(start == yesterday for _, _, _, start, _ in venue.known)


def lose_the_worker_after_a_step(venue: Venue, note: Note) -> None:
    """The one that replaces it begins in windows that the first one told."""
    (worker,) = venue.site.rooms("pixels.worker")
    venue.step(-90, note)
    ready = venue.site.log.read_text().count('"worker ready"')
    kill(worker)
    eventually(lambda: venue.site.log.read_text().count('"worker ready"') > ready)
    time.sleep(4)  # it looks at something in a window that was told
    venue.walked(4)
    state = venue.site.state()
    assert (state["messages_refused"], state["lockdown"][0]["restarts"]) == (0, 1)
