"""Prepares SSDLite on arrival: persons only, boxes in pixels, any input size, as one ONNX file."""

import numpy as np
from numpy.typing import NDArray

from passerby.site.models.graphs import check_size
from passerby.site.models.rebuild import Rebuilder, rows
from passerby.site.models.tensorflow import read_frozen

_REFERENCE_PX = 300
_RATIOS = (1.0, 2.0, 0.5, 3.0, 0.3333)
# Anchor sizes in shares of 300 pixels, level by level, as the graph's own anchor generator has them.
_SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
# The box coder of Faster R-CNN multiplies centres by 10 and logarithms of sizes by 5.
_CENTRE, _SIZE = 10.0, 5.0


def ssdlite_persons(file: bytes, width_px: int, height_px: int) -> bytes:
    """Rebuilds an SSDLite with MobileNetV2 of TensorFlow's Object Detection API, without its pre- and postprocessing.

    Its anchors keep the size in pixels that they had at 300x300, so that any input size can be asked for.

    Args:
        file: the frozen graph, with one class.
        width_px: width of the input, a multiple of 32.
        height_px: height of the input, a multiple of 32.

    Returns:
        ONNX; each row of its output is a box x1 y1 x2 y2 in pixels of the input and a person's score 0..1.

    Raises:
        ModelError: the file is not such an SSDLite, or the size is wrong.
    """
    check_size(width_px, height_px)
    rebuilder = Rebuilder(read_frozen(file), "Preprocessor/sub", _REFERENCE_PX)
    encoded, logits, anchors = [], [], []
    for level in range(len(_SCALES) - 1):
        box = rebuilder.value(f"BoxPredictor_{level}/BoxEncodingPredictor/BiasAdd")
        classes = rebuilder.value(f"BoxPredictor_{level}/ClassPredictor/BiasAdd")
        convolution = rebuilder.convolution(classes.name)
        # Background and person take turns; a person's score is the sigmoid of its own logit.
        convolution.weights, convolution.bias = convolution.weights[1::2], convolution.bias[1::2]
        encoded.append(rows(rebuilder, box.name, 4))
        logits.append(rows(rebuilder, classes.name, 1))
        anchors.append(_anchors((width_px, height_px), int(box.stride_px), level))
    # The picture comes in blue green red; TensorFlow had it red green blue.
    first = rebuilder.first_convolution
    first.weights = np.ascontiguousarray(first.weights[:, ::-1])
    all_anchors = np.concatenate(anchors)
    boxes = _decoded(rebuilder, rebuilder.add("Concat", encoded, axis=1), all_anchors)
    score = rebuilder.add("Sigmoid", [rebuilder.add("Concat", logits, axis=1)])
    output = rebuilder.add("Concat", [boxes, score], axis=2)
    model = rebuilder.model(output, (1, 3, height_px, width_px), (1, len(all_anchors), 5))
    return bytes(model.SerializeToString())


def _anchors(size_px: tuple[int, int], stride_px: int, level: int) -> NDArray[np.float32]:
    """Anchors of one level, float32 (n, 4): centre x, centre y, width, height in pixels of the input."""
    scale, following = _SCALES[level], _SCALES[level + 1]
    scales = np.array([scale] * 5 + [np.sqrt(scale * following)])
    ratios = np.array([*_RATIOS, 1.0])
    if level == 0:
        scales, ratios = np.array([0.1, scale, scale]), ratios[:3]
    sides = np.stack([scales * np.sqrt(ratios), scales / np.sqrt(ratios)], axis=1) * _REFERENCE_PX
    columns, rows = (-(-side // stride_px) for side in size_px)
    y, x = np.mgrid[:rows, :columns]
    # The grid spans the picture evenly, also where the last cell hangs over its edge.
    centres = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * np.array(size_px) / (columns, rows)
    anchors = np.concatenate([np.repeat(centres, len(sides), axis=0), np.tile(sides, (len(centres), 1))], axis=1)
    return anchors.astype(np.float32)


def _decoded(rebuilder: Rebuilder, encoded: str, anchors: NDArray[np.float32]) -> str:
    """From encodings y, x, height, width (1, n, 4) to boxes x1 y1 x2 y2 in pixels (1, n, 4)."""
    order = rebuilder.constant(np.array([1, 0, 3, 2], np.int64))
    encoded = rebuilder.add("Gather", [encoded, order], axis=2)
    centre_name, size_name = (rebuilder.slice(encoded, 2, start, start + 2) for start in (0, 2))
    sides = rebuilder.constant(anchors[None, :, 2:] / np.float32(_CENTRE))
    shift = rebuilder.add("Mul", [centre_name, sides])
    centre = rebuilder.add("Add", [shift, rebuilder.constant(anchors[None, :, :2])])
    logarithm = rebuilder.add("Mul", [size_name, rebuilder.constant(np.array(1 / _SIZE, np.float32))])
    half = rebuilder.add("Mul", [rebuilder.add("Exp", [logarithm]), rebuilder.constant(anchors[None, :, 2:] / 2)])
    corners = [rebuilder.add("Sub", [centre, half]), rebuilder.add("Add", [centre, half])]
    return rebuilder.add("Concat", corners, axis=2)
