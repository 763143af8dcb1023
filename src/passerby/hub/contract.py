"""What the parts of a hub tell each other: venues, how they are, and what a store of series must answer.

There are two stores. `Series` holds tallies and how far each site's outbox was taken, in SQLite or ClickHouse;
`register` holds all that people enter and decide, in SQLite or PostgreSQL. A venue is known by a number that never
changes, so that it can be renamed and merged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

import msgspec

from passerby.core.tallies import Measure
from passerby.records.wire.batches import Batch, Layout, Standing


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is responsible for a venue: a role, so that it outlives who holds it.

    Attributes:
        role: such as "Centre manager".
    """

    role: str = ""
    phone: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue as its operator registered it.

    Attributes:
        number: never changes and is never given to another.
        slug: short name for the command line and addresses: lower case letters, digits and dashes; unique.
        name: as people call it.
        organisation, district, brand: for filters and roles; empty where there is none.
        tags: more of the same.
        latitude, longitude: degrees, WGS 84; None where it is on no map.
        zone: time zone of the IANA database; its day is the day of its figures.
        hours: opening hours by weekday, Monday first, as minutes after midnight (from, to); None: closed. `to` may be
            over 1440 for hours past midnight.
        expected_cameras, expected_lines: what shall be there when it is complete.
        capacity: how many people may be inside; None: not known.
        deadline: until when it shall be connected; None: no day was set.
        merged_into: number of the venue that it belongs to now; None: it stands for itself.
    """

    number: int
    slug: str
    name: str
    organisation: str = ""
    district: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    zone: str = "UTC"
    hours: tuple[tuple[int, int] | None, ...] = ((0, 1440),) * 7
    contact: Contact = Contact()
    expected_cameras: int = 0
    expected_lines: int = 0
    capacity: int | None = None
    deadline: date | None = None
    merged_into: int | None = None


class VenueState(StrEnum):
    """How far a venue is. The first that holds: SILENT, OVERDUE, CONFORMING, CONNECTED, INVITED, LISTED."""

    LISTED = "listed"
    """Registered, and not invited yet."""
    INVITED = "invited"
    """It has a token, and did not join yet."""
    CONNECTED = "connected"
    """It sends; a camera or a line is missing, down or fails a check."""
    CONFORMING = "conforming"
    """It sends, all expected cameras and lines are there, live and without findings."""
    SILENT = "silent"
    """It joined, and sends nothing."""
    OVERDUE = "overdue"
    """Its deadline is over, and it is not connected."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the hub knows of a venue's site now.

    Attributes:
        heard_unix_s: when it sent last, by the hub's clock; None: never.
        layout: names of its cameras and places; None before it told them.
        standing: how it is; None before it told.
        clock_off_s: how far its clock is ahead of the hub's.
    """

    heard_unix_s: float | None = None
    layout: Layout | None = None
    standing: Standing | None = None
    clock_off_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of batches.

    Attributes:
        mark: all batches of the outbox up to this one are taken.
        new: sequences that were not there before.
        set_aside: sequences that break the contract inside; they were kept apart.
        wanted: digests of layouts that are not known; their batches, and those after them, were not taken.
    """

    mark: int
    new: tuple[int, ...] = ()
    set_aside: tuple[int, ...] = ()
    wanted: tuple[str, ...] = ()


class Sum(msgspec.Struct, frozen=True, gc=False):
    """What was tallied of one measure over a span; merging adds both numbers, and of `PEAK` keeps the most.

    This and what holds it are structs, not dataclasses: a page asks for forty thousand, which are made ten times as
    fast.

    Attributes:
        total, exposure: as in `core.tallies.Tally`.
        doubtful: part of it comes from a clock that was off by more than the hub allows, or from before the lock-down.
    """

    total: float
    exposure: float
    doubtful: bool = False


class Point(msgspec.Struct, frozen=True, gc=False):
    """One step of a course.

    Attributes:
        venue: number.
        camera, name: of the place; both empty where it is the venue's sum over its lines or zones.
        start_unix_s, width_s: the step.
    """

    venue: int
    camera: str
    name: str
    measure: Measure
    part: int
    start_unix_s: int
    width_s: int
    sum: Sum


class DaySum(msgspec.Struct, frozen=True, gc=False):
    """A venue's day, by its own calendar: the sum over all its lines, or zones, of one measure."""

    venue: int
    day: date
    measure: Measure
    part: int
    sum: Sum


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment on, until before another."""

    since_unix_s: int
    until_unix_s: int


@dataclass(frozen=True, slots=True)
class Days:
    """From a day on, to another that still belongs to it."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Aside:
    """A batch that breaks the contract inside. It counts as taken, and is kept apart for the hub's operator.

    Attributes:
        why: what is wrong with it, for a person.
        raw: its JSON, as it came.
    """

    outbox: str
    sequence: int
    why: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """Batches of one outbox of one venue, with what is needed to store them.

    Attributes:
        venue: number of the venue that the site was enrolled for, also when that was merged into another since.
        zone: the venue's time zone, which says where its days begin.
        batches: those that keep the contract as far as could be told without their layout.
        layouts: those that came with them, by digest.
        received_unix_s: the hub's clock.
        aside: those that do not, and are to be set aside.
        doubtful: the site's clock is off by more than the hub allows; what it sends is kept with a mark.
    """

    venue: int
    zone: str
    batches: tuple[Batch, ...]
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    received_unix_s: int = 0
    aside: tuple[Aside, ...] = ()
    doubtful: bool = False


class Series(Protocol):
    """Tallies of all venues.

    Its queries are all that pages, API, alerts and releases ask; golden tests show that every store answers them alike.
    A venue's sum is over its lines, zones and shelves, or what its site sends as the whole; a place that several
    cameras see is left out of it, as its zones are in it. Points are ordered by venue, camera, name, measure, part and
    start, but where that is said otherwise. Every method raises StoreError where the store cannot be used; then
    nothing was changed.
    """

    def take(self, delivered: Delivered) -> Taken:
        """Stores batches. What was stored before is not stored again; all is on the disk when this returns.

        Batches are taken in the order of their sequence, without a gap; what comes after a gap is not taken, as `mark`
        says. A row of another batch whose place, measure, part, start, width and run were there already replaces it.
        """

    def marks(self, venue: int) -> dict[str, int]:
        """By outbox of a venue: up to which batch all are taken."""

    def layouts(self, venue: int) -> dict[str, Layout]:
        """All layouts that a venue ever sent, by digest."""

    def course(self, venue: int, span: Span, width_s: int, measures: Sequence[Measure]) -> list[Point]:
        """Places of a venue over a span, in steps: "24 h of one venue". Windows wider than a step stay as they are.

        A window belongs to the span and the step that its start is in. Of what was forgotten, hours are left.
        """

    def now(self, since_unix_s: int, measures: Sequence[Measure]) -> list[Point]:
        """Of every venue the sum in each hour (UTC) since the one that a moment is in: "now, all venues".

        Ordered by venue, measure, start and part. Of a site whose clock is ahead, there may be hours to come.
        """

    def days(self, days: Days, venues: Sequence[int] | None, measures: Sequence[Measure]) -> list[DaySum]:
        """Sums of venues by their own days: "30 days daily by district". None: of all venues.

        Ordered by venue, measure, day and part.
        """

    def hours(self, venues: Sequence[int], span: Span, measures: Sequence[Measure]) -> list[Point]:
        """Sums of venues by hours of the clock (UTC): what is usual at an hour of the week.

        Of all hours that start in the span; ordered as `now`.
        """

    def totals(
        self, span: Span, venues: Sequence[int] | None, measures: Sequence[Measure]
    ) -> dict[tuple[int, Measure, int], Sum]:
        """One sum for each venue, measure and part over all hours that start in a span: comparison and ranking."""

    def place_days(self, venue: int, days: Days, measures: Sequence[Measure]) -> list[Point]:
        """Sums of a venue's places by its own days; `start_unix_s` is the day's midnight, `width_s` its length."""

    def newest(self) -> dict[int, int]:
        """By venue: where its newest window ends, but not later than when it came."""

    def set_aside(self, venue: int | None = None) -> list[tuple[int, str, int, str]]:
        """Batches that were kept apart: venue, outbox, sequence and why, the newest first."""

    def merge(self, venue: int, into: int, name: str) -> None:
        """Makes all series of a venue those of another, and what its site sends from now on.

        Args:
            venue: which.
            into: which it belongs to from now on.
            name: what to put before the name of a camera, where the other venue has a camera of that name.
        """

    def forget(self, windows_before_unix_s: int, sums_before_unix_s: int) -> int:
        """Deletes windows of days that end before a moment, and sums of hours and days before another.

        Returns:
            How many windows were deleted.
        """

    def problems(self) -> list[str]:
        """What is wrong with the store itself, in words, for `/healthz`."""

    def close(self) -> None:
        """Closes it; closing twice does nothing."""
