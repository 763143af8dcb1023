"""The first layers of AIZOO's detector (MIT), read from its published frozen TensorFlow graph without TensorFlow."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LAYERS = (*(f"conv2d_{number}" for number in range(6)), "cls_2_insert_conv2d")
"""The six convolutions after the picture, and the one that reads the classes of its middle faces."""
_EPSILON = np.float32(0.001)
_FLOAT = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution with its batch normalisation folded in: float32 (out, in, rows, columns) and (out,)."""

    weights: Floats
    bias: Floats


def read_trunk(file: Path) -> dict[str, Layer]:
    """The layers of `LAYERS` by name.

    Raises:
        KeyError: the graph is not AIZOO's.
    """
    constants = dict(_constants(file.read_bytes()))
    return {name: _folded(constants, name) for name in LAYERS}


def _folded(constants: dict[str, Floats], name: str) -> Layer:
    gamma, beta, mean, variance = (
        constants[f"{name}_bn_1/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = (gamma / np.sqrt(variance + _EPSILON)).astype(np.float32)
    weights = constants[f"{name}_1/kernel"].transpose(3, 2, 0, 1) * scale[:, None, None, None]
    return Layer(np.ascontiguousarray(weights), ((0 - mean) * scale + beta).astype(np.float32))


def _constants(graph: bytes) -> Iterator[tuple[str, Floats]]:
    """Names and arrays of a GraphDef's float constants; numbers are those of tensorflow/core/framework/*.proto."""
    for node in _all(graph, 1):
        for entry in _all(node, 5):
            if bytes(_one(entry, 1)) == b"value" and len(tensors := _all(_one(entry, 2), 8)) == 1:
                array = _array(tensors[0])
                if array is not None:
                    yield bytes(_one(node, 1)).decode(), array


def _array(tensor: memoryview) -> Floats | None:
    content = _all(tensor, 4)
    if _number(tensor, 1) != _FLOAT or not content:
        return None
    shape = [_number(dim, 1) for dim in _all(_one(tensor, 2), 2)]
    return np.frombuffer(content[0], "<f4").reshape(shape)


def _all(message: bytes | memoryview, field: int) -> list[memoryview]:
    return [
        value for number, value in _fields(memoryview(message)) if number == field and isinstance(value, memoryview)
    ]


def _one(message: memoryview, field: int) -> memoryview:
    return _all(message, field)[0]


def _number(message: memoryview, field: int) -> int:
    return next((value for number, value in _fields(message) if number == field and isinstance(value, int)), 0)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Numbers and values of a message of protocol buffers."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind not in (_FIXED64, _BYTES, _FIXED32):
            raise ValueError("not a protocol buffer")
        length, at = _varint(message, at) if kind == _BYTES else (8 if kind == _FIXED64 else 4, at)
        yield key >> 3, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
