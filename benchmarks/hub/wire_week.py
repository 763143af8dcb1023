"""What a week of one site is on the wire, and how long its backlog takes: a made-up venue with its daily shape.

Use: `.venv/bin/python -m benchmarks.hub.wire_week [WINDOW_S ...]`.
"""

import gzip
import sys
import tempfile
import time
from pathlib import Path

import httpx
import msgspec
from fastapi import FastAPI

from passerby.hub.fleet import Fleet
from passerby.hub.gather import Asked, Desk, Sender
from passerby.hub.gather.api import gather_router
from passerby.hub.series import SqliteSeries
from passerby.hub.simulate.fleet import Order, make
from passerby.hub.simulate.windows import Script, standing
from passerby.records.outbox import Outbox
from passerby.records.outbox import Sender as SiteSender
from passerby.records.outbox.posting import Answer
from passerby.records.serving import serve
from passerby.records.wire.batches import Batch, Delivery, OutboxStanding
from passerby.records.wire.checking import digest_of
from passerby.records.wire.joining import DELIVER

START = 1_790_000_100 // 3600 * 3600
WEEK_S = 7 * 86_400


def main() -> None:
    """Prints one line for each width."""
    for width in [int(one) for one in sys.argv[1:]] or [60, 900]:
        with tempfile.TemporaryDirectory() as folder:
            print(_week(Path(folder), width))
            print(_alone(width))


def _week(folder: Path, window_s: int) -> str:
    outbox = Outbox.of_its_own(folder / "outbox.sqlite")
    windows = Script(make(Order(1, all_well=True))[0], window_s, START).windows()
    count = tallies = 0
    began_s = time.perf_counter()
    for start in range(START, START + WEEK_S, window_s):
        rows = windows.rows(start)
        count += outbox.seal(windows.layout, rows, start + window_s)
        tallies += len(rows)
    sealed_s = time.perf_counter() - began_s
    ((raw, kept),) = outbox._rows("SELECT sum(bytes), sum(length(body)) FROM outbox_batch")
    series, fleet = SqliteSeries(folder / "series.sqlite"), Fleet(folder / "fleet.sqlite")
    desk, app = Desk(series, fleet, lambda: START + WEEK_S + 60), FastAPI()
    app.include_router(gather_router(desk, _anybody))
    with serve(app, "127.0.0.1", 0) as url, httpx.Client(timeout=60) as client:

        def post(body: bytes) -> Answer:
            got = client.post(url.rstrip("/") + DELIVER, content=body, headers={"content-encoding": "gzip"})
            return Answer(got.status_code, got.content)

        sender = SiteSender(outbox, post, clock=lambda: START + WEEK_S + 60)
        began_s = time.perf_counter()
        while outbox.waiting().batches or not sender.state.requests:
            wait_s = sender.turn()
            assert not wait_s or not outbox.waiting().batches, sender.state
        drained_s = time.perf_counter() - began_s
    desk.close()
    state = sender.state
    return (
        f"windows of {window_s} s: {tallies:,} tallies in {count:,} batches; {raw:,} bytes of JSON, {kept:,} kept "
        f"deflated, {state.bytes_sent:,} over the wire in {state.requests} requests; sealed in {sealed_s:.1f} s, "
        f"drained in {drained_s:.1f} s, {tallies / drained_s:,.0f} tallies a second"
    )


def _alone(window_s: int) -> str:
    """Sizes of requests that are sent each minute of a day, each with how the site is."""
    windows = Script(make(Order(1, all_well=True))[0], window_s, START).windows()
    digest = digest_of(windows.layout)
    sizes = []
    for end in range(START + window_s, START + 86_400 + window_s, window_s):
        batch = Batch("ab" * 16, 5, digest, end, tuple(windows.rows(end - window_s)))
        sizes.append(
            _packed(
                Delivery(1, (), (batch,) if batch.rows else (), standing(windows, end, end, OutboxStanding(0, 0, 0)))
            )
        )
    nothing = _packed(Delivery(1, (), (), standing(windows, end, end, OutboxStanding(0, 0, 0))))
    return (
        f"  a request for one window: mean {sum(sizes) / len(sizes):.0f} bytes, most {max(sizes)}; without: {nothing}"
    )


def _packed(told: Delivery) -> int:
    return len(gzip.compress(msgspec.json.encode(told), compresslevel=6, mtime=0))


def _anybody(_asked: Asked) -> Sender:
    return Sender(1, "Europe/Paris")


if __name__ == "__main__":
    main()
