"""Reads TensorFlow graphs without TensorFlow: the JSON of TensorFlow.js and the frozen protocol buffer.

Both hold a GraphDef, a list of nodes. Here it becomes plain nodes and numpy constants; `rebuild` makes ONNX of them.
"""

import base64
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from passerby.errors import ModelError

Constant = NDArray[Any]
# Numbers of tensorflow/core/framework/types.proto: float, int32, int64.
_FROZEN_TYPES = {1: "<f4", 3: "<i4", 9: "<i8"}

# The few fields of tensorflow/core/framework/*.proto that are read: number, name, kind, repeated.
_FIELDS: dict[str, tuple[tuple[int, str, str, bool], ...]] = {
    "Dim": ((1, "size", "INT64", False),),
    "Shape": ((2, "dim", "Dim", True),),
    "Tensor": (
        (1, "dtype", "INT64", False),
        (2, "tensor_shape", "Shape", False),
        (4, "tensor_content", "BYTES", False),
        (5, "float_val", "FLOAT", True),
        (7, "int_val", "INT64", True),
    ),
    "List": ((3, "i", "INT64", True),),
    "Value": (
        (1, "list", "List", False),
        (2, "s", "BYTES", False),
        (4, "f", "FLOAT", False),
        (8, "tensor", "Tensor", False),
    ),
    "Entry": ((1, "key", "STRING", False), (2, "value", "Value", False)),
    "Node": (
        (1, "name", "STRING", False),
        (2, "op", "STRING", False),
        (3, "input", "STRING", True),
        (5, "attr", "Entry", True),
    ),
    "Graph": ((1, "node", "Node", True),),
}


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of a TensorFlow graph.

    Attributes:
        op: TensorFlow's name of the operation.
        inputs: names of the nodes that feed it.
        strides: rows and columns, for convolutions and pooling.
        kernel: rows and columns, for pooling.
        padding: "SAME" or "VALID", for convolutions and pooling.
        number: `alpha` of a leaky ReLU or `epsilon` of a batch normalisation.
    """

    op: str
    inputs: tuple[str, ...]
    strides: tuple[int, ...] = ()
    kernel: tuple[int, ...] = ()
    padding: str = ""
    number: float = 0.0


@dataclass(frozen=True, slots=True)
class Graph:
    """A TensorFlow graph: nodes and constants by name."""

    nodes: dict[str, Node] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)


def read_tensorflow_js(topology: bytes, weights: bytes) -> Graph:
    """Reads a TensorFlow.js graph model of one weights file, with float16 or unquantised weights.

    Args:
        topology: the JSON file.
        weights: the binary file.

    Raises:
        ModelError: the files are not of this form or do not belong together.
    """
    try:
        return _tensorflow_js(json.loads(topology), weights)
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(f"not a TensorFlow.js graph with its weights: {error!r}. Get the two files again.") from error


def _tensorflow_js(model: dict[str, Any], weights: bytes) -> Graph:
    graph = Graph()
    offset = 0
    for entry in model["weightsManifest"][0]["weights"]:
        half = entry.get("quantization", {}).get("dtype") == "float16"
        kind = np.dtype({"float32": "<f2" if half else "<f4", "int32": "<i4"}[entry["dtype"]])
        count = int(np.prod(entry["shape"], dtype=int))
        array = np.frombuffer(weights, kind, count, offset).reshape(entry["shape"])
        graph.constants[entry["name"]] = array.astype(np.float32) if kind.kind == "f" else array
        offset += count * kind.itemsize
    for node in model["modelTopology"]["node"]:
        if node["op"] != "Const":
            graph.nodes[node["name"]] = _json_node(node)
    return graph


def _json_node(node: dict[str, Any]) -> Node:
    attributes = node.get("attr", {})

    def pair(key: str) -> tuple[int, ...]:
        return tuple(int(i) for i in attributes.get(key, {}).get("list", {}).get("i", []))[1:3]

    number = attributes.get("alpha", attributes.get("epsilon", {})).get("f", 0.0)
    padding = base64.b64decode(attributes.get("padding", {}).get("s", "")).decode()
    return Node(node["op"], tuple(node.get("input", [])), pair("strides"), pair("ksize"), padding, float(number))


def read_frozen(file: bytes) -> Graph:
    """Reads a frozen TensorFlow graph.

    Args:
        file: a serialised GraphDef.

    Raises:
        ModelError: the file is not a GraphDef.
    """
    message = _graph_def()()
    try:
        message.ParseFromString(file)
    except DecodeError as error:
        raise ModelError("not a frozen TensorFlow graph. Get the file again.") from error
    graph = Graph()
    for node in message.node:
        attributes = {entry.key: entry.value for entry in node.attr}
        if node.op != "Const":
            graph.nodes[node.name] = _frozen_node(node, attributes)
        elif attributes["value"].tensor.dtype in _FROZEN_TYPES:
            graph.constants[node.name] = _frozen_constant(attributes["value"].tensor)
    return graph


def _frozen_node(node: Any, attributes: dict[str, Any]) -> Node:
    strides, kernel = (tuple(attributes[key].list.i)[1:3] if key in attributes else () for key in ("strides", "ksize"))
    padding = attributes["padding"].s.decode() if "padding" in attributes else ""
    number = attributes["epsilon"].f if "epsilon" in attributes else 0.0
    return Node(node.op, tuple(node.input), strides, kernel, padding, number)


def _frozen_constant(tensor: Any) -> Constant:
    kind = np.dtype(_FROZEN_TYPES[tensor.dtype])
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    if tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, kind).reshape(shape)
    values = list(tensor.float_val) or list(tensor.int_val) or [0]
    return np.resize(np.array(values, kind), shape)


@cache
def _graph_def() -> Any:
    """The class of GraphDef messages, with the fields of `_FIELDS`."""
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="passerby_graph_def.proto", package="graph_def", syntax="proto3")
    for name, rows in _FIELDS.items():
        message = file.message_type.add(name=name)
        for number, key, kind, repeated in rows:
            added = message.field.add(name=key, number=number)
            added.label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            if kind in _FIELDS:
                added.type, added.type_name = kinds.TYPE_MESSAGE, f".graph_def.{kind}"
            else:
                added.type = kinds.Type.Value(f"TYPE_{kind}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("graph_def.Graph"))
