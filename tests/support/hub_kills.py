"""A hub and its sites through kills on both sides: what is at the hub in the end, against the scripts of the sites."""

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from passerby.hub.config import load
from passerby.hub.enrolment import SiteKeys
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.enlisting import enlist, invite, join
from passerby.hub.simulate.fleet import Order, make
from tests.support.faults import moments
from tests.support.hub import RunningHub
from tests.support.hub_truth import Played, differences, rows_of
from tests.support.lossy_proxy import LossyProxy
from tests.support.site import eventually
from tests.support.site_child import DONE, FAR, Spec
from tests.support.source import ROOT

WINDOW_S = 900
HURRY = 20.0
"""Waits are so many times shorter than a site's: days are played in seconds."""
_ANSWERS_S = 240.0
_LOOK_EVERY_S = 0.02
_START_S = 2.0
"""A hub that is forked is open after a quarter of it; kills while it starts are spread over so long."""
_BEFORE_LAST = 0.9
"""The last tenth is made up when all kills are over."""


@dataclass(frozen=True)
class Plan:
    """What happens.

    Attributes:
        windows: that each site makes up.
        restore: the hub is once put back to an older copy of its folder.
        commands: of its starts after a kill, so many are by the command; the others by a fork, which reads no code.
        refuse, lose: shares of requests that are refused, and whose answers are lost.
    """

    sites: int
    hub_kills: int
    site_kills: int
    windows: int
    processes: int = 4
    cameras: int = 3
    refuse: float = 0.05
    lose: float = 0.1
    restore: bool = True
    commands: int = 1_000_000
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What became of it.

    Attributes:
        rows: tallies that the sites made up.
        seen: requests by what happened to them, as `LossyProxy.seen`.
        differences: where the hub's store differs from the truth; empty: nowhere.
        aside: batches that the hub set aside.
        rewound: batches that the hub had, and did not have any more when it was put back to an older copy.
        forgotten: batches that the hub had said it has, and that were not in its file right after a kill.
        recovered_s: of each start by the command, from the kill until sites were answered again.
    """

    rows: int
    seconds: float
    seen: dict[str, int]
    differences: list[str]
    aside: int
    rewound: int
    forgotten: int
    recovered_s: list[float]

    @property
    def lost(self) -> int:
        """Windows that are not in the store as they were made up, and batches that it had forgotten meanwhile."""
        return self.forgotten + sum(", windows: " in one for one in self.differences)


class Children:
    """The processes of the sites."""

    def __init__(self, folder: Path, specs: list[Spec]) -> None:
        self._paths = [folder / f"sites-{n}.json" for n in range(len(specs))]
        for path, spec in zip(self._paths, specs, strict=True):
            spec.write(path)
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._running = [self._one(path) for path in self._paths]

    def kill(self, which: int) -> None:
        """Kills one and starts it again."""
        self._running[which].kill()
        self._running[which].wait()
        self._running[which] = self._one(self._paths[which])

    def done(self) -> bool:
        """Whether all is at the hub."""
        for child, path in zip(self._running, self._paths, strict=True):
            assert child.poll() in (None, 0), path.with_suffix(".log").read_text()
        return all(path.with_suffix(f".{DONE}").exists() for path in self._paths)

    def end(self) -> None:
        for child in self._running:
            child.kill()
            child.wait()

    def _one(self, path: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.site_child", str(path)]
        with path.with_suffix(".log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def run(folder: Path, plan: Plan) -> Outcome:
    """Plays a plan in an empty folder."""
    began_s = time.monotonic()
    with ExitStack() as open_now:
        hub = open_now.enter_context(RunningHub(folder / "hub"))
        proxy = open_now.enter_context(LossyProxy(hub.port, seed=plan.seed))
        hub.start().wait_open()
        spec, numbers = _joined(folder, plan, hub, proxy.url)
        proxy.refuse, proxy.lose = plan.refuse, plan.lose
        with _sites(folder, plan, spec) as children:
            kills = _Kills(folder, plan, hub, proxy)
            kills.play(children)
            eventually(children.done, 240)
        assert hub.stop() == 0, hub.log.read_text()
        played = [Played(numbers[slug], script) for slug, script in spec.scripts().items()]
        with closing(SqliteSeries(hub.config.series_file)) as series:
            found, aside = differences(series, played), len(series.set_aside())
    rows = sum(1 for one in played for _ in rows_of(one.script))
    took_s, seen = time.monotonic() - began_s, dict(proxy.seen)
    return Outcome(rows, took_s, seen, found, aside, kills.rewound, kills.forgotten, kills.recovered_s)


def _joined(folder: Path, plan: Plan, hub: RunningHub, url: str) -> tuple[Spec, dict[str, int]]:
    """Registers the venues, joins their sites, and gives what all of them play, with the venues' numbers."""
    order = (plan.sites, plan.cameras, plan.seed)
    fleet = make(Order(*order, all_well=True))
    with hub.register() as register:
        numbers = enlist(register, fleet)
        tokens = {one.slug: invite(SiteKeys(register), one, hub.key.public) for one in fleet}
    for slug, token in tokens.items():
        assert token is not None
        join(folder / slug, url, token)
    until = int(time.time()) // WINDOW_S * WINDOW_S
    since = until - plan.windows * WINDOW_S
    spec = Spec(
        folder=str(folder),
        url=url,
        hub=hub.key.public.name,
        order=order,
        numbers=tuple(one.number for one in fleet),
        window_s=WINDOW_S,
        since_unix_s=since,
        until_unix_s=until,
        hurry=HURRY,
    )
    return spec, numbers


@contextmanager
def _sites(folder: Path, plan: Plan, spec: Spec) -> Iterator[Children]:
    """The sites, in several processes."""
    parts = [spec.numbers[n :: plan.processes] for n in range(plan.processes)]
    (folder / FAR).write_text("0")
    children = Children(folder, [replace(spec, numbers=part) for part in parts])
    children.start()
    try:
        yield children
    finally:
        children.end()


class _Kills:
    """Kills the hub and sites: in the midst of what they send, and each second time the hub while it starts.

    Attributes:
        rewound, forgotten, recovered_s: as in `Outcome`.
    """

    def __init__(self, folder: Path, plan: Plan, hub: RunningHub, proxy: LossyProxy) -> None:
        self._folder, self._plan, self._hub, self._proxy = folder, plan, hub, proxy
        self._chance = random.Random(plan.seed)
        self._copy = folder / "copy"
        self._moments_s = moments(plan.hub_kills, _START_S, plan.seed)
        self._step = self._steps = 0
        self.rewound = self.forgotten = 0
        self.recovered_s: list[float] = []

    def play(self, children: Children) -> None:
        """Plays all."""
        order = ["hub"] * self._plan.hub_kills + ["sites"] * self._plan.site_kills
        self._chance.shuffle(order)
        self._steps = len(order) + self._plan.hub_kills
        hub_kills = 0
        for what in order:
            if what == "hub" and hub_kills % 2:
                self._make_up_more()
                time.sleep(self._moments_s[hub_kills])
            else:
                self._let_send(self._chance.randrange(1, self._plan.sites // 2))
            if what == "hub":
                hub_kills += 1
                self._kill(hub_kills)
            else:
                children.kill(self._chance.randrange(self._plan.processes))
        self._make_up(1.0)

    def _kill(self, which: int) -> None:
        """Kills the hub, looks whether its file has what it said, and starts it again."""
        self._hub.kill()
        killed_s = time.monotonic()
        self.forgotten += self._missing()
        if self._plan.restore:
            self._keep_or_put_back(which)
        if which % max(1, self._plan.hub_kills // self._plan.commands):
            self._hub.start_quickly()
            return
        self._hub.start()
        self._let_send(1)
        self.recovered_s.append(time.monotonic() - killed_s)

    def _missing(self) -> int:
        held = _marks(self._hub.folder)
        return sum(max(0, mark - held.get(outbox, 0)) for outbox, mark in self._proxy.marks.items())

    def _let_send(self, requests: int) -> None:
        """Sites make up some more; comes back when the hub has answered so many requests of theirs."""
        wanted = self._proxy.seen["answered"] + requests
        self._make_up_more()
        until_s = time.monotonic() + _ANSWERS_S
        while self._proxy.seen["answered"] < wanted:
            assert self._hub.runs, self._hub.log.read_text()
            assert time.monotonic() < until_s, (
                f"{self._step} of {self._steps} steps made up, {dict(self._proxy.seen)}, {wanted} answers wanted; "
                f"the hub's log: {self._hub.log.read_text()[-2000:]}"
            )
            time.sleep(_LOOK_EVERY_S)

    def _make_up_more(self) -> None:
        self._step += 1
        self._make_up(self._step / self._steps * _BEFORE_LAST)

    def _make_up(self, share: float) -> None:
        """Lets sites make up so much of it all; they read the file at any moment."""
        far = self._folder / f"{FAR}.new"
        far.write_text(str(share))
        far.replace(self._folder / FAR)

    def _keep_or_put_back(self, hub_kills: int) -> None:
        """A copy is made after the first third of kills, and put back after two thirds."""
        folder = self._hub.folder
        if hub_kills == max(1, self._plan.hub_kills // 3):
            shutil.copytree(folder, self._copy)
        elif hub_kills == max(2, self._plan.hub_kills * 2 // 3):
            self.rewound = sum(_marks(folder).values()) - sum(_marks(self._copy).values())
            shutil.rmtree(folder)
            shutil.copytree(self._copy, folder)
            self._proxy.marks.clear()


def _marks(folder: Path) -> dict[str, int]:
    """What a hub's file holds, by outbox."""
    with closing(sqlite3.connect(load(folder).series_file)) as connection:
        return dict(connection.execute("SELECT outbox, max(mark) FROM outbox GROUP BY outbox"))
