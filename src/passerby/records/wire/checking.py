"""What the types of `batches` cannot say: which numbers fit together. A hub believes nothing that was not checked here.

Each check gives what is wrong, in words and without a text that a site sent, or None.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import msgspec
from msgspec.structs import astuple

from passerby.core.release import STRICT_WINDOWS_S
from passerby.core.tallies import (
    EXPOSURE_GRID_S,
    LINE_MEASURES,
    MASK_MEASURES,
    MAX_WINDOW_S,
    MOST_FACINGS,
    QUEUE_MEASURES,
    SHELF_MEASURES,
    ZONE_MEASURES,
    Measure,
)
from passerby.gate.audit_contract import CHECK_IDS
from passerby.records.checks import place_name, time_zone
from passerby.records.wire.batches import (
    WHOLE_SITE,
    Batch,
    CameraStanding,
    Layout,
    PlaceName,
    PlaceStanding,
    ShelfStanding,
    Standing,
)

_MILLI = 1000
_EXPOSURE_GRID_MILLI = round(EXPOSURE_GRID_S * _MILLI)
_MEASURES_OF: dict[str, frozenset[Measure]] = {
    "line": frozenset((*LINE_MEASURES, *MASK_MEASURES)),
    "zone": frozenset((*ZONE_MEASURES, Measure.OVER_LIMIT, *QUEUE_MEASURES, *MASK_MEASURES)),
    "shelf": frozenset(SHELF_MEASURES),
    "place": frozenset(),
    "site": frozenset((*LINE_MEASURES, *MASK_MEASURES)),
}
"""What is tallied at a place of a kind; how many people are in a place is part of a standing alone."""


_About = tuple[int, int, int, int]
"""Place, measure, part and width of a row."""


def digest_of(layout: Layout) -> str:
    """SHA-256 of a layout's JSON, in lower case hexadecimal: fields in the order of the contract, without spaces."""
    return hashlib.sha256(msgspec.json.encode(layout)).hexdigest()


def problem_of_layout(layout: Layout) -> str | None:
    """What is wrong with the names of a site's places."""
    return next(_layout_problems(layout), None)


def problem_of_batch(batch: Batch, layout: Layout) -> str | None:
    """What is wrong with a batch whose digest names this layout, which was checked before."""
    rules: dict[_About, _Rule | str] = {}
    seen = set()
    for number, row in enumerate(batch.rows):
        place, measure, part, start_unix_s, width_s, run, _, total, exposure = astuple(row)
        about = (place, measure, part, width_s)
        rule = rules.get(about)
        if rule is None:  # a batch has many rows of each
            rule = rules[about] = _rule(about, layout, batch.sealed_unix_s)
        words = rule if isinstance(rule, str) else rule.problem(start_unix_s, total, exposure)
        seen.add((about, start_unix_s, run))
        if words is None and len(seen) == number:
            words = "it stands there twice"
        if words is not None:
            return f"row {number}: {words}"
    return None


def problem_of_standing(standing: Standing, layout: Layout) -> str | None:
    """What is wrong with how a site says it is."""
    if layout.profile == "strict" and (standing.places or standing.shelves):
        return "profile strict tells neither occupancy nor shelves"
    checks: tuple[tuple[str, Iterable[str | None]], ...] = (
        ("camera", (_camera_problem(one, layout) for one in standing.cameras)),
        ("place", (_place_problem(one, layout, standing.clock_unix_s) for one in standing.places)),
        ("shelf", (_shelf_problem(one, layout) for one in standing.shelves)),
    )
    found = (f"{what} {n}: {words}" for what, all_ in checks for n, words in enumerate(all_) if words)
    return next(found, None) or _order_problem(standing)


def _layout_problems(layout: Layout) -> Iterator[str]:
    for number, camera in enumerate(layout.cameras):
        if not _good(place_name, camera):
            yield f"the name of camera {number} is none"
    if len(set(layout.cameras)) < len(layout.cameras):
        yield "two cameras share a name"
    if not _good(time_zone, layout.zone or None):
        yield "there is no such time zone"
    if MAX_WINDOW_S % layout.window_s:
        yield f"windows of {layout.window_s} s do not divide an hour"
    cameras = {*layout.cameras, WHOLE_SITE}
    for number, place in enumerate(layout.places):
        words = _name_problem(place, cameras)
        if words:
            yield f"place {number}: {words}"
    if len(set(map(_where, layout.places))) < len(layout.places):
        yield "two places share a name"
    if layout.profile == "strict":
        yield from _strict_problems(layout)


def _strict_problems(layout: Layout) -> Iterator[str]:
    if layout.window_s not in STRICT_WINDOWS_S:
        yield f"profile strict sends windows of {', '.join(map(str, STRICT_WINDOWS_S))} s, not of {layout.window_s} s"
    if any(place.kind != "site" for place in layout.places):
        yield "profile strict sends the whole site alone"


def _name_problem(place: PlaceName, cameras: set[str]) -> str | None:
    if place.camera not in cameras:
        return "there is no such camera"
    if place.kind == "site":
        return None if (place.camera, place.name) == (WHOLE_SITE, WHOLE_SITE) else "the whole site has no name"
    if not _good(place_name, place.name):
        return "its name is none"
    if (place.kind == "place") != (place.camera == WHOLE_SITE):
        return "lines, zones and shelves are of a camera, and places are of none"
    return None


def _where(place: PlaceName) -> tuple[str, str]:
    return place.camera, place.name


def _good(check: Callable[[str], object], value: str | None) -> bool:
    try:
        check(value)  # type: ignore[arg-type]  # a time zone may be absent
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Rule:
    """What holds for the numbers of a measure at a place, in thousandths."""

    measure: Measure
    grid: int
    width_s: int
    most: int
    asked: bool
    last_unix_s: int

    def problem(self, start_unix_s: int, total: int, exposure: int) -> str | None:
        """What is wrong with a tally."""
        if start_unix_s % self.width_s:
            return "its window is not one of the clock's"
        if start_unix_s > self.last_unix_s:
            return "its window was not over when the batch was sealed"
        if total % self.grid:
            return f"{self.measure.label} is counted in multiples of {self.measure.grid:g}"
        if not self.asked:
            if exposure % _EXPOSURE_GRID_MILLI:
                return f"what was seen is counted in multiples of {EXPOSURE_GRID_S:g} s"
            return "more was seen than the window is long" if exposure > self.most else None
        if exposure % _MILLI:
            return "people who were asked are whole"
        return "more people than were asked" if total > exposure else None


def _rule(about: _About, layout: Layout, sealed_unix_s: int) -> _Rule | str:
    """What holds for a place, a measure, a part and a width; or why they do not go together."""
    place, code, part, width_s = about
    if place >= len(layout.places):
        return f"there are {len(layout.places)} places, and none of number {place}"
    kind, measure = layout.places[place].kind, Measure(code)
    if measure not in _MEASURES_OF[kind]:
        return f"{measure.label} is not sent of a {kind}"
    if part >= (1 if kind == "shelf" else measure.parts):
        return f"{measure.label} has no part {part}"
    if MAX_WINDOW_S % width_s:
        return "its window is not one of the clock's"
    if layout.profile == "strict" and width_s not in STRICT_WINDOWS_S:
        return f"profile strict sends no windows of {width_s} s"
    most = (width_s * _MILLI + _EXPOSURE_GRID_MILLI) * (MOST_FACINGS if kind == "shelf" else 1)
    return _Rule(measure, round(measure.grid * _MILLI), width_s, most, measure.per_person, sealed_unix_s - width_s)


def _camera_problem(one: CameraStanding, layout: Layout) -> str | None:
    if one.camera >= len(layout.cameras):
        return f"there are {len(layout.cameras)} cameras"
    numbers = [CHECK_IDS.index(check) if check in CHECK_IDS else -1 for check in one.findings]
    if -1 in numbers:
        return "there is no such check"
    if any(this >= after for this, after in pairwise(numbers)):
        return "its findings are not in the order of the checks"
    return "it has findings exactly when it does not conform" if (one.conforming == 0) != bool(numbers) else None


def _place_problem(one: PlaceStanding, layout: Layout, clock_unix_s: int) -> str | None:
    if not _is(one.place, "place", layout):
        return "it is no place"
    if one.until_unix_s % 60 or one.until_unix_s > clock_unix_s:
        return "it is not as of the end of a window that is over"
    return None


def _shelf_problem(one: ShelfStanding, layout: Layout) -> str | None:
    if not _is(one.place, "shelf", layout):
        return "it is no shelf"
    if not one.empty + one.low + one.unseen <= one.facings <= MOST_FACINGS:
        return "its facings do not add up"
    return None


def _is(place: int, kind: str, layout: Layout) -> bool:
    return place < len(layout.places) and layout.places[place].kind == kind


def _order_problem(standing: Standing) -> str | None:
    numbers = ([one.camera for one in standing.cameras], *([one.place for one in of] for of in _placed(standing)))
    if any(this >= after for of in numbers for this, after in pairwise(of)):
        return "cameras and places do not stand in the order of the layout"
    return None


def _placed(standing: Standing) -> tuple[tuple[PlaceStanding, ...], tuple[ShelfStanding, ...]]:
    return standing.places, standing.shelves
