"""How many rows a second come in, as sites send them, while pages are read.

Each request is unpacked, read and checked by the desk that the hub's door hands it to, and is answered when it is on
the disk. HTTP, TLS and signatures are left out.
"""

import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles

from benchmarks.hub.asked import PAGES
from benchmarks.hub.made import NOW_UNIX_S, ZONE, MadeSite
from passerby.hub.gather.desk import Desk
from passerby.hub.gather.reading import RefusedError
from passerby.hub.gather.senders import Sender
from passerby.hub.series import SqliteSeries
from passerby.records.wire.batches import Receipt

SENDERS = 16
READ_EVERY_S = 0.3
RESENT = 0.1
ROWS = 48
"""Of one batch of a made-up site."""


@dataclass(slots=True)
class Came:
    """What was measured.

    Attributes:
        waited_s: for each request, until its answer.
        read_s: for each question of a page.
    """

    rows: int = 0
    wall_s: float = 0.0
    processor_s: float = 0.0
    waited_s: list[float] = field(default_factory=list)
    read_s: dict[str, list[float]] = field(default_factory=lambda: {words: [] for words in PAGES})


def deliver(desk: Desk, venue: int, body: bytes) -> Receipt:
    """One request, until it is answered; who is asked to come again does so."""
    sender = Sender(venue, ZONE)
    while True:
        try:
            pending = desk.hand_in(sender, body, "gzip")
        except RefusedError as refused:
            if refused.status != 503:
                raise
            time.sleep(2 + 8 * random.random())
            continue
        return desk.receipt(sender, pending, pending.stored.result() if pending.stored else None)


@contextmanager
def pages_are_read(series: SqliteSeries, venues: int, came: Came) -> Iterator[None]:
    """Asks what three pages ask, again and again."""
    end = threading.Event()
    draw = random.Random(2)

    def read() -> None:
        while not end.wait(READ_EVERY_S):
            for words, question in PAGES.items():
                began = time.perf_counter()
                question(series, draw.randrange(1, venues + 1))
                came.read_s[words].append(time.perf_counter() - began)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        end.set()
        reader.join()


def bodies_of(site: MadeSite, requests: int, batches: int) -> list[bytes]:
    """Requests of a site, one after the other, up to now."""
    start = NOW_UNIX_S - requests * batches * site.width_s
    return [
        site.body(
            tuple(
                site.batch(n + 1, start + n * site.width_s) for n in range(request * batches, (request + 1) * batches)
            )
        )
        for request in range(requests)
    ]


def take_in(series: SqliteSeries, desk: Desk, sites: Sequence[MadeSite], shape: tuple[int, int]) -> Came:
    """Requests of many sites at once, one in ten sent again, while pages are read.

    Args:
        series: what is read.
        desk: takes them.
        sites: who sends.
        shape: requests of each site, and batches of each request.
    """
    requests, batches = shape
    sent = {site.venue: bodies_of(site, requests, batches) for site in sites}
    came = Came()
    draws = [random.Random(n) for n in range(SENDERS)]

    def send(number: int) -> None:
        for request in range(requests):
            for site in sites[number::SENDERS]:
                for body in [sent[site.venue][request]] * (2 if draws[number].random() < RESENT else 1):
                    began = time.perf_counter()
                    receipt = deliver(desk, site.venue, body)
                    came.waited_s.append(time.perf_counter() - began)
                    assert receipt.marks[site.outbox] == (request + 1) * batches

    with pages_are_read(series, len(sites), came):
        began, processor = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(send, range(SENDERS)))
        came.wall_s, came.processor_s = time.perf_counter() - began, time.process_time() - processor
    came.rows = len(sites) * requests * batches * ROWS
    return came


def told(words: str, came: Came) -> None:
    """One line of the table, and what pages waited meanwhile."""
    cuts = quantiles(came.waited_s, n=20)
    read = [1000 * quantiles(took, n=20)[18] for took in came.read_s.values() if len(took) > 1]
    print(
        f"| {words} | {came.rows} | {came.rows / came.wall_s:.0f} | {came.rows / came.processor_s:.0f} | "
        f"{1000 * cuts[9]:.0f}, {1000 * cuts[18]:.0f} | {', '.join(f'{ms:.0f}' for ms in read)} | "
        f"{os.getloadavg()[0]:.1f} |",
        flush=True,
    )
