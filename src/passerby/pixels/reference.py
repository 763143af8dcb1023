"""Whether a camera still shows the view that it showed at set-up: against the signature of the people-free still.

Nothing is learnt here: the signature stays as set-up made it. Decision 25 has what it was measured on.
"""

import numpy as np
from numpy.typing import NDArray

from passerby.core.geometry import Zone
from passerby.gate.messages import SIGNATURE_CELLS
from passerby.pixels.alignment import Edges, comparable, edges_of
from passerby.pixels.blanking import rasterised
from passerby.pixels.minutes import LOST_SPANS, MOVED_SPANS, InARow, Minute, seen
from passerby.pixels.signature import cells_of, read


class Reference:
    """The view of one camera as it was at set-up.

    Args:
        signature: of it; see `pixels.signature`.
        blanked: parts of the picture that are blanked, in fractions; their borders do not move with the camera.

    Attributes:
        moved: whether the camera shows another view now; None as long as that is not known.

    Raises:
        ValueError: it is no signature.
    """

    def __init__(self, signature: bytes, blanked: tuple[Zone, ...] = ()) -> None:
        self._scene, self._known = read(signature)
        columns, rows = SIGNATURE_CELLS
        self._hidden = np.zeros((rows, columns), bool)
        for zone in blanked:
            self._hidden |= rasterised(np.array(zone.corners), (rows, columns))
        self._minute: Minute | None = None
        self._spans = InARow()
        self.moved: bool | None = None

    def look(self, bgr: NDArray[np.uint8], time_s: float) -> bool:
        """Looks at a picture; whether it is known since now that the camera shows another view.

        Args:
            bgr: uint8 (h, w, 3), blanked.
            time_s: seconds since the stream started.
        """
        edges = edges_of(cells_of(bgr[:, :, 1]))
        edges[self._hidden] = 0
        minute = self._minute = self._minute or Minute(np.zeros_like(edges), time_s)
        minute.add(edges, time_s)
        if not minute.whole:
            return False
        self._minute = Minute(np.zeros_like(edges), time_s)
        before = self.moved
        self.take(minute.mean())
        return bool(self.moved) and not before

    def take(self, span: Edges) -> None:
        """Takes the edges of a minute, (rows, columns) of `SIGNATURE_CELLS`."""
        if not comparable(self._scene):
            return
        now = seen(self._scene, span, self._known)
        # A dark or covered picture is no other view.
        moved, lost, here = self._spans.take(span, now.moved, now.lost and comparable(span), now.here)
        if moved >= MOVED_SPANS or lost >= LOST_SPANS:
            self.moved = True
        elif here >= MOVED_SPANS:
            self.moved = False
