"""What the keys of alerts about checks change."""

from collections.abc import Callable

from passerby.site.config import SiteConfig
from tests.support import audit_effects
from tests.support.config_effects import alert, watched


def of_checks(**changes: str) -> dict[str, str]:
    return alert(when="camera_check", place="", limit="", **changes)


def looked_for(config: SiteConfig) -> object:
    return [(one.checks, one.least_severity) for one in config.alerts]


def lasting(config: SiteConfig) -> object:
    return [one.for_minutes for one in config.alerts]


_EFFECTS: dict[str, tuple[dict[str, str], Callable[[SiteConfig], object]]] = {
    "Alert.checks": (of_checks(checks="[rtsp-open]"), looked_for),
    "Alert.severity": (of_checks(severity="critical"), looked_for),
    "Alert.for_minutes": (of_checks(for_minutes="5"), lasting),
    "Alert.when": (of_checks(), watched),
}
BASE, VALUES = audit_effects.BASE, audit_effects.VALUES
EFFECTS = audit_effects.EFFECTS | _EFFECTS
