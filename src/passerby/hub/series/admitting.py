"""Which batches of a delivery are stored, which are set aside, and which must come again. The same for every store."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from passerby.hub.contract import Aside, Delivered
from passerby.records.wire.batches import Batch, Layout
from passerby.records.wire.checking import problem_of_batch

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
    """Why a batch is set aside."""
    late = next((row.start_unix_s for row in batch.rows if row.start_unix_s >= LATEST_UNIX_S), None)
    if late is not None:
        return f"a window at {late} Unix seconds, which is after 2099; the site's clock is wrong"
    return problem_of_batch(batch, layout)
