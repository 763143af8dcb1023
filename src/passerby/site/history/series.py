"""What the history can be asked for: each door, zone and share, and all doors together."""

from dataclasses import dataclass

from passerby.core.tallies import Measure
from passerby.site.figures import Settings
from passerby.site.reports.asked import WHOLE_SITE, Where

_OF_ZONES = (Measure.PEOPLE, Measure.PEAK, Measure.ENTERED, Measure.LEFT)
COUNTS = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT, Measure.ENTERED, Measure.LEFT)
"""Measures whose totals are people: they are added up over hours and days."""
OFFERED = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT, *_OF_ZONES, Measure.MASKED)


@dataclass(frozen=True, slots=True)
class Series:
    """One measure at one place, or at all that have it.

    Attributes:
        measure: which.
        camera, subject: the line or zone; None for all lines together, and for the masks of the whole site.
        spots: cameras with their lines or zones whose tallies are added.
    """

    measure: Measure
    camera: str | None
    subject: str | None
    spots: tuple[Where, ...]


def series_of(settings: Settings) -> tuple[Series, ...]:
    """All that can be asked for, in the order of the configuration; the first is what a reader sees first."""
    if settings.site_only:
        return (Series(Measure.MASKED, None, None, (WHOLE_SITE,)),)
    lines = tuple((plan.name, line.name) for plan in settings.plans for line in plan.lines)
    asking = tuple(
        (plan.name, place.name) for plan in settings.plans for place in plan.places if Measure.MASKED in place.measures
    )
    found = [Series(measure, None, None, lines) for measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT) if lines]
    found += [Series(Measure.MASKED, None, None, asking)] if asking else []
    for plan in settings.plans:
        for place in plan.places:
            known = [measure for measure in OFFERED if measure in place.measures]
            found += [Series(measure, plan.name, place.name, ((plan.name, place.name),)) for measure in known]
    # Where there is no line, the zones come first: people are what is asked of them.
    return tuple(found if lines else sorted(found, key=lambda one: one.measure is not Measure.PEOPLE))
