"""What a venue lacks until it conforms, in words."""

from collections.abc import Iterator

from passerby.hub.contract import Known
from passerby.records.wire.batches import CameraStanding, Layout

_LIVE = 1
_MOST_NAMES = 8


def lacks(known: Known, cameras: int, lines: int, silent_s: float | None) -> tuple[str, ...]:
    """All that a site that was heard lacks, the worst first.

    Args:
        known: of the site.
        cameras: how many there shall be.
        lines: the same.
        silent_s: for so long nothing was heard of it; None: it is not silent.
    """
    return tuple(_lacks(known, cameras, lines, silent_s))


def _lacks(known: Known, cameras: int, lines: int, silent_s: float | None) -> Iterator[str]:
    if silent_s is not None:
        yield f"nothing was heard of its site for {length(silent_s)}"
    layout, standing = known.layout, known.standing
    if layout is None or standing is None:
        yield "its site did not say yet how it is"
        return
    if not standing.locked:
        yield "a room with pictures is not shut in by the kernel, or did not start yet"
    there = len(layout.cameras)
    if there < cameras:
        yield f"{cameras - there} of {cameras} cameras are not set up at the site"
    names = _cameras(layout, [one for one in standing.cameras if one.status != _LIVE])
    if names:
        verb = "is" if len(names) == 1 else "are"
        yield f"{len(names)} of {max(cameras, there)} cameras {verb} not connected: {_listed(names)}"
    found = sum(place.kind == "line" for place in layout.places)
    if found < lines:
        yield f"line count {found} of {lines}"
    yield from _findings(layout, standing.cameras)


def _findings(layout: Layout, cameras: tuple[CameraStanding, ...]) -> Iterator[str]:
    live = [one for one in cameras if one.status == _LIVE]
    for one in live:
        if one.findings:
            yield f"camera {_name(layout, one)}: {', '.join(one.findings)}"
    unseen = _cameras(layout, [one for one in live if one.conforming < 0])
    if unseen:
        yield f"not looked at as devices yet: {_listed(unseen)}"


def _cameras(layout: Layout, cameras: list[CameraStanding]) -> list[str]:
    return [_name(layout, one) for one in cameras]


def _name(layout: Layout, one: CameraStanding) -> str:
    return layout.cameras[one.camera]


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def length(seconds: float) -> str:
    """A length of time in words: 2 days, 1 hour."""
    for unit, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        count = int(seconds // unit)
        if count:
            return f"{count} {name}" + ("" if count == 1 else "s")
    return "less than a minute"
