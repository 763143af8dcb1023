"""What every page has: a way past the navigation, the navigation, who is signed in, what must be known first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from nicegui import ui
from starlette.requests import Request

from passerby.records.access import Role, account_of, is_still
from passerby.records.page import icons, words
from passerby.records.page.icons import FAVICON, ICONS
from passerby.records.page.parts import Alarms, Text, element, heading
from passerby.records.page.words import Sentence, Tone
from passerby.site import page_words
from passerby.site.pages import places_words
from passerby.site.pages.site import Asked, Section, Site, View

_STYLE = Path(icons.__file__).with_name("page.css")
_EVERY_S = 1.0
_FIRST_S = 30.0
"""The first reader after a start may wait so long for a large store on a slow disk."""

Build = Callable[[Site, View, Asked], Awaitable[list[Section]]]
"""Builds what is special to a page, and gives what brings it up to date."""


@dataclass(frozen=True, slots=True)
class PageName:
    """A page in the navigation.

    Attributes:
        path: where it is.
        title: what it is called.
    """

    path: str
    title: str


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

    @ui.page(name.path, dark=None, favicon=FAVICON, response_timeout=_FIRST_S)
    async def page(request: Request) -> None:
        view = View(site.state(), await asyncio.to_thread(site.board.today))
        ui.add_css(_STYLE)
        ui.page_title(view.state.site if name.path == "/" else f"{name.title} \u2013 {view.state.site}")
        _header(site, name, request)
        # NiceGUI's own frame is the page's `main`.
        with element("div", "pb") as content:
            content.props("id=content tabindex=-1")
            top = _Top(site, name.title)
            sections = [top.update, *await build(site, view, Asked(request, dict(request.query_params)))]

        async def refresh() -> None:
            if not is_still(request):
                await _leave()
                return
            view = View(site.state(), await asyncio.to_thread(site.board.today))
            for section in sections:
                await section(view)

        await refresh()
        ui.timer(_EVERY_S, refresh)


async def _leave() -> None:
    """Takes a page from a reader who is somebody else by now, or nobody; the browser asks for it anew.

    A socket that opens again would else go on with the page as it was built for who asked then.
    """
    client = ui.context.client
    ui.navigate.reload()
    await asyncio.sleep(_EVERY_S)
    if not client.is_deleted:
        client.delete()


class _Top:
    """The title, the clock, the banner and the alarms."""

    def __init__(self, site: Site, title: str) -> None:
        self._site = site
        with element("div", "pb-top"):
            heading(1, title)
            self._clock = Text("p", "pb-clock")
        with element("div") as status:
            status.props('role="status" aria-live="polite"')
            self._banner = Text("p", "pb-alarm pb-banner warn")
        self._alarms = Alarms()

    async def update(self, view: View) -> None:
        """Brings them up to date."""
        settings = self._site.settings
        self._clock.say(words.now(settings.clock(), settings.zone))
        self._banner.say(self._site.extras.banner() or "")
        over = filter(None, map(places_words.alarm, view.today.places))
        self._alarms.update([*page_words.alarms(view.state, view.today.problem), *over])


def _header(site: Site, here: PageName, request: Request) -> None:
    """The navigation, before the page's `main`; it does not change while the page is open."""
    names = list(PAGES)
    if site.shelves:
        names.insert(_AFTER_PLACES, SHELVES)
    if site.extras.setup and _may_set_up(request):
        names.append(PageName(site.extras.setup.path, "Set-up"))
    links = "".join(_link(name, here) for name in names)
    signed_in = site.extras.account(request)
    html = (
        '<a class="pb-skip" href="#content">Skip to the content</a>'
        f'<div class="pb-bar"><p class="pb-home">{ICONS["brand"]}<span>{escape(site.state().site)}</span></p>'
        f'<nav aria-label="Pages"><ul>{links}</ul></nav>'
        f"{f'<div class=pb-account>{signed_in}</div>' if signed_in else ''}</div>"
    )
    with ui.context.client.layout:
        header = ui.html(html, tag="header", sanitize=False).classes("pb-header")
    header.move(ui.context.client.layout, target_index=0)


def _link(name: PageName, here: PageName) -> str:
    current = ' aria-current="page"' if name == here else ""
    return f'<li><a href="{escape(name.path)}"{current}>{ICONS[name.title]}<span>{name.title}</span></a></li>'


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


def problem(text: str) -> Sentence:
    """What went wrong with a page's own question."""
    return Sentence(text[:1].upper() + text[1:], Tone.WARN)
