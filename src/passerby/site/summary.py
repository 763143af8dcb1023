"""What a count comes to, as `--json` prints it."""

from collections.abc import Iterable
from typing import Any, Protocol

from passerby.core.tallies import Measure
from passerby.gate.messages import CameraPlan
from passerby.site.models import ResolvedModel
from passerby.site.state import CameraState, LockdownState

_BACKGROUND = {"name": "background", "licence": "Apache-2.0", "sha256": "", "note": ""}


class Sum(Protocol):
    """A tally, or a sum of tallies of one place and measure."""

    @property
    def measure(self) -> Measure:
        """What was counted."""
        ...

    @property
    def subject(self) -> str:
        """Where."""
        ...

    @property
    def total(self) -> float:
        """How much."""
        ...

    @property
    def exposure(self) -> float:
        """Seconds seen."""
        ...


def summarise(
    plan: CameraPlan, camera: CameraState, sums: Iterable[Sum], model: ResolvedModel | None
) -> dict[str, Any]:
    """Counts of one camera: crossings of each line, people in each zone, and how much of the video was seen."""
    known = list(sums)
    return {
        "source": plan.name,
        "seconds": round(camera.seconds, 3),
        "frames_read": camera.frames_read,
        "frames_analysed": camera.frames_analysed,
        "coverage": round(camera.coverage, 3),
        "lines": {line.name: _line(line.name, known) for line in plan.lines},
        "zones": {zone.name: _zone(zone.name, known) for zone in plan.zones},
        "model": _model(model) if plan.view == "level" else _BACKGROUND,
    }


def locked(state: LockdownState) -> dict[str, Any]:
    """The lock-down, as `--json` prints it."""
    return {"landlock_abi": state.landlock_abi, "seccomp": state.seccomp}


def _model(model: ResolvedModel | None) -> dict[str, str]:
    if model is None:
        return {}
    return {"name": model.name, "licence": model.licence, "sha256": model.sha256, "note": model.note}


def _line(name: str, sums: list[Sum]) -> dict[str, int]:
    def total(measure: Measure) -> int:
        return round(sum(one.total for one in sums if one.subject == name and one.measure is measure))

    return {"in": total(Measure.CROSSINGS_IN), "out": total(Measure.CROSSINGS_OUT)}


def _zone(name: str, sums: list[Sum]) -> dict[str, float | int]:
    people = [one for one in sums if one.subject == name and one.measure is Measure.PEOPLE]
    exposure_s = sum(one.exposure for one in people)
    peaks = [one.total for one in sums if one.subject == name and one.measure is Measure.PEAK]
    mean = sum(one.total for one in people) / exposure_s if exposure_s else 0.0
    return {"mean": round(mean, 2), "max": round(max(peaks, default=0))}
