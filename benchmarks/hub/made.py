"""Made-up sites of a hub: what they send, minute by minute or quarter by quarter, quick to make."""

import gzip
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from passerby.core.tallies import Measure
from passerby.records.wire.batches import (
    VERSION,
    Batch,
    CameraStanding,
    Delivery,
    Layout,
    OutboxStanding,
    PlaceName,
    Row,
    Standing,
)
from passerby.records.wire.checking import digest_of

RUN_UNIX_S = 1_780_000_000
NOW_UNIX_S = 1_795_651_200
"""The present of the benchmark: 26 November 2026, 00:00 UTC."""
ZONE = "Europe/Berlin"
LINE = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)
HALL = (Measure.PEOPLE, Measure.PEAK, Measure.ENTERED, Measure.LEFT)
_BY_HOUR = tuple(max(0.02, math.sin(max(0.0, hour - 7) / 14 * math.pi)) if hour < 21 else 0.02 for hour in range(24))


@dataclass(slots=True)
class MadeSite:
    """A site with cameras, each with two lines and a zone: eight tallies a window and camera.

    Attributes:
        venue: its number.
        width_s: of its windows.
        phase: tells its outboxes apart: each begins with sequence 1.
        cameras: how many.
    """

    venue: int
    width_s: int = 60
    phase: int = 0
    cameras: int = 6
    layout: Layout = field(init=False)
    digest: str = field(init=False)
    outbox: str = field(init=False)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(f"camera {n + 1:02d}" for n in range(self.cameras))
        kinds = (("door", "line"), ("passage", "line"), ("hall", "zone"))
        places = tuple(PlaceName(camera, name, kind) for camera in names for name, kind in kinds)  # type: ignore[arg-type]
        self.layout = Layout(names, places, ZONE, self.width_s, "internal")
        self.digest = digest_of(self.layout)
        self.outbox = f"{self.phase:016x}{self.venue:016x}"
        self._random = random.Random(self.venue)

    def rows(self, start_unix_s: int) -> Iterator[Row]:
        """The tallies of one window."""
        busy = _BY_HOUR[start_unix_s // 3600 % 24] * (self.width_s / 60) ** 0.5
        draw = self._random
        for place, about in enumerate(self.layout.places):
            # One camera in twenty misses some tenths of a second, as real ones do.
            seen = self.width_s * 1000 - (100 * draw.randrange(1, 30) if draw.random() < 0.05 else 0)
            for measure in LINE if about.kind == "line" else HALL:
                total = _amount(draw, measure, busy, self.width_s)
                yield Row(place, int(measure), 0, start_unix_s, self.width_s, RUN_UNIX_S, 0, total, seen)

    def batch(self, sequence: int, start_unix_s: int) -> Batch:
        """A window's tallies, sealed."""
        rows = tuple(self.rows(start_unix_s))
        return Batch(self.outbox, sequence, self.digest, start_unix_s + self.width_s, rows)

    def body(self, batches: tuple[Batch, ...]) -> bytes:
        """A request as a site sends it, packed; with how the site is."""
        layouts = (self.layout,) if batches[0].sequence == 1 else ()
        cameras = tuple(CameraStanding(n, 1, 1) for n in range(self.cameras))
        standing = Standing(NOW_UNIX_S, self.digest, True, 0, OutboxStanding(len(batches), NOW_UNIX_S, 0), cameras)
        return gzip.compress(msgspec.json.encode(Delivery(VERSION, layouts, batches, standing)), compresslevel=6)


def _amount(draw: random.Random, measure: Measure, busy: float, width_s: int) -> int:
    """Thousandths."""
    people = max(0.0, draw.gauss(busy * 4, busy**0.5 * 2))
    if measure is Measure.PEOPLE:
        return round(people / 2 * width_s * 10) * 100 if busy > 0.1 else 0
    return round(people) * 1000
