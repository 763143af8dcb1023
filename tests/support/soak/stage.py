"""What a soak plays on: a hub, two sites that have joined it over a lossy way, three cameras, and a broker."""

import contextlib
import json
import random
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passerby.hub.contract import Venue
from passerby.site.join import Asked, join
from tests.support.broker import PROGRAM, Mosquitto
from tests.support.hub import RunningHub
from tests.support.lossy_proxy import LossyProxy
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import RunningSite, children, command_line, eventually, overhead_camera
from tests.support.soak.line import CameraLine
from tests.support.soak.processes import cpu_s
from tests.support.soak.scene import film

HARBOUR, MARKET = "harbour", "market"
"""The first site is put through everything. Neither processes nor camera of the second are touched: the control."""
CAMERAS = {HARBOUR: ("door", "flapping"), MARKET: ("control",)}
_PATIENCE_S = 120.0
_ASK_S = 5.0


def ask(url: str) -> dict[str, Any]:
    """An answer of an API; empty while there is none."""
    with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(url, timeout=_ASK_S) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
    return {}


@dataclass
class Stage:
    """All that runs.

    Attributes:
        lines: the way to each camera.
        chance: decides which of several is meant.
        away: what was ended on purpose and is to come back: "hub" or a site.
        broker: None where no mosquitto is installed.
    """

    hub: RunningHub
    way: LossyProxy
    server: RtspServer
    sites: dict[str, RunningSite]
    lines: dict[str, CameraLine]
    broker: Mosquitto | None
    folder: Path
    chance: random.Random
    away: set[str] = field(default_factory=set)

    def parents(self) -> dict[str, int]:
        """Process ids of hub and sites that run."""
        running: dict[str, RunningHub | RunningSite] = {"hub": self.hub, **self.sites}
        return {name: one.pid for name, one in list(running.items()) if name not in self.away}

    def rooms(self, module: str) -> list[int]:
        """Rooms of the harbour, `feed.reader` or `pixels.worker`; none while it is away."""
        if HARBOUR in self.away:
            return []
        return [pid for pid in children(self.sites[HARBOUR].pid) if f"passerby.{module}".encode() in command_line(pid)]

    def kill(self, name: str) -> None:
        """Ends a site or the hub as the kernel does when memory is short."""
        self.away.add(name)
        if name == "hub":
            self.hub.kill()
        else:
            self.sites[name].stop(signal.SIGKILL)

    def bring_back(self, name: str) -> None:
        """Starts it again."""
        (self.hub if name == "hub" else self.sites[name]).start()
        self.away.discard(name)

    def base(self, name: str) -> str:
        """Where its API is."""
        return self.hub.url if name == "hub" else f"http://127.0.0.1:{self.sites[name].port}"

    def well(self) -> bool:
        """Whether every camera is live, every site reaches the hub and the broker, and nothing is ended."""
        return not self.away and all(self._well(name) for name in self.sites) and bool(ask(f"{self.hub.url}/healthz"))

    def _well(self, name: str) -> bool:
        state = ask(f"{self.base(name)}/api/v1/state")
        live = [one["status"] == "live" for one in state.get("cameras", [])]
        hub_well = not (state.get("hub") or {"problem": "?"})["problem"]
        told = all(one["ok"] for one in state.get("outputs", []))
        return len(live) == len(CAMERAS[name]) and all(live) and hub_well and told and not state["store_problem"]

    def cpu_s(self) -> float:
        """Processor seconds of all that runs, and of what it has reaped."""
        parents = [*self.parents().values(), *self._others()]
        return cpu_s([*parents, *(child for pid in parents for child in children(pid))])

    def _others(self) -> list[int]:
        processes = (self.server._process, self.broker._process if self.broker else None)
        return [one.pid for one in processes if one]


@contextmanager
def staged(folder: Path, seconds: float, seed: int) -> Iterator[Stage]:
    """Starts all of it in an empty folder, and ends what is left of it.

    Args:
        folder: for the hub, the sites and the film.
        seconds: for which a camera that is never cut has something to show.
        seed: of what befalls requests to the hub.
    """
    clip = film(folder / "film.mkv", seconds)
    with ExitStack() as open_now:
        server = open_now.enter_context(RtspServer(Serving(clip, as_it_is=True)))
        names = [camera for cameras in CAMERAS.values() for camera in cameras]
        lines = {name: open_now.enter_context(CameraLine(server.port)) for name in names}
        hub = open_now.enter_context(RunningHub(folder / "hub"))
        way = open_now.enter_context(LossyProxy(hub.port, seed=seed))
        broker = open_now.enter_context(Mosquitto(_made(folder / "broker"))) if PROGRAM else None
        hub.start().wait_open(_PATIENCE_S)
        sites = {}
        for name, cameras in CAMERAS.items():
            yaml = (overhead_camera(camera, lines[camera].url) for camera in cameras)
            sites[name] = open_now.enter_context(RunningSite(_made(folder / name), *yaml))
            sites[name].more = _joined(hub, way, sites[name], name, broker)
        stage = Stage(hub, way, server, sites, lines, broker, folder, random.Random(seed))
        for site in sites.values():
            site.start()
        eventually(stage.well, _PATIENCE_S)
        yield stage


def _joined(hub: RunningHub, way: LossyProxy, site: RunningSite, name: str, broker: Mosquitto | None) -> str:
    """Joins a site to the hub, and gives what its configuration has of hub and broker."""
    with hub.register() as register:
        register.add(Venue(0, name, name.title()), "test")
    section = join(Asked(way.url, site.write()), hub.invite(name).text()).section
    head = f"site: {{name: {name.title()}}}\n{section}\n"
    return head + (f"mqtt: {{host: 127.0.0.1, port: {broker.port}}}\n" if broker else "")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
