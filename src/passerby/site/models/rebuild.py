"""Makes ONNX of a convolutional TensorFlow graph.

Every picture-shaped value is kept as batch, channels, rows, columns whatever order TensorFlow had it in, so that its
transpositions vanish. Paddings go into the convolution that follows, biases and batch normalisations into the one
before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from passerby.errors import ModelError
from passerby.site.models.tensorflow import Constant, Graph, Node

OPSET = 13


class Value(NamedTuple):
    """A picture-shaped value under construction.

    Attributes:
        name: in the ONNX graph.
        stride_px: pixels of the input for one step in it.
        pads: top, left, bottom, right, which the next convolution has to add.
    """

    name: str
    stride_px: float
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass
class Convolution:
    """A convolution whose weights may still change.

    Attributes:
        weights: float32 (out, in / groups, rows, columns).
        bias: float32 (out,).
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


class Rebuilder:
    """Follows a TensorFlow graph backwards from what is asked for, and writes ONNX.

    Args:
        graph: the TensorFlow graph.
        entry: name of the node where the picture comes in.
        reference_px: input size, square, that the graph's own sizes are meant for.
    """

    def __init__(self, graph: Graph, entry: str, reference_px: int) -> None:
        self._graph = graph
        self._reference_px = reference_px
        self._values = {entry: Value("images", 1.0)}
        self._convolutions: dict[str, Convolution] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def convolution(self, name: str) -> Convolution:
        """The convolution that makes the ONNX value `name`; change its arrays to cut channels away."""
        return self._convolutions[name]

    @property
    def first_convolution(self) -> Convolution:
        """The convolution that takes the picture."""
        return next(iter(self._convolutions.values()))

    def add(self, op: str, inputs: list[str], **attributes: Any) -> str:
        """Writes one ONNX node and returns the name of its output."""
        name = f"{op.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def constant(self, array: Constant) -> str:
        """Writes a constant and returns its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def slice(self, name: str, axis: int, start: int, end: int) -> str:
        """Writes the part from `start` to before `end` along `axis`, and returns its name."""
        return self.add("Slice", [name, *(self.constant(np.array([n], np.int64)) for n in (start, end, axis))])

    def value(self, name: str) -> Value:
        """The ONNX value of a TensorFlow node, written with all that it needs.

        Raises:
            ModelError: the graph has an operation that is not known here.
        """
        name = name.split(":", maxsplit=1)[0]
        if name not in self._values:
            if name not in self._graph.nodes:
                raise ModelError(f"the graph has no node {name}. It is not the graph that the catalogue describes.")
            self._values[name] = self._made(self._graph.nodes[name])
        return self._values[name]

    def model(self, output: str, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> onnx.ModelProto:
        """The finished model.

        Args:
            output: name of the value that goes out as "output".
            input_shape: shape of "images".
            output_shape: shape of "output".
        """
        for name, convolution in self._convolutions.items():
            self._constants.append(numpy_helper.from_array(convolution.weights, f"{name}.weights"))
            self._constants.append(numpy_helper.from_array(convolution.bias, f"{name}.bias"))
        self._nodes.append(helper.make_node("Identity", [output], ["output"], name="output"))
        ends = [
            [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)]
            for name, shape in (("images", input_shape), ("output", output_shape))
        ]
        graph = helper.make_graph(self._nodes, "prepared", ends[0], ends[1], self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="passerby")
        model.ir_version = 8  # of opset 13's time, so that older runtimes read it
        onnx.checker.check_model(model)
        return model

    def _made(self, node: Node) -> Value:
        makers: dict[str, Callable[[Node], Value]] = {
            "Identity": lambda node: self.value(node.inputs[0]),
            "Transpose": lambda node: self.value(node.inputs[0]),
            "Pad": self._padded,
            "PadV2": self._padded,
            "Conv2D": self._convolved,
            "DepthwiseConv2dNative": self._convolved,
            "FusedBatchNorm": self._normalised,
            "Add": self._sum,
            "BiasAdd": self._sum,
            "LeakyRelu": self._leaky,
            "Relu": self._rectified,
            "Relu6": self._clipped,
            "ConcatV2": self._joined,
            "MaxPool": self._pooled,
            "ResizeBilinear": self._resized,
        }
        if node.op not in makers:
            raise ModelError(f"the graph has the operation {node.op}, which is unknown here. Use an ONNX file instead.")
        return makers[node.op](node)

    def _leaky(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        return Value(self.add("LeakyRelu", [source.name], alpha=node.number), source.stride_px)

    def _rectified(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        return Value(self.add("Relu", [source.name]), source.stride_px)

    def _clipped(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        ends = [self.constant(np.array(end, np.float32)) for end in (0, 6)]
        return Value(self.add("Clip", [source.name, *ends]), source.stride_px)

    def _joined(self, node: Node) -> Value:
        parts = [self.value(name) for name in node.inputs[:-1]]
        return Value(self.add("Concat", [part.name for part in parts], axis=1), parts[0].stride_px)

    def _pooled(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        sizes: dict[str, Any] = {"kernel_shape": node.kernel, "strides": node.strides}
        sizes |= {"auto_pad": "SAME_UPPER"} if node.padding == "SAME" else {"pads": source.pads}
        return Value(self.add("MaxPool", [source.name], **sizes), source.stride_px * node.strides[0])

    def _known(self, name: str) -> Constant | None:
        """The constant of that name, seen through identities, or None."""
        while name not in self._graph.constants:
            node = self._graph.nodes.get(name)
            if node is None or node.op != "Identity":
                return None
            name = node.inputs[0]
        return self._graph.constants[name]

    def _needed(self, name: str) -> Constant:
        array = self._known(name)
        if array is None:
            raise ModelError(
                f"{name} is not a constant of the graph. It is not the graph that the catalogue describes."
            )
        return array

    def _padded(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        (top, bottom), (left, right) = self._needed(node.inputs[1])[2:].tolist()
        return source._replace(pads=(top, left, bottom, right))

    def _convolved(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        weights = self._needed(node.inputs[1])
        if node.op == "Conv2D":
            weights, groups = weights.transpose(3, 2, 0, 1), 1
        else:
            rows, columns, groups, multiplier = weights.shape
            weights = weights.transpose(2, 3, 0, 1).reshape(groups * multiplier, 1, rows, columns)
        where: dict[str, Any] = {"auto_pad": "SAME_UPPER"} if node.padding == "SAME" else {"pads": source.pads}
        name = f"conv_{len(self._nodes)}"
        inputs = [source.name, f"{name}.weights", f"{name}.bias"]
        self._nodes.append(
            helper.make_node(
                "Conv", inputs, [name], name=name, group=groups, strides=node.strides,
                kernel_shape=weights.shape[2:], **where,
            )
        )  # fmt: skip
        self._convolutions[name] = Convolution(
            np.ascontiguousarray(weights, np.float32), np.zeros(len(weights), np.float32)
        )
        return Value(name, source.stride_px * node.strides[0])

    def _normalised(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        gamma, beta, mean, variance = (self._needed(name) for name in node.inputs[1:5])
        scale = (gamma / np.sqrt(variance + np.float32(node.number))).astype(np.float32)
        convolution = self._convolutions[source.name]
        convolution.weights = convolution.weights * scale[:, None, None, None]
        convolution.bias = ((convolution.bias - mean) * scale + beta).astype(np.float32)
        return source

    def _sum(self, node: Node) -> Value:
        left = self.value(node.inputs[0])
        bias = self._known(node.inputs[1])
        if bias is None:
            right = self.value(node.inputs[1])
            return Value(self.add("Add", [left.name, right.name]), left.stride_px)
        self._convolutions[left.name].bias += bias
        return left

    def _resized(self, node: Node) -> Value:
        source = self.value(node.inputs[0])
        stride_px = self._reference_px / float(self._needed(node.inputs[1])[0])
        scale = source.stride_px / stride_px
        scales = self.constant(np.array([1, 1, scale, scale], np.float32))
        resized = self.add(
            "Resize", [source.name, "", scales], mode="linear", coordinate_transformation_mode="half_pixel"
        )
        return Value(resized, stride_px)


def rows(rebuilder: Rebuilder, name: str, columns: int) -> str:
    """From (1, anchors * columns, grid rows, grid columns) to (1, n, columns)."""
    last = rebuilder.add("Transpose", [name], perm=[0, 2, 3, 1])
    return rebuilder.add("Reshape", [last, rebuilder.constant(np.array([1, -1, columns], np.int64))])
