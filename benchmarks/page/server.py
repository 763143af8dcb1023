"""Serves the year in a process of its own: `python -m benchmarks.page.server STORE`. The end of standard input ends it.

It counts on while it is asked: a minute of all cameras comes each ten seconds, six times as often as at a site.
"""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.page import year
from passerby.records.serving import serve
from passerby.site.corrections import Corrections
from passerby.site.occupancy import PlaceBoard
from passerby.site.page import mount_page
from passerby.site.pages.board import PageBoard
from passerby.site.state import CameraState, CameraStatus, LockdownState, SiteState
from passerby.site.store import Store
from passerby.site.web import create_app

EVERY_S = 10.0
STATE = SiteState(
    site="A year",
    cameras=tuple(
        CameraState(one.name, CameraStatus.LIVE, None, 1920, 1080, seconds=3600, observed_s=3500) for one in year.PLANS
    ),
    lockdown=(LockdownState("worker 1", 7, seccomp=True), LockdownState("worker 2", 7, seccomp=True)),
)


def main() -> None:
    started = time.monotonic()
    with Store(Path(sys.argv[1])) as store:
        settings = replace(year.SETTINGS, clock=lambda: year.NOW + 6 * (time.monotonic() - started))
        places = PlaceBoard(store, Corrections(store.file), year.PLACES, settings)
        app = create_app(store, lambda: STATE, settings, places)
        board = PageBoard(store, lambda: STATE, settings, places)
        mount_page(app, lambda: STATE, settings, board)
        ended = threading.Event()
        counting = threading.Thread(target=count_on, args=(store, ended))
        with serve(app, "127.0.0.1", 0) as url, board.kept_fresh():
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            counting.start()
            sys.stdin.read()
        ended.set()
        counting.join()


def count_on(store: Store, ended: threading.Event) -> None:
    start = year.NOW - year.MINUTE_S
    while not ended.wait(EVERY_S):
        store.add(year.minute(start))
        start += year.MINUTE_S


if __name__ == "__main__":
    main()
