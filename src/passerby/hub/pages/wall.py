"""The page for a display on a wall: large figures, read from five metres, that change by themselves."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from nicegui import ui
from starlette.requests import Request

from passerby.hub.choosing import Choosing, offered
from passerby.hub.overview import Overview, Totals, VenueNow, total
from passerby.hub.pages import now_table, venue_map
from passerby.hub.pages import now_words as words
from passerby.hub.pages.room import Room, Section, View
from passerby.records.page.parts import Block, Text, element, heading, told, written
from passerby.records.page.words import DASH, number

TURN_S = 20.0
"""So long each district is shown, where all venues are too many for one display."""
_MANY = 40
_ROWS = 5
WIDE = 4 / 3


async def build(room: Room, _view: View, _request: Request) -> list[Section]:
    """Builds the display."""
    wall = _Wall(room)

    async def update(view: View) -> None:
        wall.update(view.overview)

    return [update]


def shares(overview: Overview) -> list[str]:
    """What is shown in turn: all venues (an empty name), and each district where there are many venues."""
    districts = offered(overview.venues)["district"]
    return ["", *districts] if len(overview.venues) > _MANY and len(districts) > 1 else [""]


class _Wall:
    """One display."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._shown: object = None
        self._chart: ui.echart | None = None
        with element("div", "pb-wall"):
            with element("div", "pb-wall-top"):
                self._title = heading(1, room.name)
                self._clock = Text("p")
            with element("div", "pb-wall-body"):
                with element("div", "pb-wall-map") as self._place:
                    self._place.props("aria-hidden=true")
                with element("div", "pb-wall-side"):
                    self._figures = Block("div", "pb-wall-figures")
                    self._list = Block("div", "pb-wall-list")
            Block("p", "pb-legend").write(now_table.legend())
            self._alarm = Text("p", "pb-alarm bad")

    def update(self, overview: Overview) -> None:
        """Brings it up to date, and turns to the next district when it is time."""
        now = self._room.clock()
        moment = datetime.fromtimestamp(now, self._room.zone)
        self._clock.say(f"{moment:%A} {moment.day} {moment:%B}  {moment:%H:%M}")
        self._alarm.say(overview.problem or "")
        turns = shares(overview)
        district = turns[int(now // TURN_S) % len(turns)]
        if self._shown != (overview, district):
            self._shown = (overview, district)
            shown = Choosing(district=district).chosen(overview.venues)
            self._title.set_text(f"{self._room.name}: {district}" if district else self._room.name)
            self._figures.write(_figures(total(shown), f"{moment:%A}"))
            self._list.write(_list(shown, now))
            self._draw(shown)

    def _draw(self, shown: Sequence[VenueNow]) -> None:
        if not self._place.client.has_socket_connection:
            self._shown = None
            return
        mapped = venue_map.stacked(venue_map.mapped(shown))
        self._place.set_visibility(bool(mapped))
        if self._chart is None:
            with self._place:
                self._chart = ui.echart({}, renderer="svg").classes("pb-drawn")
        self._chart.options.clear()
        self._chart.options.update(venue_map.draw(mapped, self._room.clock(), venue_map.Look(WIDE, afar=True)))
        self._chart.update()


def _figures(of: Totals, weekday: str) -> str:
    tiles = [
        ("Inside now", number(of.people) if of.telling else DASH, words.told_by(of) if of.telling else ""),
        ("Visitors today", number(of.came) if of.counting else DASH, words.compared(of.change, weekday)),
        ("Venues connected", f"{number(of.connected)} <small>of {number(of.venues)}</small>", ""),
    ]
    if of.mask_share is not None:
        said = words.masks(of.mask_share)
        tiles.append(("Masked share", DASH, said) if of.mask_share.share is None else ("Masked share", said, ""))
    return "".join(
        f"<div><h2>{title}</h2><p class=figure>{figure}</p>{written('p', note, 'note')}</div>"
        for title, figure, note in tiles
    )


def _list(shown: Sequence[VenueNow], clock_unix_s: float) -> str:
    found = [one for one in shown if one.worries]
    if not found:
        return '<h2>Needs attention</h2><p class="trouble">Nothing: those that are connected are well.</p>'
    rows = "".join(
        f'<p class="trouble"><strong>{escape(one.venue.name)}</strong> {told("span", words.health(one))} '
        f"<span>{escape(words.why(one, clock_unix_s))}</span></p>"
        for one in found[:_ROWS]
    )
    more = f" ({len(found)} venues)" if len(found) > _ROWS else ""
    return f"<h2>Needs attention{more}</h2>{rows}"
