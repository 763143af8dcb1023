"""Cameras with planted faults on a real RTSP server, a real worker under its lock-down: what the site knows."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.gate import landlock, seccomp
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan
from passerby.gate.sources import parse
from passerby.site.state import CameraState
from passerby.site.watch import Watch, initial_state
from tests.support.rtsp_server import RtspServer, Serving
from tests.support.site import eventually
from tests.unit.test_picture_health import blurred, scene

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or seccomp"),
    pytest.mark.usefixtures("rtsp_parts"),
]

PATIENCE_S = 90.0


def clip(path: Path, picture: NDArray[np.float64], fps: int, noise: float) -> Path:
    """Eight seconds of one picture, nearly without loss."""
    rng = np.random.default_rng(2)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "12", "preset": "ultrafast"})
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for _ in range(8 * fps):
            noisy = np.clip(picture + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory, rtsp_parts: None) -> Iterator[dict[str, CameraState]]:
    folder = tmp_path_factory.mktemp("faults")
    grey = scene().mean(axis=2, keepdims=True).repeat(3, axis=2)
    served = {
        "good": Serving(clip(folder / "good.mp4", scene(), 10, 3.0), gop=20),
        "slow, without colour": Serving(clip(folder / "grey.mp4", grey, 6, 3.0), codec="h265", gop=36),
        "frozen, blurred": Serving(clip(folder / "frozen.mp4", blurred(scene(), 2.5), 10, 0.0), gop=10),
    }
    with ExitStack() as stack:
        plans = [CameraPlan(name, view="overhead") for name in served]
        urls = [stack.enter_context(RtspServer(serving)).url for serving in served.values()]
        jobs = [Job(plan, parse(url)) for plan, url in zip(plans, urls, strict=True)]
        watch = Watch(initial_state("Venue", list(served), 1, unsafe=False), lambda _: None, plans=plans)
        guard, over = Guard(jobs, Settings(keep_running=True), watch), threading.Event()
        thread = threading.Thread(target=guard.run, args=(over,))
        thread.start()
        stack.callback(thread.join)
        stack.callback(over.set)
        eventually(lambda: all(known(camera) for camera in watch.state().cameras), PATIENCE_S)
        state = watch.state()
        assert state.messages_refused == 0
        yield {camera.name: camera for camera in state.cameras}


def known(camera: CameraState) -> bool:
    """Whether all is told that will be, for a frozen one that it is."""
    frozen = bool(camera.picture.frozen_s) or "frozen" not in camera.name
    return camera.video.fps is not None and camera.picture.covered is not None and frozen


def test_a_good_camera_has_no_fault(cameras: dict[str, CameraState]) -> None:
    video, picture = cameras["good"].video, cameras["good"].picture
    assert (video.codec, video.width_px, video.height_px, video.decode_errors) == ("h264", 512, 288, 0)
    # A busy machine sends fewer frames than it should.
    assert 0 < (video.fps or 0) <= 11
    assert video.keyframe_every_s == pytest.approx(2, abs=0.5)
    assert (picture.dark, picture.bright, picture.frozen_s, picture.covered, picture.night) == (0, 0, 0, False, False)
    assert picture.sharpness is not None
    assert picture.sharpness > 0.5


def test_planted_faults_are_told_and_no_others(cameras: dict[str, CameraState]) -> None:
    slow, hung = cameras["slow, without colour"], cameras["frozen, blurred"]
    assert slow.video.codec == "hevc"
    assert 0 < (slow.video.fps or 0) <= 7
    assert (slow.picture.night, slow.picture.covered, slow.picture.frozen_s) == (True, False, 0)
    assert hung.picture.sharpness is not None
    assert hung.picture.sharpness < 0.38
    assert (hung.picture.frozen_s or 0) >= 10
    assert (hung.picture.dark, hung.picture.covered, hung.picture.night) == (0, False, False)
