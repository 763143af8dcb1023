"""Runs `mesopic` over a clip in an environment of its own, and prints what it cost as JSON. See `mesopic.py`.

It runs under another Python than passerby, and imports nothing of passerby's. The loop is mesopic's own worker with
its own defaults (at most five pictures a second looked at, every one decoded and turned into BGR); only the address
of the camera is a file, and its detector's threads are one, as for all who are measured here.
"""

import json
import resource
import sys
import time
from types import SimpleNamespace
from typing import Any

import av
from mesopic.analytics.geometry import GeometryAnalytics
from mesopic.analytics.site_geometry import SiteGeometry
from mesopic.config.schema import MesopicConfig
from mesopic.detector.onnx_detector import OnnxDetector
from mesopic.ingest.rtsp import RtspFrameSource
from mesopic.sampler.sampler import FrameSampler
from mesopic.supervisor.worker import camera_loop
from mesopic.tracker.bytetrack import ByteTrackTracker
from mesopic.types import EventKind, Runtime


def _open(path: str) -> Any:
    container = av.open(path)
    container.streams.video[0].codec_context.thread_count = 1
    return container


def _config(order: dict[str, Any]) -> MesopicConfig:
    lines = [
        {
            "line_id": line["name"],
            "camera_id": "camera",
            "a": line["start"],
            "b": line["end"],
            "metrics": ["line_cross"],
        }
        for line in order["lines"]
    ]
    source = {"kind": "rtsp", "url": "rtsp://camera"}
    camera = {"camera_id": "camera", "name": "camera", "source": source, "reference_resolution": order["size_px"]}
    return MesopicConfig.model_validate({"site": {"site_id": "bench"}, "cameras": [camera], "lines": lines})


def main() -> None:
    """Reads an order from standard input, and prints CPU seconds, looks and crossings."""
    order = json.load(sys.stdin)
    config = _config(order)
    limits = config.thresholds
    detector = OnnxDetector(
        order["model"],
        confidence=limits.detection_confidence,
        intra_op_threads=1,
        runtime=Runtime(order["runtime"]),
    )
    tracker = ByteTrackTracker(
        track_thresh=limits.track_thresh,
        max_cost=limits.max_cost,
        max_cost_low=limits.max_cost_low,
        track_memory_s=limits.track_memory_s,
    )
    events: list[Any] = []
    analytics = GeometryAnalytics(SiteGeometry.compile(config), dwell_min_s=limits.dwell_min_s)
    began_s = time.process_time()
    stats = camera_loop(
        "camera",
        source=RtspFrameSource("camera", order["clip"], opener=_open),
        sampler=FrameSampler(target_fps=config.budget.fps_max),
        detector=detector,
        tracker=tracker,
        analytics=analytics,
        sink=SimpleNamespace(put_nowait=events.append),
        fps_min=config.budget.fps_min,
        fps_max=config.budget.fps_max,
    )
    cpu_s = time.process_time() - began_s
    crossed = [(event.line_id, event.direction) for event in events if event.kind is EventKind.LINE_CROSS]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    told = {"cpu_s": cpu_s, "looks": stats.frames_admitted, "crossed": crossed, "peak_mb": peak_mb}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
