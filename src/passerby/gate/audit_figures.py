"""From the health figures of one camera to what the audit knows of it. Pure; site and audit share it."""

from collections import deque

import msgspec

from passerby.gate.audit_contract import Known, PictureFacts, PlacingFacts, VideoFacts
from passerby.gate.messages import CameraPlan, HealthFigure
from passerby.gate.scales import CODECS, SCALES

_REPORTS = 7
"""Errors are counted from one report to the sixth after it: a minute of a live camera."""

_SPAN_S = 60.0


class Figures:
    """The newest health figures of one camera.

    Args:
        plan: the camera's plan; it has the names of its lines.
    """

    def __init__(self, plan: CameraPlan) -> None:
        self._plan = plan
        self._values: dict[tuple[HealthFigure, int], int] = {}
        self._errors: deque[int] = deque(maxlen=_REPORTS)
        self._moved: bool | None = None

    def take(self, figure: HealthFigure, value: int, line: int = 0) -> None:
        """Takes one figure as the guard tells it: steps of `gate.scales`, or a running total."""
        if figure is HealthFigure.DECODE_ERRORS:
            if self._errors and value < self._errors[-1]:
                self._errors.clear()  # a worker that replaces another begins at 0 again
            self._errors.append(value)
        self._values[figure, line] = value

    def moved(self) -> None:
        """The room told that the camera was moved; this holds until the site starts again, as it does after set-up."""
        self._moved = True

    def facts(self) -> Known:
        """What is known by now. The age of the newest frame and faults are told by others."""
        return Known(self._video(), self._picture(), self._placing())

    def _video(self) -> VideoFacts:
        codec = self._values.get((HealthFigure.CODEC, 0), 0)
        return VideoFacts(
            span_s=min(_SPAN_S, self._values.get((HealthFigure.MEDIA_MS, 0), 0) / 1000),
            codec=CODECS[codec],
            width_px=self._values.get((HealthFigure.WIDTH_PX, 0)) or None,
            height_px=self._values.get((HealthFigure.HEIGHT_PX, 0)) or None,
            fps=self._of(HealthFigure.FPS),
            announced_fps=self._of(HealthFigure.ANNOUNCED_FPS),
            keyframe_every_s=self._of(HealthFigure.KEYFRAME_S),
            stutter=self._of(HealthFigure.STUTTER),
            decode_errors=self._errors[-1] - self._errors[0] if self._errors else None,
        )

    def _picture(self) -> PictureFacts:
        return PictureFacts(
            dark=self._of(HealthFigure.DARK),
            bright=self._of(HealthFigure.BRIGHT),
            sharpness=self._of(HealthFigure.SHARPNESS),
            frozen_s=self._of(HealthFigure.FROZEN_S),
            covered=self._is(HealthFigure.COVERED),
            moved=self._moved,
            night=self._is(HealthFigure.NIGHT),
        )

    def _placing(self) -> tuple[PlacingFacts, ...]:
        told = []
        for index, line in enumerate(self._plan.lines):
            people = self._of(HealthFigure.LINE_PEOPLE, index)
            low, median = self._of(HealthFigure.LINE_LOW_PX, index), self._of(HealthFigure.LINE_MEDIAN_PX, index)
            if people and low is not None and median is not None:
                told.append(PlacingFacts(line.name, round(people), low, median, line.masks))
        return tuple(told)

    def _of(self, figure: HealthFigure, line: int = 0) -> float | None:
        steps = self._values.get((figure, line))
        return None if steps is None else SCALES[figure].value(steps)

    def _is(self, figure: HealthFigure) -> bool | None:
        steps = self._values.get((figure, 0))
        return None if steps is None else steps > 0


def with_fault(known: Known, *, frame_age_s: float | None, fault: str | None) -> Known:
    """The same with what is known beside the figures: the age of the newest frame, and what is wrong."""
    video = msgspec.structs.replace(known.video, frame_age_s=frame_age_s, fault=fault)
    return msgspec.structs.replace(known, video=video)
