"""What the pages of a site are made of, and what other parts may add to them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from passerby.site.figures import Settings
from passerby.site.history import History
from passerby.site.journal import Journal
from passerby.site.pages.board import PageBoard, Today
from passerby.site.sent import Meter
from passerby.site.shelf_desk import ShelfDesk
from passerby.site.state import SiteState


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show at this moment."""

    state: SiteState
    today: Today


Section = Callable[[View], Awaitable[None]]
"""Brings a part of a page up to date."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A way by which numbers leave this machine by themselves.

    Attributes:
        name: what it is: "MQTT".
        told: what it tells, to whom and how often, in a sentence.
        state: how it goes now and how many bytes it sent, in a sentence; asked each second.
    """

    name: str
    told: str
    state: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class SetupPages:
    """The pages of set-up, which are made elsewhere.

    Attributes:
        path: of the first of them, for the navigation.
        add: adds them, with `pages.frame.add_page`.
    """

    path: str
    add: Callable[["Site"], None]


@dataclass(frozen=True, slots=True)
class Extras:
    """What other parts of a site add to its pages.

    Attributes:
        banner: what stands on top of every page as long as it is true ("Set-up mode is on for camera hall, ends at
            12:10"); None while nothing does.
        setup: the pages of set-up; without them the navigation does not name any.
        setup_bytes: bytes that came out of the rooms of set-up mode since the start.
        pages: adds further pages, which the navigation does not name.
        by_hand: where people count by hand; None names no such page.
        journal: who changed what, and when; None shows no log.
        outlets: what tells numbers to others by itself.
        shelves: tells of the shelves; None where none are watched.
        account: HTML of who is signed in, with the button to sign out; empty where nobody need sign in.
    """

    banner: Callable[[], str | None] = lambda: None
    setup: SetupPages | None = None
    setup_bytes: Callable[[], int] = int
    pages: tuple[Callable[["Site"], None], ...] = ()
    by_hand: str | None = None
    journal: Journal | None = None
    outlets: tuple[Outlet, ...] = ()
    shelves: ShelfDesk | None = None
    account: Callable[[Request], str] = lambda _request: ""


@dataclass(frozen=True, slots=True)
class Site:
    """All that a page may read.

    Attributes:
        state: how the site is now.
        settings: lines, zones, windows and zone.
        board: what is shown of today.
        history: what is shown of other days.
        meter: what was served so far.
        extras: what other parts add.
    """

    state: Callable[[], SiteState]
    settings: Settings
    board: PageBoard
    history: History
    meter: Meter
    extras: Extras = field(default_factory=Extras)

    @property
    def shelves(self) -> ShelfDesk | None:
        """Tells of the shelves; None where the configuration has none."""
        desk = self.extras.shelves
        return desk if desk and desk.shelves else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a page, and with which parameters."""

    request: Request
    parameters: dict[str, Any]
