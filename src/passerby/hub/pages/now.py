"""The first page of a control room: all venues, on a map and in a list, and what needs attention first."""

from collections.abc import Awaitable, Callable, Sequence
from html import escape

from nicegui import ui
from nicegui.events import EChartPointClickEventArguments, GenericEventArguments
from starlette.requests import Request

from passerby.hub.choosing import Choosing, Order, offered
from passerby.hub.overview import Health, Overview, VenueNow, total
from passerby.hub.pages import now_table, venue_map
from passerby.hub.pages import now_words as words
from passerby.hub.pages.room import NOW, WALL, Room, Section, View
from passerby.records.page.parts import Block, Choice, Text, element, heading, told, written
from passerby.records.page.words import number

_LIST_EVERY_S, _MAP_EVERY_S = 10.0, 30.0
_HELD_S = 120.0
_URGENT = 6
_ALL = "All"
_NAMES = {"organisation": "Organisation", "district": "District", "brand": "Brand", "tag": "Tag"}
_SORTS = {
    "What needs attention": Order.ATTENTION,
    "Name": Order.NAME,
    "Most inside": Order.INSIDE,
    "Fullest": Order.FULLEST,
    "Most visitors": Order.VISITORS,
    "More than usual": Order.MORE,
    "Fewer than usual": Order.FEWER,
    "Lowest masked share": Order.MASKS,
    "Most shelves empty": Order.SHELVES,
    "Most cameras down": Order.CAMERAS,
    "Silent longest": Order.SILENT,
}
_KEYS = "['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'Enter', 'Escape']"
_KEYDOWN = f"(e) => {{ if ({_KEYS}.includes(e.key)) {{ e.preventDefault(); emit(e.key); }} }}"


async def build(room: Room, view: View, request: Request) -> list[Section]:
    """Builds the page."""
    if not view.overview.venues:
        return _empty(view)
    venues = _Venues(room, view.overview, request)

    async def update(now: View) -> None:
        venues.look(now.overview)

    return [update]


def _empty(view: View) -> list[Section]:
    with element("div", "pb-card pb-next"):
        if view.scope.whole:
            Text("p").say("No venue is registered yet.")
            Text("p", "soft").say("Add one, or a whole list: passerby hub venues import venues.csv")
        else:
            Text("p").say("No venue is among those that you may see.")
            Text("p", "soft").say("An admin of the hub sets which these are: passerby hub access")
    return []


class _Urgent:
    """What needs attention first, of the venues that were chosen."""

    def __init__(self, room: Room) -> None:
        self._room = room
        with element("section", "pb-urgent pb-card") as section:
            section.props('aria-label="What needs attention first"')
            heading(2, "Needs attention first")
            self._block = Block("div", "pb-rows")

    def update(self, shown: Sequence[VenueNow]) -> None:
        """Brings it up to date."""
        now = self._room.clock()
        found = [one for one in Choosing().chosen(shown) if one.worries]
        rows = "".join(_urgent(one, now) for one in found[:_URGENT])
        if not found:
            rows = written("p", "Nothing: those that are connected are well.")
        elif len(found) > _URGENT:
            more = f"and {words.plural(len(found) - _URGENT, 'more venue')}, first in the list below"
            rows += written("p", more, "soft pb-more-rows")
        self._block.write(rows)


def _urgent(now: VenueNow, clock_unix_s: float) -> str:
    venue = now.venue
    place = f"{venue.district}, " if venue.district else ""
    what = f'<h3><a href="/venue/{escape(venue.slug)}">{escape(venue.name)}</a></h3>'
    reason = written("p", f"{place}{words.why(now, clock_unix_s)}", "soft")
    return f'<div class="pb-row"><div class="what">{what}{reason}</div>{told("p", words.health(now))}</div>'


class _Venues:
    """The map and the list, of the venues that one reader chose."""

    def __init__(self, room: Room, overview: Overview, request: Request) -> None:
        self._room, self._overview = room, overview
        self._choosing = Choosing.of(request.query_params)
        self._whole = request.query_params.get("rows") == "all"
        self._drawn: tuple[object, float] = (None, 0.0)
        self._listed: tuple[object, float] = (None, 0.0)
        self._held_since: float | None = None
        self._totals = Block("div", "pb-totals")
        self._summed: tuple[object, object] = (None, None)
        self._build_choices(overview)
        with element("div", "pb-summary"):
            heading(2, "Venues")
            self._said = Text("p", "soft")
            self._said.label.props('role="status" aria-live="polite"')
            ui.html(f'<a href="{WALL.path}">{WALL.title}</a>', sanitize=False, tag="p")
        with element("div", "pb-beside"):
            self._map = _Map(room)
            self._urgent = _Urgent(room)
        self._table = Block("div", "pb-list-of-venues")
        self._table.on("focusin", self._hold)
        self._table.on("focusout", self._let_go)

    def _build_choices(self, overview: Overview) -> None:
        can = offered(overview.venues)
        with element("div", "pb-choices") as bar:
            bar.props('role="search" aria-label="Which venues"')
            for name, title in _NAMES.items():
                Choice(title, self._chooser(name)).offer(
                    [_ALL, *can[name]] if can[name] else [], getattr(self._choosing, name) or _ALL
                )
            states = {health: words.NAMES[health] for health in Health}
            picked = states.get(Health(self._choosing.health), _ALL) if self._choosing.health else _ALL
            Choice("State", self._choose_state).offer([_ALL, *states.values()], picked)
            order = next(title for title, one in _SORTS.items() if one is self._choosing.sort)
            Choice("Sort by", self._choose_sort).offer(list(_SORTS), order)
            with element("label"):
                Text().say("Find")
                find = ui.element("input").props('type=search maxlength=64 placeholder="Name, district, tag"')
                find.props["value"] = self._choosing.text
                find.on(
                    "input", self._find, throttle=0.3, leading_events=False, js_handler="(e) => emit(e.target.value)"
                )

    # What the reader chooses

    def _chooser(self, name: str) -> Callable[[GenericEventArguments], Awaitable[None]]:
        async def chosen(event: GenericEventArguments) -> None:
            self._choose(**{name: "" if event.args == _ALL else str(event.args)})

        return chosen

    async def _choose_state(self, event: GenericEventArguments) -> None:
        found = [health.value for health, name in words.NAMES.items() if name == event.args]
        self._choose(health=found[0] if found else "")

    async def _choose_sort(self, event: GenericEventArguments) -> None:
        self._choose(sort=str(_SORTS.get(str(event.args), Order.ATTENTION)))

    async def _find(self, event: GenericEventArguments) -> None:
        self._choose(text=str(event.args or ""))

    def _choose(self, **other: str) -> None:
        self._choosing = self._choosing.but(**other)
        ui.navigate.history.replace(self._choosing.address(NOW.path))
        self._held_since = None
        self.look(self._overview)

    # What is shown

    def look(self, overview: Overview) -> None:
        """Brings map and list up to date, when something was chosen or some seconds are over."""
        self._overview = overview
        now = overview.as_of_unix_s
        if self._summed != (self._choosing, overview):
            self._summed = (self._choosing, overview)
            of = total(self._choosing.chosen(overview.venues)) if self._choosing.narrows else overview.totals
            self._totals.write(now_table.totals(of, self._room.clock(), self._room.zone))
        is_late = now - self._listed[1] >= _LIST_EVERY_S and not self._is_held()
        if self._listed[0] != self._choosing or is_late:
            self._listed = (self._choosing, now)
            shown = self._choosing.chosen(overview.venues)
            self._said.say(_summary(shown, overview))
            self._urgent.update(shown)
            self._table.write(now_table.table(shown, self._choosing, self._room.clock(), whole=self._whole))
        is_old = self._drawn[0] != self._choosing or now - self._drawn[1] >= _MAP_EVERY_S
        if is_old and self._map.draw(self._choosing.chosen(overview.venues)):
            self._drawn = (self._choosing, now)

    def _is_held(self) -> bool:
        """A list that is written anew takes the focus from who goes through it by keyboard."""
        return self._held_since is not None and self._room.clock() - self._held_since < _HELD_S

    def _hold(self) -> None:
        self._held_since = self._room.clock()

    def _let_go(self) -> None:
        self._held_since = None


def _summary(shown: Sequence[VenueNow], overview: Overview) -> str:
    of_all = len(overview.venues)
    if len(shown) == of_all:
        return f"All {words.plural(of_all, 'venue')}" if of_all > 1 else "One venue"
    return f"{number(len(shown))} of {words.plural(of_all, 'venue')}; all figures are of these"


class _Map:
    """The map of one reader, by pointer and by keyboard."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._shown: list[VenueNow] = []
        self._drawn: list[VenueNow] = []
        self._at = -1
        self._chart: ui.echart | None = None
        with element("div", "pb-mapped"):
            with element("div", "pb-map") as self._place:
                self._place.props('role=application tabindex=0 aria-roledescription="map"')
                self._place.on("keydown", self._pressed, js_handler=_KEYDOWN)
            self._told = Text("p", "pb-map-told")
            self._told.label.props('aria-live="polite"')
            Block("p", "pb-legend").write(now_table.legend())
            self._off = Text("p", "soft")

    def draw(self, chosen: Sequence[VenueNow]) -> bool:
        """Draws, if the browser has called back: the words of the list need not wait for it."""
        if not self._place.client.has_socket_connection:
            return False
        before = [one.venue.number for one in self._shown]
        self._shown = venue_map.mapped(chosen)
        if before != [one.venue.number for one in self._shown]:
            self._at = -1
            self._told.say("")
        absent = len(chosen) - len(self._shown)
        self._off.say(f"{words.plural(absent, 'venue')} without coordinates: in the list alone." if absent else "")
        label = f"Map of {words.plural(len(self._shown), 'venue')}. Arrow keys go from one to the next, Enter opens it."
        self._place.props["aria-label"] = label
        if self._chart is None:
            with self._place:
                self._chart = ui.echart({}, renderer="svg", on_point_click=self._clicked).classes("pb-drawn")
                self._chart.props("aria-hidden=true")
        self._chart.options.clear()
        self._drawn = venue_map.stacked(self._shown)
        self._chart.options.update(venue_map.draw(self._drawn, self._room.clock()))
        self._chart.update()
        return True

    def _clicked(self, event: EChartPointClickEventArguments) -> None:
        if event.series_index == venue_map.DOTS and 0 <= event.data_index < len(self._drawn):
            _open(self._drawn[event.data_index])

    def _pressed(self, event: GenericEventArguments) -> None:
        if not self._shown or self._chart is None:
            return
        if event.args == "Enter" and self._at >= 0:
            _open(self._shown[self._at])
        elif event.args == "Escape":
            self._at = -1
            self._told.say("")
            self._chart.run_chart_method("dispatchAction", {"type": "hideTip"})
        elif event.args != "Enter":
            step = 1 if event.args in ("ArrowRight", "ArrowDown") else -1
            self._at = (self._at + step) % len(self._shown) if self._at >= 0 else 0
            here = self._shown[self._at]
            self._told.say(words.dot(here, self._room.clock()))
            tip = {"type": "showTip", "seriesIndex": venue_map.DOTS, "dataIndex": self._drawn.index(here)}
            self._chart.run_chart_method("dispatchAction", tip)


def _open(now: VenueNow) -> None:
    ui.navigate.to(f"/venue/{now.venue.slug}")
