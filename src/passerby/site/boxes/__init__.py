"""Several boxes of one site: its pixel workers are spread over them with Ray, and placed anew when a box fails.

Rooms are started, locked and checked on each box as on a single one. Only what came through the door of a room leaves
the box, for the one process that keeps the records.
"""

from passerby.site.boxes.fleet import Fleet, boxes_at
from passerby.site.boxes.spread import Spread

__all__ = ["Fleet", "Spread", "boxes_at"]
