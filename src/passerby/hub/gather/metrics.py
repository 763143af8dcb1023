"""What is gathered, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_LAGS_S = (1, 5, 15, 60, 120, 300, 900, 3600, 6 * 3600, 86_400, 7 * 86_400)
_TIMES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
OUTCOMES = ("new", "known", "set_aside", "not_taken")


class GatherMetrics:
    """Counts. No label names a site: a hub has hundreds, and its page tells of each."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.deliveries = Counter(
            "passerby_hub_deliveries",
            "Requests of sites, by status of the answer.",
            ["status"],
            registry=self.registry,
        )
        self.batches = Counter(
            "passerby_hub_batches",
            "Batches that came: new, known already, set aside since they break the contract, or not taken yet.",
            ["outcome"],
            registry=self.registry,
        )
        self.tallies = Counter("passerby_hub_tallies", "Tallies of new batches.", registry=self.registry)
        self.bytes = Counter("passerby_hub_received_bytes", "Bytes of requests, packed.", registry=self.registry)
        self.strangers = Counter(
            "passerby_hub_strangers", "Requests whose signature is of no site.", registry=self.registry
        )
        self.lag = Histogram(
            "passerby_hub_lag_seconds",
            "From the sealing of a new batch to its arrival, by both clocks.",
            registry=self.registry,
            buckets=_LAGS_S,
        )
        self.took = Histogram(
            "passerby_hub_delivery_seconds",
            "From the arrival of a request to its answer.",
            registry=self.registry,
            buckets=_TIMES_S,
        )
        self.waiting = Gauge("passerby_hub_deliveries_waiting", "Deliveries to be stored.", registry=self.registry)
        for outcome in OUTCOMES:
            self.batches.labels(outcome)

    def exposition(self) -> bytes:
        """The text for Prometheus."""
        return generate_latest(self.registry)
