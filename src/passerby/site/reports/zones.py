"""How many people are in each zone, how long they stay, and how queues do."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from passerby.core.dwell import DWELL_EDGES_S, DwellSummary, littles_law_wait_s, summary
from passerby.core.tallies import DWELL_BUCKETS, QUEUE_MEASURES, ZONE_MEASURES, Measure, Tally
from passerby.site.figures import Settings
from passerby.site.reports.asked import Asked, Queries, Where, Window, by_window, read, rounded

_MEASURES = (*ZONE_MEASURES, Measure.OVER_LIMIT, *QUEUE_MEASURES)
Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stays:
    """How long people stay in a zone, or wait in a queue.

    Attributes:
        left: 13 counts of stays that ended by leaving (of a queue: by being served), by bucket; see
            `core.dwell.DWELL_EDGES_S`.
        lost: 13 counts of stays of which the end is not known: sight was lost, or in a queue they gave up.
        summary: median, 90th percentile and mean.
    """

    left: Counts
    lost: Counts
    summary: DwellSummary

    @staticmethod
    def of(left: Counts, lost: Counts) -> "Stays":
        """Sums up two histograms."""
        return Stays(left, lost, summary(left, lost))

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "visits": round(self.summary.visits),
            "median_s": rounded(self.summary.median_s, 1),
            "p90_s": rounded(self.summary.p90_s, 1),
            "mean_s": rounded(self.summary.mean_s, 1),
            "censored_share": rounded(self.summary.censored_share),
            "known_to_s": self.summary.known_to_s,
            "left": list(self.left),
            "lost": list(self.lost),
        }


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How a queue does. Its length is the zone's `mean` and `max`.

    Attributes:
        served: people who left at the head.
        gave_up: people who left elsewhere.
        abandonment_share: gave up by all of both, 0..1; None where there is none of both.
        wait: time until served, where those who gave up or were lost would have waited at least so long.
        littles_law_wait_s: mean wait from the length alone, as a check; None where nobody left.
    """

    served: int
    gave_up: int
    abandonment_share: float | None
    wait: Stays
    littles_law_wait_s: float | None

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "served": self.served,
            "gave_up": self.gave_up,
            "abandonment_share": rounded(self.abandonment_share),
            "wait": self.wait.as_dict(),
            "littles_law_wait_s": rounded(self.littles_law_wait_s, 1),
        }


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """A zone in a window or over a span. All but the first two is None where nothing was seen.

    Attributes:
        observed_s: seconds seen.
        coverage: share of the time that was seen, 0..1.
        mean: mean number of people.
        max: most people at once.
        person_minutes: minutes of all people together.
        entered, left: people who walked in and out.
        over_limit_s, over_limit_share: seconds over the crowd limit, and their share of the seconds seen; None
            without a limit.
        dwell: how long people stay.
        queue: None for a zone that is no queue.
    """

    observed_s: float
    coverage: float
    mean: float | None = None
    max: int | None = None
    person_minutes: float | None = None
    entered: int | None = None
    left: int | None = None
    over_limit_s: float | None = None
    over_limit_share: float | None = None
    dwell: Stays | None = None
    queue: QueueFigures | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "observed_s": rounded(self.observed_s, 1),
            "coverage": rounded(self.coverage, 4),
            "mean": rounded(self.mean, 4),
            "max": self.max,
            "person_minutes": rounded(self.person_minutes, 2),
            "entered": self.entered,
            "left": self.left,
            "over_limit_s": rounded(self.over_limit_s, 1),
            "over_limit_share": rounded(self.over_limit_share, 4),
            "dwell": self.dwell.as_dict() if self.dwell else None,
            "queue": self.queue.as_dict() if self.queue else None,
        }


@dataclass(frozen=True, slots=True)
class ZoneWindow:
    """One window of a zone."""

    window: Window
    figures: ZoneFigures


@dataclass(frozen=True, slots=True)
class ZoneSeries:
    """A zone over a span.

    Attributes:
        camera, zone: which.
        crowd_limit: how many people may be in it, or None.
        is_queue: whether the configuration gives it a head and a tail.
        sum: all windows of the span.
        windows: those in which anything was tallied, the earliest first.
    """

    camera: str
    zone: str
    crowd_limit: int | None
    is_queue: bool
    sum: ZoneFigures
    windows: tuple[ZoneWindow, ...]

    def as_dict(self, zone: tzinfo | None = None) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "camera": self.camera,
            "zone": self.zone,
            "crowd_limit": self.crowd_limit,
            "is_queue": self.is_queue,
            "sum": self.sum.as_dict(),
            "windows": [{**one.window.as_dict(zone), **one.figures.as_dict()} for one in self.windows],
        }


@dataclass(frozen=True, slots=True)
class ZoneReport:
    """All zones."""

    zones: tuple[ZoneSeries, ...]

    def as_dict(self, zone: tzinfo | None = None) -> dict[str, Any]:
        """As the API writes it."""
        return {"dwell_edges_s": list(DWELL_EDGES_S), "zones": [one.as_dict(zone) for one in self.zones]}


def zone_report(store: Queries, asked: Asked, settings: Settings) -> ZoneReport:
    """Reads the store, and tells of each zone.

    Raises:
        StoreError: the store cannot be read.
    """
    zones = asked.places(settings, Measure.PEOPLE)
    until_unix_s = asked.end_unix_s(settings)
    return ZoneReport(
        tuple(_series(where, read(store, asked, where, _MEASURES), settings, until_unix_s) for where in zones)
    )


def _series(where: Where, tallies: list[Tally], settings: Settings, until_unix_s: float) -> ZoneSeries:
    plan = next(
        (zone for one in settings.plans if one.name == where[0] for zone in one.zones if zone.name == where[1]), None
    )
    is_queue = bool(plan and plan.queue)
    first = min((tally.start_unix_s for tally in tallies), default=0)
    last = max((tally.start_unix_s + tally.width_s for tally in tallies), default=0)
    span_s = max(last, until_unix_s) - first if tallies else 0.0
    return ZoneSeries(
        camera=where[0],
        zone=where[1],
        crowd_limit=plan.crowd_limit if plan else None,
        is_queue=is_queue,
        sum=zone_figures(tallies, span_s, is_queue=is_queue),
        windows=tuple(
            ZoneWindow(window, zone_figures(group, window.width_s, is_queue=is_queue))
            for window, group in by_window(tallies).items()
        ),
    )


def zone_figures(tallies: list[Tally], span_s: float, *, is_queue: bool) -> ZoneFigures:
    """Figures of a zone.

    Args:
        tallies: of one zone, of any windows; those of masks do not matter.
        span_s: seconds that could have been seen.
        is_queue: tell of it as of a queue.
    """
    of: dict[Measure, list[Tally]] = {measure: [] for measure in _MEASURES}
    for tally in tallies:
        if tally.measure in of:
            of[tally.measure].append(tally)
    total = {measure: sum(tally.total for tally in found) for measure, found in of.items()}
    observed_s = sum(tally.exposure for tally in of[Measure.PEOPLE])
    coverage = min(1.0, observed_s / span_s) if span_s > 0 else 0.0
    if not observed_s:
        return ZoneFigures(0.0, 0.0)
    limited_s = sum(tally.exposure for tally in of[Measure.OVER_LIMIT])
    return ZoneFigures(
        observed_s=observed_s,
        coverage=coverage,
        mean=total[Measure.PEOPLE] / observed_s,
        max=round(max((tally.total for tally in of[Measure.PEAK]), default=0)),
        person_minutes=total[Measure.PEOPLE] / 60,
        entered=round(total[Measure.ENTERED]),
        left=round(total[Measure.LEFT]),
        over_limit_s=total[Measure.OVER_LIMIT] if limited_s else None,
        over_limit_share=total[Measure.OVER_LIMIT] / limited_s if limited_s else None,
        dwell=Stays.of(_histogram(of[Measure.DWELL]), _histogram(of[Measure.DWELL_LOST])),
        queue=_queue(of, total) if is_queue else None,
    )


def _queue(of: dict[Measure, list[Tally]], total: dict[Measure, float]) -> QueueFigures:
    served, gave_up = _histogram(of[Measure.WAITED]), _histogram(of[Measure.GAVE_UP])
    lost = _histogram(of[Measure.DWELL_LOST])
    outcomes = sum(served) + sum(gave_up)
    return QueueFigures(
        served=sum(served),
        gave_up=sum(gave_up),
        abandonment_share=sum(gave_up) / outcomes if outcomes else None,
        wait=Stays.of(served, tuple(a + b for a, b in zip(gave_up, lost, strict=True))),
        littles_law_wait_s=littles_law_wait_s(total[Measure.PEOPLE], total[Measure.LEFT]),
    )


def _histogram(tallies: list[Tally]) -> Counts:
    counts = [0] * DWELL_BUCKETS
    for tally in tallies:
        counts[tally.part] += round(tally.total)
    return tuple(counts)
