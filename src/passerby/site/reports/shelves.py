"""Shelves: how each facing is now, which are empty since when, and how available a shelf and an aisle were by the hour.

What is now comes from the rooms' minutes, what was from the tallies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from passerby.core.shelves import FacingState, Gap, times_to_restock
from passerby.site.figures import Settings
from passerby.site.reports.asked import Asked, Queries, Window, rounded
from passerby.site.reports.shelf_now import UNKNOWN, ShelvesNow, Standing, facing_now, gaps_now
from passerby.site.reports.shelf_tallies import FacingTallied, OnShelf, ShelfTallied, added, shelf_tallied
from passerby.site.settings import ShelfSettings

RESTOCK_MINIMUM = 5
"""Of fewer gaps that were filled no time to restock is told: a percentile of three is chance."""

Hours = dict[Window, OnShelf]


@dataclass(frozen=True, slots=True)
class FacingReport:
    """A facing.

    Attributes:
        shelf, facing: which; the index begins at 0.
        state: now; `CANNOT_SEE` while it is covered.
        last: in which it was seen last; None if it was not seen yet.
        since_unix_s: since when it is in `last`.
        age_s: how long ago it was seen last; 0 while it can be seen, None if it was not seen yet.
        fill: mean fill in the last window in which it was seen, 0..1.
        sum: of the span.
    """

    shelf: ShelfSettings
    facing: int
    state: FacingState
    last: FacingState | None
    since_unix_s: float | None
    age_s: float | None
    fill: float | None
    sum: OnShelf

    @property
    def is_empty(self) -> bool:
        """Whether it was empty when it could be seen last."""
        return self.last is FacingState.EMPTY

    def as_dict(self, zone: tzinfo | None) -> dict[str, Any]:
        """As the API writes it."""
        return {
            **_place(self.shelf, self.facing),
            "state": self.state.label,
            "last_state": self.last.label if self.last is not None else None,
            "since_unix_s": _whole(self.since_unix_s),
            "since": _iso(self.since_unix_s, zone),
            "age_s": self.age_s,
            "fill": rounded(self.fill, 3),
            **self.sum.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class GapReport:
    """A stretch in which a facing was empty.

    Attributes:
        shelf, facing: which.
        gap: from when to when.
        length_s: how long so far.
        age_s: of one that lasts, how long ago the facing was seen last.
    """

    shelf: ShelfSettings
    facing: int
    gap: Gap
    length_s: float
    age_s: float | None = None

    @property
    def lasts(self) -> bool:
        """Whether the facing is empty still."""
        return self.gap.end_unix_s is None

    def as_dict(self, zone: tzinfo | None) -> dict[str, Any]:
        """As the API writes it."""
        gap = self.gap
        return {
            **{"camera": self.shelf.camera, "shelf": self.shelf.shelf, "aisle": self.shelf.aisle},
            **_place(self.shelf, self.facing),
            "lasts": self.lasts,
            "length_s": rounded(self.length_s, 1),
            "begun": gap.begun,
            "start_unix_s": _whole(gap.start_unix_s),
            "start": _iso(gap.start_unix_s, zone),
            "end_unix_s": _whole(gap.end_unix_s),
            "end": _iso(gap.end_unix_s, zone),
            "age_s": self.age_s,
        }


@dataclass(frozen=True, slots=True)
class Restock:
    """How long gaps lasted.

    Attributes:
        gaps: of which beginning and end were seen.
        median_s, p90_s: of their lengths; None of fewer than `RESTOCK_MINIMUM`.
    """

    gaps: int
    median_s: float | None
    p90_s: float | None

    @staticmethod
    def of(found: Iterable[GapReport]) -> "Restock":
        """Sums up gaps."""
        filled = [one.gap for one in found if one.gap.begun and not one.lasts]
        times = times_to_restock(filled) if len(filled) >= RESTOCK_MINIMUM else None
        return Restock(len(filled), *(times or (None, None)))

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {"gaps": self.gaps, "median_s": rounded(self.median_s, 1), "p90_s": rounded(self.p90_s, 1)}


@dataclass(frozen=True, slots=True)
class Course:
    """What is told of a shelf, an aisle and all shelves alike.

    Attributes:
        facings: of all its shelves.
        hours: by the hour; what was not seen is among them.
        gaps: those that last first, and the longest first.
    """

    facings: tuple[FacingReport, ...]
    hours: Hours
    gaps: tuple[GapReport, ...]

    @property
    def sum(self) -> OnShelf:
        """Of the span."""
        return added(self.hours.values())

    @property
    def empty(self) -> int:
        """How many facings are empty, those among them that are covered now."""
        return sum(one.is_empty for one in self.facings)

    @property
    def hidden(self) -> int:
        """How many facings cannot be seen now."""
        return sum(one.state is FacingState.CANNOT_SEE for one in self.facings)

    @property
    def open_gaps(self) -> tuple[GapReport, ...]:
        """Those that last, the longest first."""
        return tuple(one for one in self.gaps if one.lasts)

    def figures(self, zone: tzinfo | None) -> dict[str, Any]:
        """As the API writes them."""
        return {
            "facings_total": len(self.facings),
            "facings_empty": self.empty,
            "facings_hidden": self.hidden,
            "sum": self.sum.as_dict(),
            "restock": Restock.of(self.gaps).as_dict(),
            "hours": [{**window.as_dict(zone), **one.as_dict()} for window, one in self.hours.items()],
        }


@dataclass(frozen=True, slots=True)
class ShelfReport(Course):
    """A shelf.

    Attributes:
        shelf: which.
        untaught: what it was not taught yet; until then nothing of it is seen.
        moved: whether its camera was moved; then nothing of it is seen until it is taught again.
    """

    shelf: ShelfSettings
    untaught: tuple[str, ...] = ()
    moved: bool = False

    def as_dict(self, zone: tzinfo | None) -> dict[str, Any]:
        """As the API writes it."""
        return {
            **{"camera": self.shelf.camera, "shelf": self.shelf.shelf, "aisle": self.shelf.aisle},
            **{"not_taught": list(self.untaught), "camera_moved": self.moved},
            **self.figures(zone),
            "facings": [one.as_dict(zone) for one in self.facings],
        }


@dataclass(frozen=True, slots=True)
class AisleReport(Course):
    """An aisle: all shelves that name it."""

    aisle: str

    def as_dict(self, zone: tzinfo | None) -> dict[str, Any]:
        """As the API writes it."""
        return {"aisle": self.aisle, **self.figures(zone)}


@dataclass(frozen=True, slots=True)
class ShelvesReport(Course):
    """All shelves that were asked for.

    Attributes:
        shelves: in the order of the configuration.
        aisles: in the order in which shelves name them.
    """

    shelves: tuple[ShelfReport, ...]
    aisles: tuple[AisleReport, ...]

    def as_dict(self, zone: tzinfo | None = None) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "restock_minimum": RESTOCK_MINIMUM,
            **self.figures(zone),
            "aisles": [one.as_dict(zone) for one in self.aisles],
            "shelves": [one.as_dict(zone) for one in self.shelves],
            "gaps": [one.as_dict(zone) for one in self.gaps],
        }


def shelf_report(
    store: Queries, asked: Asked, settings: Settings, shelves: Iterable[ShelfSettings], now: ShelvesNow
) -> ShelvesReport:
    """Reads the store, and tells how shelves are and were.

    Args:
        store: where tallies are.
        asked: the span, and which camera and shelf; its width is that of the hours.
        settings: of the site.
        shelves: of the site, as `settings.shelf_settings` tells.
        now: how they are.

    Raises:
        StoreError: the store cannot be read.
    """
    chosen = [one for one in shelves if asked.camera in (None, one.camera) and asked.subject in (None, one.shelf)]
    tallied = [(shelf, shelf_tallied(store, asked, settings, shelf)) for shelf in chosen]
    return with_now(tallied, now, settings.clock(), asked.until_unix_s)


def with_now(
    tallied: Sequence[tuple[ShelfSettings, ShelfTallied]],
    now: ShelvesNow,
    now_unix_s: float,
    until_unix_s: float | None = None,
) -> ShelvesReport:
    """The report of what was tallied, and how shelves are now.

    Args:
        tallied: each shelf, and what was tallied at it.
        now: how they are.
        now_unix_s: the present moment.
        until_unix_s: end of the span; gaps of one that is over are told by the tallies alone.
    """
    present = until_unix_s is None or until_unix_s >= now_unix_s
    end_unix_s = now_unix_s if present or until_unix_s is None else until_unix_s
    known = {(one.camera, one.shelf, one.facing): one for one in now.facings}
    told = []
    for shelf, course in tallied:
        untaught, moved = now.untaught.get(shelf.where, ()), shelf.camera in now.moved
        facings, found = [], []
        for facing, one in enumerate(course.facings):
            # What was known of another view, or of facings that were drawn anew, holds no more.
            board = known.get((*shelf.where, facing))
            of_it = UNKNOWN if untaught or moved else facing_now(board, one, now_unix_s)
            facings.append(_facing(shelf, facing, of_it, one))
            of_facing = gaps_now(one, of_it) if present else one.gaps
            found += [_gap(facings[-1], gap, end_unix_s, present=present) for gap in of_facing]
        told.append(ShelfReport(tuple(facings), course.hours, _ordered(found), shelf, untaught, moved))
    aisles = tuple(
        AisleReport(*_together([one for one in told if one.shelf.aisle == aisle]), aisle)
        for aisle in dict.fromkeys(one.shelf.aisle for one in told)
        if aisle is not None
    )
    return ShelvesReport(*_together(told), tuple(told), aisles)


def _gap(of: FacingReport, gap: Gap, end_unix_s: float, *, present: bool) -> GapReport:
    lasts = gap.end_unix_s is None
    until = end_unix_s if gap.end_unix_s is None else gap.end_unix_s
    return GapReport(
        of.shelf, of.facing, gap, max(0.0, until - gap.start_unix_s), of.age_s if lasts and present else None
    )


def _facing(shelf: ShelfSettings, facing: int, now: Standing, tallied: FacingTallied) -> FacingReport:
    return FacingReport(shelf, facing, now.state, now.last, now.since_unix_s, now.age_s, tallied.fill, tallied.sum)


def _ordered(found: Iterable[GapReport]) -> tuple[GapReport, ...]:
    return tuple(sorted(found, key=lambda one: (not one.lasts, -one.length_s)))


def _together(told: Sequence[Course]) -> tuple[tuple[FacingReport, ...], Hours, tuple[GapReport, ...]]:
    """Facings, hours and gaps of several."""
    windows = sorted({window for one in told for window in one.hours}, key=lambda window: window.start_unix_s)
    hours = {window: added(one.hours[window] for one in told if window in one.hours) for window in windows}
    facings = tuple(facing for one in told for facing in one.facings)
    return facings, hours, _ordered(gap for one in told for gap in one.gaps)


def _place(shelf: ShelfSettings, facing: int) -> dict[str, Any]:
    row, column = shelf.row_column(facing) or (None, None)
    return {"facing": facing, "row": row, "column": column}


def _whole(moment_unix_s: float | None) -> int | None:
    return None if moment_unix_s is None else round(moment_unix_s)


def _iso(moment_unix_s: float | None, zone: tzinfo | None) -> str | None:
    if moment_unix_s is None:
        return None
    return datetime.fromtimestamp(round(moment_unix_s), zone).astimezone(zone).isoformat()
