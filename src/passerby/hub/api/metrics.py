"""Venues for Prometheus: those that the account may see."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from passerby.hub.contract import VenueState
from passerby.hub.overview import Overview, VenueNow

_GAUGES: dict[str, tuple[str, Callable[[VenueNow], float | None]]] = {
    "passerby_hub_venue_up": ("1 while the venue's site sends.", lambda one: float(one.connected)),
    "passerby_hub_venue_silent": (
        "1 while the venue joined and sends nothing.", lambda one: float(one.state is VenueState.SILENT)
    ),
    "passerby_hub_venue_conforming": (
        "1 while all that is expected is there, live and without findings.",
        lambda one: float(one.state is VenueState.CONFORMING),
    ),
    "passerby_hub_venue_people_inside": (
        "People inside, as of the last closed window.", lambda one: one.inside.people if one.inside else None
    ),
    "passerby_hub_venue_visitors_today": (
        "Visitors of today, by the venue's calendar.",
        lambda one: one.visitors.came.total if one.visitors.came else None,
    ),
    "passerby_hub_venue_cameras_known": ("Cameras that the site has.", lambda one: float(one.cameras.known)),
    "passerby_hub_venue_cameras_down": (
        "Cameras that should count and do not.", lambda one: float(one.cameras.down)
    ),
    "passerby_hub_venue_batches_waiting": (
        "Batches at the site that the hub has not taken.", lambda one: float(one.waiting)
    ),
}  # fmt: skip


class _Venues(Collector):
    def __init__(self, overview: Overview) -> None:
        self._overview = overview

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        for name, (text, told) in _GAUGES.items():
            gauge = GaugeMetricFamily(name, text, labels=["venue", "district"])
            for one in self._overview.venues:
                value = told(one)
                if value is not None:
                    gauge.add_metric([one.venue.slug, one.venue.district], value)
            yield gauge


def venues_exposition(overview: Overview) -> bytes:
    """The text for Prometheus.

    Args:
        overview: what the account may see.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Venues(overview))
    return generate_latest(registry)
