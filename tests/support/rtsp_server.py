"""A real RTSP camera for tests: GStreamer's RTSP server in a process of its own, on loopback."""

import json
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Self

_PYTHON = "/usr/bin/python3"
_CHILD = Path(__file__).with_name("rtsp_child.py")
_NEEDS = ["x264enc", "x265enc", "jpegenc", "rtph264pay", "rtph265pay", "rtpjpegpay", "decodebin", "avdec_mpeg4"]
_PROBE = f"""
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
print(" ".join(name for name in {_NEEDS!r} if not Gst.ElementFactory.find(name)))
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """What the camera shows, and how it behaves. Times are of the stream.

    Attributes:
        file: any video that GStreamer decodes.
        codec: what goes over the wire.
        as_it_is: the file, Matroska with H.264, goes over the wire as it is, once, and costs the machine next to
            nothing; of the rest, only the password counts.
        loop: begin again at the end of the file; else the stream ends there.
        gop: frames from key frame to key frame.
        user, password: what the camera asks for; None asks for nothing.
        digest: by Digest, else by Basic.
        certificate: PEM file with certificate and key; makes it rtsps.
        stall_after_s: from here on the connection stays open and no frame comes.
        end_after_s: here the stream ends as announced (BYE).
        resize_after_s, resize_to: here the picture changes its size (width, height in pixels).
        port: 0 takes a free one.
    """

    file: Path
    codec: Literal["h264", "h265", "mjpeg"] = "h264"
    as_it_is: bool = False
    loop: bool = True
    gop: int = 10
    user: str | None = None
    password: str | None = None
    digest: bool = True
    certificate: Path | None = None
    stall_after_s: float | None = None
    end_after_s: float | None = None
    resize_after_s: float | None = None
    resize_to: tuple[int, int] = (320, 240)
    port: int = 0


def missing_parts() -> str | None:
    """Why there can be no RTSP server here, or None."""
    try:
        done = subprocess.run([_PYTHON, "-c", _PROBE], capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        return f"no RTSP server: {_PYTHON} is absent"
    if done.returncode != 0:
        return "no RTSP server: install python3-gi and gir1.2-gst-rtsp-server-1.0"
    missing = done.stdout.strip()
    return f"no RTSP server: GStreamer lacks {missing} (plugins good, bad, ugly and libav)" if missing else None


class RtspServer:
    """A camera that can be switched off and on again at the same address.

    Attributes:
        port: of the loopback address.
        url: without credentials; `url_with` adds some.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._process: subprocess.Popen[str] | None = None
        self.port = serving.port

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/stream"

    def url_with(self, user: str, password: str) -> str:
        return f"{self._scheme}://{user}:{password}@127.0.0.1:{self.port}/stream"

    @property
    def _scheme(self) -> str:
        return "rtsps" if self._serving.certificate else "rtsp"

    def start(self) -> None:
        """Switches it on.

        Raises:
            RuntimeError: the port is taken, or the server ended at once.
        """
        serving = asdict(replace(self._serving, port=self.port))
        command = [_PYTHON, str(_CHILD)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(serving, default=str) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            self.stop()
            raise RuntimeError(f"the RTSP server did not start on port {self.port}")
        self.port = int(answer)

    def stop(self) -> None:
        """Pulls the plug: connections break off without a goodbye."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
