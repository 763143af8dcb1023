"""The page of places: which sections it has, in which order, and how each is brought up to date."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from urllib.parse import urlencode

from nicegui import ui

from passerby.records.page.figures import PlaceFigures
from passerby.records.page.parts import PlaceCard, Text, heading
from passerby.site.figures import Settings
from passerby.site.pages import masks_words
from passerby.site.pages.board import PageBoard, Today
from passerby.site.pages.frame import SHELVES, nothing_drawn
from passerby.site.pages.heat import HeatCard
from passerby.site.pages.masks import Masks
from passerby.site.pages.places import PlaceInside
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.pages.zones import ZoneCard

_MANY = 12
"""Of more lines and zones than these, those of one camera are shown at a time."""


async def build(site: Site, view: View, asked: Asked) -> list[Section]:
    """Builds the page of all lines, zones, queues, masks and maps, or of those of one camera."""
    cameras = _cameras(site.settings)
    chosen = asked.parameters.get("camera")
    camera = None if not cameras else chosen if chosen in cameras else cameras[0]
    if camera is not None:
        _jumps("Camera", {name: f"/places?{urlencode({'camera': name})}" for name in cameras}, current=camera)
    with ui.element("div") as jumps:
        pass
    built = sections(_of_camera(view, camera).today, site.board, site.settings)
    with jumps:
        if len(built) > 1:
            _jumps("On this page", {title: f"#{_anchor(title)}" for title, _ in built})
    if site.shelves:
        link = f'Shelves have <a href="{SHELVES.path}">a page of their own</a>.'
        ui.html(link, tag="p", sanitize=False).classes("soft pb-next")
    elif not built:
        nothing_drawn(site, asked)

    async def update(now: View) -> None:
        narrow = _of_camera(now, camera)
        for _, section in built:
            await section(narrow)

    return [update]


def _cameras(settings: Settings) -> list[str]:
    """The cameras of which one is shown at a time; none where all fit."""
    counting = [plan for plan in settings.plans if plan.lines or plan.zones]
    many = sum(len(plan.lines) + len(plan.zones) for plan in counting) > _MANY
    return [plan.name for plan in counting] if many and not settings.site_only else []


def _of_camera(view: View, camera: str | None) -> View:
    """What there is to show of one camera's lines and zones; None: of all."""
    if camera is None:
        return view
    today = view.today
    figures = replace(today.figures, places=tuple(one for one in today.figures.places if one.camera == camera))
    zones = tuple(one for one in today.zones if one.camera == camera)
    asking = tuple(one for one in today.masks.places if one.camera == camera) if today.masks else ()
    # A camera that asks for no masks has none to show: the whole site's stand on the first page.
    masks = replace(today.masks, places=asking) if today.masks and asking else None
    return replace(view, today=replace(today, figures=figures, masks=masks, zones=zones))


def _jumps(name: str, links: Mapping[str, str], current: str = "") -> None:
    items = "".join(
        f'<a href="{escape(link)}"{" aria-current=true" if title == current else ""}>{escape(title)}</a>'
        for title, link in links.items()
    )
    ui.html(items, tag="nav", sanitize=False).classes("pb-jump").props(f'aria-label="{name}"')


def sections(today: Today, board: PageBoard, settings: Settings) -> list[tuple[str, Section]]:
    """Builds the sections of what is configured, each with its title."""
    built: list[tuple[str, Section]] = []
    if today.places:
        built.append((_title("Inside"), _places(today, settings)))
    if any(one.is_line for one in today.figures.places) and not settings.site_only:
        built.append((_title("Doors and lines"), _lines(today, settings)))
    if today.masks:
        built.append((_title("Masks"), _masks(today, settings)))
    for title, is_queue in (("Zones", False), ("Queues", True)):
        places = [one for one in today.figures.places if not one.is_line and is_a_queue(one, settings) is is_queue]
        if places and not settings.site_only:
            built.append((_title(title), _zones(places, settings, is_queue=is_queue)))
    if board.heat_cameras:
        built.append((_title("Where people are"), _heat(board, settings)))
    return built


def _title(title: str) -> str:
    heading(2, title).props(f"id={_anchor(title)}")
    return title


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _places(today: Today, settings: Settings) -> Section:
    cards = {place.name: PlaceInside(place, settings.zone) for place in today.places}

    async def update(view: View) -> None:
        today = view.today
        for place in today.places:
            cards[place.name].update(place)

    return update


def _lines(today: Today, settings: Settings) -> Section:
    cards = {}
    for place in today.figures.places:
        if place.is_line:
            card = PlaceCard(place, settings.zone, ("In today", "Out today"))
            with card.side:
                cards[place.camera, place.name] = card, Text("p", "pb-masked"), Text("p", "soft pb-proved")

    async def update(view: View) -> None:
        today = view.today
        masked = {(one.camera, one.place): one.sum for one in today.masks.places} if today.masks else {}
        for place in today.figures.places:
            if place.is_line:
                card, share, proved = cards[place.camera, place.name]
                card.update(place, today.figures)
                told = masked.get((place.camera, place.name))
                share.say(masks_words.at_line(told, settings.minimum_judged) if told else "")
                proved.say(today.proved.get((place.camera, place.name), ""))

    return update


def _masks(today: Today, settings: Settings) -> Section:
    assert today.masks is not None
    cards = Masks(today.masks, settings.purposes.values(), settings.zone)

    async def update(view: View) -> None:
        today = view.today
        if today.masks:
            cards.update(today.masks)

    return update


def _zones(places: list[PlaceFigures], settings: Settings, *, is_queue: bool) -> Section:
    cards = {(one.camera, one.name): ZoneCard(one, settings.zone, is_queue=is_queue) for one in places}

    async def update(view: View) -> None:
        today = view.today
        told = {(one.camera, one.zone): one for one in today.zones}
        for place in today.figures.places:
            card = cards.get((place.camera, place.name))
            if card and not place.is_line:
                card.update(place, today.figures, told.get((place.camera, place.name)))

    return update


def _heat(board: PageBoard, settings: Settings) -> Section:
    card = HeatCard(board, settings)

    async def update(_: View) -> None:
        await card.refresh()

    return update


def is_a_queue(place: PlaceFigures, settings: Settings) -> bool:
    """Whether a zone has a head and a tail."""
    zones = (zone for plan in settings.plans if plan.name == place.camera for zone in plan.zones)
    return any(zone.name == place.name and zone.queue is not None for zone in zones)
