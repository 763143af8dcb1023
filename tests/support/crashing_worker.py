"""A pixel worker whose decoder crashes on a white picture and whose model crashes on a yellow one.

A guard starts it in the place of the real one (see `diary_site`). It is the real one, and it crashes as native code
does: it reads where there is no memory.
"""

import ctypes
from collections.abc import Iterator
from typing import Any

from passerby.gate.messages import Plan
from passerby.pixels import worker

_WHITE_LUMA, _BRIGHT, _DIM = 222, 190, 90


def _crash() -> None:
    ctypes.string_at(0)


def load(plan: Plan) -> list[worker.Room]:
    """Loads the real rooms, and plants the crashes in what they use."""
    rooms = worker.load(plan)
    from passerby.pixels.frames import Decoder
    from passerby.pixels.inference import Network

    decode, infer = Decoder._decode, Network.infer_all

    def decode_and_crash(self: Decoder, packet: Any) -> Iterator[Any]:
        for frame in decode(self, packet):
            if min(bytes(memoryview(frame.planes[0])[:16])) >= _WHITE_LUMA:
                _crash()
            yield frame

    def infer_and_crash(self: Network) -> Any:
        blue, green, red = self.picture[0, 0, 0].tolist()
        if min(green, red) >= _BRIGHT and blue <= _DIM:
            _crash()
        return infer(self)

    Decoder._decode, Network.infer_all = decode_and_crash, infer_and_crash  # type: ignore[method-assign]  # planted
    return rooms


if __name__ == "__main__":
    worker.main(load)
