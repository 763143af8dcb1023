"""`passerby bench` as its users run it: real rooms behind their locks, small clips, a camera that is switched off."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan, LinePlan
from passerby.gate.sources import parse
from passerby.site.bench_meter import Meter
from tests.support import old_kernel
from tests.support.clips import make_clip
from tests.support.program import in_words, passerby
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import children, command_line, eventually, free_port, overhead_camera

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)
LINE = LinePlan("line", (0.5, 0.9), (0.5, 0.1))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "small.mp4", seconds=9)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "large.avi", "mjpeg", 9, 15, ((1280, 720),))


def site(folder: Path, *cameras: str) -> Path:
    file = folder / "site.yaml"
    file.write_text("cameras:\n" + "\n".join(cameras) + "\n")
    return file


def level_camera(name: str, source: Path) -> str:
    """YAML of a camera that needs a detector."""
    return overhead_camera(name, source).replace("view: overhead", "view: level")


def has_a_feed(process: subprocess.Popen[str]) -> bool:
    assert process.poll() is None, process.communicate()
    return any(b"passerby.feed.reader" in command_line(pid) for pid in children(process.pid))


def test_each_camera_is_told_with_its_own_cost(large: Path, tmp_path: Path) -> None:
    slow = make_clip(tmp_path / "slow.mp4", seconds=9, fps=3)
    file = site(tmp_path, overhead_camera("large", large), overhead_camera("slow", slow))
    ran = passerby("bench", file, "--for", 6, "--json")
    assert ran.status == 0, ran.err
    assert ran.out.count("\n") == 1
    told = ran.json
    one, other = told["cameras"]
    assert (one["name"], other["name"]) == ("large", "slow")
    assert one["cpu_ms_per_s"] > 1.5 * other["cpu_ms_per_s"] > 0
    assert one["fps"] == pytest.approx(15, abs=1)
    assert other["fps"] == pytest.approx(3, abs=0.5)
    assert other["analysed_fps"] <= one["analysed_fps"] <= 8.5
    assert 0 < one["coverage"] <= 1
    assert 1 < one["memory_mb"] < 200
    assert 50 < told["worker_memory_mb"] < 500
    assert told["seconds"] == pytest.approx(6, abs=3)
    assert 0 < told["cores"] <= len(os.sched_getaffinity(0))
    assert 1 <= told["cameras_served"]["busy"] <= told["cameras_served"]["as_measured"]
    assert told["limit"] in ("processor", "memory")
    assert [note for note in told["notes"] if "Fewer frames come from slow" in note]


def test_nothing_is_kept_and_nothing_is_served(small: Path, tmp_path: Path) -> None:
    file = site(tmp_path, overhead_camera("door", small))
    command = [sys.executable, "-m", "passerby.cli", "bench", str(file), "--for", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        eventually(lambda: has_a_feed(process))
        held = [str(path.readlink()) for path in Path(f"/proc/{process.pid}/fd").glob("*")]
        assert not [what for what in held if what.startswith("socket:")]
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert list(tmp_path.iterdir()) == [file]
    for words in ("door needs", "% of one core", "It serves about", "Limited by:"):
        assert words in out


def test_an_empty_scene_is_not_taken_for_a_busy_one(small: Path, tmp_path: Path, shared_models: Path) -> None:
    ran = passerby("bench", site(tmp_path, level_camera("door", small)), "--for", 5, "--json")
    assert ran.status == 0, ran.err
    assert [note for note in ran.json["notes"] if "Nobody was counted at door" in note and "estimated" in note]
    assert ran.json["cameras"][0]["busy_cpu_ms_per_s"] > ran.json["cameras"][0]["cpu_ms_per_s"] + 8


def test_where_people_come_by_nothing_is_estimated(shared_data: Path, shared_models: Path, tmp_path: Path) -> None:
    clip = shared_data / "video" / "vtest_part_a.mp4"
    ran = passerby("bench", site(tmp_path, level_camera("plaza", clip)), "--for", 8, "--json")
    assert ran.status == 0, ran.err
    assert not [note for note in ran.json["notes"] if "Nobody" in note]
    assert ran.json["cameras"][0]["busy_cpu_ms_per_s"] >= ran.json["cameras"][0]["cpu_ms_per_s"]


def test_a_camera_that_is_off_is_left_out_and_named(small: Path, tmp_path: Path) -> None:
    gone = overhead_camera("yard", f"rtsp://127.0.0.1:{free_port()}/x")
    ran = passerby("bench", site(tmp_path, gone, overhead_camera("door", small)), "--for", 5, "--json")
    assert ran.status == 0, ran.err
    assert [one["name"] for one in ran.json["cameras"]] == ["door"]
    assert [note for note in ran.json["notes"] if note.startswith("yard: left out:")]


def test_where_no_camera_gives_video_it_says_why(tmp_path: Path) -> None:
    file = site(tmp_path, overhead_camera("yard", f"rtsp://127.0.0.1:{free_port()}/x"))
    ran = passerby("bench", file, "--for", 5)
    assert (ran.status, ran.out) == (2, "")
    assert "yard" in in_words(ran)


def test_a_recording_that_is_too_short_is_refused(tmp_path: Path) -> None:
    short = make_clip(tmp_path / "short.mp4", seconds=1)
    ran = passerby("bench", site(tmp_path, overhead_camera("door", short)), "--for", 5)
    assert ran.status == 2
    assert "too little to measure" in in_words(ran)


@pytest.mark.parametrize(("text", "words"), [("workers: 1\n", "none is given"), ("camera: []\n", "line 1")])
def test_a_configuration_that_cannot_be_used(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(text)
    ran = passerby("bench", file)
    assert (ran.status, ran.out) == (2, "")
    assert words in in_words(ran)


def test_without_the_locks_it_does_not_measure(small: Path, tmp_path: Path) -> None:
    file = site(tmp_path, overhead_camera("door", small))
    imitation = [sys.executable, old_kernel.__file__, "landlock_create_ruleset", "--", sys.executable]
    command = [*imitation, "-m", "passerby.cli", "bench", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("passerby:")


def is_reading(process: subprocess.Popen[str], clip: Path) -> bool:
    """Whether a feed has opened a clip; where one may not look, whether there is a feed."""
    feeds = [pid for pid in children(process.pid) if b"passerby.feed.reader" in command_line(pid)]
    try:
        return any(path.readlink() == clip for pid in feeds for path in Path(f"/proc/{pid}/fd").glob("*"))
    except PermissionError:
        return True
    except FileNotFoundError:
        return False


def test_ctrl_c_ends_it_with_what_was_measured(tmp_path: Path) -> None:
    long = make_clip(tmp_path / "long.mp4", seconds=60)
    file = site(tmp_path, overhead_camera("door", long))
    command = [sys.executable, "-m", "passerby.cli", "bench", str(file), "--for", "600", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        eventually(lambda: has_a_feed(process) and is_reading(process, long))
        time.sleep(4.5)  # it gives no answer to less than two seconds
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["seconds"] < 30


def test_a_real_camera(rtsp_server: Callable[[Serving], RtspServer], small: Path, tmp_path: Path) -> None:
    url = rtsp_server(Serving(small)).url
    ran = passerby("bench", site(tmp_path, overhead_camera("door", url)), "--for", 5, "--json")
    assert ran.status == 0, ran.err
    assert ran.json["cameras"][0]["fps"] == pytest.approx(10, rel=0.3)


def test_each_process_is_put_down_to_its_camera(tmp_path: Path) -> None:
    """Three cameras in two workers: which file a feed holds open tells whose it is, to those who may look."""
    clips = {name: make_clip(tmp_path / f"{name}.mp4", seconds=6) for name in ("a", "b", "c")}
    jobs = [
        Job(CameraPlan(name, (LINE,), (), "overhead", window_s=60), parse(str(clip)).at_its_own_pace())
        for name, clip in clips.items()
    ]
    meter = Meter([["a", "c"], ["b"]])
    over, found = threading.Event(), dict[str, str]()

    def look() -> bool:
        meter.sample()
        for name, camera in meter.cameras.items():
            if camera.feed and camera.feed.samples and name not in found:
                held = [str(path.readlink()) for path in Path(f"/proc/{camera.feed.pid}/fd").glob("*")]
                found[name] = next(Path(what).stem for what in held if what.endswith(".mp4"))
        return over.is_set()

    try:
        Guard(jobs, Settings(workers=2), meter).run(look)
    except PermissionError:
        pytest.skip("only root may look at what a feed holds open")
    assert found == {"a": "a", "b": "b", "c": "c"}
    assert meter.told
    assert meter.cpu_ms_per_s("a")[0] > 0
    assert meter.cpu_ms_per_s("a")[0] == pytest.approx(meter.cpu_ms_per_s("c")[0], rel=0.7), "a shared worker's mean"
