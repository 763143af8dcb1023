"""The grids of those health figures that are no running totals: how fine, how large, and how often each may be told.

They are coarse, so that little can be hidden in them: `gate.contract` holds a worker to them and counts their bits.
"""

from dataclasses import dataclass

from passerby.gate.messages import HEALTH_EVERY_RECORDING_S, CameraPlan, HealthFigure

OFTEN_S = 20.0
"""What may go wrong at any moment is told so often: with the seconds of a measure, it is seen within half a minute."""
SELDOM_S = 60.0
HEIGHTS_S = 300.0

CODECS = (None, "h264", "hevc", "other")
"""What CODEC tells, by its number."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A figure in whole steps.

    Attributes:
        step: what one step is, in the figure's unit.
        most: steps; what is more is told as so many.
        every_s: a live camera tells it so often at most.
        of_line: told for each line, whose index is the record's subject.
    """

    step: float
    most: int
    every_s: float = OFTEN_S
    of_line: bool = False

    def steps(self, value: float) -> int:
        """The nearest step to a value."""
        # Rounded last: a feed that was taken over may state what makes this infinite.
        return round(min(self.most, max(0.0, value / self.step)))

    def value(self, steps: int) -> float:
        """What so many steps are."""
        return round(steps * self.step, 6)

    def every(self, camera: CameraPlan) -> float:
        """Seconds between two reports of it by a camera; a recording tells all each second."""
        return self.every_s if camera.live else HEALTH_EVERY_RECORDING_S


SCALES = {
    HealthFigure.WIDTH_PX: Scale(1, 16_384, SELDOM_S),
    HealthFigure.HEIGHT_PX: Scale(1, 16_384, SELDOM_S),
    HealthFigure.CODEC: Scale(1, len(CODECS) - 1, SELDOM_S),
    HealthFigure.FPS: Scale(0.5, 127),
    HealthFigure.ANNOUNCED_FPS: Scale(0.5, 127, SELDOM_S),
    HealthFigure.KEYFRAME_S: Scale(0.5, 63),
    HealthFigure.STUTTER: Scale(0.02, 50),
    HealthFigure.DARK: Scale(0.05, 20),
    HealthFigure.BRIGHT: Scale(0.05, 20),
    HealthFigure.SHARPNESS: Scale(0.02, 50),
    HealthFigure.FROZEN_S: Scale(10, 60),
    HealthFigure.COVERED: Scale(1, 1),
    HealthFigure.NIGHT: Scale(1, 1),
    HealthFigure.MOVED: Scale(1, 1, SELDOM_S),
    HealthFigure.LINE_PEOPLE: Scale(10, 100, HEIGHTS_S, of_line=True),
    HealthFigure.LINE_LOW_PX: Scale(4, 512, HEIGHTS_S, of_line=True),
    HealthFigure.LINE_MEDIAN_PX: Scale(4, 512, HEIGHTS_S, of_line=True),
}
