"""Writes the network as ONNX: constants in half precision, temperature and softmax in the graph."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import nn

from masks.heads import CLASSES
from masks.network import SIDE_PX, MaskNet

OPSET = 13
PICTURE, ANSWERS, PLACE = "picture", "answers", "place"
_CLOSE = 0.02


class _Graph:
    """Nodes and constants under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, op: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        """Writes one node and returns the name of its output."""
        name = out or f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def half(self, tensor: torch.Tensor, name: str) -> str:
        """Writes a constant in half precision, and what makes single precision of it."""
        array: NDArray[np.float16] = tensor.detach().cpu().numpy().astype(np.float16)
        self.constants.append(numpy_helper.from_array(array, name))
        return self.add("Cast", name, to=onnx.TensorProto.FLOAT)

    def convolved(self, source: str, layer: nn.Module, name: str) -> str:
        """A convolution that keeps the size, and what is positive of it."""
        assert isinstance(layer, nn.Conv2d)
        assert layer.bias is not None
        side = layer.kernel_size[0]
        weights = self.half(layer.weight, f"{name}.weight"), self.half(layer.bias, f"{name}.bias")
        pads = [side // 2] * 4
        return self.add("Relu", self.add("Conv", source, *weights, kernel_shape=[side, side], pads=pads))

    def linear(self, source: str, layer: nn.Linear, name: str, out: str = "") -> str:
        """A matrix and a bias."""
        weights = self.half(layer.weight, f"{name}.weight"), self.half(layer.bias, f"{name}.bias")
        return self.add("Gemm", source, *weights, out=out, transB=1)


def graph_of(net: MaskNet, temperature: float) -> onnx.ModelProto:
    """The network as an ONNX graph, from a picture, float (1, 3, 96, 96) 0..1, to answers (1, 5) and a place (1, 3)."""
    graph = _Graph()
    features = middle = PICTURE
    for number, convolution in enumerate(net.trunk):
        features = graph.convolved(features, convolution, f"trunk.{number}")
        if number == 4:
            middle = features
        if number < 5:
            features = graph.add("MaxPool", features, kernel_shape=[2, 2], strides=[2, 2])
    fine = graph.add("Flatten", graph.convolved(middle, net.fine, "fine"))
    coarse = graph.add("Flatten", graph.convolved(features, net.coarse, "coarse"))
    both = graph.add("Concat", fine, coarse, axis=1)
    mixed = graph.add("Relu", graph.linear(both, net.mix, "mix"))
    logits = graph.linear(mixed, net.answers, "answers")
    graph.constants.append(numpy_helper.from_array(np.array(temperature, np.float32), "temperature"))
    graph.add("Softmax", graph.add("Div", logits, "temperature"), out=ANSWERS, axis=1)
    graph.linear(both, net.place, "place", out=PLACE)
    return _finished(graph)


def _finished(graph: _Graph) -> onnx.ModelProto:
    def value(name: str, *shape: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

    ends = [value(ANSWERS, 1, len(CLASSES)), value(PLACE, 1, 3)]
    made = helper.make_graph(
        graph.nodes, "passerby-mask", [value(PICTURE, 1, 3, SIDE_PX, SIDE_PX)], ends, graph.constants
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="passerby")
    model.ir_version = 8  # of opset 13's time, so that older runtimes read it
    onnx.checker.check_model(model)
    return model


def export(net: MaskNet, temperature: float, file: Path) -> None:
    """Writes the network to a file.

    Raises:
        RuntimeError: what was written answers otherwise than the network: half precision is not enough for it.
    """
    model = graph_of(net, temperature)
    picture = np.random.default_rng(0).random((1, 3, SIDE_PX, SIDE_PX), np.float32)
    with torch.no_grad():
        logits, place = net.eval()(torch.from_numpy(picture))
    expected = [(logits / temperature).softmax(1).numpy(), place.numpy()]
    got = ReferenceEvaluator(model).run(None, {PICTURE: picture})
    apart = max(float(np.abs(one - other).max()) for one, other in zip(got, expected, strict=True))
    if apart > _CLOSE:
        raise RuntimeError(f"the written graph is {apart:.3f} away from the network")
    file.write_bytes(model.SerializeToString())
