"""The clocks of the pixel room."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clock on the wall, in Unix seconds, which may be set; and one that only runs, in seconds."""

    unix: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


SYSTEM = Clocks()
