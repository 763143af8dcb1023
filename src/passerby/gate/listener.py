"""Who hears what the rooms report."""

from typing import Protocol

from passerby.core.tallies import Tally
from passerby.gate.contract import FacingNow
from passerby.gate.messages import FaultCode, HealthFigure


class Listener(Protocol):
    """Who is told what the rooms report, after it was checked."""

    def ready(self, worker: int, landlock_abi: int, seccomp: bool, /) -> None:
        """A worker is shut in and counts."""
        ...

    def bytes_out(self, worker: int, count: int, /) -> None:
        """So many more bytes came out of a worker's room, whatever they say: all that leaves it is read here."""
        ...

    def tally(self, tally: Tally, /) -> None:
        """A window was closed."""
        ...

    def health(self, camera: str, figure: HealthFigure, value: int, line: int = 0, /) -> None:
        """How a camera is doing; `line` is the index of a line, for the figures that each line has."""
        ...

    def shelf(self, now: FacingNow, /) -> None:
        """How a facing is: told each minute of each."""
        ...

    def fault(self, camera: str, code: FaultCode, /) -> None:
        """Something is wrong with a camera."""
        ...

    def done(self, camera: str, /) -> None:
        """A recording was counted to its end."""
        ...

    def refused(self, worker: int, reason: str, /) -> None:
        """A worker broke the contract and is replaced."""
        ...

    def restarted(self, worker: int, reason: str, /) -> None:
        """A worker ended unasked, or broke the contract, and is replaced."""
        ...
