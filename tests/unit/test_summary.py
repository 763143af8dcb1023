"""What a count comes to."""

import msgspec
import pytest

from passerby.core.shares import MINIMUM_JUDGED
from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan
from passerby.site.state import CameraState
from passerby.site.summary import summarise, tables

LIVE = CameraPlan("cam", (LinePlan("door", (0.1, 0.5), (0.9, 0.5), masks=True),), window_s=3600)
RECORDING = msgspec.structs.replace(LIVE, recording_start_unix_s=0)


def masks(plan: CameraPlan, masked: int, judged: int) -> dict[str, int | None]:
    tallies = [
        Tally("cam", Measure.MASKED, "door", 0, 3600, masked, judged),
        Tally("cam", Measure.WORN_WRONGLY, "door", 0, 3600, 0, judged),
        Tally("cam", Measure.CANNOT_TELL, "door", 0, 3600, 3, judged + 3),
    ]
    summary = summarise(plan, CameraState("cam"), tallies, None)
    assert tables(summary)[-1].row_count == 1
    told: dict[str, int | None] = summary["masks"]["door"]
    return told


@pytest.mark.parametrize("masked", [0, 1])
def test_of_a_live_camera_and_too_few_people_no_answer_is_told(masked: int) -> None:
    nothing = {"masked": None, "unmasked": None, "worn_wrongly": None, "cannot_tell": 3}
    assert masks(LIVE, masked, 1) == masks(LIVE, masked, MINIMUM_JUDGED - 1) == nothing


def test_of_enough_people_and_of_a_recording_all_is_told() -> None:
    assert masks(LIVE, 5, MINIMUM_JUDGED) == {"masked": 5, "unmasked": 15, "worn_wrongly": 0, "cannot_tell": 3}
    assert masks(RECORDING, 1, 1) == {"masked": 1, "unmasked": 0, "worn_wrongly": 0, "cannot_tell": 3}
