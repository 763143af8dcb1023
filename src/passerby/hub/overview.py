"""What is known now of all venues, as pages, API and alerts tell it. Plain figures: the words are the pages'."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from passerby.core.shares import MINIMUM_JUDGED, MaskCounts, MaskShare, mask_share
from passerby.hub.access import Scope
from passerby.hub.contract import Sum, Venue, VenueState


class Health(StrEnum):
    """How a venue is, in one word: the colour of its dot. The worst that holds."""

    OVERDUE = "overdue"
    """Its deadline is over, and it is not connected."""
    SILENT = "silent"
    """It joined, and sends nothing."""
    ATTENTION = "attention"
    """It sends, and something is wrong there."""
    GOOD = "good"
    """It sends, and nothing is wrong that the hub knows of."""
    ABSENT = "not connected"
    """It has not joined yet, and its deadline is not over."""


class Worry(StrEnum):
    """What may be wrong at a venue that sends or should; the worst first."""

    OVER = "over capacity"
    UNLOCKED = "not shut in"
    SILENT = "silent"
    DOWN = "cameras down"
    OVERDUE = "overdue"
    SHED = "batches given up"
    FAILING = "cameras failing a check"
    MISSING = "cameras missing"
    CLOCK = "clock off"
    EMPTY = "shelves empty"
    PROBLEMS = "problems at the site"


@dataclass(frozen=True, slots=True)
class Inside:
    """People in a venue, as of its last window that was closed.

    Attributes:
        people: the best estimate.
        limit: how many may be inside: the register's capacity, else the site's own limit; None: not known.
        until_unix_s: end of the window.
    """

    people: float
    limit: int | None
    until_unix_s: int

    @property
    def over(self) -> bool:
        """Whether there are more than may be."""
        return self.limit is not None and self.people > self.limit


@dataclass(frozen=True, slots=True)
class Visitors:
    """Who came in today, by the venue's own calendar, beside the same weekday of the weeks before.

    Attributes:
        came: over all lines; None where nothing was counted today.
        until_unix_s: end of its newest window: the comparison goes up to the same time of day.
        coverage: share of the day's time that its lines were seen, 0..1; None where the lines are not known.
        usual: median of the same weekday of up to four weeks before, up to the same time; None where none was seen.
        days: how many of these days were seen.
    """

    came: Sum | None = None
    until_unix_s: int = 0
    coverage: float | None = None
    usual: float | None = None
    days: int = 0

    @property
    def change(self) -> float | None:
        """More than usual, as a share of what is usual: 0.1 is a tenth more; None where it cannot be told."""
        return (self.came.total - self.usual) / self.usual if self.came and self.usual else None


@dataclass(frozen=True, slots=True)
class CameraCount:
    """Cameras of a venue.

    Attributes:
        expected: that shall be there, by the register.
        known: that the site has.
        live: of these, those that count now.
        down: those that should count, and do not.
        failing: those of which a check found more than a note.
        conforming: those that are live, were looked at as devices, and have nothing worse than a note.
    """

    expected: int = 0
    known: int = 0
    live: int = 0
    down: int = 0
    failing: int = 0
    conforming: int = 0

    @property
    def missing(self) -> int:
        """Expected, and not there."""
        return max(0, self.expected - self.known)

    @staticmethod
    def sum(counts: Iterable["CameraCount"]) -> "CameraCount":
        """Cameras of several venues together; a venue with more than expected makes up for no other."""
        found = list(counts)
        return CameraCount(
            expected=sum(one.expected for one in found),
            known=sum(one.known for one in found),
            live=sum(one.live for one in found),
            down=sum(one.down for one in found),
            failing=sum(one.failing for one in found),
            conforming=sum(one.conforming for one in found),
        )


@dataclass(frozen=True, slots=True)
class ShelfCount:
    """Facings of a venue's shelves: all, and those that are empty, low and not seen."""

    facings: int = 0
    empty: int = 0
    low: int = 0
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class VenueNow:
    """A venue now.

    Attributes:
        venue: as it is registered.
        state: how far it is.
        health: how it is, in one word.
        worries: what is wrong, the worst first.
        heard_unix_s: when it sent last, by the hub's clock; None: never.
        inside: None where its site tells of no place, or is silent: what was an hour ago is not now.
        visitors: of today.
        masks: of today; None where nothing there asks for masks.
        shelves: None where it has none.
        cameras: how many, and how they are.
        waiting: batches at the site that the hub has not taken yet.
        problems: so many things are wrong at the site by its own word.
        clock_off_s: how far its clock is ahead of the hub's.
        merged: numbers of venues that belong to it now.
    """

    venue: Venue
    state: VenueState
    health: Health
    worries: tuple[Worry, ...] = ()
    heard_unix_s: float | None = None
    inside: Inside | None = None
    visitors: Visitors = Visitors()
    masks: MaskCounts | None = None
    shelves: ShelfCount | None = None
    cameras: CameraCount = CameraCount()
    waiting: int = 0
    problems: int = 0
    clock_off_s: float = 0.0

    @property
    def connected(self) -> bool:
        """Whether it sends now."""
        return self.state in (VenueState.CONNECTED, VenueState.CONFORMING)

    @property
    def joined(self) -> bool:
        """Whether it ever joined."""
        return self.connected or self.state is VenueState.SILENT

    @property
    def mask_share(self) -> MaskShare | None:
        """What may be told of masks there; withheld below the minimum. None where nothing there asks for them."""
        return mask_share(self.masks, MINIMUM_JUDGED) if self.masks else None


@dataclass(frozen=True, slots=True)
class Totals:
    """All venues of an overview together.

    Attributes:
        venues, connected, conforming, silent, overdue: how many; conforming ones are connected too.
        people: inside now, of `telling` venues.
        came: visitors today, of all that counted some.
        compared: of these, those of `comparable` venues, of which it is known what is usual: `usual`.
        masks: None where none asks for masks.
        shelves, cameras: summed.
    """

    venues: int = 0
    connected: int = 0
    conforming: int = 0
    silent: int = 0
    overdue: int = 0
    people: float = 0.0
    telling: int = 0
    came: float = 0.0
    counting: int = 0
    compared: float = 0.0
    usual: float = 0.0
    comparable: int = 0
    masks: MaskCounts | None = None
    shelves: ShelfCount = ShelfCount()
    cameras: CameraCount = CameraCount()

    @property
    def change(self) -> float | None:
        """More than usual, as a share of what is usual; None where it cannot be told of any venue."""
        return (self.compared - self.usual) / self.usual if self.usual else None

    @property
    def mask_share(self) -> MaskShare | None:
        """What may be told of masks in all of them; withheld below the minimum."""
        return mask_share(self.masks, MINIMUM_JUDGED) if self.masks else None


@dataclass(frozen=True)
class Overview:
    """All venues that somebody may see.

    Attributes:
        venues: by name.
        as_of_unix_s: when it was read; 0: not yet.
        problem: why something could not be read, in words; what was known before stays.
    """

    venues: tuple[VenueNow, ...] = ()
    as_of_unix_s: float = 0.0
    problem: str | None = None
    _scoped: dict[Scope, "Overview"] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def totals(self) -> Totals:
        """All of them together."""
        return total(self.venues)

    @cached_property
    def by_slug(self) -> dict[str, VenueNow]:
        """By the name that stands in addresses."""
        return {one.venue.slug: one for one in self.venues}

    def seen_by(self, scope: Scope) -> "Overview":
        """What somebody with a scope may see of it: totals too are of these venues alone."""
        if scope.whole:
            return self
        if scope not in self._scoped:
            seen = tuple(one for one in self.venues if scope.may_see(one.venue))
            self._scoped[scope] = replace(self, venues=seen, _scoped={})
        return self._scoped[scope]


def total(venues: Sequence[VenueNow]) -> Totals:
    """Venues together."""
    inside = [one.inside.people for one in venues if one.inside]
    counted = [one.visitors for one in venues if one.visitors.came]
    comparable = [one for one in counted if one.usual is not None]
    asking = [one.masks for one in venues if one.masks]
    states = [one.state for one in venues]
    return Totals(
        venues=len(venues),
        connected=sum(one.connected for one in venues),
        conforming=states.count(VenueState.CONFORMING),
        silent=states.count(VenueState.SILENT),
        overdue=states.count(VenueState.OVERDUE),
        people=sum(inside),
        telling=len(inside),
        came=sum(one.came.total for one in counted if one.came),
        counting=len(counted),
        compared=sum(one.came.total for one in comparable if one.came),
        usual=sum(one.usual or 0.0 for one in comparable),
        comparable=len(comparable),
        masks=_masks(asking) if asking else None,
        shelves=_shelves([one.shelves for one in venues if one.shelves]),
        cameras=CameraCount.sum(one.cameras for one in venues),
    )


def _masks(counts: Sequence[MaskCounts]) -> MaskCounts:
    return MaskCounts(
        masked=sum(one.masked for one in counts),
        judged=sum(one.judged for one in counts),
        worn_wrongly=sum(one.worn_wrongly for one in counts),
        cannot_tell=sum(one.cannot_tell for one in counts),
        asked=sum(one.asked for one in counts),
    )


def _shelves(counts: Sequence[ShelfCount]) -> ShelfCount:
    return ShelfCount(
        facings=sum(one.facings for one in counts),
        empty=sum(one.empty for one in counts),
        low=sum(one.low for one in counts),
        unseen=sum(one.unseen for one in counts),
    )
