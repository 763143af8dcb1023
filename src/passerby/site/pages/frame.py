"""The frame of a site's pages: its navigation, and what must be known first."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui
from starlette.requests import Request

from passerby.records.access import Role, account_of
from passerby.records.page import frame, words
from passerby.records.page.frame import PageName, Said, Shell
from passerby.records.page.parts import Text, element
from passerby.site import page_words
from passerby.site.pages import places_words
from passerby.site.pages.site import Asked, Section, Site, View

Build = Callable[[Site, View, Asked], Awaitable[list[Section]]]
"""Builds what is special to a page, and gives what brings it up to date."""

PAGES = tuple(
    PageName(f"/{name}", name.capitalize() or "Now") for name in ("", "history", "places", "cameras", "privacy")
)
SHELVES = PageName("/shelves", "Shelves")
"""In the navigation only where the configuration has shelves."""
_AFTER_PLACES = 3


def add_page(site: Site, name: PageName, build: Build) -> None:
    """Adds a page with all that every page has.

    Args:
        site: all that it may read.
        name: where it is and what it is called.
        build: builds what is special to it.
    """

    async def view(_request: Request) -> View:
        return View(site.state(), await asyncio.to_thread(site.board.today))

    async def built(now: View, request: Request) -> Sequence[Section]:
        return await build(site, now, Asked(request, dict(request.query_params)))

    shell = Shell(
        name=lambda: site.state().site,
        view=view,
        said=lambda now: _said(site, now),
        pages=lambda request: _pages(site, request),
        account=site.extras.account,
    )
    frame.add_page(shell, name, built)


def _said(site: Site, view: View) -> Said:
    settings = site.settings
    over = filter(None, map(places_words.alarm, view.today.places))
    return Said(
        clock=words.now(settings.clock(), settings.zone),
        banner=site.extras.banner() or "",
        alarms=[*page_words.alarms(view.state, view.today.problem), *over],
    )


def _pages(site: Site, request: Request) -> list[PageName]:
    names = list(PAGES)
    if site.shelves:
        names.insert(_AFTER_PLACES, SHELVES)
    if site.extras.setup and _may_set_up(request):
        names.append(PageName(site.extras.setup.path, "Set-up"))
    return names


def _may_set_up(request: Request) -> bool:
    account = account_of(request)
    return account is None or account.role >= Role.ADMIN


def nothing_drawn(site: Site, asked: Asked) -> None:
    """Says what to do next at a site that has no line and no zone yet."""
    with element("div", "pb-card pb-next"):
        Text("p").say("Nothing is counted yet: no line and no zone is drawn.")
        if site.extras.setup is None:
            Text("p", "soft").say("Write one into the configuration.")
        elif _may_set_up(asked.request):
            ui.html(f'<a class="pb-button" href="{site.extras.setup.path}">Draw a line</a>', sanitize=False)
        else:
            Text("p", "soft").say("An admin draws one with Set-up.")
