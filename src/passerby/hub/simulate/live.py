"""Simulated sites of a whole fleet, each in a folder of its own, ready to send to a hub."""

import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from passerby.hub.simulate.enlisting import has_joined, trusted, way
from passerby.hub.simulate.fill import CLOCK_BEHIND_S
from passerby.hub.simulate.fleet import Fate
from passerby.hub.simulate.site import SimulatedSite, Times
from passerby.hub.simulate.windows import Script
from passerby.records.wire.keys import PublicKey
from passerby.records.wire.link import HubLink

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class HubAt:
    """Where a hub is, and how one knows that it is that.

    Attributes:
        url: by which sites reach it.
        key: its public key.
    """

    url: str
    key: PublicKey


@dataclass(frozen=True, slots=True)
class Pace:
    """How made-up time goes.

    Attributes:
        since_unix_s: where it begins.
        began_unix_s: when that was, by the real clock.
        speed: made-up minutes a second, until it is now; 0: it is now from the beginning.
    """

    since_unix_s: float
    began_unix_s: float
    speed: float = 0.0

    def now(self) -> float:
        """Made-up time, in Unix seconds; never ahead of the real one."""
        now = time.time()
        if not self.speed:
            return now
        return min(now, self.since_unix_s + (now - self.began_unix_s) * self.speed * _MINUTE_S)


def times_of(fate: Fate, pace: Pace) -> Times:
    """The clocks of a site: where that is its fate, they are two days behind."""
    behind_s = CLOCK_BEHIND_S if fate is Fate.CLOCK else 0
    return Times(made_up=lambda: pace.now() - behind_s, own=lambda: time.time() - behind_s)


def open_sites(
    folder: Path, scripts: Iterable[Script], hub: HubAt, pace: Pace, open_now: ExitStack
) -> list[SimulatedSite]:
    """The sites of all that joined; those that are silent by their fate are left out.

    Args:
        folder: of all of them.
        scripts: what they make up.
        hub: where they send.
        pace: how fast.
        open_now: closes their connections.

    Raises:
        StoreError, ConfigError: an outbox or a key cannot be used.
    """
    sites = []
    for script in scripts:
        own = folder / script.venue.slug
        if script.venue.fate is Fate.SILENT or not has_joined(own):
            continue
        times = times_of(script.venue.fate, pace)
        post = way(own, HubLink(hub.url, hub.key, trusted(), times.own))
        open_now.callback(post.close)
        sites.append(SimulatedSite(own, script, post, times))
    return sites
