"""Workers that tell what is nearly right until they tell what is wrong: refused, counted, and replaced each time."""

import sys
import threading
import time
from pathlib import Path

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.gate import landlock, seccomp
from passerby.gate.guard import Guard, Job, Settings
from passerby.gate.messages import CameraPlan, LinePlan
from passerby.gate.sources import parse
from passerby.site.watch import Watch, initial_state
from tests.support.faults import noted
from tests.support.site import eventually
from tests.support.source import ROOT

LIAR = ROOT / "tests" / "boundary" / "liar.py"
LIVES = 30
LINE = LinePlan("line", (0.1, 0.5), (0.9, 0.5))

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


class Moments(Watch):
    """Also remembers when a lie was refused and when the next worker was shut in."""

    def __init__(self, kept: list[Tally]) -> None:
        super().__init__(initial_state("Venue", ["door"], 1, unsafe=False), kept.extend)
        self.refused_s: list[float] = []
        self.ready_s: list[float] = []

    def ready(self, worker: int, landlock_abi: int, seccomp: bool) -> None:
        super().ready(worker, landlock_abi, seccomp)
        self.ready_s.append(time.monotonic())

    def refused(self, worker: int, reason: str) -> None:
        super().refused(worker, reason)
        self.refused_s.append(time.monotonic())


def test_fuzzed_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their pauses, which would grow to half a minute, are left out; each life tells another story."""
    monkeypatch.setattr("passerby.gate.crashes.Backoff.failed", lambda _self: 0.0)
    life, folder = tmp_path / "life", tmp_path / "pictures"
    life.write_text("1")
    folder.mkdir()
    (folder / "picture.png").write_bytes(b"no picture")
    plan = CameraPlan("door", (LINE,), (), "overhead", window_s=60, recording_start_unix_s=0)
    settings = Settings(worker_command=(sys.executable, "-I", str(LIAR), "fuzz", str(life)), keep_running=True)
    kept: list[Tally] = []
    watch, over = Moments(kept), threading.Event()
    guard = threading.Thread(target=Guard([Job(plan, parse(str(folder)))], settings, watch).run, args=(over,))
    guard.start()
    try:
        eventually(lambda: len(watch.ready_s) > LIVES)
    finally:
        over.set()
        guard.join()
    state = watch.state()
    with noted("lies") as note:
        for refused_s, ready_s in zip(watch.refused_s[:LIVES], watch.ready_s[1:], strict=False):
            note.once(ready_s - refused_s)
    assert state.messages_refused == len(watch.refused_s) >= LIVES
    assert state.lockdown[0].restarts == state.messages_refused, "each is replaced, and none ended by itself"
    _are_allowed(kept)


def _are_allowed(kept: list[Tally]) -> None:
    """What was true by chance is kept, each window once, and nothing that the plan does not allow."""
    assert kept
    assert len({one.key for one in kept}) == len(kept)
    for one in kept:
        assert (one.camera, one.subject, one.width_s) == ("door", "line", 60)
        assert one.measure in (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)
        assert one.start_unix_s % 60 == 0
        assert 0 <= one.exposure <= 60
        assert 0 <= one.total <= 20 * 60
