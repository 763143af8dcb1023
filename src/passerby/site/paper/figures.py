"""The figures of a report, from the store: of a day or a week, each with how much of it was seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo

from passerby.core.occupancy import Occupancy
from passerby.core.shares import MaskShare
from passerby.core.tallies import LINE_MEASURES, MIN_WINDOW_S, QUEUE_MEASURES, ZONE_MEASURES, Measure, Tally
from passerby.records.page.figures import Figure
from passerby.site.corrections import Corrections
from passerby.site.figures import Settings
from passerby.site.occupancy import past_course
from passerby.site.paper.periods import Period, midnight_of, moment_of
from passerby.site.paper.proved import Beside, Proof
from passerby.site.place_windows import Day, PlaceSettings, Spot
from passerby.site.reports import Asked, ZoneFigures, mask_report
from passerby.site.reports.zones import zone_figures
from passerby.site.store import Filter, StoredTallies, StoredTally

QUARTER_S = 900
_ZONE = (*ZONE_MEASURES, Measure.OVER_LIMIT, *QUEUE_MEASURES)


@dataclass(frozen=True, slots=True)
class Door:
    """A line.

    Attributes:
        camera, line: which.
        entered, left: people, with what was seen.
        before: people who entered in the same time a week before.
        proof: how well the count was proved, or None.
    """

    camera: str
    line: str
    entered: Figure
    left: Figure
    before: Figure
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Step:
    """An hour of a day, or a day of a week, of all lines together.

    Attributes:
        start_unix_s: where it begins.
        number: of the hour, 0..23, or of the day, 0 for Monday.
        entered, before: people; a week before in `before`.
    """

    start_unix_s: float
    number: int
    entered: Figure
    before: Figure


@dataclass(frozen=True, slots=True)
class Inside:
    """A place: when most people were inside; None where nothing was seen."""

    place: str
    most: Occupancy | None
    crowd_limit: int | None
    coverage: float


@dataclass(frozen=True, slots=True)
class ZonePart:
    """A zone."""

    camera: str
    zone: str
    figures: ZoneFigures


@dataclass(frozen=True, slots=True)
class MaskPart:
    """A place that asks for masks, or the whole site: then camera and place are None."""

    camera: str | None
    place: str | None
    share: MaskShare


@dataclass(frozen=True, slots=True)
class AislePart:
    """On-shelf availability of an aisle, or of a shelf without one, 0..1; None where nothing was seen."""

    name: str
    availability: float | None
    coverage: float


@dataclass(frozen=True, slots=True)
class CameraPart:
    """A camera with the share of the time that it saw, 0..1; None where no line or zone of it is kept."""

    camera: str
    coverage: float | None


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """All that a report tells.

    Attributes:
        period: which day or week.
        since_unix_s, until_unix_s: what of it is over.
        over: whether all of it is.
        doors, steps, inside, zones, masks, cameras: its parts, in the order of the configuration.
        entered, left, before: of all lines together.
        counted: whether anything was counted at all.
        unsafe: whether any of it was counted without the lock-down.
        minimum_judged: of fewer people no share of masks is told.
        site_only: the site keeps totals of the whole site alone.
        aisles: on-shelf availability; see `paper.aisles`.
    """

    period: Period
    since_unix_s: float
    until_unix_s: float
    over: bool
    doors: tuple[Door, ...]
    steps: tuple[Step, ...]
    inside: tuple[Inside, ...]
    zones: tuple[ZonePart, ...]
    masks: tuple[MaskPart, ...]
    cameras: tuple[CameraPart, ...]
    entered: Figure
    left: Figure
    before: Figure
    counted: bool
    unsafe: bool
    minimum_judged: int
    site_only: bool
    aisles: tuple[AislePart, ...] = ()


def gather(
    store: StoredTallies, settings: Settings, places: Sequence[PlaceSettings], period: Period, beside: Beside
) -> ReportFigures:
    """Reads the store.

    Args:
        store: where tallies are.
        settings: of the site; its clock says what of the period is over.
        places: whose occupancy is told.
        period: which day or week.
        beside: what is known of the proof of each line.

    Raises:
        StoreError: the store cannot be read.
    """
    since, end = period.bounds(settings.zone)
    until = max(since, min(end, settings.clock() // MIN_WINDOW_S * MIN_WINDOW_S))
    now = _Reading(store, settings, since, until)
    begun, ended = period.week_before.bounds(settings.zone)
    then = _Reading(store, settings, begun, ended if until >= end else _week_before(until, settings.zone))
    doors = tuple(_door(line, now, then, beside) for line in now.lines)
    zones = tuple(ZonePart(*zone, now.zone(zone)) for zone in now.zones)
    masks = tuple(_masks(store, settings, Asked(since, until)))
    return ReportFigures(
        period=period,
        since_unix_s=since,
        until_unix_s=until,
        over=until >= end,
        doors=doors,
        steps=tuple(_steps(period, settings, now, then)),
        inside=tuple(_inside(store, settings, place, period) for place in places if not settings.site_only),
        zones=zones,
        masks=masks,
        cameras=tuple(CameraPart(plan.name, now.coverage(plan.name)) for plan in settings.plans),
        entered=total([door.entered for door in doors]),
        left=total([door.left for door in doors]),
        before=total([door.before for door in doors]),
        counted=now.counted or any(part.share.asked for part in masks),
        unsafe=now.unsafe,
        minimum_judged=settings.minimum_judged,
        site_only=settings.site_only,
    )


def _door(spot: Spot, now: "_Reading", then: "_Reading", beside: Beside) -> Door:
    entered, left = (now.figure(spot, measure) for measure in LINE_MEASURES)
    return Door(*spot, entered, left, then.figure(spot, Measure.CROSSINGS_IN), beside(*spot))


def total(figures: Iterable[Figure]) -> Figure:
    """The sum of figures that are about the same time: all lines together."""
    several = list(figures)
    return Figure(
        sum(one.total for one in several), sum(one.exposure for one in several), sum(one.span_s for one in several)
    )


class _Reading:
    """What the store holds of all lines and zones in a span of time."""

    def __init__(self, store: StoredTallies, settings: Settings, since_unix_s: float, until_unix_s: float) -> None:
        self._store = store
        self._since, self._until = since_unix_s, until_unix_s
        asked = Asked(since_unix_s, until_unix_s)
        self.lines = asked.places(settings, Measure.CROSSINGS_IN)
        self.zones = asked.places(settings, Measure.PEOPLE)
        self._queues = set(asked.places(settings, Measure.WAITED))
        # Any zone's midnight and full hours lie on quarters of an hour; no finer windows are needed.
        self._width_s = max(QUARTER_S, settings.window_s)
        self._rows = {
            **{(spot, measure): self._read(spot, measure) for spot in self.lines for measure in LINE_MEASURES},
            **{(spot, measure): self._read(spot, measure) for spot in self.zones for measure in _ZONE},
        }
        whole = [(("site", "site"), Measure.CANNOT_TELL)] if settings.site_only else []
        self._rows |= {(spot, measure): self._read(spot, measure) for spot, measure in whole}

    @property
    def counted(self) -> bool:
        """Whether there is anything."""
        return any(self._rows.values())

    @property
    def unsafe(self) -> bool:
        """Whether any of it was counted without the lock-down."""
        return any(row.unsafe for rows in self._rows.values() for row in rows)

    def figure(self, spot: Spot, measure: Measure) -> Figure:
        """A total over all of it."""
        return self._sum(self._tallies(spot, measure), self._until - self._since)

    def within(self, since_unix_s: float, until_unix_s: float) -> Figure:
        """People who came in by all lines in a part of it."""
        until = min(until_unix_s, self._until)
        span_s = max(0.0, until - since_unix_s)
        tallies = [
            [one for one in self._tallies(line, Measure.CROSSINGS_IN) if since_unix_s <= one.start_unix_s < until]
            for line in self.lines
        ]
        return total(self._sum(found, span_s) for found in tallies)

    def zone(self, spot: Spot) -> ZoneFigures:
        """Figures of a zone."""
        plain = [tally for measure in _ZONE for tally in self._tallies(spot, measure)]
        return zone_figures(plain, self._until - self._since, is_queue=spot in self._queues)

    def coverage(self, camera: str) -> float | None:
        """The share of the time that a camera saw."""
        seen = [self.figure(spot, Measure.CROSSINGS_IN).coverage for spot in self.lines if spot[0] == camera]
        seen += [self.figure(spot, Measure.PEOPLE).coverage for spot in self.zones if spot[0] == camera]
        return max(seen, default=None)

    def _tallies(self, spot: Spot, measure: Measure) -> list[Tally]:
        return [row.tally for row in self._rows[spot, measure]]

    def _read(self, spot: Spot, measure: Measure) -> list[StoredTally]:
        which = Filter(spot[0], measure, spot[1], self._since, self._until, self._width_s)
        return self._store.rows(which)

    @staticmethod
    def _sum(tallies: list[Tally], span_s: float) -> Figure:
        return Figure(sum(one.total for one in tallies), sum(one.exposure for one in tallies), span_s)


def _steps(period: Period, settings: Settings, now: _Reading, then: _Reading) -> Iterable[Step]:
    if not now.lines:
        return
    zone = settings.zone
    for day in period.days:
        starts = [midnight_of(day, zone)]
        if period.span == "day":
            starts = list(_hours(starts[0], midnight_of(day + timedelta(1), zone)))
        ends = [*starts[1:], midnight_of(day + timedelta(1), zone)]
        for start, end in zip(starts, ends, strict=True):
            number = datetime.fromtimestamp(start, zone).hour if period.span == "day" else day.weekday()
            ago = _week_before(start, zone)
            yield Step(start, number, now.within(start, end), then.within(ago, ago + end - start))


def _week_before(moment_unix_s: float, zone: tzinfo | None) -> float:
    """The same time by the clock, a week before: a change of clocks between them shifts it."""
    return (datetime.fromtimestamp(moment_unix_s, zone) - timedelta(7)).timestamp()


def _hours(since_unix_s: float, until_unix_s: float) -> Iterable[float]:
    """Full hours of a day: 23 or 25 of them where clocks change."""
    moment = since_unix_s
    while moment < until_unix_s:
        yield moment
        moment += 3600


def _inside(store: StoredTallies, settings: Settings, place: PlaceSettings, period: Period) -> Inside:
    """When most were inside, from the opening on each day to the next one."""
    told: list[Occupancy] = []
    corrections = Corrections(store.file)
    for date in period.days:
        opened, closed = (moment_of(one, place.opens or time(), settings.zone) for one in (date, date + timedelta(1)))
        day = Day(opened, min(closed, settings.clock()), settings.window_s)
        if day.until_unix_s > opened:
            found = _of_place(store, place, day)
            told += past_course(place, day, found, corrections.since(opened))
    seen = [one for one in told if one.people is not None and one.coverage > 0]
    most = max(seen, key=lambda one: one.people or 0.0, default=None)
    coverage = sum(one.coverage for one in told) / len(told) if told else 0.0
    return Inside(place.name, most, place.crowd_limit, coverage)


def _of_place(store: StoredTallies, place: PlaceSettings, day: Day) -> dict[Spot, list[Tally]]:
    since, until = day.opened_unix_s // 3600 * 3600, day.until_unix_s
    asked = [(line, measure) for line in place.lines for measure in LINE_MEASURES]
    asked += [(zone, Measure.PEOPLE) for zone in place.zones]
    found: dict[Spot, list[Tally]] = {}
    for spot, measure in asked:
        found.setdefault(spot, []).extend(store.query(Filter(spot[0], measure, spot[1], since, until)))
    return found


def _masks(store: StoredTallies, settings: Settings, asked: Asked) -> Iterable[MaskPart]:
    asking = {(plan.name, place.name) for plan in settings.plans for place in plan.places if _asks(place.measures)}
    if not (asking or settings.site_only):
        return
    report = mask_report(store, replace(asked, width_s=3600), settings)
    places = [one for one in report.places if (one.camera, one.place) in asking]
    if len(places) != 1:
        yield MaskPart(None, None, report.site.sum)
    for one in places:
        yield MaskPart(one.camera, one.place, one.sum)


def _asks(measures: Sequence[Measure]) -> bool:
    return Measure.MASKED in measures
