"""Serves a grocer's with shelves, in a process of its own.

    python -m tests.browser.shelf_site STORE

It has two routes that no site has: `/fill` fills what is empty of the bread, and `/move` moves the camera of aisle 3.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from passerby.core.shelves import FacingState
from passerby.gate.contract import FacingNow
from passerby.site.page import Extras, mount_page
from passerby.site.pages.board import PageBoard
from passerby.site.shelf_desk import ShelfDesk
from passerby.site.state import CameraState, CameraStatus, SiteState
from passerby.site.store import Store
from passerby.site.web import ApiParts, create_app
from tests.browser import venue
from tests.browser.other_site import child
from tests.browser.serving import serve_until_read
from tests.support import grocer


@contextmanager
def served(store: Path) -> Iterator[str]:
    """The address of the site."""
    with child("tests.browser.shelf_site", str(store)) as url:
        yield url


class Shop:
    """How the site is, and how a test turns it."""

    def __init__(self) -> None:
        cameras = tuple(CameraState(plan.name, CameraStatus.LIVE) for plan in grocer.PLANS)
        self.state = SiteState("Corner Grocer", cameras, lockdown=venue.WELL.lockdown, models=venue.WELL.models)
        self.board = grocer.board()

    def fill(self) -> str:
        """Somebody puts bread on the shelf."""
        self.board.tell(FacingNow("bakery", "bread", 4, FacingState.STOCKED, grocer.UNTIL + 60))
        return "filled"

    def move(self) -> str:
        """Somebody pushes the first camera."""
        first, *others = self.state.cameras
        moved = replace(first, picture=msgspec.structs.replace(first.picture, moved=True))
        self.state = replace(self.state, cameras=(moved, *others))
        return "moved"


def main() -> None:
    shop = Shop()
    with Store(Path(sys.argv[1])) as store:
        grocer.teach(store)
        store.add(list(grocer.tallies()))
        started = time.monotonic()
        settings = replace(grocer.settings(), clock=lambda: grocer.UNTIL + 60 + time.monotonic() - started)
        desk = ShelfDesk(store, lambda: shop.state, settings, grocer.SHELVES, shop.board)
        app = create_app(store, lambda: shop.state, settings, None, ApiParts(shelves=desk))
        app.get("/fill")(shop.fill)
        app.get("/move")(shop.move)
        today = PageBoard(store, lambda: shop.state, settings)
        mount_page(app, lambda: shop.state, settings, today, Extras(shelves=desk))
        serve_until_read(app)


if __name__ == "__main__":
    main()
