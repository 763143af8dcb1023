"""What a site keeps of a week without its hub, and what goes over the wire when the hub is back.

    python -m benchmarks.hub_week

Simulated sites: their numbers are made up, with the daily shape of real ones. Results: benchmarks/hub_kills.md.
"""

import gzip
import tempfile
import time
from pathlib import Path

import msgspec

from passerby.hub.simulate.fleet import Order, make
from passerby.hub.simulate.site import SimulatedSite
from passerby.hub.simulate.windows import Script
from passerby.records.outbox import Answer, NotPostedError
from passerby.records.wire.batches import Delivery, Receipt

WEEK_S = 7 * 86_400
SITES = ((1, 60), (6, 60), (6, 900), (24, 60))
"""Cameras and width of the windows."""


class Hub:
    """Takes all, when it is there."""

    def __init__(self) -> None:
        self.away, self.rows, self.marks = True, 0, dict[str, int]()

    def __call__(self, body: bytes) -> Answer:
        """Answers one request."""
        if self.away:
            raise NotPostedError("away")
        for batch in msgspec.json.decode(gzip.decompress(body), type=Delivery).batches:
            self.rows += len(batch.rows)
            self.marks[batch.outbox] = batch.sequence
        return Answer(200, msgspec.json.encode(Receipt(self.marks, int(time.time()))))


def main() -> None:
    print("cameras  window s  batches  tallies   outbox MB  wire MB  requests  bytes a tally")
    for cameras, window_s in SITES:
        venue = make(Order(1, cameras, all_well=True))[0]
        until = int(time.time()) // 3600 * 3600
        hub = Hub()
        with tempfile.TemporaryDirectory() as folder:
            site = SimulatedSite(Path(folder), Script(venue, window_s, until - WEEK_S, until), hub)
            while site.turn() == 0:
                pass
            batches = site.waiting
            size = sum(file.stat().st_size for file in (Path(folder) / f"outbox.sqlite{end}" for end in ("", "-wal")))
            hub.away = False
            while site.waiting:
                site.sender.turn()
            site.close()
        state = site.sender.state
        print(
            f"{cameras:>7}{window_s:>10}{batches:>9,}{hub.rows:>9,}{size / 1e6:>12.1f}{state.bytes_sent / 1e6:>9.2f}"
            f"{state.requests:>10}{state.bytes_sent / hub.rows:>15.1f}"
        )


if __name__ == "__main__":
    main()
