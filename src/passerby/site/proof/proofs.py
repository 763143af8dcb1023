"""Windows counted by hand, kept in the site's store beside what the engine counted in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from passerby.core.tallies import Measure, Tally
from passerby.site.proof.hand import HandWindow
from passerby.site.proof.lines import ProvableLine
from passerby.site.side_table import SideTable
from passerby.site.store import KEEP_HOURS_S, Filter, Store

_STEP = 5
_LATE_S = 90
"""A window that is not in the store so long after its end was not counted."""

ENDED = ""
"""The fingerprint of windows whose proof was ended by hand: no line has it."""


@dataclass(frozen=True, slots=True)
class ProofWindow:
    """One window, by hand and by the engine.

    Attributes:
        start_unix_s, width_s: when.
        fingerprint: of the line as it was counted then.
        hand, engine: people in and out; engine None while that is not known.
        exposure_s: how much of the window the engine saw.
    """

    start_unix_s: int
    width_s: int
    fingerprint: str
    hand: tuple[int, int]
    engine: tuple[int, int] | None
    exposure_s: float

    @property
    def coverage(self) -> float:
        """Share of the window that the engine saw, 0..1."""
        return min(1.0, self.exposure_s / self.width_s)


class Proofs:
    """The windows counted by hand.

    Args:
        file: path of the store, which a site has made.
    """

    def __init__(self, file: Path) -> None:
        self._table = SideTable(file, _STEP, "counts by hand")

    def add(self, windows: Sequence[HandWindow]) -> None:
        """Keeps windows; one that was counted before is replaced.

        Raises:
            StoreError: nothing was written.
        """
        rows = [
            (one.line.camera, one.line.name, one.start_unix_s, one.width_s, one.account, one.line.fingerprint)
            + (one.hand_in, one.hand_out)
            for one in windows
        ]
        with self._table.writing() as connection:
            connection.executemany(_INSERT, rows)

    def settle(self, store: Store, now_unix_s: float) -> None:
        """Writes beside each window what the engine counted in it, as soon as that is stored.

        Raises:
            StoreError: the store cannot be read or written.
        """
        with self._table.reading() as connection:
            waiting = connection.execute(_WAITING, (now_unix_s,)).fetchall()
        counted = [row for row in (_counted(store, one, now_unix_s) for one in waiting) if row is not None]
        if counted:
            with self._table.writing() as connection:
                connection.executemany(_SETTLE, counted)

    def any(self) -> bool:
        """Whether anything was ever counted by hand.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._table.reading() as connection:
            return connection.execute("SELECT 1 FROM proof_window LIMIT 1").fetchone() is not None

    def of(self, line: ProvableLine) -> list[ProofWindow]:
        """All windows of a line, the earliest first, those of earlier fingerprints too.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._table.reading() as connection:
            rows = connection.execute(_SELECT, (line.camera, line.name)).fetchall()
        return [
            ProofWindow(start, width, mark, (hand_in, hand_out), None if came is None else (came, went), seen or 0.0)
            for start, width, mark, hand_in, hand_out, came, went, seen in rows
        ]

    def end(self, camera: str, line: str | None = None) -> int:
        """Ends what was proved of a camera's lines, since it was moved for one; the windows stay for 13 months.

        Returns:
            How many windows it was.

        Raises:
            StoreError: nothing was written.
        """
        with self._table.writing() as connection:
            return connection.execute(_END, (ENDED, camera, line, line, ENDED)).rowcount

    def forget(self, now_unix_s: float) -> None:
        """Deletes what is older than 13 months.

        Raises:
            StoreError: nothing was deleted.
        """
        with self._table.writing() as connection:
            connection.execute("DELETE FROM proof_window WHERE start_unix_s < ?", (int(now_unix_s - KEEP_HOURS_S),))


_Where = tuple[str, str, int, int]
"""Camera, line, start and width of a window."""


def _counted(store: Store, where: _Where, now_unix_s: float) -> tuple[float | str, ...] | None:
    """What the engine counted, and where; None while it may still come."""
    found = [_sum(store, where, measure) for measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)]
    if None not in found:
        return (*(round(one.total) for one in found if one), min(one.exposure for one in found if one), *where)
    _camera, _line, start_unix_s, width_s = where
    return (0, 0, 0.0, *where) if now_unix_s > start_unix_s + width_s + _LATE_S else None


def _sum(store: Store, where: _Where, measure: Measure) -> Tally | None:
    camera, line, start_unix_s, width_s = where
    found = store.query(Filter(camera, measure, line, start_unix_s, start_unix_s + width_s, width_s))
    return found[0] if found and found[0].width_s == width_s else None


_INSERT = """
INSERT INTO proof_window (camera, line, start_unix_s, width_s, account, fingerprint, hand_in, hand_out)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET account = excluded.account, fingerprint = excluded.fingerprint, hand_in = excluded.hand_in,
    hand_out = excluded.hand_out, engine_in = NULL, engine_out = NULL, exposure_s = NULL
"""

_WAITING = """
SELECT camera, line, start_unix_s, width_s FROM proof_window
WHERE engine_in IS NULL AND start_unix_s + width_s <= ?
"""

_SETTLE = """
UPDATE proof_window SET engine_in = ?, engine_out = ?, exposure_s = ?
WHERE camera = ? AND line = ? AND start_unix_s = ? AND width_s = ?
"""

_SELECT = """
SELECT start_unix_s, width_s, fingerprint, hand_in, hand_out, engine_in, engine_out, exposure_s FROM proof_window
WHERE camera = ? AND line = ? ORDER BY start_unix_s
"""

_END = "UPDATE proof_window SET fingerprint = ? WHERE camera = ? AND (? IS NULL OR line = ?) AND fingerprint <> ?"
