"""What the keys of alerts about checks and shelves change."""

from collections.abc import Callable

from passerby.site.config import SiteConfig
from tests.support import hub_effects
from tests.support.config_effects import alert, watched


def of_checks(**changes: str) -> dict[str, str]:
    return alert(when="camera_check", place="", limit="", **changes)


def looked_for(config: SiteConfig) -> object:
    return [(one.checks, one.least_severity) for one in config.alerts]


def lasting(config: SiteConfig) -> object:
    return [one.for_minutes for one in config.alerts]


def of_shelves(**changes: str) -> dict[str, str]:
    return alert(when="shelf_empty", place="", limit="", **changes)


_EFFECTS: dict[str, tuple[dict[str, str], Callable[[SiteConfig], object]]] = {
    "Alert.checks": (of_checks(checks="[rtsp-open]"), looked_for),
    "Alert.severity": (of_checks(severity="critical"), looked_for),
    "Alert.for_minutes": (of_checks(for_minutes="5"), lasting),
    "Alert.when": (of_checks(), watched),
    "Alert.shelf": (of_shelves(camera="first", shelf="crisps"), watched),
    "Alert.aisle": (of_shelves(aisle="first"), watched),
    "Alert.facings": (of_shelves(facings="2"), watched),
}
BASE, VALUES = hub_effects.BASE, hub_effects.VALUES
EFFECTS = hub_effects.EFFECTS | _EFFECTS
