"""Serves a venue whose counts are proved, in a process of its own; its clock runs a minute in a second.

    python -m tests.browser.proof_site STORE

The engine has counted five people in and three out in each minute.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from passerby.core.tallies import Measure, Tally
from passerby.site.figures import Settings
from passerby.site.journal import Journal
from passerby.site.page import Extras, mount_page
from passerby.site.pages.board import PageBoard
from passerby.site.pages.prove import PATH, Desk, mount_prove
from passerby.site.proof import HandCounts, HandWindow, ProofBoard, Proofs, ProvableLine
from passerby.site.store import Store
from passerby.site.web import create_app
from tests.browser import venue
from tests.browser.other_site import NOON, child
from tests.browser.serving import serve_until_read

LINES = (ProvableLine("entrance", "Main door", "a" * 24), ProvableLine("garden", "Garden door", "b" * 24))
COUNTED = range(NOON // 60 * 60 - 40 * 60, NOON // 60 * 60 + 11 * 3600, 60)


def fill(store: Store) -> None:
    """What the engine counted, and half an hour that was counted by hand before at one door."""
    for line in LINES:
        for measure, total in ((Measure.CROSSINGS_IN, 5), (Measure.CROSSINGS_OUT, 3)):
            store.add([Tally(line.camera, measure, line.name, start, 60, total, 60.0) for start in COUNTED])
    proofs = Proofs(store.file)
    proofs.add([HandWindow(LINES[1], start, 60, "anna", 5, 3 + (start // 60) % 2) for start in COUNTED[:30]])


@contextmanager
def served(store: Path) -> Iterator[str]:
    """The address of the site."""
    with child("tests.browser.proof_site", str(store)) as url:
        yield url


def main() -> None:
    with Store(Path(sys.argv[1])) as store:
        fill(store)
        started = time.monotonic()
        plans = tuple(msgspec.structs.replace(plan, window_s=60) for plan in venue.PLANS)
        settings = Settings(plans, 60, venue.ZONE, clock=lambda: NOON + 60 * (time.monotonic() - started))
        proofs = Proofs(store.file)
        board = ProofBoard(proofs, store, LINES, 0.05, settings.clock)
        app = create_app(store, lambda: venue.WELL, settings)
        desk = Desk(HandCounts(60, settings.clock), board, proofs, Journal(store.file), settings)
        today = PageBoard(store, lambda: venue.WELL, settings, proofs=board)
        mount_page(app, lambda: venue.WELL, settings, today, Extras(pages=(mount_prove(app, desk),), by_hand=PATH))
        serve_until_read(app)


if __name__ == "__main__":
    main()
