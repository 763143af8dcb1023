"""Lines, zones and places for Prometheus: counters and histograms out of sums of tallies, and how many are inside.

There is no `_sum` of a histogram: of stays only the bucket is known. The last bucket is their number.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import accumulate

from prometheus_client.metrics_core import Metric

from passerby.core.dwell import DWELL_EDGES_S
from passerby.core.tallies import LINE_MEASURES, Measure
from passerby.site.figures import Settings
from passerby.site.lifetime import Counted, Sum, Sums, nothing
from passerby.site.outputs.numbers import Number

_LE = (*(str(edge) for edge in DWELL_EDGES_S), "+Inf")
_INSIDE = {"occupancy": "place", "people": "zone"}
"""Which numbers tell how many are inside, and of what."""


@dataclass(frozen=True, slots=True)
class _Counter:
    """A counter of some measures."""

    name: str
    text: str
    measures: tuple[Measure, ...]
    read: Callable[[Sum], float] = lambda one: one.totals[0]


def _exposure(one: Sum) -> float:
    return one.exposure


_CROSSINGS = _Counter("passerby_crossings", "People who crossed.", LINE_MEASURES)
_COUNTERS = (
    _Counter(
        "passerby_observed_seconds",
        "Seconds that a line or zone was seen.",
        (Measure.CROSSINGS_IN, Measure.PEOPLE),
        _exposure,
    ),
    _Counter("passerby_person_seconds", "Person-seconds in a zone.", (Measure.PEOPLE,)),
    _Counter("passerby_zone_entered", "People who walked into a zone.", (Measure.ENTERED,)),
    _Counter("passerby_zone_left", "People who walked out of a zone.", (Measure.LEFT,)),
    _Counter("passerby_over_limit_seconds", "Seconds that a zone was over its crowd limit.", (Measure.OVER_LIMIT,)),
    _Counter("passerby_masks_asked", "People who passed where masks are asked for.", (Measure.CANNOT_TELL,), _exposure),
)
_HISTOGRAMS = (
    ("passerby_dwell_seconds", "Stays in a zone that ended by leaving.", Measure.DWELL),
    ("passerby_dwell_lost_seconds", "Stays of which sight was lost, by length until then.", Measure.DWELL_LOST),
    ("passerby_queue_wait_seconds", "Waits of people who left at a queue's head.", Measure.WAITED),
    ("passerby_queue_gave_up_seconds", "Waits of people who left a queue elsewhere.", Measure.GAVE_UP),
)


class Places:
    """The lines, zones and places of a site.

    Args:
        settings: which there are, and whether only the whole site is told of.
        site: name of the venue.
    """

    def __init__(self, settings: Settings, site: str) -> None:
        self._site = site
        self._site_only = settings.site_only
        self._lines = {(plan.name, line.name) for plan in settings.plans for line in plan.lines}
        # What nobody passed yet is 0, so that the first who do are a rise.
        self._zeros = {
            (measure, plan.name, place.name): nothing(measure)
            for plan in settings.plans
            for place in plan.places
            for measure in place.measures
        }

    def metrics(self, counted: Counted, numbers: Iterable[Number]) -> Iterator[Metric]:
        """All of them."""
        sums = self._zeros | counted.sums
        self._lines |= {(camera, place) for measure, camera, place in sums if measure in LINE_MEASURES}
        yield self._inside(numbers)
        yield self._crossings(sums)
        for counter in _COUNTERS:
            yield self._counter(counter, sums)
        yield self._judgements(counted)
        for name, text, measured in _HISTOGRAMS:
            family = Metric(name, text, "histogram")
            for (measure, camera, place), one in sums.items():
                if measure is measured:
                    for le, count in zip(_LE, accumulate(one.totals), strict=True):
                        family.add_sample(f"{name}_bucket", {**self._labels(camera, place), "le": le}, count)
            yield family

    def _inside(self, numbers: Iterable[Number]) -> Metric:
        text = "People inside a place of the site, or on average in a zone, in the last window; absent if not seen."
        family = Metric("passerby_occupancy", text, "gauge")
        for number in numbers:
            if number.measure in _INSIDE and number.subject and number.value is not None:
                camera = {"camera": number.camera} if number.camera else {}
                labels = {"site": self._site, **camera, _INSIDE[number.measure]: number.subject}
                family.add_sample("passerby_occupancy", labels, number.value)
        return family

    def _crossings(self, sums: Sums) -> Metric:
        family = Metric(_CROSSINGS.name, _CROSSINGS.text, "counter")
        for (measure, camera, place), one in sums.items():
            if measure in _CROSSINGS.measures:
                direction = "in" if measure is Measure.CROSSINGS_IN else "out"
                labels = {**self._labels(camera, place), "direction": direction}
                family.add_sample(f"{_CROSSINGS.name}_total", labels, _CROSSINGS.read(one))
        return family

    def _counter(self, counter: _Counter, sums: Sums) -> Metric:
        family = Metric(counter.name, counter.text, "counter")
        for (measure, camera, place), one in sums.items():
            if measure in counter.measures:
                family.add_sample(f"{counter.name}_total", self._labels(camera, place), counter.read(one))
        return family

    def _judgements(self, counted: Counted) -> Metric:
        text = "Judgements of masks, in hours in which enough people were judged."
        family = Metric("passerby_mask_judgements", text, "counter")
        for (camera, place), judgements in counted.judgements.items():
            for judgement, people in asdict(judgements).items():
                labels = {**self._labels(camera, place), "judgement": judgement}
                family.add_sample("passerby_mask_judgements_total", labels, people)
        return family

    def _labels(self, camera: str, place: str) -> dict[str, str]:
        if self._site_only:
            return {"site": self._site}
        return {"site": self._site, "camera": camera, "line" if (camera, place) in self._lines else "zone": place}
