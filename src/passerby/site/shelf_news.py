"""A running site notices that a shelf was taught, and starts again with it."""

import structlog

from passerby.errors import PasserbyError
from passerby.gate.messages import CameraPlan
from passerby.site.reload import Reload
from passerby.site.shelf_references import ShelfReferences

_log = structlog.get_logger("passerby.site")


class ShelfNews:
    """Looks now and then whether a shelf was taught since the site started.

    Args:
        references: of the site's store.
        plans: the cameras as they run, with what their shelves were taught.
        reload: makes the site start again.
    """

    def __init__(self, references: ShelfReferences, plans: tuple[CameraPlan, ...], reload: Reload) -> None:
        self._references, self._reload = references, reload
        self._plans = tuple(plan for plan in plans if plan.shelves)
        self._refused: tuple[CameraPlan, ...] = ()

    def work(self) -> None:
        """Asks for a new start, if a shelf can be watched otherwise than it is.

        Raises:
            StoreError: the store cannot be read.
        """
        if self._reload.asked or not self._plans:
            return
        fitted = tuple(self._references.fitted(plan) for plan in self._plans)
        both = zip(fitted, self._plans, strict=True)
        pairs = [pair for one, was in both for pair in zip(one.shelves, was.shelves, strict=True)]
        if fitted == self._refused or not any(new.taught and new != old for new, old in pairs):
            return
        try:
            self._reload.ask()
            _log.info("a shelf was taught; the site starts again with it")
        except PasserbyError as error:
            # Said once: it may be a while until the file is mended.
            self._refused = fitted
            _log.error("a shelf was taught, and the site cannot start again; it goes on as it is", problem=str(error))
