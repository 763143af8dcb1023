"""The shelves of one camera inside the pixel room, with a made-up shelf in front of it."""

import numpy as np
import pytest
from av.video.frame import VideoFrame

from passerby.core.shelves import FacingState
from passerby.core.tallies import SHELF_MEASURES, Measure
from passerby.gate.messages import REFERENCE_BYTES, CameraPlan, FaultCode, ShelfPlan
from passerby.pixels.shelf_features import Facings
from passerby.pixels.shelf_reference import pack, unpack
from passerby.pixels.shelves import ShelfWatch
from tests.support.shelf_disturbances import Disturbances
from tests.support.shelf_scenes import ShelfScene
from tests.unit.test_camera import Door

START = 1_760_000_400
NOBODY = np.zeros((0, 4))
SHOPPING = Disturbances(light=True, noise=True, people=True)


def taught(scene: ShelfScene, **changes: object) -> ShelfPlan:
    facings = Facings(scene.polygons, scene.size_px)
    full, empty = (pack(facings.cells(scene.taught(state))) for state in ("full", "empty"))
    corners = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in scene.polygons)
    return ShelfPlan("crisps", corners, full=full, empty=empty, **changes)  # type: ignore[arg-type]


def camera(shelf: ShelfPlan, window_s: int = 60) -> CameraPlan:
    return CameraPlan("aisle 3", window_s=window_s, shelves=(shelf,))


def watched(watch: ShelfWatch, picture: VideoFrame, looks: int, since_s: float = 0.0) -> None:
    for number in range(looks):
        watch.look(picture, NOBODY, since_s + number * 10, START)


@pytest.fixture(scope="module")
def scene() -> ShelfScene:
    return ShelfScene(3, size_px=(640, 360))


@pytest.fixture(scope="module")
def plan(scene: ShelfScene) -> ShelfPlan:
    return taught(scene)


def test_what_was_taught_fits_its_bytes_and_comes_back(scene: ShelfScene) -> None:
    cells = Facings(scene.polygons, scene.size_px).cells(scene.taught("full"))
    packed = pack(cells)
    assert len(packed) == REFERENCE_BYTES * scene.rows * scene.columns
    assert np.abs(unpack(packed) - cells).max(axis=(0, 1, 2)) == pytest.approx(0, abs=0.008)


def test_full_and_empty_shelves_are_told_after_a_minute_and_not_before(scene: ShelfScene, plan: ShelfPlan) -> None:
    for taught_as, state in (("full", FacingState.STOCKED), ("empty", FacingState.EMPTY)):
        door = Door()
        watched(ShelfWatch(camera(plan), door), scene.taught(taught_as), 13)
        later = {told for *_, told, at in door.states if at == START + 120}
        assert later == {state}
        assert {at for *_, at in door.states} == {START + 60, START + 120}, "of the first minute nothing is known"


def test_what_is_known_early_is_told_in_the_first_minute(scene: ShelfScene) -> None:
    door = Door()
    watch = ShelfWatch(camera(taught(scene, confirm_s=2.0, every_s=1.0)), door)
    for second in range(10):
        watch.look(scene.taught("empty"), NOBODY, float(second), START)
    assert {(told, at) for *_, told, at in door.states} == {(FacingState.EMPTY, START)}


def test_tallies_add_up_to_what_was_seen(scene: ShelfScene, plan: ShelfPlan) -> None:
    door = Door()
    watch = ShelfWatch(camera(plan), door)
    watched(watch, scene.taught("empty"), 25)
    watch.close()
    facings = len(plan.facings)
    seen = dict.fromkeys(range(facings), 0.0)
    for tally in door.tallies:
        assert tally.measure in SHELF_MEASURES and tally.total <= tally.exposure + 1
        if tally.measure is Measure.SHELF_SEEN:
            seen[tally.part] += tally.total
    # The state is known after a minute; the last look stands for the ten seconds before it.
    assert set(seen.values()) == {180.0 + 10.0 * (seen[0] > 180)}
    assert door.total(Measure.SHELF_EMPTY) == sum(seen.values())
    assert door.total(Measure.SHELF_LOW) == 0


def test_whoever_stands_in_front_hides_a_facing_and_its_state_is_not_told_wrongly(
    scene: ShelfScene, plan: ShelfPlan
) -> None:
    door = Door()
    watch = ShelfWatch(camera(plan), door)
    watched(watch, scene.taught("full"), 13)
    everything = np.array([[0.0, 0.0, 1.0, 1.0]])
    emptied = scene.taught("empty")
    for number in range(12):
        watch.look(emptied, everything, 130 + number * 10, START)
    assert {told for *_, told, at in door.states if at == START + 240} == {FacingState.CANNOT_SEE}


def test_who_stands_in_front_for_less_than_a_window_is_not_told(scene: ShelfScene, plan: ShelfPlan) -> None:
    door = Door()
    watch = ShelfWatch(camera(plan, window_s=900), door)
    watched(watch, scene.taught("full"), 13)
    everything = np.array([[0.0, 0.0, 1.0, 1.0]])
    for second in range(130, 1100, 10):
        watch.look(scene.taught("full"), everything, second, START)
    told = {at: state for *_, state, at in door.states if at >= START + 120}
    assert {state for at, state in told.items() if at < START + 120 + 900} == {FacingState.STOCKED}
    assert told[START + 1080] is FacingState.CANNOT_SEE


def test_a_picture_of_something_else_cannot_be_seen(scene: ShelfScene, plan: ShelfPlan) -> None:
    door = Door()
    noise = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    watched(ShelfWatch(camera(plan), door), VideoFrame.from_ndarray(noise, format="rgb24"), 20)
    assert {told for *_, told, _ in door.states} == {FacingState.CANNOT_SEE}


def test_a_moved_camera_sees_nothing_until_it_is_taught_again(scene: ShelfScene, plan: ShelfPlan) -> None:
    door = Door()
    watch = ShelfWatch(camera(plan), door)
    watched(watch, scene.taught("empty"), 13)
    watch.moved()
    watched(watch, scene.taught("empty"), 20, 130)
    assert {told for *_, told, at in door.states if at > START + 120} == {FacingState.CANNOT_SEE}


def test_a_shelf_that_was_not_taught_cannot_be_seen(scene: ShelfScene) -> None:
    door = Door()
    untaught = ShelfPlan("crisps", taught(scene).facings)
    watched(ShelfWatch(camera(untaught), door), scene.taught("empty"), 20)
    assert {told for *_, told, _ in door.states} == {FacingState.CANNOT_SEE}
    assert not [tally for tally in door.tallies if tally.total]


def test_facings_too_small_to_tell_are_a_fault() -> None:
    door = Door()
    tiny = tuple(((x, 0.1), (x + 0.02, 0.1), (x + 0.02, 0.2), (x, 0.2)) for x in (0.1, 0.2))
    watched(ShelfWatch(camera(ShelfPlan("pens", tiny)), door), ShelfScene(3, size_px=(640, 360)).taught("full"), 3)
    assert door.faults == [FaultCode.FACING_TOO_SMALL]


def test_nothing_is_looked_at_between_looks(scene: ShelfScene, plan: ShelfPlan) -> None:
    watch = ShelfWatch(camera(plan), Door())
    assert watch.due(0.0)
    watch.look(scene.taught("full"), NOBODY, 0.0, START)
    assert not watch.due(9.9)
    assert watch.due(10.0)
    assert watch.due(-1.0), "a clock that was set back does not blind it"
    assert not ShelfWatch(CameraPlan("no shelves"), Door()).due(0.0)


def test_gaps_are_told_right_while_people_shop() -> None:
    scene = ShelfScene(21, SHOPPING, size_px=(640, 360))
    door = Door()
    watch = ShelfWatch(camera(taught(scene)), door)
    truth: dict[int, np.ndarray] = {}
    for sight in scene.sights(30):
        watch.look(sight.frame, sight.people, sight.time_s, START)
        truth[START + int(sight.time_s)] = sight.fill == 0
    right = wrong = 0
    for _, facing, state, at in door.states:
        before = [empty[facing] for time_s, empty in truth.items() if at - 120 <= time_s <= at]
        if state is FacingState.CANNOT_SEE or len(before) < 12 or len(set(before)) > 1:
            continue
        right += (state is FacingState.EMPTY) == before[0]
        wrong += (state is FacingState.EMPTY) != before[0]
    assert right > 20
    assert wrong <= 0.03 * right
