"""Counting by hand at a line. Clicks become numbers of windows at once: no moment of one person is kept."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from passerby.core.observations import Direction
from passerby.core.tallies import window_start
from passerby.errors import InputError
from passerby.site.proof.lines import ProvableLine

LONGEST_S = 12 * 3600
"""A count that nobody ended ends by itself after so long."""


@dataclass(frozen=True, slots=True)
class HandWindow:
    """One window that was counted by hand from its beginning to its end."""

    line: ProvableLine
    start_unix_s: int
    width_s: int
    account: str
    hand_in: int
    hand_out: int


@dataclass(slots=True)
class HandCount:
    """A count that is going on.

    Attributes:
        line: where.
        account: who counts.
        began_unix_s: since when.
        width_s: width of the windows.
        people: in and out, by the start of their window.
    """

    line: ProvableLine
    account: str
    began_unix_s: float
    width_s: int
    people: dict[int, list[int]] = field(default_factory=dict)

    @property
    def first_whole_unix_s(self) -> int:
        """Where the first window begins that is counted whole."""
        start = window_start(self.began_unix_s, self.width_s)
        return start if start == self.began_unix_s else start + self.width_s

    def totals(self) -> tuple[int, int]:
        """In and out so far, in windows that will not count as well."""
        return sum(one[0] for one in self.people.values()), sum(one[1] for one in self.people.values())

    def whole_windows(self, now_unix_s: float) -> int:
        """How many whole windows are done."""
        return max(0, int((now_unix_s - self.first_whole_unix_s) // self.width_s))

    def click(self, direction: Direction, by: int, now_unix_s: float) -> None:
        """Counts one more; or one less, in the last window that has one: perhaps another began since it was clicked."""
        index = 0 if direction is Direction.IN else 1
        start = window_start(now_unix_s, self.width_s)
        if by < 0:
            start = max((one for one, counts in self.people.items() if counts[index]), default=start)
        counts = self.people.setdefault(start, [0, 0])
        counts[index] = max(0, counts[index] + by)

    def ended(self, now_unix_s: float) -> tuple[HandWindow, ...]:
        """The windows that were counted whole, those in which nobody came among them."""
        first = self.first_whole_unix_s
        starts = (first + index * self.width_s for index in range(self.whole_windows(now_unix_s)))
        return tuple(
            HandWindow(self.line, start, self.width_s, self.account, *self.people.get(start, (0, 0)))
            for start in starts
        )


class HandCounts:
    """The counts by hand that are going on in a site, one at each line at most. Safe from any thread.

    Args:
        width_s: width of the site's windows.
        clock: Unix seconds.
    """

    def __init__(self, width_s: int, clock: Callable[[], float]) -> None:
        self._width_s, self._clock = width_s, clock
        self._lock = threading.Lock()
        self._open: dict[str, HandCount] = {}

    def begin(self, line: ProvableLine, account: str) -> HandCount:
        """Begins a count.

        Raises:
            InputError: somebody counts there, or this one counts elsewhere.
        """
        with self._lock:
            now = self._clock()
            self._open = {label: one for label, one in self._open.items() if now - one.began_unix_s < LONGEST_S}
            for known in self._open.values():
                if known.line == line:
                    raise InputError(f"{known.account} is counting at {line.label} already; two would be mixed up")
                if known.account == account:
                    raise InputError(f"{account} is counting at {known.line.label} already; end that first")
            self._open[line.label] = HandCount(line, account, now, self._width_s)
            return self._open[line.label]

    def of(self, account: str) -> HandCount | None:
        """What somebody is counting now."""
        with self._lock:
            return next((one for one in self._open.values() if one.account == account), None)

    def click(self, account: str, direction: Direction, by: int = 1) -> None:
        """Counts one more or less where somebody counts; nothing where they do not."""
        with self._lock:
            for one in self._open.values():
                if one.account == account:
                    one.click(direction, by, self._clock())

    def end(self, account: str) -> tuple[HandWindow, ...]:
        """Ends what somebody counts, and gives the windows that were counted whole."""
        with self._lock:
            ended = [one for one in self._open.values() if one.account == account]
            self._open = {label: one for label, one in self._open.items() if one.account != account}
            now = min([self._clock(), *(one.began_unix_s + LONGEST_S for one in ended)])
            return tuple(window for one in ended for window in one.ended(now))
