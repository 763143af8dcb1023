"""How long people stay in a zone, or wait in a queue, as a histogram."""

from passerby.records.page.chart import AMBER, GREY, NOTES, TEAL, Options, frame, html_table
from passerby.records.page.parts import Drawn
from passerby.records.page.words import number
from passerby.site.pages import zones_words as words
from passerby.site.reports import ZoneSeries
from passerby.site.reports.zones import Counts

_Bars = dict[str, tuple[str, Counts]]
_NOBODY: Counts = (0,) * 13


def draw(series: ZoneSeries) -> Drawn:
    """The chart and its table: of a queue by how they left, of another zone by whether the end was seen."""
    bars = _bars(series)
    caption = f"{series.zone}, {'waiting times' if series.is_queue else 'lengths of stay'} today, in people"
    stays = series.sum.queue.wait if series.sum.queue else series.sum.dwell
    label = words.stays_summary(series.zone, stays, is_queue=series.is_queue) if stays else f"{caption}: not seen yet"
    return Drawn(_chart(bars), label, _table(bars, caption))


def _bars(series: ZoneSeries) -> _Bars:
    """Name, colour and 13 counts of each kind of stay."""
    queue, dwell = series.sum.queue, series.sum.dwell
    if series.is_queue:
        lost = dwell.lost if dwell else _NOBODY
        after = queue.wait.lost if queue else _NOBODY
        # `wait.lost` holds both those who gave up and those of whom sight was lost.
        gave_up = tuple(both - unseen for both, unseen in zip(after, lost, strict=True))
        served = queue.wait.left if queue else _NOBODY
        return {"Served": (TEAL, served), "Gave up": (AMBER, gave_up), "Sight lost": (GREY, lost)}
    left, lost = (dwell.left, dwell.lost) if dwell else (_NOBODY, _NOBODY)
    return {"Left": (TEAL, left), "Sight lost": (GREY, lost)}


def _chart(bars: _Bars) -> Options:
    names = words.bucket_names()
    options = frame(names, bars, NOTES, minInterval=1)
    options["xAxis"][0]["axisLabel"] |= {"rotate": 38, "interval": 0, "fontSize": 11, "hideOverlap": False}
    return {**options, "series": [_series(name, colour, counts) for name, (colour, counts) in bars.items()]}


def _series(name: str, colour: str, counts: Counts) -> Options:
    style: Options = {"color": colour}
    if colour == GREY:
        style |= {"opacity": 0.55}
    return {
        "name": name, "type": "bar", "stack": "stays", "barCategoryGap": "18%", "itemStyle": style,
        "data": [{"value": count, "note": f"{name}: <b>{number(count)}</b>"} for count in counts],
    }  # fmt: skip


def _table(bars: _Bars, caption: str) -> str:
    columns = [counts for _, counts in bars.values()]
    rows = [
        [name, *map(number, row)] for name, row in zip(words.bucket_names(), zip(*columns, strict=True), strict=True)
    ]
    return html_table(caption, ["For", *bars], rows)
