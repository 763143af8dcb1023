"""`passerby hub demo`: a control room that is filled with made-up venues, and goes on with their simulated sites."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from passerby.errors import ConfigError
from passerby.hub.config import FILE_NAME, HubConfig, load
from passerby.hub.contract import Known
from passerby.hub.enrolment import SiteKeys
from passerby.hub.opening import hub_key, make_key, open_fleet, open_register
from passerby.hub.register import Register
from passerby.hub.run import open_hub
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.crew import Crew
from passerby.hub.simulate.enlisting import KEY_FILE, enlist, invite
from passerby.hub.simulate.fill import CLOCK_BEHIND_S, History, ends, fill, script_of
from passerby.hub.simulate.fleet import Fate, Order, SimulatedVenue, make
from passerby.hub.simulate.live import HubAt, Pace, open_sites
from passerby.hub.simulate.nobody import nobody
from passerby.hub.simulate.windows import Script, standing
from passerby.records.wire.batches import OutboxStanding
from passerby.records.wire.keys import Key, write_key

SITES = "sites"
"""Folder of the simulated sites, within that of the hub."""
_MADE = "made-up.json"
_SIGNED_WITH = "nobody.secret"
_WINDOW_S = 60
"""Simulated sites of a demonstration have the narrowest windows, so that one sees something move."""
_HISTORY_WINDOW_S = 900
_CONFIG = """\
# A demonstration: every venue here is made up, and so is every number. Written anew each time that it is shown.
hub: {{name: Example venues (all made up)}}
web: {{port: {port}}}
"""
_ALERTS = """\
notify:
  - {{name: nobody, webhook: "{nobody}", secret_file: nobody.secret}}
alerts:
  - {{name: Site is silent, when: venue_silent, to: [nobody]}}
  - {{name: Venue is overdue, when: venue_overdue, to: [nobody]}}
  - {{name: Camera is down, when: cameras_down, limit: 10, to: [nobody]}}
  - {{name: Nearly full, when: occupancy_over, limit: 90, to: [nobody]}}
  - {{name: Shelves run empty, when: shelves_empty, limit: 25, to: [nobody]}}
"""
"""Alerts of a demonstration are told to nobody: the address is of this process, and forgets them."""
Progress = Callable[[int, int], None]
"""Is told how many venues are filled, and how many tallies were stored since it was told last."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What to show.

    Attributes:
        folder: of the hub.
        order: which venues.
        days: of history.
        port: of the page.
    """

    folder: Path
    order: Order
    days: int = 35
    port: int = 8780


@dataclass(frozen=True, slots=True)
class Shown:
    """A hub that is filled.

    Attributes:
        config: of the hub.
        fleet: its venues.
        history: that they have.
    """

    config: HubConfig
    fleet: list[SimulatedVenue]
    history: History

    def script(self, venue: SimulatedVenue) -> Script:
        """What a venue's site goes on with."""
        return Script(
            venue=venue,
            window_s=_WINDOW_S,
            since_unix_s=ends(venue, self.history),
            down_since_unix_s=script_of(venue, self.history).down_since_unix_s,
        )


def prepare(demo: Demo, progress: Progress) -> Shown:
    """Makes and fills a hub; one that was filled before is taken as it is.

    Args:
        demo: what to show.
        progress: is told how far it is.

    Raises:
        ConfigError: the folder holds something else, or a demonstration that was not filled to its end.
        StoreError: it cannot be filled.
    """
    made = demo.folder / _MADE
    if made.exists():
        return _as_it_was(demo.folder, made)
    if (demo.folder / FILE_NAME).exists():
        words = "holds a hub that is no demonstration, or one that was not filled to its end; choose another folder"
        raise ConfigError([f"{demo.folder} {words}"])
    _write(demo.folder, _CONFIG.format(port=demo.port))
    make_key(demo.folder)
    until = int(time.time()) // _HISTORY_WINDOW_S * _HISTORY_WINDOW_S
    history = History(until, demo.days, _HISTORY_WINDOW_S, _WINDOW_S)
    shown = Shown(load(demo.folder), make(demo.order), history)
    _fill(shown, progress)
    made.write_text(json.dumps({"order": asdict(demo.order), "history": asdict(history)}), encoding="utf-8")
    return shown


def _write(folder: Path, config: str) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / FILE_NAME).write_text(config, encoding="utf-8")
        secret = folder / _SIGNED_WITH
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(16), encoding="ascii")
    except OSError as error:
        raise ConfigError([f"{folder}: cannot be written ({error.strerror})"]) from None


def _as_it_was(folder: Path, made: Path) -> Shown:
    known = json.loads(made.read_text(encoding="utf-8"))
    return Shown(load(folder), make(Order(**known["order"])), History(**known["history"]))


def _fill(shown: Shown, progress: Progress) -> None:
    config = shown.config
    with (
        open_register(config) as register,
        closing(SqliteSeries(config.series_file)) as series,
        open_fleet(config) as fleet,
    ):
        numbers = enlist(register, shown.fleet)
        for done, venue in enumerate(shown.fleet, start=1):
            number = numbers[venue.slug]
            _enrol(register, venue, config)
            fill(series, number, venue, shown.history, partial(progress, done - 1))
            if venue.fate.joined:
                fleet.hear(number, partial(_heard, _known(shown, venue)))
            progress(done, 0)
        fleet.save()


def _heard(now: Known, _before: Known) -> Known:
    return now


def _enrol(register: Register, venue: SimulatedVenue, config: HubConfig) -> None:
    """Invites a site where its fate lets it be invited, and has it join."""
    keys = SiteKeys(register)
    token = invite(keys, venue, hub_key(config).public)
    if token is None or not venue.fate.joined:
        return
    folder = config.folder / SITES / venue.slug
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = Key.made()
    keys.join(token.key.public.name, key.public)
    write_key(key, folder / KEY_FILE)


def _known(shown: Shown, venue: SimulatedVenue) -> Known:
    """How a venue's site was when it was heard last."""
    end = ends(venue, shown.history)
    windows = shown.script(venue).windows()
    behind_s = CLOCK_BEHIND_S if venue.fate is Fate.CLOCK else 0
    return Known(
        heard_unix_s=end if venue.fate is Fate.SILENT else time.time(),
        layout=windows.layout,
        standing=standing(windows, end, end, OutboxStanding(0, 0, 0)),
        clock_off_s=-float(behind_s),
    )


@contextmanager
def showing(shown: Shown) -> Iterator[tuple[str, Crew]]:
    """Serves the hub with its simulated sites as long as it is open, and gives the URL of its pages, and the sites.

    Raises:
        ConfigError, StoreError: it cannot start; the text says why.
    """
    folder, port, now = shown.config.folder, shown.config.web.port, time.time()
    with ExitStack() as open_now:
        alerts = _ALERTS.format(nobody=open_now.enter_context(nobody()))
        _write(folder, _CONFIG.format(port=port) + alerts)
        config = load(folder)
        _, url = open_now.enter_context(open_hub(config, config.folder / FILE_NAME))
        at = HubAt(config.url, hub_key(config).public)
        scripts = [shown.script(venue) for venue in shown.fleet]
        sites = open_sites(config.folder / SITES, scripts, at, Pace(now, now), open_now)
        yield url, open_now.enter_context(Crew(sites, threads=4))
