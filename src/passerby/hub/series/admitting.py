"""Which batches of a delivery are stored, which are set aside, and which must come again. The same for every store."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from passerby.core.tallies import Measure
from passerby.hub.contract import Aside, Delivered
from passerby.records.wire.batches import Batch, Layout, Row

LATEST_UNIX_S = 4_102_444_800
"""No window begins in 2100 or later: such a clock tells nothing."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What becomes of the batches of a delivery.

    Attributes:
        mark: all batches of the outbox up to this one are taken, once these are stored.
        batches: to be stored, with the names that their rows speak of, in the order of their sequence.
        aside: to be set aside.
        wanted: digests of layouts that are not known.
    """

    mark: int
    batches: tuple[tuple[Batch, Layout], ...] = ()
    aside: tuple[Aside, ...] = ()
    wanted: tuple[str, ...] = ()

    @property
    def new(self) -> tuple[int, ...]:
        """Sequences of the batches to be stored."""
        return tuple(batch.sequence for batch, _ in self.batches)


def outbox_of(delivered: Delivered) -> str | None:
    """The outbox that a delivery is of; None where it brings no batch."""
    return next((one.outbox for one in _all(delivered)), None)


def admit(delivered: Delivered, mark: int, layout_of: Callable[[str], Layout | None]) -> Admitted:
    """Goes through the batches in the order of their sequence, from the mark on, up to a gap or an unknown layout.

    Args:
        delivered: what came.
        mark: up to which batch all of its outbox are taken.
        layout_of: names by digest; None where they are not known.
    """
    outbox = outbox_of(delivered)
    came = {one.sequence: one for one in _all(delivered) if one.outbox == outbox}
    batches: list[tuple[Batch, Layout]] = []
    aside: list[Aside] = []
    while (one := came.get(mark + 1)) is not None:
        if isinstance(one, Aside):
            aside.append(one)
        else:
            layout = layout_of(one.layout)
            if layout is None:
                break
            why = _wrong(one, layout)
            if why is None:
                batches.append((one, layout))
            else:
                aside.append(Aside(one.outbox, one.sequence, why, msgspec.json.encode(one)))
        mark += 1
    waiting = [one for one in came.values() if isinstance(one, Batch) and one.sequence > mark]
    wanted = dict.fromkeys(one.layout for one in waiting if layout_of(one.layout) is None)
    return Admitted(mark, tuple(batches), tuple(aside), tuple(wanted))


def _all(delivered: Delivered) -> list[Batch | Aside]:
    return [*delivered.batches, *delivered.aside]


def _wrong(batch: Batch, layout: Layout) -> str | None:
    """What would make rows of a batch tell nothing, or something else than they say."""
    places = len(layout.places)
    for number, row in enumerate(batch.rows):
        why = _wrong_row(row, places)
        if why is not None:
            return f"row {number}: {why}"
    return None


def _wrong_row(row: Row, places: int) -> str | None:
    if row.place >= places:
        return f"place {row.place}, and its layout has {places}"
    if row.part >= (measure := _MEASURES[row.measure]).parts or measure is Measure.HEAT:
        return f"{measure.label} has no part {row.part} here"
    if row.start_unix_s % row.width_s:
        return f"a window of {row.width_s} s does not start at {row.start_unix_s}"
    if row.start_unix_s >= LATEST_UNIX_S:
        return f"a window at {row.start_unix_s}, which is after 2099"
    return None


_MEASURES = {int(measure): measure for measure in Measure}
