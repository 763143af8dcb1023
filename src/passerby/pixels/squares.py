"""Squares of a picture, cut out and brought to the size that a network takes."""

from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels of a picture."""

_ENOUGH_PX = 1040
"""A larger square is thinned out when it is cut: four times what the judge of masks takes."""


@dataclass(frozen=True, slots=True)
class Square:
    """A square of a picture by its middle and its side, pixels."""

    x: float
    y: float
    side: float

    @staticmethod
    def around(box_px: Floats) -> "Square":
        """The square with the middle of a box, float64 (4,), and its longer side."""
        x1, y1, x2, y2 = box_px.tolist()
        return Square((x1 + x2) / 2, (y1 + y2) / 2, max(x2 - x1, y2 - y1))

    @staticmethod
    def of(box_px: Box) -> "Square":
        """As `around`, of a box that somebody expects something in.

        Raises:
            ValueError: the box has no area.
        """
        square = Square.around(np.array(box_px, np.float64))
        if not square.side > 0:
            raise ValueError(f"box_px: {box_px} has no area")
        return square

    def times(self, factor: float) -> "Square":
        """The square so many times as large, about the same middle."""
        return Square(self.x, self.y, self.side * factor)

    @property
    def corner(self) -> Floats:
        """Its upper left corner, float64 (2,)."""
        return np.array([self.x, self.y]) - self.side / 2

    def touches(self, picture: NDArray[np.uint8]) -> bool:
        """Whether any of it lies in the picture."""
        far = self.corner + self.side
        return bool((far > 0).all() and (self.corner < picture.shape[1::-1]).all())

    def cut(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The square, uint8 (n, n, 3); what lies outside of the picture repeats its edge."""
        # A face that fills a large picture needs not every pixel: that would be a hundred megabytes.
        step = max(1, int(self.side / _ENOUGH_PX))
        steps = np.arange(0, max(2, round(self.side)), step)
        left, top = self.corner.round().astype(int)
        rows = np.clip(steps + top, 0, picture.shape[0] - 1)
        columns = np.clip(steps + left, 0, picture.shape[1] - 1)
        square: NDArray[np.uint8] = picture[rows[:, None], columns]
        return square


class Fitting:
    """Brings squares to one size: enlarged bicubically, made smaller by the mean of what is joined.

    Args:
        size_px: width and height of what comes out.
    """

    def __init__(self, size_px: int) -> None:
        self._size_px = size_px
        self._reformatter = VideoReformatter()

    def fit(self, crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """From uint8 (n, n, 3), red green blue, to uint8 (size, size, 3)."""
        size = self._size_px
        how = Interpolation.AREA if len(crop) > size else Interpolation.BICUBIC
        frame = VideoFrame.from_ndarray(crop, format="rgb24")
        scaled = self._reformatter.reformat(frame, size, size, "rgb24", interpolation=how, threads=1)
        return scaled.to_ndarray().astype(np.uint8, copy=False)
