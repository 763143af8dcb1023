"""The faults that passerby is put through and what each of them did; `make faults` writes benchmarks/faults.md from it.

A test says which fault it plays and notes every time it did:

    with noted("kill-feed") as note:
        for moment in moments(50):
            ...
            note.once(recovered_s=1.2)

`note.lost` counts acknowledged windows that are gone. It has to stay zero, and a test that plays nothing is refused.
"""

import json
import os
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.source import ROOT

NOTES = ROOT / ".cache" / "faults"
"""Where the notes of a run lie: a file for each process, a line for each fault that a test played."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        key: how tests call it.
        what: how docs/reliability.md and the report call it.
    """

    key: str
    what: str


GROUPS: dict[str, tuple[Fault, ...]] = {
    "Processes": (
        Fault("kill-feed", "The process that reads a camera is killed"),
        Fault("kill-worker", "The process that counts is killed"),
        Fault("decoder-crash", "The decoder crashes on what it is given"),
        Fault("model-crash", "The model crashes"),
        Fault("lies", "A worker answers out of contract"),
        Fault("orphans", "The process that started the others is killed"),
        Fault("kill-box", "One computer of several dies"),
        Fault("freeze-box", "One computer of several stops answering"),
    ),
    "A venue's computer": (
        Fault("kill-site", "passerby is killed"),
        Fault("power-site", "The power is cut"),
        Fault("disk-full-site", "The disk is full"),
        Fault("damaged-site", "The file with the counts is damaged"),
        Fault("broker-away", "The MQTT broker is away"),
    ),
    "Clocks": (
        Fault("clock-forward", "The clock steps forward"),
        Fault("clock-back", "The clock steps back"),
        Fault("summer-time", "Summer time begins and ends"),
        Fault("leap-second", "A leap second"),
    ),
    "Cameras and streams": (
        Fault("flaps", "A camera comes and goes every five seconds"),
        Fault("stalls", "A stream stands still without closing"),
        Fault("size-changes", "The size of the picture changes"),
        Fault("codec-changes", "The codec changes"),
        Fault("bit-flips", "Bits arrive flipped"),
        Fault("empty-packets", "Packets arrive empty"),
        Fault("absurd-times", "Packets carry absurd times"),
        Fault("huge-header", "A header promises a picture of 100 megapixels"),
    ),
    "A hub": (
        Fault("kill-hub", "The hub is killed"),
        Fault("power-hub", "The power of the hub is cut"),
        Fault("disk-full-hub", "The hub's disk is full"),
        Fault("damaged-hub", "The hub's file is damaged"),
        Fault("hub-away", "The hub is away for a week"),
        Fault("hub-restored", "The hub is put back from an older copy"),
        Fault("answers-lost", "The hub's answers are lost on the way"),
        Fault("batch-repeated", "A batch arrives again"),
        Fault("batch-reordered", "Batches arrive in another order"),
        Fault("batch-cut", "A batch arrives cut short"),
        Fault("batch-foreign", "A batch of another venue is replayed"),
    ),
    "From outside": (
        Fault("open-sockets", "Thousands of connections are held open"),
        Fault("slow-loris", "Requests come a byte at a time"),
        Fault("huge-bodies", "A body of one gigabyte is sent"),
        Fault("guessing", "Passwords are guessed"),
        Fault("paths", "Paths lead out of the folder"),
        Fault("addresses", "Addresses of cameras and receivers point inwards"),
        Fault("yaml-bombs", "A configuration unfolds without end"),
    ),
}

FAULTS = {fault.key: fault for group in GROUPS.values() for fault in group}


@dataclass(slots=True)
class Note:
    """What a fault did.

    Attributes:
        key: of the fault.
        times: how often it was played.
        lost: acknowledged windows that are gone.
        recovered_s: for each time that has such a moment, how long it took until all was as before.
    """

    key: str
    times: int = 0
    lost: int = 0
    recovered_s: list[float] = field(default_factory=list)

    def once(self, recovered_s: float | None = None, lost: int = 0) -> None:
        """The fault was played once more; `recovered_s` is left out where there is nothing to recover from."""
        self.times += 1
        self.lost += lost
        if recovered_s is not None:
            self.recovered_s.append(round(recovered_s, 3))


@contextmanager
def noted(key: str) -> Iterator[Note]:
    """Notes what a fault did, once the test that plays it has passed.

    Raises:
        KeyError: a fault that stands in no group.
        AssertionError: something acknowledged is gone, or nothing was played.
    """
    note = Note(FAULTS[key].key)
    yield note
    assert note.times, f"{key}: the test played nothing"
    assert note.lost == 0, f"{key}: {note.lost} acknowledged windows are gone"
    NOTES.mkdir(parents=True, exist_ok=True)
    with (NOTES / f"{os.getpid()}.jsonl").open("a") as file:
        line = {"key": note.key, "times": note.times, "lost": note.lost, "recovered_s": note.recovered_s}
        file.write(json.dumps(line) + "\n")


def read(files: Iterable[Path]) -> dict[str, Note]:
    """All notes of a fault as one, by key."""
    notes: dict[str, Note] = {}
    for file in sorted(files):
        for line in file.read_text().splitlines():
            found = json.loads(line)
            note = notes.setdefault(found["key"], Note(found["key"]))
            note.times += found["times"]
            note.lost += found["lost"]
            note.recovered_s += found["recovered_s"]
    return notes


def moments(times: int, longest_s: float, seed: int = 9) -> list[float]:
    """Seeded moments between nothing and `longest_s` at which to play a fault: the same on every run, spread evenly.

    Half of them lie in the first quarter, where beginnings are.
    """
    draw = random.Random(f"{seed}:{times}")
    spread = [longest_s * (index + draw.random()) / times for index in range(times)]
    moments_s = [at / 4 if index % 2 else at for index, at in enumerate(spread)]
    draw.shuffle(moments_s)
    return moments_s
