"""Lines and zones for Prometheus: counters and histograms out of sums of tallies.

There is no `_sum` of a histogram: of stays only the bucket is known. The last bucket is their number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from passerby.core.dwell import DWELL_EDGES_S
from passerby.core.tallies import LINE_MEASURES, Measure
from passerby.site.lifetime import Sum, Sums

_LE = (*(str(edge) for edge in DWELL_EDGES_S), "+Inf")


@dataclass(frozen=True, slots=True)
class _Counter:
    """A counter of one measure."""

    name: str
    text: str
    measure: Measure
    place: str = "zone"
    read: Callable[[Sum], float] = lambda one: one.totals[0]


def _exposure(one: Sum) -> float:
    return one.exposure


_MASK_HOURS = "in hours in which enough people were judged"
_COUNTERS = (
    _Counter("passerby_person_seconds", "Person-seconds in a zone.", Measure.PEOPLE),
    _Counter("passerby_zone_entered", "People who walked into a zone.", Measure.ENTERED),
    _Counter("passerby_zone_left", "People who walked out of a zone.", Measure.LEFT),
    _Counter("passerby_over_limit_seconds", "Seconds for which a zone was over its crowd limit.", Measure.OVER_LIMIT),
    _Counter(
        "passerby_masks_asked",
        "People who passed a place that asks for masks.",
        Measure.CANNOT_TELL,
        "place",
        _exposure,
    ),
    _Counter("passerby_masks_cannot_tell", "Those of whom it could not be told.", Measure.CANNOT_TELL, "place"),
    _Counter("passerby_masks_judged", f"People judged, {_MASK_HOURS}.", Measure.MASKED, "place", _exposure),
    _Counter("passerby_masks_masked", f"People judged masked, {_MASK_HOURS}.", Measure.MASKED, "place"),
    _Counter("passerby_masks_worn_wrongly", f"Mask under nose or chin, {_MASK_HOURS}.", Measure.WORN_WRONGLY, "place"),
)
_HISTOGRAMS = (
    ("passerby_dwell_seconds", "Stays in a zone that ended by leaving.", Measure.DWELL),
    ("passerby_dwell_lost_seconds", "Stays of which sight was lost, by length until then.", Measure.DWELL_LOST),
    ("passerby_queue_wait_seconds", "Waits of people who left at a queue's head.", Measure.WAITED),
    ("passerby_queue_gave_up_seconds", "Waits of people who left a queue elsewhere.", Measure.GAVE_UP),
)


def places(sums: Sums) -> Iterator[Metric]:
    """All metrics of lines and zones."""
    yield from _seen(sums)
    for counter in _COUNTERS:
        family = CounterMetricFamily(counter.name, counter.text, labels=["camera", counter.place])
        for (measure, camera, place), one in sums.items():
            if measure is counter.measure:
                family.add_metric([camera, place], counter.read(one))
        yield family
    for name, text, measured in _HISTOGRAMS:
        histogram = HistogramMetricFamily(name, text, labels=["camera", "zone"])
        for (measure, camera, zone), one in sums.items():
            if measure is measured:
                buckets = list(zip(_LE, accumulate(one.totals), strict=True))
                histogram.add_metric([camera, zone], buckets, None)
        yield histogram


def _seen(sums: Sums) -> Iterator[Metric]:
    """Crossings, and how long places were seen."""
    crossings = CounterMetricFamily("passerby_crossings", "People who crossed.", labels=["camera", "line", "direction"])
    seen = CounterMetricFamily(
        "passerby_place_observed_seconds", "Seconds that a place was seen.", labels=["camera", "place"]
    )
    for (measure, camera, place), one in sums.items():
        if measure in LINE_MEASURES:
            direction = "in" if measure is Measure.CROSSINGS_IN else "out"
            crossings.add_metric([camera, place, direction], one.totals[0])
        if measure in (Measure.CROSSINGS_IN, Measure.PEOPLE):
            seen.add_metric([camera, place], one.exposure)
    yield from (crossings, seen)
