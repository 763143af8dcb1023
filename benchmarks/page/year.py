"""A store with a year of one-minute data of 20 cameras: 35 days as recorded, the rest as hours, as a roll-up leaves it.

Each camera has a door that asks for masks at every fourth, and a zone; every fifth zone is a queue.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from passerby.core.masks import AIZOO
from passerby.core.tallies import HEAT_COLUMNS, MASK_MEASURES, PICTURE, Measure, Tally
from passerby.gate.messages import CameraPlan, LinePlan, QueuePlan, ZonePlan
from passerby.site.figures import Settings, midnight
from passerby.site.place_windows import PlaceSettings
from passerby.site.store import Store

ZONE = ZoneInfo("Europe/Paris")
NOW = 1_760_018_400
"""Four in the afternoon in Paris, on a Thursday in October."""
CAMERAS = 20
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
DAYS, RECENT_DAYS = 365, 35
_CHUNK = 100_000
_CORNERS = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
_DOOR = ((0.3, 0.5), (0.7, 0.5))


def plan(index: int) -> CameraPlan:
    """One camera."""
    queue = QueuePlan((0.2, 0.5), (0.8, 0.5)) if index % 5 == 0 else None
    return CameraPlan(
        f"camera {index + 1:02}",
        (LinePlan("door", *_DOOR, masks=index % 4 == 0),),
        (ZonePlan("zone", _CORNERS, crowd_limit=40, queue=queue),),
        window_s=MINUTE_S,
        heat_minimum=5 if index < 4 else None,
    )


PLANS = tuple(plan(index) for index in range(CAMERAS))
_WHY = {(one.name, line.name): "hygiene plan" for one in PLANS for line in one.lines if line.masks}
SETTINGS = Settings(PLANS, MINUTE_S, ZONE, purposes=_WHY, confusion=AIZOO)
PLACES = (PlaceSettings("Museum", lines=tuple((one.name, "door") for one in PLANS), opens=time(6), crowd_limit=4000),)


def busy(start_unix_s: float) -> float:
    """How busy it is, 0..1: from eight to eight, most in the early afternoon."""
    hour = (start_unix_s - midnight(start_unix_s, ZONE)) / HOUR_S
    return max(0.0, math.sin((hour - 8) / 12 * math.pi))


def tallies(of: CameraPlan, measure: Measure, when: Iterable[tuple[int, int, float]]) -> Iterator[Tally]:
    """One measure of a camera, in windows with start, width and how busy it is."""
    for place in of.places:
        if measure in place.measures:
            for start, width_s, level in when:
                yield from _window((of.name, measure, place.name), start, width_s, level)


def _window(of: tuple[str, Measure, str], start: int, width_s: int, level: float) -> Iterator[Tally]:
    camera, measure, subject = of
    people = round(level * width_s / 20 * (1 + start // 60 % 5 / 5))
    exposure = 2 * people if measure.per_person else width_s
    if measure is Measure.HEAT:
        for cell in range(0, 576, 4) if level and start % HOUR_S == 0 else ():
            yield Tally(camera, measure, PICTURE, start, HOUR_S, 60 + cell % HEAT_COLUMNS, HOUR_S, cell)
        return
    totals = {
        Measure.PEAK: round(20 * level), Measure.PEOPLE: round(12 * level * width_s), Measure.OVER_LIMIT: 0,
        **dict.fromkeys(MASK_MEASURES, people // 2),
    }  # fmt: skip
    if measure.parts == 1:
        yield Tally(camera, measure, subject, start, width_s, totals.get(measure, people), exposure)
        return
    for part in range(3, 7) if people > 3 else ():
        yield Tally(camera, measure, subject, start, width_s, people // 4, width_s, part)


def fill(file: Path, days: int, recent_days: int) -> None:
    """Fills a store with so many days, the recent ones by the minute; in its own order, else it takes an hour."""
    middle = int(midnight(NOW - recent_days * DAY_S, ZONE))
    first = int(midnight(NOW - days * DAY_S, ZONE))
    when = [(start, HOUR_S, busy(start)) for start in range(first, middle, HOUR_S)]
    when += [(start, MINUTE_S, busy(start)) for start in range(middle, NOW - MINUTE_S, MINUTE_S)]
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with Store(part) as store:
        for of in PLANS:
            for measure in Measure:
                rows = list(tallies(of, measure, when))
                for begin in range(0, len(rows), _CHUNK):
                    store.add(rows[begin : begin + _CHUNK])
    part.rename(file)


def minute(start: int) -> list[Tally]:
    """All that a site tells of one more minute."""
    when = [(start, MINUTE_S, busy(start))]
    return [tally for of in PLANS for measure in Measure for tally in tallies(of, measure, when)]
