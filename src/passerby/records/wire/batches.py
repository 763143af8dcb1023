"""What a site sends to its hub: sealed batches of tallies, the names of its places, and how it is now.

All is numbers but the names in a `Layout`, which are those of the site's configuration. There is no field for a
picture, a track, a moment of one person or a text about anybody; unknown fields are refused. `checking` holds what a
type cannot say. docs/hub-wire.md and docs/hub-wire.schema.json publish it.
"""

from typing import Annotated, Literal

import msgspec

from passerby.core.tallies import Measure

VERSION = 1
"""A hub takes this version and older ones. A site that is newer keeps its batches until the hub is updated."""
MOST_BATCHES = 50
MOST_ROWS = 20_000
MOST_CAMERAS = 256
MOST_PLACES = MOST_CAMERAS * (64 + 64 + 32) + 256
"""Lines, zones and shelves of as many cameras as a site can have, and its places."""
MOST_BYTES = 8 * 1024 * 1024
"""Of a request when it is unpacked; a compressed one is unpacked no further."""
WHOLE_SITE = ""
"""Camera and name of the place that stands for all of a site, where a profile keeps that alone."""

Name = Annotated[str, msgspec.Meta(max_length=64)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
OutboxId = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Sequence = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Index = Annotated[int, msgspec.Meta(ge=0, lt=MOST_PLACES)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
MeasureCode = Annotated[int, msgspec.Meta(ge=1, le=int(max(Measure)))]
"""Every measure but heat maps, which stay at the site."""
Profile = Literal["internal", "strict"]


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all messages have in common: nothing is guessed, nothing is ignored."""


class PlaceName(Wire, frozen=True, array_like=True):
    """A place at which something is tallied.

    Attributes:
        camera: its name; `WHOLE_SITE` for a place that several cameras see, or the whole site.
        name: of the line, zone, shelf or place; `WHOLE_SITE` for the whole site.
        kind: what it is.
    """

    camera: Name
    name: Name
    kind: Literal["line", "zone", "shelf", "place", "site"]


class Layout(Wire, frozen=True):
    """The names that rows speak of by number. The only texts that a site sends; it changes with the configuration.

    Attributes:
        cameras: all cameras, in the order of the configuration.
        places: what is tallied at, in an order that rows count by.
        zone: time zone of the site, of the IANA database; empty where the machine's own zone has no name.
        window_s: width of the site's windows.
        profile: what may leave the site.
    """

    cameras: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MOST_CAMERAS)]
    places: Annotated[tuple[PlaceName, ...], msgspec.Meta(max_length=MOST_PLACES)]
    zone: Annotated[str, msgspec.Meta(max_length=64)]
    window_s: Annotated[int, msgspec.Meta(ge=60, le=3600)]
    profile: Profile


class Row(Wire, frozen=True, array_like=True):
    """One tally.

    Attributes:
        place: which, by its number in the layout.
        measure: code of `core.tallies.Measure`.
        part: bucket of the measure; shelves send their facings as one sum, part 0.
        start_unix_s, width_s: the window; it starts at a multiple of its width.
        run: start of the site's run that counted it; parts of a window that two runs counted are added.
        unsafe: 1 where it was counted without the lock-down, for development.
        total_milli, exposure_milli: thousandths.
    """

    place: Index
    measure: MeasureCode
    part: Annotated[int, msgspec.Meta(ge=0, le=63)]
    start_unix_s: Moment
    width_s: Annotated[int, msgspec.Meta(ge=60, le=3600)]
    run: Moment
    unsafe: Literal[0, 1]
    total_milli: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    exposure_milli: Annotated[int, msgspec.Meta(ge=0, le=10**12)]


class Batch(Wire, frozen=True):
    """Tallies that are sent together. It is sealed once and never cut again, so that it can be sent again as it was.

    Attributes:
        outbox: which outbox of the site; a site whose store was lost begins another.
        sequence: 1 for the first of an outbox, then one more for each.
        layout: digest of the layout that its rows count by (`checking.digest_of`).
        sealed_unix_s: when, by the site's clock.
        rows: the tallies.
    """

    outbox: OutboxId
    sequence: Sequence
    layout: Digest
    sealed_unix_s: Moment
    rows: Annotated[tuple[Row, ...], msgspec.Meta(max_length=MOST_ROWS)]


class CameraStanding(Wire, frozen=True, array_like=True):
    """How a camera is, as of the last window that was closed.

    Attributes:
        camera: which, by its number in the layout.
        status: 0 not connected yet, 1 live, 2 no pictures, 3 not counting, 4 a recording that has ended.
        conforming: 1: looked at as a device, and nothing worse than a note was found; 0: something was; -1: not known.
        findings: ids of checks that found more than a note, of `gate.audit_contract.CHECK_GROUPS`, in its order.
    """

    camera: Annotated[int, msgspec.Meta(ge=0, lt=MOST_CAMERAS)]
    status: Annotated[int, msgspec.Meta(ge=0, le=4)]
    conforming: Annotated[int, msgspec.Meta(ge=-1, le=1)]
    findings: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=40)], ...], msgspec.Meta(max_length=64)] = ()


class PlaceStanding(Wire, frozen=True, array_like=True):
    """People in a place, as of the last window that was closed.

    Attributes:
        place: which, by its number in the layout.
        people_deci: tenths of people; -1: not seen.
        limit: how many people may be in it; 0: no limit is set.
        until_unix_s: end of the window.
    """

    place: Index
    people_deci: Annotated[int, msgspec.Meta(ge=-1, le=2**31 - 1)]
    limit: Count
    until_unix_s: Moment


class ShelfStanding(Wire, frozen=True, array_like=True):
    """A shelf, as of the last window that was closed: its facings, and how many are empty, low and not seen."""

    place: Index
    facings: Count
    empty: Count
    low: Count
    unseen: Count


class OutboxStanding(Wire, frozen=True):
    """What waits at the site.

    Attributes:
        waiting: batches that the hub has not taken yet.
        oldest_unix_s: when the oldest of them was sealed; 0 where none waits.
        shed: batches that were given up since the disk was full, ever.
    """

    waiting: Count
    oldest_unix_s: Moment
    shed: Count


class Standing(Wire, frozen=True):
    """How a site is now. Only the newest is kept.

    Attributes:
        clock_unix_s: the site's clock when it was sent.
        layout: digest of the layout that it counts by.
        locked: whether every pixel worker is shut in by the kernel.
        problems: so many things are wrong at the site, as its `/healthz` says in words.
    """

    clock_unix_s: Moment
    layout: Digest
    locked: bool
    problems: Count
    outbox: OutboxStanding
    cameras: Annotated[tuple[CameraStanding, ...], msgspec.Meta(max_length=MOST_CAMERAS)] = ()
    places: Annotated[tuple[PlaceStanding, ...], msgspec.Meta(max_length=1024)] = ()
    shelves: Annotated[tuple[ShelfStanding, ...], msgspec.Meta(max_length=MOST_CAMERAS * 32)] = ()


class Delivery(Wire, frozen=True):
    """One request of a site.

    Attributes:
        version: of this contract.
        layouts: those that the hub asked for, or may not know yet.
        batches: in the order of their sequence, of one outbox.
        standing: how the site is now; a site that catches up on a week still sends it with each request.
    """

    version: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    layouts: Annotated[tuple[Layout, ...], msgspec.Meta(max_length=8)] = ()
    batches: Annotated[tuple[Batch, ...], msgspec.Meta(max_length=MOST_BATCHES)] = ()
    standing: Standing | None = None


class Receipt(Wire, frozen=True):
    """What the hub answers when all that it took is on its disk.

    Attributes:
        marks: by outbox: this batch and all before it are at the hub. A hub that was restored from a copy names an
            older one, and the site sends what came after it again.
        layouts_wanted: digests of layouts that the hub does not know; batches that need them were not taken.
        set_aside: sequences of this request that break the contract inside. They are kept apart at the hub for its
            operator, and count as taken.
        pause_s: the site shall wait so long before it sends what waits from before; what is new may come at once.
        clock_unix_s: the hub's clock.
    """

    marks: dict[OutboxId, Annotated[int, msgspec.Meta(ge=0, le=2**53)]]
    clock_unix_s: Moment
    layouts_wanted: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=8)] = ()
    set_aside: Annotated[tuple[Sequence, ...], msgspec.Meta(max_length=MOST_BATCHES)] = ()
    pause_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
