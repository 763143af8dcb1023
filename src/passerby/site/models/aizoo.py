"""Prepares AIZOO's detector of masked and bare faces on arrival, as one ONNX file."""

from passerby.errors import ModelError
from passerby.site.models.rebuild import Rebuilder, rows
from passerby.site.models.tensorflow import read_frozen

SIZE_PX = (260, 260)
_GRIDS = (33, 17, 9, 5, 3)


def aizoo_masks(file: bytes, size_px: tuple[int, int]) -> bytes:
    """Rebuilds the detector from its frozen TensorFlow graph.

    Args:
        file: `models/face_mask_detection.pb`.
        size_px: width and height of the input: 260x260, for which its anchors are made.

    Returns:
        ONNX; the input is red green blue 0..1, each row of the output an encoded box and the scores of a masked and of
        a bare face, 0..1 each.

    Raises:
        ModelError: the file is not that graph, or the size is another.
    """
    if size_px != SIZE_PX:
        raise ModelError(f"input size {size_px[0]}x{size_px[1]}: the model of masks takes 260x260 only.")
    rebuilder = Rebuilder(read_frozen(file), "data_1", SIZE_PX[0])
    boxes, scores = [], []
    for level in range(len(_GRIDS)):
        boxes.append(rows(rebuilder, rebuilder.value(f"loc_{level}_conv_1/BiasAdd").name, 4))
        classes = rows(rebuilder, rebuilder.value(f"cls_{level}_conv_1/BiasAdd").name, 2)
        scores.append(rebuilder.add("Sigmoid", [classes]))
    anchors = sum(4 * grid * grid for grid in _GRIDS)
    both = [rebuilder.add("Concat", part, axis=1) for part in (boxes, scores)]
    model = rebuilder.model(rebuilder.add("Concat", both, axis=2), (1, 3, *SIZE_PX), (1, anchors, 6))
    return bytes(model.SerializeToString())
