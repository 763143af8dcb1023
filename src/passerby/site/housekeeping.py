"""What a site does now and then: stores what waits, notices what people wrote, rolls old windows up."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from passerby.errors import StoreError
from passerby.records.repeating import repeating
from passerby.site.corrections import Corrections
from passerby.site.decree import SiteTotals
from passerby.site.journal import Journal
from passerby.site.proof import Proofs
from passerby.site.store import Store
from passerby.site.watch import Watch

_log = structlog.get_logger("passerby.site")
_HOUR_S = 3600.0
_RETRY_S = 5.0
Work = Callable[[], object]


@contextmanager
def housekeeping(store: Store, watch: Watch, totals: SiteTotals | None, noticed: Sequence[Work]) -> Iterator[None]:
    """Works as long as it is open; when it closes, all that waits is handed to the store once more.

    Args:
        store: whose old windows are rolled up.
        watch: whose tallies may wait.
        totals: stand between both where a profile keeps the whole site alone.
        noticed: reads what people may have written meanwhile.
    """
    rolled_up_s = float("-inf")

    def work() -> None:
        nonlocal rolled_up_s
        watch.flush()
        _tried(*noticed, *([totals.flush] if totals else []))
        if time.monotonic() - rolled_up_s >= _HOUR_S:
            rolled_up_s = time.monotonic()
            _tried(lambda: _roll_up(store))

    try:
        with repeating("housekeeping", _RETRY_S, work):
            yield
    finally:
        watch.flush()
        _tried(*([totals.close] if totals else []))


def _roll_up(store: Store) -> None:
    now_unix_s = time.time()
    if store.has_lived(now_unix_s):
        store.roll_up(now_unix_s)
        Corrections(store.file).forget(now_unix_s)
        Proofs(store.file).forget(now_unix_s)
        Journal(store.file).forget(now_unix_s)


def _tried(*works: Work) -> None:
    """Does work on the store; what fails is tried again later."""
    for work in works:
        try:
            work()
        except StoreError as error:
            _log.error("work on the store failed and will be tried again", problem=str(error))
