"""A fleet of made-up venues. The same numbers always make the same fleet, and none of its venues exists."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

import numpy as np

from passerby.hub.simulate.kinds import DISTRICTS, KINDS, District, Kind

MOST_CAMERAS = 60
"""Of a made-up venue."""


class Fate(StrEnum):
    """What is the matter with a made-up venue, so that a control room has something to show."""

    WELL = "well"
    FINDINGS = "findings"
    """Cameras fail checks."""
    DOWN = "down"
    """A camera gives no pictures since some days."""
    SILENT = "silent"
    """It joined, and sends nothing since some hours."""
    CLOCK = "clock"
    """Its clock is two days behind."""
    OVERDUE = "overdue"
    """It should be connected since some days, and is not."""
    INVITED = "invited"
    LISTED = "listed"

    @property
    def joined(self) -> bool:
        """Whether it ever sent anything."""
        return self not in (Fate.OVERDUE, Fate.INVITED, Fate.LISTED)


_OF_FORTY = (
    *(Fate.FINDINGS,) * 4,
    *(Fate.DOWN,) * 3,
    *(Fate.SILENT,) * 2,
    *(Fate.OVERDUE, Fate.INVITED, Fate.LISTED, Fate.CLOCK),
)
"""Of each forty venues so many are not well; they lie evenly among the others."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which fleet to make up.

    Attributes:
        venues: how many.
        cameras: of each.
        seed: another seed makes another fleet.
        all_well: nothing is the matter with any venue.
    """

    venues: int
    cameras: int = 6
    seed: int = 1
    all_well: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedVenue:
    """A made-up venue.

    Attributes:
        number: from 1 on, in the fleet.
        seed: of its draws.
        weekly_visitors: how many come in a usual week.
        cameras: how many it has; one alone sees a door and a hall.
        doors: share of its people who use each door; each is a line of a camera of its own.
        halls, queues, shelves: how many cameras see such.
        capacity: how many people may be inside.
    """

    number: int
    seed: int
    slug: str
    name: str
    kind: Kind
    district: District
    latitude: float
    longitude: float
    weekly_visitors: float
    cameras: int
    doors: tuple[float, ...]
    halls: int
    queues: int
    shelves: int
    capacity: int
    fate: Fate

    @property
    def zone(self) -> str:
        """Its time zone."""
        return self.district.zone


def make(order: Order) -> list[SimulatedVenue]:
    """Makes up a fleet.

    Raises:
        ValueError: there is no venue or no camera in it, or more cameras than a venue can have.
    """
    if order.venues < 1 or not 1 <= order.cameras <= MOST_CAMERAS:
        raise ValueError(f"expected a venue or more, and 1 to {MOST_CAMERAS} cameras of each")
    return [_venue(order, number) for number in range(1, order.venues + 1)]


def _venue(order: Order, number: int) -> SimulatedVenue:
    rng = np.random.default_rng([order.seed, number])
    kind = KINDS[_pick(rng, [one.weight for one in KINDS])]
    district = DISTRICTS[_pick(rng, [one.weight for one in DISTRICTS])]
    doors, halls, queues, shelves = _cameras(kind, order.cameras)
    low, high = kind.weekly_visitors
    visitors = low * (high / low) ** float(rng.uniform()) * min(2.0, max(0.3, order.cameras / 6))
    at = rng.uniform(-1, 1, 2) * district.spread
    return SimulatedVenue(
        number=number,
        seed=order.seed,
        slug=f"example-{kind.name.lower()}-{number:03d}",
        name=f"Example {kind.name} {number:03d}",
        kind=kind,
        district=district,
        latitude=round(district.latitude + float(at[0]), 4),
        longitude=round(district.longitude + float(at[1]), 4),
        weekly_visitors=visitors,
        cameras=order.cameras,
        doors=tuple(float(share) for share in rng.dirichlet(np.linspace(9, 4, doors))),
        halls=halls,
        queues=queues,
        shelves=shelves,
        capacity=_capacity(kind, visitors),
        fate=Fate.WELL if order.all_well else _fate(number, order.cameras),
    )


def _pick(rng: np.random.Generator, weights: list[int]) -> int:
    """Index of one of them, as often as it weighs."""
    sums = list(accumulate(weights))
    drawn = int(rng.integers(sums[-1]))
    return next(index for index, most in enumerate(sums) if drawn < most)


def _cameras(kind: Kind, cameras: int) -> tuple[int, int, int, int]:
    """How many doors, halls, queues and shelves so many cameras see."""
    if cameras == 1:
        return 1, 1, 0, 0
    doors = (cameras + 1) // 2
    rest = cameras - doors
    shelves = rest // 3 if kind.shelves else 0
    queues = 1 if rest - shelves > 1 else 0
    return doors, rest - shelves - queues, queues, shelves


def _capacity(kind: Kind, weekly_visitors: float) -> int:
    """What a venue may hold: somewhat more than is in it on a usual Saturday, in tens."""
    open_s = sum((hours[1] - hours[0]) * 60 for hours in kind.hours if hours)
    mean = weekly_visitors * kind.stay_s / open_s
    return max(40, round(mean * 3.2 / 10) * 10)


def _fate(number: int, cameras: int) -> Fate:
    """Every third venue may be not well: the first thirty-nine show all that can be, and no two in a row."""
    index, rest = divmod((number - 1) % 40, 3)
    if rest != 1 or index >= len(_OF_FORTY):
        return Fate.WELL
    fate = _OF_FORTY[(index * 5) % len(_OF_FORTY)]
    return Fate.FINDINGS if fate is Fate.DOWN and cameras < 3 else fate
