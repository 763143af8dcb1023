"""What a scene tells of its places, and what nobody gets to look at."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from passerby.core.masks import Answer, Look
from passerby.core.observations import Detections
from passerby.core.tallies import Measure
from passerby.core.windows import Event, Seen
from passerby.gate.messages import CameraPlan, LinePlan, QueuePlan, ZonePlan
from passerby.pixels.blanking import GREY
from passerby.pixels.scene import Eyes, Places, Scene

SIZE_PX = (320, 240)
STEP_S = 0.125
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
DOOR = LinePlan("door", (0.5, 0.95), (0.5, 0.05))


@dataclass
class Script:
    """Stands in for a detector: people where the test puts them. It remembers every picture that it was given."""

    people: list[tuple[float, float]] = field(default_factory=list)
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)
    confident: float = 0.4
    ready: bool = True
    size_px: tuple[int, int] = SIZE_PX

    def detect(self, bgr: NDArray[np.uint8], time_s: float) -> Detections:
        self.pictures.append(bgr.copy())
        boxes = np.array([[x - 15, y - 90, x + 15, y] for x, y in self.people], np.float32).reshape(-1, 4)
        return Detections(boxes, np.full(len(boxes), 0.9, np.float32), time_s)


@dataclass
class Judge:
    """Stands in for the judge of masks: it gives one look, and remembers the pictures."""

    look: Look | None = None
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)

    def judge_head(self, picture: NDArray[np.uint8], _box_px: tuple[float, ...]) -> Look | None:
        self.pictures.append(picture.copy())
        return self.look


@dataclass
class Stage:
    """A scene and the one who walks through it."""

    scene: Scene
    script: Script
    time_s: float = 0.0
    seen: list[Seen] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)

    def walk(self, way: Callable[[float], list[tuple[float, float]]], seconds: float) -> None:
        start_s = self.time_s
        while self.time_s < start_s + seconds:
            self.script.people = way(self.time_s - start_s)
            # A picture that changes, so that no look is spared.
            bgr = np.full((SIZE_PX[1], SIZE_PX[0], 3), int(self.time_s * 80) % 250, np.uint8)
            look = self.scene.look(bgr, self.time_s, lambda: np.full((960, 1280, 3), 200, np.uint8))
            if look is not None:
                self.seen.append(look.seen)
                self.standing.append(len(look.ids))
            self.time_s += STEP_S

    def events(self) -> list[Event]:
        return [event for seen in self.seen for event in seen.events]

    def answers(self) -> list[tuple[str, Answer]]:
        return [answer for seen in self.seen for answer in seen.answers]


def stage(judge: Judge | None = None, **places: object) -> Stage:
    script = Script()
    plan = CameraPlan("cam", **places)  # type: ignore[arg-type]  # fields of the plan
    eyes = Eyes(lambda: script, judge)
    return Stage(Scene(plan, Places.of(plan, SIZE_PX), eyes, SIZE_PX), script)


def to_the_right(t: float) -> list[tuple[float, float]]:
    return [(60 + 50 * t, 200)]


def there_and_back(t: float) -> list[tuple[float, float]]:
    return [(60 + 50 * t if t < 4 else 260 - 50 * (t - 4), 200)]


def nobody(_t: float) -> list[tuple[float, float]]:
    return []


def test_a_stay_that_began_while_the_scene_was_learnt_is_of_unknown_length() -> None:
    room = stage(lines=(DOOR,), zones=(ZonePlan("right", RIGHT),))
    room.script.ready = False
    room.walk(to_the_right, 3)  # over the line and into the zone
    assert room.seen == []
    room.script.ready = True
    room.walk(lambda t: [(210 - 50 * t, 200)], 3)
    assert {event.measure for event in room.events()} == {Measure.CROSSINGS_OUT, Measure.LEFT}


def test_privacy_masks_are_blank_before_the_detector_looks() -> None:
    room = stage(zones=(ZonePlan("hall", WHOLE),), privacy_masks=(RIGHT,))
    room.walk(nobody, 3)
    assert len(room.script.pictures) > 5
    for picture in room.script.pictures:
        assert (picture[:, 162:] == GREY).all()
        assert len(np.unique(picture[:, :155])) == 1
    assert len({int(picture[0, 0, 0]) for picture in room.script.pictures}) > 5, "the rest is seen"


def test_privacy_masks_are_blank_before_the_judge_of_masks_looks() -> None:
    judge = Judge()
    line = LinePlan("door", (0.5, 0.95), (0.5, 0.05), masks=True)
    room = stage(judge, lines=(line,), privacy_masks=(RIGHT,))
    room.walk(to_the_right, 4)
    assert judge.pictures
    for picture in judge.pictures:
        assert picture.shape == (960, 1280, 3)
        assert (picture[:, 645:] == GREY).all()
        assert (picture[:, :635] == 200).all()


def test_one_vote_for_each_track_and_place() -> None:
    judge = Judge(Look(p_masked=0.99, score=0.99, face_px=60.0))
    line = LinePlan("door", (0.5, 0.95), (0.5, 0.05), masks=True)
    room = stage(judge, lines=(line, LinePlan("gate", (0.3, 0.95), (0.3, 0.05))))
    room.walk(there_and_back, 8)
    crossings = [event.place for event in room.events()]
    assert crossings.count("door") == 2
    assert room.answers() == [("door", Answer.MASKED)], "once, and not at a line that does not ask"


def test_who_shows_no_face_cannot_be_told() -> None:
    line = LinePlan("door", (0.5, 0.95), (0.5, 0.05), masks=True)
    room = stage(Judge(None), lines=(line,))
    room.walk(to_the_right, 4)
    assert room.answers() == [("door", Answer.CANNOT_TELL)]


def test_a_zone_asks_when_a_stay_ends() -> None:
    judge = Judge(Look(p_masked=0.01, score=0.99, face_px=60.0))
    room = stage(judge, zones=(ZonePlan("hall", RIGHT, masks=True),))
    room.walk(there_and_back, 4)
    assert room.answers() == []
    room.walk(lambda t: there_and_back(t + 4), 4)
    assert room.answers() == [("hall", Answer.UNMASKED)]


def test_a_stay_is_entered_left_and_of_a_length() -> None:
    room = stage(zones=(ZonePlan("hall", RIGHT),))
    room.walk(there_and_back, 8)
    assert [(event.measure, event.part) for event in room.events()] == [
        (Measure.ENTERED, 0),
        (Measure.LEFT, 0),
        (Measure.DWELL, 0),
    ]


def test_a_stay_that_the_scene_ends_is_lost_sight_of() -> None:
    room = stage(zones=(ZonePlan("hall", RIGHT),))
    room.walk(there_and_back, 4)
    assert Event("hall", Measure.DWELL_LOST, 0) in room.scene.end().events


def test_a_queue_serves_at_its_head() -> None:
    def through(t: float) -> list[tuple[float, float]]:
        return [(60 + 30 * t, 200)]

    def turning_back(t: float) -> list[tuple[float, float]]:
        return [(60 + 30 * t if t < 5 else 210 - 30 * (t - 5), 200)]

    middle = ((0.3, 0.0), (0.85, 0.0), (0.85, 1.0), (0.3, 1.0))
    queue = ZonePlan("till", middle, queue=QueuePlan(head=(0.85, 0.8), tail=(0.3, 0.8)))
    for way, measure in ((through, Measure.WAITED), (turning_back, Measure.GAVE_UP)):
        room = stage(zones=(queue,))
        room.walk(way, 10)
        outcomes = [event.measure for event in room.events() if event.measure in (Measure.WAITED, Measure.GAVE_UP)]
        assert outcomes == [measure]


def test_who_stands_in_a_staff_area_is_not_counted() -> None:
    def shopkeeper(_t: float) -> list[tuple[float, float]]:
        return [(270, 200)]

    staffed = stage(zones=(ZonePlan("hall", WHOLE),), staff_areas=(((0.7, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0)),))
    plain = stage(zones=(ZonePlan("hall", WHOLE),))
    for room in (staffed, plain):
        room.walk(shopkeeper, 3)
    assert max(seen.people["hall"] for seen in staffed.seen) == 0
    assert sum(staffed.standing) == 0, "nor does the heat map know of them"
    assert max(seen.people["hall"] for seen in plain.seen) == 1


def test_a_crowd_is_over_its_limit_in_seconds() -> None:
    room = stage(zones=(ZonePlan("hall", WHOLE, crowd_limit=1),))
    room.walk(lambda _t: [(80, 200), (240, 200)], 6)
    over_s = sum(seen.over_s.get("hall", 0.0) for seen in room.seen)
    assert 4 <= over_s <= 6
    assert stage(zones=(ZonePlan("hall", WHOLE),)).seen == []
