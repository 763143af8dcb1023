"""The pages of a site: what was counted now and on other days, how sure that is, and how the promise is kept.

Built with NiceGUI, whose scripts, styles and charts are served from this machine; nothing is loaded from elsewhere.
"""

from collections.abc import Callable

from fastapi import FastAPI
from nicegui import ui

from passerby.records.page.rubbish import collect_seldom
from passerby.site.figures import Settings
from passerby.site.pages import cameras, history, now, privacy, sections, shelves
from passerby.site.pages.board import PageBoard
from passerby.site.pages.frame import PAGES, SHELVES, add_page
from passerby.site.pages.site import Extras, Outlet, SetupPages, Site
from passerby.site.sent import Counted, Meter
from passerby.site.state import SiteState

__all__ = ["Extras", "Outlet", "SetupPages", "mount_page"]
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
    collect_seldom()
    ui.run_with(app, tailwind=False, show_welcome_message=False, language="en-GB")
