"""Which sections a page has, in which order, and how each is brought up to date."""

from collections.abc import Awaitable, Callable

from passerby.site.figures import PlaceFigures, Settings
from passerby.site.page_parts import PlaceCard, Text, heading
from passerby.site.pages import masks_words
from passerby.site.pages.board import PageBoard, Today
from passerby.site.pages.heat import HeatCard
from passerby.site.pages.masks import Masks
from passerby.site.pages.places import PlaceInside
from passerby.site.pages.zones import ZoneCard

Section = Callable[[Today], Awaitable[None]]
"""Brings a section up to date."""


def sections(today: Today, board: PageBoard, settings: Settings) -> list[Section]:
    """Builds the sections of what is configured."""
    built: list[Section] = []
    if today.places:
        heading(2, "Places")
        built.append(_places(today, settings))
    if any(plan.lines for plan in settings.plans) and not settings.site_only:
        heading(2, "Doors and lines")
        built.append(_lines(today, settings))
    if today.masks:
        heading(2, "Masks")
        built.append(_masks(today, settings))
    for title, is_queue in (("Zones", False), ("Queues", True)):
        places = [one for one in today.figures.places if not one.is_line and _is_queue(one, settings) is is_queue]
        if places and not settings.site_only:
            heading(2, title)
            built.append(_zones(places, settings, is_queue=is_queue))
    if board.heat_cameras:
        heading(2, "Where people are")
        built.append(_heat(board, settings))
    return built


def _places(today: Today, settings: Settings) -> Section:
    cards = {place.name: PlaceInside(place, settings.zone) for place in today.places}

    async def update(today: Today) -> None:
        for place in today.places:
            cards[place.name].update(place)

    return update


def _lines(today: Today, settings: Settings) -> Section:
    cards = {}
    for place in today.figures.places:
        if place.is_line:
            card = PlaceCard(place, settings.zone, ("In today", "Out today"))
            with card.side:
                cards[place.camera, place.name] = card, Text("p", "pb-masked")

    async def update(today: Today) -> None:
        masked = {(one.camera, one.place): one.sum for one in today.masks.places} if today.masks else {}
        for place in today.figures.places:
            if place.is_line:
                card, share = cards[place.camera, place.name]
                card.update(place, today.figures)
                told = masked.get((place.camera, place.name))
                share.say(masks_words.at_line(told, settings.minimum_judged) if told else "")

    return update


def _masks(today: Today, settings: Settings) -> Section:
    assert today.masks is not None
    cards = Masks(today.masks, settings.purposes.values(), settings.zone)

    async def update(today: Today) -> None:
        if today.masks:
            cards.update(today.masks)

    return update


def _zones(places: list[PlaceFigures], settings: Settings, *, is_queue: bool) -> Section:
    cards = {(one.camera, one.name): ZoneCard(one, settings.zone, is_queue=is_queue) for one in places}

    async def update(today: Today) -> None:
        told = {(one.camera, one.zone): one for one in today.zones}
        for place in today.figures.places:
            card = cards.get((place.camera, place.name))
            if card and not place.is_line:
                card.update(place, today.figures, told.get((place.camera, place.name)))

    return update


def _heat(board: PageBoard, settings: Settings) -> Section:
    card = HeatCard(board, settings)

    async def update(_: Today) -> None:
        await card.refresh()

    return update


def _is_queue(place: PlaceFigures, settings: Settings) -> bool:
    zones = (zone for plan in settings.plans if plan.name == place.camera for zone in plan.zones)
    return any(zone.name == place.name and zone.queue is not None for zone in zones)
