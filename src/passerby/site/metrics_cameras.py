"""Cameras as devices for Prometheus: what is wrong with each, and the figures behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from passerby.gate.audit_contract import CameraReport, Severity
from passerby.site.state import SiteChecks

_DAY_S = 86_400.0
_FIGURES: dict[str, tuple[str, Callable[[CameraReport], float | None]]] = {
    "passerby_camera_fps": ("Frames a second, as they come.", lambda r: r.video.fps),
    "passerby_camera_sharpness": ("0 where nothing in the picture has an edge, to 1.", lambda r: r.picture.sharpness),
    "passerby_camera_dark_ratio": ("Share of the picture that is black.", lambda r: r.picture.dark),
    "passerby_camera_clock_drift_seconds": (
        "How far the camera's clock runs ahead of this machine's.",
        lambda r: r.device.clock.drift_s if r.device.clock else None,
    ),
    "passerby_camera_looked_at_timestamp_seconds": ("When it was looked at last.", lambda r: r.looked_unix_s),
}


@dataclass(frozen=True, slots=True, eq=False)
class _Cameras(Collector):
    site: str
    checks: SiteChecks

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        labels = ["site", "camera"]
        findings = GaugeMetricFamily(
            "passerby_camera_findings", "What is wrong with the camera.", labels=[*labels, "severity"]
        )
        failed = GaugeMetricFamily("passerby_camera_check_failed", "1 while so.", labels=[*labels, "check"])
        ends = GaugeMetricFamily(
            "passerby_camera_certificate_left_seconds",
            "Until the certificate ends; negative after.",
            labels=[*labels, "port"],
        )
        for camera in self.checks.cameras:
            where = [self.site, camera.camera]
            if camera.report is None:
                continue
            for severity in Severity:
                count = sum(one.severity is severity for one in camera.findings)
                findings.add_metric([*where, severity.name.lower()], count)
            for one in camera.findings:
                failed.add_metric([*where, one.check], 1)
            for shown in camera.report.device.certificates:
                if shown.days_left is not None:
                    ends.add_metric([*where, str(shown.port)], _DAY_S * shown.days_left)
        yield from (findings, failed, ends)
        for name, (text, told) in _FIGURES.items():
            gauge = GaugeMetricFamily(name, text, labels=labels)
            for camera in self.checks.cameras:
                value = told(camera.report) if camera.report else None
                if value is not None:
                    gauge.add_metric([self.site, camera.camera], value)
            yield gauge
        looking = GaugeMetricFamily("passerby_audit_up", "1 while the cameras are looked at.", labels=["site"])
        looking.add_metric([self.site], float(self.checks.problem is None))
        yield looking

    def describe(self) -> list[Metric]:
        """Nothing: the names are not asked for."""
        return []


def cameras_exposition(site: str, checks: SiteChecks) -> bytes:
    """The text for Prometheus.

    Args:
        site: name of the venue.
        checks: what who asks may know.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Cameras(site, checks))
    return generate_latest(registry)
