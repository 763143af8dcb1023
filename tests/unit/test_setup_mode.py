"""Set-up mode of a site with a real store, real rooms and a real clip: begun by hand, logged, and over by itself."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import av
import msgspec
import pytest

from passerby.errors import StoreError
from passerby.gate import landlock, seccomp
from passerby.gate.guard import Job
from passerby.gate.messages import CameraPlan, LinePlan, ZonePlan
from passerby.gate.setup_session import SetupSettings
from passerby.gate.sources import parse
from passerby.site.journal import Journal
from passerby.site.setup.session import BY_ITSELF, Phase, SetupMode, SetupRefusedError, SetupState
from passerby.site.store import Store
from tests.support.clips import make_clip
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import eventually

LINE = LinePlan("middle", (0.5, 1.0), (0.5, 0.0))
ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
DOOR = CameraPlan("door", view="overhead", recording_start_unix_s=0)
HALL = CameraPlan("hall", (LINE,), (), "overhead", recording_start_unix_s=0)

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    with Store(tmp_path / "site.db") as store:
        return Journal(store.file)


@pytest.fixture
def open_mode(tmp_path: Path, journal: Journal) -> Iterator[Callable[..., SetupMode]]:
    """Set-up mode of a site with two cameras, which show a box that walks by for ten seconds."""
    clip = make_clip(tmp_path / "walk.mp4", seconds=12)
    jobs = [Job(plan, parse(str(clip))) for plan in (DOOR, HALL)]
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(SetupMode(jobs, SetupSettings(watch_s=4), journal, **more))


def entries(journal: Journal) -> list[tuple[str, str, str]]:
    return [(one.account, one.action, one.detail) for one in reversed(journal.since(0))]


def state_of(mode: SetupMode) -> SetupState:
    state = mode.state()
    assert state is not None
    return state


def reach(mode: SetupMode, phase: Phase) -> SetupState:
    eventually(lambda: state_of(mode).phase is phase)
    return state_of(mode)


def test_from_begin_to_end(open_mode: Callable[..., SetupMode], journal: Journal) -> None:
    mode = open_mode()
    assert mode.state() is None
    begun = mode.begin("door", "ada")
    assert (begun.camera, begun.account, begun.phase) == ("door", "ada", Phase.OPENING)
    assert begun.ends_unix_s - begun.began_unix_s == 600
    assert mode.still_png("ada") is None
    eventually(lambda: state_of(mode).has_still)
    data = mode.still_png("ada")
    assert data is not None
    with av.open(io.BytesIO(data), "r") as container:
        picture = next(container.decode(video=0))
        assert (picture.width, picture.height) == (256, 192)
    assert mode.still_png("ada") == mode.still_png("grace") == data
    state = reach(mode, Phase.READY)
    assert (state.progress, state.problem, state.landlock_abi, state.seccomp) == (1.0, None, landlock.abi(), True)
    mode.end("grace")
    mode.end("grace")
    assert mode.state() is None
    assert entries(journal) == [
        ("ada", "set-up mode began", "camera door"),
        ("ada", "people-free still shown", "camera door"),
        ("grace", "people-free still shown", "camera door"),
        ("grace", "set-up mode ended", "camera door"),
    ]
    assert mode.bytes_out == 24 + 24 + 1_536 + 147_480
    with pytest.raises(SetupRefusedError, match="not open"):
        mode.still_png("ada")


def test_new_lines_are_rehearsed_in_a_new_room_and_the_still_stays(open_mode: Callable[..., SetupMode]) -> None:
    mode = open_mode()
    mode.begin("door", "ada")
    with pytest.raises(SetupRefusedError, match="has not come"):
        mode.rehearse((LINE,), ())
    eventually(lambda: state_of(mode).has_still)
    data = mode.still_png("ada")
    with pytest.raises(SetupRefusedError, match="draw a line"):
        mode.rehearse((), ())
    mode.rehearse((LINE,), (ZONE,))
    eventually(lambda: state_of(mode).phase is Phase.READY and mode.rehearsed())
    numbers = {(one.place, one.measure.name): one.total for one in mode.rehearsed()}
    assert numbers["middle", "CROSSINGS_IN"] + numbers["middle", "CROSSINGS_OUT"] == 1
    assert numbers.keys() == {
        ("middle", "CROSSINGS_IN"),
        ("middle", "CROSSINGS_OUT"),
        ("floor", "PEOPLE"),
        ("floor", "ENTERED"),
    }
    assert mode.still_png("ada") == data
    assert mode.bytes_out > 147_480
    mode.end("ada")
    assert mode.rehearsed() == ()


def test_lines_that_stand_already_are_rehearsed_after_the_still(open_mode: Callable[..., SetupMode]) -> None:
    mode = open_mode()
    mode.begin("hall", "ada")
    numbers = eventually(mode.rehearsed)
    assert {one.place for one in numbers} == {"middle"}
    assert state_of(mode).has_still


def test_one_session_at_a_time(open_mode: Callable[..., SetupMode], journal: Journal) -> None:
    mode = open_mode()
    mode.begin("door", "ada")
    with pytest.raises(SetupRefusedError, match="ada is setting up the camera door"):
        mode.begin("hall", "grace")
    with pytest.raises(SetupRefusedError, match="no camera yard"):
        mode.begin("yard", "grace")
    mode.end("ada")
    mode.begin("hall", "grace")
    assert [account for account, _action, _detail in entries(journal)] == ["ada", "ada", "grace"]


def test_it_ends_by_itself(open_mode: Callable[..., SetupMode], journal: Journal) -> None:
    mode = open_mode(session_s=1.0)
    mode.begin("hall", "ada")
    eventually(lambda: mode.state() is None)
    assert entries(journal)[-1] == (BY_ITSELF, "set-up mode ended", "camera hall")


def test_what_cannot_be_logged_is_not_done(open_mode: Callable[..., SetupMode], journal: Journal) -> None:
    mode = open_mode()
    away = journal_file(journal).rename(journal_file(journal).with_suffix(".away"))
    with pytest.raises(StoreError):
        mode.begin("door", "ada")
    assert mode.state() is None
    away.rename(journal_file(journal))
    mode.begin("door", "ada")
    eventually(lambda: state_of(mode).has_still)
    journal_file(journal).rename(away)
    with pytest.raises(StoreError):
        mode.still_png("ada")
    mode.end("ada")
    assert mode.state() is None, "it ends, whatever the disk says"


def journal_file(journal: Journal) -> Path:
    return journal._table.file


def test_a_camera_that_does_not_answer_is_told(tmp_path: Path, journal: Journal) -> None:
    plan = msgspec.structs.replace(DOOR, recording_start_unix_s=None)
    job = Job(plan, parse("rtsp://127.0.0.1:9/none"))
    with SetupMode([job], SetupSettings(watch_s=4), journal) as mode:
        mode.begin("door", "ada")
        faults = eventually(lambda: state_of(mode).faults)
        assert "nothing listens at this address" in faults[0] or "did not answer" in faults[0]
        assert state_of(mode).phase is Phase.OPENING


def test_what_is_no_video_says_so(tmp_path: Path, journal: Journal) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    job = Job(DOOR, parse(str(tmp_path / "text.mp4")))
    with SetupMode([job], SetupSettings(watch_s=4), journal) as mode:
        mode.begin("door", "ada")
        state = reach(mode, Phase.FAILED)
        assert state.problem is not None
        assert "not a video" in state.problem
        assert not state.has_still


def test_a_live_camera_is_watched_and_rehearsed(
    tmp_path: Path, journal: Journal, rtsp_server: Callable[[Serving], RtspServer]
) -> None:
    """Over RTSP, with the clock on the wall; it goes on until it is ended."""
    server = rtsp_server(Serving(make_clip(tmp_path / "walk.mp4", seconds=6), loop=True))
    live = CameraPlan("live", (LINE,), (ZONE,), "overhead")
    with SetupMode([Job(live, parse(server.url))], SetupSettings(watch_s=4), journal) as mode:
        mode.begin("live", "ada")
        eventually(lambda: state_of(mode).has_still)
        eventually(lambda: sum(one.total for one in mode.rehearsed() if one.place == "middle") > 1)
        assert state_of(mode).phase is Phase.REHEARSING
        assert state_of(mode).problem is None
