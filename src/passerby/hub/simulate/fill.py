"""Fills a hub's store with a history of made-up venues, past the gate: so fast that a demonstration can wait for it.

What is stored is what their sites would have sent, but for the width of windows that are older than a day and for
measures that only a venue's own page shows. How sites send is `site`'s business.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from passerby.core.tallies import Measure
from passerby.hub.contract import Delivered, Series
from passerby.hub.simulate import clocks
from passerby.hub.simulate.fleet import Fate, SimulatedVenue
from passerby.hub.simulate.places import layout as layout_of
from passerby.hub.simulate.windows import COARSE, Script
from passerby.records.wire.batches import MOST_BATCHES, Batch
from passerby.records.wire.checking import digest_of

HOUR_S = 3600
DAY_S = 86_400
_FINE_S = DAY_S // 2
"""The day of a venue that was so long ago, or that its last midnight is in, and what comes later, have windows as sites
have, and all measures."""
_STAYS_S = 7 * DAY_S
"""How long people stayed is filled in for so long before: it has many buckets."""
_SILENT_S = (4 * HOUR_S, 50 * HOUR_S)
_DOWN_S = 4 * DAY_S
CLOCK_BEHIND_S = 2 * DAY_S
_RUN_BEFORE_S = 40 * DAY_S

Progress = Callable[[int], None]
"""Is told how many tallies were stored since it was told last."""


@dataclass(frozen=True, slots=True)
class History:
    """Which history to make up.

    Attributes:
        until_unix_s: where it ends.
        days: how long it is.
        window_s: width of its newest windows.
        grain_s: steps in which its newest days are drawn: those of the windows that sites go on with.
    """

    until_unix_s: int
    days: int
    window_s: int = 900
    grain_s: int = 900

    @property
    def since_unix_s(self) -> int:
        """Where it begins: with an hour."""
        return (self.until_unix_s - self.days * DAY_S) // HOUR_S * HOUR_S

    @property
    def run(self) -> int:
        """The run of its sites that rows name."""
        return self.since_unix_s - _RUN_BEFORE_S


def ends(venue: SimulatedVenue, history: History) -> int:
    """Where a venue's history ends: some are silent since some hours, of some the clock is behind."""
    until = history.until_unix_s
    if venue.fate is Fate.SILENT:
        short, long = _SILENT_S
        until -= short + (venue.number * 7919) % (long - short)
    elif venue.fate is Fate.CLOCK:
        until -= CLOCK_BEHIND_S
    return until // history.window_s * history.window_s


def fill(series: Series, number: int, venue: SimulatedVenue, history: History, progress: Progress) -> None:
    """Stores the history of one venue; one that never joined has none.

    Args:
        series: where.
        number: of the venue in the hub's register.
        venue: whose.
        history: which.
        progress: is told of what was stored.

    Raises:
        StoreError: the store cannot be used; it may hold a part.
    """
    if not venue.fate.joined:
        return
    layout = layout_of(venue, history.window_s)
    layouts = {digest_of(layout): layout}
    batches = _batches(venue, history)
    while some := tuple(islice(batches, MOST_BATCHES)):
        series.take(Delivered(number, venue.zone, some, layouts, some[-1].sealed_unix_s))
        progress(sum(len(batch.rows) for batch in some))


def script_of(venue: SimulatedVenue, history: History, *, newest: bool = True) -> Script:
    """What the venue made up: in the newest days, or before."""
    return Script(
        venue=venue,
        window_s=history.window_s if newest else HOUR_S,
        since_unix_s=history.run,
        until_unix_s=ends(venue, history),
        down_since_unix_s=history.until_unix_s - _DOWN_S,
        grain_s=history.grain_s if newest else 0,
    )


def _batches(venue: SimulatedVenue, history: History) -> Iterator[Batch]:
    """A batch for each of the older days, and for each of the newest hours."""
    end = ends(venue, history)
    long_ago = min(end - _FINE_S, clocks.midnight_before(end, venue.zone))
    newest = clocks.start_of(clocks.day_of(long_ago, venue.zone), venue.zone) // HOUR_S * HOUR_S
    newest = max(newest, history.since_unix_s)
    outbox, digest = outbox_of(venue), digest_of(layout_of(venue, history.window_s))
    stays = max(newest - _STAYS_S, history.since_unix_s)
    before = script_of(venue, history, newest=False)
    sequence = 0
    for windows, since, until, span in (
        (before.windows(COARSE), history.since_unix_s, stays, DAY_S),
        (before.windows(COARSE | {Measure.DWELL, Measure.DWELL_LOST}), stays, newest, DAY_S),
        (script_of(venue, history).windows(), newest, end, HOUR_S),
    ):
        for start in range(since, until, span):
            stop = min(start + span, until)
            rows = tuple(row for at in range(start, stop, windows.window_s) for row in windows.rows(at))
            if rows:
                sequence += 1
                yield Batch(outbox, sequence, digest, stop, rows)


def outbox_of(venue: SimulatedVenue) -> str:
    """Name of the outbox that a made-up history came out of."""
    return hashlib.sha256(f"history {venue.seed} {venue.slug}".encode()).hexdigest()[:32]
