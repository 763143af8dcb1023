"""The first page: what someone who runs a venue looks up on a phone."""

from datetime import tzinfo
from html import escape

from nicegui import ui

from passerby.core.tallies import Measure
from passerby.records.access import Account, account_of
from passerby.records.page import words
from passerby.records.page.figures import Figure, PlaceFigures
from passerby.records.page.parts import Block, Facts, PlaceCard, Text, element, heading, listed, told, written
from passerby.site.audits.told import seen_by
from passerby.site.figures import Settings
from passerby.site.occupancy import PlaceReport
from passerby.site.pages import cameras_words, masks_words, now_words, places_words, shelves
from passerby.site.pages.board import Today
from passerby.site.pages.frame import nothing_drawn
from passerby.site.pages.places import Meter
from passerby.site.pages.sections import is_a_queue
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.reports import MaskReport


async def build(site: Site, view: View, asked: Asked) -> list[Section]:
    """Builds the page, without parts that nothing is configured for."""
    settings, today = site.settings, view.today
    drawn = any(plan.lines or plan.zones for plan in settings.plans)
    built: list[Section] = [_cameras(site.extras.by_hand, account_of(asked.request), drawn=drawn)]
    if not drawn and not site.shelves:
        nothing_drawn(site, asked)
    doors = [] if settings.site_only else [place for place in today.figures.places if place.is_line]
    if today.places:
        heading(2, "Inside now")
        built.append(_inside(today, settings.zone))
    if doors:
        heading(2, "Visitors today")
        built.append(_visitors(doors, settings.zone))
    for title, is_queue in (("Queues", True), ("Zones", False)):
        zones = [one for one in today.figures.places if not one.is_line and is_a_queue(one, settings) is is_queue]
        if zones and not settings.site_only:
            heading(2, title)
            built.append(_zones(zones, settings, is_queue=is_queue))
    if today.masks:
        heading(2, "Masks")
        built.append(_masks())
    if site.shelves:
        built.append(shelves.tile(site.shelves))
    return built


def _cameras(by_hand: str | None, account: Account | None, *, drawn: bool) -> Section:
    with element("p", "pb-glance"):
        said, attention = Text(classes="pill"), Text(classes="pill")
        ui.html('<a href="/cameras">Cameras</a>', sanitize=False, tag="span")
        if by_hand:
            ui.html(f'<a href="{by_hand}">Count by hand</a>', sanitize=False, tag="span")

    async def update(view: View) -> None:
        said.tell(now_words.cameras(view.state.cameras, drawn=drawn))
        attention.tell(cameras_words.site_attention(seen_by(account, view.state.checks)))

    return update


class _Inside:
    """A place: how many are inside, how many may be."""

    def __init__(self, name: str, zone: tzinfo | None) -> None:
        self._zone = zone
        with element("article", "pb-card pb-tile") as card:
            card.props["data-inside"] = name
            with element("div", "pb-head"):
                heading(3, name)
                self._as_of = Text(classes="soft")
            with element("p", "pb-number in"):
                self._people, self._interval = Text(), Text(classes="between")
            self._limit = Text("p", "pill")
            self._meter = Meter()
            self._flow = Facts()
            self._coverage = Text("p", "pill")

    def update(self, place: PlaceReport) -> None:
        """Brings it up to date."""
        said = places_words.inside(place)
        self._people.say(said)
        self._people.mark(unseen=said == words.NOT_SEEN)
        self._interval.say(places_words.interval(place.now))
        self._as_of.say(places_words.as_of(place, self._zone))
        self._limit.tell(places_words.limit(place))
        self._meter.update(place)
        self._flow.update(places_words.flow(place, self._zone))
        seen = words.coverage(Figure(exposure=place.now.coverage, span_s=1.0)) if place.now else None
        text = f"Last window {seen.text}" if seen else ""
        self._coverage.tell(words.Sentence(text, seen.tone if seen else words.Tone.CALM))


def _inside(today: Today, zone: tzinfo | None) -> Section:
    with element("div", "pb-tiles"):
        tiles = {place.name: _Inside(place.name, zone) for place in today.places}

    async def update(view: View) -> None:
        for place in view.today.places:
            tiles[place.name].update(place)

    return update


def _row(place: PlaceFigures, facts: dict[str, str], proved: str = "") -> str:
    """A door or a zone in a list, as HTML."""
    what = written("h3", place.name) + written("p", f"camera {place.camera}", "soft")
    what += written("p", proved, "soft pb-proved")
    name = escape(f"{place.camera}/{place.name}")
    seen = told("p", now_words.seen(place))
    return f'<div class="pb-row" data-row="{name}"><div class="what">{what}</div>{listed(facts)}{seen}</div>'


def _visitors(doors: list[PlaceFigures], zone: tzinfo | None) -> Section:
    is_one = len(doors) == 1
    whole = PlaceCard(doors[0] if is_one else now_words.together(doors), zone, ("In today", "Out today"))
    single = None if is_one else Block("div", "pb-card pb-rows")

    async def update(view: View) -> None:
        now = [place for place in view.today.figures.places if place.is_line]
        if not now:
            return
        whole.update(now[0] if is_one else now_words.together(now), view.today.figures)
        if single:
            single.write("".join(_door(door, view.today) for door in now))

    return update


def _door(door: PlaceFigures, today: Today) -> str:
    came, went = (words.count(door.today[one]) for one in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT))
    return _row(door, {"In": came, "Out": went}, today.proved.get((door.camera, door.name), ""))


def _zones(zones: list[PlaceFigures], settings: Settings, *, is_queue: bool) -> Section:
    when = Text("p", "pb-said")
    block = Block("div", "pb-card pb-rows")
    shown = {(one.camera, one.name) for one in zones}

    async def update(view: View) -> None:
        stays = {(one.camera, one.zone): one for one in view.today.zones}
        rows = ""
        for place in view.today.figures.places:
            where = (place.camera, place.name)
            if where in shown and not place.is_line:
                rows += _row(place, now_words.zone_facts(place, stays.get(where), is_queue=is_queue))
                when.say(f"Now is the mean of the {words.window(place, settings.zone).lower()}.")
        if rows:
            block.write(rows)

    return update


class _Masks:
    """The share of the whole site."""

    def __init__(self) -> None:
        with element("article", "pb-card pb-tile") as card:
            card.props["data-masks"] = "site"
            heading(3, "Wear a mask, today")
            with element("p", "pb-number in") as self._number:
                self._share, self._between = Text(), Text(classes="between")
            self._withheld = Text("p", "pill")
            self._judged = Text("p", "pb-judged")

    def update(self, report: MaskReport) -> None:
        """Brings it up to date."""
        of_all = report.site.sum
        self._number.set_visibility(not of_all.withheld)
        self._share.say(masks_words.share(of_all))
        self._between.say(masks_words.between(of_all))
        self._withheld.tell(masks_words.withheld(of_all, report.minimum_judged))
        self._judged.say(masks_words.judged(of_all))


def _masks() -> Section:
    with element("div", "pb-tiles"):
        card = _Masks()

    async def update(view: View) -> None:
        if view.today.masks:
            card.update(view.today.masks)

    return update
