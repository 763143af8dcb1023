"""Availability over the day, as a chart and as a table."""

from datetime import tzinfo

from passerby.records.page.chart import GREY, NOTES, TEAL, Options, frame, hatched, html_table
from passerby.records.page.parts import Drawn
from passerby.records.page.words import clock
from passerby.site.pages import shelves_words as words
from passerby.site.reports.shelf_tallies import OnShelf
from passerby.site.reports.shelves import Hours

_PALE = 0.45
_AVAILABLE, _UNSEEN = "Available", "Not seen"


def draw(name: str, hours: Hours, zone: tzinfo | None) -> Drawn:
    """The chart and its table."""
    told = [(clock(window.start_unix_s, zone), one) for window, one in hours.items()]
    unseen = [one.availability is None for _, one in told]
    names = [_AVAILABLE, *([_UNSEEN] if any(unseen) else [])]
    bars: Options = {
        "name": _AVAILABLE, "type": "bar", "barMaxWidth": 34, "barCategoryGap": "20%",
        "itemStyle": {"color": TEAL, "borderRadius": [3, 3, 0, 0]}, "data": [_bar(one) for _, one in told],
    }  # fmt: skip
    axis = {"min": 0, "max": 100, "interval": 25, "axisLabel": {"formatter": "{value} %", "color": GREY}}
    options = {**frame([when for when, _ in told], names, NOTES, **axis), "series": [hatched(_UNSEEN, unseen), bars]}
    rows = [[when, words.share(one), words.seen(one).text.lower() if one.seen_s else "\u2013"] for when, one in told]
    table = html_table(f"{name}: available, today", ["From", _AVAILABLE, "Seen"], rows)
    return Drawn(options, words.course_summary(name, told), table)


def _bar(one: OnShelf) -> Options:
    if one.availability is None:
        return {"value": None}
    note = f"<b>{words.share(one)}</b> available<br>{words.seen(one).text.lower()}"
    bar: Options = {"value": round(one.availability * 100, 1), "note": note}
    if one.coverage < 0.6:
        bar["itemStyle"] = {"opacity": _PALE}
    return bar
