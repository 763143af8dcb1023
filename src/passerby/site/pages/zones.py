"""The cards of zones and of queues: people, stays and waits."""

from datetime import tzinfo

from passerby.records.page.figures import Figures, PlaceFigures
from passerby.records.page.parts import Drawing, Facts, PlaceCard, Text, element, heading
from passerby.site.pages import zones_words as words
from passerby.site.pages.stays_chart import draw
from passerby.site.reports import ZoneSeries

_ZONE_NAMES, _QUEUE_NAMES = ("Mean today", "Most at once"), ("Mean length", "Longest")


class ZoneCard:
    """A zone, or a queue: people now and today, and how long they stay or wait."""

    def __init__(self, place: PlaceFigures, zone: tzinfo | None, *, is_queue: bool) -> None:
        self._is_queue = is_queue
        self._figures = PlaceCard(place, zone, _QUEUE_NAMES if is_queue else _ZONE_NAMES)
        with self._figures.side:
            self._facts = Facts()
            self._limit = Text("p", "pill")
        with self._figures.card, element("div", "pb-more"):
            with element("div"):
                heading(4, "Waiting" if is_queue else "How long people stay")
                self._lengths, self._unknown, self._gave_up = Facts(), Text("p"), Text("p")
                self._lost, self._check = Text("p", "soft"), Text("p", "pill warn")
            with element("div"):
                self._drawing = Drawing()

    def update(self, place: PlaceFigures, figures: Figures, series: ZoneSeries | None) -> None:
        """Brings the card up to date."""
        self._figures.update(place, figures)
        if series is None:
            return
        told = series.sum
        self._facts.update(words.facts(told))
        self._limit.tell(words.over_limit(series))
        queue = told.queue
        stays = (queue.wait if queue else None) if self._is_queue else told.dwell
        self._lengths.update(words.lengths(stays, is_queue=self._is_queue))
        self._unknown.say(words.unknown_length(stays, is_queue=self._is_queue))
        self._gave_up.say(words.gave_up(queue))
        self._lost.say(words.lost(None if self._is_queue else stays))
        self._check.say(words.check(queue))
        self._drawing.draw((told.dwell, queue), lambda: draw(series))
