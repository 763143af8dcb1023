"""A heat map as a chart of cells, with the camera's lines and zones over it as outlines."""

from collections.abc import Iterable, Sequence

from passerby.core.tallies import HEAT_COLUMNS, HEAT_ROWS
from passerby.gate.messages import CameraPlan
from passerby.records.page.chart import GREY, Options, html_table
from passerby.records.page.parts import Drawn
from passerby.records.page.words import DASH
from passerby.site.pages import heat_words as words
from passerby.site.reports import Heat

_RAMP = ["rgba(18,160,143,0.10)", "rgba(18,160,143,1)"]
"""One colour that gets stronger: it is read in order by everyone, on a light ground and on a dark one."""
_FORMATTER = "(p) => p.seriesType === 'heatmap' ? p.data[3] + ' person-minutes' : ''"
_OUTLINE = {"type": "line", "xAxisIndex": 1, "yAxisIndex": 1, "symbol": "none", "silent": True, "z": 5}


def draw(heat: Heat, plan: CameraPlan, when: str) -> Drawn:
    """The map and its table."""
    label = words.summary(heat, plan.name, when)
    return Drawn(_chart(heat, plan), label, _table(heat, f"Person-minutes in each cell, camera {plan.name}, {when}"))


def _chart(heat: Heat, plan: CameraPlan) -> Options:
    cells = [
        [column, row, round(cell / 60, 2), words.minutes(cell)]
        for row, line in enumerate(heat.person_seconds)
        for column, cell in enumerate(line)
        if cell is not None
    ]
    edge: Options = {"type": "value", "min": 0, "max": 1, "show": False}
    grid: Options = {"type": "category", "show": True, "axisLabel": {"show": False}, "axisTick": {"show": False}}
    rule: Options = {"axisLine": {"lineStyle": {"color": GREY, "opacity": 0.4}, "onZero": False}}
    return {
        "animation": False,
        "grid": {"left": 1, "right": 1, "top": 1, "bottom": 1, "show": True, "borderColor": "rgba(128,138,150,0.4)"},
        "tooltip": {":formatter": _FORMATTER, "confine": True},
        "visualMap": {
            "show": False, "min": 0, "max": max(words.most(heat), 0.1), "dimension": 2, "seriesIndex": 0,
            "inRange": {"color": _RAMP},
        },
        "xAxis": [{**grid, **rule, "data": list(range(HEAT_COLUMNS))}, edge],
        "yAxis": [{**grid, **rule, "data": list(range(HEAT_ROWS)), "inverse": True}, {**edge, "inverse": True}],
        "series": [{"type": "heatmap", "data": cells, "emphasis": {"disabled": True}}, *_outlines(plan)],
    }  # fmt: skip


def _outlines(plan: CameraPlan) -> Iterable[Options]:
    """Lines and zones in fractions of the picture; those in pixels are left out, as its size is not known here."""
    for zone in plan.zones:
        if not zone.in_px:
            yield _outline(zone.name, [*zone.corners, zone.corners[0]], "dashed")
    for line in plan.lines:
        if not line.in_px:
            yield _outline(line.name, [line.start, line.end], "solid")


def _outline(name: str, points: Sequence[tuple[float, float]], kind: str) -> Options:
    # Dark with a light border: it is read upon any cell, on a light ground and on a dark one.
    label: Options = {
        "show": True, "formatter": name, "fontSize": 12, "color": "#1b2430",
        "textBorderColor": "rgba(255,255,255,0.85)", "textBorderWidth": 3,
        "position": "insideTopRight" if points[0][0] > 0.7 else "insideTopLeft",
    }  # fmt: skip
    first = {"value": list(points[0]), "symbol": "circle", "symbolSize": 1, "label": label}
    return {
        **_OUTLINE, "data": [first, *([x, y] for x, y in points[1:])], "showSymbol": True,
        "lineStyle": {"color": GREY, "type": kind, "width": 1.5 if kind == "dashed" else 2.5},
        "itemStyle": {"color": GREY},
    }  # fmt: skip


def _table(heat: Heat, caption: str) -> str:
    rows = [
        [f"Row {index + 1}", *(DASH if cell is None else words.minutes(cell) for cell in line)]
        for index, line in enumerate(heat.person_seconds)
    ]
    return html_table(caption, ["From the top", *(str(column + 1) for column in range(HEAT_COLUMNS))], rows)
