"""Graphs cut and rebuilt: the same numbers as before, in any size, and a clear word for a file that is not the one."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator

from passerby.errors import ModelError
from passerby.pixels import selftest_picture
from passerby.pixels.inference import Network
from passerby.site.models.graphs import _drop_unneeded, _fuse_stem, nanodet_persons, yolox_persons
from passerby.site.models.rebuild import Rebuilder
from passerby.site.models.ssdlite import _anchors, ssdlite_persons
from passerby.site.models.tensorflow import Graph, Node, _graph_def, read_frozen, read_tensorflow_js

RNG = np.random.default_rng(7)


def scores(file: Path, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    network = Network(file, (picture.shape[1], picture.shape[0]), (0, 0, 0), (1, 1, 1), threads=1)
    network.picture[0] = picture
    return network.infer().copy()


def run(model: onnx.ModelProto, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The output, computed by ONNX's own reference."""
    outputs = ReferenceEvaluator(model).run(["output"], {"images": picture})
    assert isinstance(outputs, list)
    return np.asarray(outputs[0], np.float32)


def exact(model: bytes, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The output, computed in 32 bits also where the processor has 16."""
    import openvino  # after `inference` has taken telemetry away

    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model, b""), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.array(compiled(picture.transpose(2, 0, 1)[None].astype(np.float32))[0])


@pytest.mark.parametrize("size_px", [(416, 256), (320, 192), (512, 384)])
def test_yolox_cut_and_fused_scores_as_the_cut_made_by_others(shared_models: Path, size_px: tuple[int, int]) -> None:
    known = (shared_models / f"yolox_nano_person_{size_px[0]}x{size_px[1]}.onnx").read_bytes()
    made = yolox_persons((shared_models / "yolox_nano_coco_416.onnx").read_bytes(), *size_px)
    people = np.full((size_px[1], size_px[0], 3), 114, np.uint8)
    drawn = selftest_picture.picture(size_px)
    people[: drawn.shape[0], : drawn.shape[1]] = drawn
    for picture in (people, RNG.integers(0, 256, people.shape, dtype=np.uint8)):
        found = exact(made, picture)
        # The stem adds up the same products in another order.
        np.testing.assert_allclose(found, exact(known, picture), rtol=1e-3, atol=1e-4)
        # Nothing else differs, so a cut that came cut gives the same bits.
        np.testing.assert_array_equal(found, exact(yolox_persons(known, *size_px), picture))


def test_a_cut_that_came_cut_has_one_size(shared_models: Path) -> None:
    with pytest.raises(ModelError, match="not a YOLOX of 80 classes"):
        yolox_persons((shared_models / "yolox_nano_person_416x256.onnx").read_bytes(), 320, 192)


@pytest.mark.parametrize(("border_px", "ops"), [(1, ["Conv"]), (0, ["Slice"] * 8 + ["Concat", "Conv"])])
def test_the_usual_stem_becomes_one_convolution_and_any_other_stays(border_px: int, ops: list[str]) -> None:
    model = stem(border_px)
    picture = RNG.normal(size=(1, 3, 32, 32)).astype(np.float32)
    before = run(model, picture)
    _fuse_stem(model.graph, {constant.name: constant for constant in model.graph.initializer})
    _drop_unneeded(model.graph)
    assert [node.op_type for node in model.graph.node] == ops
    np.testing.assert_allclose(run(model, picture), before, rtol=1e-4, atol=1e-4)


def stem(border_px: int) -> onnx.ModelProto:
    """The beginning of a YOLOX: squares of 2x2 pixels become channels, left ones first, and are convolved."""
    numbers = {"zero": [0], "one": [1], "two": [2], "three": [3], "end": [2**31 - 1]}
    constants = [onnx.numpy_helper.from_array(np.array(value, np.int64), key) for key, value in numbers.items()]
    weights = RNG.normal(size=(8, 12, 3, 3)).astype(np.float32)
    constants.append(onnx.numpy_helper.from_array(weights, "weight"))
    nodes = []
    for part, (row, column) in enumerate((("zero", "zero"), ("one", "zero"), ("zero", "one"), ("one", "one"))):
        nodes.append(helper.make_node("Slice", ["images", row, "end", "two", "two"], [f"rows_{part}"]))
        nodes.append(helper.make_node("Slice", [f"rows_{part}", column, "end", "three", "two"], [f"part_{part}"]))
    nodes.append(helper.make_node("Concat", [f"part_{part}" for part in range(4)], ["parts"], axis=1))
    steps: dict[str, Any] = {"kernel_shape": [3, 3], "strides": [1, 1], "dilations": [1, 1], "group": 1}
    nodes.append(helper.make_node("Conv", ["parts", "weight"], ["output"], pads=[border_px] * 4, **steps))
    side_px = 14 + 2 * border_px
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in (("images", [1, 3, 32, 32]), ("output", [1, 8, side_px, side_px]))
    ]
    return helper.make_model(helper.make_graph(nodes, "stem", ends[:1], ends[1:], constants))


def test_yolox_takes_any_multiple_of_32(shared_models: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(yolox_persons((shared_models / "yolox_nano_coco_416.onnx").read_bytes(), 96, 160))
    assert scores(cut, np.zeros((160, 96, 3), np.uint8)).shape == (1, 12 * 20 + 6 * 10 + 3 * 5, 6)


@pytest.mark.parametrize(("width", "height"), [(416, 250), (0, 256), (-32, 256), (416, 16)])
def test_other_sizes_are_refused(width: int, height: int) -> None:
    with pytest.raises(ModelError, match="multiples of 32"):
        yolox_persons(b"", width, height)
    with pytest.raises(ModelError, match="multiples of 32"):
        nanodet_persons(b"", b"", width, height)
    with pytest.raises(ModelError, match="multiples of 32"):
        ssdlite_persons(b"", width, height)


def test_files_of_another_kind_are_refused(shared_models: Path) -> None:
    with pytest.raises(ModelError, match="not an ONNX file"):
        yolox_persons(b"\xffnot a model", 416, 256)
    with pytest.raises(ModelError, match="not a YOLOX"):
        yolox_persons((shared_models / "fastestdet.onnx").read_bytes(), 416, 256)
    with pytest.raises(ModelError, match=r"not a TensorFlow\.js graph"):
        nanodet_persons(b"{}", b"", 416, 256)
    with pytest.raises(ModelError, match="not a frozen TensorFlow graph"):
        ssdlite_persons(b"\xffnot a graph", 512, 320)
    with pytest.raises(ModelError, match="has no node BoxPredictor_0"):
        ssdlite_persons(b"", 512, 320)


def test_a_yolox_whose_tail_computes_its_shape_is_cut_too() -> None:
    """Exports that nobody simplified end in Shape and Reshape of what they find; the new tail does without."""
    constants, nodes, rows = [], [], []
    for level, stride in enumerate((8, 16, 32)):
        for part, channels in (("box", 4), ("seen", 1), ("class", 80)):
            name = f"{part}_{level}"
            weights = RNG.normal(scale=0.02, size=(channels, 3, stride, stride)).astype(np.float32)
            constants.append(onnx.numpy_helper.from_array(weights, f"{name}.weight"))
            strides = [stride, stride]
            nodes.append(helper.make_node("Conv", ["images", f"{name}.weight"], [name], strides=strides))
        nodes += [
            helper.make_node("Sigmoid", [f"{part}_{level}"], [f"{part}_{level}.score"]) for part in ("seen", "class")
        ]
        parts = [f"box_{level}", f"seen_{level}.score", f"class_{level}.score"]
        nodes.append(helper.make_node("Concat", parts, [f"head_{level}"], axis=1))
        nodes.append(helper.make_node("Shape", [f"head_{level}"], [f"shape_{level}"]))
        nodes.append(helper.make_node("Gather", [f"shape_{level}", "two"], [f"start_{level}"], axis=0))
        nodes.append(helper.make_node("Concat", [f"start_{level}", "rest"], [f"flat_{level}"], axis=0))
        nodes.append(helper.make_node("Reshape", [f"head_{level}", f"flat_{level}"], [f"rows_{level}"]))
        rows.append(f"rows_{level}")
    constants += [
        onnx.numpy_helper.from_array(np.array(value, np.int64), name)
        for name, value in (("two", [0, 1]), ("rest", [-1]))
    ]
    nodes.append(helper.make_node("Concat", rows, ["all"], axis=2))
    nodes.append(helper.make_node("Transpose", ["all"], ["output"], perm=[0, 2, 1]))
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in (("images", [1, 3, 64, 64]), ("output", [1, 84, 85]))
    ]
    model = helper.make_model(helper.make_graph(nodes, "yolox", ends[:1], ends[1:], constants))
    cut = onnx.load_from_string(yolox_persons(model.SerializeToString(), 64, 64))
    picture = RNG.normal(size=(1, 3, 64, 64)).astype(np.float32)
    np.testing.assert_allclose(run(cut, picture), run(model, picture)[:, :, :6], rtol=1e-4, atol=1e-6)


def frozen(
    nodes: list[tuple[str, str, list[str], dict[str, object]]], constants: dict[str, NDArray[np.float32]]
) -> bytes:
    """A frozen graph, written with the same message types that are read."""
    message = _graph_def()()
    for name, array in constants.items():
        node = message.node.add(name=name, op="Const")
        value = node.attr.add(key="value").value.tensor
        value.dtype, value.tensor_content = 1, array.tobytes()
        for size in array.shape:
            value.tensor_shape.dim.add(size=size)
    for name, op, inputs, attributes in nodes:
        node = message.node.add(name=name, op=op, input=inputs)
        for key, given in attributes.items():
            value = node.attr.add(key=key).value
            if isinstance(given, list):
                value.list.i.extend(given)
            elif isinstance(given, bytes):
                value.s = given
            else:
                value.f = given
    return bytes(message.SerializeToString())


def test_convolution_and_batch_normalisation_give_what_the_formulas_give() -> None:
    weights = RNG.normal(size=(3, 3, 3, 2)).astype(np.float32)
    gamma, beta, mean = (RNG.normal(size=2).astype(np.float32) for _ in range(3))
    variance = RNG.uniform(0.5, 2, 2).astype(np.float32)
    nodes: list[tuple[str, str, list[str], dict[str, object]]] = [
        ("weights/read", "Identity", ["weights"], {}),
        ("conv", "Conv2D", ["picture", "weights/read"], {"strides": [1, 2, 2, 1], "padding": b"SAME"}),
        ("norm", "FusedBatchNorm", ["conv", "gamma", "beta", "mean", "variance"], {"epsilon": 0.001}),
        ("out", "Relu6", ["norm"], {}),
    ]
    constants = {"weights": weights, "gamma": gamma, "beta": beta, "mean": mean, "variance": variance}
    rebuilder = Rebuilder(read_frozen(frozen(nodes, constants)), "picture", reference_px=4)
    value = rebuilder.value("out")
    assert value.stride_px == 2
    model = rebuilder.model(value.name, (1, 3, 4, 4), (1, 2, 2, 2))
    picture = RNG.normal(size=(1, 3, 4, 4)).astype(np.float32)
    found = run(model, picture)
    after = np.pad(picture[0], ((0, 0), (0, 1), (0, 1)))  # TensorFlow pads at the end first
    taps = np.lib.stride_tricks.sliding_window_view(after, (3, 3), axis=(1, 2))[:, ::2, ::2]
    plain = np.einsum("cyxij,ijco->oyx", taps, weights)
    scale = (gamma / np.sqrt(variance + np.float32(0.001)))[:, None, None]
    expected = np.clip((plain - mean[:, None, None]) * scale + beta[:, None, None], 0, 6)
    np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=1e-6)


def test_paddings_transpositions_and_sizes_of_tensorflow_js_are_followed() -> None:
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[0, 0] = 1  # takes the pixel up and to the left
    graph = Graph(
        {
            "pad": Node("Pad", ("picture", "by_one")),
            "last": Node("Transpose", ("pad", "order")),
            "conv": Node("Conv2D", ("last", "kernel"), strides=(1, 1), padding="VALID"),
            "biased": Node("Add", ("conv", "bias")),
            "half": Node("ResizeBilinear", ("biased", "size")),
            "sum": Node("Add", ("half", "half")),
        },
        {
            "by_one": np.array([[0, 0], [0, 0], [1, 1], [1, 1]], np.int32),
            "order": np.array([0, 2, 3, 1], np.int32),
            "kernel": kernel,
            "bias": np.array([10], np.float32),
            "size": np.array([2, 2], np.int32),
        },
    )
    rebuilder = Rebuilder(graph, "picture", reference_px=4)
    model = rebuilder.model(rebuilder.value("sum").name, (1, 1, 4, 4), (1, 1, 2, 2))
    picture = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    found = run(model, picture)
    shifted = np.pad(picture[0, 0], ((1, 0), (1, 0)))[:4, :4] + 10
    np.testing.assert_allclose(found[0, 0], 2 * shifted.reshape(2, 2, 2, 2).mean(axis=(1, 3)))


def test_half_precision_weights_are_read_in_their_order() -> None:
    halves = np.array([0.5, -2.0], "<f2")
    counts = np.array([3], "<i4")
    entries = [
        {"name": "n", "shape": [1], "dtype": "int32"},
        {"name": "w", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}},
    ]
    same = base64.b64encode(b"SAME").decode()
    attributes = {"padding": {"s": same}, "strides": {"list": {"i": ["1", "2", "3", "1"]}}}
    node = {"name": "c", "op": "Conv2D", "input": ["x", "w"], "attr": attributes}
    model = {"weightsManifest": [{"weights": entries}], "modelTopology": {"node": [node]}}
    graph = read_tensorflow_js(json.dumps(model).encode(), counts.tobytes() + halves.tobytes())
    assert graph.constants["n"].tolist() == [3]
    assert graph.constants["w"].tolist() == [0.5, -2.0]
    assert graph.nodes["c"] == Node("Conv2D", ("x", "w"), strides=(2, 3), padding="SAME")


def test_weights_that_are_too_short_are_refused() -> None:
    model = {
        "weightsManifest": [{"weights": [{"name": "n", "shape": [9], "dtype": "int32"}]}],
        "modelTopology": {"node": []},
    }
    with pytest.raises(ModelError, match="weights"):
        read_tensorflow_js(json.dumps(model).encode(), b"\0\0\0\0")


def test_an_unknown_operation_is_named() -> None:
    graph = Graph({"end": Node("Einsum", ("picture",))}, {})
    with pytest.raises(ModelError, match="the operation Einsum"):
        Rebuilder(graph, "picture", reference_px=4).value("end")


def test_anchors_span_the_picture_and_keep_their_size_in_pixels() -> None:
    small, large = _anchors((320, 192), 16, 0), _anchors((640, 384), 16, 0)
    assert len(small) == 20 * 12 * 3
    np.testing.assert_allclose(small[:3, 2:], large[:3, 2:])
    np.testing.assert_allclose(small[0], [8, 8, 30, 30], rtol=1e-6)
    assert small[:, 0].max() == 312
    assert small[:, 1].max() == 184
