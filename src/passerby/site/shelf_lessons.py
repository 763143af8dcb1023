"""Teaches the shelves of a site: a look of twenty seconds behind locks, begun by hand and entered in the log."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from passerby.errors import ConfigError, InputError, PasserbyError, SourceError
from passerby.gate.faults import TEXTS
from passerby.gate.guard import Job
from passerby.gate.messages import FaultCode, SetupPlan, ShelfPlan, TeachState
from passerby.gate.setup_messages import TEACH_S, Taught
from passerby.gate.setup_session import SetupSession, SetupSettings, Told
from passerby.records.system import system_account
from passerby.site.config import Camera, SiteConfig, camera_plan, load
from passerby.site.config_shelves import ShelfShape
from passerby.site.journal import Action, Journal
from passerby.site.ready import job_of, models_of
from passerby.site.shelf_references import Lessons, ShelfReferences

Progress = Callable[[float], None]
"""Is told how much of the time has passed, 0..1."""

_TICK_S = 0.1
_NEVER_MENDED = frozenset({FaultCode.NO_DECODER, FaultCode.PICTURE_TOO_LARGE, FaultCode.NO_FRAMES})
_SAID = _NEVER_MENDED | {
    *(FaultCode.NOT_A_VIDEO, FaultCode.UNAUTHORISED, FaultCode.NOT_FOUND, FaultCode.NOT_PERMITTED),
}
"""Faults whose reason is known, and is not that the camera allows one connection alone."""


class CoveredError(InputError):
    """Something was in front of the shelf; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a shelf is to be taught.

    Attributes:
        camera, shelf: their names; no shelf for a camera that has one alone.
        state: what it is shown as.
        unsafe_no_lockdown: leave the room open. For development only.
    """

    camera: str
    state: TeachState
    shelf: str | None = None
    unsafe_no_lockdown: bool = False


@dataclass(frozen=True, slots=True)
class ShelfKnown:
    """A shelf, and what it was taught."""

    camera: str
    shelf: str
    aisle: str | None
    facings: int
    lessons: Lessons


def teach(path: Path, wanted: Lesson, on_progress: Progress, interrupted: Callable[[], bool]) -> ShelfKnown | None:
    """Teaches a shelf.

    Args:
        path: the site's configuration.
        wanted: which shelf, and what it is shown as.
        on_progress: is told how far it is.
        interrupted: asked again and again; true ends it.

    Returns:
        What the shelf was taught by now; None if it was interrupted, and nothing was kept.

    Raises:
        ConfigError: the configuration is wrong, there is no such shelf, or it was not taught what `now` needs.
        SourceError: the camera cannot be read.
        CoveredError: something is in front of it.
        PasserbyError: the room did not open, or broke off.
    """
    config = load(path)
    camera = _camera(config, wanted.camera)
    shape = _shelf(camera, wanted.shelf)
    references = ShelfReferences(config.store_file)
    shelf = _before(references, camera, config, (shape, wanted.state))
    job = job_of(camera, config)
    model = models_of(config).people if camera.view == "level" else None
    settings = SetupSettings(model.plan if model else None, unsafe_no_lockdown=wanted.unsafe_no_lockdown)
    journal, what = Journal(config.store_file), f"{shape.name} at camera {camera.name}, {wanted.state}"
    journal.add(system_account(), Action.TEACHING_BEGAN, what)
    plan = msgspec.structs.replace(job.plan, shelves=(shelf,))
    session = SetupSession(Job(plan, job.source), settings, SetupPlan(0, 0, wanted.state))
    try:
        taught = _taught(session, camera.name, on_progress, interrupted)
    finally:
        session.close()
    if taught is None:
        return None
    if taught.covered:
        raise CoveredError(_covered_words(shape, taught.covered, wanted.state))
    references.learn(camera.name, shelf, taught, before_it_moved=wanted.state is TeachState.NOW)
    journal.add(system_account(), Action.SHELF_TAUGHT, what)
    return _known(references, camera, shape)


def shelves(path: Path) -> tuple[ShelfKnown, ...]:
    """The shelves of a site, in the order of the configuration, and what each was taught.

    Raises:
        ConfigError: the configuration is wrong.
        StoreError: the store cannot be read.
    """
    config = load(path)
    references = ShelfReferences(config.store_file)
    return tuple(_known(references, camera, shape) for camera in config.cameras for shape in camera.shelves)


def _camera(config: SiteConfig, name: str) -> Camera:
    found = next((one for one in config.cameras if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in config.cameras) or "none"
        raise ConfigError([f"there is no camera {name}; there is: {known}"])
    if not found.shelves:
        raise ConfigError([f"camera {name} has no shelves; add shelves: to it, see docs/shelves.md"])
    return found


def _shelf(camera: Camera, name: str | None) -> ShelfShape:
    known = ", ".join(one.name for one in camera.shelves)
    if name is None and len(camera.shelves) > 1:
        raise ConfigError([f"camera {camera.name} has several shelves; name one with --shelf: {known}"])
    found = next((one for one in camera.shelves if name in (one.name, None)), None)
    if found is None:
        raise ConfigError([f"camera {camera.name} has no shelf {name}; there is: {known}"])
    return found


def _before(
    references: ShelfReferences, camera: Camera, config: SiteConfig, asked: tuple[ShelfShape, TeachState]
) -> ShelfPlan:
    """The shelf with what it was taught before. As it stands, it may be compared with what was before a move."""
    shape, state = asked
    now = state is TeachState.NOW
    fitted = references.fitted(camera_plan(camera, config), before_it_moved=now)
    shelf = next(one for one in fitted.shelves if one.name == shape.name)
    if now and not shelf.taught:
        words = "teach it full and empty, as it is drawn now, before it is taught as it stands"
        raise ConfigError([f"shelf {shelf.name}: {words}"])
    return shelf


def _known(references: ShelfReferences, camera: Camera, shape: ShelfShape) -> ShelfKnown:
    lessons = references.lessons(camera.name, shape.plan)
    return ShelfKnown(camera.name, shape.name, shape.aisle, len(shape.quads), lessons)


def _taught(
    session: SetupSession, camera: str, on_progress: Progress, interrupted: Callable[[], bool]
) -> Taught | None:
    """Waits until the room has told; None if it was interrupted.

    Raises:
        SourceError: the camera cannot be read.
        PasserbyError: the room broke off.
    """
    while not interrupted():
        told = session.told()
        if told.taught is not None:
            on_progress(1.0)
            return told.taught
        for fault in told.faults:
            if told.connected_s is None or fault in _NEVER_MENDED:
                hint = "" if fault in _SAID else _ONE_CONNECTION
                raise SourceError(f"camera {camera}: {TEXTS[fault]} Nothing was taught.{hint}")
        if told.ended:
            raise PasserbyError(f"camera {camera}: {told.problem or _TOO_SHORT} Nothing was taught.")
        on_progress(_progress(told))
        time.sleep(_TICK_S)
    return None


_ONE_CONNECTION = " A camera that allows one connection alone is taught while the site is stopped."
_TOO_SHORT = "it ended too early."


def _progress(told: Told) -> float:
    return 0.0 if told.connected_s is None else min(0.99, (time.monotonic() - told.connected_s) / TEACH_S)


def _covered_words(shape: ShelfShape, covered: tuple[int, ...], state: TeachState) -> str:
    where = "; ".join(facing_words(shape, facing) for facing in covered)
    words = f"shelf {shape.name}: something stands or moves in front of {where}. Nothing was kept. "
    if state is TeachState.NOW:
        return words + (
            "Wait until nothing does. Where nothing does, it looks neither as it did full nor as it did empty, as "
            "after the camera was moved: draw the shelf where it is now, and teach it full and empty."
        )
    return words + (
        "Wait until nothing does, and teach it again. A camera that shakes or moves shows the same: fasten it."
    )


def facing_words(shape: ShelfShape, facing: int) -> str:
    """Where a facing is, for people: rows from above and columns from the left, from 1 on."""
    if shape.columns is None:
        return f"facing {facing + 1}"
    row, column = divmod(facing, shape.columns)
    return f"row {row + 1} column {column + 1}"
