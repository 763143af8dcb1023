"""Spreads a site's cameras over boxes, hears what is counted there, and places anew what fails.

Each share has an epoch that grows with every placement. Of a post that did not answer for longer than its lease,
nothing is taken any more: its answers are of questions that were given up, and its tallies bear an epoch that the store
holds less than the new one (fencing tokens: Kleppmann, "How to do distributed locking", 2016).
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from passerby.core.tallies import Tally
from passerby.errors import ConfigError, LockdownError, ModelError, PasserbyError
from passerby.gate.backoff import Backoff
from passerby.gate.guard import Job, Settings
from passerby.gate.listener import Listener
from passerby.gate.messages import ModelPlan
from passerby.gate.sources import SourceKind
from passerby.site.boxes.fleet import Fleet, PostLostError
from passerby.site.boxes.post import LEASE_S, Order, Turn

_log = structlog.get_logger("passerby.site")
_LOST = 1.5
"""A post that did not answer for so many leases is given up; by then its own is over."""
_START_S = 60.0
"""A box that has not run passerby before loads it first, which takes a slow one a while."""
_TICK_S = 0.25
_FINISH_S = 10.0
_OF_WORKER = ("ready", "bytes_out", "refused", "restarted")


@dataclass(slots=True)
class _Share:
    """Cameras that one worker serves, and where."""

    index: int
    jobs: tuple[Job, ...]
    epoch: int = 0
    box: str | None = None
    post: Any = None
    asked: Any = None
    until_s: float = 0.0
    heard: int = 0
    done: bool = False
    start_at_s: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)


class Spread:
    """Does for several boxes what a guard does for one.

    Args:
        jobs: the cameras.
        settings: how the rooms are started; `workers` says in how many shares the cameras are cut, 0: one a core.
        listener: who is told.
        fleet: the boxes.
        lease_s: how long a box works on that hears nothing; half as long again, and its cameras are placed anew.

    Raises:
        ConfigError: a camera's password would cross the network unencrypted, or a source is this process's own input.
    """

    def __init__(
        self, jobs: list[Job], settings: Settings, listener: Listener, fleet: Fleet, lease_s: float = LEASE_S
    ) -> None:
        _check(jobs, fleet)
        self._lease_s = lease_s
        self._settings, self._models = _with_names(settings)
        self._listener, self._fleet = listener, fleet
        count = max(1, min(settings.workers or fleet.cores(), len(jobs)))
        self._shares = [_Share(i, tuple(jobs[i::count])) for i in range(count)]
        self._unfit: dict[str, PasserbyError] = {}

    def run(self, stop: Callable[[], bool] | threading.Event) -> None:
        """Works until all recordings are counted, or `stop` says so.

        Raises:
            LockdownError, ModelError: on no box that is there a room can be shut in, or use the model.
        """
        stopped = stop.is_set if isinstance(stop, threading.Event) else stop
        try:
            while not stopped() and not all(share.done for share in self._shares):
                self._place_what_is_due()
                self._hear()
            self._finish()
        finally:
            for share in self._shares:
                if share.post is not None:
                    self._fleet.dismiss(share.post)

    def _place_what_is_due(self) -> None:
        now_s = time.monotonic()
        due = [one for one in self._shares if one.post is None and not one.done and one.start_at_s <= now_s]
        if not due:
            return
        boxes = self._fleet.boxes()
        fit = [box for box in boxes if box not in self._unfit]
        if boxes and not fit:
            raise next(iter(self._unfit.values()))
        used = Counter(share.box for share in self._shares if share.post is not None)
        for share in due:
            others = [box for box in fit if box != share.box] or fit  # where it failed, it may fail again
            if not others:
                share.start_at_s = now_s + share.backoff.failed()
                continue
            box = min(others, key=lambda one: used[one])
            used[box] += 1
            self._place(share, box, boxes[box])

    def _place(self, share: _Share, box: str, address: str) -> None:
        share.box, share.heard, share.epoch = box, 0, share.epoch + 1
        share.post = self._fleet.place(box)
        order = Order(share.epoch, share.jobs, self._settings, self._models, self._lease_s)
        self._asked(share, self._fleet.begin(share.post, order), _START_S)
        names = [job.plan.name for job in share.jobs]
        _log.info("cameras placed", worker=share.index, box=address, cameras=names, epoch=share.epoch)

    def _asked(self, share: _Share, asked: Any, patience_s: float) -> None:
        share.asked, share.until_s = asked, time.monotonic() + patience_s

    def _ask(self, share: _Share) -> None:
        self._asked(share, self._fleet.ask(share.post, share.heard), _LOST * self._lease_s)

    def _hear(self) -> None:
        by_asked = {share.asked: share for share in self._shares if share.post is not None}
        if not by_asked:
            time.sleep(_TICK_S)
        for asked in self._fleet.wait(by_asked.keys(), _TICK_S):
            self._answered(by_asked[asked])
        for share in self._shares:
            if share.post is not None and time.monotonic() > share.until_s:
                self._lost(share, "its box did not answer in time")

    def _answered(self, share: _Share) -> None:
        try:
            turn = self._fleet.answer(share.asked)
        except PostLostError as error:
            self._lost(share, f"its process or its box is gone ({error})")
            return
        self._take(share, turn)
        if not turn.ended:
            self._ask(share)
        elif turn.given_up or turn.problem is not None:
            self._failed(share, turn.problem)
        else:
            share.done = True
            self._dismiss(share)

    def _take(self, share: _Share, turn: Turn) -> None:
        for told in turn.told:
            if told.number <= share.heard:
                continue
            share.heard = told.number
            args = told.args
            if isinstance(args[0], Tally):
                share.backoff.worked()
            if told.what in _OF_WORKER:
                args = (share.index, *args[1:])
            getattr(self._listener, told.what)(*args)

    def _failed(self, share: _Share, problem: PasserbyError | None) -> None:
        if isinstance(problem, LockdownError | ModelError) and share.box is not None:
            _log.error("box is not used any more", box=share.box, reason=str(problem))
            self._unfit[share.box] = problem
        self._lost(share, str(problem or "its lease was over"))

    def _lost(self, share: _Share, reason: str) -> None:
        self._dismiss(share)
        self._listener.restarted(share.index, f"the cameras of worker {share.index + 1} move to another box: {reason}")
        share.start_at_s = time.monotonic() + share.backoff.failed()

    def _dismiss(self, share: _Share) -> None:
        self._fleet.dismiss(share.post)
        share.post = share.asked = None

    def _finish(self) -> None:
        """Lets the rooms close their windows, and takes what they tell of them."""
        until_s = time.monotonic() + _FINISH_S
        open_now = [share for share in self._shares if share.post is not None]
        for share in open_now:
            self._fleet.finish(share.post)
        while open_now and time.monotonic() < until_s:
            by_asked = {share.asked: share for share in open_now}
            for asked in self._fleet.wait(by_asked.keys(), _TICK_S):
                if self._is_finished(by_asked[asked]):
                    open_now.remove(by_asked[asked])

    def _is_finished(self, share: _Share) -> bool:
        try:
            turn = self._fleet.answer(share.asked)
        except PostLostError:
            return True
        self._take(share, turn)
        if not turn.ended:
            self._ask(share)
        return turn.ended


def _check(jobs: list[Job], fleet: Fleet) -> None:
    if any(job.source.kind is SourceKind.STDIN for job in jobs):
        raise ConfigError(["--ray: standard input is of this machine alone; name a camera or a file"])
    boxes = set(fleet.boxes().values())
    secret = [job.plan.name for job in jobs if job.source.credentials.password]
    if secret and len(boxes) > 1 and not fleet.is_encrypted:
        words = (
            f"--ray: the passwords of {', '.join(secret)} would go to other boxes unencrypted. Set up Ray's TLS "
            "(RAY_USE_TLS=1 with certificates, on every box; docs/several-boxes.md)"
        )
        raise ConfigError([words])


def _with_names(settings: Settings) -> tuple[Settings, dict[str, bytes]]:
    """The settings with the models' files by name alone, and their content for boxes that do not have them."""
    models: dict[str, bytes] = {}

    def named(plan: ModelPlan | None) -> ModelPlan | None:
        if plan is None:
            return None
        file = Path(plan.file)
        for one in (file, file.with_suffix(".bin")):  # OpenVINO IR has its weights beside it
            if one.exists():
                models[one.name] = one.read_bytes()
        return ModelPlan(file.name, plan.family, plan.width_px, plan.height_px, plan.threshold)

    model, masks = named(settings.model), named(settings.masks)
    return replace(settings, model=model, masks=masks, workers=1), models
