"""The page that compares venues over some days: a ranking with intervals, and apart what is too little to say."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from nicegui import ui
from starlette.requests import Request

from passerby.errors import StoreError
from passerby.hub.choosing import Choosing, offered
from passerby.hub.comparing import By, Comparison, Ranked, compare
from passerby.hub.contract import Days
from passerby.hub.overview import Overview
from passerby.hub.pages import now_words as words
from passerby.hub.pages import venue_words
from passerby.hub.pages.room import COMPARE, Room, Section, View
from passerby.hub.pages.venue_chart import short
from passerby.records.page.parts import Block, Text, element, heading, written
from passerby.records.page.words import DASH, Sentence, Tone, duration, number, percent

MOST_ROWS = 60
_EVERY_S = 300.0
_SPANS = {"1": "Yesterday", "7": "7 days", "28": "28 days"}
_BYS = {
    By.VISITORS: "Visitors a day",
    By.HOURS: "Visitors per opening hour",
    By.MASKS: "Masked share",
    By.STAYS: "Length of stay",
}
_EXPLAINED = {
    By.VISITORS: "The bar is the average day; the line through its end goes from the quietest day to the busiest.",
    By.HOURS: "All visitors by all hours that the venue was open; the line goes from the quietest day to the busiest.",
    By.MASKS: "The line is the interval of 95 %: venues whose lines overlap may well be alike.",
    By.STAYS: "Half of the stays in zones are over by then; the line goes from where a quarter is over to where three "
    "quarters are.",
}


async def build(room: Room, view: View, request: Request) -> list[Section]:
    """Builds the page."""
    parameters = request.query_params
    by = By(parameters["by"]) if parameters.get("by") in set(By) else By.VISITORS
    span = parameters["days"] if parameters.get("days") in _SPANS else "7"
    choosing = Choosing.of(parameters)
    whole = parameters.get("rows") == "all"
    ui.html(_ways(by, span, choosing), sanitize=False).classes("pb-way")
    ui.html(_districts(view.overview, by, span, choosing), tag="nav", sanitize=False).classes("pb-jump")
    explained, trouble = Text("p", "pb-said"), Text("p", "pb-alarm")
    ranking = Block("div", "pb-list-of-venues")
    with element("section") as section:
        apart_title = heading(2, "Not ranked")
        apart = Block("div", "pb-list-of-venues")
    read: list[float] = []

    async def update(now: View) -> None:
        if read and abs(now.overview.as_of_unix_s - read[0]) < _EVERY_S:
            return
        read[:] = [now.overview.as_of_unix_s]
        days, sources = _days(room, int(span)), room.board.sources
        chosen = choosing.chosen(now.overview.venues)
        try:
            found = await asyncio.to_thread(compare, sources.series, chosen, sources.known(), by, days)
        except StoreError as error:
            trouble.tell(Sentence(f"{error}.", Tone.BAD))
            return
        trouble.say("")
        explained.say(f"{_when(days)}. {_EXPLAINED[by]}")
        more = _address(by, span, choosing, rows="all")
        ranking.write(_ranking(found, None if whole else MOST_ROWS, more))
        section.set_visibility(bool(found.apart))
        apart_title.set_text(f"Not ranked: {words.plural(len(found.apart), 'venue')}")
        apart.write(_apart(found))

    return [update]


def _days(room: Room, count: int) -> Days:
    """So many whole days, up to yesterday."""
    yesterday = datetime.fromtimestamp(room.clock(), room.zone).date() - timedelta(days=1)
    return Days(yesterday - timedelta(days=count - 1), yesterday)


def _when(days: Days) -> str:
    return short(days.first) if days.first == days.last else f"{short(days.first)} {DASH} {short(days.last)}"


def _address(by: By, span: str, choosing: Choosing, **other: str) -> str:
    return choosing.address(COMPARE.path, **{"by": by.value, "days": span, **other})


def _links(name: str, links: Sequence[tuple[str, str, bool]]) -> str:
    inner = "".join(
        f'<a href="{escape(link)}"{" aria-current=true" if here else ""}>{escape(title)}</a>'
        for title, link, here in links
    )
    return f'<div class="pb-spans" role="group" aria-label="{name}">{inner}</div>'


def _ways(by: By, span: str, choosing: Choosing) -> str:
    bys = [(title, _address(one, span, choosing), one is by) for one, title in _BYS.items()]
    spans = [(title, _address(by, one, choosing), one == span) for one, title in _SPANS.items()]
    return _links("Compare by", bys) + _links("Days", spans)


def _districts(overview: Overview, by: By, span: str, choosing: Choosing) -> str:
    names = offered(overview.venues)["district"]
    if len(names) < 2:
        return ""
    links = [("All districts", _address(by, span, choosing, district=""), not choosing.district)]
    links += [(name, _address(by, span, choosing, district=name), choosing.district == name) for name in names]
    return "".join(
        f'<a href="{escape(link)}"{" aria-current=true" if here else ""}>{escape(title)}</a>'
        for title, link, here in links
    )


def _ranking(found: Comparison, most: int | None, more: str) -> str:
    if not found.ranked:
        return written("p", "There is not enough of any venue to rank it.", "pb-said")
    top = 1.0 if found.by is By.MASKS else max(max(one.value, one.high or 0.0) for one in found.ranked)
    rows = found.ranked[:most]
    cells = [
        [
            _name(place, one),
            _figure(found.by, one),
            _drawn(one, top),
            _of(found.by, one),
        ]
        for place, one in enumerate(rows, 1)
    ]
    heads = ["Venue", _BYS[found.by], "From 0", "Rests on"]
    table = venue_words.rows(cells, heads, f"Venues by {_BYS[found.by].lower()}")
    left = len(found.ranked) - len(rows)
    if left:
        table += f'<p class="pb-said"><a href="{escape(more)}">Show all {len(found.ranked)}</a></p>'
    return table


def _name(place: int, one: Ranked) -> str:
    venue = one.now.venue
    where = " · ".join(filter(None, (venue.district, venue.brand)))
    link = f'<a href="/venue/{escape(venue.slug)}">{escape(venue.name)}</a>'
    return f'<span class="rank">{place}</span> {link}{written("span", where, "soft")}'


def value(by: By, figure: float) -> str:
    """A figure in its unit."""
    if by is By.MASKS:
        return percent(figure)
    if by is By.STAYS:
        return duration(figure)
    return number(figure) if by is By.VISITORS or figure >= 100 else f"{figure:.1f}"


def _figure(by: By, one: Ranked) -> str:
    said = f"<strong>{escape(value(by, one.value))}</strong>"
    if one.low is None or one.high is None or one.low == one.high:
        return said
    if by is By.MASKS:
        return said + written("span", words.interval(one.low, one.high), "soft")
    return said + written("span", f"{value(by, one.low)} to {value(by, one.high)}", "soft")


def _of(by: By, one: Ranked) -> str:
    what = {By.MASKS: ("person judged", "people judged"), By.STAYS: ("stay", "stays")}.get(by, ("day", "days"))
    return words.plural(one.of, *what)


def _drawn(one: Ranked, top: float) -> str:
    """The bar and its interval; the figures beside it say the same."""
    share = 100 * one.value / top if top else 0.0
    line = ""
    if one.low is not None and one.high is not None and one.high > one.low:
        low, high = 100 * one.low / top, 100 * min(one.high, top) / top
        line = f'<b style="left:{low:.1f}%;width:{high - low:.1f}%"></b>'
    return f'<span class="pb-ranked" aria-hidden="true"><i style="width:{share:.1f}%"></i>{line}</span>'


def _apart(found: Comparison) -> str:
    cells = [
        [f'<a href="/venue/{escape(one.now.venue.slug)}">{escape(one.now.venue.name)}</a>', escape(one.why)]
        for one in found.apart
    ]
    return venue_words.rows(cells, ["Venue", "Why"], "Venues that are not ranked") if cells else ""
