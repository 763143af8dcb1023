"""The page of alerts: what is open, who sees to it, and what is over."""

import asyncio
from functools import partial
from html import escape
from zoneinfo import ZoneInfo

from starlette.requests import Request

from passerby.errors import StoreError
from passerby.hub.access import NOTHING
from passerby.hub.alerts import AlertBoard, AlertNow
from passerby.hub.overview import Overview, VenueNow
from passerby.hub.pages import now_words, venue_words
from passerby.hub.pages.room import Room, Section, View
from passerby.records.access import Role, account_of
from passerby.records.page.parts import Block, Text, button, element, heading, written
from passerby.records.page.words import Sentence, Tone, day_and_clock, duration

_EVERY_S = 3.0
_PAST = 100


async def build(room: Room, _view: View, request: Request) -> list[Section]:
    """Builds the page; `mount_pages` adds it only where there are alerts."""
    assert room.extras.alerts
    page = _Alerts(room, room.extras.alerts, request)
    return [page.update]


class _Alerts:
    """The page of one reader."""

    def __init__(self, room: Room, alerts: AlertBoard, request: Request) -> None:
        self._room, self._alerts = room, alerts
        account = account_of(request)
        self._name = account.name if account else ""
        self._may_answer = account is not None and account.role >= Role.OPERATOR
        self._shown: object = None
        self._looked_unix_s = 0.0
        self._view = View(Overview(), NOTHING, may_run=False)
        self._trouble = Text("p", "pb-alarm")
        self._said = Text("p", "pb-said")
        self._said.label.props('role="status" aria-live="polite"')
        with element("div", "pb-card pb-rows pb-alerts") as self._open:
            pass
        self._past_title = heading(2, "Over")
        self._past = Block("div", "pb-list-of-venues")

    async def update(self, view: View) -> None:
        """Brings it up to date."""
        self._view = view
        if abs(self._room.clock() - self._looked_unix_s) >= _EVERY_S:
            await self._look()

    async def _look(self) -> None:
        whole, venues = self._view.scope.whole, self._view.overview.venues
        numbers = None if whole else [one.venue.number for one in venues]
        try:
            found = await asyncio.to_thread(self._alerts.open, numbers)
            past = await asyncio.to_thread(self._alerts.past, numbers, _PAST)
        except StoreError as error:
            self._trouble.tell(Sentence(f"{error}.", Tone.BAD))
            return
        self._looked_unix_s = self._room.clock()
        problems = " ".join(f"{text[:1].upper()}{text[1:]}." for text in self._alerts.problems())
        self._trouble.tell(Sentence(problems, Tone.WARN))
        self._said.say(_summary(found))
        # Buttons are made anew only when something changed: who is about to press one shall not lose it.
        if self._shown != (found, past):
            self._shown = (found, past)
            self._write(found, past)

    def _write(self, found: list[AlertNow], past: list[AlertNow]) -> None:
        venues = {one.venue.number: one for one in self._view.overview.venues}
        self._open.clear()
        self._open.set_visibility(bool(found))
        with self._open:
            for alert in found:
                self._alert(alert, venues.get(alert.venue))
        self._past_title.set_visibility(bool(past))
        cells = [_past(one, venues.get(one.venue)) for one in past]
        heads = ["Venue", "What", "From", "For", "Seen to by"]
        self._past.write(venue_words.rows(cells, heads, "Alerts that are over") if past else "")

    def _alert(self, alert: AlertNow, now: VenueNow | None) -> None:
        with element("div", "pb-row") as row:
            row.props["data-alert"] = str(alert.number)
            Block("div", "what").write(_what(alert, now, self._room.clock()))
            if alert.acknowledged_by:
                note = f": {alert.note}" if alert.note else ""
                Text("p", "pill good").say(f"{alert.acknowledged_by} sees to it{note}")
            elif self._may_answer:
                pressed = button("I see to it", "pb-button quiet", partial(self._acknowledge, alert))
                pressed.props["aria-label"] = f"I see to it: {alert.text}"
            else:
                Text("p", "pill warn").say("Nobody sees to it yet")

    async def _acknowledge(self, alert: AlertNow) -> None:
        # What somebody may see may have changed since the page was opened.
        if alert.venue not in {one.venue.number for one in self._view.overview.venues}:
            return
        try:
            await asyncio.to_thread(self._alerts.acknowledge, alert.number, self._name)
        except StoreError as error:
            self._trouble.tell(Sentence(f"Nothing was entered: {error}.", Tone.BAD))
            return
        await self._look()


def _summary(found: list[AlertNow]) -> str:
    if not found:
        return "No alert is open."
    nobody = sum(not one.acknowledged_by for one in found)
    said = f"{now_words.plural(len(found), 'alert')} open"
    return f"{said}; {nobody or 'none'} of them without anybody who sees to it."


def _link(now: VenueNow | None) -> str:
    return f'<a href="/venue/{escape(now.venue.slug)}">{escape(now.venue.name)}</a>' if now else ""


def _what(alert: AlertNow, now: VenueNow | None, clock_unix_s: float) -> str:
    zone = ZoneInfo(now.venue.zone) if now else None
    since = f"since {day_and_clock(alert.began_unix_s, zone)} there, for {duration(clock_unix_s - alert.began_unix_s)}"
    told = f"told: {', '.join(alert.told)}" if alert.told else "nobody was told"
    more = f"; escalated {now_words.plural(alert.escalated, 'time')}" if alert.escalated else ""
    said = f"{written('p', alert.text)}{written('p', f'{alert.rule}, {since}; {told}{more}', 'soft')}"
    return f"<h2>{_link(now)}</h2>{said}"


def _past(alert: AlertNow, now: VenueNow | None) -> list[str]:
    zone = ZoneInfo(now.venue.zone) if now else None
    lasted = duration((alert.ended_unix_s or alert.began_unix_s) - alert.began_unix_s)
    return [
        _link(now),
        escape(alert.text),
        day_and_clock(alert.began_unix_s, zone),
        lasted or "a moment",
        escape(alert.acknowledged_by) or "nobody",
    ]
