"""Counting by hand on a phone at the door, and what it proves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import FastAPI
from nicegui import ui
from nicegui.events import GenericEventArguments

from passerby.core.observations import Direction
from passerby.errors import InputError, PasserbyError
from passerby.records.access import LOCAL, Account, Role, account_of
from passerby.records.page.frame import PageName
from passerby.records.page.parts import Choice, Facts, Text, button, element, heading
from passerby.records.page.words import Sentence, Tone
from passerby.site.figures import Settings
from passerby.site.journal import Action, Journal
from passerby.site.pages import prove_words as words
from passerby.site.pages.frame import add_page
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.proof import HandCounts, LineProof, ProofBoard, Proofs

PATH = "/prove"
_PAGE = PageName(PATH, "Count by hand")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where counts by hand are taken.

    Attributes:
        counts: those that go on now.
        board: what is proved.
        proofs: where whole windows are kept.
        journal: the site's log.
        settings: clock and zone.
    """

    counts: HandCounts
    board: ProofBoard
    proofs: Proofs
    journal: Journal
    settings: Settings

    def begin(self, label: str, account: str) -> None:
        """Begins to count at a line.

        Raises:
            InputError: there is no such line, or somebody counts there.
            StoreError: the log cannot be written; nothing has begun.
        """
        line = next((one for one in self.board.lines if one.label == label), None)
        if line is None:
            raise InputError(f"there is no line {label}; open this page anew")
        self.journal.add(account, Action.PROOF_BEGAN, label)
        self.counts.begin(line, account)

    def end(self, account: str) -> int:
        """Ends what somebody counts; gives the number of windows that are kept.

        Raises:
            StoreError: they cannot be written.
        """
        windows = self.counts.end(account)
        if windows:
            self.proofs.add(windows)
            self.board.forget()
        self.journal.add(account, Action.PROOF_ENDED, f"{len(windows)} whole windows")
        return len(windows)


def mount_prove(app: FastAPI, desk: Desk) -> Callable[[Site], None]:
    """Adds the route of the results, and gives what adds the page at `/prove`.

    Args:
        app: the application.
        desk: where counts by hand are taken.
    """

    @app.get("/api/v1/proofs", summary="What counts by hand prove of each line")
    def get_proofs() -> dict[str, object]:
        return {"proofs": [one.as_dict() for one in desk.board.told(desk.settings.zone)]}

    async def build(_site: Site, _view: View, asked: Asked) -> list[Section]:
        page = _Page(desk, account_of(asked.request) or LOCAL)
        return [page.update]

    return lambda site: add_page(site, _PAGE, build)


_Guarded = Callable[[Callable[[], Sentence | None]], Awaitable[None]]


class _Page:
    """The page of one reader."""

    def __init__(self, desk: Desk, account: Account) -> None:
        self._desk, self._account = desk, account
        Text("p", "pb-said pb-how").say(words.how(desk.settings.window_s))
        with element("div") as told:
            told.props('role="status" aria-live="polite"')
            self._said = Text("p", "pb-alarm")
            self._said.say("")
        may = account.role >= Role.OPERATOR and desk.board.lines
        self._counter = _Counter(desk, account.name, self._guarded) if may else None
        heading(2, "What is proved")
        self._proofs = [_Proved(f"{one.camera}, {one.name}") for one in desk.board.lines]
        if not self._proofs:
            Text("p", "soft").say("There is no line to count at.")

    async def update(self, _view: View) -> None:
        """Brings the page up to date."""
        await self._refresh()

    async def _refresh(self) -> None:
        if self._counter:
            self._counter.refresh()
        zone = self._desk.settings.zone
        try:
            told = await asyncio.to_thread(self._desk.board.told, zone)
        except PasserbyError as error:
            self._said.tell(Sentence(str(error), Tone.BAD))
            return
        for card, proof in zip(self._proofs, told, strict=True):
            card.update(proof, self._desk.settings)

    async def _guarded(self, work: Callable[[], Sentence | None]) -> None:
        """Does something that may fail, and says what came of it."""
        try:
            said = await asyncio.to_thread(work)
        except PasserbyError as error:
            said = Sentence(str(error), Tone.BAD)
        self._said.tell(said or Sentence("", Tone.CALM))
        await self._refresh()


class _Counter:
    """Where somebody counts: first which line, then two large buttons."""

    def __init__(self, desk: Desk, account: str, guarded: _Guarded) -> None:
        self._desk, self._account, self._guarded = desk, account, guarded
        labels = [one.label for one in desk.board.lines]
        self._label = labels[0]
        with element("div", "pb-card") as self._choose:
            with element("div", "pb-choices"):
                Choice("Line", self._chosen).offer(labels, labels[0])
            button("Begin to count", "pb-button", self._begin)
        with element("div", "pb-card") as self._count:
            self._title = Text("h3")
            with element("div", "pb-clicks"):
                self._numbers = {way: self._clicker(way) for way in (Direction.IN, Direction.OUT)}
            self._progress = Text("p", "pill")
            with element("div", "pb-tools"):
                button("End", "pb-button", self._end)

    def refresh(self) -> None:
        """Shows how far the count is."""
        count = self._desk.counts.of(self._account)
        self._choose.set_visibility(count is None)
        self._count.set_visibility(count is not None)
        if count:
            self._title.say(f"Counting at {count.line.label}")
            for number, people in zip(self._numbers.values(), count.totals(), strict=True):
                number.say(str(people))
            settings = self._desk.settings
            self._progress.tell(words.progress(count, settings.clock(), settings.zone))

    def _clicker(self, way: Direction) -> Text:
        name = "In" if way is Direction.IN else "Out"
        with element("div", "in" if way is Direction.IN else "out"):
            with ui.element("button").props("type=button").classes("pb-click") as pressed:
                Text().say(name)
                number = Text("strong")
                number.say("0")
            pressed.on("click", lambda: self._click(way, 1))
            button(f"One {name.lower()} too many", "pb-undo", lambda: self._click(way, -1))
        return number

    def _click(self, way: Direction, by: int) -> None:
        self._desk.counts.click(self._account, way, by)
        self.refresh()

    async def _chosen(self, event: GenericEventArguments) -> None:
        self._label = str(event.args)

    async def _begin(self) -> None:
        await self._guarded(lambda: self._desk.begin(self._label, self._account))

    async def _end(self) -> None:
        await self._guarded(lambda: words.ended(self._desk.end(self._account)))


class _Proved:
    """What is proved of one line."""

    def __init__(self, title: str) -> None:
        with element("div", "pb-card"):
            Text("h3").say(title)
            self._verdict = Text("p", "pill")
            self._facts = Facts()

    def update(self, proof: LineProof, settings: Settings) -> None:
        """Brings it up to date."""
        self._verdict.tell(words.verdict(proof))
        self._facts.update(words.facts(proof, settings.zone))
