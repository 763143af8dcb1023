"""The map: venues at their coordinates, drawn without tiles and without anything from elsewhere (decision 34)."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

from passerby.hub.overview import Health, VenueNow
from passerby.hub.pages import now_words as words
from passerby.hub.pages import outlines
from passerby.records.page.chart import AMBER, FAINT, GREY, RED, TEAL, Options

WIDE = 8 / 5
"""Width by height of the map."""
DOTS = 1
"""Which of the chart's series has the venues, as `stacked`."""
_FEW = 60
_LEAST_DEGREES = 0.2
_ROOM = 0.09
_MOST_DEGREES, _MOST_NORTH = 180.0, 90.0
_RIM = 0.15
_COLOURS = {
    Health.GOOD: TEAL, Health.ATTENTION: AMBER, Health.SILENT: RED, Health.OVERDUE: "#a24bb8", Health.ABSENT: GREY,
}  # fmt: skip
_SYMBOLS = {
    Health.GOOD: "circle", Health.ATTENTION: "triangle", Health.SILENT: "rect", Health.OVERDUE: "diamond",
    Health.ABSENT: "circle",
}  # fmt: skip
_STACKED = (Health.ABSENT, Health.GOOD, Health.OVERDUE, Health.ATTENTION, Health.SILENT)
_STEPS = (30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
_NOTE = "(p) => p.data && p.data.note ? p.data.note : ''"


@dataclass(frozen=True, slots=True)
class Look:
    """How a map is drawn.

    Attributes:
        wide: width by height.
        afar: it is read from five metres, on a dark ground.
    """

    wide: float = WIDE
    afar: bool = False

    @property
    def label(self) -> Options:
        """Of names."""
        if self.afar:
            return {"color": "#c4ccd5", "fontSize": 18, "distance": 20}
        return {"color": GREY, "fontSize": 12, "distance": 12}

    @property
    def shore(self) -> str:
        """Colour of shores and borders."""
        return "rgba(196,204,213,0.35)" if self.afar else "rgba(125,135,148,0.45)"


NEAR = Look()


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of the world is drawn, in degrees; a kilometre is as long across as upwards in its middle."""

    west: float
    south: float
    east: float
    north: float

    @staticmethod
    def around(places: Sequence[tuple[float, float]], wide: float = WIDE) -> "Frame":
        """The least part that holds places.

        Args:
            places: latitude and longitude; at least one.
            wide: width by height.
        """
        south, north = min(lat for lat, _ in places), max(lat for lat, _ in places)
        west, east = min(lon for _, lon in places), max(lon for _, lon in places)
        middle, centre = (south + north) / 2, (west + east) / 2
        shrink = max(0.2, math.cos(math.radians(middle)))
        tall = max(_LEAST_DEGREES, north - south, (east - west) * shrink / wide) * (1 + 2 * _ROOM)
        half_up, half_across = tall / 2, tall * wide / shrink / 2
        return Frame(centre - half_across, middle - half_up, centre + half_across, middle + half_up)

    def side(self, longitude: float) -> str:
        """On which side of a dot its name has room."""
        across = (longitude - self.west) / (self.east - self.west)
        return "right" if across < _RIM else "left" if across > 1 - _RIM else "top"


def mapped(venues: Sequence[VenueNow]) -> list[VenueNow]:
    """Those that have a place on the map, from north to south: so the keyboard goes through them."""
    found = [one for one in venues if one.venue.latitude is not None and one.venue.longitude is not None]
    return sorted(found, key=lambda one: (-(one.venue.latitude or 0.0), one.venue.longitude or 0.0, one.venue.number))


def stacked(shown: Iterable[VenueNow]) -> list[VenueNow]:
    """In the order that their dots are drawn in: where they heap up, the worst lies on top."""
    return sorted(shown, key=lambda one: (_STACKED.index(one.health), one.venue.number))


def draw(shown: Sequence[VenueNow], clock_unix_s: float, look: Look = NEAR) -> Options:
    """The map of venues that have a place, as `stacked`; none draws nothing."""
    if not shown:
        return {}
    frame = Frame.around([_place(one) for one in shown], look.wide)
    most = max((one.inside.people for one in shown if one.inside), default=0.0)
    axis: Options = {"type": "value", "show": False}
    return {
        "animation": False,
        "grid": dict.fromkeys(("left", "right", "top", "bottom"), 0),
        "tooltip": {"trigger": "item", ":formatter": _NOTE, "confine": True, "extraCssText": "white-space: normal"},
        "xAxis": {**axis, "min": frame.west, "max": frame.east},
        "yAxis": {**axis, "min": frame.south, "max": frame.north},
        "dataZoom": [
            {"type": "inside", "xAxisIndex": 0, "filterMode": "none"},
            {"type": "inside", "yAxisIndex": 0, "filterMode": "none"},
        ],
        "series": [
            outlines.series(outlines.outlines_in(frame.west, frame.south, frame.east, frame.north), look.shore),
            {**_dots(shown, most, clock_unix_s, look), "markLine": _lines(frame)},
            _names(shown, frame, look),
        ],
    }  # fmt: skip


def _lines(frame: Frame) -> Options:
    """Lines of whole degrees, or of round parts of them, with their names at the rim."""
    step = next((one for one in _STEPS if (frame.north - frame.south) / one >= 3), _STEPS[-1])
    label: Options = {"color": GREY, "fontSize": 10, "rotate": 0}
    across = [
        {"yAxis": value, "label": {**label, "position": "insideStartTop", "formatter": _degrees(value, "N", "S")}}
        for value in _multiples(max(frame.south, -_MOST_NORTH), min(frame.north, _MOST_NORTH), step)
    ]
    up = [
        {"xAxis": value, "label": {**label, "position": "insideEndTop", "formatter": _degrees(value, "E", "W")}}
        for value in _multiples(frame.west, frame.east, step)
    ]
    style: Options = {"color": FAINT, "type": "solid", "width": 1}
    return {"silent": True, "symbol": "none", "lineStyle": style, "data": [*across, *up], "animation": False}


def _multiples(least: float, most: float, step: float) -> list[float]:
    least, most = max(least, -_MOST_DEGREES), min(most, _MOST_DEGREES)
    return [round(k * step, 4) for k in range(math.ceil(least / step), math.floor(most / step) + 1)]


def _degrees(value: float, more: str, less: str) -> str:
    return f"{abs(value):g}\u00b0{f' {more}' if value > 0 else f' {less}' if value < 0 else ''}"


def _dots(shown: Sequence[VenueNow], most: float, clock_unix_s: float, look: Look) -> Options:
    # The more there are, the smaller they are drawn, down to what is still a shape.
    larger = max(0.45, min(1.0, math.sqrt(_FEW / len(shown)))) * (1.5 if look.afar else 1.0)
    least, range_px = 14 * larger, 26 * larger
    return {
        "type": "scatter", "name": "venues", "cursor": "pointer", "emphasis": {"scale": 1.5},
        "data": [
            {
                "value": [one.venue.longitude, one.venue.latitude],
                "symbol": _SYMBOLS[one.health],
                # The area, not the width, stands for how many are inside.
                "symbolSize": round(least + range_px * math.sqrt((one.inside.people if one.inside else 0.0) / most))
                if most
                else least,
                "itemStyle": _style(one.health),
                "note": escape(words.dot(one, clock_unix_s)),
            }
            for one in shown
        ],
    }  # fmt: skip


def _style(health: Health) -> Options:
    """Filled, but for those that are not there yet: a ring."""
    colour = _COLOURS[health]
    if health is Health.ABSENT:
        return {"color": "transparent", "opacity": 1, "borderColor": colour, "borderWidth": 2}
    return {"color": colour, "opacity": 0.85, "borderColor": "rgba(255,255,255,0.6)", "borderWidth": 1}


def _names(shown: Sequence[VenueNow], frame: Frame, look: Look) -> Options:
    """Names of districts, where there are several and few enough to be read; else of the venues, where they are few."""
    districts: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in shown:
        if one.venue.district:
            districts[one.venue.district].append(_place(one))
    if len(shown) <= 12:
        named = {one.venue.name: _place(one) for one in shown}
    elif 2 <= len(districts) <= 24:
        named = {
            name: (fmean(lat for lat, _ in places), fmean(lon for _, lon in places))
            for name, places in districts.items()
        }
    else:
        named = {}
    return {
        "type": "scatter", "name": "names", "silent": True, "symbolSize": 1,
        "itemStyle": {"color": "transparent", "opacity": 1},
        "labelLayout": {"hideOverlap": True}, "z": 4,
        "data": [
            {
                "value": [longitude, latitude],
                "label": {
                    "show": True, "formatter": name.replace("{", "("), "fontWeight": 600,
                    "position": frame.side(longitude), **look.label,
                },
            }
            for name, (latitude, longitude) in named.items()
        ],
    }  # fmt: skip


def _place(now: VenueNow) -> tuple[float, float]:
    return now.venue.latitude or 0.0, now.venue.longitude or 0.0
