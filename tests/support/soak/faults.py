"""The faults of a soak: drawn from a seed before it begins, and played at their moments."""

import contextlib
import heapq
import os
import random
import resource
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.support.hub import RunningHub
from tests.support.site import RunningSite
from tests.support.soak.processes import SETTLE_S
from tests.support.soak.stage import HARBOUR, MARKET, Stage, ask

FLAP_S = 5.0
"""A camera comes and goes so often, all the time, beside what is drawn."""
BETWEEN_S = (2.5, 7.5)
"""From one fault to the next."""
_TICK_S = 0.2
_NO_SPACE = (1, resource.RLIM_INFINITY)
_SPACE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault that can be drawn.

    Attributes:
        key: how the log calls it.
        of: what it befalls; nothing else befalls that at the same time. Empty where any number may.
        lasts_s: from and to; zero for what is over at once.
        early: only in the first half, since memory is measured in the second, of processes that live through it.
        often: how much likelier than others.
    """

    key: str
    of: str = ""
    lasts_s: tuple[float, float] = (0.0, 0.0)
    early: bool = False
    often: float = 1.0


KINDS = (
    Kind("kill-feed", often=2),
    Kind("kill-worker", often=0.7),
    Kind("kill-site", HARBOUR, (0.0, 5.0), early=True),
    Kind("kill-hub", "hub", (0.0, 10.0), early=True),
    Kind("freeze-hub", "hub", (2.0, 10.0)),
    Kind("disk-full-hub", "hub", (3.0, 12.0)),
    Kind("disk-full-harbour", HARBOUR, (3.0, 12.0)),
    Kind("disk-full-market", MARKET, (3.0, 12.0)),
    Kind("reload", HARBOUR, (4.0, 4.0), often=0.5),
    Kind("reload-mistaken", HARBOUR, (1.0, 3.0)),
    Kind("camera-cut", "door", (1.0, 8.0)),
    Kind("camera-silent", "door", (3.0, 20.0)),
    Kind("network-cut", "way", (3.0, 20.0)),
    Kind("refused", "way", (3.0, 15.0)),
    Kind("answers-lost", "way", (3.0, 15.0)),
    Kind("broker-away", "broker", (1.0, 10.0)),
    Kind("bad-requests-harbour", often=0.7),
    Kind("bad-requests-market", often=0.7),
    Kind("bad-requests-hub", often=0.7),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One that was drawn: when, seconds since the beginning; what; and for how long."""

    at_s: float
    key: str
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Played:
    """One that was played, with when in fact, Unix seconds; `skipped` where what it befalls was away."""

    fault: Fault
    at_unix_s: float
    skipped: bool


def drawn(seed: int, seconds: float) -> list[Fault]:
    """The faults of a soak, in the order of their moments; the same for the same seed and length."""
    chance, busy_until_s, at_s, faults = random.Random(seed), dict[str, float](), 0.0, []
    while (at_s := at_s + chance.uniform(*BETWEEN_S)) < seconds:
        free = [
            kind
            for kind in KINDS
            if busy_until_s.get(kind.of, 0.0) <= at_s and not (kind.early and at_s > seconds / 2 - SETTLE_S / 2)
        ]
        (kind,) = chance.choices(free, [one.often for one in free])
        lasts_s = min(chance.uniform(*kind.lasts_s), seconds - at_s)
        faults.append(Fault(round(at_s, 2), kind.key, round(lasts_s, 2)))
        if kind.of:
            busy_until_s[kind.of] = at_s + lasts_s + 1.0
    return faults


@dataclass(order=True, slots=True)
class _Act:
    """Something to be done at a moment; `tie` tells two of one moment apart, and what `ends` a fault is always done."""

    at_s: float
    tie: int
    do: Callable[[], object] = field(compare=False)
    ends: bool = field(default=False, compare=False)


@dataclass
class Player:
    """Plays faults, and lets a camera come and go.

    Args:
        stage: what they befall.
        told: is told of each as it is played.

    Attributes:
        played: all of them.
        problems: processes that ended by themselves.
    """

    stage: Stage
    told: Callable[[Played], None]
    played: list[Played] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def play(self, faults: list[Fault], seconds: float, progress: Callable[[float], None]) -> None:
        """Plays for so long; in the end all is as at first, but not yet recovered."""
        began_s, flapping = time.monotonic(), self.stage.lines["flapping"]
        flaps = range(int(seconds / FLAP_S))
        due = [_Act(number * FLAP_S, -number, flapping.mend if number % 2 else flapping.cut) for number in flaps]
        due += [_Act(fault.at_s, number, partial(self._begin, fault, due)) for number, fault in enumerate(faults)]
        heapq.heapify(due)
        while (now_s := time.monotonic() - began_s) < seconds and not self.problems:
            while due and due[0].at_s <= now_s:
                heapq.heappop(due).do()
            self._look_after()
            progress(now_s)
            time.sleep(_TICK_S)
        self._mend(due)

    def counts(self) -> Counter[str]:
        """How often each was played."""
        return Counter(one.fault.key for one in self.played if not one.skipped)

    def _begin(self, fault: Fault, due: list[_Act]) -> None:
        begin, end = _ACTS[fault.key]
        skipped = not begin(self.stage)
        if not skipped and end:
            heapq.heappush(due, _Act(fault.at_s + fault.lasts_s, len(self.played), partial(end, self.stage), ends=True))
        self.played.append(Played(fault, time.time(), skipped))
        self.told(self.played[-1])

    def _look_after(self) -> None:
        """A hub or a site that ended though nobody killed it is the end of the soak."""
        running: dict[str, RunningHub | RunningSite] = {"hub": self.stage.hub, **self.stage.sites}
        for name, one in running.items():
            process = one._process
            status = None if name in self.stage.away or process is None else process.poll()
            if status is not None:
                self.problems.append(f"{name} ended by itself with status {status}: {one.log}")
                self.stage.away.add(name)

    def _mend(self, due: list[_Act]) -> None:
        """Ends what still lasts."""
        for act in sorted(due):
            if act.ends and not self.problems:
                act.do()
        self.stage.lines["flapping"].mend()


def _kill_room(module: str) -> Callable[[Stage], bool]:
    def act(stage: Stage) -> bool:
        rooms = stage.rooms(module)
        if rooms:
            with contextlib.suppress(ProcessLookupError):
                os.kill(stage.chance.choice(rooms), signal.SIGKILL)
        return bool(rooms)

    return act


def _kill(name: str) -> Callable[[Stage], bool]:
    def act(stage: Stage) -> bool:
        if name in stage.away:
            return False
        stage.kill(name)
        return True

    return act


def _signal(name: str, number: int) -> Callable[[Stage], bool]:
    def act(stage: Stage) -> bool:
        pid = stage.parents().get(name)
        if pid:
            os.kill(pid, number)
        return pid is not None

    return act


def _is_open(stage: Stage, name: str) -> bool:
    """Whether a site or the hub answers: one that starts without space, or with a mistake, says so and ends, and its
    service manager starts it again. That is played in other tests."""
    return name in stage.parents() and bool(ask(f"{stage.base(name)}/{'healthz' if name == 'hub' else 'api/v1/state'}"))


def _full(name: str) -> Callable[[Stage], bool]:
    return lambda stage: _is_open(stage, name) and _space(stage, name, _NO_SPACE)


def _free(name: str) -> Callable[[Stage], bool]:
    return lambda stage: _space(stage, name, _SPACE)


def _space(stage: Stage, name: str, limit: tuple[int, int]) -> bool:
    pid = stage.parents().get(name)
    if pid:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
    return pid is not None


def _reload(stage: Stage) -> bool:
    return _is_open(stage, HARBOUR) and _signal(HARBOUR, signal.SIGHUP)(stage)


def _mistake(stage: Stage) -> bool:
    """A configuration with a mistake: the site says so, and goes on as it is."""
    if not _is_open(stage, HARBOUR):
        return False
    config = stage.folder / HARBOUR / "site.yaml"
    config.write_text(config.read_text() + "windows: 60\n")
    return _signal(HARBOUR, signal.SIGHUP)(stage)


def _right(stage: Stage) -> None:
    stage.sites[HARBOUR].write()


def _way(**state: float) -> Callable[[Stage], bool]:
    def act(stage: Stage) -> bool:
        for name, value in state.items():
            setattr(stage.way, name, value)
        return True

    return act


def _on_line(act: str) -> Callable[[Stage], bool]:
    def play(stage: Stage) -> bool:
        getattr(stage.lines["door"], act)()
        return True

    return play


def _cut_and_mend(stage: Stage) -> None:
    stage.lines["door"].cut()
    stage.lines["door"].mend()


def _broker(act: str) -> Callable[[Stage], bool]:
    def play(stage: Stage) -> bool:
        if stage.broker:
            getattr(stage.broker, act)()
        return stage.broker is not None

    return play


_BAD = (
    b"GET /api/v1/../../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /api/v1/tallies?since=" + b"9" * 6000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /api/v1/tallies HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{[\xff\xfe]",
    b"POST /sites/v1/deliver HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    b"GET /api/v1/state HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"GET /no/such/page HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /api/v1/sta",
    b"",
)


def _bad_requests(name: str) -> Callable[[Stage], bool]:
    def act(stage: Stage) -> bool:
        if name not in stage.parents():
            return False
        port = stage.hub.port if name == "hub" else stage.sites[name].port
        threading.Thread(target=_ask_badly, args=(port,), daemon=True).start()
        return True

    return act


def _ask_badly(port: int) -> None:
    """Some dozens of bad requests; some are left open for a while, and all are closed without a word."""
    with contextlib.ExitStack() as open_now:
        for number in range(3 * len(_BAD)):
            with contextlib.suppress(OSError):
                one = open_now.enter_context(socket.create_connection(("127.0.0.1", port), timeout=2))
                one.sendall(_BAD[number % len(_BAD)])
                if number % 3 == 0:
                    one.recv(4096)
                    one.close()
        time.sleep(1.5)


_Begin = Callable[[Stage], bool]
_End = Callable[[Stage], object]
_ACTS: dict[str, tuple[_Begin, _End | None]] = {
    "kill-feed": (_kill_room("feed.reader"), None),
    "kill-worker": (_kill_room("pixels.worker"), None),
    "kill-site": (_kill(HARBOUR), lambda stage: stage.bring_back(HARBOUR)),
    "kill-hub": (_kill("hub"), lambda stage: stage.bring_back("hub")),
    "freeze-hub": (_signal("hub", signal.SIGSTOP), _signal("hub", signal.SIGCONT)),
    "disk-full-hub": (_full("hub"), _free("hub")),
    "disk-full-harbour": (_full(HARBOUR), _free(HARBOUR)),
    "disk-full-market": (_full(MARKET), _free(MARKET)),
    "reload": (_reload, None),
    "reload-mistaken": (_mistake, _right),
    "camera-cut": (_on_line("cut"), _on_line("mend")),
    "camera-silent": (_on_line("silence"), _cut_and_mend),
    "network-cut": (_way(cut=True), _way(cut=False)),
    "refused": (_way(refuse=1.0), _way(refuse=0.0)),
    "answers-lost": (_way(lose=1.0), _way(lose=0.0)),
    "broker-away": (_broker("stop"), _broker("start")),
    "bad-requests-harbour": (_bad_requests(HARBOUR), None),
    "bad-requests-market": (_bad_requests(MARKET), None),
    "bad-requests-hub": (_bad_requests("hub"), None),
}
assert {kind.key for kind in KINDS} == set(_ACTS)
