"""A camera of ipycam that speaks ONVIF, in a process of its own: nobody here wrote it."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

_CHILD = Path(__file__).with_name("onvif_child.py")


@dataclass(frozen=True, slots=True)
class Speaking:
    """What the camera says of itself. Without a user it tells everything to everybody."""

    name: str = "Door"
    manufacturer: str = "PythonCam"
    model: str = "IPyCam 1"
    firmware_version: str = "1.3.0"
    username: str = ""
    password: str = ""
    local_ip: str = "127.0.0.1"
    discoverable: bool = False


class OnvifDevice:
    """It speaks while it is entered.

    Attributes:
        url: of its ONVIF service.
    """

    def __init__(self, speaking: Speaking = Speaking()) -> None:
        self._speaking = speaking
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{self._speaking.local_ip}:{self.port}/onvif/device_service"

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        command = [sys.executable, str(_CHILD)]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(self._speaking)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            self._process.kill()
            raise RuntimeError(f"ipycam did not start: {self._process.communicate()[1][-2000:]}")
        self.port = int(answer)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.communicate(timeout=60)
