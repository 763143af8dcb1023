"""The people-free still of real recordings, made by the real set-up room: nobody is in it, and the place is."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from passerby.gate import landlock, seccomp
from passerby.gate.guard import Job
from passerby.gate.messages import CameraPlan, LinePlan, ModelPlan, SetupPlan, ZonePlan
from passerby.gate.setup_session import SetupSession, SetupSettings, Told
from passerby.gate.sources import parse
from passerby.pixels.blanking import GREY
from passerby.pixels.people import PersonDetector
from passerby.pixels.reference import Reference
from tests.support.moved import lit, looped, pictures_of, scaled, told_at
from tests.support.site import eventually

Picture = NDArray[np.uint8]
CLIPS = {
    "vtest_part_a.mp4": ("level", 20, 0.7),
    "one-by-one-person-detection.mp4": ("level", 20, 0.5),
    "caviar_EnterExitCrossingPaths1front.mpg": ("level", 14, 0.5),
    "caviar_OneLeaveShopReenter1front.mpg": ("level", 14, 0.5),
    "overhead_doorway_footfall.mp4": ("overhead", 20, 0.7),
}
"""View, seconds to watch, and the least share of the picture that is of use to who draws a line."""

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


@pytest.fixture(scope="module")
def told(shared_data: Path) -> Callable[[str], Told]:
    """Lets the real room make a still of a clip, once for all tests."""
    known: dict[str, Told] = {}
    graph = shared_data.parent / "models" / "yolox_nano_person_416x256.onnx"
    model = ModelPlan(str(graph), "yolox", 416, 256, 0.1)

    def of(clip: str) -> Told:
        if clip not in known:
            view, watch_s, _share = CLIPS[clip]
            line = LinePlan("line", (0.73, 0.0), (0.73, 1.0))
            zone = ZonePlan("all", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
            plan = CameraPlan("clip", (line,), (zone,), view, recording_start_unix_s=0)
            job = Job(plan, parse(str(shared_data / "video" / clip)))
            session = SetupSession(job, SetupSettings(model, watch_s), SetupPlan(watch_s, 600))
            eventually(lambda: session.told().ended, 120)
            known[clip] = session.told()
            session.close()
        return known[clip]

    return of


def picture_of(told: Told) -> Picture:
    assert told.still is not None, told.problem
    return np.frombuffer(told.still.rgb, np.uint8).reshape(told.still.height_px, told.still.width_px, 3)


@pytest.mark.parametrize("clip", sorted(CLIPS))
def test_another_detector_finds_nobody_in_the_still(clip: str, told: Callable[[str], Told], shared_data: Path) -> None:
    """A larger graph than the room's own, on the still enlarged by several factors."""
    graph = shared_data.parent / "models" / "yolox_nano_person_512x384.onnx"
    detector = PersonDetector(ModelPlan(str(graph), "yolox", 512, 384, 0.35))
    still = picture_of(told(clip))[:, :, ::-1]
    for scale in (1.0, 1.5, 2.0):
        enlarged = np.ascontiguousarray(ndimage.zoom(still, (scale, scale, 1), order=1)[:384, :512])
        assert len(detector.detect(enlarged, 0.0)) == 0, f"somebody is seen at {scale} times the size"


@pytest.mark.parametrize("clip", sorted(CLIPS))
def test_what_is_shown_is_the_empty_place(clip: str, told: Callable[[str], Told], shared_data: Path) -> None:
    """Against a median over the whole recording, in which nobody stays; a ghost would be a patch of something else."""
    still = picture_of(told(clip))
    _view, _watch_s, least_share = CLIPS[clip]
    shown = (still != GREY).any(axis=2)
    assert shown.mean() > least_share
    if clip.startswith("one-by-one"):
        return  # Somebody stands at the table for most of the recording.
    difference = np.abs(still.astype(int) - empty_place(shared_data / "video" / clip, still.shape)).max(axis=2)
    strange = ndimage.binary_opening((difference > 40) & shown, np.ones((3, 3)))
    assert strange.sum() < 12, "no patch that a figure could be"


def empty_place(clip: Path, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The median of a recording, (h, w, 3)."""
    pictures = []
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 8 == 0:
                pictures.append(frame.reformat(shape[1], shape[0], "rgb24", interpolation="AREA").to_ndarray())
    return np.asarray(np.median(pictures, axis=0))


def test_who_stands_at_the_table_all_the_time_is_not_shown(told: Callable[[str], Told]) -> None:
    """The table's place, from floor to top, is grey: somebody stood there for most of the 20 seconds."""
    still = picture_of(told("one-by-one-person-detection.mp4"))
    assert (still[20:130, 125:160] == GREY).all()


@pytest.mark.parametrize("clip", sorted(CLIPS))
def test_by_its_signature_the_view_is_known_again(clip: str, told: Callable[[str], Told], shared_data: Path) -> None:
    """With pictures of the whole recording, people and all; and of a camera that stands elsewhere."""
    signature = told(clip).signature
    assert signature is not None
    pictures = pictures_of(shared_data / "video" / clip)
    width = 160 if CLIPS[clip][0] == "overhead" else 416
    cut = round(0.05 * pictures[0].shape[1])
    here = scaled(pictures, width)
    aside = scaled([np.concatenate([one[:, cut:], one[:, :cut]], axis=1) for one in pictures], width)
    known, found = Reference(signature), []
    for number, seen in enumerate((here, aside, lit(here, lambda level: 0.5 * level))):
        told_at(known, looped(seen, 4), start_s=240.0 * number)
        found.append(known.moved)
    assert found == [False, True, False]


def test_after_the_still_it_is_counted(told: Callable[[str], Told]) -> None:
    """The rest of the crowded clip: a line that 17 people cross in 40 s, about half of them in this half."""
    numbers = {(one.place, one.measure.name): one.total for one in told("vtest_part_a.mp4").rehearsed}
    assert numbers.keys() == {
        ("line", "CROSSINGS_IN"),
        ("line", "CROSSINGS_OUT"),
        ("all", "PEOPLE"),
        ("all", "ENTERED"),
    }
    assert 4 <= numbers["line", "CROSSINGS_IN"] + numbers["line", "CROSSINGS_OUT"] <= 14
    assert 2 <= numbers["all", "PEOPLE"] <= 12
