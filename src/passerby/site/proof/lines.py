"""What a proof holds for: a line as it is counted now. Another model, camera or line is another count."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from passerby.core.counting import RULES
from passerby.gate.guard import Job

_BYTES = 12


@dataclass(frozen=True, slots=True)
class ProvableLine:
    """A line of a site.

    Attributes:
        camera, name: which.
        fingerprint: of all that its counts depend on: source, line, view, rate, areas, detector and rules of counting.
    """

    camera: str
    name: str
    fingerprint: str

    @property
    def label(self) -> str:
        """As people write it."""
        return f"{self.camera}/{self.name}"


def provable_lines(jobs: Sequence[Job], model: str | None) -> tuple[ProvableLine, ...]:
    """The lines of a site's cameras.

    Args:
        jobs: the cameras.
        model: all of the detector that a count depends on; None where every camera looks straight down.
    """
    found = []
    for job in jobs:
        plan = job.plan
        # Other lines, zones and masks do not change what is counted here; windows do not either.
        counted = msgspec.structs.replace(
            plan, name="", lines=(), zones=(), window_s=0, recording_start_unix_s=None, heat_minimum=None
        )
        camera = msgspec.to_builtins(counted)
        del camera["reference"], camera["shelves"]  # the view at set-up and shelves change no count
        for line in plan.lines:
            parts = {
                "rules": RULES,
                "model": model if plan.view == "level" else None,
                "source": job.source.text,
                "line": [line.start, line.end, line.in_px],
                "camera": camera,
            }
            text = json.dumps(parts, sort_keys=True)
            found.append(ProvableLine(plan.name, line.name, hashlib.sha256(text.encode()).hexdigest()[: 2 * _BYTES]))
    return tuple(found)
