"""Serves another venue in a process of its own, as NiceGUI serves one application in a process.

    python -m tests.browser.other_site decree STORE
    python -m tests.browser.other_site year STORE [DAYS]
    python -m tests.browser.other_site small STORE
    python -m tests.browser.other_site closed STORE

`decree` is a site whose profile keeps tallies of the whole site alone; `year` is the venue of `tests.support.venue_day`
after so many such days; `small` is one camera of it, for the picture in the README; `closed` lets in who stands in the
access.json beside the store. The address is printed; the end of standard input ends it.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
from nicegui import core

from passerby.core.tallies import HEAT_WINDOW_S, Tally, merge
from passerby.records.access import Access, sign_out_form
from passerby.records.access.book import FILE_NAME, AccessFile
from passerby.records.serving import serve
from passerby.site.corrections import Corrections
from passerby.site.figures import Settings, midnight
from passerby.site.journal import Journal
from passerby.site.occupancy import PlaceBoard
from passerby.site.page import Extras, SetupPages, mount_page
from passerby.site.pages.board import PageBoard
from passerby.site.pages.prove import PATH
from passerby.site.place_windows import PlaceSettings
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app
from tests.browser import venue
from tests.conftest import ROOT
from tests.support import filled, venue_day

NOON = 1_760_004_000 + 13 * 60
BEGIN = NOON - 12 * 60
"""Where the clock begins: the window does not end while a test looks."""
DAY_S = 86_400
ROUTES = "routes.json"
"""Beside the store of a closed site: the paths of all that it serves."""
DECREE = Settings(
    plans=venue_day.PLANS,
    window_s=1200,
    zone=venue_day.ZONE,
    purposes={("entrance", "Main door"): venue_day.PURPOSE},
    confusion=venue_day.SETTINGS.confusion,
    site_only=True,
)

_DOOR = ("entrance", "Main door")
_ENTRANCE = msgspec.structs.replace(venue_day.PLANS[0], lines=(venue_day.MAIN_DOOR,))
SITES: dict[str, tuple[Settings, tuple[PlaceSettings, ...]]] = {
    "decree": (DECREE, ()),
    "year": (venue_day.SETTINGS, venue_day.PLACES),
    "closed": (venue_day.SETTINGS, venue_day.PLACES),
    "small": (
        replace(venue_day.SETTINGS, plans=(_ENTRANCE,)),
        (replace(venue_day.PLACES[0], lines=(_DOOR,)),),
    ),
}


def decree() -> Iterator[Tally]:
    """From nine to noon."""
    for start in range(filled.NINE, NOON - 1200, 1200):
        yield from filled.decree(start)


def fill_year(store: Store, days: int) -> None:
    """So many days: those before the last 35 as hours, as a roll-up leaves them."""
    today = midnight(NOON, venue_day.ZONE)
    for ago in range(days, 0, -1):
        tallies = list(venue_day.day(today - ago * DAY_S + DAY_S - 1))
        store.add(merge(tallies, HEAT_WINDOW_S) if ago > 35 else tallies)
    store.add(list(venue_day.day(NOON)))


@contextmanager
def served(kind: str, store: Path, *days: str) -> Iterator[str]:
    """The address of such a site, in a process of its own."""
    with child("tests.browser.other_site", kind, str(store), *days) as url:
        yield url


@contextmanager
def child(module: str, *arguments: str) -> Iterator[str]:
    """The address that a module serves at, run in a process of its own as long as this is open."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
        assert site.stdout and site.stdin
        yield next(line.strip() for line in iter(site.stdout.readline, "") if line.startswith("http"))
        site.stdin.close()


def main() -> None:
    kind, file = sys.argv[1], Path(sys.argv[2])
    is_new = not file.exists()
    with Store(file) as store:
        settings, places = SITES[kind]
        if is_new and kind == "decree":
            store.add(list(decree()))
        elif is_new:
            fill_year(store, int(sys.argv[3]) if len(sys.argv) > 3 else 365 if kind == "year" else 0)
        people = Access(AccessFile(file.with_name(FILE_NAME)), Journal(file)) if kind == "closed" else None
        _serve(store, settings, places, people)


def _serve(store: Store, settings: Settings, places: tuple[PlaceSettings, ...], access: Access | None) -> None:
    started = time.monotonic()
    settings = replace(settings, clock=lambda: BEGIN + time.monotonic() - started)
    corrections = Corrections(store.file)
    if places and not corrections.since(NOON - DAY_S):
        corrections.add(venue_day.recount(NOON))
    board = PlaceBoard(store, corrections, places, settings)
    app = create_app(store, lambda: venue.WELL, settings, board, ApiParts(access))
    today = PageBoard(store, lambda: venue.WELL, settings, board)
    extras = Extras(account=sign_out_form)
    if len(settings.plans) == 1:
        # The picture in the README names these pages, as every site does; nobody goes there.
        extras = replace(extras, setup=SetupPages("/setup", lambda _site: None), by_hand=PATH)
    mount_page(app, lambda: venue.WELL, settings, today, extras)
    with serve(app, "127.0.0.1", 0) as url:
        if access:
            paths = [getattr(one, "path", "") for one in (*app.routes, *core.app.routes)]
            store.file.with_name(ROUTES).write_text(json.dumps(paths))
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        ended = threading.Thread(target=sys.stdin.read)
        ended.start()
        ended.join()


if __name__ == "__main__":
    main()
