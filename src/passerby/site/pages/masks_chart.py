"""The course of the masked share over the day, with its intervals."""

from datetime import tzinfo

from passerby.core.shares import MaskShare
from passerby.core.tallies import window_start
from passerby.records.page.chart import NOTES, PALE_TEAL, TEAL, Options, frame, hatched, html_table
from passerby.records.page.parts import Drawn
from passerby.records.page.words import DASH, THIN, clock, number, percent
from passerby.site.pages import masks_words as words
from passerby.site.reports import MaskSeries

_SHARE, _INTERVAL, _WITHHELD = "With a mask", "95 times in 100", "Too few"
_DAY_S = 86_400


def draw(series: MaskSeries, name: str, zone: tzinfo | None) -> Drawn:
    """The chart and its table."""
    steps = _steps(series)
    return Drawn(_chart(steps, zone), _summary(steps, name, zone), _table(steps, name, zone))


def _steps(series: MaskSeries) -> list[tuple[int, MaskShare | None]]:
    """Start and share of each step of the day; None where nothing was tallied."""
    if not series.windows:
        return []
    width_s = max(one.window.width_s for one in series.windows)
    # The night before the first visitor tells nothing.
    asked = [one for one in series.windows if one.share.asked] or series.windows
    found = {window_start(one.window.start_unix_s, width_s): one.share for one in asked}
    return [(start, found.get(start)) for start in range(min(found), min(max(found), min(found) + _DAY_S) + 1, width_s)]


def _chart(steps: list[tuple[int, MaskShare | None]], zone: tzinfo | None) -> Options:
    shares = [share for _, share in steps]
    few = [share is None or share.withheld for share in shares]
    names = [_SHARE, _INTERVAL, *([_WITHHELD] if any(few) else [])]
    axis = {"min": 0, "max": 100, "interval": 25, "axisLabel": {"color": "#7d8794", "formatter": "{value} %"}}
    options = frame([clock(start, zone) for start, _ in steps], names, NOTES, **axis)
    return {**options, "series": [hatched(_WITHHELD, few), *_intervals(shares), _line(shares)]}


def _line(shares: list[MaskShare | None]) -> Options:
    return {
        "name": _SHARE, "type": "line", "symbol": "circle", "symbolSize": 7, "showSymbol": len(shares) <= 60,
        "showAllSymbol": True,
        "itemStyle": {"color": TEAL}, "lineStyle": {"color": TEAL, "width": 2}, "z": 4,
        "data": [
            {
                "value": None if share is None or share.share is None else round(100 * share.share, 1),
                "note": None if share is None else _note(share),
            }
            for share in shares
        ],
    }  # fmt: skip


def _intervals(shares: list[MaskShare | None]) -> list[Options]:
    """Bars from the lower bound to the upper one, upon bars that are not drawn."""
    common: Options = {"type": "bar", "stack": "interval", "barMaxWidth": 12, "silent": True}
    bounds = [(None, None) if one is None else (one.low, one.high) for one in shares]
    low = [None if low is None else round(100 * low, 1) for low, _ in bounds]
    length = [None if low is None or high is None else round(100 * (high - low), 1) for low, high in bounds]
    return [
        {**common, "name": "", "data": low, "itemStyle": {"color": "transparent"}},
        {**common, "name": _INTERVAL, "data": length, "itemStyle": {"color": PALE_TEAL, "borderRadius": 3}},
    ]


def _note(share: MaskShare) -> str:
    if share.withheld:
        return f"{words.WITHHELD.lower()} ({number(share.judged)} judged)"
    return f"<b>{words.share(share)}</b> {words.between(share)}<br>of {number(share.judged)} judged"


def _summary(steps: list[tuple[int, MaskShare | None]], name: str, zone: tzinfo | None) -> str:
    told = [(share.share, start) for start, share in steps if share and share.share is not None]
    if not told:
        return f"{name}, share with a mask today: too few people yet"
    (low, at_low), (high, at_high) = min(told), max(told)
    return (
        f"{name}, share with a mask today: least {percent(low)} from {clock(at_low, zone)}, "
        f"most {percent(high)} from {clock(at_high, zone)}"
    )


def _table(steps: list[tuple[int, MaskShare | None]], name: str, zone: tzinfo | None) -> str:
    rows = []
    for start, share in steps:
        if share is None:
            rows.append([clock(start, zone), "nobody, or not seen", DASH, DASH, DASH])
            continue
        told = words.WITHHELD.lower() if share.withheld else words.share(share)
        unknown = DASH if share.cannot_tell_share is None else percent(share.cannot_tell_share)
        between = words.between(share).strip("()") or DASH
        rows.append([clock(start, zone), told, between, number(share.judged), unknown])
    head = ["From", "With a mask", "95 times in 100", "Judged", "Could not be told"]
    return html_table(f"{name}, share with a mask, today", head, rows).replace(THIN, "&#8239;")
