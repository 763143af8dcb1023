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
_YOLOX_COLUMNS, _YOLOX_CLASSES = 6, 80
_TO_THE_END = 2**31 - 1
_NANODET_CLASSES, _NANODET_BOX = 80, 44


def check_size(width_px: int, height_px: int) -> None:
    """Refuses a size that the strides of the detectors do not divide.

    Raises:
        ModelError: a side is not a multiple of 32, or not positive.
    """
    if width_px < 32 or height_px < 32 or width_px % 32 or height_px % 32:
        raise ModelError(f"input size {width_px}x{height_px}: both sides must be multiples of 32, such as 416x256.")


def yolox_persons(file: bytes, width_px: int, height_px: int) -> bytes:
    """Cuts a YOLOX of 80 classes to the first, the person, gives it another input size, and makes its stem cheaper.

    The class layer keeps the row of weights that it had, and the stem computes the same sums in another order: scores
    stay what they were, but for rounding.

    Args:
        file: the published ONNX file; or one that was cut before, which keeps its size.
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
    cells = sum((width_px // stride) * (height_px // stride) for stride in _STRIDES_PX)
    ends = (1, 3, height_px, width_px), (1, cells, _YOLOX_COLUMNS)
    if (_shape(graph.input[0]), _shape(graph.output[0])) != ends:
        _cut(graph, constants)
        _reshape(graph.input[0], ends[0])
        _reshape(graph.output[0], ends[1])
    _fuse_stem(graph, constants)
    _drop_unneeded(graph)
    del graph.value_info[:]
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _cut(graph: onnx.GraphProto, constants: dict[str, onnx.TensorProto]) -> None:
    """Leaves the person of all classes, and an end that holds for every input size."""
    rows = []
    for head in _class_layers(graph, constants):
        for name in head.input[1:]:
            constants[name].CopyFrom(numpy_helper.from_array(numpy_helper.to_array(constants[name])[:1], name))
        joined = _follow(_follow(head, graph, "Sigmoid"), graph, "Concat")
        rows.append(joined.output[0])
    _new_tail(graph, rows)


def _class_layers(graph: onnx.GraphProto, constants: dict[str, onnx.TensorProto]) -> list[onnx.NodeProto]:
    """The convolutions that give a score for each of 80 classes, one for each stride."""
    layers = [
        node
        for node in graph.node
        if node.op_type == "Conv" and node.input[1] in constants and constants[node.input[1]].dims[0] == _YOLOX_CLASSES
    ]
    if len(layers) != len(_STRIDES_PX):
        raise ModelError("not a YOLOX of 80 classes with three heads. Use the file that the catalogue names.")
    return layers


def _follow(node: onnx.NodeProto, graph: onnx.GraphProto, op: str) -> onnx.NodeProto:
    following: list[onnx.NodeProto] = [one for one in graph.node if one.op_type == op and node.output[0] in one.input]
    if following:
        return following[0]
    raise ModelError(
        f"not a YOLOX: no {op} follows {node.name or node.op_type}. Use the file that the catalogue names."
    )


def _new_tail(graph: onnx.GraphProto, heads: list[str]) -> None:
    """Joins the heads anew, since the end of the published graph is made for one size."""
    output = graph.output[0].name
    graph.initializer.append(numpy_helper.from_array(np.array([1, _YOLOX_COLUMNS, -1], np.int64), "passerby.shape"))
    flat = [f"passerby.rows_{index}" for index in range(len(heads))]
    nodes = list(graph.node) + [
        onnx.helper.make_node("Reshape", [head, "passerby.shape"], [row]) for head, row in zip(heads, flat, strict=True)
    ]
    nodes = [node for node in nodes if output not in node.output]
    nodes.append(onnx.helper.make_node("Concat", flat, ["passerby.rows"], axis=2))
    nodes.append(onnx.helper.make_node("Transpose", ["passerby.rows"], [output], perm=[0, 2, 1]))
    del graph.node[:]
    graph.node.extend(nodes)


def _fuse_stem(graph: onnx.GraphProto, constants: dict[str, onnx.TensorProto]) -> None:
    """Makes one convolution of the stem, if it is the usual one.

    A YOLOX begins with "Focus": the pixels of each square of 2x2 become channels, then comes a convolution of 3x3. The
    same is a convolution of 6x6 over the picture itself, in steps of two; it needs no copies of the picture.
    """
    makers = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        joined = makers.get(node.input[0]) if node.op_type == "Conv" else None
        if joined is None or joined.op_type != "Concat" or node.input[1] not in constants:
            continue
        offsets = [_offset(part, graph.input[0].name, makers, constants) for part in joined.input]
        weights = numpy_helper.to_array(constants[node.input[1]])
        square = [offset for offset in offsets if offset in ((0, 0), (1, 0), (0, 1), (1, 1))]
        if not len(offsets) == len(set(square)) == 4 or weights.shape[1:] != (12, 3, 3) or not _plain(node):
            continue
        wide = np.zeros((len(weights), 3, 6, 6), np.float32)
        for index, (row, column) in enumerate(square):
            wide[:, :, row::2, column::2] = weights[:, 3 * index : 3 * index + 3]
        constants[node.input[1]].CopyFrom(numpy_helper.from_array(wide, node.input[1]))
        inputs = [graph.input[0].name, *node.input[1:]]
        node.CopyFrom(onnx.helper.make_node("Conv", inputs, node.output, node.name, strides=[2, 2], pads=[2] * 4))
        return


def _offset(
    value: str, picture: str, makers: dict[str, onnx.NodeProto], constants: dict[str, onnx.TensorProto]
) -> tuple[int, int] | None:
    """From which row and column on a value takes every second one of the picture's; None if it is something else."""
    starts: dict[int, int] = {}
    while value != picture:
        node = makers.get(value)
        if node is None or node.op_type != "Slice" or len(node.input) != 5 or not constants.keys() >= {*node.input[1:]}:
            return None
        for start, end, axis, step in zip(
            *(numpy_helper.to_array(constants[name]).tolist() for name in node.input[1:]), strict=True
        ):
            if step != 2 or end < _TO_THE_END or axis in starts:
                return None
            starts[axis] = start
        value = node.input[0]
    return (starts[2], starts[3]) if starts.keys() == {2, 3} else None


def _plain(convolution: onnx.NodeProto) -> bool:
    """Whether it goes in steps of one, with a border of one."""
    found = {one.name: onnx.helper.get_attribute_value(one) for one in convolution.attribute}
    usual = {"group": 1, "strides": [1, 1], "dilations": [1, 1], "pads": [1, 1, 1, 1]}
    return found == usual | {"kernel_shape": [3, 3]}


def _drop_unneeded(graph: onnx.GraphProto) -> None:
    """Drops nodes and constants that the output does not need."""
    needed, kept = {graph.output[0].name}, []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    constants = [constant for constant in graph.initializer if constant.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(constants)


def _shape(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    return tuple(dimension.dim_value for dimension in value.type.tensor_type.shape.dim)


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
