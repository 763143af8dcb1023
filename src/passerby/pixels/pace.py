"""How often a camera is looked at: as asked, or as often as this machine can."""

LEAST_FPS = 0.5
"""Looks a second under the heaviest load; what lies between them counts as not seen."""

_BEHIND_S = 0.7
_MOST_SHED = 16.0


class Pace:
    """Decides on the looks of one camera.

    All cameras of a worker wait in one line, so they fall behind together and shed alike.

    Args:
        most_fps: looks a second where the machine keeps up.
    """

    def __init__(self, most_fps: float) -> None:
        self._most_fps = most_fps
        self._shed = 1.0

    def looks_per_s(self, behind_s: float) -> float:
        """Looks a second from now on.

        Args:
            behind_s: by how much the newest picture comes late; 0 for a recording, which waits.
        """
        if behind_s > _BEHIND_S:
            self._shed = min(_MOST_SHED, self._shed * 1.3)
        elif behind_s < _BEHIND_S / 2:
            self._shed = max(1.0, self._shed / 1.1)
        return max(min(LEAST_FPS, self._most_fps), self._most_fps / self._shed)
