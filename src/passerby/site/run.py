"""Wires a site: cameras, rooms, store and page. No other file does."""

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog
from fastapi import FastAPI

from passerby.errors import StoreError
from passerby.gate.guard import Guard, Job
from passerby.gate.guard import Settings as GuardSettings
from passerby.gate.setup_session import SetupSettings
from passerby.records.access import Access, sign_out_form
from passerby.records.interrupts import interruptible
from passerby.records.logs import set_up_logging
from passerby.records.serving import serve
from passerby.records.wall_clock import Steps, wait_until_set
from passerby.site import page
from passerby.site import state as states
from passerby.site.audits import Audits
from passerby.site.boxes import Fleet, Spread, boxes_at
from passerby.site.config_proof import ProofSettings
from passerby.site.control import Control
from passerby.site.corrections import Corrections
from passerby.site.count import Models
from passerby.site.decree import Release, SiteTotals, check_store, released_in
from passerby.site.figures import Settings as PageSettings
from passerby.site.housekeeping import housekeeping
from passerby.site.journal import ITSELF, Action, Journal
from passerby.site.occupancy import PlaceBoard
from passerby.site.outbox.desk import HubDesk, forget_hub
from passerby.site.outlets import Told, told_by
from passerby.site.outputs import Output, Sources
from passerby.site.outputs.alerts import AlertDesk
from passerby.site.page import Extras
from passerby.site.pages import prove
from passerby.site.pages.board import PageBoard
from passerby.site.pages.setup import mount_setup
from passerby.site.pages.setup_words import banner
from passerby.site.paper.facts import Facts, facts_of
from passerby.site.paper.privacy_page import mount_privacy_notice
from passerby.site.place_windows import PlaceSettings
from passerby.site.proof import HandCounts, MovedCameras, ProofBoard, Proofs
from passerby.site.ready import Ready, lines_of, ready
from passerby.site.reload import Reload
from passerby.site.renewal import SetAside
from passerby.site.settings import ShelfSettings, page_settings, place_settings, shelf_settings
from passerby.site.setup.desk import SetupDesk
from passerby.site.setup.session import SetupMode
from passerby.site.setup.views import Views
from passerby.site.shelf_desk import ShelfDesk
from passerby.site.shelf_memory import ShelfMemory
from passerby.site.shelf_news import ShelfNews
from passerby.site.shelf_references import ShelfReferences
from passerby.site.shelf_states import ShelfStates
from passerby.site.store import Store
from passerby.site.watch import Watch, initial_state
from passerby.site.web import ApiParts, create_app

_log = structlog.get_logger("passerby.site")


@dataclass(frozen=True, slots=True)
class Changing:
    """How a configuration is changed: its file, and what makes the site take it."""

    path: Path
    reload: Reload


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
        shelves: which are watched.
        totals: stands between the cameras and the store where a profile keeps the whole site alone.
        outputs: who else is told.
        told: the same for the page of privacy.
        alerts: what somebody wants to be told; None where nobody does.
        facts: what visitors may read about it; None where there is no notice for them.
        proof_margin: largest bias with which a count counts as equal to one by hand.
        access: who is let in to the page; None lets in everybody on this machine.
        tls: what the page is encrypted with.
        trusted_proxies: whose word on who asks is taken.
        changing: how the configuration is changed while the site runs; None where there is no file.
        audits: look at the cameras as devices; None where nobody does.
        fleet: the boxes that share the cameras; None where this machine has them all.
        hub: what tells the hub; None where there is none.
    """

    name: str
    jobs: list[Job]
    guard: GuardSettings
    store: Store
    page: PageSettings
    address: tuple[str, int]
    models: Models
    places: tuple[PlaceSettings, ...] = ()
    shelves: tuple[ShelfSettings, ...] = ()
    totals: SiteTotals | None = None
    outputs: tuple[Output, ...] = ()
    told: tuple[Told, ...] = ()
    alerts: AlertDesk | None = None
    facts: Facts | None = None
    proof_margin: float = ProofSettings().margin
    access: Access | None = None
    tls: ssl.SSLContext | None = None
    trusted_proxies: tuple[str, ...] = ()
    changing: Changing | None = None
    audits: Audits | None = None
    fleet: Fleet | None = None
    hub: HubDesk | None = None


def run(path: Path, *, unsafe: bool, ray: str | None = None) -> bool:
    """Runs a site until Ctrl-C or SIGTERM, or until it is to start again with a changed configuration.

    A clock that was set far back is a fresh start too (decision 40).

    Returns:
        Whether it is to start again.

    Raises:
        ConfigError, SourceError, ModelError, LockdownError, StoreError: it cannot start; the text says why.
    """
    set_up_logging()
    known, reload = ready(path), Reload(lambda: ready(path))
    with interruptible() as interrupted:
        if not wait_until_set(interrupted):
            return False
    steps = Steps()
    with Store(known.config.store_file, unsafe=unsafe) as store, boxes_at(ray) as fleet:
        wiring = _wiring(known, store, Changing(path, reload), unsafe=unsafe)
        wiring = spread_over(wiring, fleet, known.config.workers) if fleet else wiring
        with interruptible() as interrupted, reload.on_hangup(), open_site(wiring) as (watch, url):
            workers, profile = wiring.guard.workers, known.config.profile
            _log.info("site open", page=url, cameras=len(known.jobs), workers=workers, profile=profile)
            guard_site(wiring, watch, lambda: interrupted() or reload.asked or steps.far_back())
        if steps.far_back():
            _say_set_back(store, steps.back_s)
        again = reload.asked or steps.far_back()
        _log.info("site closed", starts_again=again)
    return again and not interrupted()


def _say_set_back(store: Store, back_s: float) -> None:
    """Says it in the program's log and in the site's, where whoever wonders at a doubled hour looks."""
    what = f"by {back_s:.0f} s; windows of that time are counted on, and hold both"
    _log.warning("the clock was set back", what=what)
    try:
        Journal(store.file).add(ITSELF, Action.CLOCK_SET_BACK, what)
    except StoreError as error:
        _log.error("it does not stand in the site's log", problem=str(error))


def _wiring(known: Ready, store: Store, changing: Changing, *, unsafe: bool) -> Wiring:
    config, models = known.config, known.models
    guard = GuardSettings(
        model=models.people.plan if models.people else None,
        masks=models.masks.plan if models.masks else None,
        workers=config.worker_count,
        keep_running=True,
        unsafe_no_lockdown=unsafe,
    )
    return Wiring(
        name=config.site.name,
        jobs=Views(store.file).handed(known.jobs),
        guard=guard,
        store=store,
        page=page_settings(config),
        address=(config.web.host, config.web.port),
        models=models,
        places=place_settings(config),
        shelves=shelf_settings(config) if not config.profile else (),
        totals=_totals(known, store) if config.profile else None,
        outputs=known.outputs,
        told=told_by(config),
        alerts=known.alerts,
        facts=facts_of(config),
        proof_margin=config.proof.margin,
        access=known.access,
        tls=known.tls,
        trusted_proxies=config.web.trusted_proxies,
        changing=changing,
        audits=known.audits,
        hub=known.hub,
    )


def spread_over(wiring: Wiring, fleet: Fleet, workers: int) -> Wiring:
    """The same site with its cameras shared by several boxes; without a number of workers, one for each core."""
    return replace(wiring, fleet=fleet, guard=replace(wiring.guard, workers=workers or fleet.cores()))


def _totals(known: Ready, store: Store) -> SiteTotals:
    check_store(store)
    config = known.config
    release = Release.of((job.plan for job in known.jobs), config.window_s, config.masks.minimum_judged)
    return SiteTotals(store.add, replace(release, since_unix_s=time.time()), released_in(store, config.window_s))


@contextlib.contextmanager
def open_site(wiring: Wiring) -> Iterator[tuple[Watch, str]]:
    """Serves the page and the API, and gives the listener for the guard and the page's URL.

    Raises:
        ConfigError: the port is taken or the address is not of this machine.
    """
    store, seen = wiring.store, wiring.page
    moved = MovedCameras(store.file)
    watch = _watch(wiring, moved)
    state, corrections = _state(watch, wiring), Corrections(store.file)
    places = PlaceBoard(store, corrections, wiring.places, seen)
    proofs, shelves = proof_board(wiring), ShelfDesk(store, state, seen, wiring.shelves, watch.shelves)
    board = PageBoard(store, state, seen, places, proofs)
    known = ShelfStates(shelves.today, wiring.shelves, state)
    reload = wiring.changing.reload if wiring.changing else None
    journal = Journal(store.file)
    control = Control(corrections, journal, wiring.places, reload, wiring.alerts)
    app = create_app(store, state, seen, places, ApiParts(wiring.access, board, control, shelves, known.now))
    if wiring.facts:
        mount_privacy_notice(app, wiring.facts, state)
    extras, setup = _extras(wiring, app, proofs, state, journal)
    page.mount_page(app, state, seen, board, replace(extras, shelves=shelves))
    sources = Sources(store, state, seen, board, watch.output, lambda: proofs.told(seen.zone), known.now)
    told = (wiring.alerts, wiring.hub or forget_hub)
    own: list[Output] = [control.live, *(one for one in told if one)]
    with contextlib.ExitStack() as open_now:
        url = open_now.enter_context(serve(app, *wiring.address, wiring.tls, wiring.trusted_proxies))
        noticed = [places.places, lambda: proofs.told(seen.zone), moved.work, *_shelf_work(wiring, watch, open_now)]
        open_now.enter_context(housekeeping(store, watch, wiring.totals, noticed))
        open_now.enter_context(board.kept_fresh())
        if setup:
            open_now.enter_context(setup)
        if wiring.audits:
            open_now.enter_context(wiring.audits.looking(state, unsafe=wiring.guard.unsafe_no_lockdown))
        for output in (*own, *wiring.outputs):
            open_now.enter_context(output(sources))
        yield watch, url


def _shelf_work(wiring: Wiring, watch: Watch, open_now: contextlib.ExitStack) -> list[Callable[[], object]]:
    """What a site with shelves does now and then: keeps how they are, and notices that one was taught."""
    plans, file = tuple(job.plan for job in wiring.jobs if job.plan.shelves), wiring.store.file
    if not plans:
        return []
    memory = ShelfMemory(file, plans)
    open_now.enter_context(memory.remembering(watch.shelves))
    news = ShelfNews(ShelfReferences(file), plans, wiring.changing.reload) if wiring.changing else None
    return [lambda: memory.keep(watch.shelves), *([news.work] if news else [])]


def guard_site(wiring: Wiring, watch: Watch, stop: Callable[[], bool]) -> None:
    """Runs the rooms until `stop`; a site whose recordings have all ended stays open, since its page is still read."""
    if wiring.fleet:
        Spread(wiring.jobs, wiring.guard, watch, wiring.fleet).run(stop)
    else:
        Guard(wiring.jobs, wiring.guard, watch).run(stop)
    while wiring.guard.keep_running and not stop():
        time.sleep(0.2)


def _watch(wiring: Wiring, moved: MovedCameras) -> Watch:
    plans = [job.plan for job in wiring.jobs]
    names = [plan.name for plan in plans]
    workers = min(wiring.guard.workers, len(names))
    initial = initial_state(wiring.name, names, workers, unsafe=wiring.guard.unsafe_no_lockdown)
    keep = wiring.totals.keep if wiring.totals else wiring.store.add
    return Watch(with_models(initial, wiring.models), keep, moved.moved, plans)


def _state(watch: Watch, wiring: Wiring) -> Callable[[], states.SiteState]:
    """How the site is, with those who are told of alerts and what was found at the cameras."""
    desk, audits, hub = wiring.alerts, wiring.audits, wiring.hub
    aside = SetAside(wiring.store.file, wiring.page.zone)

    def state() -> states.SiteState:
        receivers = desk.receivers() if desk else ()
        checks = audits.checks() if audits else states.SiteChecks()
        told = hub.state() if hub else None
        return replace(watch.state(), receivers=receivers, checks=checks, hub=told, store_set_aside=aside.words())

    return state


def with_models(state: states.SiteState, known: Models) -> states.SiteState:
    """The site's state with who looks."""
    found = (("persons", known.people), ("masks", known.masks))
    told = (states.ModelState(one.name, one.licence, one.sha256, one.note, task) for task, one in found if one)
    return replace(state, models=tuple(told))


def proof_board(wiring: Wiring) -> ProofBoard:
    """What is proved of a site's lines; nothing of single lines where a profile keeps the whole site alone."""
    lines = () if wiring.page.site_only else lines_of(wiring.jobs, wiring.models)
    store = wiring.store
    return ProofBoard(Proofs(store.file), store, lines, wiring.proof_margin, wiring.page.clock)


def _extras(
    wiring: Wiring, app: FastAPI, proofs: ProofBoard, state: Callable[[], states.SiteState], journal: Journal
) -> tuple[Extras, SetupMode | None]:
    """What the pages have beside figures: counts by hand, set-up mode, the log, who is signed in."""
    file, seen = wiring.store.file, wiring.page
    desk = prove.Desk(HandCounts(seen.window_s, seen.clock), proofs, Proofs(file), journal, seen)
    outlets = tuple(one.outlet(state) for one in wiring.told)
    extras = Extras(
        pages=(prove.mount_prove(app, desk),),
        by_hand=prove.PATH if proofs.lines else None,
        journal=journal,
        outlets=outlets,
        account=sign_out_form,
    )
    if wiring.changing is None:
        return extras, None
    settings = SetupSettings(model=wiring.guard.model, unsafe_no_lockdown=wiring.guard.unsafe_no_lockdown)
    mode = SetupMode(wiring.jobs, settings, journal)
    plans = tuple(job.plan for job in wiring.jobs)
    changing = wiring.changing
    pages = mount_setup(app, SetupDesk(mode, plans, changing.path, changing.reload, journal, Views(file)))
    on_top = replace(extras, banner=lambda: banner(mode.state(), seen.zone), setup_bytes=lambda: mode.bytes_out)
    return replace(on_top, setup=pages), mode
