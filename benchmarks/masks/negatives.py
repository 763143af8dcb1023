"""Where there is no face to judge: backs of heads, people far away, walls. "Cannot tell" is the right answer."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation

from benchmarks.masks.faces import Labelled, Pixels, resized
from passerby.core.masks import Answer
from passerby.core.tracking import Tracker, rules_for
from passerby.pixels.frames import Sampler, Scaler
from passerby.pixels.heads import Judge, MaskWatch
from passerby.pixels.people import PersonDetector
from passerby.pixels.squares import Box

CLIPS = (
    ("people sit down with their backs to the camera, heads of 45 px", "one-by-one-person-detection.mp4", 1),
    ("people seen from above and afar, heads of 10 px", "vtest_part_a.mp4", 1),
    ("the same, enlarged three times", "vtest_part_a.mp4", 3),
    ("a shop front, heads of 8 px", "caviar_OneLeaveShop1front.mpg", 1),
    ("two bare faces that come closer, 15 to 25 px", "corridor_two_people_preview.gif", 1),
)
"""What is seen, the file, and how many times the judge's picture is enlarged."""


def of_clip(file: Path, judge: Judge, detector: PersonDetector, times: int) -> Counter[Answer]:
    """The last answer for each track of a clip, as the pixel room comes to it at eight looks a second."""
    tracker, watch = Tracker(rules_for("level", detector.confident)), MaskWatch(judge)
    sampler, scaler = Sampler(8.0), Scaler(detector.size_px)
    answers: dict[int, Answer] = {}
    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            if not sampler.wants(frame.time or 0.0, 0.04):
                continue
            tracks = tracker.update(detector.detect(scaler.scale(frame), frame.time or 0.0))

            watch.look(tracks, scaler.size_of(frame), partial(_enlarged, frame, times))
            answers |= {track: watch.vote(track) for track in tracks.ids.tolist()}
    return Counter(answers.values())


def _enlarged(frame: VideoFrame, times: int) -> Pixels:
    rgb = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    return resized(rgb, times, Interpolation.BICUBIC) if times > 1 else rgb


def of_walls(found: list[Labelled], answer: Callable[[Pixels, Box], Answer]) -> Counter[Answer]:
    """Squares of the photographs where no face is labelled."""
    random = np.random.default_rng(1)
    answers: Counter[Answer] = Counter()
    for one in found:
        height, width = one.rgb.shape[:2]
        faces = np.array([face.box_px for face in one.faces])
        for side in random.uniform(24, 60, 6):
            x, y = random.uniform(side, width - side), random.uniform(side, height - side)
            middle, size = (faces[:, :2] + faces[:, 2:]) / 2, faces[:, 2:] - faces[:, :2]
            if (np.abs(middle - (x, y)) > side + size).any(axis=1).all():
                answers[answer(one.rgb, (x - side / 2, y - side / 2, x + side / 2, y + side / 2))] += 1
    return answers
