"""Who looks at the pictures of each camera."""

from collections.abc import Iterator

import av
import av.logging

from passerby.errors import ModelError
from passerby.gate import lockdown
from passerby.gate.messages import CameraPlan, Plan
from passerby.pixels.masks import MaskJudge
from passerby.pixels.overhead import OverheadDetector
from passerby.pixels.people import PersonDetector
from passerby.pixels.scene import Eyes


def furnish(plan: Plan) -> Iterator[tuple[CameraPlan, Eyes]]:
    """The cameras of a plan, each with who looks for it: shared models, or a background of its own if it looks down.

    Raises:
        ModelError: a model cannot be used, or none is given and a camera needs one.
    """
    av.logging.set_level(av.logging.PANIC)
    lockdown.import_whole(av)
    people = PersonDetector(plan.model) if plan.model else None
    judge = MaskJudge(plan.masks) if plan.masks else None
    for camera in plan.cameras:
        if camera.masks and judge is None:
            raise ModelError(f"camera {camera.name}: a place asks for masks, and the plan has no model for them.")
        if camera.view == "overhead":
            yield camera, Eyes(OverheadDetector)
        elif people:
            yield camera, Eyes(lambda: people, judge if camera.masks else None)
        else:
            raise ModelError(f"camera {camera.name}: view {camera.view} needs a model, and the plan has none.")
