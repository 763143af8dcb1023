"""The pages of a hub: all venues now, how far the roll-out is, one venue, how they compare, and what was told of them.

Built with NiceGUI, as those of a site; nothing is loaded from elsewhere, and the map needs no tiles.
"""

from fastapi import FastAPI
from nicegui import ui

from passerby.hub.pages import now
from passerby.hub.pages.room import NOW, Extras, Room, shell_of
from passerby.records.page.frame import add_page

__all__ = ["Extras", "Room", "mount_pages"]


def mount_pages(app: FastAPI, room: Room) -> None:
    """Adds the pages. NiceGUI serves one application in a process, so this is called once.

    Args:
        app: with the API and what lets people in; its routes go first.
        room: all that the pages may read.
    """
    shell = shell_of(room)
    add_page(shell, NOW, lambda view, request: now.build(room, view, request))
    ui.run_with(app, tailwind=False, show_welcome_message=False, language="en-GB")
