"""The site for Prometheus. In and out come from the store, so they go on counting across restarts."""

import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from passerby import __version__
from passerby.core.tallies import LINE_MEASURES, Measure
from passerby.site.state import CameraState, CameraStatus, SiteState
from passerby.site.store import HOUR_S, Filter, PlaceSum, Store

_GAUGES: dict[str, tuple[str, Callable[[CameraState], float]]] = {
    "passerby_camera_coverage_ratio": ("Share of the video that was observed, since the start.", lambda c: c.coverage),
}
_COUNTERS: dict[str, tuple[str, Callable[[CameraState], float]]] = {
    "passerby_camera_frames_read": ("Frames decoded.", lambda c: c.frames_read),
    "passerby_camera_frames_analysed": ("Frames looked at.", lambda c: c.frames_analysed),
    "passerby_camera_packets_dropped": ("Packets dropped because the machine was behind.", lambda c: c.packets_dropped),
    "passerby_camera_decode_errors": ("Frames that could not be decoded.", lambda c: c.decode_errors),
    "passerby_camera_reconnects": ("Times that the stream was opened again.", lambda c: c.reconnects),
    "passerby_camera_video_seconds": ("Length of the video, in seconds.", lambda c: c.seconds),
    "passerby_camera_observed_seconds": ("Seconds of the video that were observed.", lambda c: c.observed_s),
}


class SiteCollector(Collector):
    """Gathers what Prometheus asks for, at the moment it asks."""

    def __init__(self, store: Store, state: Callable[[], SiteState], clock: Callable[[], float]) -> None:
        self._lifetime = _Lifetime(store, clock)
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        state = self._state()
        yield InfoMetricFamily("passerby", "The program.", {"version": __version__})
        yield from _cameras(state)
        yield from _locks(state)
        yield from _places(self._lifetime.sums())

    def describe(self) -> list[Metric]:
        """Nothing: the names are not asked for before the site runs."""
        return []


def exposition(
    store: Store, state: Callable[[], SiteState], clock: Callable[[], float] = time.time
) -> Callable[[], bytes]:
    """What makes the text for Prometheus; `clock` is the windows' own, in Unix seconds."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector(store, state, clock))
    return lambda: generate_latest(registry)


class _Lifetime:
    """Sums of all that is stored. What is older than an hour is read once an hour: it can be a million rows."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._hour = -1
        self._before: list[PlaceSum] = []

    def sums(self) -> list[PlaceSum]:
        hour = int(self._clock()) // HOUR_S * HOUR_S - HOUR_S
        if hour != self._hour:
            self._before = self._store.sums(Filter(until_unix_s=hour))
            self._hour = hour
        return self._before + self._store.sums(Filter(since_unix_s=hour))


def _cameras(state: SiteState) -> Iterator[Metric]:
    status = GaugeMetricFamily(
        "passerby_camera_status", "1 for the camera's present status.", labels=["camera", "status"]
    )
    for camera in state.cameras:
        for one in CameraStatus:
            status.add_metric([camera.name, one.value], float(camera.status is one))
    yield status
    for name, (text, read) in _GAUGES.items():
        gauge = GaugeMetricFamily(name, text, labels=["camera"])
        for camera in state.cameras:
            gauge.add_metric([camera.name], read(camera))
        yield gauge
    for name, (text, read) in _COUNTERS.items():
        counter = CounterMetricFamily(name, text, labels=["camera"])
        for camera in state.cameras:
            counter.add_metric([camera.name], read(camera))
        yield counter


def _locks(state: SiteState) -> Iterator[Metric]:
    complete = GaugeMetricFamily(
        "passerby_lockdown_complete", "1 while the kernel shuts the worker in.", labels=["worker"]
    )
    restarts = CounterMetricFamily("passerby_worker_restarts", "Times that the worker was replaced.", labels=["worker"])
    for lock in state.lockdown:
        complete.add_metric([lock.worker], float(lock.complete))
        restarts.add_metric([lock.worker], lock.restarts)
    yield complete
    yield restarts
    yield GaugeMetricFamily("passerby_unsafe", "1 if started without the lock-down.", value=float(state.unsafe))
    text = "Messages of workers that broke the contract."
    yield CounterMetricFamily("passerby_messages_refused", text, value=state.messages_refused)
    full = float(state.store_problem is not None)
    yield GaugeMetricFamily("passerby_store_problem", "1 while the store takes no tallies.", value=full)


def _places(sums: list[PlaceSum]) -> Iterator[Metric]:
    crossings = CounterMetricFamily("passerby_crossings", "People who crossed.", labels=["camera", "line", "direction"])
    people = CounterMetricFamily("passerby_person_seconds", "Person-seconds in a zone.", labels=["camera", "zone"])
    seen = CounterMetricFamily(
        "passerby_place_observed_seconds", "Seconds that a place was seen.", labels=["camera", "place"]
    )
    totals: dict[tuple[Measure, str, str], tuple[float, float]] = {}
    for one in sums:
        total, exposure = totals.get((one.measure, one.camera, one.subject), (0.0, 0.0))
        totals[one.measure, one.camera, one.subject] = (total + one.total, exposure + one.exposure)
    for (measure, camera, place), (total, exposure) in totals.items():
        if measure in LINE_MEASURES:
            direction = "in" if measure is Measure.CROSSINGS_IN else "out"
            crossings.add_metric([camera, place, direction], total)
        if measure is Measure.PEOPLE:
            people.add_metric([camera, place], total)
        if measure in (Measure.CROSSINGS_IN, Measure.PEOPLE):
            seen.add_metric([camera, place], exposure)
    yield from (crossings, people, seen)
