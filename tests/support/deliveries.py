"""Deliveries of sites to a hub, written down as scripts: what a store of series is given in tests."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from passerby.core.tallies import Measure
from passerby.hub.contract import Aside, Delivered
from passerby.records.wire.batches import Batch, Layout, PlaceName, Row

OUTBOX = "0123456789abcdef" * 2
DOOR, SIDE, HALL, AISLE = range(4)
"""Places of `LAYOUT` by number: two lines and a zone of cameras, and a place that two cameras see."""
LAYOUT = Layout(
    cameras=("entrance", "east"),
    places=(
        PlaceName("entrance", "door", "line"),
        PlaceName("east", "side door", "line"),
        PlaceName("entrance", "hall", "zone"),
        PlaceName("", "aisle", "place"),
    ),
    zone="UTC",
    window_s=900,
    profile="internal",
)


def digest_of(layout: Layout) -> str:
    """Any digest will do for a store; this is one of 64 digits."""
    return hashlib.sha256(msgspec.json.encode(layout)).hexdigest()


@dataclass(frozen=True, slots=True)
class Count:
    """A tally as a script says it: what was counted at a place in a window.

    Attributes:
        place: number of it in the layout.
        exposure: seconds seen, or people asked; None: the whole window.
    """

    place: int
    measure: Measure
    start_unix_s: int
    total: float
    exposure: float | None = None
    part: int = 0
    width_s: int = 900
    run: int = 1_700_000_000
    unsafe: Literal[0, 1] = 0

    def row(self) -> Row:
        """As it is on the wire."""
        exposure = self.width_s if self.exposure is None else self.exposure
        return Row(
            self.place,
            int(self.measure),
            self.part,
            self.start_unix_s,
            self.width_s,
            self.run,
            self.unsafe,
            round(self.total * 1000),
            round(exposure * 1000),
        )


def batch(sequence: int, counts: Iterable[Count], *, layout: Layout = LAYOUT, outbox: str = OUTBOX) -> Batch:
    """A sealed batch."""
    return Batch(outbox, sequence, digest_of(layout), 1_800_000_000, tuple(count.row() for count in counts))


def delivery(
    batches: Sequence[Batch], *, venue: int = 1, zone: str = "UTC", layouts: Sequence[Layout] = (LAYOUT,)
) -> Delivered:
    """What a site sends, with its layouts."""
    return Delivered(venue, zone, tuple(batches), {digest_of(one): one for one in layouts}, 2_000_000_000)


def suspect(delivered: Delivered) -> Delivered:
    """The same from a site whose clock is off."""
    return replace(delivered, suspect=True)


def with_aside(delivered: Delivered, *aside: Aside) -> Delivered:
    """The same with batches that break the contract."""
    return replace(delivered, aside=aside)
