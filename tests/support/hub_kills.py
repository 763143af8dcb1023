"""A hub and its sites through kills on both sides: what is at the hub in the end, against the scripts of the sites."""

import random
import shutil
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
from tests.support.hub import RunningHub
from tests.support.hub_truth import Played, differences, rows_of
from tests.support.lossy_proxy import LossyProxy
from tests.support.site import eventually
from tests.support.site_child import DONE, FAR, Spec
from tests.support.source import ROOT

WINDOW_S = 900
HURRY = 20.0
"""Waits are so many times shorter than a site's: days are played in seconds."""
_BEFORE_LAST = 0.9
"""The last tenth is made up when all kills are over."""


@dataclass(frozen=True)
class Plan:
    """What happens.

    Attributes:
        windows: that each site makes up.
        restore: the hub is once put back to an older copy of its folder.
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
    """

    rows: int
    seconds: float
    seen: dict[str, int]
    differences: list[str]
    aside: int
    rewound: int


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
            rewound = _Kills(folder, plan, hub, proxy).play(children)
            eventually(children.done, 240)
        assert hub.stop() == 0, hub.log.read_text()
        played = [Played(numbers[slug], script) for slug, script in spec.scripts().items()]
        with closing(SqliteSeries(hub.config.series_file)) as series:
            found, aside = differences(series, played), len(series.set_aside())
    rows = sum(1 for one in played for _ in rows_of(one.script))
    return Outcome(rows, time.monotonic() - began_s, dict(proxy.seen), found, aside, rewound)


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
    """Kills the hub and sites, each time in the midst of what they send."""

    def __init__(self, folder: Path, plan: Plan, hub: RunningHub, proxy: LossyProxy) -> None:
        self._folder, self._plan, self._hub, self._proxy = folder, plan, hub, proxy
        self._chance = random.Random(plan.seed)
        self._copy = folder / "copy"
        self._rewound = 0

    def play(self, children: Children) -> int:
        """Plays all, and gives how many batches the hub lost when it was put back."""
        order = ["hub"] * self._plan.hub_kills + ["sites"] * self._plan.site_kills
        self._chance.shuffle(order)
        hub_kills = 0
        for step, what in enumerate(order, start=1):
            self._let_send(step / len(order))
            if what == "sites":
                children.kill(self._chance.randrange(self._plan.processes))
                continue
            self._hub.kill()
            hub_kills += 1
            if self._plan.restore:
                self._keep_or_put_back(hub_kills)
            self._hub.start()
        self._make_up(1.0)
        return self._rewound

    def _let_send(self, share: float) -> None:
        """Sites make up some more; comes back when the hub has answered some of what they send."""
        wanted = self._proxy.seen["answered"] + self._chance.randrange(1, self._plan.sites)
        self._make_up(share * _BEFORE_LAST)
        eventually(lambda: self._proxy.seen["answered"] >= wanted, 240)

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
            self._rewound = _batches(folder) - _batches(self._copy)
            shutil.rmtree(folder)
            shutil.copytree(self._copy, folder)


def _batches(folder: Path) -> int:
    """How many batches a hub's folder holds."""
    with closing(SqliteSeries(load(folder).series_file)) as series:
        return sum(mark for venue in series.newest() for mark in series.marks(venue).values())
