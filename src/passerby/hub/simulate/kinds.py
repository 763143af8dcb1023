"""Kinds of made-up venues: whose week they borrow, when they are open, how long people stay, what they have."""

from dataclasses import dataclass

Hours = tuple[tuple[int, int] | None, ...]
"""By weekday, Monday first, minutes after midnight from and to; None: closed."""

_ALWAYS: Hours = ((0, 1440),) * 7


def _same(opens: int, closes: int) -> Hours:
    return ((opens * 60, closes * 60),) * 7


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of venue.

    Attributes:
        name: its brand is "Example" and this.
        organisation, tags: for filters and roles.
        shape: column of shapes.csv.
        hours: opening hours.
        weekly_visitors: least and most, for a venue of six cameras.
        stay_s: mean stay inside.
        hall, queue: what its zones are called.
        masks: whether the share of masks is measured at its doors.
        shelves: whether it has shelves that are watched.
        weight: how many of a hundred venues are such.
    """

    name: str
    organisation: str
    shape: str
    hours: Hours
    weekly_visitors: tuple[int, int]
    stay_s: int
    hall: str
    queue: str
    weight: int
    masks: bool = False
    shelves: bool = False
    tags: tuple[str, ...] = ()


KINDS = (
    Kind(
        name="Mall",
        organisation="Example Retail",
        shape="shopping",
        hours=(*_same(9, 21)[:6], (11 * 60, 19 * 60)),
        weekly_visitors=(25_000, 120_000),
        stay_s=2700,
        hall="Atrium",
        queue="Service desk",
        weight=34,
        tags=("shopping",),
    ),
    Kind(
        name="Market",
        organisation="Example Retail",
        shape="shopping",
        hours=_same(7, 22),
        weekly_visitors=(8_000, 26_000),
        stay_s=1200,
        hall="Aisles",
        queue="Tills",
        weight=20,
        shelves=True,
        tags=("food", "shopping"),
    ),
    Kind(
        name="Station",
        organisation="Example Transit",
        shape="commuting",
        hours=_same(5, 25),
        weekly_visitors=(40_000, 220_000),
        stay_s=720,
        hall="Concourse",
        queue="Ticket desk",
        weight=16,
        tags=("transit",),
    ),
    Kind(
        name="Hospital",
        organisation="Example Health",
        shape="weekdays",
        hours=_ALWAYS,
        weekly_visitors=(9_000, 32_000),
        stay_s=4800,
        hall="Entrance hall",
        queue="Reception",
        weight=16,
        masks=True,
        tags=("health",),
    ),
    Kind(
        name="Museum",
        organisation="Example Culture",
        shape="leisure",
        hours=(None, *_same(10, 18)[:2], (10 * 60, 21 * 60), *_same(10, 18)[:3]),
        weekly_visitors=(4_000, 22_000),
        stay_s=5400,
        hall="Great hall",
        queue="Ticket desk",
        weight=9,
        tags=("culture",),
    ),
    Kind(
        name="Theatre",
        organisation="Example Culture",
        shape="evenings",
        hours=(None, *_same(17, 25)[:6]),
        weekly_visitors=(3_000, 9_000),
        stay_s=7800,
        hall="Foyer",
        queue="Cloakroom",
        weight=5,
        tags=("culture", "evenings"),
    ),
)


@dataclass(frozen=True, slots=True)
class District:
    """Where made-up venues lie.

    Attributes:
        latitude, longitude: its middle, in degrees.
        spread: how far its venues lie apart, in degrees.
        weight: how many of a hundred venues are in it.
    """

    name: str
    zone: str
    latitude: float
    longitude: float
    spread: float
    weight: int


DISTRICTS = (
    District("Example West", "America/Toronto", 44.2, -84.6, 9.0, 20),
    District("Example Banks", "America/St_Johns", 48.6, -56.3, 2.0, 5),  # -03:30
    District("Example Centre", "Europe/Paris", 46.6, 2.6, 5.5, 26),
    District("Example North", "Europe/Helsinki", 62.6, 26.2, 3.5, 10),
    District("Example Plains", "Asia/Kolkata", 20.5, 77.8, 6.5, 15),  # +05:30, no summer time
    District("Example Hills", "Asia/Kathmandu", 28.4, 84.6, 1.8, 6),  # +05:45
    District("Example Gulf", "Australia/Adelaide", -32.4, 137.6, 4.0, 8),  # +09:30
    District("Example Bay", "Pacific/Auckland", -39.5, 174.6, 3.5, 10),
)
