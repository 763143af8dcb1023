"""The configuration's alerts, and who is told of them."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from passerby.core.alerts import Rule
from passerby.core.tallies import MOST_FACINGS
from passerby.gate.audit_contract import CHECK_GROUPS, Severity
from passerby.records.checks import place_name
from passerby.records.config_parts import Name, Part
from passerby.records.quiet import Quiet
from passerby.records.reading import Location, path_text

if TYPE_CHECKING:
    from passerby.site.config import SiteConfig

When = Literal["occupancy_over", "queue_over", "masked_share_under", "camera_down", "camera_check", "shelf_empty"]
_HOW_IT_IS = {"camera_down": "down_s", "camera_check": "found_s", "shelf_empty": "empty_facings"}
"""What is about how a camera or a shelf is, and not about what is counted, with the name of its number."""
_PERCENT = 100.0
_BAND = {"over": 0.1, "under": 5.0}
"""Where no `clear_at` is given: a tenth of the limit below it, and five percentage points above it."""


class Alert(Part):
    """What somebody wants to be told: once when it begins, once when it ends."""

    name: Name = Field(description="Stands in the message.")
    when: When = Field(
        description="occupancy_over: more people in a place or zone than `limit`; queue_over: more in a queue; "
        "masked_share_under: a smaller share than `limit` percent; camera_down: no pictures; camera_check: something "
        "is wrong with a camera as a device; shelf_empty: facings of shelves are empty."
    )
    place: Name | None = Field(default=None, description="A place of `places`, for occupancy_over.")
    camera: Name | None = Field(
        default=None,
        description="A camera: of the zone, line or shelf, or the one that is down or checked. Absent for "
        "camera_check: each.",
    )
    zone: Name | None = Field(default=None, description="A zone of the camera.")
    line: Name | None = Field(default=None, description="A line of the camera, for masked_share_under.")
    shelf: Name | None = Field(default=None, description="A shelf of the camera, for shelf_empty.")
    aisle: Name | None = Field(
        default=None,
        description="All shelves of an aisle together, for shelf_empty. Neither aisle nor shelf: all of the site.",
    )
    facings: Annotated[int, Field(ge=1, le=MOST_FACINGS * 32)] = Field(
        default=1, description="So many facings have to be empty at least, for shelf_empty."
    )
    limit: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None,
        description="People; percent for masked_share_under. camera_down, camera_check and shelf_empty have none.",
    )
    clear_at: Annotated[float, Field(ge=0, le=1_000_000)] | None = Field(
        default=None,
        description="Where it ends. Absent: a tenth below the limit, or 5 percentage points above it for a share.",
    )
    checks: tuple[Name, ...] = Field(
        default=(), max_length=64, description="Ids of checks, for camera_check; docs/checks.md. Absent: all."
    )
    severity: Literal["note", "warning", "critical"] = Field(
        default="warning", description="How bad a finding has to be at least, for camera_check."
    )
    for_minutes: Annotated[float, Field(ge=0, le=10_080)] = Field(
        default=0,
        description="For so long without a break, before it begins, for camera_check; for shelf_empty, of each facing.",
    )
    for_windows: int = Field(default=1, ge=1, le=1000, description="For so many windows in a row, before it begins.")
    quiet: Quiet | None = Field(default=None, description="Hours in which nobody is told.")
    to: tuple[Name, ...] = Field(min_length=1, max_length=16, description="Who is told; names of `notify`.")

    _name = field_validator("name")(place_name)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problem = next(_misfits(self), None)
        if problem:
            raise ValueError(problem)
        if self.is_counted:
            self.rule(1)
        return self

    @property
    def is_counted(self) -> bool:
        """Whether it watches a number of closed windows; else how a camera or a shelf is now."""
        return self.when not in _HOW_IT_IS

    @property
    def least_severity(self) -> Severity:
        """How bad a finding has to be at least."""
        return Severity[self.severity.upper()]

    def at_each(self, cameras: Iterable[str]) -> "list[Alert]":
        """The alert at each camera, where it is about each of them; the name says which."""
        if self.when != "camera_check" or self.camera is not None:
            return [self]
        return [self.model_copy(update={"camera": one, "name": f"{self.name}: {one}"}) for one in cameras]

    @property
    def key(self) -> tuple[str | None, str | None, str]:
        """Which of the site's numbers it watches; the camera alone for camera_down."""
        subject = self.place or self.zone or self.line or self.shelf or self.aisle
        measures = {"queue_over": "people", "masked_share_under": "masked_share", **_HOW_IT_IS}
        return (self.camera, subject, measures.get(self.when, "occupancy" if self.place else "people"))

    def rule(self, window_s: int) -> Rule:
        """When it is on.

        Args:
            window_s: width of the site's windows. A camera is down when it was for so many of them.
        """
        if self.when == "camera_check":
            return Rule(60 * self.for_minutes, 0)
        if self.when == "shelf_empty":
            return Rule(self.facings - 1, self.facings - 1)
        if self.when == "camera_down":
            return Rule(self.for_windows * window_s, 0)
        limit = self.limit or 0.0
        if self.when == "masked_share_under":
            clear = min(_PERCENT, limit + _BAND["under"]) if self.clear_at is None else self.clear_at
            return Rule(limit, clear, above=False, for_windows=self.for_windows)
        clear = limit * (1 - _BAND["over"]) if self.clear_at is None else self.clear_at
        return Rule(limit, clear, for_windows=self.for_windows)


def check_alerts(config: "SiteConfig") -> list[tuple[Location, str]]:
    """Alerts of what is not there, names that are given twice: where it stands, and what to write instead."""
    found: list[tuple[Location, str]] = []
    for key, names in (
        ("notify", [one.name for one in config.notify]),
        ("alerts", [one.name for one in config.alerts]),
    ):
        found += [
            ((key, i, "name"), f"another one has the name {name}; give it one of its own")
            for i, name in enumerate(names)
            if name.casefold() in (before.casefold() for before in names[:i])
        ]
    for i, alert in enumerate(config.alerts):
        found += [(("alerts", i, *where), words) for where, words in _unknown(alert, config)]
    return [(where, f"{path_text(where)}: {words}") for where, words in found]


def _unknown(alert: Alert, config: "SiteConfig") -> Iterator[tuple[Location, str]]:
    receivers = [one.name for one in config.notify]
    for i, name in enumerate(alert.to):
        if name not in receivers:
            yield ("to", i), f"there is no {name} under notify, where there is: {', '.join(receivers) or 'none'}"
    if config.profile and (alert.when in ("occupancy_over", "queue_over", "shelf_empty") or alert.line or alert.zone):
        yield ("when",), f"profile {config.profile} keeps the masked share of the whole site alone"
        return
    places = [one.name for one in config.places]
    if alert.place is not None and alert.place not in places:
        yield ("place",), f"there is no place {alert.place}; there is: {', '.join(places) or 'none'}"
    if alert.when == "masked_share_under" and not config.asks_for_masks:
        yield ("when",), "no line or zone asks for masks; write masks: true and purpose: ... at one"
    if alert.when == "shelf_empty":
        yield from _unknown_shelves(alert, config)
    elif alert.camera is not None:
        yield from _unknown_at_camera(alert, config)


def _unknown_at_camera(alert: Alert, config: "SiteConfig") -> Iterator[tuple[Location, str]]:
    camera = next((one for one in config.cameras if one.name == alert.camera), None)
    if camera is None:
        yield _no_camera(alert, config)
        return
    zone = next((one for one in camera.zones if one.name == alert.zone), None)
    line = next((one for one in camera.lines if one.name == alert.line), None)
    if alert.zone is not None and zone is None:
        known = ", ".join(one.name for one in camera.zones) or "none"
        yield ("zone",), f"camera {camera.name} has no zone {alert.zone}; it has: {known}"
    elif alert.line is not None and line is None:
        known = ", ".join(one.name for one in camera.lines) or "none"
        yield ("line",), f"camera {camera.name} has no line {alert.line}; it has: {known}"
    elif alert.when == "queue_over" and zone and zone.queue is None:
        yield ("zone",), f"zone {zone.name} is no queue; write queue: {{head: [x, y], tail: [x, y]}} at it"
    elif alert.when == "masked_share_under" and not any(one and one.masks for one in (zone, line)):
        yield ("when",), "that line or zone does not ask for masks; write masks: true and purpose: ... at it"


def _no_camera(alert: Alert, config: "SiteConfig") -> tuple[Location, str]:
    known = ", ".join(one.name for one in config.cameras) or "none"
    return ("camera",), f"there is no camera {alert.camera}; there is: {known}"


def _unknown_shelves(alert: Alert, config: "SiteConfig") -> Iterator[tuple[Location, str]]:
    camera = next((one for one in config.cameras if one.name == alert.camera), None)
    if alert.camera is not None and camera is None:
        yield _no_camera(alert, config)
        return
    shelves = [shelf for one in config.cameras for shelf in one.shelves if camera in (None, one)]
    aisles = list(dict.fromkeys(one.aisle for one in shelves if one.aisle))
    watched = [one for one in shelves if alert.shelf in (None, one.name) and alert.aisle in (None, one.aisle)]
    most = sum(len(one.quads) for one in watched)
    if camera and not watched:
        known = ", ".join(one.name for one in shelves) or "none; write shelves: at it"
        yield ("shelf",), f"camera {camera.name} has no shelf {alert.shelf}; it has: {known}"
    elif alert.aisle and not watched:
        known = ", ".join(aisles) or "none; write aisle: at a shelf"
        yield ("aisle",), f"no shelf has the aisle {alert.aisle}; there is: {known}"
    elif not watched:
        yield ("when",), "no camera has shelves; write shelves: at one"
    elif alert.facings > most:
        yield ("facings",), f"there are only {most} facings; write {most} or fewer"


_WHERE: dict[str, tuple[tuple[set[str], ...], str]] = {
    "occupancy_over": (({"place"}, {"camera", "zone"}), "place, or camera and zone"),
    "queue_over": (({"camera", "zone"},), "camera and zone"),
    "masked_share_under": (
        (set(), {"camera", "zone"}, {"camera", "line"}),
        "camera and line, camera and zone, or neither for the whole site",
    ),
    "camera_down": (({"camera"},), "camera alone"),
    "camera_check": (({"camera"}, set()), "camera alone, or none for each of them"),
    "shelf_empty": (({"camera", "shelf"}, {"aisle"}, set()), "camera and shelf, aisle alone, or neither for all"),
}
"""Which keys may say where, together, and the same in words."""


def _misfits(alert: Alert) -> Iterator[str]:
    names = ("place", "camera", "zone", "line", "shelf", "aisle")
    forms, words = _WHERE[alert.when]
    if {name for name in names if getattr(alert, name) is not None} not in forms:
        yield f"{alert.when} takes {words}"
    if not alert.is_counted:
        if alert.limit is not None or alert.clear_at is not None:
            how = "for_windows" if alert.when == "camera_down" else "for_minutes"
            more = " and facings how many" if alert.when == "shelf_empty" else ""
            yield f"{alert.when} takes no limit and no clear_at; {how} says for how long{more}"
    elif alert.limit is None:
        yield f"{alert.when} needs limit"
    elif alert.when in ("occupancy_over", "queue_over") and alert.limit < 1:
        yield f"{alert.when} with a limit below 1 would tell of one person; write 1 or more"
    yield from _misfits_of_checks(alert)
    if alert.when == "masked_share_under" and max(alert.limit or 0, alert.clear_at or 0) > _PERCENT:
        yield "limit and clear_at of a share are percent; write 0 to 100"


def _misfits_of_checks(alert: Alert) -> Iterator[str]:
    given = alert.model_fields_set
    for when, keys in (("camera_check", {"checks", "severity"}), ("shelf_empty", {"facings"})):
        if alert.when != when and keys & given:
            yield f"{', '.join(sorted(keys & given))}: for {when} alone"
    by_minutes = alert.when in ("camera_check", "shelf_empty")
    if by_minutes and "for_windows" in given:
        yield f"{alert.when} takes no for_windows; for_minutes says for how long"
    if not by_minutes and "for_minutes" in given:
        yield "for_minutes: for camera_check and shelf_empty alone"
    unknown = [one for one in alert.checks if one not in CHECK_GROUPS]
    if unknown:
        yield f"there is no check {', '.join(unknown)}; there is: {', '.join(CHECK_GROUPS)}"
