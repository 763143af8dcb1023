"""What stands beside a line's figures in a report: how well its count was proved."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from passerby.site.proof import LineProof


@dataclass(frozen=True, slots=True)
class Proof:
    """A count by hand, held against the figures of a line.

    Attributes:
        bias: counted too many by one counted by hand; negative where too few.
        half_width: of its interval.
        proved_unix_s: until when was counted by hand.
    """

    bias: float
    half_width: float
    proved_unix_s: float

    def day(self, zone: tzinfo | None) -> str:
        """The day of the proof, as ISO 8601 has it."""
        return datetime.fromtimestamp(self.proved_unix_s, zone).date().isoformat()


Beside = Callable[[str, str], Proof | None]
"""The proof of a camera's line; None where its count was not proved."""


def nothing_beside(_camera: str, _line: str) -> None:
    """No count was proved."""
    return


def beside(told: Iterable[LineProof]) -> Beside:
    """What is proved of lines, to be asked for by camera and line."""
    known = {
        (one.camera, one.line): Proof(one.whole.bias, one.whole.half_width, one.proved_unix_s)
        for one in told
        if one.whole is not None and one.proved_unix_s is not None
    }
    return lambda camera, line: known.get((camera, line))
