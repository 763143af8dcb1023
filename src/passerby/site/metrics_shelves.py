"""Shelves for Prometheus: how many facings are so now, availability, and for how long the oldest gap has been one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from passerby.core.shelves import FacingState
from passerby.site.shelf_states import ShelfNow


@dataclass(frozen=True, slots=True, eq=False)
class _Shelves(Collector):
    site: str
    shelves: Sequence[ShelfNow]
    now_unix_s: float

    def collect(self) -> Iterator[Metric]:
        """All metrics; of a shelf that cannot be seen there are only its facings."""
        facings = Metric("passerby_shelf_facings", "Facings of a shelf that are so now.", "gauge")
        share = Metric(
            "passerby_shelf_availability_ratio", "Share of the facings seen now that are not empty.", "gauge"
        )
        gap = Metric("passerby_shelf_longest_gap_seconds", "How long the oldest gap has been one; 0: no gap.", "gauge")
        for one in self.shelves:
            aisle = {"aisle": one.shelf.aisle} if one.shelf.aisle is not None else {}
            labels = {"site": self.site, "camera": one.shelf.camera, "shelf": one.shelf.shelf, **aisle}
            for state in FacingState:
                facings.add_sample(facings.name, {**labels, "state": state.name.lower()}, one.count(state))
            if one.availability is not None:
                share.add_sample(share.name, labels, one.availability)
                longest_s = max((self.now_unix_s - each.since_unix_s for each in one.gaps), default=0.0)
                gap.add_sample(gap.name, labels, max(0.0, longest_s))
        yield from (facings, share, gap)

    def describe(self) -> list[Metric]:
        """Nothing: the names are not asked for."""
        return []


def shelves_exposition(site: str, shelves: Sequence[ShelfNow], now_unix_s: float) -> bytes:
    """The text for Prometheus.

    Args:
        site: name of the venue.
        shelves: how they are.
        now_unix_s: the site's clock.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Shelves(site, shelves, now_unix_s))
    return generate_latest(registry)
