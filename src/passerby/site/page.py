"""The first page of a site: what was counted now and today, how sure that is, and how the promise is kept.

Built with NiceGUI, whose scripts, styles and charts are served from this machine; nothing is loaded from elsewhere.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from nicegui import ui

from passerby.site import page_words as words
from passerby.site.figures import FigureBoard, Figures, Settings
from passerby.site.page_parts import Alarms, CameraRow, PlaceCard, Promise, Text, element, heading
from passerby.site.state import SiteState
from passerby.site.store import Store

_STYLE = Path(__file__).with_name("page.css")
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0c7f72"/>'
    '<path d="M9 6v20M14 16h10m-4-5 5 5-5 5" stroke="#fff" stroke-width="3" fill="none" stroke-linecap="round"/></svg>'
)
_EVERY_S = 1.0


def mount_page(app: FastAPI, store: Store, state: Callable[[], SiteState], settings: Settings) -> None:
    """Adds the page at `/`. NiceGUI serves one application in a process, so this is called once.

    Args:
        app: made by `web.create_app`; its routes go first.
        store: where tallies are.
        state: how the site is now.
        settings: places, windows and zone.
    """
    board = FigureBoard(store, state, settings)

    @ui.page("/", dark=None, favicon=_ICON)
    async def first_page() -> None:
        ui.add_css(_STYLE)
        ui.page_title(state().site)
        page = _Page(state(), await asyncio.to_thread(board.figures), settings)

        async def refresh() -> None:
            page.update(state(), await asyncio.to_thread(board.figures))

        await refresh()
        ui.timer(_EVERY_S, refresh)

    ui.run_with(app, tailwind=False, show_welcome_message=False, language="en-GB")


class _Page:
    """The page of one reader."""

    def __init__(self, state: SiteState, figures: Figures, settings: Settings) -> None:
        self._zone = settings.zone
        self._now = settings.clock
        with element("main", "pb"):
            with element("header", "pb-top"):
                heading(1, state.site)
                self._clock = Text("p", "pb-clock")
            self._alarms = Alarms()
            self._places = self._build_places(figures)
            heading(2, "Cameras")
            with element("div", "pb-card"):
                self._cameras = [CameraRow() for _ in state.cameras]
            heading(2, "How this stays anonymous")
            self._promise = Promise(len(state.lockdown), settings.window_s)

    def _build_places(self, figures: Figures) -> list[PlaceCard]:
        cards = []
        for title, is_line in (("Doors and lines", True), ("Zones", False)):
            places = [place for place in figures.places if place.is_line is is_line]
            if places:
                heading(2, title)
            cards += [PlaceCard(place, self._zone) for place in places]
        return cards

    def update(self, state: SiteState, figures: Figures) -> None:
        """Brings the page up to date."""
        self._clock.say(words.now(self._now(), self._zone))
        self._alarms.update(words.alarms(state, figures.problem))
        ordered = sorted(figures.places, key=lambda place: not place.is_line)
        for card, place in zip(self._places, ordered, strict=False):
            card.update(place, figures)
        for row, camera in zip(self._cameras, state.cameras, strict=False):
            row.update(camera)
        self._promise.update(state)
