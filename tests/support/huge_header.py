"""Encoded pictures whose headers promise a size that no camera has, and of which there is next to nothing."""

import struct


class _Bits:
    """Bits as H.264 writes them (7.2 and 9.1)."""

    def __init__(self) -> None:
        self._bits = ""

    def fixed(self, value: int, width: int) -> "_Bits":
        self._bits += f"{value:0{width}b}"
        return self

    def golomb(self, *values: int) -> "_Bits":
        for value in values:
            code = f"{value + 1:b}"
            self._bits += "0" * (len(code) - 1) + code
        return self

    def unit(self, kind: int) -> bytes:
        """A unit of the byte stream, its end marked."""
        bits = self._bits + "1"
        bits += "0" * (-len(bits) % 8)
        data = bytes([kind]) + int(bits, 2).to_bytes(len(bits) // 8, "big")
        for zeros in (b"\0\0\0", b"\0\0\1", b"\0\0\2", b"\0\0\3"):
            data = data.replace(zeros, zeros[:2] + b"\3" + zeros[2:])
        return b"\0\0\0\1" + data


def h264(width_px: int, height_px: int) -> bytes:
    """A key frame of H.264: parameter sets, and the beginning of a slice."""
    across, down = -(-width_px // 16), -(-height_px // 16)
    sps = _Bits().fixed(66, 8).fixed(0, 8).fixed(62, 8).golomb(0, 0, 2, 1).fixed(0, 1)
    sps.golomb(across - 1, down - 1).fixed(0b1100, 4)
    pps = _Bits().golomb(0, 0).fixed(0, 2).golomb(0, 0, 0).fixed(0, 3).golomb(0, 0, 0).fixed(0, 3)
    piece = _Bits().golomb(0, 7, 0).fixed(0, 4).golomb(0).fixed(0, 2).golomb(0).fixed(0xABCDEF0123456789, 64)
    return sps.unit(0x67) + pps.unit(0x68) + piece.unit(0x65)


def jpeg(picture: bytes, width_px: int, height_px: int) -> bytes:
    """A JPEG whose frame header (SOF0) promises another size than it has."""
    at = picture.index(b"\xff\xc0")
    return picture[: at + 5] + struct.pack(">HH", height_px, width_px) + picture[at + 9 :]


def vp9(picture: bytes, width_px: int, height_px: int) -> bytes:
    """A key frame of VP9, profile 0, whose header promises another size: 16 bits each, at bit 36 and 52 (6.2)."""
    bits = f"{int.from_bytes(picture[:16], 'big'):0128b}"
    bits = bits[:36] + f"{width_px - 1:016b}{height_px - 1:016b}" + bits[68:]
    return int(bits, 2).to_bytes(16, "big") + picture[16:]
