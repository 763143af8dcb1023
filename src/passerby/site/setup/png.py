"""A still as a PNG for the browser. The records process has no image library, and needs none to write one."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTH, _RGB = 8, 2


def png(width_px: int, height_px: int, rgb: bytes) -> bytes:
    """A picture as PNG (ISO/IEC 15948).

    Args:
        width_px: its width.
        height_px: its height.
        rgb: red, green and blue of each pixel, row by row.

    Raises:
        ValueError: the number of bytes does not fit the size.
    """
    if width_px < 1 or height_px < 1 or len(rgb) != width_px * height_px * 3:
        raise ValueError(f"{width_px} x {height_px} pixels need {width_px * height_px * 3} bytes, got {len(rgb)}")
    row = width_px * 3
    # Each row begins with the number of its filter: 0, none.
    rows = b"".join(b"\0" + rgb[start : start + row] for start in range(0, len(rgb), row))
    head = struct.pack(">IIBBBBB", width_px, height_px, _DEPTH, _RGB, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
