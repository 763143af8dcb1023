"""What every page has: a way past the navigation, the navigation, who is signed in, what must be known first."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Generic, TypeVar

from nicegui import ui
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from passerby.records.access import is_still
from passerby.records.page import icons
from passerby.records.page.icons import FAVICON, ICONS
from passerby.records.page.parts import Alarms, Text, element, heading
from passerby.records.page.words import Sentence, Tone

_STYLE = Path(icons.__file__).with_name("page.css")
_EVERY_S = 1.0
_FIRST_S = 30.0
"""The first reader after a start may wait so long for a large store on a slow disk."""

V = TypeVar("V")
"""What there is to show at a moment."""
Update = Callable[[V], Awaitable[None]]
"""Brings a part of a page up to date."""
Build = Callable[[V, Request], Awaitable[Sequence[Update[V]]]]
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


@dataclass(frozen=True, slots=True)
class Said:
    """What stands above the content of every page.

    Attributes:
        clock: the time.
        banner: what goes on as long as it stands there; empty while nothing does.
        alarms: what must be known before anything else.
    """

    clock: str
    banner: str = ""
    alarms: Sequence[Sentence] = ()


@dataclass(frozen=True, slots=True)
class Shell(Generic[V]):
    """The frame of all pages of one service.

    Attributes:
        name: of the service, beside its mark.
        view: what there is to show to who asks, at this moment.
        said: what stands above the content.
        pages: the navigation of who asks.
        account: HTML of who is signed in; empty where nobody need sign in.
        styles: style sheets beside the common one.
    """

    name: Callable[[], str]
    view: Callable[[Request], Awaitable[V]]
    said: Callable[[V], Said]
    pages: Callable[[Request], Sequence[PageName]]
    account: Callable[[Request], str] = lambda _request: ""
    styles: tuple[Path, ...] = ()


def add_page(
    shell: Shell[V], name: PageName, build: Build[V], title: Callable[[V, Request], str | None] | None = None
) -> None:
    """Adds a page with all that every page has.

    Args:
        shell: the frame.
        name: where it is and what it is called.
        build: builds what is special to it.
        title: what it is called, where that depends on what is asked for; None where there is no such thing.
    """

    @ui.page(name.path, dark=None, favicon=FAVICON, response_timeout=_FIRST_S)
    async def page(request: Request) -> Response | None:
        view = await shell.view(request)
        said = title(view, request) if title else name.title
        if said is None:
            return _missing()
        _dress(shell)
        ui.page_title(shell.name() if name.path == "/" else f"{said} \u2013 {shell.name()}")
        _header(shell, name, request)
        # NiceGUI's own frame is the page's `main`.
        with element("div", "pb") as content:
            content.props("id=content tabindex=-1")
            top = _Top(shell, said)
            await _live(shell, request, [top.update, *await build(view, request)])
        return None


def add_screen(shell: Shell[V], name: PageName, build: Build[V]) -> None:
    """Adds a page that is looked at from afar: no navigation, nothing to press, and always dark."""

    @ui.page(name.path, dark=True, favicon=FAVICON, response_timeout=_FIRST_S)
    async def page(request: Request) -> None:
        view = await shell.view(request)
        _dress(shell)
        ui.page_title(f"{name.title} \u2013 {shell.name()}")
        await _live(shell, request, await build(view, request))


def _dress(shell: Shell[V]) -> None:
    for style in (_STYLE, *shell.styles):
        ui.add_css(style)


async def _live(shell: Shell[V], request: Request, sections: Sequence[Update[V]]) -> None:
    """Brings a page up to date, now and each second."""

    async def refresh() -> None:
        if not is_still(request):
            await _leave()
            return
        view = await shell.view(request)
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


def _missing() -> Response:
    words = "There is no such page, or it is not among those that you may see."
    return HTMLResponse(
        f'<!doctype html><html lang="en"><title>Not found</title><p>{words} <a href="/">To the first page</a></p>', 404
    )


class _Top(Generic[V]):
    """The title, the clock, the banner and the alarms."""

    def __init__(self, shell: Shell[V], title: str) -> None:
        self._shell = shell
        with element("div", "pb-top"):
            heading(1, title)
            self._clock = Text("p", "pb-clock")
        with element("div") as status:
            status.props('role="status" aria-live="polite"')
            self._banner = Text("p", "pb-alarm pb-banner warn")
        self._alarms = Alarms()

    async def update(self, view: V) -> None:
        """Brings them up to date."""
        said = self._shell.said(view)
        self._clock.say(said.clock)
        self._banner.say(said.banner)
        self._alarms.update(list(said.alarms))


def _header(shell: Shell[V], here: PageName, request: Request) -> None:
    """The navigation, before the page's `main`; it does not change while the page is open."""
    links = "".join(_link(name, here) for name in shell.pages(request))
    signed_in = shell.account(request)
    html = (
        '<a class="pb-skip" href="#content">Skip to the content</a>'
        f'<div class="pb-bar"><p class="pb-home">{ICONS["brand"]}<span>{escape(shell.name())}</span></p>'
        f'<nav aria-label="Pages"><ul>{links}</ul></nav>'
        f"{f'<div class=pb-account>{signed_in}</div>' if signed_in else ''}</div>"
    )
    with ui.context.client.layout:
        header = ui.html(html, tag="header", sanitize=False).classes("pb-header")
    header.move(ui.context.client.layout, target_index=0)


def _link(name: PageName, here: PageName) -> str:
    current = ' aria-current="page"' if name == here else ""
    return f'<li><a href="{escape(name.path)}"{current}>{ICONS[name.title]}<span>{name.title}</span></a></li>'


def problem(text: str) -> Sentence:
    """What went wrong with a page's own question."""
    return Sentence(text[:1].upper() + text[1:], Tone.WARN)
