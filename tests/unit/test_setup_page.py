"""The page of set-up mode: the still is in the browser as long as the session has it, and no longer."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nicegui import Client, ui

from passerby.gate.messages import CameraPlan
from passerby.site.pages.setup import _Page
from passerby.site.setup.drawing import Drawing
from passerby.site.setup.png import png
from passerby.site.setup.session import Phase, SetupState
from tests.support import loops

STATE = SetupState("hall", "anna", 0.0, 600.0, Phase.READY, has_still=True)


@dataclass
class Told:
    """Set-up mode as a test says that it is."""

    now: SetupState | None = None
    plans: tuple[CameraPlan, ...] = (CameraPlan("hall"),)
    path: Path = Path(__file__)

    @property
    def mode(self) -> "Told":
        return self

    def state(self) -> SetupState | None:
        return self.now

    def rehearsed(self) -> tuple[()]:
        return ()

    def drawing(self, camera: str) -> Drawing:
        return Drawing(camera)

    def still(self, _account: str) -> tuple[bytes, tuple[int, int]]:
        return png(2, 1, bytes(6)), (2, 1)


def test_a_still_goes_from_the_browser_with_its_session_and_with_its_room() -> None:
    async def shown() -> list[bool]:
        told: Any = Told(STATE)
        with Client(ui.page("/setup-still"), request=None) as client:
            page = _Page(told, "anna")
            found = []
            for now in (STATE, replace(STATE, phase=Phase.FAILED, has_still=False), STATE, None):
                told.now = now
                await page.update(None)  # type: ignore[arg-type]  # it looks at set-up mode alone
                found.append(any(isinstance(one, ui.interactive_image) for one in client.elements.values()))
            return found

    assert loops.run(shown()) == [True, False, True, False]
