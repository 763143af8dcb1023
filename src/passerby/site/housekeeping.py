"""What a site does now and then: stores what waits, notices what people wrote, rolls old windows up."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from passerby.errors import StoreError
from passerby.records.damage import is_damage
from passerby.records.repeating import repeating
from passerby.site.corrections import Corrections
from passerby.site.decree import SiteTotals
from passerby.site.journal import Journal
from passerby.site.proof import Proofs
from passerby.site.store import DAY_S, Store
from passerby.site.watch import Watch

_log = structlog.get_logger("passerby.site")
_HOUR_S = 3600.0
_LOOK_EVERY_S = 24 * _HOUR_S
"""A damaged page is found within a day, also where nobody reads it. Of ten cameras' 13 months it takes a second."""
_MEND_AGAIN_S = 20.0
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
    rolled_up_s, looked_s, mended_s = float("-inf"), time.monotonic(), float("-inf")
    began_s = time.monotonic()

    def work() -> None:
        nonlocal rolled_up_s, looked_s, mended_s
        now_s = time.monotonic()
        store.suspected |= now_s - looked_s >= _LOOK_EVERY_S
        if store.suspected and now_s - mended_s >= _MEND_AGAIN_S:
            looked_s = mended_s = now_s
            _tried(store, store.mend)
        watch.flush()
        _tried(store, *noticed, *([totals.flush] if totals else []))
        if now_s - rolled_up_s >= _HOUR_S:
            rolled_up_s = now_s
            _tried(store, lambda: _roll_up(store, now_s - began_s))

    try:
        with repeating("housekeeping", _RETRY_S, work):
            yield
    finally:
        watch.flush()
        _tried(store, *([totals.close] if totals else []))


def _roll_up(store: Store, up_s: float) -> None:
    """Lets go of what is old. A clock is believed that something was counted by, or that has run for a day."""
    now_unix_s = time.time()
    if up_s >= DAY_S or store.has_lived(now_unix_s):
        store.roll_up(now_unix_s)
        Corrections(store.file).forget(now_unix_s)
        Proofs(store.file).forget(now_unix_s)
        Journal(store.file).forget(now_unix_s)


def _tried(store: Store, *works: Work) -> None:
    """Does work on the store; what fails is tried again later."""
    for work in works:
        try:
            work()
        except StoreError as error:
            store.suspected |= is_damage(error)
            _log.error("work on the store failed and will be tried again", problem=str(error))
