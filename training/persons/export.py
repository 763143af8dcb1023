"""Writes the network as ONNX for pictures of any size: constants in half precision, scores 0..1 in the graph."""

import io
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

from persons.network import PersonNet

OPSET = 14
PICTURE, ROWS = "images", "output"
_CLOSE = 0.02


class _Rows(nn.Module):
    """As the pixel room reads it: (1, cells, 5), offsets of the centre, log size, score."""

    def __init__(self, net: PersonNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: Tensor) -> Tensor:
        """All cells of all strides."""
        levels = self.net(picture)
        rows = [torch.cat([level[:, :4], level[:, 4:].sigmoid()], 1).flatten(2) for level in levels]
        return torch.cat(rows, 2).transpose(1, 2)


def export(net: PersonNet, file: Path) -> None:
    """Writes the network to a file.

    Raises:
        RuntimeError: what was written answers otherwise than the network: half precision is not enough for it.
    """
    rows = _Rows(net.eval().cpu())
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0)) * 255
    made = io.BytesIO()
    axes = {PICTURE: {2: "height", 3: "width"}, ROWS: {1: "cells"}}
    torch.onnx.export(
        rows,
        (picture,),
        made,  # type: ignore[arg-type]  # it takes a stream too
        opset_version=OPSET,
        input_names=[PICTURE],
        output_names=[ROWS],
        dynamic_axes=axes,
        dynamo=False,
    )
    model = onnx.load_from_string(made.getvalue())
    _halve(model.graph)
    for dimension, size in zip(model.graph.output[0].type.tensor_type.shape.dim, (1, 0, 5), strict=True):
        if size:
            dimension.dim_value = size
    model.producer_name, model.producer_version = "passerby", ""
    onnx.checker.check_model(model)
    with torch.no_grad():
        expected = rows(picture).numpy()
    (got,) = ReferenceEvaluator(model).run(None, {PICTURE: picture.numpy()})
    apart = float(np.abs(got - expected)[..., 4].max())
    if apart > _CLOSE:
        raise RuntimeError(f"scores of the written graph are {apart:.3f} away from the network's")
    file.write_bytes(model.SerializeToString())


def _halve(graph: onnx.GraphProto) -> None:
    """Keeps what is learnt in half precision, and makes single precision of it where it is used."""
    casts, kept = [], []
    for constant in graph.initializer:
        array = numpy_helper.to_array(constant)
        if array.dtype != np.float32 or array.ndim == 0:
            kept.append(constant)
            continue
        kept.append(numpy_helper.from_array(array.astype(np.float16), f"{constant.name}.half"))
        casts.append(helper.make_node("Cast", [f"{constant.name}.half"], [constant.name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
