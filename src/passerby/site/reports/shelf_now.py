"""How each facing is now: what the rooms told minute by minute, joined to what was tallied."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from passerby.core.shelves import FacingState, Gap
from passerby.site.reports.asked import Where
from passerby.site.reports.shelf_tallies import FacingTallied
from passerby.site.shelf_board import FacingKnown

_SILENT_S = 180
"""A facing of which nothing was told for so long cannot be seen: its camera or its room is away."""


@dataclass(frozen=True, slots=True)
class ShelvesNow:
    """What is known of the shelves beside their tallies.

    Attributes:
        facings: how they are, as `ShelfBoard.now` tells.
        untaught: what a shelf was not taught yet, "full" or "empty"; those that were taught are not in it.
        moved: cameras that were moved since they were set up.
    """

    facings: tuple[FacingKnown, ...] = ()
    untaught: Mapping[Where, tuple[str, ...]] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a facing is, as far as anything tells.

    Attributes:
        state: now; `CANNOT_SEE` while it is covered.
        last: in which it was seen last; None if it was not seen yet.
        since_unix_s: since when it is in `last`.
        age_s: how long ago it was seen last; 0 while it can be seen, None if it was not seen yet.
    """

    state: FacingState
    last: FacingState | None
    since_unix_s: float | None
    age_s: float | None


UNKNOWN = Standing(FacingState.CANNOT_SEE, None, None, None)


def facing_now(board: FacingKnown | None, tallied: FacingTallied, now_unix_s: float) -> Standing:
    """As the room told it; before it told anything, as the tallies have it."""
    open_gap = _open(tallied)
    if board is None or board.last is None:
        seen = tallied.seen_until_unix_s
        if open_gap is None or seen is None:
            return UNKNOWN
        age_s = max(0.0, now_unix_s - seen)
        return Standing(FacingState.CANNOT_SEE, FacingState.EMPTY, open_gap.start_unix_s, age_s)
    assert board.since_unix_s is not None
    assert board.seen_unix_s is not None
    is_silent = now_unix_s - board.told_unix_s > _SILENT_S
    state = FacingState.CANNOT_SEE if is_silent else board.state
    age_s = max(0.0, now_unix_s - board.seen_unix_s) if state is FacingState.CANNOT_SEE else 0.0
    since = float(board.since_unix_s)
    # The room may have started again in the midst of a gap. What is later than the last window that is over may be
    # another gap, so it is believed.
    if board.last is FacingState.EMPTY and open_gap and since <= (tallied.seen_until_unix_s or 0):
        since = min(since, open_gap.start_unix_s)
    return Standing(state, board.last, since, age_s)


def _open(tallied: FacingTallied) -> Gap | None:
    """The gap that lasts as far as the tallies tell."""
    last = tallied.gaps[-1] if tallied.gaps else None
    return last if last and last.end_unix_s is None else None


def gaps_now(tallied: FacingTallied, now: Standing) -> list[Gap]:
    """The gaps of a facing, with what the room told since the last window was over."""
    found, open_gap = list(tallied.gaps), _open(tallied)
    if now.last is None or now.since_unix_s is None:
        # Nothing is known any more, as after the camera was moved: neither that it lasts nor when it ended.
        return found[:-1] if open_gap else found
    if open_gap and (now.last is not FacingState.EMPTY or now.since_unix_s > (tallied.seen_until_unix_s or 0)):
        end = now.since_unix_s if now.last is not FacingState.EMPTY else tallied.seen_until_unix_s
        found[-1] = replace(open_gap, end_unix_s=max(open_gap.start_unix_s, end or 0))
        open_gap = None
    if now.last is FacingState.EMPTY:
        if open_gap:
            begun = open_gap.begun or now.since_unix_s < open_gap.start_unix_s
            found[-1] = replace(open_gap, start_unix_s=now.since_unix_s, begun=begun)
        else:
            found.append(Gap(now.since_unix_s, None, begun=tallied.seen_until_unix_s is not None))
    return found
