"""A camera that was moved: what was proved of its lines, and what its shelves were taught, holds no longer."""

import threading
from pathlib import Path

import structlog

from passerby.errors import StoreError
from passerby.site.journal import Action, Journal
from passerby.site.proof.proofs import Proofs
from passerby.site.shelf_references import ShelfReferences

ACCOUNT = "passerby"
"""Who ends it, in the log."""

_log = structlog.get_logger("passerby.site")


class MovedCameras:
    """Ends what is proved and taught of cameras that were moved, and enters it in the log; safe from any thread.

    Args:
        file: path of the store, which a site has made.
    """

    def __init__(self, file: Path) -> None:
        self._proofs, self._journal = Proofs(file), Journal(file)
        self._references = ShelfReferences(file)
        self._lock = threading.Lock()
        self._waiting: list[str] = []

    def moved(self, camera: str) -> None:
        """A camera was moved just now; what the store does not take waits for `work`."""
        with self._lock:
            self._waiting.append(camera)
        try:
            self.work()
        except StoreError as error:
            _log.error("the end of a proof could not be stored and waits", camera=camera, problem=str(error))

    def work(self) -> None:
        """Ends what waits.

        Raises:
            StoreError: the store cannot be written; what waits goes on waiting.
        """
        with self._lock:
            while self._waiting:
                camera = self._waiting[0]
                self._references.moved(camera)
                self._proofs.end(camera)
                detail = f"{camera}: the camera was moved or its view changed"
                self._journal.add(ACCOUNT, Action.PROOF_EXPIRED, detail)
                self._waiting.pop(0)
