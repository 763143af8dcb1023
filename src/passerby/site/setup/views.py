"""What each camera's view was like when its drawing was saved: the signature of its people-free still, no picture."""

import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from passerby.gate.guard import Job
from passerby.gate.messages import SIGNATURE_BYTES
from passerby.site.side_table import SideTable

_STEP = 6


class Views:
    """The signatures of a site's cameras, one of each; safe from any thread.

    Args:
        file: path of the store, which a site has made.
    """

    def __init__(self, file: Path) -> None:
        self._table = SideTable(file, _STEP, "the views at set-up")

    def keep(self, camera: str, signature: bytes | None) -> None:
        """Puts a signature in the place of the one before; None leaves none, as that one belongs to another drawing.

        Raises:
            StoreError: nothing was written.
        """
        with self._table.writing() as connection:
            connection.execute("DELETE FROM setup_view WHERE camera = ?", (camera,))
            if signature:
                connection.execute(
                    "INSERT INTO setup_view (camera, signature, kept_unix_s) VALUES (?, ?, ?)",
                    (camera, signature, int(time.time())),
                )

    def handed(self, jobs: Iterable[Job]) -> list[Job]:
        """Live cameras with the signatures of their views; those of cameras that are gone are deleted.

        Raises:
            StoreError: the store cannot be read or written.
        """
        jobs = list(jobs)
        names = {job.plan.name for job in jobs}
        with self._table.writing() as connection:
            known = dict(connection.execute("SELECT camera, signature FROM setup_view").fetchall())
            gone = [(camera,) for camera in known if camera not in names]
            connection.executemany("DELETE FROM setup_view WHERE camera = ?", gone)
        return [_with(job, known.get(job.plan.name)) for job in jobs]


def _with(job: Job, signature: bytes | None) -> Job:
    if signature is None or len(signature) != SIGNATURE_BYTES or not job.plan.live:
        return job
    return Job(msgspec.structs.replace(job.plan, reference=signature), job.source)
