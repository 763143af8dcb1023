"""A venue with two doors and a hall, and a store filled with a day of it."""

import math
from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from passerby.core.tallies import Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan, ZonePlan
from passerby.site.figures import Settings, midnight
from passerby.site.state import CameraState, CameraStatus, LockdownState, ModelState, SiteState

WINDOW_S = 900
ZONE = ZoneInfo("Europe/Paris")
MAIN_DOOR = LinePlan("Main door", (0.3, 0.5), (0.7, 0.5))
GARDEN_DOOR = LinePlan("Garden door", (0.3, 0.5), (0.7, 0.5))
HALL = ZonePlan("Hall", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
PLANS = (
    CameraPlan("entrance", lines=(MAIN_DOOR,), zones=(HALL,), window_s=WINDOW_S),
    CameraPlan("garden", lines=(GARDEN_DOOR,), window_s=WINDOW_S),
)
SETTINGS = Settings(plans=PLANS, window_s=WINDOW_S, zone=ZONE, names=("counting.example",))
WELL = SiteState(
    site="Museum of Tides",
    cameras=(
        CameraState(
            "entrance",
            CameraStatus.LIVE,
            None,
            1920,
            1080,
            90_000,
            28_800,
            seconds=3600,
            observed_s=3560,
            looks_per_s=2.4,
        ),
        CameraState(
            "garden", CameraStatus.LIVE, None, 1280, 720, 90_000, 28_800, seconds=3600, observed_s=3590, looks_per_s=8.0
        ),
    ),
    lockdown=(LockdownState("worker 1", 7, seccomp=True, bytes_out=5760),),
    models=(
        ModelState("passerby-person", "Apache-2.0", "c7" * 32),
        ModelState("aizoo-facemask", "MIT", "d5" * 32, task="masks"),
    ),
)


def unwell() -> SiteState:
    """The same venue on a bad day."""
    fault = "the camera did not answer. Check its address, its cable and its power."
    cameras = (WELL.cameras[0], replace(WELL.cameras[1], status=CameraStatus.FAILED, fault=fault))
    models = (
        replace(WELL.models[0], name="nanodet-g", note="nanodet-g is not the best detector; passerby-person is."),
    )
    return replace(WELL, cameras=cameras, models=models, unsafe=True, lockdown=(LockdownState("worker 1"),))


def day(now_unix_s: float) -> Iterator[Tally]:
    """Tallies from midnight to now. Part of the course was not seen, part only in half."""
    start = math.ceil(midnight(now_unix_s, ZONE) / WINDOW_S) * WINDOW_S
    for step, window in enumerate(range(start, int(now_unix_s) - WINDOW_S, WINDOW_S)):
        seen_s = 0.0 if step % 23 in (9, 10) else 450.0 if step % 23 == 16 else 898.0
        busy = (1 + math.sin(step / 7)) * seen_s / WINDOW_S
        for camera, line, share in (("entrance", "Main door", 30), ("garden", "Garden door", 9)):
            yield Tally(camera, Measure.CROSSINGS_IN, line, window, WINDOW_S, round(share * busy), seen_s)
            yield Tally(camera, Measure.CROSSINGS_OUT, line, window, WINDOW_S, round(share * 0.8 * busy), seen_s)
        yield Tally("entrance", Measure.PEOPLE, "Hall", window, WINDOW_S, round(4 * busy * seen_s, 1), seen_s)
        yield Tally("entrance", Measure.PEAK, "Hall", window, WINDOW_S, round(9 * busy), seen_s)
