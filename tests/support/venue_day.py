"""A venue that asks for all that there is, and a store filled with a day of it: masks, a hall with a limit, a queue, a
heat map, and two places, of which one is over its limit.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import time
from zoneinfo import ZoneInfo

from passerby.core.masks import Confusion
from passerby.core.tallies import HEAT_COLUMNS, HEAT_ROWS, PICTURE, Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan, QueuePlan, ZonePlan
from passerby.site.corrections import Correction
from passerby.site.figures import Settings, midnight
from passerby.site.place_windows import PlaceSettings

ZONE = ZoneInfo("Europe/Paris")
WINDOW_S = 900
OPENS = time(6)
MUSEUM, GARDEN = 66, 24
"""Most people at once inside."""
HALL_LIMIT = 68
MAIN_DOOR = LinePlan("Main door", (0.3, 0.5), (0.7, 0.5), masks=True)
SIDE_DOOR = LinePlan("Side door", (0.85, 0.5), (0.95, 0.5), masks=True)
GARDEN_DOOR = LinePlan("Garden door", (0.3, 0.5), (0.7, 0.5))
HALL = ZonePlan("Hall", ((0.1, 0.15), (0.9, 0.1), (0.75, 0.9), (0.2, 0.9)), crowd_limit=HALL_LIMIT)
TILL = ZonePlan("Till", ((0.1, 0.3), (0.6, 0.3), (0.6, 0.7), (0.1, 0.7)), queue=QueuePlan((0.15, 0.5), (0.55, 0.5)))
PLANS = (
    CameraPlan("entrance", (MAIN_DOOR, SIDE_DOOR), (HALL,), window_s=WINDOW_S, heat_minimum=5),
    CameraPlan("garden", (GARDEN_DOOR,), window_s=WINDOW_S),
    CameraPlan("shop", (), (TILL,), window_s=WINDOW_S, heat_minimum=5),
)
PLACES = (
    PlaceSettings(
        "Museum",
        lines=(("entrance", "Main door"), ("entrance", "Side door")),
        zones=(("entrance", "Hall"),),
        opens=OPENS,
        crowd_limit=80,
        zones_see_all=True,
    ),
    PlaceSettings("Garden", lines=(("garden", "Garden door"),), opens=OPENS, crowd_limit=20),
)
PURPOSE = "Share of visitors with a mask, for the hygiene plan of the children's wing"
SETTINGS = Settings(
    plans=PLANS,
    window_s=WINDOW_S,
    zone=ZONE,
    names=("counting.example",),
    purposes={("entrance", "Main door"): PURPOSE, ("entrance", "Side door"): PURPOSE},
    confusion=Confusion(masked_right=460, masked_wrong=22, bare_right=431, bare_wrong=17),
)


def day(now_unix_s: float) -> Iterator[Tally]:
    """Tallies from midnight to now. Part of the course was not seen, part only in half."""
    start = math.ceil(midnight(now_unix_s, ZONE) / WINDOW_S) * WINDOW_S
    for step, window in enumerate(range(start, int(now_unix_s) - WINDOW_S, WINDOW_S)):
        seen_s = 0.0 if step in (38, 39) else 450.0 if step == 43 else 898.0
        hour = step * WINDOW_S / 3600
        busy = max(0.0, math.sin((hour - 6) / 14 * math.pi)) * seen_s / WINDOW_S
        yield from _doors(window, seen_s, busy, hour)
        yield from _hall(window, seen_s, busy)
        yield from _till(window, seen_s, busy)
        if step % 4 == 3:
            yield from _heat(window // 3600 * 3600, busy)


def inside(hour: float, most: float) -> int:
    """How many people are in a place where it is fullest at one o'clock, between six and eight."""
    return round(most * max(0.0, math.sin((hour - 6) / 14 * math.pi)))


def _doors(window: int, seen_s: float, busy: float, hour: float) -> Iterator[Tally]:
    """Who came and has not left is inside; nobody is counted while nothing is seen."""
    for camera, line, most, flow in (("entrance", "Main door", MUSEUM, 40), ("garden", "Garden door", GARDEN, 12)):
        came = round(flow * busy)
        stayed = inside(hour + 0.25, most) - inside(hour, most) if seen_s else 0
        yield from _door((camera, line), (window, seen_s), came + max(0, stayed), came + max(0, -stayed))
    passed = 1 if busy and hour % 1 == 0 else 0
    yield from _door(("entrance", "Side door"), (window, seen_s), passed, passed)


def _door(of: tuple[str, str], when: tuple[int, float], came: int, left: int) -> Iterator[Tally]:
    (camera, line), (window, seen_s) = of, when
    yield Tally(camera, Measure.CROSSINGS_IN, line, window, WINDOW_S, came, seen_s)
    yield Tally(camera, Measure.CROSSINGS_OUT, line, window, WINDOW_S, left, seen_s)
    if camera == "entrance":
        yield from masks(line, window, came + left)


def masks(line: str, window: int, passed: int) -> Iterator[Tally]:
    """What is told of the masks of some people."""
    unknown = passed // 8
    judged = passed - unknown
    masked, wrong = round(judged * 0.82), judged // 25
    for measure, total, exposure in (
        (Measure.MASKED, masked, judged),
        (Measure.WORN_WRONGLY, wrong, judged),
        (Measure.CANNOT_TELL, unknown, passed),
    ):
        yield Tally("entrance", measure, line, window, WINDOW_S, total, exposure)


def _hall(window: int, seen_s: float, busy: float) -> Iterator[Tally]:
    of = ("entrance", "Hall", window, seen_s)
    yield from _zone(of, (MUSEUM * busy * seen_s, 1.15 * MUSEUM * busy, 44 * busy, 43 * busy))
    over_s = 70 if busy * MUSEUM > HALL_LIMIT - 8 else 0
    yield Tally("entrance", Measure.OVER_LIMIT, "Hall", window, WINDOW_S, over_s, seen_s)
    yield from _parts(of, Measure.DWELL, (0, 0, 1, 1, 3, 6, 8, 7, 4, 2, 1, 0, 0), busy)
    yield from _parts(of, Measure.DWELL_LOST, (0, 0, 0, 1, 1, 2, 1, 1, 1, 0, 0, 0, 0), busy)


def _till(window: int, seen_s: float, busy: float) -> Iterator[Tally]:
    of = ("shop", "Till", window, seen_s)
    yield from _zone(of, (7 * busy * seen_s, 11 * busy, 16 * busy, 16 * busy))
    yield from _parts(of, Measure.DWELL, (0, 0, 0, 1, 2, 5, 4, 2, 1, 0, 0, 0, 0), busy)
    yield from _parts(of, Measure.WAITED, (0, 0, 0, 0, 2, 5, 4, 2, 1, 0, 0, 0, 0), busy)
    yield from _parts(of, Measure.GAVE_UP, (0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0), busy)


def _zone(of: tuple[str, str, int, float], people: Sequence[float]) -> Iterator[Tally]:
    camera, zone, window, seen_s = of
    measures = (Measure.PEOPLE, Measure.PEAK, Measure.ENTERED, Measure.LEFT)
    for measure, total in zip(measures, people, strict=True):
        yield Tally(camera, measure, zone, window, WINDOW_S, round(total), seen_s)


def _parts(of: tuple[str, str, int, float], measure: Measure, counts: Sequence[int], busy: float) -> Iterator[Tally]:
    camera, zone, window, seen_s = of
    for part, count in enumerate(counts):
        if round(count * busy):
            yield Tally(camera, measure, zone, window, WINDOW_S, round(count * busy), seen_s, part)


def _heat(hour: int, busy: float) -> Iterator[Tally]:
    """Two spots, and a way between them; what is too little is left out."""
    for camera, spots in (("entrance", ((16, 9), (24, 5))), ("shop", ((6, 9),))):
        for row in range(HEAT_ROWS):
            for column in range(HEAT_COLUMNS):
                near = sum(math.exp(-((column - x) ** 2 / 18 + (row - y) ** 2 / 8)) for x, y in spots)
                total = round(1500 * busy * near)
                if total > 120:
                    yield Tally(camera, Measure.HEAT, PICTURE, hour, 3600, total, 3598, row * HEAT_COLUMNS + column)


def recount(now_unix_s: float) -> Correction:
    """A correction by hand, an hour before."""
    hour = (now_unix_s - midnight(now_unix_s, ZONE)) / 3600 - 1
    return Correction("Museum", int(now_unix_s) - 3600, inside(hour, MUSEUM), "recount by the guard", "desk")
