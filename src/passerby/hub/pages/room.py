"""What the pages of a control room are made of."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from starlette.requests import Request

from passerby.hub.access import Scope, may_run_hub, scope
from passerby.hub.alerts import AlertBoard
from passerby.hub.board import HubBoard
from passerby.hub.contract import Venue
from passerby.hub.overview import Overview
from passerby.hub.register import Log
from passerby.records.access import account_of
from passerby.records.page import words
from passerby.records.page.frame import PageName, Said, Shell
from passerby.records.page.words import Sentence, Tone

STYLE = Path(__file__).with_name("room.css")
NOW = PageName("/", "Now")
ROLLOUT = PageName("/rollout", "Roll-out")
COMPARE = PageName("/compare", "Compare")
ALERTS = PageName("/alerts", "Alerts")
LOG = PageName("/log", "Log")
WALL = PageName("/wall", "Wall display")
VENUE = PageName("/venue/{slug}", "Venue")


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show to who asks, at this moment.

    Attributes:
        overview: all venues that they may see.
        scope: which these are.
        may_run: whether they may see what is not one venue's: the log.
    """

    overview: Overview
    scope: Scope
    may_run: bool


Section = Callable[[View], Awaitable[None]]
"""Brings a part of a page up to date."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What other parts of a hub add to its pages.

    Attributes:
        alerts: what is told of, and who sees to it; None shows no page of alerts.
        log: who did and saw what; None shows none, and enters no views.
        account: HTML of who is signed in, with the button to sign out; empty where nobody need sign in.
        problems: what keeps the hub from working as it should, each in a sentence.
        lacks: what a venue lacks until it conforms, in words.
        documents: addresses and names of further pages for admins, such as releases.
    """

    alerts: AlertBoard | None = None
    log: Log | None = None
    account: Callable[[Request], str] = lambda _request: ""
    problems: Callable[[], Sequence[str]] = tuple
    lacks: Callable[[Venue, float], Sequence[str]] = lambda _venue, _now: ()


@dataclass(frozen=True, slots=True)
class Room:
    """All that the pages of a control room may read.

    Attributes:
        name: of the hub.
        board: what is known of all venues.
        zone: in which its clock goes; None: the machine's. Venues have their own.
        extras: what other parts add.
    """

    name: str
    board: HubBoard
    zone: tzinfo | None = None
    extras: Extras = field(default_factory=Extras)

    @property
    def clock(self) -> Callable[[], float]:
        """Unix seconds."""
        return self.board.sources.clock


def view_of(room: Room) -> Callable[[Request], Awaitable[View]]:
    """What there is to show to who asks. Only the first reader after a start waits for the stores."""

    async def view(request: Request) -> View:
        account = account_of(request)
        reach = scope(account)
        overview = room.board.known()
        if overview is None:
            overview = await asyncio.to_thread(room.board.overview)
        return View(overview.seen_by(reach), reach, may_run_hub(account))

    return view


def shell_of(room: Room) -> Shell[View]:
    """The frame of all pages."""

    def pages(request: Request) -> list[PageName]:
        names = [NOW, ROLLOUT, COMPARE]
        if room.extras.alerts:
            names.append(ALERTS)
        if room.extras.log and may_run_hub(account_of(request)):
            names.append(LOG)
        return names

    return Shell(
        name=lambda: room.name,
        view=view_of(room),
        said=lambda view: _said(room, view),
        pages=pages,
        account=room.extras.account,
        styles=(STYLE,),
    )


def _said(room: Room, view: View) -> Said:
    now = room.clock()
    alarms = [Sentence(f"{text[:1].upper()}{text[1:].removesuffix('.')}.", Tone.BAD) for text in _problems(room, view)]
    return Said(clock=words.now(now, room.zone), alarms=alarms)


def _problems(room: Room, view: View) -> list[str]:
    """What stands in the way of right figures; who may not run the hub cannot mend more than the board's."""
    found = [view.overview.problem] if view.overview.problem else []
    late_s = time.monotonic() - room.board.read_monotonic_s
    if room.board.read_monotonic_s and late_s > room.board.late_after_s:
        found.append(f"these figures are {words.duration(late_s)} old: the hub does not get on with reading its stores")
    return [*found, *room.extras.problems()] if view.may_run else found
