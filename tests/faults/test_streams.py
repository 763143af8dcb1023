"""Cameras of one running site whose streams go wrong, each in its own way; beside them one that is well.

All of it is played at once. Who crosses the line is known of each film, so nobody may be counted who did not cross,
and whoever is not counted has to be missing from what the site says that it saw.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure
from passerby.gate import landlock, seccomp
from passerby.site.store import Filter, Store
from tests.support import huge_header
from tests.support.doorway import FPS, LEARN_S, Doorway, again, flipped, moments_s, one_after_the_other
from tests.support.faults import noted
from tests.support.scripted_camera import FlappingCamera, Play, ScriptedCamera, Sent
from tests.support.site import RunningSite, eventually, overhead_camera

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)

TURN_S = 4.0
FLAPS = 10
SHORT, LONG = Doorway.busy(20), Doorway.busy(30)


def flips(codec: str) -> list[Play]:
    """One bit in 100 000 bytes flipped, in 10 000, in 1 000, and none."""
    film = SHORT.packets(codec)
    return [
        Play(codec, flipped(film, 1e-5, 1), SHORT.crossings_s),
        Play(codec, flipped(film, 1e-4, 2), SHORT.crossings_s),
        Play(codec, flipped(film[: 10 * FPS], 1e-3, 3), SHORT.crossings_s),
        Play(codec, film, SHORT.crossings_s),
    ]


def emptied(film: list[Sent]) -> list[Sent]:
    """A film with packets of RTP between its own in which there is nothing, or nothing but the head of a unit."""
    found = []
    for index, one in enumerate(film):
        found.append(one)
        if index % 3 == 0:
            found += [replace(one, data=data, raw=True) for data in (b"", b"", b"\x09", b"\x41", b"\x7c")]
    return found


def absurd(film: list[Sent]) -> list[Sent]:
    """A film whose times stand still, go back, jump as far as they can, and are what they should be in between."""
    lies: tuple[Callable[[float], float], ...] = (
        lambda _so: 5.0,
        lambda so: -so,
        lambda so: so + 2**31 / 90_000,
        lambda so: so * 1000,
        lambda so: so - 2**32 / 90_000 / 3 if round(so * FPS) % 2 else so,
        lambda so: so + 3600,
    )
    found = []
    for one in film:
        turn, inside_s = divmod(one.at_s, 10.0)
        lie = lies[int(turn) % len(lies)]
        found.append(replace(one, says_s=lie(one.says_s)) if inside_s >= 5 else one)
    return found


def huge(film: list[Sent]) -> list[Sent]:
    """A film whose head promises ever larger pictures for ten seconds, and is what it was after that."""
    sizes = [(10_000, 10_000), (16_384, 16_384), (65_535, 65_535), (8_000, 12_500)]
    return [
        replace(one, data=huge_header.h264(*sizes[index % 4])) if 50 <= index < 150 else one
        for index, one in enumerate(film)
    ]


def streams() -> dict[str, ScriptedCamera]:
    """All cameras by name."""
    short, long, hevc = SHORT.packets(), LONG.packets(), SHORT.packets("hevc")
    large, flat = (Doorway.busy(20, size_px).packets() for size_px in ((640, 480), (320, 180)))
    empty, turn = Doorway(TURN_S * 2, []), Doorway(TURN_S * 2, [0.0])
    turns = one_after_the_other(empty.packets(gop=FPS), again(turn.packets(gop=FPS), FLAPS - 1))
    twice, thrice = moments_s(LONG, LONG), moments_s(SHORT, SHORT, SHORT)
    apart = [("h264", short), ("hevc", hevc), ("mjpeg", SHORT.packets("mjpeg"))]
    return {
        "steady": ScriptedCamera(Play("h264", again(long, 2), twice)),
        "flaps": FlappingCamera(Play("h264", turns, moments_s(empty, *[turn] * (FLAPS - 1))), TURN_S, gop=FPS),
        "stalls": ScriptedCamera(
            Play("h264", long[: 20 * FPS], LONG.crossings_s, silent_s=60), Play("h264", long, LONG.crossings_s)
        ),
        "sizes apart": ScriptedCamera(*(Play("h264", film, SHORT.crossings_s) for film in (short, large, flat))),
        "sizes within": ScriptedCamera(Play("h264", one_after_the_other(short, large, flat), thrice)),
        "codecs apart": ScriptedCamera(*(Play(codec, film, SHORT.crossings_s) for codec, film in apart)),
        "codecs within": ScriptedCamera(Play("h264", one_after_the_other(short, hevc, short), thrice)),
        **{f"flipped {codec}": ScriptedCamera(*flips(codec)) for codec in ("h264", "hevc", "mjpeg")},
        "empty": ScriptedCamera(Play("h264", emptied(again(long, 2)), twice)),
        "absurd": ScriptedCamera(Play("h264", absurd(again(long, 2)), twice)),
        "huge": ScriptedCamera(Play("h264", huge(short), SHORT.crossings_s), Play("h264", short, SHORT.crossings_s)),
    }


@dataclass
class Played:
    """What there is to know of a site, after all was played.

    Attributes:
        cameras: what was sent.
        seen: how a camera was, with the Unix time, each time that was asked.
        acknowledged: tallies of windows that the site said it had, while it ran.
        stored: those in its file at the end.
        state: of the site, at the end.
        most_bytes: peak of each room's memory by process id, and what it held a while after its start.
        open_files: of the site, at the beginning and at the end.
    """

    cameras: dict[str, ScriptedCamera]
    seen: dict[str, list[tuple[float, dict[str, Any]]]] = field(default_factory=dict)
    acknowledged: dict[tuple[Any, ...], tuple[float, float]] = field(default_factory=dict)
    stored: dict[tuple[Any, ...], tuple[float, float]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    most_bytes: dict[int, int] = field(default_factory=dict)
    first_bytes: dict[int, int] = field(default_factory=dict)
    open_files: list[int] = field(default_factory=list)

    def sum(self, camera: str, measure: Measure) -> tuple[float, float]:
        """Total and exposure of all windows of a camera."""
        found = [value for key, value in self.stored.items() if key[:2] == (camera, measure.name.lower())]
        return sum(total for total, _ in found), sum(exposure for _, exposure in found)

    def counted(self, camera: str) -> int:
        return round(self.sum(camera, Measure.CROSSINGS_IN)[0])

    def exposure_s(self, camera: str) -> float:
        return self.sum(camera, Measure.PEOPLE)[1]

    def present_s(self, camera: str) -> float:
        """For how long its stream was there."""
        sent = self.cameras[camera]
        return sum(end - begin for begin, end in zip(sent.began_unix_s, sent.ended_unix_s, strict=True))

    def reached(self, camera: str) -> bool:
        """Whether nearly all that was sent was decoded: a machine that is too busy drops it before."""
        last = self.seen[camera][-1][1]
        return bool(last["frames_read"] + last["decode_errors"] >= 0.9 * FPS * self.present_s(camera))

    def faults(self, camera: str) -> str:
        """All that was said of a camera."""
        return " ".join({one["fault"] or "" for _, one in self.seen[camera]})

    def lost(self, camera: str) -> int:
        """How many of a camera's tallies that the site said it had are gone or changed."""
        acknowledged = {key: value for key, value in self.acknowledged.items() if key[0] == camera}
        assert self.acknowledged, "no window was over yet"
        return sum(self.stored.get(key) != value for key, value in acknowledged.items())


def memory_bytes(pid: int, figure: str) -> int:
    """A figure of a process's status; 0 where it ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(figure)), 0)


def watch(site: RunningSite, played: Played) -> None:
    """Asks how all is, until all plays have ended."""
    files = Path(f"/proc/{site.pid}/fd")
    played.open_files.append(len(list(files.iterdir())))
    until_s = time.monotonic() + 240
    while not all(camera.over for camera in played.cameras.values()):
        assert time.monotonic() < until_s, [name for name, camera in played.cameras.items() if not camera.over]
        note(site, played)
        time.sleep(0.5)
    eventually(lambda: played.cameras["steady"].ended_unix_s[-1] < time.time() - 2)
    note(site, played)
    played.open_files.append(len(list(files.iterdir())))


def note(site: RunningSite, played: Played) -> None:
    """Asks once."""
    played.state = site.state() or played.state
    for one in played.state["cameras"]:
        played.seen.setdefault(one["name"], []).append((time.time(), one))
    for pid in site.rooms("pixels.worker") + site.rooms("feed.reader"):
        most = memory_bytes(pid, "VmHWM")
        played.first_bytes.setdefault(pid, most)
        played.most_bytes[pid] = max(most, played.most_bytes.get(pid, 0))
    for one in site.get("/api/v1/tallies?since=0").get("tallies", []):
        key = (one["camera"], one["measure"], one["subject"], one["start_unix_s"], one.get("part", 0))
        if one["start_unix_s"] + one["width_s"] + 15 < time.time():
            played.acknowledged[key] = (one["total"], one["exposure"])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("streams")
    with ExitStack() as stack:
        cameras = {name: stack.enter_context(camera) for name, camera in streams().items()}
        found = Played(cameras)
        yaml = [overhead_camera(name, camera.url) for name, camera in cameras.items()]
        with RunningSite(folder, *yaml, workers=2).start() as site:
            eventually(lambda: site.state().get("cameras"))
            watch(site, found)
            assert site.stop() == 0
        with Store(folder / "passerby.sqlite") as store:
            for one in store.query(Filter()):
                key = (one.camera, one.measure.name.lower(), one.subject, one.start_unix_s, one.part)
                found.stored[key] = (one.total, one.exposure)
        assert "Traceback" not in site.log.read_text()
        yield found


@pytest.fixture(autouse=True)
def _shown(played: Played, request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test that fails wants to know."""
    yield
    for name, sent in played.cameras.items():
        last = played.seen[name][-1][1]
        figures = {key: last[key] for key in ("decode_errors", "reconnects", "frames_read", "status")}
        counts = played.counted(name), played.sum(name, Measure.CROSSINGS_OUT)[0], sent.crossed
        print(name, counts, played.exposure_s(name), played.present_s(name), sent.asked, figures, played.faults(name))  # noqa: T201


def honest(played: Played, camera: str) -> None:
    """Nobody was counted who did not cross, and nothing was seen that was not there; who is missing was not seen."""
    present_s, seen_s, counted = played.present_s(camera), played.exposure_s(camera), played.counted(camera)
    crossed = played.cameras[camera].crossed
    assert counted <= crossed
    assert played.sum(camera, Measure.CROSSINGS_OUT)[0] == 0, "they all go one way"
    assert seen_s <= present_s + 1
    unseen_s = present_s - LEARN_S - seen_s
    assert counted >= crossed - max(0.0, unseen_s) / 0.5 - 1, "half a second out of sight loses one at most"


def between(played: Played, camera: str) -> list[float]:
    """How long it took from the end of each play to the beginning of the next one."""
    sent = played.cameras[camera]
    return [begin - end for begin, end in zip(sent.began_unix_s[1:], sent.ended_unix_s, strict=False)]


def seen_again_s(played: Played, camera: str, since_unix_s: float) -> float | None:
    """How long it took until the site told that more of a camera was seen; None where the machine was too busy."""
    before = max((one["observed_s"] for at, one in played.seen[camera] if at <= since_unix_s), default=0.0)
    later = [at for at, one in played.seen[camera] if at > since_unix_s and one["observed_s"] > before]
    assert later or not played.reached(camera), f"{camera}: never again"
    return later[0] - since_unix_s if later else None


def test_the_others_go_on(played: Played) -> None:
    honest(played, "steady")
    assert played.counted("steady") > 0, "a machine that sees nothing of a camera that is well proves nothing"
    assert played.exposure_s("steady") > 20
    assert [one["restarts"] for one in played.state["lockdown"]] == [0, 0], "no worker died of any of this"
    assert played.state["messages_refused"] == 0


def test_nothing_is_left_behind(played: Played) -> None:
    before, after = played.open_files
    assert after <= before + 2 * len(played.cameras), "a feed has two files; all of them may just run"
    assert max(played.most_bytes.values()) < 350 * 2**20


def test_a_camera_that_comes_and_goes(played: Played) -> None:
    sent = played.cameras["flaps"]
    assert isinstance(sent, FlappingCamera)
    with noted("flaps") as note:
        honest_of_flaps(played, sent)
        for _, late_s in sent.turns():
            note.once(recovered_s=late_s)
        note.lost = played.lost("flaps")
    assert note.times >= 3, "it is found again though it is often away; on a machine that is not busy in each turn"


def honest_of_flaps(played: Played, sent: FlappingCamera) -> None:
    present_s = played.present_s("flaps")
    assert played.counted("flaps") <= sent.crossed
    assert played.sum("flaps", Measure.CROSSINGS_OUT)[0] == 0
    assert played.exposure_s("flaps") <= present_s + 1
    assert sent.asked <= 40 * FLAPS * 2 * TURN_S / 60, "it is not hammered"


def test_a_stream_that_stalls(played: Played) -> None:
    sent = played.cameras["stalls"]
    stalled_unix_s = sent.ended_unix_s[0]
    told = [at for at, one in played.seen["stalls"] if "stopped without closing" in (one["fault"] or "")]
    with noted("stalls") as note:
        honest(played, "stalls")
        assert min(at for at in told if at > stalled_unix_s) - stalled_unix_s < 25, (
            "twelve seconds, and a moment until it is said"
        )
        note.once(recovered_s=sent.began_unix_s[1] - stalled_unix_s, lost=played.lost("stalls"))


@pytest.mark.parametrize("camera", ["sizes apart", "sizes within"])
def test_a_picture_that_changes_its_size(camera: str, played: Played) -> None:
    with noted("size-changes") as note:
        honest(played, camera)
        for gap_s in between(played, camera):
            note.once(recovered_s=gap_s)
        note.times = 2
        note.lost = played.lost(camera)


@pytest.mark.parametrize("camera", ["codecs apart", "codecs within"])
def test_a_codec_that_changes(camera: str, played: Played) -> None:
    with noted("codec-changes") as note:
        honest(played, camera)
        if camera == "codecs within" and played.reached(camera):
            assert "damaged" in played.faults(camera), "what is announced as another codec is no video"
            assert played.exposure_s(camera) <= played.present_s(camera) * 2 / 3 + 3
        for gap_s in between(played, camera):
            note.once(recovered_s=gap_s)
        note.times = 2
        note.lost = played.lost(camera)


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_flipped_bits(codec: str, played: Played) -> None:
    camera = f"flipped {codec}"
    sent = played.cameras[camera]
    with noted("bit-flips") as note:
        honest(played, camera)
        if played.reached(camera):
            assert "damaged" in played.faults(camera)
            assert played.seen[camera][-1][1]["decode_errors"] > 0
        for begin, end in zip(sent.began_unix_s[1:3], sent.ended_unix_s[1:3], strict=True):
            assert begin < end
            note.once()
        note.once(recovered_s=seen_again_s(played, camera, sent.ended_unix_s[2]), lost=played.lost(camera))


def test_empty_packets(played: Played) -> None:
    with noted("empty-packets") as note:
        honest(played, "empty")
        note.once(lost=played.lost("empty"))


def test_absurd_times(played: Played) -> None:
    with noted("absurd-times") as note:
        honest(played, "absurd")
        assert "times jumped" in played.faults("absurd") or not played.reached("absurd")
        assert all(exposure <= 60 for key, (_, exposure) in played.stored.items() if key[0] == "absurd")
        for _ in range(6):
            note.once()
        note.lost = played.lost("absurd")


def test_a_header_that_promises_too_much(played: Played) -> None:
    sent = played.cameras["huge"]
    with noted("huge-header") as note:
        honest(played, "huge")
        assert "larger than 36 megapixels" in played.faults("huge") or not played.reached("huge")
        note.once(recovered_s=seen_again_s(played, "huge", sent.began_unix_s[0] + 15), lost=played.lost("huge"))
