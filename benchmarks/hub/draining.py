"""How long a week's backlog of 600 sites takes, while the others send what is new."""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.hub.intake import ROWS, Came, bodies_of, deliver, pages_are_read
from benchmarks.hub.made import MadeSite
from passerby.hub.gather.desk import Desk
from passerby.hub.series import SqliteSeries
from passerby.records.wire.batches import MOST_BATCHES

BEHIND = 48
"""So many sites catch up at the same time, each as quickly as it is let."""
LIVE_EVERY_S = 0.1
"""Six hundred sites send a batch each minute."""
_ROWS_OF_A_WEEK = {width_s: 600 * 7 * 86_400 // width_s * ROWS for width_s in (900, 60)}


def drain(series: SqliteSeries, desk: Desk, sites: Sequence[MadeSite], live: Sequence[MadeSite], requests: int) -> None:
    """Prints what became of backlog and of what is new.

    Args:
        series: what is read meanwhile.
        desk: takes it.
        sites: who catch up, fifty batches to a request.
        live: who send one batch now and then.
        requests: of each who catches up.
    """
    behind = {site.venue: bodies_of(site, requests, MOST_BATCHES) for site in sites}
    new = [(site, bodies_of(site, 20, 1)) for site in live]
    came, fresh = Came(), Came()

    def catch_up(site: MadeSite) -> None:
        for body in behind[site.venue]:
            began = time.perf_counter()
            receipt = deliver(desk, site.venue, body)
            came.waited_s.append(time.perf_counter() - began)
            time.sleep(receipt.pause_s)

    def send_new(pool: ThreadPoolExecutor, still: Sequence[object]) -> None:
        for request in range(20):
            for site, bodies in new:
                if all(one.done() for one in still):  # type: ignore[attr-defined]
                    return
                pool.submit(_timed, desk, site.venue, bodies[request], fresh)
                time.sleep(LIVE_EVERY_S)

    with pages_are_read(series, len(sites), came), ThreadPoolExecutor(BEHIND) as pool, ThreadPoolExecutor(8) as others:
        began = time.perf_counter()
        catching_up = [pool.submit(catch_up, site) for site in sites]
        send_new(others, catching_up)
        for one in catching_up:
            one.result()
        came.wall_s = time.perf_counter() - began
    came.rows = len(sites) * requests * MOST_BATCHES * ROWS
    rate = came.rows / came.wall_s
    waited = sorted(1000 * one for one in fresh.waited_s)
    middle, late = waited[len(waited) // 2], waited[int(len(waited) * 0.95)]
    print(f"\nBacklog: {came.rows} rows of {len(sites)} sites at {rate:.0f} rows/s, load {os.getloadavg()[0]:.1f};")
    print(f"{len(waited)} new batches came meanwhile, and waited {middle:.0f} ms (p50), {late:.0f} ms (p95).")
    for width_s, rows in _ROWS_OF_A_WEEK.items():
        minutes = rows / rate / 60
        print(f"A week of 600 sites in windows of {width_s} s, {rows} rows: {minutes:.0f} minutes.", flush=True)


def _timed(desk: Desk, venue: int, body: bytes, fresh: Came) -> None:
    began = time.perf_counter()
    deliver(desk, venue, body)
    fresh.waited_s.append(time.perf_counter() - began)
