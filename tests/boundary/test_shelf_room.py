"""A shelf from the video to the site: a real feed, a real locked worker, a real guard."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from passerby.core.shelves import FacingState
from passerby.core.tallies import Measure, Tally
from passerby.gate import landlock
from passerby.gate.contract import FacingNow
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan
from passerby.gate.sources import parse
from tests.boundary.test_lies import Ear
from tests.support.shelf_scenes import ShelfScene
from tests.unit.test_shelf_watch import taught

pytestmark = pytest.mark.skipif(landlock.abi() == 0, reason="the kernel has no Landlock")

START = 1_760_000_400
SECONDS = 130


class ShelfEar(Ear):
    """Remembers what was told of shelves as well."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[FacingNow] = []

    def shelf(self, now: FacingNow) -> None:
        self.states.append(now)


def film(path: Path, scene: ShelfScene) -> None:
    picture = scene.taught("empty")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
        stream.time_base = Fraction(1, 1)
        for second in range(SECONDS):
            picture.pts, picture.time_base = second, Fraction(1, 1)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def test_an_empty_shelf_is_told_through_the_door(tmp_path: Path) -> None:
    scene = ShelfScene(3, size_px=(640, 360))
    film(tmp_path / "shelf.mp4", scene)
    shelf = taught(scene)
    plan = CameraPlan("aisle", view="overhead", window_s=60, recording_start_unix_s=START, shelves=(shelf,))
    ear = ShelfEar()
    Guard([Job(plan, parse(str(tmp_path / "shelf.mp4")))], Settings(), ear).run(lambda: False)
    assert not ear.refusals and not ear.faults
    facings = range(len(shelf.facings))
    last = {now.facing: now for now in ear.states}
    # Of the first minute nothing is told, as nothing is known in it yet.
    assert {now.start_unix_s for now in ear.states} == {START + 60, START + 120}
    assert {facing: last[facing].state for facing in facings} == dict.fromkeys(facings, FacingState.EMPTY)

    def total(measure: Measure) -> float:
        return sum(tally.total for tally in ear.tallies if tally.measure is measure)

    seen: list[Tally] = [tally for tally in ear.tallies if tally.measure is Measure.SHELF_SEEN]
    assert {tally.part for tally in seen} == set(facings)
    assert total(Measure.SHELF_EMPTY) == total(Measure.SHELF_SEEN) > 40 * len(facings)
    assert np.isclose(max(tally.exposure for tally in seen), 60)
