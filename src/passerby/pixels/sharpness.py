"""How sharp a part of a picture is, whatever its size."""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

_HEIGHT_PX = 24


class Sharpness:
    """Measures which share of a part's contrast is fine detail.

    The part is first brought to a height of 24 pixels, so the question is whether the detail is there that a face of
    that height has, however many pixels it is spread over. Fine detail is what a binomial filter of 3 x 3 takes away:
    the lowest level of a Laplacian pyramid (Burt and Adelson, IEEE Transactions on Communications 1983).
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def of(self, part: NDArray[np.uint8]) -> float:
        """From uint8 (h, w, 3), at least 2 x 2, to 0 (blurred) .. 1."""
        height, width = part.shape[:2]
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(part), format="rgb24")
        columns = min(4 * _HEIGHT_PX, max(4, round(_HEIGHT_PX * width / height)))
        grey = self._reformatter.reformat(
            frame, columns, _HEIGHT_PX, "gray", interpolation=Interpolation.AREA, threads=1
        )
        luma = grey.to_ndarray().astype(np.float64)
        rows = (luma[:-2] + 2 * luma[1:-1] + luma[2:]) / 4
        smooth = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
        return min(1.0, float(np.std(luma[1:-1, 1:-1] - smooth)) / max(1.0, float(np.std(luma))))
