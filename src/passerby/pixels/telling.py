"""When each health figure of a room is told: totals at each report, the others at most as often as their scale says."""

import time
from collections.abc import Callable, Iterator

from passerby.gate.messages import CameraPlan, HealthFigure, Kind, Message
from passerby.gate.scales import SCALES

Figures = dict[HealthFigure, int]


class Telling:
    """The health figures of one camera, on their way to the door.

    Args:
        index: of the camera.
        plan: of the camera.
        clock: seconds that only run; injected for tests.
    """

    def __init__(self, index: int, plan: CameraPlan, clock: Callable[[], float] = time.monotonic) -> None:
        self._index, self._plan, self._clock = index, plan, clock
        self._told_s: dict[tuple[HealthFigure, int], float] = {}

    def due(self, figures: Figures, of_lines: list[Figures]) -> Iterator[Message]:
        """The records to send now.

        Args:
            figures: of the camera, as far as they are known.
            of_lines: of each of its lines.
        """
        for line, known in enumerate([figures, *of_lines], start=-1):
            for figure, value in known.items():
                if self._is_due(figure, max(0, line)):
                    yield Message(Kind.HEALTH, figure, self._index, max(0, line), a=value)

    def _is_due(self, figure: HealthFigure, line: int) -> bool:
        if figure not in SCALES:
            return True
        now_s = self._clock()
        told_s = self._told_s.get((figure, line))
        if told_s is not None and now_s - told_s < SCALES[figure].every(self._plan):
            return False
        self._told_s[figure, line] = now_s
        return True
