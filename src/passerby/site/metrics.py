"""The site for Prometheus: cameras, locks and places."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from passerby import __version__
from passerby.site.figures import Settings
from passerby.site.lifetime import Lifetime
from passerby.site.metrics_places import places
from passerby.site.state import CameraState, CameraStatus, SiteState
from passerby.site.store import Store

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

    def __init__(self, store: Store, state: Callable[[], SiteState], settings: Settings) -> None:
        self._lifetime = Lifetime(store, settings)
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        state = self._state()
        yield InfoMetricFamily("passerby", "The program.", {"version": __version__})
        yield from _cameras(state)
        yield from _locks(state)
        yield from places(self._lifetime.read())

    def describe(self) -> list[Metric]:
        """Nothing: the names are not asked for before the site runs."""
        return []


def exposition(store: Store, state: Callable[[], SiteState], settings: Settings) -> Callable[[], bytes]:
    """What makes the text for Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector(store, state, settings))
    return lambda: generate_latest(registry)


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
