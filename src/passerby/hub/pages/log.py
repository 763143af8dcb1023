"""The page of the log, for those who run the hub: who did and saw what, the newest first."""

import asyncio
from html import escape

from nicegui import ui
from starlette.requests import Request

from passerby.errors import StoreError
from passerby.hub.pages import venue_words
from passerby.hub.pages.room import LOG, Room, Section, View
from passerby.hub.register import Entry
from passerby.records.page.parts import Block, Text
from passerby.records.page.words import Sentence, Tone, day_and_clock

_ROWS = 200
_EVERY_S = 10.0


def title(view: View, _request: Request) -> str | None:
    """None for who may not run the hub: to them there is no such page."""
    return LOG.title if view.may_run else None


async def build(room: Room, _view: View, request: Request) -> list[Section]:
    """Builds the page."""
    before = request.query_params.get("before", "")
    page = _Log(room, int(before) if before.isdecimal() else None)
    return [page.update]


class _Log:
    """The page of one reader.

    Args:
        room: whose log.
        before: number of an entry, of which only earlier ones are shown; None for the newest.
    """

    def __init__(self, room: Room, before: int | None) -> None:
        self._room, self._before = room, before
        self._looked_unix_s = 0.0
        Text("p", "pb-said").say("Entries are only ever added; none can be changed or taken out.")
        self._trouble = Text("p", "pb-alarm")
        self._table = Block("div", "pb-list-of-venues")
        self._older = ui.html(sanitize=False, tag="p").classes("pb-said")

    async def update(self, view: View) -> None:
        """Brings it up to date; not for who may no more."""
        log = self._room.extras.log
        if log is None or not view.may_run or abs(self._room.clock() - self._looked_unix_s) < _EVERY_S:
            return
        try:
            found = await asyncio.to_thread(log.newest, _ROWS, None, self._before)
        except StoreError as error:
            self._trouble.tell(Sentence(f"{error}.", Tone.BAD))
            return
        self._looked_unix_s = self._room.clock()
        self._trouble.say("")
        names = {one.venue.number: one.venue.slug for one in view.overview.venues}
        cells = [self._row(one, names.get(one.venue) if one.venue is not None else None) for one in found]
        self._table.write(venue_words.rows(cells, ["When", "Who", "What", "Of", "More"], "The log"))
        last = found[-1].number if len(found) == _ROWS else None
        self._older.set_content(f'<a href="{LOG.path}?before={last}">Earlier entries</a>' if last else "")

    def _row(self, entry: Entry, slug: str | None) -> list[str]:
        of = f'<a href="/venue/{escape(slug)}">{escape(slug)}</a>' if slug else ""
        when = day_and_clock(entry.moment_unix_s, self._room.zone)
        return [when, escape(entry.account), escape(entry.action), of, escape(entry.detail)]
