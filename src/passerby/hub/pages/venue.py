"""The page of one venue, as its own site tells it. Every view of it is entered in the log."""

import asyncio
from datetime import timedelta
from html import escape
from zoneinfo import ZoneInfo

from starlette.requests import Request

from passerby.errors import StoreError
from passerby.hub import venue_report
from passerby.hub.contract import Known
from passerby.hub.overview import Health, VenueNow
from passerby.hub.pages import now_table, rollout, venue_chart, venue_words
from passerby.hub.pages import now_words as words
from passerby.hub.pages.room import Room, Section, View
from passerby.hub.register.log import Action
from passerby.hub.venue_report import VenueReport
from passerby.records.access import Account, Role, account_of
from passerby.records.page.parts import Block, Drawing, PlaceCard, Text, element, heading, listed, told, written
from passerby.records.page.words import DASH, Sentence, Tone, number

_EVERY_S = 60.0


def title(view: View, request: Request) -> str | None:
    """The venue's name; None where there is none, or none that who asks may see: to them that is the same."""
    found = view.overview.by_slug.get(request.path_params["slug"])
    return found.venue.name if found else None


async def build(room: Room, view: View, request: Request) -> list[Section]:
    """Builds the page."""
    slug, account = request.path_params["slug"], account_of(request)
    now = view.overview.by_slug[slug]
    trouble = Text("p", "pb-alarm")
    if not await _entered(room, account, now):
        trouble.tell(Sentence("The log cannot be written, so this page is not shown. Try again later.", Tone.BAD))
        return []
    page = _Venue(room, account, trouble)

    async def update(view: View) -> None:
        found = view.overview.by_slug.get(slug)
        if found is not None:
            await page.update(found)

    return [update]


async def _entered(room: Room, account: Account | None, now: VenueNow) -> bool:
    """Enters in the log who looks at the venue; False where that cannot be."""
    log = room.extras.log
    if log is None:
        return True
    name = account.name if account else ""
    try:
        await asyncio.to_thread(log.add, name, Action.VENUE_READ, "page", now.venue.number)
    except StoreError:
        return False
    return True


class _Venue:
    """The page of one reader."""

    def __init__(self, room: Room, account: Account | None, trouble: Text) -> None:
        self._room, self._trouble = room, trouble
        self._knows_security = account is not None and account.role >= Role.OPERATOR
        self._of: VenueNow | None = None
        self._read_unix_s = 0.0
        self._report = VenueReport()
        self._state = Block("p", "pb-glance")
        self._totals = Block("div", "pb-totals")
        heading(2, "Today")
        self._today = Text("p", "pb-said")
        with element("div") as self._places:
            pass
        self._cards: dict[tuple[str, str], PlaceCard] = {}
        self._left_out = Text("p", "pb-said")
        heading(2, "The last five weeks")
        with element("article", "pb-card"):
            self._days = Drawing("pb-chart pb-tall")
            Text("p", "soft").say("Usual: the same weekday of the four weeks before, from the least to the most.")
            self._weeks = Block("div", "pb-weeks")
        with element("div"):
            heading(2, "Cameras")
            self._cameras = Block("div", "pb-list-of-venues")
            self._shelves = Block("div", "")
        heading(2, "Registered")
        self._facts = Block("div", "pb-card")

    async def update(self, now: VenueNow) -> None:
        """Brings it up to date: how it is with each reading of the board, its course each minute."""
        if now is not self._of:
            self._of = now
            known = self._room.board.sources.known().get(now.venue.number, Known())
            self._say(now, known)
            if now.joined and abs(self._room.clock() - self._read_unix_s) >= _EVERY_S:
                await self._read(now, known)
        self._days.draw(self._report.days, lambda: venue_chart.draw(now.venue.name, self._report.days))
        for place in self._report.figures.places:
            self._card(place.camera, place.name).update(place, self._report.figures)

    async def _read(self, now: VenueNow, known: Known) -> None:
        clock, series = self._room.clock(), self._room.board.sources.series
        try:
            self._report = await asyncio.to_thread(venue_report.read, series, now.venue, known.layout, clock)
        except StoreError as error:
            self._trouble.tell(Sentence(f"{error}.", Tone.BAD))
            return
        self._read_unix_s = clock
        self._trouble.say("")
        zone = ZoneInfo(now.venue.zone)
        for place in self._report.figures.places:
            if (place.camera, place.name) not in self._cards:
                with self._places:
                    self._cards[place.camera, place.name] = PlaceCard(
                        place, zone, ("In today", "Out today") if place.is_line else ("On average", "At most")
                    )
        self._today.say("" if self._report.figures.places else "Nothing was counted today yet.")
        more = self._report.left_out
        self._left_out.say(f"{words.plural(more, 'more place')} on the site's own page." if more else "")
        self._weeks.write(_weeks(self._report))

    def _card(self, camera: str, name: str) -> PlaceCard:
        return self._cards[camera, name]

    def _say(self, now: VenueNow, known: Known) -> None:
        clock = self._room.clock()
        reason = words.why(now, clock)
        heard = f"Last heard {words.heard(now, clock)}" if now.heard_unix_s else "Never heard"
        parts = [told("span", words.health(now)), written("span", reason), written("span", heard, "soft")]
        if known.standing:
            parts.append(told("span", venue_words.outbox(known, clock)))
        self._state.write(" ".join(parts))
        self._totals.write(_totals(now, clock))
        self._cameras.write(_cameras(known, now, knows_security=self._knows_security))
        self._shelves.write(_shelves(known))
        self._facts.write(_facts(now))


def _totals(now: VenueNow, clock_unix_s: float) -> str:
    visitors, venue = now.visitors, now.venue
    against = words.compared(visitors.change, words.weekday(clock_unix_s, venue.zone))
    if visitors.usual is not None:
        days = words.plural(visitors.days, "week")
        against += f" (usual by now: {number(visitors.usual)}, of {days})"
    limit = f" <small>of {number(now.inside.limit)}</small>" if now.inside and now.inside.limit else ""
    inside = f"{number(now.inside.people)}{limit}" if now.inside else DASH
    heard = now.health is not Health.SILENT
    live = number(now.cameras.live) if heard else DASH
    of_cameras = f"{live} <small>of {number(max(now.cameras.expected, now.cameras.known))}</small>"
    tiles = [
        now_table.tile("Inside now", inside, "" if now.inside else "its site tells no number now"),
        now_table.tile("Visitors today", words.came(visitors), against or words.seen(visitors)),
        now_table.tile(
            "Cameras live", of_cameras, f"{number(now.cameras.failing)} fail a check" if heard else "not known now"
        ),
    ]
    if now.mask_share is not None:
        tiles.append(now_table.masks_tile(now.mask_share))
    if now.shelves:
        note = f"of {words.plural(now.shelves.facings, 'facing')}, {number(now.shelves.low)} low"
        tiles.append(now_table.tile("Facings empty", number(now.shelves.empty), note))
    return "".join(tiles)


def _weeks(report: VenueReport) -> str:
    found = report.weeks()
    cells = []
    for index, (monday, came, days) in enumerate(found):
        before = found[index + 1] if index + 1 < len(found) else None
        change = (came - before[1]) / before[1] if before and before[1] and days == before[2] == 7 else None
        until = monday + timedelta(days=6)
        span = f"{monday.day} {monday:%b} {DASH} {until.day} {until:%b}"
        cells.append([span, number(came), words.plural(days, "day"), words.change(change) or DASH])
    return venue_words.rows(cells, ["Week", "Visitors", "Seen", "Against the week before"], "By week")


def _cameras(known: Known, now: VenueNow, *, knows_security: bool) -> str:
    if known.layout is None or known.standing is None:
        return written("p", "Its site did not say yet which cameras it has.", "pb-said")
    if not now.connected:
        return written("p", "How its cameras are is not known while it is silent.", "pb-said")
    cells = []
    for one in known.standing.cameras:
        name = known.layout.cameras[one.camera] if one.camera < len(known.layout.cameras) else f"camera {one.camera}"
        found = venue_words.findings(one, security=knows_security)
        cells.append([escape(name), told("span", venue_words.camera(one)), escape(found)])
    return venue_words.rows(cells, ["Camera", "State", "As a device"], "Cameras of the venue")


def _shelves(known: Known) -> str:
    standing, layout = known.standing, known.layout
    if standing is None or layout is None or not standing.shelves:
        return ""
    cells = []
    for one in standing.shelves:
        place = layout.places[one.place] if one.place < len(layout.places) else None
        name = f"{place.name} ({place.camera})" if place else f"shelf {one.place}"
        counts = (one.facings, one.empty, one.low, one.unseen)
        cells.append([escape(name), *(number(count) for count in counts)])
    heads = ["Shelf", "Facings", "Empty", "Low", "Not seen"]
    return f'<h2>Shelves</h2><div class="pb-list-of-venues">{venue_words.rows(cells, heads, "Shelves")}</div>'


def _facts(now: VenueNow) -> str:
    venue = now.venue
    responsible = rollout.contact(venue.contact) or "Nobody is named."
    return (
        f"{listed(venue_words.facts(venue))}"
        f'<div class="pb-two"><div><h3>Responsible</h3><p>{responsible}</p></div>'
        f"<div><h3>Opening hours</h3><p>{venue_words.hours(venue)}</p></div></div>"
    )
