"""What the audit is told of a site's cameras."""

import time
from datetime import UTC, datetime, timedelta

from passerby.gate.audit_contract import AuditCamera, Known, Login
from passerby.site.config import Camera, SiteConfig
from passerby.site.signin import sign_in


def audit_camera(camera: Camera, config: SiteConfig, known: Known | None = None) -> AuditCamera:
    """One camera, as the audit is told.

    Args:
        camera: of the configuration.
        config: the configuration.
        known: what a running site knows of it; None: the audit opens the stream itself.

    Raises:
        ConfigError: its password cannot be read.
    """
    signed = sign_in(camera, config)
    return AuditCamera(
        name=camera.name,
        source=camera.source if "://" in camera.source else None,
        login=Login(signed.username, signed.password) if signed else None,
        onvif=camera.onvif,
        profile=config.checks.profile(camera.check),
        known=known,
        standard_offset_s=_standard_offset_s(config),
        muted=config.checks.muted(camera.name),
    )


def _standard_offset_s(config: SiteConfig) -> float:
    """How far the site's standard time is ahead of UTC: without summer time, as cameras write their zones."""
    if config.site.zone is None:
        return -float(time.timezone)
    now = datetime.now(UTC).astimezone(config.site.zone)
    return ((now.utcoffset() or timedelta()) - (now.dst() or timedelta())).total_seconds()
