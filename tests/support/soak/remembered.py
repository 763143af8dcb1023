"""What a hub and sites said that they have, to be held against them in the end."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.support.soak.counts import WINDOW_S
from tests.support.soak.stage import CAMERAS, Stage, ask

Key = tuple[str, str, str, int, int]
"""Camera, place, measure, part, start of the window."""
Amount = tuple[float, float]
"""Total and exposure."""
Windows = dict[Key, Amount]

EVERY_S = 10.0
FINAL_AFTER_S = 150.0
"""So long after its end a site's window does not change any more: what a full disk kept back has come by then."""
_BACK_S = 600
_ROWS = 50_000


def told(stage: Stage, name: str, since_unix_s: float) -> Windows:
    """What a site says; empty while it says nothing."""
    answer = ask(f"{stage.base(name)}/api/v1/tallies?since={since_unix_s:.0f}&limit={_ROWS}")
    return _windows(answer.get("tallies", []), "subject")


def told_by_hub(stage: Stage, name: str, since_unix_s: float) -> Windows:
    """What the hub says of a site."""
    query = f"since={since_unix_s:.0f}&width_s={WINDOW_S}&limit={_ROWS}"
    answer = ask(f"{stage.hub.url}/api/v1/venues/{name}/tallies?{query}")
    return _windows(answer.get("tallies", []), "name")


def _windows(rows: Iterable[dict[str, Any]], place: str) -> Windows:
    return {
        (row["camera"], row[place], row["measure"], row["part"], row["start_unix_s"]): (
            round(row["total"], 3),
            round(row["exposure"], 3),
        )
        for row in rows
    }


@dataclass
class Remembered:
    """Asks now and then in a thread of its own, and remembers.

    Attributes:
        since_unix_s: windows from here on are remembered.
        said: by who said it ("hub of harbour", "market"), the most that was said of each window.
        final: the same, of windows that were over for long enough to change no more.
        answers: how often somebody answered.
    """

    stage: Stage
    since_unix_s: float
    said: dict[str, Windows] = field(default_factory=dict)
    final: dict[str, Windows] = field(default_factory=dict)
    answers: int = 0

    def __enter__(self) -> Self:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def losses(self, kept: dict[str, Windows]) -> list[str]:
        """What was said and is not kept, or is less, or is other than it was when it could not change any more."""
        found = []
        for who, windows in self.said.items():
            for key, (total, exposure) in windows.items():
                now = kept[who].get(key)
                if now is None or now[0] < total or now[1] < exposure:
                    found.append(f"{who}: {key} was {total, exposure}, and is {now}")
        for who, windows in self.final.items():
            found += [
                f"{who}: {key} was {amount} when it was over, and is {kept[who].get(key)}"
                for key, amount in windows.items()
                if kept[who].get(key) != amount
            ]
        return found

    def _listen(self) -> None:
        while not self._ended.wait(EVERY_S):
            for name in CAMERAS:
                self._take(name, told)
                self._take(name, told_by_hub)

    def _take(self, name: str, asked: Callable[[Stage, str, float], Windows]) -> None:
        who = name if asked is told else f"hub of {name}"
        now_unix_s = time.time()
        windows = asked(self.stage, name, max(self.since_unix_s, now_unix_s - _BACK_S))
        self.answers += bool(windows)
        known = self.said.setdefault(who, {})
        for key, (total, exposure) in windows.items():
            before = known.get(key, (0.0, 0.0))
            known[key] = max(total, before[0]), max(exposure, before[1])
        if asked is told:
            over = {key: one for key, one in windows.items() if key[-1] + WINDOW_S + FINAL_AFTER_S < now_unix_s}
            for key, amount in over.items():
                self.final.setdefault(who, {}).setdefault(key, amount)
