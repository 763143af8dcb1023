"""The other way to compare: features of a general network instead of contrasts.

The first layers of the detector `yolox-nano` (COCO) are its general network; no wheel that installs with this project
brings another one. Features of strides 4 and 8 are averaged over the same cells of the same facings.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from passerby.pixels.shelf_features import COLUMNS, INNER, ROWS, cell_weights

LAYERS = ("Concat_66", "Concat_112")
_SIZE_PX = (640, 384)
_FURNITURE_LEAST = 4


@dataclass(frozen=True)
class Settings:
    """Distances of cosine, found on the seeds for tuning, as the other way's were."""

    same: float = 0.35
    gone: float = 0.7
    half: float = 0.75
    steep: float = 8.0


class Network:
    """The first layers of a detector, on one core."""

    def __init__(self, model: Path) -> None:
        core = openvino.Core()
        whole = core.read_model(model)
        named = {op.get_friendly_name(): op for op in whole.get_ordered_ops()}
        cut = openvino.Model([named[name].output(0) for name in LAYERS], whole.get_parameters(), "backbone")
        cut.reshape([1, 3, _SIZE_PX[1], _SIZE_PX[0]])
        self._compiled = core.compile_model(cut, "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1})

    def look(self, frame: VideoFrame) -> list[NDArray[np.float32]]:
        """Features of a frame: for each layer (channels, h, w)."""
        bgr = frame.reformat(*_SIZE_PX, "bgr24", threads=1).to_ndarray().astype(np.float32)
        found = self._compiled(bgr.transpose(2, 0, 1)[None])
        return [np.asarray(found[number][0]) for number in range(len(LAYERS))]


class Facings:
    """The facings of a camera as this network sees them."""

    def __init__(self, network: Network, polygons: NDArray[np.float64]) -> None:
        self._network = network
        self._weights = [cell_weights(polygons, (_SIZE_PX[1] // side, _SIZE_PX[0] // side)) for side in (4, 8)]

    def cells(self, frame: VideoFrame) -> NDArray[np.float32]:
        """(facings, ROWS, COLUMNS, channels), each layer of unit spread."""
        parts = []
        for weights, found in zip(self._weights, self._network.look(frame), strict=True):
            cells = weights @ found.reshape(len(found), -1).T
            parts.append((cells - cells.mean(axis=0)) / (cells.std() + 1e-6))
        return np.concatenate(parts, axis=1).reshape(-1, ROWS, COLUMNS, sum(part.shape[1] for part in parts))


class Judge:
    """As `passerby.pixels.shelf_judge.Judge`, with the distance of cosine."""

    def __init__(self, full: NDArray[np.float32], empty: NDArray[np.float32], settings: Settings = Settings()) -> None:
        self._empty, self._settings = empty, settings
        self._reference = (full + empty) / 2
        self._furniture = cosine(full, empty) < settings.same
        inner = ~self._furniture
        inner[:, 0] = inner[:, -1] = False
        self._inner = inner
        self._full_share = np.maximum(0.2, self._unlike(full))

    def look(
        self, cells: NDArray[np.float32], covered: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Fill and whether it was seen, of each facing."""
        count = self._furniture.sum(axis=(1, 2))
        unlike = (cosine(cells, self._reference) > self._settings.gone) & self._furniture
        gone = np.where(count >= _FURNITURE_LEAST, unlike.sum(axis=(1, 2)) / np.maximum(1, count), 0)
        seen = (gone < 0.4) & (covered[:, INNER].mean(axis=(1, 2)) < 0.25)
        return np.clip(self._unlike(cells) / self._full_share, 0, 1), seen

    def _unlike(self, cells: NDArray[np.float32]) -> NDArray[np.float64]:
        apart = cosine(cells, self._empty) / self._settings.half
        unlike = 1 / (1 + np.exp(self._settings.steep * (1 - np.minimum(2, apart))))
        return (unlike * self._inner).sum(axis=(1, 2)) / np.maximum(1, self._inner.sum(axis=(1, 2)))


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of cosine, 0..2, of the last axis."""
    length = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return 1 - (one * other).sum(axis=-1) / np.maximum(1e-6, length)
