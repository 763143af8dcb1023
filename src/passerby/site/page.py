"""The first page of a site: what was counted now and today, how sure that is, and how the promise is kept.

Built with NiceGUI, whose scripts, styles and charts are served from this machine; nothing is loaded from elsewhere.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from nicegui import ui

from passerby.site import page_words as words
from passerby.site.access import sign_out_form
from passerby.site.figures import Settings
from passerby.site.page_parts import Alarms, CameraRow, Promise, Text, element, heading
from passerby.site.pages import places_words
from passerby.site.pages.board import PageBoard, Today
from passerby.site.pages.sections import sections
from passerby.site.state import SiteState

_STYLE = Path(__file__).with_name("page.css")
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0c7f72"/>'
    '<path d="M9 6v20M14 16h10m-4-5 5 5-5 5" stroke="#fff" stroke-width="3" fill="none" stroke-linecap="round"/></svg>'
)
_EVERY_S = 1.0


def mount_page(
    app: FastAPI,
    state: Callable[[], SiteState],
    settings: Settings,
    board: PageBoard,
) -> None:
    """Adds the page at `/`. NiceGUI serves one application in a process, so this is called once.

    Args:
        app: made by `web.create_app`; its routes go first.
        state: how the site is now.
        settings: lines, zones, windows and zone.
        board: reads the store for it.
    """

    @ui.page("/", dark=None, favicon=_ICON)
    async def first_page() -> None:
        ui.add_css(_STYLE)
        ui.page_title(state().site)
        page = _Page(state(), await asyncio.to_thread(board.today), board, settings)

        async def refresh() -> None:
            await page.update(state(), await asyncio.to_thread(board.today))

        await refresh()
        ui.timer(_EVERY_S, refresh)

    ui.run_with(app, tailwind=False, show_welcome_message=False, language="en-GB")


class _Page:
    """The page of one reader. It has the sections that the configuration asks for, and no empty ones."""

    def __init__(self, state: SiteState, today: Today, board: PageBoard, settings: Settings) -> None:
        self._zone = settings.zone
        self._now = settings.clock
        # NiceGUI's own frame is the page's `main`.
        with element("div", "pb"):
            with element("header", "pb-top"):
                heading(1, state.site)
                self._clock = Text("p", "pb-clock")
                ui.html(sign_out_form(ui.context.client.request), sanitize=False)
            self._alarms = Alarms()
            self._sections = sections(today, board, settings)
            heading(2, "Cameras")
            with element("div", "pb-card"):
                self._cameras = [CameraRow() for _ in state.cameras]
            heading(2, "How this stays anonymous")
            self._promise = Promise(len(state.lockdown), settings)

    async def update(self, state: SiteState, today: Today) -> None:
        """Brings the page up to date."""
        self._clock.say(words.now(self._now(), self._zone))
        over = filter(None, map(places_words.alarm, today.places))
        self._alarms.update([*words.alarms(state, today.problem), *over])
        for section in self._sections:
            await section(today)
        for row, camera in zip(self._cameras, state.cameras, strict=False):
            row.update(camera)
        self._promise.update(state)
