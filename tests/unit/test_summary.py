"""What a count comes to."""

import io

import msgspec
import pytest
from rich.console import Console

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


def printed(plan: CameraPlan, *tallies: Tally) -> str:
    out = io.StringIO()
    console = Console(file=out, width=160)
    for table in tables(summarise(plan, CameraState("cam"), list(tallies), None)):
        console.print(table)
    return out.getvalue()


def test_a_share_is_printed_with_its_interval_and_none_of_too_few() -> None:
    unknown = Tally("cam", Measure.CANNOT_TELL, "door", 0, 3600, 4, 24)
    assert "75% (53% to 89%)" in printed(RECORDING, Tally("cam", Measure.MASKED, "door", 0, 3600, 15, 20), unknown)
    few = printed(RECORDING, Tally("cam", Measure.MASKED, "door", 0, 3600, 15, 19), unknown)
    assert "under 20 judged" in few
    assert "%" not in few


def test_a_heat_map_alone_comes_without_a_table_of_places() -> None:
    plan = CameraPlan("cam", heat_minimum=5)
    text = printed(plan, Tally("cam", Measure.HEAT, "heat map", 0, 3600, 7, 60, part=33))
    assert "@ = 7" in text
    assert "place" not in text
    assert "person-seconds, @ = 0" not in printed(plan)
