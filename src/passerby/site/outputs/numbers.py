"""The numbers of today as one flat list: what is published, watched for alerts and streamed.

Nothing here is younger than a window that was closed, so no number tells of the moment of one person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from passerby.core.shares import MaskShare
from passerby.core.tallies import Measure
from passerby.records.page.figures import Figure, PlaceFigures
from passerby.site.occupancy import PlaceReport
from passerby.site.pages.board import Today
from passerby.site.place_windows import GRACE_S
from passerby.site.reports import MaskReport, MaskSeries, ZoneSeries


class Kind(StrEnum):
    """How a number moves."""

    LEVEL = "level"
    """As of the last window that was closed; it goes up and down."""

    RISING = "rising"
    """Since midnight, or since a place opened; it only rises, and begins again at 0."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number about one place.

    Attributes:
        camera: its name; None for a place of the site or the whole site.
        subject: a line, a zone or a place; None for the whole site.
        measure: what it is: "crossings_in", "people", "occupancy", "masked_share" and so on.
        kind: how it moves.
        unit: "people", "s" or "%".
        value: None where nothing was seen, or where of so few people nothing is told.
        coverage: share of its time that was seen, 0..1.
        until_unix_s: where its time ends.
    """

    camera: str | None
    subject: str | None
    measure: str
    kind: Kind
    unit: str
    value: float | None
    coverage: float
    until_unix_s: float

    @property
    def key(self) -> tuple[str | None, str | None, str]:
        """What tells it from all others of a site."""
        return (self.camera, self.subject, self.measure)


def numbers(today: Today) -> tuple[Number, ...]:
    """All numbers, in the order of the configuration: places first, then lines and zones, then masks."""
    zones = {(one.camera, one.zone): one for one in today.zones}
    found: list[Number] = [number for place in today.places for number in _of_place(place)]
    for place in today.figures.places:
        if place.is_line:
            found += _of_line(place)
        else:
            found += _of_zone(place, zones.get((place.camera, place.name)))
    if today.masks:
        found += _of_masks(today.masks, today.as_of_unix_s)
    return tuple(found)


def _of_place(place: PlaceReport) -> Iterator[Number]:
    now = place.now
    coverage, until = (now.coverage, now.end_unix_s) if now else (0.0, place.since_unix_s)
    people = None if now is None or now.people is None else round(now.people, 1)
    yield Number(None, place.name, "occupancy", Kind.LEVEL, "people", people, coverage, until)
    for measure, value in (("entered", place.entered), ("left", place.left)):
        if value is not None:
            yield Number(None, place.name, measure, Kind.RISING, "people", value, coverage, until)


def _of_line(place: PlaceFigures) -> Iterator[Number]:
    for measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT):
        yield _rising(place, measure.label, place.today[measure])


def _of_zone(place: PlaceFigures, told: ZoneSeries | None) -> Iterator[Number]:
    until = place.last_unix_s + place.last_width_s
    people, peak = place.last[Measure.PEOPLE], place.last[Measure.PEAK]
    mean = None if people.mean is None else round(people.mean, 2)
    most = peak.total if peak.seen else None
    for measure, value, figure in (("people", mean, people), ("peak", most, peak)):
        yield Number(place.camera, place.name, measure, Kind.LEVEL, "people", value, figure.coverage, until)
    if told is None:
        return
    whole, coverage = told.sum, place.today[Measure.PEOPLE].coverage
    for measure, value in (("entered", whole.entered), ("left", whole.left)):
        yield Number(place.camera, place.name, measure, Kind.RISING, "people", value, coverage, until)
    stays = {"dwell": whole.dwell, "queue_wait": whole.queue.wait if whole.queue else None}
    for name, one in stays.items():
        if one is not None:
            for measure, value_s in (("median", one.summary.median_s), ("p90", one.summary.p90_s)):
                rounded_s = None if value_s is None else round(value_s, 1)
                yield Number(place.camera, place.name, f"{name}_{measure}", Kind.LEVEL, "s", rounded_s, coverage, until)


def _of_masks(report: MaskReport, as_of_unix_s: float) -> Iterator[Number]:
    """Shares of the last window of which all is there: one that grows would tell, one by one, of who was added."""
    for series in (report.site, *report.places):
        over = [one for one in series.windows if one.window.start_unix_s + one.window.width_s <= as_of_unix_s - GRACE_S]
        if over:
            last = over[-1]
            until = last.window.start_unix_s + last.window.width_s
            yield _share(series, "masked_share", last.share, (last.share.share, until))
            yield _share(series, "cannot_tell_share", last.share, (last.share.cannot_tell_share, until))


def _share(series: MaskSeries, measure: str, told: MaskShare, value: tuple[float | None, float]) -> Number:
    share, until_unix_s = value
    percent = None if share is None or told.withheld else round(100 * share, 1)
    coverage = told.judged / told.asked if told.asked else 0.0
    return Number(series.camera, series.place, measure, Kind.LEVEL, "%", percent, coverage, until_unix_s)


def _rising(place: PlaceFigures, measure: str, figure: Figure) -> Number:
    until = place.last_unix_s + place.last_width_s
    return Number(place.camera, place.name, measure, Kind.RISING, "people", round(figure.total), figure.coverage, until)
