"""The page of the roll-out: how many venues are connected and conform, and what each of the others lacks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import Response
from nicegui import ui

from passerby.hub.choosing import Choosing
from passerby.hub.contract import Contact, VenueState
from passerby.hub.overview import CameraCount, Overview, Totals, VenueNow, total
from passerby.hub.pages import now_words as words
from passerby.hub.pages.room import ROLLOUT, Room, Section, View, view_of
from passerby.hub.telling import named
from passerby.records.forms import table as as_file
from passerby.records.page.parts import Block, Text, element, heading, told, written
from passerby.records.page.words import DASH, number, percent

CSV = "/rollout.csv"
COLUMNS = (
    *("venue", "name", "organisation", "district", "brand", "state", "deadline", "expected_cameras", "cameras"),
    *("cameras_conforming", "lacks", "contact_role", "contact_phone", "contact_mail"),
)
_EVERY_S = 30.0
_SOON = timedelta(days=30)
_ORDER = (VenueState.OVERDUE, VenueState.SILENT, VenueState.CONNECTED, VenueState.INVITED, VenueState.LISTED)


async def build(room: Room, _view: View, request: Request) -> list[Section]:
    """Builds the page."""
    choosing = Choosing.of(request.query_params)
    totals = Block("div", "pb-totals")
    heading(2, "By district")
    districts = Block("div", "pb-list-of-venues")
    with element("div", "pb-summary"):
        heading(2, "Not there yet")
        where = f"in {choosing.district}" if choosing.district else ""
        Text("p", "soft").say(where)
        everywhere = f'<a href="{ROLLOUT.path}">All districts</a>' if where else ""
        ui.html(everywhere, sanitize=False, tag="p")
        link = escape(choosing.address(CSV))
        ui.html(f'<a href="{link}" download>These rows as a spreadsheet (CSV)</a>', sanitize=False, tag="p")
    missing = Block("div", "pb-list-of-venues")
    written_at: list[float] = []

    async def update(now: View) -> None:
        overview = now.overview
        if not written_at or overview.as_of_unix_s - written_at[0] >= _EVERY_S:
            written_at[:] = [overview.as_of_unix_s]
            totals.write(_totals(overview, room.clock()))
            districts.write(_districts(overview.venues))
            missing.write(_missing(room, awaited(overview, choosing)))

    return [update]


def add_csv(app: FastAPI, room: Room) -> None:
    """Adds the table as a file."""
    view = view_of(room)

    @app.get(CSV, include_in_schema=False)
    async def get_rollout(request: Request) -> Response:
        overview = (await view(request)).overview
        found = awaited(overview, Choosing.of(request.query_params))
        return as_file("csv", "rollout", [_record(room, one) for one in found], COLUMNS)


def awaited(overview: Overview, choosing: Choosing) -> list[VenueNow]:
    """Venues that do not conform yet, the overdue first, then by deadline."""
    found = [one for one in choosing.chosen(overview.venues) if one.state is not VenueState.CONFORMING]
    far = date.max
    return sorted(found, key=lambda one: (_ORDER.index(one.state), one.venue.deadline or far, one.venue.name))


def _record(room: Room, now: VenueNow) -> dict[str, object]:
    venue, cameras = now.venue, now.cameras
    return {
        **named(venue),
        "state": now.state.value,
        "deadline": venue.deadline.isoformat() if venue.deadline else None,
        "expected_cameras": cameras.expected,
        "cameras": cameras.known,
        "cameras_conforming": cameras.conforming,
        "lacks": "; ".join(room.extras.lacks(venue, room.clock())),
        "contact_role": venue.contact.role,
        "contact_phone": venue.contact.phone,
        "contact_mail": venue.contact.mail,
    }


def _totals(overview: Overview, clock_unix_s: float) -> str:
    of = overview.totals
    soon = 0
    for one in overview.venues:
        if one.venue.deadline and one.state in (VenueState.LISTED, VenueState.INVITED):
            today = datetime.fromtimestamp(clock_unix_s, ZoneInfo(one.venue.zone)).date()
            soon += one.venue.deadline - today <= _SOON
    tiles = (
        ("Venues connected", of.connected, of.venues, f"{number(of.silent)} more joined, and are silent now"),
        ("Venues conforming", of.conforming, of.venues, "all cameras and lines there, live and without findings"),
        ("Cameras conforming", of.cameras.conforming, _expected(of.cameras), "live, and no check finds anything"),
    )
    html = "".join(_tile(*tile) for tile in tiles)
    return html + (
        f'<article class="pb-card pb-tile"><h2>Overdue</h2><p class="pb-number">{number(of.overdue)}</p>'
        f'<p class="soft">{number(soon)} more due within 30 days</p></article>'
    )


def _expected(cameras: CameraCount) -> int:
    return max(cameras.expected, cameras.known)


def _tile(title: str, part: int, whole: int, note: str) -> str:
    return (
        f'<article class="pb-card pb-tile"><h2>{title}</h2>'
        f'<p class="pb-number">{number(part)} <small>of {number(whole)}</small></p>'
        f'{_bar(part, whole)}<p class="soft">{escape(note)}</p></article>'
    )


def _bar(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0
    return f'<span class="pb-fill" aria-hidden="true"><i style="width:{share:.1f}%"></i></span>'


def _share(part: int, whole: int) -> str:
    if not whole:
        return DASH
    return f"{number(part)} of {number(whole)} {written('span', percent(part / whole), 'soft')}{_bar(part, whole)}"


def _districts(venues: Iterable[VenueNow]) -> str:
    by_district: dict[str, list[VenueNow]] = defaultdict(list)
    for one in venues:
        by_district[one.venue.district].append(one)
    rows = "".join(_district(name, total(found)) for name, found in sorted(by_district.items()))
    heads = "".join(
        f'<th scope="col">{one}</th>'
        for one in ("District", "Venues connected", "Venues conforming", "Cameras conforming", "Overdue", "Silent")
    )
    caption = "<caption>How far the roll-out is, by district</caption>"
    return f'<table class="pb-venues">{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _district(name: str, of: Totals) -> str:
    link = escape(Choosing(district=name).address(ROLLOUT.path))
    title = f'<a href="{link}">{escape(name)}</a>' if name else "Without a district"
    cells = (
        ("Venues connected", _share(of.connected, of.venues)),
        ("Venues conforming", _share(of.conforming, of.venues)),
        ("Cameras conforming", _share(of.cameras.conforming, _expected(of.cameras))),
        ("Overdue", number(of.overdue)),
        ("Silent", number(of.silent)),
    )
    return f'<tr><th scope="row">{title}</th>{_cells(cells)}</tr>'


def _cells(cells: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<td data-head="{head}">{html}</td>' for head, html in cells)


def _missing(room: Room, found: Sequence[VenueNow]) -> str:
    if not found:
        return written("p", "All venues are connected and conform.", "pb-said")
    heads = "".join(
        f'<th scope="col">{one}</th>' for one in ("Venue", "State", "Deadline", "What is lacking", "Responsible")
    )
    rows = "".join(_row(one, room.extras.lacks(one.venue, room.clock())) for one in found)
    caption = "<caption>Venues that do not conform yet</caption>"
    table = f"{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
    return f'<table class="pb-venues pb-wordy">{table}</table>'


def _row(now: VenueNow, lacks: Sequence[str]) -> str:
    venue = now.venue
    where = " · ".join(filter(None, (venue.district, venue.brand)))
    name = f'<a href="/venue/{escape(venue.slug)}">{escape(venue.name)}</a>{written("span", where, "soft")}'
    lacking = f"<ul>{''.join(written('li', one) for one in lacks)}</ul>" if lacks else DASH
    cells = (
        ("State", told("span", words.state(now))),
        ("Deadline", f"{venue.deadline.day} {venue.deadline:%B %Y}" if venue.deadline else DASH),
        ("What is lacking", lacking),
        ("Responsible", contact(venue.contact) or "nobody is named"),
    )
    return f'<tr><th scope="row">{name}</th>{_cells(cells)}</tr>'


def contact(of: Contact) -> str:
    """Who is responsible, as HTML that can be called and written to; empty where nobody is named."""
    dialled = "".join(sign for sign in of.phone if sign in "+0123456789")
    phone = f'<a href="tel:{dialled}">{escape(of.phone)}</a>' if of.phone else ""
    mail = f'<a href="mailto:{escape(of.mail)}">{escape(of.mail)}</a>' if of.mail else ""
    return "<br>".join(filter(None, (escape(of.role), phone, mail)))
