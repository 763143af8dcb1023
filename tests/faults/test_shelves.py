"""A shelf from the camera to the site: taught over real RTSP while the site runs, and told empty where it is empty."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.core.shelves import FacingState
from passerby.gate import landlock, seccomp
from passerby.gate.messages import CameraPlan
from passerby.site.config import camera_plan, load
from passerby.site.journal import Journal
from passerby.site.shelf_board import FacingKnown
from passerby.site.shelf_memory import ShelfMemory
from tests.support.program import Ran, in_words, passerby
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.shelf_scenes import ShelfScene
from tests.support.site import RunningSite, eventually

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
    pytest.mark.timeout(300),
]

SCENE = ShelfScene(3, size_px=(640, 360))
ROWS, COLUMNS = SCENE.rows, SCENE.columns
GAPS = {facing for facing in range(ROWS * COLUMNS) if facing % COLUMNS < COLUMNS // 2}
"""The left half of the shelf is empty."""
RESTLESS = COLUMNS + 1
FPS, SECONDS = 2, 120
Picture = NDArray[np.uint8]


def shown(state: str) -> Picture:
    return SCENE.taught(state).to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def half_empty() -> Picture:
    full, empty = shown("full"), shown("empty")
    middle = SCENE.polygons[COLUMNS // 2 :: COLUMNS, [0, 3], 0].mean() * full.shape[1]
    full[:, : round(middle)] = empty[:, : round(middle)]
    return full


def behind_something_that_moves() -> Iterator[Picture]:
    """Patches, others in each picture, in front of one facing."""
    corners = SCENE.polygons[RESTLESS] * SCENE.size_px
    (left, top), (right, low) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    rng = np.random.default_rng(5)
    while True:
        picture = shown_full.copy()
        patches = np.kron(rng.integers(0, 255, (4, 4)), np.ones(((low - top) // 4 + 1, (right - left) // 4 + 1)))
        picture[top:low, left:right] = patches[: low - top, : right - left, None]
        yield picture


shown_full = shown("full")


def film(path: Path, pictures: Iterator[Picture]) -> Path:
    """Matroska, to be served as it is."""
    with av.open(str(path), "w", format="matroska") as container:
        options = {"preset": "ultrafast", "crf": "18", "tune": "zerolatency", "x264-params": "keyint=4:scenecut=0"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        assert isinstance(stream, av.VideoStream)
        (stream.width, stream.height), stream.pix_fmt = SCENE.size_px, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for number in range(FPS * SECONDS):
            frame = av.VideoFrame.from_ndarray(next(pictures), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def still(picture: Picture) -> Iterator[Picture]:
    while True:
        yield picture


def aisle(source: str) -> str:
    corners = [[float(x), float(y)] for x, y in SCENE.corners]
    shelf = f"name: crisps, corners: {corners}, rows: {ROWS}, columns: {COLUMNS}, confirm_s: 2, look_every_s: 1"
    return f"  - {{name: aisle, source: {source}, view: overhead, shelves: [{{{shelf}}}]}}"


@dataclass(frozen=True)
class Taught:
    """What came of teaching, and how the running site said the facings are after it."""

    full: Ran
    empty: Ran
    covered: Ran
    states: tuple[FacingKnown, ...]
    site: Path

    @property
    def plan(self) -> CameraPlan:
        config = load(self.site)
        return camera_plan(config.cameras[0], config)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[Taught]:
    """One camera, which shows another picture to each who teaches, so that all of it takes the time of one."""
    folder = tmp_path_factory.mktemp("shop")
    pictures = {
        "now": still(half_empty()),
        "full": still(shown_full),
        "empty": still(shown("empty")),
        "covered": behind_something_that_moves(),
    }
    with ExitStack() as stack:
        urls = {}
        for name, shows in pictures.items():
            file = film(folder / f"{name}.mkv", shows)
            urls[name] = stack.enter_context(RtspServer(Serving(file, as_it_is=True))).url
            (folder / f"{name}.yaml").write_text(f"cameras:\n{aisle(urls[name])}\n")
        running = stack.enter_context(RunningSite(folder, aisle(urls["now"])).start())
        eventually(running.state, 60)
        with ThreadPoolExecutor() as pool:
            ways = {"full": "full", "empty": "empty", "covered": "full"}
            ran = {
                name: pool.submit(passerby, "shelves", "teach", folder / f"{name}.yaml", "aisle", "--state", state)
                for name, state in ways.items()
            }
            done = {name: one.result() for name, one in ran.items()}
        memory = ShelfMemory(folder / "passerby.sqlite", [camera_plan_of(folder)])
        eventually(lambda: len(seen := memory.known()) and all(one.last is not None for one in seen), 120)
        yield Taught(done["full"], done["empty"], done["covered"], memory.known(), folder / "site.yaml")


def camera_plan_of(folder: Path) -> CameraPlan:
    config = load(folder / "site.yaml")
    return camera_plan(config.cameras[0], config)


def test_it_is_taught_while_the_site_runs(taught: Taught) -> None:
    assert (taught.full.status, taught.empty.status) == (0, 0), taught.full.err + taught.empty.err
    said = taught.full.out + taught.empty.out
    assert "crisps: taught." in said, "whoever came second"
    known = passerby("shelves", "list", taught.site, "--json").json["shelves"]
    lessons = known[0].pop("lessons")
    assert known == [{"camera": "aisle", "shelf": "crisps", "aisle": None, "facings": ROWS * COLUMNS}]
    assert lessons["full"] and lessons["empty"] and lessons["moved_unix_s"] is None
    actions = [one.action for one in Journal(taught.site.with_name("passerby.sqlite")).since(0)]
    assert (actions.count("teaching of a shelf began"), actions.count("shelf taught")) == (3, 2)


def test_the_running_site_tells_which_facings_are_empty(taught: Taught) -> None:
    assert {one.facing: one.last for one in taught.states} == {
        facing: FacingState.EMPTY if facing in GAPS else FacingState.STOCKED for facing in range(ROWS * COLUMNS)
    }
    assert all(one.since_unix_s for one in taught.states)


def test_nothing_is_kept_while_something_is_in_front(taught: Taught) -> None:
    assert taught.covered.status == 2
    words = in_words(taught.covered)
    assert f"row {RESTLESS // COLUMNS + 1} column {RESTLESS % COLUMNS + 1}" in words
    assert "Nothing was kept" in words
