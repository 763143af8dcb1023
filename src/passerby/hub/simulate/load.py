"""`passerby simulate`: a hub gets what many made-up venues send, through its own door."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ConfigError
from passerby.hub.config import load
from passerby.hub.enrolment import SiteKeys
from passerby.hub.opening import hub_key, open_register
from passerby.hub.register import Register
from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.enlisting import enlist, has_joined, invite, join
from passerby.hub.simulate.fleet import Order, SimulatedVenue, make
from passerby.hub.simulate.live import HubAt, Pace, open_sites
from passerby.hub.simulate.venues import MADE_UP
from passerby.hub.simulate.windows import Script
from passerby.records.wire.joining import Token
from passerby.records.wire.link import NotPostedError

_DOWN_S = 4 * 86_400
_MINUTE_S = 60
Progress = Callable[[int], None]
"""Is told how many venues have joined."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a hub is to get.

    Attributes:
        hub: its folder or configuration, on this machine.
        sites: folder of the simulated sites; they go on from there where it was used before.
        order: which venues.
        minutes: so long ago their first window begins.
        window_s: width of their windows.
        speed: made-up minutes a second until it is now; 0: as fast as the hub takes it.
        url: where they send; None: as the hub's configuration says.
        once: nothing is made up that ends later than now.
        threads: so many send at the same time.
    """

    hub: Path
    sites: Path
    order: Order
    minutes: int = 0
    window_s: int = 900
    speed: float = 0.0
    url: str | None = None
    once: bool = False
    threads: int = 16


@contextmanager
def loading(load_: Load, progress: Progress) -> Iterator[Crew]:
    """Registers venues that are not there yet, lets their sites join, and has them send as long as it is open.

    Args:
        load_: what.
        progress: is told how many have joined.

    Raises:
        ConfigError: the hub has venues that are not made up, or a venue cannot be taken.
        HubError: the hub is not there, or refused a site.
        StoreError: a store cannot be used.
    """
    if 3600 % load_.window_s:
        raise ConfigError([f"--window: windows of {load_.window_s} s do not divide an hour; 60, 300 and 900 do"])
    config = load(load_.hub)
    fleet = make(load_.order)
    hub = HubAt((load_.url or config.url).rstrip("/"), hub_key(config).public)
    with open_register(config) as register:
        refuse_real(register)
        tokens = _invited(register, fleet, load_.sites, hub)
    _join(tokens, load_.sites, hub, progress)
    now = time.time()
    since = int(now - load_.minutes * _MINUTE_S) // load_.window_s * load_.window_s
    until = now if load_.once else math.inf
    scripts = [Script(venue, load_.window_s, since, until, now - _DOWN_S) for venue in fleet]
    with ExitStack() as open_now:
        sites = open_sites(load_.sites, scripts, hub, Pace(since, now, load_.speed), open_now)
        yield open_now.enter_context(Crew(sites, load_.threads))


def refuse_real(register: Register) -> None:
    """Keeps made-up numbers from where real ones are.

    Raises:
        ConfigError: a venue of this hub is not made up.
        StoreError: the register cannot be read.
    """
    real = [venue.slug for venue in register.venues() if MADE_UP not in venue.tags]
    if real:
        words = (
            f"this hub has venues that are not made up, such as {real[0]}; made-up numbers would stand beside theirs"
        )
        raise ConfigError([f"{words}. Take a hub of its own: passerby hub init ANOTHER"])


def _invited(register: Register, fleet: list[SimulatedVenue], sites: Path, hub: HubAt) -> dict[str, Token]:
    """Tokens of the sites that are to join now, by short name."""
    enlist(register, fleet)
    keys, tokens = SiteKeys(register), {}
    for venue in fleet:
        if has_joined(sites / venue.slug):
            continue
        token = invite(keys, venue, hub.key)
        if token is not None and venue.fate.joined:
            tokens[venue.slug] = token
    return tokens


def _join(tokens: dict[str, Token], sites: Path, hub: HubAt, progress: Progress) -> None:
    for done, (slug, token) in enumerate(tokens.items(), start=1):
        try:
            join(sites / slug, hub.url, token)
        except NotPostedError as error:
            raise ConfigError([f"{hub.url}: {error}"]) from None
        progress(done)
