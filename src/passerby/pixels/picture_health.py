"""Whether a camera's picture is one in which people can be counted: not dark, burnt out, blurred or covered.

Every few seconds one picture that is decoded anyway is measured; what is told is the median of three, so that somebody
who walks up to the lens is none of these. Decision 20 has the measures and what they were tried on.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from passerby.core.geometry import Zone
from passerby.gate.messages import HealthFigure
from passerby.gate.scales import SCALES
from passerby.pixels.blanking import rasterised
from passerby.pixels.edge_slopes import EdgeSlopes

Picture = NDArray[np.uint8]

LOOK_EVERY_S = 5.0
_LOOKS = 3
_BLACK, _WHITE = 40, 245
"""Levels of 255 that the lightest colour stays under, and that the darkest one reaches."""

_CELL_PX = 16
_COLOUR_LEVELS, _COLOURED = 4.0, 0.02
_STRUCTURE_LEVELS, _STRUCTURED = 6.0, 0.05
_STRUCTURE_LEFT = 0.3
_TOO_DARK = 0.5
"""Where half of it is black, neither colour nor edges tell anything."""

_LEARNT = 15
_SLOW = 1 / 150


@dataclass(frozen=True, slots=True)
class Seen:
    """What one picture told: shares 0..1; None where it cannot tell."""

    dark: float
    bright: float
    covered: bool | None
    night: bool | None
    sharpness: float | None


class PictureHealth:
    """The picture of one camera.

    Args:
        blanked: parts that nobody looks at, in fractions.
    """

    def __init__(self, blanked: tuple[Zone, ...] = ()) -> None:
        self._blanked = blanked
        self._hidden: dict[tuple[int, int], NDArray[np.bool_]] = {}
        self._slopes = EdgeSlopes()
        self._seen: deque[Seen] = deque(maxlen=_LOOKS)
        self._due_s: float | None = None
        self._usual: float | None = None
        self._learnt = 0

    def look(self, frame: VideoFrame, bgr: Picture, now_s: float) -> None:
        """Looks, if it is time to.

        Args:
            frame: as decoded.
            bgr: the same, uint8 (h, w, 3), scaled, privacy masks blanked.
            now_s: by a clock that only runs.
        """
        if self._due_s is None or now_s >= self._due_s or now_s < self._due_s - LOOK_EVERY_S:
            self._due_s = now_s + LOOK_EVERY_S
            self._seen.append(self.measure(lambda: self._slopes.luma(frame), bgr))

    def figures(self) -> dict[HealthFigure, int]:
        """What is known by now, in steps of `gate.scales`; nothing before the third look."""
        seen = self._seen
        if len(seen) < _LOOKS:
            return {}
        told: dict[HealthFigure, list[float]] = {
            HealthFigure.DARK: [one.dark for one in seen],
            HealthFigure.BRIGHT: [one.bright for one in seen],
            HealthFigure.COVERED: [one.covered for one in seen if one.covered is not None],
            HealthFigure.NIGHT: [one.night for one in seen if one.night is not None],
            HealthFigure.SHARPNESS: [one.sharpness for one in seen if one.sharpness is not None],
        }
        return {
            figure: SCALES[figure].steps(median(values)) for figure, values in told.items() if len(values) > _LOOKS // 2
        }

    @property
    def blank(self) -> bool:
        """Whether most of what was seen lately is black or burnt out."""
        return any(max(one.dark, one.bright) >= _TOO_DARK for one in self._seen)

    def measure(self, luma: Callable[[], Picture], bgr: Picture) -> Seen:
        """What one picture tells.

        Args:
            luma: gives its luminance for sharpness, uint8 (h, w).
            bgr: it, uint8 (h, w, 3), scaled and blanked.
        """
        shown = ~self._hidden_in(bgr.shape[:2])
        # A quarter of the pixels tells a share as well.
        (blue, green, red), some = np.moveaxis(bgr[::2, ::2], 2, 0), shown[::2, ::2]
        pixels = max(1, int(some.sum()))
        dark = float(((np.maximum(np.maximum(blue, green), red) < _BLACK) & some).sum() / pixels)
        bright = float(((np.minimum(np.minimum(blue, green), red) >= _WHITE) & some).sum() / pixels)
        if dark >= _TOO_DARK:
            # What is dark may be covered as well; nobody can tell.
            return Seen(dark, bright, covered=False, night=None, sharpness=None)
        cells, open_cells = _cells(bgr, shown)
        covered = bright < _TOO_DARK and self._covered(_structure(cells, open_cells))
        if covered or bright >= _TOO_DARK:
            return Seen(dark, bright, covered=covered, night=None, sharpness=None)
        colours = np.abs(cells[..., (0, 2)] - cells[..., 1:2]).max(axis=2)
        night = float((colours > _COLOUR_LEVELS)[open_cells].mean()) < _COLOURED if open_cells.any() else None
        picture = luma()
        return Seen(dark, bright, False, night, self._slopes.of(picture, self._hidden_in(picture.shape)))

    def _covered(self, structured: float | None) -> bool:
        """Whether little is left of what stands out in this camera's picture; a clear picture is learnt from."""
        if structured is None:
            return False
        known = self._usual is not None and self._learnt >= _LEARNT
        if structured < _STRUCTURED or (known and structured < _STRUCTURE_LEFT * (self._usual or 0.0)):
            return True
        self._learnt += 1
        weight = max(_SLOW, 1 / self._learnt)
        self._usual = structured if self._usual is None else self._usual + weight * (structured - self._usual)
        return False

    def _hidden_in(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        size = (shape[0], shape[1])
        if size not in self._hidden:
            if len(self._hidden) > 2:
                self._hidden.clear()
            covered = np.zeros(size, bool)
            for zone in self._blanked:
                covered |= rasterised(np.array(zone.corners), size)
            self._hidden[size] = covered
        return self._hidden[size]


def _cells(bgr: Picture, shown: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Mean colours of cells of 16x16 pixels, (rows, columns, 3), and which of them are shown whole."""
    rows, columns = (side // _CELL_PX for side in bgr.shape[:2])
    cut = (slice(0, rows * _CELL_PX), slice(0, columns * _CELL_PX))
    # Whole rows first: numpy adds them many times as fast.
    sums = bgr[cut].reshape(rows, _CELL_PX, columns * _CELL_PX * 3).sum(axis=1, dtype=np.uint16)
    cells = sums.reshape(rows, columns, _CELL_PX, 3).sum(axis=2, dtype=np.uint32)
    means: NDArray[np.float32] = cells / np.float32(_CELL_PX * _CELL_PX)
    # The least of each cell is whether all of it is shown.
    return means, shown[cut].reshape(rows, _CELL_PX, columns, _CELL_PX).min(axis=(1, 3)) > 0


def _structure(cells: NDArray[np.float32], shown: NDArray[np.bool_]) -> float | None:
    """Share of the cells that stand out from their four neighbours; a slope of light makes none stand out."""
    green = cells[..., 1]
    edges = np.abs(4 * green[1:-1, 1:-1] - green[:-2, 1:-1] - green[2:, 1:-1] - green[1:-1, :-2] - green[1:-1, 2:])
    whole = shown[1:-1, 1:-1] & shown[:-2, 1:-1] & shown[2:, 1:-1] & shown[1:-1, :-2] & shown[1:-1, 2:]
    return float((edges > _STRUCTURE_LEVELS)[whole].mean()) if whole.any() else None
