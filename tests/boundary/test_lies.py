"""What a worker that was taken over may say: nothing but what the plan allows. The real worker tells each lie."""

import sys
from pathlib import Path

import pytest

from passerby.core.tallies import Tally
from passerby.errors import GateError
from passerby.gate import landlock, seccomp
from passerby.gate.contract import FacingNow
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, LinePlan, ZonePlan
from passerby.gate.sources import parse
from tests.boundary.escape import LIES
from tests.support.faults import noted

ESCAPE = str(Path(__file__).with_name("escape.py"))
LINE = LinePlan("line", (0.1, 0.5), (0.9, 0.5))
ZONE = ZonePlan("floor", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


class Ear:
    """Remembers what the guard let through."""

    def __init__(self) -> None:
        self.tallies: list[Tally] = []
        self.figures: list[int] = []
        self.faults: list[FaultCode] = []
        self.refusals: list[str] = []
        self.bytes_out_of: dict[int, int] = {}

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None: ...

    def bytes_out(self, worker: int, count: int) -> None:
        self.bytes_out_of[worker] = self.bytes_out_of.get(worker, 0) + count

    def tally(self, tally: Tally) -> None:
        self.tallies.append(tally)

    def health(self, camera: str, figure: HealthFigure, value: int, _line: int = 0) -> None:
        self.figures.append(value)

    def shelf(self, now: FacingNow) -> None: ...

    def fault(self, camera: str, code: FaultCode) -> None:
        self.faults.append(code)

    def done(self, camera: str) -> None: ...

    def refused(self, worker: int, reason: str) -> None:
        self.refusals.append(reason)

    def restarted(self, worker: int, reason: str) -> None: ...


def tell(lie: str, folder: Path) -> Ear:
    """Lets the worker tell a lie to the guard.

    Raises:
        GateError: the guard refused it.
    """
    (folder / "picture.png").write_bytes(b"no picture")
    plan = CameraPlan("door", (LINE,), (ZONE,), "overhead", window_s=60, recording_start_unix_s=0)
    settings = Settings(worker_command=(sys.executable, "-I", ESCAPE, lie))
    ear = Ear()
    tell.ear = ear  # type: ignore[attr-defined]  # the guard raises, and the test still asks what got through before
    Guard([Job(plan, parse(str(folder)))], settings, ear).run(lambda: False)
    return ear


@pytest.mark.parametrize("lie", sorted(LIES))
def test_the_guard_refuses(lie: str, tmp_path: Path) -> None:
    with noted("lies") as note:
        with pytest.raises(GateError, match="refused"):
            tell(lie, tmp_path)
        note.once()
    ear: Ear = tell.ear  # type: ignore[attr-defined]  # see above
    assert len(ear.refusals) == 1
    assert len(ear.tallies) <= 1, "nothing of the lie is kept but its first, allowed half"
    assert len(ear.figures) <= 9
    assert len(ear.faults) <= 9
    assert ear.bytes_out_of[0] > 0, "what was refused left the room all the same, and is counted"
