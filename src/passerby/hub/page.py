"""The pages of a hub: all venues now, how far the roll-out is, one venue, how they compare, and what was told of them.

Built with NiceGUI, as those of a site; nothing is loaded from elsewhere, and the map needs no tiles.
"""

from functools import partial

from fastapi import FastAPI
from nicegui import ui

from passerby.hub.pages import alerts, compare, log, now, rollout, venue, wall
from passerby.hub.pages.room import ALERTS, COMPARE, LOG, NOW, ROLLOUT, VENUE, WALL, Extras, Room, shell_of
from passerby.records.page.frame import add_page, add_screen
from passerby.records.page.rubbish import collect_seldom

__all__ = ["Extras", "Room", "mount_pages"]


def mount_pages(app: FastAPI, room: Room) -> None:
    """Adds the pages. NiceGUI serves one application in a process, so this is called once.

    Args:
        app: with the API and what lets people in; its routes go first.
        room: all that the pages may read.
    """
    shell = shell_of(room)
    rollout.add_csv(app, room)
    for name, build in ((NOW, now.build), (ROLLOUT, rollout.build), (COMPARE, compare.build)):
        add_page(shell, name, partial(build, room))
    add_page(shell, VENUE, partial(venue.build, room), venue.title)
    if room.extras.alerts:
        add_page(shell, ALERTS, partial(alerts.build, room))
    if room.extras.log:
        add_page(shell, LOG, partial(log.build, room), log.title)
    add_screen(shell, WALL, partial(wall.build, room))
    collect_seldom()
    ui.run_with(app, tailwind=False, show_welcome_message=False, language="en-GB")
