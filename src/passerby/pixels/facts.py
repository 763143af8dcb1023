"""What this build can decode and infer with, for `passerby doctor`: `python -m passerby.pixels.facts` prints JSON."""

import json

import av
import av.error

from passerby.pixels import inference

_WANTED = {"H.264": "h264", "H.265": "hevc", "MJPEG": "mjpeg", "MPEG-4": "mpeg4", "AV1": "libdav1d", "VP9": "vp9"}


def _can_decode(codec: str) -> bool:
    try:
        av.CodecContext.create(codec, "r")
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def facts() -> dict[str, str]:
    """Decoders that are there and missing, and the inference runtime with its devices."""
    there = [name for name, codec in _WANTED.items() if _can_decode(codec)]
    return {
        "decoders": f"PyAV {av.__version__}: {', '.join(there)}",
        "missing_decoders": ", ".join(name for name in _WANTED if name not in there),
        "inference": inference.describe(),
    }


if __name__ == "__main__":
    print(json.dumps(facts()))  # noqa: T201 - printing is what it is for
