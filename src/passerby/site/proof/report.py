"""What counts by hand say of each line: bias, its interval, and whether the count is equal to one by hand."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from passerby.core.equivalence import Bias, Pair, bias
from passerby.site.proof.lines import ProvableLine
from passerby.site.proof.proofs import Proofs, ProofWindow
from passerby.site.store import Store

LEAST_COVERAGE = 0.95
"""A window of which the engine saw less says how much it missed, not how well it counts."""

PARTS = (("night", 0, 6), ("morning", 6, 12), ("afternoon", 12, 18), ("evening", 18, 24))
"""Parts of the day: name, first and last hour, in the site's zone."""

_EVERY_S = 20.0
_DIRECTIONS = (("in", 0), ("out", 1))


@dataclass(frozen=True, slots=True)
class LineProof:
    """What is proved of a line as it is counted now.

    Attributes:
        camera, line: which.
        whole: of everybody who crossed, both ways; None while there is too little to say.
        by_direction, by_part: the same for each direction, and for each part of the day with enough windows.
        proved_unix_s: where the last window ends that it rests on; None without any.
        used: windows that it rests on.
        waiting: windows whose count by the engine is not there yet.
        left_out: windows of which the engine saw too little.
        expired: windows that were counted by hand before the camera, the line, the detector or the rules changed.
    """

    camera: str
    line: str
    whole: Bias | None
    by_direction: dict[str, Bias]
    by_part: dict[str, Bias]
    proved_unix_s: int | None
    used: int
    waiting: int
    left_out: int
    expired: int

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "camera": self.camera,
            "line": self.line,
            "proved_unix_s": self.proved_unix_s if self.whole else None,
            "both": _dict(self.whole),
            "by_direction": {name: _dict(self.by_direction.get(name)) for name, _index in _DIRECTIONS},
            "by_part_of_day": {name: _dict(one) for name, one in self.by_part.items()},
            "windows_waiting": self.waiting,
            "windows_left_out": self.left_out,
            "windows_expired": self.expired,
        }

    def words(self, zone: tzinfo | None) -> str | None:
        """What stands beside the line's figures; None where nothing is proved.

        Args:
            zone: the site's; None for the machine's.
        """
        if self.whole is None or self.proved_unix_s is None:
            return None
        when = datetime.fromtimestamp(self.proved_unix_s, zone)
        return f"{percent(self.whole.bias)} ± {100 * self.whole.half_width:.1f} %, proved {when.day} {when:%B %Y}"


def percent(share: float) -> str:
    """A share with its sign: +1.2 %. The minus is as wide as the plus, not a hyphen."""
    rounded = round(100 * share, 1) + 0.0
    return f"{rounded:+.1f} %".replace("-", "\u2212") if rounded else "0.0 %"


def line_proof(line: ProvableLine, windows: Sequence[ProofWindow], margin: float, zone: tzinfo | None) -> LineProof:
    """Sums up the windows of a line.

    Args:
        line: as it is counted now.
        windows: all that were ever counted by hand there.
        margin: largest bias that counts as equal.
        zone: of the parts of the day.
    """
    valid = [one for one in windows if one.fingerprint == line.fingerprint]
    told = [one for one in valid if one.engine is not None]
    used = [one for one in told if one.coverage >= LEAST_COVERAGE]
    parts = {name: [one for one in used if first <= _hour(one, zone) < last] for name, first, last in PARTS}
    return LineProof(
        camera=line.camera,
        line=line.name,
        whole=bias(_pairs(used, (0, 1)), margin),
        by_direction=_known({name: bias(_pairs(used, (index,)), margin) for name, index in _DIRECTIONS}),
        by_part=_known({name: bias(_pairs(some, (0, 1)), margin) for name, some in parts.items()}),
        proved_unix_s=max((one.start_unix_s + one.width_s for one in used), default=None),
        used=len(used),
        waiting=len(valid) - len(told),
        left_out=len(told) - len(used),
        expired=len(windows) - len(valid),
    )


class ProofBoard:
    """What is proved of the lines of a site, read once for all who look. Safe from any thread.

    Args:
        proofs: the windows counted by hand.
        store: where tallies are.
        lines: of the site.
        margin: largest bias that counts as equal.
        clock: Unix seconds.
    """

    def __init__(
        self, proofs: Proofs, store: Store, lines: tuple[ProvableLine, ...], margin: float, clock: Callable[[], float]
    ) -> None:
        self.lines = lines
        self.margin = margin
        self._proofs, self._store, self._clock = proofs, store, clock
        self._lock = threading.Lock()
        self._read: tuple[float, tzinfo | None, tuple[LineProof, ...]] | None = None

    def told(self, zone: tzinfo | None) -> tuple[LineProof, ...]:
        """One for each line, in the order of the configuration; at most some seconds old.

        Raises:
            StoreError: the store cannot be read or written.
        """
        with self._lock:
            now = self._clock()
            if self._read is None or self._read[1] != zone or not 0 <= now - self._read[0] < _EVERY_S:
                self._proofs.settle(self._store, now)
                told = tuple(line_proof(line, self._proofs.of(line), self.margin, zone) for line in self.lines)
                self._read = (now, zone, told)
            return self._read[2]

    def forget(self) -> None:
        """Reads anew when asked next: something was counted."""
        with self._lock:
            self._read = None


def _pairs(windows: Iterable[ProofWindow], which: tuple[int, ...]) -> list[Pair]:
    return [
        Pair(sum(one.hand[index] for index in which), sum(one.engine[index] for index in which))
        for one in windows
        if one.engine is not None
    ]


def _known(found: dict[str, Bias | None]) -> dict[str, Bias]:
    return {name: one for name, one in found.items() if one is not None}


def _hour(window: ProofWindow, zone: tzinfo | None) -> int:
    return datetime.fromtimestamp(window.start_unix_s, zone).hour


def _dict(one: Bias | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "windows": one.windows,
        "by_hand": round(one.hand),
        "by_engine": round(one.engine),
        "bias": round(one.bias, 4),
        "low": round(one.low, 4),
        "high": round(one.high, 4),
        "margin": one.margin,
        "equivalent": one.equivalent,
    }
