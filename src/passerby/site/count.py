"""`passerby count`: one source, counted once."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from passerby.core.tallies import HEAT_MINIMUM, MAX_WINDOW_S, Tally
from passerby.errors import ConfigError, SourceError
from passerby.gate.contract import FacingNow
from passerby.gate.faults import TEXTS
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure
from passerby.gate.sources import Source
from passerby.records.interrupts import interruptible
from passerby.site.models import ResolvedModel
from passerby.site.shapes import Shapes
from passerby.site.state import CameraState, LockdownState
from passerby.site.summary import locked, summarise

_FATAL = frozenset(
    {
        FaultCode.NO_DECODER,
        FaultCode.NOT_A_VIDEO,
        FaultCode.NO_FRAMES,
        FaultCode.PICTURE_TOO_LARGE,
        FaultCode.UNAUTHORISED,
        FaultCode.UNREACHABLE,
        FaultCode.REFUSED,
        FaultCode.NOT_FOUND,
        FaultCode.NOT_PERMITTED,
        FaultCode.READ_FAILED,
        FaultCode.STALLED,
    }
)


@dataclass(frozen=True, slots=True)
class Models:
    """Who looks.

    Attributes:
        people: the detector; None for a camera that looks straight down.
        masks: the judge of masks; None where nobody asks for them.
    """

    people: ResolvedModel | None = None
    masks: ResolvedModel | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What to count.

    Attributes:
        source: where the video comes from.
        shapes: where to count and where not to look.
        view: "level" or "overhead".
        models: who looks.
        heat_map: also keep a heat map.
        analysed_fps: frames to look at in a second of video, at most; None for what the view needs.
        limit_s: leave a camera so long after it was reached; None for no limit.
        unsafe_no_lockdown: leave the rooms open. For development only.
    """

    source: Source
    shapes: Shapes
    view: str = "level"
    models: Models = Models()
    heat_map: bool = False
    analysed_fps: float | None = None
    limit_s: float | None = None
    unsafe_no_lockdown: bool = False

    @property
    def plan(self) -> CameraPlan:
        """What the pixel worker is told."""
        start = None if self.source.live else 0
        return CameraPlan(
            self.source.text,
            self.shapes.lines,
            self.shapes.zones,
            self.view,
            MAX_WINDOW_S,
            self.analysed_fps,
            recording_start_unix_s=start,
            staff_areas=self.shapes.staff_areas,
            privacy_masks=self.shapes.privacy_masks,
            heat_minimum=HEAT_MINIMUM if self.heat_map else None,
        )


@dataclass(slots=True)
class Count:
    """What is known of a count so far. It listens to the guard."""

    order: Order
    on_progress: Callable[[float, float], None]
    figures: dict[HealthFigure, int] = field(default_factory=dict)
    tallies: list[Tally] = field(default_factory=list)
    faults: list[FaultCode] = field(default_factory=list)
    landlock_abi: int = 0
    seccomp: bool = False
    connected_s: float = math.inf

    def ready(self, _worker: int, landlock_abi: int, seccomp: bool) -> None:
        """The worker is shut in."""
        self.landlock_abi, self.seccomp = landlock_abi, seccomp

    def bytes_out(self, worker: int, count: int) -> None:
        """How much is told does not matter here."""

    def tally(self, tally: Tally) -> None:
        """A window was closed."""
        self.tallies.append(tally)

    def health(self, _camera: str, figure: HealthFigure, value: int, _line: int = 0) -> None:
        """How far it is."""
        self.figures[figure] = value
        if figure is HealthFigure.CONNECTED:
            self.connected_s = time.monotonic()
        if figure is HealthFigure.MEDIA_MS:
            self.on_progress(value / 1000, self.figures.get(HealthFigure.DURATION_MS, 0) / 1000)

    def shelf(self, now: FacingNow) -> None:
        """A recording has no shelves."""

    def fault(self, _camera: str, code: FaultCode) -> None:
        """Something is wrong with the source."""
        if code not in self.faults:
            self.faults.append(code)

    def done(self, camera: str) -> None:
        """The source was counted to its end."""

    def refused(self, worker: int, reason: str) -> None:
        """The guard raises the reason by itself."""

    def restarted(self, worker: int, reason: str) -> None:
        """A count starts nothing again."""

    @property
    def warnings(self) -> list[str]:
        """What was wrong, but did not stop the count."""
        return [f"{self.order.source.text}: {TEXTS[code]}" for code in self.faults if code is not FaultCode.ENDED]

    def raise_faults(self) -> None:
        """Says plainly that the source could not be read, if so.

        Raises:
            SourceError: nothing could be counted.
            ConfigError: a place lies outside the picture.
        """
        if FaultCode.PLACE_OUTSIDE in self.faults:
            raise ConfigError(self._outside())
        if self.figures.get(HealthFigure.FRAMES_READ, 0):
            return
        fatal = [code for code in self.faults if code in _FATAL and code is not FaultCode.NO_FRAMES]
        code = fatal[0] if fatal else FaultCode.NO_FRAMES
        raise SourceError(f"{self.order.source.text}: {TEXTS[code]}")

    def _outside(self) -> list[str]:
        width = self.figures.get(HealthFigure.WIDTH_PX, 0)
        height = self.figures.get(HealthFigure.HEIGHT_PX, 0)
        places: list[tuple[str, tuple[tuple[float, float], ...]]] = []
        places += [(f"line {line.name}", (line.start, line.end)) for line in self.order.shapes.lines if line.in_px]
        for zone in self.order.shapes.zones:
            if zone.in_px:
                queue = (zone.queue.head, zone.queue.tail) if zone.queue else ()
                places.append((f"zone {zone.name}", (*zone.corners, *queue)))
        return [
            f"{place}: the point {x:g}px,{y:g}px is outside the picture, which is {width}x{height} pixels."
            for place, points in places
            for x, y in points
            if x > width or y > height
        ] or [f"{self.order.source.text}: {TEXTS[FaultCode.PLACE_OUTSIDE]}"]

    def summary(self) -> dict[str, Any]:
        """The count as `--json` prints it."""
        camera = CameraState(
            self.order.source.text,
            frames_read=self.figures.get(HealthFigure.FRAMES_READ, 0),
            frames_analysed=self.figures.get(HealthFigure.FRAMES_ANALYSED, 0),
            seconds=self.figures.get(HealthFigure.MEDIA_MS, 0) / 1000,
            observed_s=self.figures.get(HealthFigure.OBSERVED_MS, 0) / 1000,
        )
        counted = summarise(self.order.plan, camera, self.tallies, self.order.models.people)
        lock = LockdownState("worker 1", self.landlock_abi, self.seccomp)
        return {**counted, "lockdown": locked(lock), "warnings": self.warnings}


def count(order: Order, on_progress: Callable[[float, float], None]) -> Count:
    """Counts a source to its end, or until Ctrl-C or the limit.

    Args:
        order: what to count.
        on_progress: called with seconds of video done, and in all (0 if not known).

    Raises:
        SourceError: it cannot be read.
        ConfigError: a place lies outside its picture.
        LockdownError, ModelError, GateError: see `gate.guard.Guard.run`.
    """
    state = Count(order, on_progress)
    people, masks = order.models.people, order.models.masks
    settings = Settings(
        model=people.plan if people else None,
        masks=masks.plan if masks else None,
        unsafe_no_lockdown=order.unsafe_no_lockdown,
    )
    guard = Guard([Job(order.plan, order.source)], settings, state)
    with interruptible() as interrupted:
        guard.run(
            lambda: (
                interrupted()
                or FaultCode.PLACE_OUTSIDE in state.faults
                or (order.limit_s is not None and time.monotonic() - state.connected_s >= order.limit_s)
            )
        )
    state.raise_faults()
    return state
