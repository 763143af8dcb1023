"""The charts of the history: bars beside those before, and the hours of the week as a map."""

from datetime import tzinfo

from passerby.core.tallies import Measure
from passerby.records.page.chart import FAINT, GREY, NOTES, TEAL, Options, frame, hatched, html_table
from passerby.records.page.parts import Drawn
from passerby.records.page.words import DASH
from passerby.site.history import Bar, HistoryReport, Told
from passerby.site.pages import history_words as words

_PALE = 0.45
_RAMP = ["rgba(18,160,143,0.08)", "rgba(18,160,143,1)"]
_CELL = "(p) => p.data[3]"


def draw(report: HistoryReport, zone: tzinfo | None) -> Drawn:
    """The bars and their table."""
    return Drawn(_chart(report, zone), words.summary(report, zone), _table(report, zone))


def draw_week(report: HistoryReport) -> Drawn:
    """The hours of the week and their table."""
    return Drawn(_week_chart(report), words.week_summary(report), _week_table(report))


def _chart(report: HistoryReport, zone: tzinfo | None) -> Options:
    labels = [words.step(bar.step, report.period.span, zone) for bar in report.bars]
    unseen = [bar.told is not None and not bar.told.seen for bar in report.bars]
    name = words.period(report.period)
    names = [name, "Before", *(["Not seen"] if any(unseen) else [])]
    axis: Options = {"minInterval": 1}
    if report.series.measure is Measure.MASKED:
        axis = {"min": 0, "max": 100, "axisLabel": {"color": GREY, "formatter": "{value}\u202f%"}}
    bars: Options = {"type": "bar", "barMaxWidth": 20, "barGap": "10%", "barCategoryGap": "28%"}
    style: Options = {"color": TEAL, "borderRadius": [3, 3, 0, 0]}
    before: Options = {"color": GREY, "opacity": 0.4, "borderRadius": [3, 3, 0, 0]}
    series = [
        hatched("Not seen", unseen),
        {**bars, "name": "Before", "itemStyle": before, "data": [_before(bar, report) for bar in report.bars]},
        {**bars, "name": name, "itemStyle": style, "data": [_bar(bar, report) for bar in report.bars]},
    ]
    return {**frame(labels, names, NOTES, **axis), "series": series}


def _bar(bar: Bar, report: HistoryReport) -> Options:
    note = words.note(bar, report.series)
    if bar.told is None or bar.told.value is None:
        return {"value": None, "note": note}
    shown: Options = {"value": _value(bar.told, report), "note": note}
    if bar.told.coverage is not None and bar.told.coverage < 0.9:
        shown["itemStyle"] = {"opacity": _PALE}
    return shown


def _before(bar: Bar, report: HistoryReport) -> Options:
    told = bar.before
    if told is None:
        return {"value": None}
    said = words.value(told, report.series)
    return {"value": _value(told, report) if told.value is not None else None, "note": f"before: {said}"}


def _value(told: Told, report: HistoryReport) -> float:
    value = told.value or 0.0
    return round(100 * value, 1) if report.series.measure is Measure.MASKED else round(value, 1)


def _table(report: HistoryReport, zone: tzinfo | None) -> str:
    rows = []
    for bar in report.bars:
        if bar.told is None:
            continue
        before = words.value(bar.before, report.series) if bar.before else DASH
        when = words.step(bar.step, report.period.span, zone)
        rows.append([when, words.value(bar.told, report.series), words.seen(bar.told).text.lower(), before])
    head = ["From" if report.period.span == "day" else "Day", words.NAMES[report.series.measure], "Seen", "Before"]
    return html_table(f"{words.period(report.period)}, {words.place(report.series)}", head, rows)


def _week_chart(report: HistoryReport) -> Options:
    measure = report.series.measure
    known = [cell for cell in report.cells if cell.told.value is not None]
    cells = [
        [
            cell.hour,
            cell.weekday,
            round(cell.told.value or 0.0, 4),
            f"{words.WEEKDAYS[cell.weekday]} {cell.hour:02}:00<br><b>{words.cell_text(cell.told, measure)}</b>, "
            f"{words.seen(cell.told).text.lower()}",
        ]
        for cell in known
    ]
    axis: Options = {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False}}
    label: Options = {"color": GREY, "hideOverlap": True}
    return {
        "animation": False,
        "grid": {**dict.fromkeys(("left", "right", "top", "bottom"), 4), "containLabel": True, "show": True,
                 "borderColor": FAINT},
        "tooltip": {":formatter": _CELL, "confine": True},
        "visualMap": {
            "show": False, "min": 0, "max": max([1e-9, *(cell.told.value or 0.0 for cell in known)]), "dimension": 2,
            "inRange": {"color": _RAMP},
        },
        "xAxis": {**axis, "data": [f"{hour:02}" for hour in range(24)], "axisLabel": label},
        "yAxis": {**axis, "data": list(words.WEEKDAYS), "inverse": True, "axisLabel": label},
        "series": [
            {"type": "heatmap", "data": cells, "emphasis": {"disabled": True}, "itemStyle": {"borderWidth": 1,
             "borderColor": "rgba(128,138,150,0.12)", "borderRadius": 2}},
        ],
    }  # fmt: skip


def _week_table(report: HistoryReport) -> str:
    measure = report.series.measure
    rows = []
    for hour in range(24):
        of_hour = [cell for cell in report.cells if cell.hour == hour]
        rows.append([f"{hour:02}:00", *(words.cell_text(cell.told, measure) for cell in of_hour)])
    return html_table(words.week(report), ["From", *words.WEEKDAYS], rows)
