"""How many people wear a mask, by place and for the whole site."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from passerby.core.shares import Estimate, MaskCounts, MaskShare, mask_share
from passerby.core.tallies import MASK_MEASURES, Measure, Tally
from passerby.site.figures import Settings
from passerby.site.reports.asked import WHOLE_SITE, Asked, Queries, Where, Window, by_window, read, rounded


@dataclass(frozen=True, slots=True)
class MaskWindow:
    """One window of a place or of the site."""

    window: Window
    share: MaskShare


@dataclass(frozen=True, slots=True)
class MaskSeries:
    """A place, or the site, over a span.

    Attributes:
        sum: of all windows of the span; of too few people its share is withheld, as in a window.
        windows: those in which anything was tallied, the earliest first.
        camera, place: where; None for the whole site.
        purpose: why masks are asked for there, as the configuration says it.
    """

    sum: MaskShare
    windows: tuple[MaskWindow, ...]
    camera: str | None = None
    place: str | None = None
    purpose: str | None = None

    def as_dict(self, zone: tzinfo | None = None) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "camera": self.camera,
            "place": self.place,
            "purpose": self.purpose,
            "sum": share_dict(self.sum),
            "windows": [{**one.window.as_dict(zone), **share_dict(one.share)} for one in self.windows],
        }


@dataclass(frozen=True, slots=True)
class MaskReport:
    """All places that ask for masks.

    Attributes:
        minimum_judged: of fewer people in a window, or in the sum, no share is told.
        site: the whole site.
        places: single places; empty where the site's profile keeps none.
    """

    minimum_judged: int
    site: MaskSeries
    places: tuple[MaskSeries, ...]

    def as_dict(self, zone: tzinfo | None = None) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "minimum_judged": self.minimum_judged,
            "site": self.site.as_dict(zone),
            "places": [place.as_dict(zone) for place in self.places],
        }


def mask_report(store: Queries, asked: Asked, settings: Settings) -> MaskReport:
    """Reads the store, and tells what may be told.

    Raises:
        StoreError: the store cannot be read.
    """
    places = {where: read(store, asked, where, MASK_MEASURES) for where in asked.places(settings, Measure.MASKED)}
    whole = read(store, asked, WHOLE_SITE, MASK_MEASURES) if settings.site_only else _flat(places.values())
    return MaskReport(
        minimum_judged=settings.minimum_judged,
        site=_series(whole, settings),
        places=tuple(_series(tallies, settings, where) for where, tallies in places.items()),
    )


def share_dict(share: MaskShare) -> dict[str, Any]:
    """A share as the API writes it."""
    return {
        "asked": share.asked,
        "judged": share.judged,
        "withheld": share.withheld,
        "masked": share.masked,
        "worn_wrongly": share.worn_wrongly,
        "share": rounded(share.share),
        "low": rounded(share.low),
        "high": rounded(share.high),
        "corrected": _estimate_dict(share.corrected),
        "cannot_tell_share": rounded(share.cannot_tell_share),
    }


def _estimate_dict(estimate: Estimate | None) -> dict[str, float | None] | None:
    if estimate is None:
        return None
    return {"share": rounded(estimate.share), "low": rounded(estimate.low), "high": rounded(estimate.high)}


def _series(tallies: list[Tally], settings: Settings, where: Where | None = None) -> MaskSeries:
    camera, place = where or (None, None)
    return MaskSeries(
        sum=_share(tallies, settings),
        windows=tuple(MaskWindow(window, _share(group, settings)) for window, group in by_window(tallies).items()),
        camera=camera,
        place=place,
        purpose=settings.purposes.get(where) if where else None,
    )


def _flat(groups: Iterable[list[Tally]]) -> list[Tally]:
    return [tally for group in groups for tally in group]


def _share(tallies: list[Tally], settings: Settings) -> MaskShare:
    return mask_share(MaskCounts.of(tallies), settings.minimum_judged, settings.confusion)
