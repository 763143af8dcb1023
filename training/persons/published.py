"""YOLOX-nano as it was published, and the network that begins from it."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from persons.network import STRETCH, Head, PersonNet

_CLASSES = 80
_LOOK_PX = (64, 64)


def read_published(file: Path) -> PersonNet:
    """YOLOX-nano, of 80 classes or cut to the person, from its ONNX file, whose normalisation is folded in.

    Raises:
        ValueError: the file's convolutions are not those of a YOLOX-nano.
    """
    graph = onnx.load(str(file)).graph
    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    layers = [[constants[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]
    net = PersonNet(published=True)
    ours = _in_order(net)
    if len(layers) != len(ours):
        raise ValueError(f"{file} has {len(layers)} convolutions, a YOLOX-nano has {len(ours)}")
    with torch.no_grad():
        for layer, (theirs, shift) in zip(ours, layers, strict=True):
            weights, bias = _person(_wide(theirs, layer), shift, layer)
            if tuple(weights.shape) != tuple(layer.weight.shape) or layer.bias is None:
                raise ValueError(f"{file}: {weights.shape} is not {tuple(layer.weight.shape)}; not a YOLOX-nano")
            layer.weight.copy_(torch.from_numpy(weights.copy()))
            layer.bias.copy_(torch.from_numpy(bias.copy()))
    return net.eval()


def _in_order(net: PersonNet) -> list[nn.Conv2d]:
    """Convolutions in the order in which they are computed."""
    order: list[nn.Conv2d] = []
    hooks = [
        module.register_forward_hook(lambda module, _in, _out: order.append(module))
        for module in net.modules()
        if isinstance(module, nn.Conv2d)
    ]
    with torch.no_grad():
        net(torch.zeros(1, 3, *_LOOK_PX))
    for hook in hooks:
        hook.remove()
    return order


def _wide(weights: np.ndarray, layer: nn.Conv2d) -> np.ndarray:
    """Focus and its 3x3 over pixels of 2x2 as channels, written as one convolution of 6x6."""
    if layer.kernel_size != (6, 6) or weights.shape[2] == 6:
        return weights
    wide = np.zeros(layer.weight.shape, np.float32)
    for index, (row, column) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        wide[:, :, row::2, column::2] = weights[:, 3 * index : 3 * index + 3]
    return wide


def _person(weights: np.ndarray, bias: np.ndarray, layer: nn.Conv2d) -> tuple[np.ndarray, np.ndarray]:
    """The first of 80 classes."""
    if len(weights) == _CLASSES and layer.out_channels == 1:
        return weights[:1], bias[:1]
    return weights, bias


def begin_from(published: PersonNet) -> PersonNet:
    """The network with bends and heads of ours, and the published one's weights wherever it has the same layers.

    Numbers in trunk and neck are `STRETCH` times those of the published one: all shifts and the first layer's weights
    are, and what follows divides them again.
    """
    net = PersonNet()
    known: dict[str, Tensor] = published.state_dict()
    net.load_state_dict({name: known[name] for name in net.state_dict()})
    first, narrowed = net.stem[0], [head.narrowed[0] for head in net.heads if isinstance(head, Head)]
    with torch.no_grad():
        for name, module in net.named_modules():
            if not isinstance(module, nn.Conv2d) or module.bias is None:
                continue
            if not name.startswith("heads"):
                module.bias.mul_(STRETCH)
            if module is first:
                module.weight.mul_(STRETCH)
            if module in narrowed:
                module.weight.div_(STRETCH)
    return net
