"""What the audit is told of a site's cameras."""

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
        muted=config.checks.muted(camera.name),
    )
