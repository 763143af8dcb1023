"""Remembers a scene over a break of its stream: whoever learns what is empty need not begin anew."""

from dataclasses import replace

from passerby.pixels.scene import Detector, Eyes, Scene

_KNOWN_S = 60.0
"""Longer than most breaks, and short enough for the light to be what it was."""


class KnownScene:
    """The scene of a camera that was left last. Its tracks end with it; only its detector goes on."""

    def __init__(self) -> None:
        self._left: tuple[Detector, tuple[int, int], float] | None = None

    def leave(self, scene: Scene, time_s: float) -> None:
        """A scene ends.

        Args:
            scene: it.
            time_s: of its last picture, in seconds since the first stream started.
        """
        self._left = (scene.detector, scene.size_px, time_s)

    def eyes(self, eyes: Eyes, size_px: tuple[int, int], time_s: float) -> Eyes:
        """The eyes for a new scene: they know it, if it is as large as the one that was left and comes soon after."""
        if self._left is None:
            return eyes
        (detector, known_px, left_s), self._left = self._left, None
        if known_px != size_px or not 0 <= time_s - left_s <= _KNOWN_S:
            return eyes
        return replace(eyes, detector=lambda: detector)
