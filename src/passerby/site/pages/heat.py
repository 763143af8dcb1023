"""The card of heat maps: which camera, which hour, and the map."""

import asyncio

from nicegui import ui
from nicegui.events import GenericEventArguments

from passerby.records.page.parts import Choice, Drawing, Text, element
from passerby.site.figures import Settings
from passerby.site.pages import heat_words as words
from passerby.site.pages.board import PageBoard
from passerby.site.pages.heat_chart import draw
from passerby.site.reports import Heat, HeatReport


class HeatCard:
    """The map of the camera and the hour that the reader chose."""

    def __init__(self, board: PageBoard, settings: Settings) -> None:
        self._board, self._zone = board, settings.zone
        self._plans = {plan.name: plan for plan in settings.plans if plan.name in board.heat_cameras}
        self._camera, self._hour = board.heat_cameras[0], words.TODAY
        with element("article", "pb-card") as card:
            card.props["data-heat"] = "map"
            with element("div", "pb-choices"):
                self._cameras = Choice("Camera", self._choose_camera)
                self._hours = Choice("When", self._choose_hour)
            Text("p", "soft").say(words.MEANING)
            with element("div", "pb-legend"):
                with element("span", "ramp-ends"):
                    Text().say("0")
                    ui.element("span").classes("ramp").props("aria-hidden=true")
                    self._most = Text()
                with element("span"):
                    ui.element("span").classes("blank").props("aria-hidden=true")
                    self._empty = Text()
            self._drawing = Drawing("pb-heat")
        self._cameras.offer(board.heat_cameras)

    async def refresh(self) -> None:
        """Brings the map up to date."""
        report = await asyncio.to_thread(self._board.heat, self._camera)
        # The reader may have chosen another camera meanwhile; that choice refreshes by itself.
        if report and report.camera == self._camera:
            self._update(report)

    async def _choose_camera(self, event: GenericEventArguments) -> None:
        if event.args in self._plans:
            self._camera = str(event.args)
            await self.refresh()

    async def _choose_hour(self, event: GenericEventArguments) -> None:
        self._hour = str(event.args)
        await self.refresh()

    def _update(self, report: HeatReport) -> None:
        maps = self._maps(report)
        if self._hour not in maps:
            self._hour = words.TODAY
        self._hours.offer(list(maps), self._hour)
        heat = maps[self._hour]
        self._empty.say(words.empty(report.minimum_people))
        self._most.say(words.scale_end(heat))
        plan = self._plans[report.camera]
        self._drawing.draw((report.camera, self._hour, heat.person_seconds), lambda: draw(heat, plan, self._hour))

    def _maps(self, report: HeatReport) -> dict[str, Heat]:
        """Maps by their names: the day, then its hours."""
        hours = {words.hour(one, self._zone): one.heat for one in report.windows if _is_over(one.heat)}
        return {words.TODAY: report.sum, **hours}


def _is_over(heat: Heat) -> bool:
    """An hour that is not over yet has no cells, and one without any shows nothing either."""
    return any(cell is not None for row in heat.person_seconds for cell in row)
