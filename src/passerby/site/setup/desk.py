"""Set-up mode as its page uses it: begin, draw, rehearse, save, end."""

import struct
from dataclasses import dataclass
from pathlib import Path

from passerby.errors import ConfigError
from passerby.gate.messages import CameraPlan
from passerby.site.config import load
from passerby.site.journal import Action, Journal
from passerby.site.reload import Reload
from passerby.site.setup.drawing import Drawing
from passerby.site.setup.edit import SiteFile
from passerby.site.setup.session import SetupMode
from passerby.site.setup.views import Views

STILL_PATH = "/setup/still.png"
_PNG_SIZE = struct.Struct(">16xII")


@dataclass(frozen=True, slots=True)
class SetupDesk:
    """What the page of set-up mode may do.

    Attributes:
        mode: one session at a time.
        plans: the cameras as they run.
        path: of the configuration's file.
        reload: makes the site take it.
        journal: the site's log.
        views: what each camera's view looked like when its drawing was saved.
    """

    mode: SetupMode
    plans: tuple[CameraPlan, ...]
    path: Path
    reload: Reload
    journal: Journal
    views: Views

    def drawing(self, camera: str) -> Drawing:
        """What is drawn for a camera now."""
        plan = next(plan for plan in self.plans if plan.name == camera)
        try:
            cameras = load(self.path).cameras
        except ConfigError:
            return Drawing.of(plan)  # what is saved will be refused with all that is wrong in the file
        return Drawing.of(plan, next((one.shelves for one in cameras if one.name == camera), None))

    def still(self, account: str) -> tuple[bytes, tuple[int, int]] | None:
        """The still as PNG with its width and height; None until it is there.

        Raises:
            SetupRefusedError: set-up mode is not on.
        """
        picture = self.mode.still_png(account)
        if picture is None:
            return None
        width, height = _PNG_SIZE.unpack_from(picture)
        return picture, (width, height)

    def save(self, file: SiteFile, drawing: Drawing, account: str) -> None:
        """Writes what is drawn into the configuration, ends set-up mode, and lets the site start again with it.

        Raises:
            ConfigError: the site would not take it; nothing is written.
            StoreError: it was written, and could not be entered in the log; the site does not start again.
        """
        signature = self.mode.signature(drawing.camera)
        file.save(drawing.shapes())
        self.journal.add(account, Action.CONFIGURED, f"lines, zones and shelves of camera {drawing.camera}")
        self.views.keep(drawing.camera, signature)
        if signature:
            self.journal.add(account, Action.VIEW_KEPT, f"camera {drawing.camera}, {len(signature)} bytes")
        self.mode.end(account)
        self.reload.ask()
