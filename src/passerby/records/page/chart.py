"""The charts' common parts, as options for ECharts (which NiceGUI ships), and the chart of a line's or a zone's day."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from html import escape
from typing import Any

from passerby.core.tallies import Measure
from passerby.records.page.figures import Figure, Figures, PlaceFigures
from passerby.records.page.words import DASH, clock, coverage

Options = dict[str, Any]

TEAL, AMBER, RED, GREY = "#12a08f", "#d97a2b", "#d64545", "#7d8794"
PALE_TEAL = "rgba(18,160,143,0.30)"
FAINT = "rgba(128,138,150,0.18)"
_NAMES = {
    Measure.CROSSINGS_IN: ("In", TEAL),
    Measure.CROSSINGS_OUT: ("Out", AMBER),
    Measure.PEOPLE: ("Mean", TEAL),
    Measure.PEAK: ("Most", AMBER),
}
_PALE = 0.45
_VALUES = (
    "(p) => { const seen = p.filter(q => q.data.note); if (!seen.length) return p[0].axisValue + '<br>not seen'; "
    "return p[0].axisValue + '<br>' + seen.map(q => q.marker + q.seriesName + ' <b>' + q.data.value + '</b>')"
    ".join('<br>') + '<br>' + seen[0].data.note; }"
)
NOTES = (
    "(p) => { const said = p.filter(q => q.data && q.data.note).map(q => q.data.note); "
    "return p[0].axisValue + '<br>' + (said.length ? said.join('<br>') : 'not seen'); }"
)
"""Tells the notes of what is under the pointer. They are sentences of ours: no name that a user wrote is among them."""


def frame(labels: Sequence[str], names: Iterable[str], formatter: str, **value_axis: Any) -> Options:
    """A chart over labels, without series: axes, legend and tooltip.

    Args:
        labels: of the axis across.
        names: of the series that the legend tells of.
        formatter: JavaScript that writes the tooltip.
        **value_axis: options of the axis that goes up.
    """
    return {
        "animation": False,
        "grid": {"left": 4, "right": 8, "top": 34, "bottom": 4, "containLabel": True},
        "legend": {
            "right": 4, "top": 0, "itemWidth": 10, "itemHeight": 10, "selectedMode": False, "type": "scroll",
            "textStyle": {"color": GREY}, "data": list(names),
        },
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, ":formatter": formatter, "confine": True},
        "xAxis": [
            {
                "type": "category", "data": list(labels), "axisTick": {"show": False},
                "axisLine": {"lineStyle": {"color": FAINT}}, "axisLabel": {"color": GREY, "hideOverlap": True},
            },
            {"type": "category", "data": list(labels), "show": False},
        ],
        "yAxis": [
            {
                "type": "value", "splitNumber": 3, "axisLabel": {"color": GREY},
                "splitLine": {"lineStyle": {"color": FAINT}}, **value_axis,
            },
            {"type": "value", "show": False, "max": 1},
        ],
    }  # fmt: skip


def hatched(name: str, marked: Iterable[bool]) -> Options:
    """A series that hatches the steps of which nothing is told, over the whole height."""
    hatch = {
        "symbol": "rect",
        "dashArrayX": [1, 0],
        "dashArrayY": [2, 5],
        "rotation": 0.785,
        "color": "rgba(128,138,150,0.5)",
    }
    return {
        "name": name, "type": "bar", "xAxisIndex": 1, "yAxisIndex": 1, "barCategoryGap": "0%", "silent": True,
        "itemStyle": {"color": "rgba(128,138,150,0.14)", "decal": hatch}, "z": 0,
        "data": [{"value": 1 if one else None} for one in marked],
    }  # fmt: skip


def html_table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column heads its rows."""
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(text)}</td>" for text in row[1:])}</tr>'
        for row in rows
    )
    caption = f"<caption>{escape(caption)}</caption>"
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def chart(place: PlaceFigures, figures: Figures, zone: tzinfo | None) -> Options:
    """Bars of each step. What was not seen is hatched, not a bar of no height; what was seen in part is pale."""
    labels = [clock(step, zone) for step in figures.steps_unix_s]
    measures = list(place.course)
    unseen = [not figure.seen for figure in place.course[measures[0]]]
    names = [*(_NAMES[measure][0] for measure in measures), *(["Not seen"] if any(unseen) else [])]
    series = [hatched("Not seen", unseen), *(_bars(measure, place.course[measure]) for measure in measures)]
    return {**frame(labels, names, _VALUES, minInterval=1), "series": series}


def table(place: PlaceFigures, figures: Figures, zone: tzinfo | None) -> str:
    """The same figures as an HTML table, for those who would rather read."""
    measures = list(place.course)
    rows = []
    for index, step in enumerate(figures.steps_unix_s):
        cells = [place.course[measure][index] for measure in measures]
        texts = [_text(measure, cell) for measure, cell in zip(measures, cells, strict=True)]
        rows.append([clock(step, zone), *texts, coverage(cells[0]).text])
    head = ["From", *(_NAMES[measure][0] for measure in measures), "Seen"]
    return html_table(f"{place.name}, today", head, rows)


def _text(measure: Measure, figure: Figure) -> str:
    value = _value(measure, figure)
    return DASH if value is None else f"{value:g}"


def _value(measure: Measure, figure: Figure) -> float | None:
    if not figure.seen:
        return None
    return round(figure.mean or 0.0, 1) if measure is Measure.PEOPLE else figure.total


def _bars(measure: Measure, course: tuple[Figure, ...]) -> Options:
    name, colour = _NAMES[measure]
    return {
        "name": name, "type": "bar", "barMaxWidth": 18, "barGap": "12%", "barCategoryGap": "30%",
        "itemStyle": {"color": colour, "borderRadius": [3, 3, 0, 0]},
        "data": [_bar(measure, figure) for figure in course],
    }  # fmt: skip


def _bar(measure: Measure, figure: Figure) -> Options:
    value = _value(measure, figure)
    if value is None:
        return {"value": None}
    bar: Options = {"value": value, "note": coverage(figure).text}
    if figure.coverage < 0.9:
        bar["itemStyle"] = {"opacity": _PALE}
    return bar
