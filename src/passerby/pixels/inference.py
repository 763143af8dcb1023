"""Opens a model for the CPU, with nothing that could talk to anyone.

`openvino` brings the package `openvino-telemetry`, which posts to the internet. It is made impossible to import before
`openvino` is imported, and `openvino` then uses its own empty stand-in. This is the one file that imports `openvino`.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from passerby.errors import ModelError

# None in `sys.modules` makes every later import of that name raise ImportError.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # documented by Python, unknown to the stubs

import openvino as ov  # noqa: E402  # only after telemetry has been taken away

_NCHW, _NHWC = ov.Layout("NCHW"), ov.Layout("NHWC")


class Network:
    """A model with one picture going in, on one or a few CPU threads.

    Args:
        file: an ONNX file, an OpenVINO IR or a frozen TensorFlow graph.
        size_px: width and height of the picture that it takes.
        mean, std: float (3,), what is taken from each channel and what it is then divided by, in the model's order.
        threads: CPU threads.

    Raises:
        ModelError: the file cannot be read, or does not take pictures of this size.
    """

    def __init__(
        self, file: Path, size_px: tuple[int, int], mean: tuple[float, ...], std: tuple[float, ...], threads: int
    ) -> None:
        width, height = size_px
        try:
            compiled = _compile(file, (1, 3, height, width), mean, std, threads)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise ModelError(
                f"{file} is not a model that takes pictures of {width}x{height}: {reason}. "
                "Check the file and its input size."
            ) from error
        self._request = compiled.create_infer_request()
        self.picture: NDArray[np.uint8] = np.zeros((1, height, width, 3), np.uint8)
        self._request.set_input_tensor(ov.Tensor(self.picture, shared_memory=True))

    def infer(self) -> NDArray[np.float32]:
        """Looks at `picture`, which is filled in place.

        Returns:
            float32, the first output; valid until the next call.
        """
        return self.infer_all()[0]

    def infer_all(self) -> list[NDArray[np.float32]]:
        """As `infer`, for graphs with more than one output: float32, each of them."""
        self._request.infer()
        return [tensor.data for tensor in self._request.output_tensors]


def _compile(
    file: Path, shape: tuple[int, ...], mean: tuple[float, ...], std: tuple[float, ...], threads: int
) -> ov.CompiledModel:
    core = ov.Core()
    model = core.read_model(file)
    if model.input(0).partial_shape.is_dynamic:
        model.reshape(list(shape))
    if tuple(model.input(0).shape) != shape:
        raise RuntimeError(f"its input has shape {tuple(model.input(0).shape)}, expected {shape}")
    # Bytes become numbers inside the graph, where OpenVINO folds mean and std into the first convolution.
    steps = ov.preprocess.PrePostProcessor(model)
    steps.input(0).tensor().set_element_type(ov.Type.u8).set_layout(_NHWC)
    steps.input(0).model().set_layout(_NCHW)
    steps.input(0).preprocess().convert_element_type(ov.Type.f32).mean(list(mean)).scale(list(std))
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": "1",
        "INFERENCE_NUM_THREADS": str(threads),
        # The workers share the cores with the rest of the machine: let the kernel place them.
        "ENABLE_CPU_PINNING": "NO",
    }
    return core.compile_model(steps.build(), "CPU", options)


def describe() -> str:
    """The runtime and the devices that it sees."""
    return f"OpenVINO {ov.__version__.split('-')[0]} on {', '.join(ov.Core().available_devices)}"
