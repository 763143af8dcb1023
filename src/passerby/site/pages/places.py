"""The card of a place: how many are inside now, how many may be, and the day's course."""

from datetime import tzinfo

from nicegui import ui

from passerby.records.page.parts import Drawing, Facts, Text, element, heading
from passerby.records.page.words import NOT_SEEN, number
from passerby.site.occupancy import PlaceReport
from passerby.site.pages import places_words as words
from passerby.site.pages.places_chart import draw


class Meter:
    """A bar of how many are inside, with the interval and a mark at the limit."""

    def __init__(self) -> None:
        with element("div", "pb-meter") as self._box:
            self._box.props("role=meter aria-valuemin=0")
            self._band = ui.element("div").classes("band")
            self._fill = ui.element("div").classes("fill")
            self._mark = ui.element("div").classes("mark")
        self._shown: object = None

    def update(self, place: PlaceReport) -> None:
        """Brings the bar up to date; it is hidden where there is no limit or nothing is known."""
        now, most = place.now, place.crowd_limit
        people = now.people if now else None
        self._box.set_visibility(most is not None and people is not None)
        if most is None or now is None or people is None:
            return
        low, high = now.low if now.low is not None else people, now.high if now.high is not None else people
        shown = (people, low, high, most, place.over)
        if shown == self._shown:
            return
        self._shown = shown
        # The whole bar is a quarter more than the limit, or as much as may be inside.
        high = words.drawn_up_to((people, most), high) or high
        whole = max(1.0, most * 1.25, high)
        self._fill.style(f"width: {100 * people / whole:.1f}%")
        self._band.style(f"left: {100 * low / whole:.1f}%; width: {100 * (high - low) / whole:.1f}%")
        self._mark.style(f"left: {100 * most / whole:.1f}%")
        self._box.classes(add="over" if place.over else "", remove="" if place.over else "over")
        self._box.props["aria-valuenow"] = round(people)
        self._box.props["aria-valuemax"] = round(whole)
        self._box.props["aria-valuetext"] = f"{number(people)} inside, {number(most)} allowed"
        self._box.props["aria-label"] = f"People inside {place.name}"
        self._box.update()


class PlaceInside:
    """A place: people inside now, in and out, the limit, drift, and when the number was last known for sure."""

    def __init__(self, place: PlaceReport, zone: tzinfo | None) -> None:
        self._zone = zone
        with element("article", "pb-card pb-line") as card:
            card.props["data-inside"] = place.name
            with element("div"):
                with element("div", "pb-head"):
                    heading(3, place.name)
                    self._as_of = Text(classes="soft")
                with element("dl", "pb-big pb-inside"), element("div", "in"):
                    Text("dt").say("Inside now")
                    with element("dd"):
                        self._people, self._interval = Text(), Text(classes="between")
                self._limit = Text("p", "pill")
                self._meter = Meter()
                self._flow = Facts()
                with element("div", "pb-last pb-state"):
                    self._explained, self._set = Text("p", "soft"), Text("p", "soft")
                    self._swallowed, self._left_over = Text("p", "soft"), Text("p", "soft")
                    self._drift = Text("p", "pill")
            with element("div"):
                self._drawing = Drawing("pb-chart pb-tall")

    def update(self, place: PlaceReport) -> None:
        """Brings the card up to date."""
        said = words.inside(place)
        self._people.say(said)
        self._people.mark(unseen=said == NOT_SEEN)
        self._interval.say(words.interval(place.now))
        self._as_of.say(words.as_of(place, self._zone))
        self._flow.update(words.flow(place, self._zone))
        self._limit.tell(words.limit(place))
        self._meter.update(place)
        self._explained.say(words.interval_explained(place.now))
        self._set.say(words.last_set(place, self._zone))
        self._drift.tell(words.drift(place))
        self._swallowed.say(words.swallowed(place))
        self._left_over.say(words.left_over(place))
        self._drawing.draw((place.course, place.corrections), lambda: draw(place, self._zone))
