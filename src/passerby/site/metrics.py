"""The site for Prometheus: cameras, locks, outputs and places.

Each metric says in its labels only what it is of: a label that does not apply is left out.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from passerby import __version__
from passerby.site.figures import Settings
from passerby.site.lifetime import Lifetime
from passerby.site.metrics_places import Places
from passerby.site.outputs.numbers import numbers
from passerby.site.pages.board import PageBoard
from passerby.site.state import CameraState, CameraStatus, SiteState
from passerby.site.store import Store

_COUNTERS: dict[str, tuple[str, Callable[[CameraState], float]]] = {
    "passerby_camera_frames_read": ("Frames decoded.", lambda c: c.frames_read),
    "passerby_camera_frames_analysed": ("Frames looked at.", lambda c: c.frames_analysed),
    "passerby_camera_reconnects": ("Times that the stream was opened again.", lambda c: c.reconnects),
    "passerby_camera_video_seconds": ("Length of the video, in seconds.", lambda c: c.seconds),
    "passerby_camera_observed_seconds": ("Seconds of the video that were observed.", lambda c: c.observed_s),
}
_DROPPED: dict[str, Callable[[CameraState], int]] = {
    "behind": lambda c: c.packets_dropped,
    "undecodable": lambda c: c.decode_errors,
}


@dataclass(frozen=True, slots=True, eq=False)
class SiteCollector(Collector):
    """Gathers what Prometheus asks for, at the moment it asks.

    Attributes:
        lifetime: sums of all that is stored.
        state: how the site is now.
        settings: lines, zones and the profile.
        board: what is told of today.
    """

    lifetime: Lifetime
    state: Callable[[], SiteState]
    settings: Settings
    board: PageBoard

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        state = self.state()
        yield InfoMetricFamily("passerby", "The program.", {"site": state.site, "version": __version__})
        yield from _cameras(state)
        yield from _locks(state)
        yield from _troubles(state)
        yield from _hub(state)
        yield from Places(self.settings, state.site).metrics(self.lifetime.read(), numbers(self.board.today()))

    def describe(self) -> list[Metric]:
        """Nothing: the names are not asked for before the site runs."""
        return []


def exposition(
    store: Store, state: Callable[[], SiteState], settings: Settings, board: PageBoard
) -> Callable[[], bytes]:
    """What makes the text for Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector(Lifetime(store, settings), state, settings, board))
    return lambda: generate_latest(registry)


def _cameras(state: SiteState) -> Iterator[Metric]:
    labels = ["site", "camera"]
    up = GaugeMetricFamily("passerby_camera_up", "1 while the camera's pictures are counted.", labels=labels)
    age = GaugeMetricFamily(
        "passerby_frame_age_seconds", "Seconds since the video last went on, known every few seconds.", labels=labels
    )
    dropped = CounterMetricFamily(
        "passerby_frames_dropped",
        "Frames that were not looked at: the machine was behind, or they could not be decoded.",
        labels=[*labels, "reason"],
    )
    for camera in state.cameras:
        up.add_metric([state.site, camera.name], float(camera.status is CameraStatus.LIVE))
        if camera.frame_age_s is not None:
            age.add_metric([state.site, camera.name], camera.frame_age_s)
        for reason, read in _DROPPED.items():
            dropped.add_metric([state.site, camera.name, reason], read(camera))
    yield from (up, age, dropped)
    for name, (text, told) in _COUNTERS.items():
        counter = CounterMetricFamily(name, text, labels=labels)
        for camera in state.cameras:
            counter.add_metric([state.site, camera.name], told(camera))
        yield counter


def _locks(state: SiteState) -> Iterator[Metric]:
    labels = ["site", "worker"]
    complete = GaugeMetricFamily("passerby_lockdown_complete", "1 while the kernel shuts the worker in.", labels=labels)
    restarts = CounterMetricFamily("passerby_worker_restarts", "Times that the worker was replaced.", labels=labels)
    out = CounterMetricFamily("passerby_pixel_room_bytes", "Bytes that left the worker's room.", labels=labels)
    for lock in state.lockdown:
        complete.add_metric([state.site, lock.worker], float(lock.complete))
        restarts.add_metric([state.site, lock.worker], lock.restarts)
        out.add_metric([state.site, lock.worker], lock.bytes_out)
    yield from (complete, restarts, out)


def _troubles(state: SiteState) -> Iterator[Metric]:
    site = [state.site]
    unsafe = GaugeMetricFamily("passerby_unsafe", "1 if started without the lock-down.", labels=["site"])
    unsafe.add_metric(site, float(state.unsafe))
    refused = CounterMetricFamily(
        "passerby_messages_refused", "Messages of workers that broke the contract.", labels=["site"]
    )
    refused.add_metric(site, state.messages_refused)
    full = GaugeMetricFamily("passerby_store_problem", "1 while the store takes no tallies.", labels=["site"])
    full.add_metric(site, float(state.store_problem is not None))
    aside = GaugeMetricFamily(
        "passerby_store_set_aside", "1 while a damaged store lies beside the present one.", labels=["site"]
    )
    aside.add_metric(site, float(state.store_set_aside is not None))
    outputs = GaugeMetricFamily(
        "passerby_output_up", "1 while those take it whom the site tells.", labels=["site", "output"]
    )
    for output in state.outputs:
        outputs.add_metric([state.site, output.name], float(output.ok))
    yield from (unsafe, refused, full, aside, outputs)


def _hub(state: SiteState) -> Iterator[Metric]:
    hub = state.hub
    if hub is None:
        return
    site = [state.site]
    up = GaugeMetricFamily("passerby_hub_up", "1 while the hub takes what it is sent.", labels=["site"])
    up.add_metric(site, float(hub.problem is None))
    waiting = GaugeMetricFamily("passerby_outbox_batches", "Batches that the hub has not taken yet.", labels=["site"])
    waiting.add_metric(site, hub.waiting)
    age = GaugeMetricFamily("passerby_outbox_oldest_seconds", "Age of the oldest of them.", labels=["site"])
    age.add_metric(site, max(0.0, time.time() - hub.oldest_unix_s) if hub.oldest_unix_s else 0.0)
    shed = CounterMetricFamily(
        "passerby_outbox_shed", "Batches that were given up since the disk was full, ever.", labels=["site"]
    )
    shed.add_metric(site, hub.shed)
    sent = CounterMetricFamily("passerby_hub_sent_bytes", "Bytes that were sent to the hub.", labels=["site"])
    sent.add_metric(site, hub.bytes_sent)
    yield from (up, waiting, age, shed, sent)
