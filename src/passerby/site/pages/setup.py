"""The page of set-up mode: a people-free still, lines and zones drawn on it, a rehearsal, and saving."""

import asyncio
import time
from collections.abc import Callable

from fastapi import Depends, FastAPI
from fastapi.responses import Response
from nicegui import ui
from nicegui.events import GenericEventArguments, MouseEventArguments

from passerby.errors import PasserbyError
from passerby.records.access import LOCAL, Account, Role, account_of, requires
from passerby.records.page.frame import PageName
from passerby.records.page.parts import Choice, Text, button, element, heading
from passerby.records.page.words import Sentence, Tone
from passerby.site.pages import setup_words as words
from passerby.site.pages.frame import add_page
from passerby.site.pages.setup_shapes import ShapeList
from passerby.site.pages.site import Asked, Section, SetupPages, Site, View
from passerby.site.setup.desk import STILL_PATH, SetupDesk
from passerby.site.setup.drawing import Drawing, Kind, overlay
from passerby.site.setup.edit import SiteFile
from passerby.site.setup.session import SetupState

_PAGE = PageName("/setup", "Set-up")
Work = Callable[[], Sentence | None]


def mount_setup(app: FastAPI, desk: SetupDesk) -> SetupPages:
    """Adds the route of the still, and gives the page.

    Args:
        app: the application.
        desk: what the page may do.
    """

    @app.get(STILL_PATH, include_in_schema=False)
    def get_still(account: Account = Depends(requires(Role.ADMIN))) -> Response:  # noqa: B008 - FastAPI's own way
        try:
            found = desk.still(account.name)
        except PasserbyError:
            found = None
        if found is None:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        return Response(found[0], media_type="image/png", headers={"Cache-Control": "no-store"})

    async def build(_site: Site, _view: View, asked: Asked) -> list[Section]:
        account = account_of(asked.request) or LOCAL
        if account.role < Role.ADMIN:
            Text("p", "pb-alarm warn").say(f"Set-up is for admins; {account.name} is a {account.role.label}.")
            return []
        page = _Page(desk, account.name)
        return [page.update]

    return SetupPages(_PAGE.path, lambda site: add_page(site, _PAGE, build))


class _Page:
    """The page of one reader."""

    def __init__(self, desk: SetupDesk, account: str) -> None:
        self._desk, self._account = desk, account
        self._camera = desk.plans[0].name
        self._drawing: Drawing | None = None
        self._file: SiteFile | None = None
        with element("div", "pb-card pb-setup") as self._before:
            Text("p", "pb-said").say(words.BEFORE)
            for plan in desk.plans:
                Text("p", "soft").say(words.drawn(plan))
            with element("div", "pb-choices"):
                Choice("Camera", self._chosen).offer([plan.name for plan in desk.plans], self._camera)
            button("Begin set-up mode", "pb-button", self._begin)
        with element("div", "pb-card pb-setup") as self._during:
            self._title = Text("h2")
            self._progress = Text("p", "pill")
            self._bar = ui.linear_progress(0.0, show_value=False).props("aria-label=progress")
            self._canvas = _Canvas(self._pressed, self._released)
            with element("div", "pb-tools") as self._tools:
                button("Add a line", "pb-button quiet", lambda: self._draw(Kind.LINE))
                button("Add a zone", "pb-button quiet", lambda: self._draw(Kind.ZONE))
                button("Add a shelf", "pb-button quiet", lambda: self._draw(Kind.SHELF))
                self._close = button("Close the zone", "pb-button", self._closed)
                self._cancel = button("Cancel", "pb-button quiet", self._cancelled)
            self._list = heading(3, "Lines, zones and shelves")
            self._shapes = ShapeList(self._redraw)
            with element("div", "pb-tools pb-actions"):
                self._rehearse_button = button("Rehearse", "pb-button quiet", self._rehearse)
                self._save_button = button("Save and use", "pb-button", self._save)
                button("End set-up mode", "pb-button quiet", self._end)
        with element("div", "pb-told") as told:
            # It stays in sight on a phone, where the buttons are below the picture.
            told.props('role="status" aria-live="polite"')
            self._said = Text("p", "pb-alarm")
            self._said.say("")

    async def update(self, _view: View) -> None:
        """Brings the page up to date."""
        state = self._desk.mode.state()
        mine = state is not None and self._drawing is not None and self._drawing.camera == state.camera
        if state and not mine:
            self._open(state.camera)
        self._before.set_visibility(state is None)
        self._during.set_visibility(state is not None)
        if state is None:
            self._drawing = None
        if state is None or not state.has_still:
            self._canvas.hide()  # the browser forgets it with the site
        if state:
            await self._show(state)

    async def _show(self, state: SetupState) -> None:
        self._title.say(f"Camera {state.camera}")
        self._progress.tell(words.progress(state))
        self._bar.set_value(state.progress)
        self._bar.set_visibility(not state.has_still)
        for part in (self._tools, self._list, self._shapes.place, self._rehearse_button, self._save_button):
            part.set_visibility(state.has_still)
        if state.has_still and not self._canvas.shown:
            try:
                found = await asyncio.to_thread(self._desk.still, self._account)
            except PasserbyError:
                return
            if found:
                self._canvas.show(found[1])
                self._redraw()
        self._tell_open()
        self._shapes.tell(self._desk.mode.rehearsed())

    def _open(self, camera: str) -> None:
        """Takes up a session, with what is configured as the first drawing."""
        self._drawing = self._desk.drawing(camera)
        self._file = SiteFile(self._desk.path)
        self._canvas.hide()
        self._shapes.show(self._drawing)

    def _tell_open(self) -> None:
        drawing = self._drawing
        index = drawing.open if drawing else None
        one = drawing.drawn[index] if drawing and index is not None else None
        if one:
            self._canvas.hint.say(words.drawing(one.kind, len(one.shape.points)))
        elif self._canvas.shown:
            self._canvas.hint.say(words.LOOK if drawing and drawing.drawn else words.FIRST)
        else:
            self._canvas.hint.say("")
        self._close.set_visibility(one is not None and one.kind is Kind.ZONE and one.whole)
        self._cancel.set_visibility(one is not None)

    def _redraw(self) -> None:
        if self._drawing:
            self._canvas.draw(self._drawing)
            self._shapes.show(self._drawing)
            self._tell_open()

    def _draw(self, kind: Kind) -> None:
        if self._drawing:
            self._drawing.begin(kind)
            self._redraw()

    def _pressed(self, x: float, y: float) -> None:
        if self._drawing:
            self._drawing.press((x, y))
            self._redraw()

    def _released(self, x: float, y: float) -> None:
        if self._drawing and self._drawing.held:
            self._drawing.release((x, y))
            self._redraw()

    def _closed(self) -> None:
        if self._drawing:
            self._drawing.close()
            self._redraw()

    def _cancelled(self) -> None:
        if self._drawing:
            self._drawing.cancel()
            self._redraw()

    async def _chosen(self, event: GenericEventArguments) -> None:
        self._camera = str(event.args)

    async def _begin(self) -> None:
        await self._guarded(lambda: self._do(lambda: self._desk.mode.begin(self._camera, self._account)))

    async def _end(self) -> None:
        await self._guarded(lambda: self._do(lambda: self._desk.mode.end(self._account)))

    async def _rehearse(self) -> None:
        drawing = self._drawing
        if drawing and not self._has_problems(drawing):
            await self._guarded(lambda: self._do(lambda: self._desk.mode.rehearse(*drawing.plans())))

    async def _save(self) -> None:
        drawing, file = self._drawing, self._file
        if drawing and file and not self._has_problems(drawing):
            await self._guarded(
                lambda: self._do(
                    lambda: self._desk.save(file, drawing, self._account), Sentence(words.SAVED, Tone.GOOD)
                )
            )

    def _has_problems(self, drawing: Drawing) -> bool:
        problems = drawing.problems()
        self._said.tell(Sentence("; ".join(problems), Tone.WARN))
        return bool(problems)

    @staticmethod
    def _do(work: Callable[[], object], said: Sentence | None = None) -> Sentence | None:
        work()
        return said

    async def _guarded(self, work: Work) -> None:
        """Does something that may fail, and says what came of it."""
        try:
            said = await asyncio.to_thread(work)
        except PasserbyError as error:
            said = Sentence(str(error), Tone.BAD)
        self._said.tell(said or Sentence("", Tone.CALM))


class _Canvas:
    """The still, and what is drawn on it.

    Attributes:
        shown: whether there is a still.
        hint: what to press next.
    """

    def __init__(self, pressed: Callable[[float, float], None], released: Callable[[float, float], None]) -> None:
        self._pressed, self._released = pressed, released
        self._size_px = (1, 1)
        self.shown = False
        self.hint = Text("p", "pb-said")
        with element("div", "pb-still") as self._place:
            pass
        self._image: ui.interactive_image | None = None

    def show(self, size_px: tuple[int, int]) -> None:
        """Shows the still, of this width and height."""
        self.hide()
        self._size_px, self.shown = size_px, True
        with self._place:
            # The address changes with each session, so that no browser takes an earlier one.
            self._image = ui.interactive_image(
                f"{STILL_PATH}?at={time.time():.0f}",
                on_mouse=self._mouse,
                events=["pointerdown", "pointerup"],  # of a mouse, a finger and a pen alike
                sanitize=False,
            ).props('alt="The place without people"')

    def hide(self) -> None:
        """Takes it away."""
        if self._image:
            self._image = None
            self._place.clear()
        self.shown = False

    def draw(self, drawing: Drawing) -> None:
        """Shows what is drawn."""
        if self._image:
            self._image.set_content(overlay(drawing, self._size_px))

    def _mouse(self, event: MouseEventArguments) -> None:
        x, y = event.image_x / self._size_px[0], event.image_y / self._size_px[1]
        (self._pressed if event.type == "pointerdown" else self._released)(x, y)
