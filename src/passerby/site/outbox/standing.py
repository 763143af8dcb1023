"""How a site is now, in figures, for its hub. No text but ids of checks is told."""

from collections.abc import Callable, Iterable

from passerby.core.shelves import FacingState
from passerby.gate.audit_contract import CHECK_IDS, Severity
from passerby.records.outbox import Waiting
from passerby.records.wire.batches import (
    WHOLE_SITE,
    CameraStanding,
    Layout,
    OutboxStanding,
    PlaceStanding,
    ShelfStanding,
    Standing,
)
from passerby.records.wire.checking import digest_of
from passerby.site.occupancy import PlaceReport
from passerby.site.outputs import Sources
from passerby.site.shelf_states import ShelfNow
from passerby.site.state import CameraChecks, CameraStatus, SiteState
from passerby.site.web import unwell

STATUS = {
    CameraStatus.CONNECTING: 0,
    CameraStatus.LIVE: 1,
    CameraStatus.STALLED: 2,
    CameraStatus.FAILED: 3,
    CameraStatus.DONE: 4,
}
"""Of `CameraStanding`."""


def standing(sources: Sources, layout: Layout, waiting: Waiting, clock: Callable[[], float]) -> Standing:
    """How a site is.

    Args:
        sources: what is known of it.
        layout: names that it speaks of by number.
        waiting: what the hub has not taken.
        clock: Unix seconds.
    """
    state, strict = sources.state(), layout.profile == "strict"
    places = {(place.camera, place.name): n for n, place in enumerate(layout.places)}
    return Standing(
        clock_unix_s=int(clock()),
        layout=digest_of(layout),
        locked=bool(state.lockdown) and all(lock.complete for lock in state.lockdown),
        problems=len(unwell(state)),
        outbox=OutboxStanding(waiting.batches, waiting.oldest_unix_s, waiting.shed),
        cameras=tuple(_cameras(state, layout)),
        places=() if strict else tuple(_places(sources.board.today().places, places, layout.window_s)),
        shelves=() if strict else tuple(_shelves(sources.shelves(), places)),
    )


def _cameras(state: SiteState, layout: Layout) -> Iterable[CameraStanding]:
    known = {camera.name: camera for camera in state.cameras}
    for number, name in enumerate(layout.cameras):
        if name in known:
            checks = state.checks.of(name)
            yield CameraStanding(number, STATUS[known[name].status], *_found(checks))


def _found(checks: CameraChecks) -> tuple[int, tuple[str, ...]]:
    """Whether a camera conforms, and what is worse than a note."""
    found = {one.check for one in checks.findings if one.severity >= Severity.WARNING}
    ids = tuple(check for check in CHECK_IDS if check in found)
    if ids:
        return 0, ids
    return (-1 if checks.report is None or checks.report.failed else 1), ()


def _places(
    reports: tuple[PlaceReport, ...], numbers: dict[tuple[str, str], int], window_s: int
) -> Iterable[PlaceStanding]:
    """As of the last window that was closed: what was corrected since then is not told before its end."""
    for report in reports:
        number = numbers.get((WHOLE_SITE, report.name))
        ends = [one for one in report.course if round(one.end_unix_s) % window_s == 0]
        if number is not None:
            last = ends[-1] if ends else None
            people = -1 if last is None or last.people is None else round(last.people * 10)
            until = round(last.end_unix_s) if last else 0
            yield PlaceStanding(number, people, report.crowd_limit or 0, until)


def _shelves(shelves: tuple[ShelfNow, ...], numbers: dict[tuple[str, str], int]) -> Iterable[ShelfStanding]:
    for one in shelves:
        number = numbers.get(one.shelf.where)
        if number is not None:
            counts = (one.count(state) for state in (FacingState.EMPTY, FacingState.LOW, FacingState.CANNOT_SEE))
            yield ShelfStanding(number, len(one.states), *counts)
