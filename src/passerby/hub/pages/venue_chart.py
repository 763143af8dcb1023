"""The chart of a venue's days: bars, over a band of what the same weekday had in the four weeks before."""

from collections.abc import Sequence
from datetime import date

from passerby.hub.venue_report import DayFigure
from passerby.records.page.chart import AMBER, GREY, NOTES, TEAL, Options, frame, hatched, html_table
from passerby.records.page.parts import Drawn
from passerby.records.page.words import DASH, THIN, number

_PALE = 0.45
_BAND = "rgba(217,122,43,0.20)"


def short(day: date) -> str:
    """Weekday, day and month: Thu 9 Oct."""
    return f"{day:%a} {day.day} {day:%b}"


def draw(name: str, days: Sequence[DayFigure]) -> Drawn:
    """The chart, its sentence and its table."""
    return Drawn(_chart(days), _summary(name, days), _table(name, days))


def _chart(days: Sequence[DayFigure]) -> Options:
    labels = [short(one.day) for one in days]
    unseen = [one.came is None for one in days]
    names = ["Visitors", "Usual range", "Usual", *(["Not seen"] if any(unseen) else [])]
    line: Options = {"type": "line", "symbol": "none", "silent": True, "connectNulls": False}
    hidden: Options = {**line, "stack": "band", "lineStyle": {"opacity": 0}}
    band = [None if one.low is None or one.high is None else one.high - one.low for one in days]
    series = [
        hatched("Not seen", unseen),
        {**hidden, "name": "least", "data": [one.low for one in days]},
        {**hidden, "name": names[1], "areaStyle": {"color": _BAND}, "itemStyle": {"color": _BAND}, "data": band},
        {
            "type": "bar", "name": names[0], "barMaxWidth": 20, "z": 1,
            "itemStyle": {"color": TEAL, "borderRadius": [3, 3, 0, 0]}, "data": [_bar(one) for one in days],
        },
        {
            **line, "name": names[2], "z": 3, "lineStyle": {"color": AMBER, "width": 1.5, "type": "dashed"},
            "itemStyle": {"color": AMBER}, "data": [one.usual for one in days],
        },
    ]  # fmt: skip
    options = frame(labels, names, NOTES, minInterval=1)
    options["legend"]["textStyle"] = {"color": GREY}
    return {**options, "series": series}


def _bar(one: DayFigure) -> Options:
    if one.came is None:
        return {"value": None, "note": f"not seen; {_usual(one)}"}
    bar: Options = {
        "value": round(one.came),
        "note": f"<b>{number(one.came)}</b> visitors, {_seen(one)}; {_usual(one)}",
    }
    if one.coverage is not None and one.coverage < 0.9:
        bar["itemStyle"] = {"opacity": _PALE}
    return bar


def _usual(one: DayFigure) -> str:
    if one.usual is None or one.low is None or one.high is None:
        return "what is usual is not known"
    return f"usual {number(one.usual)} ({number(one.low)} to {number(one.high)})"


def _seen(one: DayFigure) -> str:
    if one.coverage is None:
        return "how much was seen is not known"
    return "seen all the time" if one.coverage >= 0.995 else f"seen {int(one.coverage * 100)}{THIN}% of the time"


def _table(name: str, days: Sequence[DayFigure]) -> str:
    rows = [
        [
            short(one.day),
            DASH if one.came is None else number(one.came),
            DASH if one.usual is None else number(one.usual),
            DASH if one.low is None or one.high is None else f"{number(one.low)} to {number(one.high)}",
            "not seen" if one.came is None else _seen(one),
        ]
        for one in reversed(days)
    ]
    head = ["Day", "Visitors", "Usual", "Least to most", "Seen"]
    return html_table(f"{name}, by day, beside the same weekday of the four weeks before", head, rows)


def _summary(name: str, days: Sequence[DayFigure]) -> str:
    seen = [(one.came, one.day) for one in days if one.came is not None]
    if not seen:
        return f"{name} by day: not seen yet"
    most, when = max(seen)
    return f"{name} by day over {len(days)} days; most on {short(when)} with {number(most)} visitors"
