"""How each facing of the shelves is now, as the pixel rooms told it minute by minute."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from passerby.core.shelves import FacingState
from passerby.gate.contract import FacingNow


@dataclass(frozen=True, slots=True)
class FacingKnown:
    """What is known of a facing.

    Attributes:
        camera, shelf: their names.
        facing: its index in the shelf.
        state: as it was told last; `CANNOT_SEE` while it is covered.
        last: the last state in which it could be seen, kept while it is covered; None before the first.
        since_unix_s: the minute in which `last` was told first.
        seen_unix_s: the minute in which the facing could be seen last; None if never.
        told_unix_s: the minute in which anything was told of it last.
    """

    camera: str
    shelf: str
    facing: int
    state: FacingState
    last: FacingState | None
    since_unix_s: int | None
    seen_unix_s: int | None
    told_unix_s: int

    @property
    def age_s(self) -> int | None:
        """How old `last` is by now: 0 while the facing can be seen; None if it never could."""
        return None if self.seen_unix_s is None else self.told_unix_s - self.seen_unix_s


class ShelfBoard:
    """The facings of a site; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, int], FacingKnown] = {}

    def remember(self, known: Iterable[FacingKnown]) -> None:
        """Takes what was known before the site was started; until it is told anew, nothing of it can be seen."""
        with self._lock:
            for one in known:
                self._known[one.camera, one.shelf, one.facing] = replace(one, state=FacingState.CANNOT_SEE)

    def tell(self, now: FacingNow) -> None:
        """Takes how a facing is; what is older than what is known changes nothing."""
        key = (now.camera, now.shelf, now.facing)
        at = now.start_unix_s
        with self._lock:
            known = self._known.get(key) or FacingKnown(*key, FacingState.CANNOT_SEE, None, None, None, at)
            if at < known.told_unix_s:
                return
            known = replace(known, state=now.state, told_unix_s=at)
            if now.state is not FacingState.CANNOT_SEE:
                since = known.since_unix_s if now.state is known.last else at
                known = replace(known, last=now.state, since_unix_s=since, seen_unix_s=at)
            self._known[key] = known

    def now(self) -> tuple[FacingKnown, ...]:
        """All facings of which anything was told, in order of camera, shelf and facing."""
        with self._lock:
            return tuple(self._known[key] for key in sorted(self._known))
