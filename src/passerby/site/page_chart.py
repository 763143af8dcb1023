"""The chart of a line's or a zone's day, as options for ECharts (which NiceGUI ships)."""

from datetime import tzinfo
from html import escape
from typing import Any

from passerby.core.tallies import Measure
from passerby.site.figures import Figure, Figures, PlaceFigures
from passerby.site.page_words import clock, coverage

_TEAL, _AMBER, _GREY = "#12a08f", "#d97a2b", "#7d8794"
_FAINT = "rgba(128,138,150,0.18)"
_NAMES = {
    Measure.CROSSINGS_IN: ("In", _TEAL),
    Measure.CROSSINGS_OUT: ("Out", _AMBER),
    Measure.PEOPLE: ("Mean", _TEAL),
    Measure.PEAK: ("Most", _AMBER),
}
_PALE = 0.45
_TOOLTIP = (
    "(p) => { const seen = p.filter(q => q.data.note); if (!seen.length) return p[0].axisValue + '<br>not seen'; "
    "return p[0].axisValue + '<br>' + seen.map(q => q.marker + q.seriesName + ' <b>' + q.data.value + '</b>')"
    ".join('<br>') + '<br>' + seen[0].data.note; }"
)


def chart(place: PlaceFigures, figures: Figures, zone: tzinfo | None) -> dict[str, Any]:
    """Bars of each step. What was not seen is hatched, not a bar of no height; what was seen in part is pale."""
    labels = [clock(step, zone) for step in figures.steps_unix_s]
    measures = list(place.course)
    unseen = [None if figure.seen else 1 for figure in place.course[measures[0]]]
    return {
        "animation": False,
        "grid": {"left": 4, "right": 8, "top": 30, "bottom": 4, "containLabel": True},
        "legend": {
            "right": 4, "top": 0, "itemWidth": 10, "itemHeight": 10, "selectedMode": False,
            "textStyle": {"color": _GREY},
            "data": [*(_NAMES[measure][0] for measure in measures), *(["Not seen"] if any(unseen) else [])],
        },
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, ":formatter": _TOOLTIP, "confine": True},
        "xAxis": [
            {
                "type": "category", "data": labels, "axisTick": {"show": False},
                "axisLine": {"lineStyle": {"color": _FAINT}}, "axisLabel": {"color": _GREY, "hideOverlap": True},
            },
            {"type": "category", "data": labels, "show": False},
        ],
        "yAxis": [
            {
                "type": "value", "minInterval": 1, "splitNumber": 3, "axisLabel": {"color": _GREY},
                "splitLine": {"lineStyle": {"color": _FAINT}},
            },
            {"type": "value", "show": False, "max": 1},
        ],
        "series": [_unseen(unseen), *(_bars(measure, place.course[measure]) for measure in measures)],
    }  # fmt: skip


def table(place: PlaceFigures, figures: Figures, zone: tzinfo | None) -> str:
    """The same figures as an HTML table, for those who would rather read."""
    measures = list(place.course)
    head = "".join(f'<th scope="col">{_NAMES[measure][0]}</th>' for measure in measures)
    rows = []
    for index, step in enumerate(figures.steps_unix_s):
        cells = [place.course[measure][index] for measure in measures]
        texts = [_text(measure, cell) for measure, cell in zip(measures, cells, strict=True)]
        values = "".join(f"<td>{escape(text)}</td>" for text in (*texts, coverage(cells[0]).text))
        rows.append(f'<tr><th scope="row">{clock(step, zone)}</th>{values}</tr>')
    caption = f"<caption>{escape(place.name)}, today</caption>"
    head = f'<thead><tr><th scope="col">From</th>{head}<th scope="col">Seen</th></tr></thead>'
    return f"<table>{caption}{head}<tbody>{''.join(rows)}</tbody></table>"


def _text(measure: Measure, figure: Figure) -> str:
    value = _value(measure, figure)
    return "\u2013" if value is None else f"{value:g}"


def _value(measure: Measure, figure: Figure) -> float | None:
    if not figure.seen:
        return None
    return round(figure.mean or 0.0, 1) if measure is Measure.PEOPLE else figure.total


def _bars(measure: Measure, course: tuple[Figure, ...]) -> dict[str, Any]:
    name, colour = _NAMES[measure]
    return {
        "name": name, "type": "bar", "barMaxWidth": 18, "barGap": "12%", "barCategoryGap": "30%",
        "itemStyle": {"color": colour, "borderRadius": [3, 3, 0, 0]},
        "data": [_bar(measure, figure) for figure in course],
    }  # fmt: skip


def _bar(measure: Measure, figure: Figure) -> dict[str, Any]:
    value = _value(measure, figure)
    if value is None:
        return {"value": None}
    bar: dict[str, Any] = {"value": value, "note": coverage(figure).text}
    if figure.coverage < 0.9:
        bar["itemStyle"] = {"opacity": _PALE}
    return bar


def _unseen(unseen: list[int | None]) -> dict[str, Any]:
    hatch = {
        "symbol": "rect",
        "dashArrayX": [1, 0],
        "dashArrayY": [2, 5],
        "rotation": 0.785,
        "color": "rgba(128,138,150,0.5)",
    }
    return {
        "name": "Not seen", "type": "bar", "xAxisIndex": 1, "yAxisIndex": 1, "barCategoryGap": "0%", "silent": True,
        "itemStyle": {"color": "rgba(128,138,150,0.14)", "decal": hatch}, "z": 0,
        "data": [{"value": value} for value in unseen],
    }  # fmt: skip
