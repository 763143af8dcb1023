"""Simulated sites in a process of their own, to be killed at any moment: `python -m tests.support.site_child SPEC`."""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.enlisting import way
from passerby.hub.simulate.fleet import Order, make
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.hub.simulate.windows import Script
from passerby.records.wire.keys import PublicKey
from passerby.records.wire.link import HubLink

DONE = "done"
"""A child makes a file with this ending when all is at the hub."""
FAR = "far"
"""A file of this name says which share of it all is made up by now, 0..1."""


@dataclass(frozen=True)
class Spec:
    """What the sites of a process make up, and how fast.

    Attributes:
        numbers: of the venues of the order.
        hurry: waits are so many times shorter.
    """

    folder: str
    url: str
    hub: str
    order: tuple[int, int, int]
    numbers: tuple[int, ...]
    window_s: int
    since_unix_s: int
    until_unix_s: int
    hurry: float

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @staticmethod
    def read(path: Path) -> "Spec":
        known = json.loads(path.read_text())
        return Spec(**{**known, "order": tuple(known["order"]), "numbers": tuple(known["numbers"])})

    def scripts(self) -> dict[str, Script]:
        """By short name of the venue."""
        venues, cameras, seed = self.order
        fleet = make(Order(venues, cameras, seed, all_well=True))
        return {
            venue.slug: Script(venue, self.window_s, self.since_unix_s, self.until_unix_s)
            for venue in fleet
            if venue.number in self.numbers
        }

    def made_up(self) -> float:
        """Made-up time now."""
        share = float((Path(self.folder) / FAR).read_text())
        return self.since_unix_s + share * (self.until_unix_s - self.since_unix_s)


def main(path: Path) -> None:
    """Sends until all is at the hub, or until it is killed."""
    spec = Spec.read(path)
    times = Times(made_up=spec.made_up, hurry=spec.hurry)
    hub = PublicKey.of(spec.hub)
    sites = []
    for slug, script in spec.scripts().items():
        folder = Path(spec.folder) / slug
        sites.append(SimulatedSite(folder, script, way(folder, HubLink(spec.url, hub)), times))
    with Crew(sites, threads=len(sites)) as crew:
        while not crew.done:
            time.sleep(0.1)
    path.with_suffix(f".{DONE}").touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
