"""A share of a site's cameras on one box: it runs a guard there, and hands on what the rooms report when it is asked.

It works on a lease. Each question renews it; where none comes, since the network or the site's process is gone, or this
process was frozen, the rooms are ended and nothing that is still here is handed on: by then the share is placed on
another box, and what both counted would be counted twice.
"""

import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

from passerby.core.tallies import Tally
from passerby.errors import PasserbyError
from passerby.gate.contract import FacingNow
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import FaultCode, HealthFigure, ModelPlan

LEASE_S = 8.0
_WAIT_S = 0.4


@dataclass(frozen=True, slots=True)
class Order:
    """What a post shall do.

    Attributes:
        epoch: of this placement; one placed later has a higher one.
        jobs: its cameras.
        guard: how the rooms are started; files of models are named as under `models`.
        models: content of the models' files, by name.
        lease_s: how long it works on without being asked.
    """

    epoch: int
    jobs: tuple[Job, ...]
    guard: Settings
    models: dict[str, bytes] = field(default_factory=dict, repr=False)
    lease_s: float = LEASE_S


@dataclass(frozen=True, slots=True)
class Told:
    """One report of a room: a method of `gate.guard.Listener` and what it takes, in the order of their numbers."""

    number: int
    what: str
    args: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer.

    Attributes:
        told: what was not heard yet.
        ended: nothing more will come.
        given_up: it was not asked for longer than its lease; its rooms are ended.
        problem: why the guard gave up, or None.
    """

    told: tuple[Told, ...] = ()
    ended: bool = False
    given_up: bool = False
    problem: PasserbyError | None = None


class Post:
    """Runs on a box; the driver asks it again and again. One order in a life."""

    def __init__(self) -> None:
        self._reports = _Reports()
        self._finishing = threading.Event()
        self._ended = threading.Event()
        self._problem: PasserbyError | None = None
        self._until_s = 0.0
        self._lease_s = LEASE_S

    def begin(self, order: Order) -> Turn:
        """Starts the rooms of an order."""
        self._lease_s = order.lease_s
        self._until_s = time.monotonic() + order.lease_s
        self._reports.epoch = order.epoch
        threading.Thread(target=self._guard, args=(order,), name="guard", daemon=True).start()
        return Turn()

    def turn(self, heard: int) -> Turn:
        """What the rooms reported since, after a short wait where that is nothing.

        Args:
            heard: number of the last report that the driver has; those up to it are let go.
        """
        if self._is_over():
            return Turn(ended=True, given_up=True)
        self._until_s = time.monotonic() + self._lease_s
        ended = self._ended.is_set()
        told = self._reports.after(heard, 0.0 if ended else _WAIT_S)
        if self._is_over():  # it was frozen meanwhile, and this answers a question that was given up
            return Turn(ended=True, given_up=True)
        return Turn(told, ended, problem=self._problem)

    def finish(self) -> Turn:
        """Lets the rooms close their windows and end; what they report then is still to be asked for."""
        self._finishing.set()
        return Turn()

    def _is_over(self) -> bool:
        return time.monotonic() > self._until_s

    def _guard(self, order: Order) -> None:
        with tempfile.TemporaryDirectory(prefix="passerby-") as folder:
            settings = _with_models(order, Path(folder))
            try:
                Guard(list(order.jobs), settings, self._reports).run(
                    lambda: self._finishing.is_set() or self._is_over()
                )
            except PasserbyError as error:
                self._problem = error
            finally:
                self._ended.set()


class _Reports:
    """The guard's listener on a box: keeps reports until the driver has them."""

    def __init__(self) -> None:
        self.epoch = 0
        self._new = threading.Condition()
        self._told: deque[Told] = deque()
        self._number = 0
        self._bytes_out = 0

    def after(self, heard: int, wait_s: float) -> tuple[Told, ...]:
        """Reports after a number, which are kept on; those up to it are let go."""
        with self._new:
            while self._told and self._told[0].number <= heard:
                self._told.popleft()
            if not self._told:
                self._new.wait(wait_s)
            if self._bytes_out:
                self._add("bytes_out", 0, self._bytes_out)
                self._bytes_out = 0
            return tuple(self._told)

    def _add(self, what: str, *args: object) -> None:
        self._number += 1
        self._told.append(Told(self._number, what, args))

    def _tell(self, what: str, *args: object) -> None:
        with self._new:
            self._add(what, *args)
            self._new.notify()

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None:
        """A worker is shut in and counts."""
        self._tell("ready", worker, landlock_abi, seccomp)

    def bytes_out(self, _worker: int, count: int) -> None:
        """So many more bytes came out of the room."""
        with self._new:
            self._bytes_out += count

    def tally(self, tally: Tally) -> None:
        """A window was closed."""
        self._tell("tally", replace(tally, epoch=self.epoch))

    def health(self, camera: str, figure: HealthFigure, value: int, line: int = 0) -> None:
        """How a camera is doing."""
        self._tell("health", camera, figure, value, line)

    def shelf(self, now: FacingNow) -> None:
        """How a facing is."""
        self._tell("shelf", now)

    def fault(self, camera: str, code: FaultCode) -> None:
        """Something is wrong with a camera."""
        self._tell("fault", camera, code)

    def done(self, camera: str) -> None:
        """A recording was counted to its end."""
        self._tell("done", camera)

    def refused(self, worker: int, reason: str) -> None:
        """A worker broke the contract and is replaced."""
        self._tell("refused", worker, reason)

    def restarted(self, worker: int, reason: str) -> None:
        """A worker ended unasked and is replaced."""
        self._tell("restarted", worker, reason)


def _with_models(order: Order, folder: Path) -> Settings:
    """The settings with models that lie on this box."""
    for name, content in order.models.items():
        (folder / name).write_bytes(content)

    def here(plan: ModelPlan | None) -> ModelPlan | None:
        return None if plan is None else _at(plan, folder / plan.file)

    return replace(order.guard, model=here(order.guard.model), masks=here(order.guard.masks))


def _at(plan: ModelPlan, file: Path) -> ModelPlan:
    return ModelPlan(str(file), plan.family, plan.width_px, plan.height_px, plan.threshold)
