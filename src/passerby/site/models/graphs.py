"""Prepares detectors on arrival: persons only, for pictures of the size that is wanted, as one ONNX file.

Each function takes a published file and gives a graph with the input "images" (1, 3, height, width), blue green red,
and the output "output" (1, n, columns). Only `onnx` and numpy are used; nothing is run.
"""

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import numpy_helper

from passerby.errors import ModelError
from passerby.site.models.rebuild import Rebuilder
from passerby.site.models.tensorflow import read_tensorflow_js

_STRIDES_PX = (8, 16, 32)
_YOLOX_COLUMNS = 6
_NANODET_CLASSES, _NANODET_BOX = 80, 44


def check_size(width_px: int, height_px: int) -> None:
    """Refuses a size that the strides of the detectors do not divide.

    Raises:
        ModelError: a side is not a multiple of 32, or not positive.
    """
    if width_px < 32 or height_px < 32 or width_px % 32 or height_px % 32:
        raise ModelError(f"input size {width_px}x{height_px}: both sides must be multiples of 32, such as 416x256.")


def yolox_persons(file: bytes, width_px: int, height_px: int) -> bytes:
    """Cuts a YOLOX of 80 classes to the first, the person, and gives it another input size.

    The scores stay what they were, bit by bit: the class layer keeps the row of weights that it had.

    Args:
        file: the published ONNX file.
        width_px: width of the input, a multiple of 32.
        height_px: height of the input, a multiple of 32.

    Raises:
        ModelError: the file is not such a YOLOX, or the size is wrong.
    """
    check_size(width_px, height_px)
    try:
        model = onnx.load_from_string(file)
    except DecodeError as error:
        raise ModelError("not an ONNX file. Get the file again.") from error
    graph = model.graph
    constants = {constant.name: constant for constant in graph.initializer}
    heads = [name for name in constants if "cls_preds" in name]
    reshapes = [node.input[1] for node in graph.node if node.op_type == "Reshape"]
    if len(heads) != 2 * len(_STRIDES_PX) or not all(name in constants for name in reshapes):
        raise ModelError("not a YOLOX with three heads. Name its family, or use the file that the catalogue names.")
    for name in heads:
        constants[name].CopyFrom(numpy_helper.from_array(numpy_helper.to_array(constants[name])[:1], name))
    for name in reshapes:
        constants[name].CopyFrom(numpy_helper.from_array(np.array([1, _YOLOX_COLUMNS, -1], np.int64), name))
    _reshape(graph.input[0], (1, 3, height_px, width_px))
    cells = sum((width_px // stride) * (height_px // stride) for stride in _STRIDES_PX)
    _reshape(graph.output[0], (1, cells, _YOLOX_COLUMNS))
    del graph.value_info[:]
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _reshape(value: onnx.ValueInfoProto, shape: tuple[int, ...]) -> None:
    for dimension, size in zip(value.type.tensor_type.shape.dim, shape, strict=True):
        dimension.dim_value = size


def nanodet_persons(topology: bytes, weights: bytes, width_px: int, height_px: int) -> bytes:
    """Rebuilds NanoDet-g from its TensorFlow.js form, for persons only.

    Args:
        topology: `nanodet.json`.
        weights: `nanodet.bin`.
        width_px: width of the input, a multiple of 32.
        height_px: height of the input, a multiple of 32.

    Returns:
        ONNX; each row of its output is a person's score 0..1 and 4 x 11 logits of the distances left, top, right and
        bottom in strides (generalised focal loss, arXiv 2006.04388).

    Raises:
        ModelError: the files are not NanoDet-g, or the size is wrong.
    """
    check_size(width_px, height_px)
    graph = read_tensorflow_js(topology, weights)
    rebuilder = Rebuilder(graph, "input_1", reference_px=416)
    kept = np.r_[0, _NANODET_CLASSES : _NANODET_CLASSES + _NANODET_BOX]
    heads = [rebuilder.value(node.inputs[0]) for node in graph.nodes.values() if node.op == "SplitV"]
    rows = []
    for head in sorted(heads, key=lambda value: value.stride_px):
        convolution = rebuilder.convolution(head.name)
        convolution.weights, convolution.bias = convolution.weights[kept], convolution.bias[kept]
        shape = rebuilder.constant(np.array([1, len(kept), -1], np.int64))
        rows.append(rebuilder.add("Reshape", [head.name, shape]))
    both = rebuilder.add("Concat", rows, axis=2)
    ends = [rebuilder.slice(both, 1, 0, 1), rebuilder.slice(both, 1, 1, len(kept))]
    joined = rebuilder.add("Concat", [rebuilder.add("Sigmoid", [ends[0]]), ends[1]], axis=1)
    output = rebuilder.add("Transpose", [joined], perm=[0, 2, 1])
    cells = sum((width_px // stride) * (height_px // stride) for stride in _STRIDES_PX)
    model = rebuilder.model(output, (1, 3, height_px, width_px), (1, cells, len(kept)))
    return bytes(model.SerializeToString())
