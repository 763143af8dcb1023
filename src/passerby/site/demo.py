"""`passerby demo`: a real clip, counted and shown on the page.

The clip is played as fast as the machine counts, round after round, as if it were the morning of one day: the page's
clock is the clip's own, and its windows are of one minute, the smallest that there are.
"""

import os
import tempfile
import webbrowser
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from passerby.core.tallies import MIN_WINDOW_S
from passerby.gate.guard import Job
from passerby.gate.guard import Settings as GuardSettings
from passerby.gate.messages import CameraPlan, LinePlan, ZonePlan
from passerby.gate.sources import parse
from passerby.records.interrupts import interruptible
from passerby.site import models
from passerby.site.clips import demo_clip
from passerby.site.count import Models
from passerby.site.figures import Settings as PageSettings
from passerby.site.run import Wiring, guard_site, open_site
from passerby.site.shapes import Shapes, Written, parse_places
from passerby.site.store import Store
from passerby.site.summary import locked, summarise
from passerby.site.watch import Watch

# On the demonstration clip: across the path in its right half, and the path itself.
_LINES = (LinePlan("path", (0.73, 0.99), (0.73, 0.17)),)
_ZONES = (ZonePlan("square", ((0.39, 0.23), (1.0, 0.23), (1.0, 0.73), (0.39, 0.73))),)
# On any other clip: a line down the middle.
_ANY_LINES = (LinePlan("middle", (0.5, 1.0), (0.5, 0.0)),)
_CAMERA = "demo"
_OPENING_HOUR = 9


@dataclass(frozen=True, slots=True)
class Options:
    """How to demonstrate.

    Attributes:
        video: a file of the user's, or None for the clip.
        lines: as on the command line; the clip's own if none.
        once: end when the clip ends.
        port: of the page.
        unsafe: leave the rooms open. For development only.
    """

    video: Path | None
    lines: tuple[str, ...]
    once: bool
    port: int
    unsafe: bool


def run(options: Options, model: models.ResolvedModel) -> dict[str, Any]:
    """Demonstrates until Ctrl-C, or until the clip ends.

    Returns:
        The summary, as `passerby count --json` prints it.

    Raises:
        InputError: the clip cannot be had or read.
        ConfigError: the port is taken or a line is wrong.
    """
    console = Console(stderr=True)
    with console.status("getting the clip"):
        clip = options.video or demo_clip(lambda _what, _share: None)
    source = replace(parse(str(clip)), loops=1 if options.once else 0)
    job = Job(_plan(options), source)
    guard = GuardSettings(model=model.plan, unsafe_no_lockdown=options.unsafe)
    with tempfile.TemporaryDirectory(prefix="passerby-demo-") as folder, Store(Path(folder) / "demo.sqlite") as store:
        seen = PageSettings((job.plan,), MIN_WINDOW_S)
        wiring = Wiring("Demonstration", [job], guard, store, seen, ("127.0.0.1", options.port), Models(model))
        return _play(wiring, options, console)


def _play(wiring: Wiring, options: Options, console: Console) -> dict[str, Any]:
    start_unix_s = wiring.jobs[0].plan.recording_start_unix_s or 0
    watches: list[Watch] = []

    def clip_clock() -> float:
        played_s = watches[0].state().cameras[0].seconds if watches else 0.0
        return start_unix_s + played_s

    wiring = replace(wiring, page=replace(wiring.page, clock=clip_clock))
    with interruptible() as interrupted, open_site(wiring) as (watch, url):
        watches.append(watch)
        console.print(f"The page is at [bold]{url}[/]", highlight=False)
        if not options.once:
            console.print("Counts rise with each minute of the clip. Ctrl-C ends the demonstration.")
            _open_in_browser(url)
        guard_site(wiring, watch, interrupted)
    state = watch.state()
    plan, camera = wiring.jobs[0].plan, state.cameras[0]
    counted = summarise(plan, camera, wiring.store.query(), wiring.models.people)
    faults = [camera.fault] if camera.fault else []
    return {**counted, "source": wiring.jobs[0].source.text, "lockdown": locked(state.lockdown[0]), "warnings": faults}


def _open_in_browser(url: str) -> None:
    """Opens the page where there is a screen; without one, a browser of the terminal would take the terminal."""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


def _plan(options: Options) -> CameraPlan:
    if options.lines:
        shapes = parse_places(Written(lines=options.lines))
    else:
        shapes = Shapes(_ANY_LINES, ()) if options.video else Shapes(_LINES, _ZONES)
    morning = datetime.now().astimezone().replace(hour=_OPENING_HOUR, minute=0, second=0, microsecond=0)
    if morning > datetime.now().astimezone() + timedelta(hours=1):
        morning -= timedelta(days=1)
    start = int(morning.timestamp())
    return CameraPlan(_CAMERA, shapes.lines, shapes.zones, window_s=MIN_WINDOW_S, recording_start_unix_s=start)
