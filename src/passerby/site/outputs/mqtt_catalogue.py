"""All that is told by MQTT, from the configuration: what is not seen yet has its topic, what was renamed has none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from passerby.core.tallies import Measure
from passerby.gate.messages import CameraPlan
from passerby.site.figures import Settings
from passerby.site.outputs.mqtt_topics import Key
from passerby.site.outputs.numbers import Kind
from passerby.site.place_windows import PlaceSettings


@dataclass(frozen=True, slots=True)
class Measured:
    """A number.

    Attributes:
        words: as Home Assistant shows it, after the name of the line, zone or place.
        kind: how it moves.
        unit: of the value.
        device_class: Home Assistant's, where one fits.
    """

    words: str
    kind: Kind
    unit: str
    device_class: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that is on or off: how the site and its cameras are.

    Attributes:
        words: as Home Assistant shows it.
        device_class: Home Assistant's.
    """

    words: str
    device_class: str


MEASURED = {
    "crossings_in": Measured("in today", Kind.RISING, "people"),
    "crossings_out": Measured("out today", Kind.RISING, "people"),
    "people": Measured("people", Kind.LEVEL, "people"),
    "peak": Measured("most people", Kind.LEVEL, "people"),
    "entered": Measured("entered today", Kind.RISING, "people"),
    "left": Measured("left today", Kind.RISING, "people"),
    "dwell_median": Measured("median stay today", Kind.LEVEL, "s", "duration"),
    "dwell_p90": Measured("90 % stay up to, today", Kind.LEVEL, "s", "duration"),
    "queue_wait_median": Measured("median wait today", Kind.LEVEL, "s", "duration"),
    "queue_wait_p90": Measured("90 % wait up to, today", Kind.LEVEL, "s", "duration"),
    "occupancy": Measured("people inside", Kind.LEVEL, "people"),
    "masked_share": Measured("masked share", Kind.LEVEL, "%"),
    "cannot_tell_share": Measured("masks, cannot tell", Kind.LEVEL, "%"),
}
"""By the last level of the topic; the names are those of `outputs.numbers`."""

CONNECTED, PROBLEM, ATTENTION = "connected", "problem", "attention"
FLAGS = {
    CONNECTED: Flag("connected", "connectivity"),
    PROBLEM: Flag("problem", "problem"),
    ATTENTION: Flag("needs attention", "problem"),
}

_LINE = ("crossings_in", "crossings_out")
_ZONE = ("people", "peak", "entered", "left", "dwell_median", "dwell_p90")
_QUEUE = ("queue_wait_median", "queue_wait_p90")
_MASKS = ("masked_share", "cannot_tell_share")


def number_keys(settings: Settings, places: Iterable[PlaceSettings]) -> tuple[Key, ...]:
    """Every number of a site. Under a profile that keeps the whole site alone, its masks and nothing else."""
    keys: list[Key] = []
    if settings.site_only or any(_asking(plan) for plan in settings.plans):
        keys += [(None, None, measure) for measure in _MASKS]
    for place in places:
        flow = ("entered", "left") if place.lines else ()
        keys += [(None, place.name, measure) for measure in ("occupancy", *flow)]
    for plan in settings.plans:
        keys += _of_camera(plan)
    return tuple(keys)


def flag_keys(settings: Settings) -> tuple[Key, ...]:
    """Whether the site has a problem, and its cameras; under a profile that keeps the whole site alone, the site."""
    cameras = () if settings.site_only else settings.plans
    return (
        (None, None, PROBLEM),
        *((plan.name, None, flag) for plan in cameras for flag in FLAGS),
    )


def _of_camera(plan: CameraPlan) -> Iterator[Key]:
    for line in plan.lines:
        yield from ((plan.name, line.name, measure) for measure in _LINE)
    for zone in plan.zones:
        measures = (*_ZONE, *_QUEUE) if zone.queue else _ZONE
        yield from ((plan.name, zone.name, measure) for measure in measures)
    for name in _asking(plan):
        yield from ((plan.name, name, measure) for measure in _MASKS)


def _asking(plan: CameraPlan) -> list[str]:
    return [place.name for place in plan.places if Measure.MASKED in place.measures]
