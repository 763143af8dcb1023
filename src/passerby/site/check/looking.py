"""Watches one camera for a moment, behind the locks of `passerby run`, for what its stream and its picture are like.

Nobody is looked for: no model is loaded, nothing is counted, and what comes out of the room are its health figures.
"""

import math
import os
import time
from collections.abc import Callable

import msgspec

from passerby.core.tallies import Tally
from passerby.errors import GateError, SourceError
from passerby.gate.audit_contract import Known, VideoFacts
from passerby.gate.audit_figures import Figures
from passerby.gate.contract import FacingNow
from passerby.gate.faults import TEXTS
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure
from passerby.gate.sources import SourceKind

LOOK_S = 60.0
"""Longer than it takes to find a stream, to measure it, and to hear of it."""

MEASURE_S = 30.0
"""Video that is watched: a picture that hangs is known after three key frames, and is told each twenty seconds."""

_PASSING = frozenset({FaultCode.SIZE_CHANGED, FaultCode.TIME_JUMPED, FaultCode.BAD_PACKET, FaultCode.CAMERA_MOVED})


class _Listener:
    """Hears of one camera until enough is known of it."""

    def __init__(self, plan: CameraPlan) -> None:
        self._figures = Figures(plan)
        self._fault: FaultCode | None = None
        self._advanced_s = math.nan
        self._media_ms = 0
        self._leaving = False
        self._ended = False

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None:
        """The room is shut in."""

    def bytes_out(self, worker: int, count: int) -> None:
        """How much is told does not matter here."""

    def tally(self, tally: Tally) -> None:
        """Nothing is counted."""

    def shelf(self, now: FacingNow) -> None:
        """No shelf is planned."""

    def health(self, _camera: str, figure: HealthFigure, value: int, line: int = 0) -> None:
        """How it is doing."""
        self._figures.take(figure, value, line)
        if figure is HealthFigure.MEDIA_MS and value > self._media_ms:
            self._media_ms, self._advanced_s = value, time.monotonic()

    def fault(self, _camera: str, code: FaultCode) -> None:
        """Something is wrong with it."""
        if self._fault in (None, *_PASSING):
            self._fault = code

    def done(self, _camera: str) -> None:
        """Its video has ended: by itself, if it is not left just now."""
        self._ended = not self._leaving

    def refused(self, worker: int, reason: str) -> None:
        """The guard raises the reason by itself."""

    def restarted(self, worker: int, reason: str) -> None:
        """Nothing is started again."""

    def over(self, *, stop: bool) -> bool:
        """Whether nothing more is to be waited for."""
        known = self._figures.facts()
        # The rate takes longest; of a black picture, nothing but that is told.
        measured = known.video.fps is not None and known.picture.dark is not None
        measured &= self._media_ms >= MEASURE_S * 1000 or bool(known.picture.frozen_s)
        self._leaving = stop or self._ended or self._failed or measured
        return self._leaving

    @property
    def _failed(self) -> bool:
        return self._fault is not None and self._fault not in _PASSING

    def known(self, *, live: bool) -> Known:
        """What is known by now."""
        fault = FaultCode.ENDED if self._ended and live and self._fault is None else self._fault
        known, age_s = self._figures.facts(), time.monotonic() - self._advanced_s
        video = msgspec.structs.replace(
            known.video,
            frame_age_s=None if math.isnan(age_s) else round(age_s, 1),
            fault=TEXTS[fault] if fault is not None else None,
        )
        return msgspec.structs.replace(known, video=video)


def look(job: Job, settings: Settings, stop: Callable[[], bool]) -> Known:
    """Watches a camera until enough is known of it. Nothing is tried twice: cameras lock accounts.

    Args:
        job: the camera; of its plan the name and the parts that are blanked are used.
        settings: how to guard.
        stop: says when to give up.

    Raises:
        LockdownError: a room cannot be shut in.
    """
    plan = CameraPlan(job.plan.name, view="overhead", analysed_fps=2.5, privacy_masks=job.plan.privacy_masks)
    listener, until_s = _Listener(plan), time.monotonic() + LOOK_S
    live = job.source.kind is SourceKind.STREAM
    try:
        _, fd = job.source.feed_plan(-1, unsafe=False)
        if fd >= 0:
            os.close(fd)
        guard = Guard([Job(plan, job.source)], settings, listener)
        guard.run(lambda: listener.over(stop=stop() or time.monotonic() > until_s))
    except SourceError as error:
        fault = TEXTS[FaultCode.UNREACHABLE] if live else str(error)
        return Known(VideoFacts(fault=fault))
    except GateError as error:
        return Known(VideoFacts(fault=str(error)))
    return listener.known(live=live)
