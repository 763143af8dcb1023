"""Deliveries of sites to a hub, written down as scripts: what a store of series is given in tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from passerby.core.tallies import Measure
from passerby.hub.contract import Delivered
from passerby.records.wire.batches import Batch, Layout, PlaceName, Row
from passerby.records.wire.checking import digest_of

OUTBOX = "0123456789abcdef" * 2
RECEIVED_UNIX_S = 2_000_000_000
DOOR, SIDE, HALL, CHECKOUT, SHELF = range(5)
"""Places of `LAYOUT` by number: two lines, two zones and a shelf."""
LAYOUT = Layout(
    cameras=("entrance", "east"),
    places=(
        PlaceName("entrance", "door", "line"),
        PlaceName("east", "side door", "line"),
        PlaceName("entrance", "hall", "zone"),
        PlaceName("east", "checkout", "zone"),
        PlaceName("east", "milk", "shelf"),
        PlaceName("", "ground floor", "place"),
    ),
    zone="UTC",
    window_s=900,
    profile="internal",
)
STRICT = Layout(("entrance",), (PlaceName("", "", "site"),), "UTC", 1200, "strict")
"""Of a site that sends the whole of it alone."""


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


def batch(sequence: int, *counts: Count, layout: Layout = LAYOUT, outbox: str = OUTBOX) -> Batch:
    """A sealed batch."""
    return sealed(sequence, counts, layout=layout, outbox=outbox)


def sealed(sequence: int, counts: Iterable[Count], *, layout: Layout = LAYOUT, outbox: str = OUTBOX) -> Batch:
    """A sealed batch of tallies that are given as a list."""
    return Batch(outbox, sequence, digest_of(layout), RECEIVED_UNIX_S, tuple(count.row() for count in counts))


def delivery(
    *batches: Batch, venue: int = 1, zone: str = "UTC", layouts: Sequence[Layout] = (LAYOUT,), doubtful: bool = False
) -> Delivered:
    """What a site sends, with its layouts."""
    known = {digest_of(one): one for one in layouts}
    return Delivered(venue, zone, batches, known, RECEIVED_UNIX_S, doubtful=doubtful)
