"""That a store was damaged is told to everybody who is told of anything: no alert has to be set for it."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from passerby.errors import StoreError
from passerby.records.receivers import Messenger
from passerby.site.journal import ITSELF, Action, Entry, Journal
from passerby.site.outputs import Sources
from passerby.site.outputs.alert_words import message

_log = structlog.get_logger("passerby.site")


class DamageAlert:
    """Tells each receiver once that a store was set aside; the log knows after a restart that this was done.

    Args:
        messengers: who is told, by name.
        journal: the log.
    """

    def __init__(self, messengers: Mapping[str, Messenger], journal: Journal) -> None:
        self._messengers, self._journal = messengers, journal
        self._told: set[str] = set()

    def remember(self, entries: Iterable[Entry]) -> None:
        """Takes up what was told before the site started again."""
        self._told |= {one.detail for one in entries if one.action == Action.ALERT_BEGAN.value}

    def look(self, sources: Sources) -> None:
        """Tells what is to be told."""
        state = sources.state()
        if not state.store_set_aside or not self._messengers:
            return
        what = state.store_set_aside.partition(";")[0]
        if what in self._told:
            return
        self._told.add(what)
        body: dict[str, Any] = dict.fromkeys(("camera", "subject", "measure", "limit", "value"))
        body |= {"id": uuid.uuid4().hex, "site": state.site, "event": "began", "alert": "damaged store"}
        body |= {"when": "store_damaged", "since_unix_s": sources.settings.clock(), "problem": state.store_set_aside}
        for messenger in self._messengers.values():
            messenger.put(message(body, sources.settings.zone))
        try:
            self._journal.add(ITSELF, Action.ALERT_BEGAN, what)
        except StoreError as error:
            _log.error("an alert is not in the log", alert="damaged store", problem=str(error))
