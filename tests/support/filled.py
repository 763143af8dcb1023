"""A venue with every measure, and a store filled with half a day of it: an entrance that asks for masks, a quiet side
door, a hall with a crowd limit, a till with a queue, and a heat map.
"""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from passerby.core.tallies import HEAT_COLUMNS, PICTURE, Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan, QueuePlan, ZonePlan
from passerby.site.figures import Settings

ZONE = ZoneInfo("Europe/Paris")
NINE = 1_759_993_200
"""9 o'clock of a Thursday in Paris."""

WINDOW_S = 900
_SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
PLANS = (
    CameraPlan(
        "entrance",
        lines=(
            LinePlan("Main door", (0.3, 0.5), (0.7, 0.5), masks=True),
            LinePlan("Side door", (0.8, 0.5), (0.9, 0.5), masks=True),
        ),
        zones=(ZonePlan("Hall", _SQUARE, crowd_limit=12),),
        heat_minimum=5,
    ),
    CameraPlan("shop", zones=(ZonePlan("Till", _SQUARE, queue=QueuePlan((0.2, 0.5), (0.8, 0.5))),)),
)
PURPOSES = {("entrance", "Main door"): "Share of visitors with a mask, for the hospital's hygiene plan"}


def settings(now_unix_s: float = NINE + 4 * 3600.0) -> Settings:
    """What the page and the API know of it; the clock stands."""
    return Settings(PLANS, WINDOW_S, ZONE, clock=lambda: now_unix_s, purposes=PURPOSES)


def masks(line: str, start: int, counts: tuple[int, int, int, int]) -> Iterator[Tally]:
    """Tallies of a line in one window, of people masked, unmasked, worn wrongly and those of whom it cannot be told."""
    masked, unmasked, wrong, unknown = counts
    judged = masked + unmasked + wrong
    for measure, total, exposure in (
        (Measure.MASKED, masked, judged),
        (Measure.WORN_WRONGLY, wrong, judged),
        (Measure.CANNOT_TELL, unknown, judged + unknown),
    ):
        yield Tally("entrance", measure, line, start, WINDOW_S, total, exposure)


def parts(where: tuple[str, str], measure: Measure, start: int, counts: Sequence[int]) -> Iterator[Tally]:
    """Tallies of a measure with buckets, those above zero."""
    for part, total in enumerate(counts):
        if total:
            yield Tally(where[0], measure, where[1], start, WINDOW_S, total, WINDOW_S, part)


def zone(where: tuple[str, str], start: int, people: tuple[float, int, int, int]) -> Iterator[Tally]:
    """Tallies of a zone in one window: mean, peak, entered and left."""
    mean, peak, entered, left = people
    for measure, total in (
        (Measure.PEOPLE, mean * WINDOW_S),
        (Measure.PEAK, peak),
        (Measure.ENTERED, entered),
        (Measure.LEFT, left),
    ):
        yield Tally(where[0], measure, where[1], start, WINDOW_S, total, WINDOW_S)


def tallies(windows: int = 16) -> Iterator[Tally]:
    """From nine o'clock on."""
    for i, start in enumerate(range(NINE, NINE + windows * WINDOW_S, WINDOW_S)):
        yield Tally("entrance", Measure.CROSSINGS_IN, "Main door", start, WINDOW_S, 40 + i, WINDOW_S)
        yield Tally("entrance", Measure.CROSSINGS_OUT, "Main door", start, WINDOW_S, 30 + i, WINDOW_S)
        yield from masks("Main door", start, (24, 8, 2, 6))
        yield from masks("Side door", start, (3, 1, 0, 1))
        yield from zone(("entrance", "Hall"), start, (6.0 + i % 4, 11 + i % 4, 40, 38))
        yield Tally("entrance", Measure.OVER_LIMIT, "Hall", start, WINDOW_S, 30.0 * (i % 4), WINDOW_S)
        yield from parts(("entrance", "Hall"), Measure.DWELL, start, (0, 2, 4, 6, 10, 8, 4, 3, 1, 0, 0, 0, 0))
        yield from parts(("entrance", "Hall"), Measure.DWELL_LOST, start, (0, 0, 1, 1, 2, 1, 1, 0, 0, 0, 0, 0, 0))
        yield from zone(("shop", "Till"), start, (3.0, 6, 18, 18))
        yield from parts(("shop", "Till"), Measure.DWELL, start, (0, 0, 1, 2, 4, 7, 3, 1, 0, 0, 0, 0, 0))
        yield from parts(("shop", "Till"), Measure.WAITED, start, (0, 0, 0, 1, 4, 6, 3, 1, 0, 0, 0, 0, 0))
        yield from parts(("shop", "Till"), Measure.GAVE_UP, start, (0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0))
    for hour in range(NINE // 3600 * 3600, NINE + windows * WINDOW_S, 3600):
        for row, column, total in ((9, 15, 1800), (9, 16, 3600), (10, 16, 900)):
            part = row * HEAT_COLUMNS + column
            yield Tally("entrance", Measure.HEAT, PICTURE, hour, 3600, total, 3600, part)


def decree(start: int) -> Iterator[Tally]:
    """What a site keeps whose profile is decree-2021-269: the site's share alone, every 20 minutes."""
    for measure, total, exposure in (
        (Measure.MASKED, 60, 80),
        (Measure.WORN_WRONGLY, 4, 80),
        (Measure.CANNOT_TELL, 20, 100),
    ):
        yield Tally("site", measure, "site", start, 1200, total, exposure)
