"""What the keys about cameras as devices change."""

from collections.abc import Callable

from passerby.site.audit_order import audit_camera
from passerby.site.config import SiteConfig
from tests.support import config_effects

_VALUES = {
    "device": "null", "check": "own", "own_profile": "own", "least_width": "1280", "least_height": "720",
    "good_fps": "[15, 25]", "keyframe": "4", "person": "80", "every": "30", "services_every": "3600",
    "muted": "clock-ntp", "muted_at": "null", "muted_why": "no time server here",
}  # fmt: skip
CHECKS = """
checks:
  every_s: {every}
  services_every_s: {services_every}
  mute: [{{check: {muted}, camera: {muted_at}, reason: {muted_why}}}]
  profiles:
    - {{name: spare}}
    - {{name: {own_profile}, width_px: {least_width}, height_px: {least_height}, fps: {good_fps},
      keyframe_s: {keyframe}, person_px: {person}}}
"""
AT_CAMERA = "    check: {check}\n    onvif: {device}\n"
BEHIND = "    analysed_fps: {fps}\n"


def ordered(config: SiteConfig) -> object:
    """All that the audit is told of the first camera and the second."""
    return [audit_camera(camera, config) for camera in config.cameras]


def pace(config: SiteConfig) -> object:
    return (config.checks.every_s, config.checks.services_every_s)


def reasons(config: SiteConfig) -> object:
    return [one.reason for one in config.checks.mute]


_EFFECTS: dict[str, tuple[dict[str, str], Callable[[SiteConfig], object]]] = {
    "Camera.check": ({"check": "none"}, ordered),
    "Camera.onvif": ({"device": "http://192.0.2.7/onvif/device_service"}, ordered),
    "Checks.profiles": ({"least_width": "640"}, ordered),
    "Checks.every_s": ({"every": "60"}, pace),
    "Checks.services_every_s": ({"services_every": "60"}, pace),
    "Checks.mute": ({"muted": "night"}, ordered),
    "ProfileShape.name": ({"own_profile": "kiosk", "check": "kiosk"}, ordered),
    "ProfileShape.width_px": ({"least_width": "640"}, ordered),
    "ProfileShape.height_px": ({"least_height": "480"}, ordered),
    "ProfileShape.fps": ({"good_fps": "[8, 30]"}, ordered),
    "ProfileShape.keyframe_s": ({"keyframe": "10"}, ordered),
    "ProfileShape.person_px": ({"person": "60"}, ordered),
    "Muted.check": ({"muted": "night"}, ordered),
    "Muted.camera": ({"muted_at": "second"}, ordered),
    "Muted.reason": ({"muted_why": "they are on batteries"}, reasons),
}

BASE = config_effects.BASE.replace(BEHIND, BEHIND + AT_CAMERA) + CHECKS
VALUES = config_effects.VALUES | _VALUES
EFFECTS = config_effects.EFFECTS | _EFFECTS
