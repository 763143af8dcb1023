"""A labelled picture on its way into the pixel room, where `passerby masks` has its judge looked at."""

import msgspec

from passerby.gate.packets import Packet, PacketKind


class LabelledFace(msgspec.Struct, frozen=True):
    """A face of which the truth is known.

    Attributes:
        box_px: x1 y1 x2 y2 in pixels of the picture, origin top left.
        place: index of the place that its answer is counted at.
    """

    box_px: tuple[float, float, float, float]
    place: int


class LabelledPicture(msgspec.Struct, frozen=True):
    """One picture with its faces.

    Attributes:
        codec: FFmpeg's name.
        data: the picture as its file has it.
        faces: where to look.
        place: index of the place that tells whether the picture could be read.
    """

    codec: str
    data: bytes
    faces: tuple[LabelledFace, ...]
    place: int

    def packet(self) -> Packet:
        """The picture as a record of the pipe."""
        return Packet(PacketKind.PACKET, payload=msgspec.msgpack.encode(self))

    @staticmethod
    def of(packet: Packet) -> "LabelledPicture":
        """Reads a picture back.

        Raises:
            msgspec.ValidationError, msgspec.DecodeError: it is none.
        """
        return msgspec.msgpack.decode(packet.payload, type=LabelledPicture)
