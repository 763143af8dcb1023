"""Wires a hub: stores, the door for sites, pages and API for people, what is done beside. No other file does."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp

from passerby.hub.access import Reads
from passerby.hub.alerts import AlertDesk
from passerby.hub.alerts.opening import alert_desk
from passerby.hub.api import ApiSources, add_api
from passerby.hub.board import HubBoard, Sources
from passerby.hub.config import HubConfig, config_file, load
from passerby.hub.enrolment import Door, Seal, SiteKeys
from passerby.hub.enrolment.routes import enrolment_router
from passerby.hub.gather import Desk
from passerby.hub.gather.api import gather_router
from passerby.hub.housekeeping import Housekeeping
from passerby.hub.hub import Hub, states
from passerby.hub.opening import (
    ADD_ACCOUNT,
    accounts,
    hub_key,
    most_connections,
    open_fleet,
    open_register,
    open_series,
    open_tls,
)
from passerby.hub.page import Extras, Room, mount_pages
from passerby.hub.register.postgresql import standby_problem
from passerby.hub.web import Doors, create_people, create_sites
from passerby.records.access import Access, sign_out_form
from passerby.records.access.opening import check_accounts, warn_unencrypted
from passerby.records.interrupts import interruptible
from passerby.records.logs import set_up_logging
from passerby.records.repeating import repeating
from passerby.records.serving import serve
from passerby.records.wall_clock import wait_until_set

_log = structlog.get_logger("passerby.hub")


def run(place: Path) -> None:
    """Runs a hub until Ctrl-C or SIGTERM.

    Args:
        place: its folder or its configuration.

    Raises:
        ConfigError, StoreError: it cannot start; the text says why.
    """
    set_up_logging()
    config = load(place)
    with interruptible() as interrupted:
        if not wait_until_set(interrupted):
            return
    with interruptible() as interrupted, open_hub(config, config_file(place)) as (hub, url):
        _log.info("hub open", page=url, venues=len(hub.register.venues()), sites_reach_it_at=config.url)
        while not interrupted():
            time.sleep(0.2)
    _log.info("hub closed")


@contextmanager
def open_hub(config: HubConfig, path: Path) -> Iterator[tuple[Hub, str]]:
    """Serves a hub as long as it is open, and gives it with the URL of its pages.

    Args:
        config: as it was read.
        path: from where, for what to type.

    Raises:
        ConfigError, StoreError: it cannot start; the text says why.
    """
    with ExitStack() as open_now:
        hub = open_parts(config, path, open_now)
        people = create_people(hub)
        _for_people(people, hub, open_now)
        doors = Doors(people, _for_sites(hub, open_now), most_connections())
        url = open_now.enter_context(
            serve(doors, config.web.host, config.web.port, open_tls(config), config.web.trusted_proxies)
        )
        _beside(hub, open_now)
        yield hub, url


def open_parts(config: HubConfig, path: Path, open_now: ExitStack) -> Hub:
    """All that the parts of a hub share, opened; `open_now` closes it."""
    key = hub_key(config)
    register = open_now.enter_context(open_register(config))
    register.database.check()
    if (problem := standby_problem(register.database)) is not None:
        _log.warning("the register is on one machine alone", problem=problem)
    kept = accounts(register)
    check_accounts(kept.read(), config.web, path, ADD_ACCOUNT)
    warn_unencrypted(config.web)
    series = open_now.enter_context(open_series(config))
    fleet = open_now.enter_context(open_fleet(config))
    keys = SiteKeys(register)
    told = Sources(
        series=series,
        venues=register.venues,
        states=lambda: states(register, keys, fleet, time.time()),
        known=fleet.all,
    )
    access = Access(kept, register.log, only_here=config.web.only_here)
    hub = Hub(config, register, series, fleet, keys, key, access, HubBoard(told))
    hub.problems.append(series.problems)
    return hub


def _for_sites(hub: Hub, open_now: ExitStack) -> ASGIApp:
    """The door for sites."""
    door = Door(hub.keys, hub.key.public, hub.clock)
    desk = open_now.enter_context(closing(Desk(hub.series, hub.fleet, hub.clock)))
    hub.metrics.append(desk.metrics.exposition)
    hub.problems.append(desk.problems)
    app = create_sites(enrolment_router(hub.keys, door), gather_router(desk, door.verify))
    return Seal(app, hub.key, hub.keys.knows, hub.clock)


def _for_people(app: FastAPI, hub: Hub, open_now: ExitStack) -> None:
    """Pages and API; each part of the hub that has some adds one line."""
    desk = alert_desk(hub.config, hub.board, hub.register, hub.clock)
    hub.problems.append(lambda: list(desk.problems()))
    reads = Reads(hub.register.log)
    sources = ApiSources(hub.board, hub.fleet.of, hub.fleet.lacks, reads, hub.config.hub.zone)
    add_api(app, sources, desk, hub.register.log)
    open_now.enter_context(desk())
    mount_pages(app, Room(hub.config.hub.name, hub.board, hub.config.hub.zone, _extras(hub, desk)))


def _extras(hub: Hub, desk: AlertDesk) -> Extras:
    """What joins the pages; each part of the hub that has something adds one line."""
    return Extras(
        alerts=desk,
        log=hub.register.log,
        account=sign_out_form,
        problems=hub.all_problems,
        lacks=hub.fleet.lacks,
    )


def _beside(hub: Hub, open_now: ExitStack) -> None:
    """What is done now and then, beside answering; each part of the hub that does something adds one line."""
    open_now.enter_context(hub.fleet.keeping())
    open_now.enter_context(hub.board.kept_fresh())
    open_now.enter_context(repeating("hub-housekeeping", Housekeeping.EVERY_S, Housekeeping(hub).work))
