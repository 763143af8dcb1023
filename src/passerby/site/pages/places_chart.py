"""The course of a place's occupancy, with its interval and its limit."""

import math
from datetime import tzinfo
from typing import Any

from passerby.core.occupancy import Occupancy
from passerby.records.page.chart import GREY, NOTES, PALE_TEAL, RED, TEAL, Options, frame, hatched, html_table
from passerby.records.page.parts import Drawn
from passerby.records.page.words import DASH, clock, number
from passerby.site.occupancy import PlaceReport
from passerby.site.pages import places_words as words

_MAX_POINTS = 200
_INSIDE, _BAND, _LIMIT, _UNSEEN = "Inside", "95 times in 100", "Limit", "Not seen"


def draw(place: PlaceReport, zone: tzinfo | None) -> Drawn:
    """The chart and its table."""
    return Drawn(_chart(place, zone), words.summary(place, zone), _table(place, zone))


def _thinned(course: tuple[Occupancy, ...]) -> list[Occupancy]:
    """As many moments as a chart can show, the newest among them."""
    every = math.ceil(len(course) / _MAX_POINTS) or 1
    return list(course[::-1][::every][::-1])


def _chart(place: PlaceReport, zone: tzinfo | None) -> Options:
    told = _thinned(place.course)
    labels = [clock(one.end_unix_s, zone) for one in told]
    unseen = [not one.coverage for one in told]
    has_band = any(_has_band(one) for one in told)
    names = [
        *([_BAND] if has_band else []),
        _INSIDE,
        *([_LIMIT] if place.crowd_limit is not None else []),
        *([_UNSEEN] if any(unseen) else []),
    ]
    series = [hatched(_UNSEEN, unseen), *_band(told), _inside(place, told)]
    if place.crowd_limit is not None:
        series.append(_limit(place.crowd_limit, len(told)))
    return {**frame(labels, names, NOTES, minInterval=1, min=0, max=_top(place, told)), "series": series}


def _top(place: PlaceReport, told: list[Occupancy]) -> float | None:
    """Where the axis ends; None where ECharts may choose."""
    known = [place.crowd_limit or 0, *(one.people for one in told if one.people is not None)]
    return words.drawn_up_to(known, max((one.high for one in told if one.high is not None), default=None))


def _has_band(one: Occupancy) -> bool:
    return one.people is not None and one.low is not None and one.high is not None


def _band(told: list[Occupancy]) -> list[Options]:
    """The interval, as the area between two stacked lines of which the lower is not drawn."""
    common: Options = {"type": "line", "stack": "interval", "symbol": "none", "silent": True, "lineStyle": {"width": 0}}
    low = [math.floor(one.low or 0) if _has_band(one) else None for one in told]
    high = [math.ceil(one.high or 0) - math.floor(one.low or 0) if _has_band(one) else None for one in told]
    return [
        {**common, "name": "", "data": low},
        {**common, "name": _BAND, "data": high, "itemStyle": {"color": PALE_TEAL}, "areaStyle": {"color": PALE_TEAL}},
    ]


def _inside(place: PlaceReport, told: list[Occupancy]) -> Options:
    line: Options = {
        "name": _INSIDE, "type": "line", "symbol": "circle", "symbolSize": 5, "showSymbol": len(told) < 3,
        "itemStyle": {"color": TEAL}, "lineStyle": {"color": TEAL, "width": 2.5}, "z": 4,
        "data": [{"value": None if one.people is None else round(one.people, 1), "note": _note(one)} for one in told],
    }  # fmt: skip
    set_at = [index for one in place.corrections if (index := _index(one.moment_unix_s, told)) is not None]
    if set_at:
        line["markLine"] = {
            "symbol": "none", "silent": True, "lineStyle": {"color": GREY, "type": "dotted", "width": 1.5},
            "label": {"formatter": "set by hand", "color": GREY, "fontSize": 11},
            "data": [{"xAxis": index} for index in set_at],
        }  # fmt: skip
    return line


def _index(moment_unix_s: float, told: list[Occupancy]) -> int | None:
    return next((index for index, one in enumerate(told) if one.end_unix_s >= moment_unix_s), None)


def _limit(most: int, length: int) -> Options:
    return {
        "name": _LIMIT, "type": "line", "symbol": "none", "silent": True, "z": 5,
        "itemStyle": {"color": RED}, "lineStyle": {"color": RED, "type": "dashed", "width": 1.5},
        "data": [most] * length,
    }  # fmt: skip


def _note(one: Occupancy) -> str | None:
    if one.people is None:
        return None
    seen = "" if one.coverage >= 0.995 else f"<br>seen {int(one.coverage * 100)} % of the time"
    return f"<b>{number(one.people)}</b> inside {words.interval(one)}{seen}"


def _table(place: PlaceReport, zone: tzinfo | None) -> str:
    rows: list[list[str]] = []
    for one in _thinned(place.course):
        low, high = _bounds(one)
        seen = f"{int(one.coverage * 100)} %" if one.coverage else "not seen"
        rows.append([clock(one.end_unix_s, zone), _text(one.people), low, high, seen])
    allowed = f"; {number(place.crowd_limit)} allowed" if place.crowd_limit is not None else ""
    return html_table(
        f"People inside {place.name}, today{allowed}", ["At", "Inside", "At least", "At most", "Seen"], rows
    )


def _bounds(one: Occupancy) -> tuple[str, str]:
    low = _text(None if one.low is None else math.floor(one.low))
    return low, _text(None if one.high is None else math.ceil(one.high))


def _text(value: Any) -> str:
    return DASH if value is None else number(value)
