"""The pages of a site: what was counted now and on other days, how sure that is, and how the promise is kept.

Built with NiceGUI, whose scripts, styles and charts are served from this machine; nothing is loaded from elsewhere.
"""

import gc
from collections.abc import Callable

from fastapi import FastAPI
from nicegui import ui

from passerby.site.figures import Settings
from passerby.site.pages import cameras, history, now, privacy, sections, shelves
from passerby.site.pages.board import PageBoard
from passerby.site.pages.frame import PAGES, SHELVES, add_page
from passerby.site.pages.site import Extras, Outlet, SetupPages, Site
from passerby.site.sent import Counted, Meter
from passerby.site.state import SiteState

__all__ = ["Extras", "Outlet", "SetupPages", "mount_page"]
_COLLECT_EVERY = 10_000
"""Python looks for rubbish when so many objects more were made than given back; it would each 700, and an open page
has 1500 to 5000. All that look through everything, open pages too, come less often in the same measure."""
_BUILDERS = (now.build, history.build, sections.build, cameras.build, privacy.build)


def mount_page(
    app: FastAPI,
    state: Callable[[], SiteState],
    settings: Settings,
    board: PageBoard,
    extras: Extras | None = None,
) -> None:
    """Adds the pages. NiceGUI serves one application in a process, so this is called once.

    Args:
        app: made by `web.create_app`; its routes go first.
        state: how the site is now.
        settings: lines, zones, windows and zone.
        board: reads the store for them.
        extras: what other parts of the site add to the pages.
    """
    meter = Meter()
    app.add_middleware(Counted, meter=meter)
    site = Site(state, settings, board, app.state.history, meter, extras or Extras())
    for name, build in zip(PAGES, _BUILDERS, strict=True):
        add_page(site, name, build)
    if site.shelves:
        add_page(site, SHELVES, shelves.build)
    for add in (*site.extras.pages, *([site.extras.setup.add] if site.extras.setup else [])):
        add(site)
    _collect_seldom()
    ui.run_with(app, tailwind=False, show_welcome_message=False, language="en-GB")


def _collect_seldom() -> None:
    """Makes readers wait less for the search for rubbish in memory."""
    # What is made by now stays for good and need not be looked through again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, *gc.get_threshold()[1:])
