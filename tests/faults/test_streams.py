"""Cameras of one running site whose streams go wrong, each in its own way; beside them one that is well.

All of it is played at once. Who crosses the line is known of each film, so nobody may be counted who did not cross,
and whoever is not counted has to be missing from what the site says that it saw.
"""

import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure
from passerby.gate import landlock, seccomp
from passerby.site.store import Filter, Store
from tests.support import huge_header
from tests.support.doorway import FPS, LEARN_S, Doorway, again, flipped, one_after_the_other
from tests.support.faults import noted
from tests.support.scripted_camera import FlappingCamera, Play, ScriptedCamera, Sent
from tests.support.site import RunningSite, eventually, overhead_camera

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)

TURN_S = 4.0
FLAPS = 10
SHORT, LONG = Doorway.busy(20), Doorway.busy(30)
TRUTH = {
    "steady": 2 * LONG.crossings,
    "flaps": FLAPS,
    "stalls": 3 + LONG.crossings,
    "sizes apart": 3 * SHORT.crossings,
    "sizes within": 3 * SHORT.crossings,
    "codecs apart": 3 * SHORT.crossings,
    "codecs within": 2 * SHORT.crossings,
    "flipped h264": 3 * SHORT.crossings + 2,
    "flipped hevc": 3 * SHORT.crossings + 2,
    "flipped mjpeg": 3 * SHORT.crossings + 2,
    "empty": 2 * LONG.crossings,
    "absurd": 2 * LONG.crossings,
    "huge": 2 * SHORT.crossings,
}
"""How many people cross the line of each camera while its stream is there."""


def flips(codec: str) -> list[Play]:
    """One bit in 100 000 bytes flipped, in 10 000, in 1 000, and none."""
    film = SHORT.packets(codec)
    return [
        Play(codec, flipped(film, 1e-5, 1)),
        Play(codec, flipped(film, 1e-4, 2)),
        Play(codec, flipped(film[: 10 * FPS], 1e-3, 3)),
        Play(codec, film),
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
    lies = [
        lambda _so: 5.0,
        lambda so: -so,
        lambda so: so + 2**31 / 90_000,
        lambda so: so * 1000,
        lambda so: so - 2**32 / 90_000 / 3 if round(so * FPS) % 2 else so,
        lambda so: so + 3600,
    ]
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
    short, long = SHORT.packets(), LONG.packets()
    large, flat = (Doorway.busy(20, size_px).packets() for size_px in ((640, 480), (320, 180)))
    coarse = Doorway(TURN_S * 2, [0.0]).packets(gop=FPS)
    hevc = SHORT.packets("hevc")
    return {
        "steady": ScriptedCamera(Play("h264", again(long, 2))),
        "flaps": FlappingCamera(Play("h264", again(coarse, FLAPS)), TURN_S, gop=FPS),
        "stalls": ScriptedCamera(Play("h264", long[: 20 * FPS], silent_s=60), Play("h264", long)),
        "sizes apart": ScriptedCamera(*(Play("h264", film) for film in (short, large, flat))),
        "sizes within": ScriptedCamera(Play("h264", one_after_the_other(short, large, flat))),
        "codecs apart": ScriptedCamera(
            Play("h264", short), Play("hevc", hevc), Play("mjpeg", SHORT.packets("mjpeg"))
        ),
        "codecs within": ScriptedCamera(Play("h264", one_after_the_other(short, hevc, short))),
        **{f"flipped {codec}": ScriptedCamera(*flips(codec)) for codec in ("h264", "hevc", "mjpeg")},
        "empty": ScriptedCamera(Play("h264", emptied(again(long, 2)))),
        "absurd": ScriptedCamera(Play("h264", absurd(again(long, 2)))),
        "huge": ScriptedCamera(Play("h264", huge(short)), Play("h264", short)),
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

    def faults(self, camera: str) -> str:
        """All that was said of a camera."""
        return " ".join({one["fault"] or "" for _, one in self.seen[camera]})

    def lost(self) -> int:
        """How many acknowledged tallies of this camera are gone or changed."""
        return sum(self.stored.get(key, (0.0, 0.0)) != value for key, value in self.acknowledged.items())


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


def test_show(played: Played) -> None:
    for name in played.cameras:
        last = played.seen[name][-1][1]
        print(
            f"{name:15} counted {played.counted(name)} out {played.sum(name, Measure.CROSSINGS_OUT)[0]} of {TRUTH[name]}"
            f" exposure {played.exposure_s(name):.1f} of {played.present_s(name):.1f}"
            f" errors {last['decode_errors']} reconnects {last['reconnects']} read {last['frames_read']}"
            f" asked {played.cameras[name].asked} {last['status']} | {played.faults(name)}"
        )
    print(len(played.acknowledged), played.lost(), played.open_files)
    print({pid: (played.first_bytes[pid] >> 20, most >> 20) for pid, most in played.most_bytes.items()})
    print([one["restarts"] for one in played.state["lockdown"]])
