"""Wires a site: cameras, rooms, store and page. No other file does."""

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from passerby.errors import ConfigError, StoreError
from passerby.gate.guard import Guard, Job
from passerby.gate.guard import Settings as GuardSettings
from passerby.gate.sources import SourceKind, parse
from passerby.site import models, page
from passerby.site import state as states
from passerby.site.config import Camera, OwnModel, SiteConfig, camera_plan, load
from passerby.site.corrections import Corrections
from passerby.site.count import Models, interruptible
from passerby.site.decree import Release, SiteTotals, check_store, released_in
from passerby.site.figures import Settings as PageSettings
from passerby.site.journal import Journal
from passerby.site.occupancy import PlaceBoard
from passerby.site.outputs import Output, Sources
from passerby.site.pages.board import PageBoard
from passerby.site.place_windows import PlaceSettings
from passerby.site.reload import Reload
from passerby.site.serving import serve
from passerby.site.settings import page_settings, place_settings
from passerby.site.signin import sign_in
from passerby.site.store import Store
from passerby.site.watch import Watch, initial_state
from passerby.site.web import create_app

_log = structlog.get_logger("passerby.site")
_HOUR_S = 3600.0
_RETRY_S = 5.0


@dataclass(frozen=True, slots=True)
class Wiring:
    """All that a running site is made of.

    Attributes:
        name: of the venue.
        jobs: its cameras.
        guard: how the rooms are started.
        store: where tallies go.
        page: what the page knows.
        address: host and port to serve at.
        models: who looks; no detector where every camera looks straight down.
        places: whose occupancy is told.
        totals: stands between the cameras and the store where a profile keeps the whole site alone.
        outputs: who else is told.
    """

    name: str
    jobs: list[Job]
    guard: GuardSettings
    store: Store
    page: PageSettings
    address: tuple[str, int]
    models: Models
    places: tuple[PlaceSettings, ...] = ()
    totals: SiteTotals | None = None
    outputs: tuple[Output, ...] = ()


def run(path: Path, *, unsafe: bool) -> bool:
    """Runs a site until Ctrl-C or SIGTERM, or until it is to start again with a changed configuration.

    Returns:
        Whether it is to start again.

    Raises:
        ConfigError, SourceError, ModelError, LockdownError, StoreError: it cannot start; the text says why.
    """
    set_up_logging()
    config = load(path)
    if not config.cameras:
        raise ConfigError([f"{path}, cameras: none is given; add one, as the example of `passerby init` shows."])
    jobs = [job_of(camera, config) for camera in config.cameras]
    known = models_of(config)
    guard = GuardSettings(
        model=known.people.plan if known.people else None,
        masks=known.masks.plan if known.masks else None,
        workers=config.worker_count,
        keep_running=True,
        unsafe_no_lockdown=unsafe,
    )
    with Store(config.store_file, unsafe=unsafe) as store:
        wiring = Wiring(
            name=config.site.name,
            jobs=jobs,
            guard=guard,
            store=store,
            page=page_settings(config),
            address=(config.web.host, config.web.port),
            models=known,
            places=place_settings(config),
            totals=_totals(config, jobs, store) if config.profile else None,
        )
        reload = Reload(lambda: load(path))
        with interruptible() as interrupted, reload.on_hangup(), open_site(wiring) as (watch, url):
            _log.info("site open", page=url, cameras=len(jobs), workers=guard.workers, profile=config.profile)
            guard_site(wiring, watch, lambda: interrupted() or reload.asked)
        _log.info("site closed", starts_again=reload.asked)
    return reload.asked and not interrupted()


@contextlib.contextmanager
def open_site(wiring: Wiring) -> Iterator[tuple[Watch, str]]:
    """Serves the page and the API, and gives the listener for the guard and the page's URL.

    Raises:
        ConfigError: the port is taken or the address is not of this machine.
    """
    names = [job.plan.name for job in wiring.jobs]
    initial = initial_state(
        wiring.name, names, min(wiring.guard.workers, len(names)), unsafe=wiring.guard.unsafe_no_lockdown
    )
    keep = wiring.totals.keep if wiring.totals else wiring.store.add
    watch = Watch(with_models(initial, wiring.models), keep)
    places = PlaceBoard(wiring.store, Corrections(wiring.store.file), wiring.places, wiring.page)
    board = PageBoard(wiring.store, watch.state, wiring.page, places)
    app = create_app(wiring.store, watch.state, wiring.page, places)
    page.mount_page(app, watch.state, wiring.page, board, page.Extras(journal=Journal(wiring.store.file)))
    sources = Sources(wiring.store, watch.state, wiring.page, board)
    with contextlib.ExitStack() as open_now:
        url = open_now.enter_context(serve(app, *wiring.address))
        open_now.enter_context(_housekeeping(wiring, watch, places))
        open_now.enter_context(board.kept_fresh())
        for output in wiring.outputs:
            open_now.enter_context(output(sources))
        yield watch, url


def guard_site(wiring: Wiring, watch: Watch, stop: Callable[[], bool]) -> None:
    """Runs the rooms until `stop`; a site whose recordings have all ended stays open, since its page is still read."""
    Guard(wiring.jobs, wiring.guard, watch).run(stop)
    while wiring.guard.keep_running and not stop():
        time.sleep(0.2)


def with_models(state: states.SiteState, known: Models) -> states.SiteState:
    """The site's state with who looks."""
    found = (("persons", known.people), ("masks", known.masks))
    told = (states.ModelState(one.name, one.licence, one.sha256, one.note, task) for task, one in found if one)
    return replace(state, models=tuple(told))


def set_up_logging() -> None:
    """Logs readable lines on a terminal, and JSON elsewhere; never a credential, since none is handed to it."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    renderer: structlog.types.Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(_Lines()),  # type: ignore[arg-type]  # print asks for no more
    )


class _Lines:
    """Standard error. A line that it does not take, since the disk of a log file is full, does not end the site."""

    def write(self, text: str) -> None:
        """Writes a line, or loses it."""
        with contextlib.suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Hands it to the system."""
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def job_of(camera: Camera, config: SiteConfig) -> Job:
    """A camera with its source.

    Raises:
        ConfigError, SourceError: it cannot be read.
    """
    is_url = "://" in camera.source
    text = camera.source if is_url else str(config.path_of(camera.source))
    source = parse(text, sign_in(camera, config))
    if source.kind is SourceKind.STDIN:
        raise ConfigError([f"camera {camera.name}: source - is for `passerby count`; name a stream or a file."])
    return Job(camera_plan(camera, config), source.at_its_own_pace())


def _totals(config: SiteConfig, jobs: list[Job], store: Store) -> SiteTotals:
    check_store(store)
    release = Release.of((job.plan for job in jobs), config.window_s, config.masks.minimum_judged)
    return SiteTotals(store.add, replace(release, since_unix_s=time.time()), released_in(store, config.window_s))


def models_of(config: SiteConfig) -> Models:
    """Who looks at the cameras of a site.

    Raises:
        ModelError: one is needed that cannot be had.
    """
    level = any(camera.view == "level" for camera in config.cameras)
    return Models(
        _model(config) if level else None,
        models.resolve_masks(config.masks.model) if config.asks_for_masks else None,
    )


def _model(config: SiteConfig) -> models.ResolvedModel:
    if isinstance(config.model, OwnModel):
        own = config.model
        return models.resolve_own(config.path_of(own.file), own.family, own.input, own.threshold)
    return models.resolve(config.model)


@contextlib.contextmanager
def _housekeeping(wiring: Wiring, watch: Watch, places: PlaceBoard) -> Iterator[None]:
    """Tries again to store what the store did not take, notices corrections, rolls old windows up; until it closes."""
    closed = threading.Event()
    totals = wiring.totals

    def work() -> None:
        rolled_up_s = float("-inf")
        while not closed.wait(_RETRY_S):
            watch.flush()
            _tried(places.places, *([totals.flush] if totals else []))
            if time.monotonic() - rolled_up_s >= _HOUR_S:
                rolled_up_s = time.monotonic()
                _tried(lambda: _roll_up(wiring.store))

    thread = threading.Thread(target=work, name="housekeeping", daemon=True)
    thread.start()
    try:
        yield
    finally:
        closed.set()
        thread.join()
        watch.flush()
        _tried(*([totals.close] if totals else []))


def _roll_up(store: Store) -> None:
    store.roll_up(time.time())
    Corrections(store.file).forget(time.time())


def _tried(*works: Callable[[], object]) -> None:
    """Does work on the store; what fails is tried again later."""
    for work in works:
        try:
            work()
        except StoreError as error:
            _log.error("work on the store failed and will be tried again", problem=str(error))
