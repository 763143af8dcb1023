"""`passerby run` with a diary: `python -m tests.support.diary_site DIARY run site.yaml`.

It is the program as it is. Beside it, what the guard starts and hears is written down with its moment, which nothing
else tells so exactly: which process is whose, when a worker was shut in, when a camera was reached.
`PASSERBY_TEST_WORKER` names a script that stands in the place of the pixel worker: a real one that crashes when it is
shown a certain picture.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.site import RunningSite, eventually


@dataclass(frozen=True)
class Entry:
    """What happened.

    Attributes:
        what: "feed" and "worker" for one that was started, "ready", "connected", "restarted".
        at_s: the moment, by the clock that only runs.
        cameras: whose it is.
        pid: of what was started.
        worker: index of the worker; -1 for what is of a camera.
        reason: why it was started again.
    """

    what: str
    at_s: float
    cameras: list[str] = field(default_factory=list)
    pid: int = 0
    worker: int = -1
    reason: str = ""


class Diary:
    """The diary as a test reads it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.touch()

    def entries(self, what: str, camera: str | None = None, after_s: float = 0.0) -> list[Entry]:
        """What happened, in its order."""
        lines = self.file.read_text().splitlines(keepends=True)
        found = [Entry(**json.loads(line)) for line in lines if line.endswith("\n")]
        return [
            one for one in found if one.what == what and one.at_s > after_s and (not camera or camera in one.cameras)
        ]

    def next(self, what: str, camera: str, after_s: float) -> Entry:
        """What happens first after a moment; waits for it."""
        return eventually(lambda: self.entries(what, camera, after_s))[0]


class DiarySite(RunningSite):
    """A running site that keeps a diary, with a worker of the test's own if it names one."""

    def __init__(self, folder: Path, *cameras: str, workers: int = 1, worker: Path | None = None) -> None:
        super().__init__(folder, *cameras, workers=workers)
        self.diary = Diary(folder / "diary.jsonl")
        self.program = ("-m", "tests.support.diary_site", str(self.diary.file))
        self.environment = {"PASSERBY_TEST_WORKER": str(worker)} if worker else {}


def keep(file: Path) -> None:
    """Writes down from here on what the guard of this process starts and hears."""
    from passerby.gate.guard import Guard
    from passerby.gate.messages import HealthFigure
    from passerby.site.watch import Watch

    names: dict[int, list[str]] = {}

    def note(what: str, **more: Any) -> None:
        with file.open("a") as diary:
            diary.write(json.dumps({"what": what, "at_s": time.monotonic(), **more}) + "\n")

    def after(owner: type, name: str, then: Callable[..., None]) -> None:
        original = getattr(owner, name)

        def instead(self: Any, *args: Any) -> None:
            original(self, *args)
            then(*args)

        setattr(owner, name, instead)

    def worker_started(worker: Any) -> None:
        names[worker.index] = [job.plan.name for job in worker.jobs]
        note("worker", cameras=names[worker.index], pid=worker.process.popen.pid, worker=worker.index)

    def feed_started(feed: Any) -> None:
        if feed.process is not None:
            note("feed", cameras=[feed.job.plan.name], pid=feed.process.popen.pid)

    def heard(camera: str, figure: HealthFigure, *_: int) -> None:
        if figure is HealthFigure.CONNECTED:
            note("connected", cameras=[camera])

    after(Guard, "_start_worker", worker_started)
    after(Guard, "_start_feed", feed_started)
    after(Watch, "ready", lambda worker, *_: note("ready", cameras=names[worker], worker=worker))
    after(
        Watch,
        "restarted",
        lambda worker, reason: note("restarted", cameras=names[worker], worker=worker, reason=reason),
    )
    after(Watch, "health", heard)


def main() -> None:
    """Runs passerby with a diary."""
    from passerby.gate import rooms

    worker = os.environ.get("PASSERBY_TEST_WORKER")
    if worker:  # before the guard reads what it starts
        rooms.WORKER_COMMAND = (sys.executable, "-I", worker)
    keep(Path(sys.argv.pop(1)))
    from passerby.cli import main as passerby

    passerby()


if __name__ == "__main__":
    main()
