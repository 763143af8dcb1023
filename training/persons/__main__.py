"""From sources to weights: `python -m persons --out DIR --sources DIR [--seconds S] [--sprites N] [--processes P]`."""

import argparse
import copy
import hashlib
import os
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import httpx
import torch

from masks import sources
from masks.record import Record, sha256
from persons import pack
from persons.bank import Pictures, pictures, sprites
from persons.export import export
from persons.lessons import Heads, Likeness, plain
from persons.measure import measured
from persons.network import PersonNet
from persons.published import begin_from, read_published
from persons.render.make import Order, render
from persons.scene import Batch, Composer, photographs
from persons.spoil import spoilt
from persons.train import Course, Learnt, Source, learn, mean_of

LIST = Path(__file__).with_name("sources.sha256")
YOLOX = "yolox_nano.onnx"
YOLOX_ADDRESS = f"https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/{YOLOX}"
YOLOX_SHA256 = (
    "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",  # as released
    "695e750a5d5754bb5a8d5325643b59282191a7e7a564e435a415fd3c578eab14",  # a copy with the same weights
)
ARCHIVES = ("photos.zip", "rooms.zip", "held.zip")
RENDER_SEED, CHECK_SEED, LAST_SEEDS = 1, 9, (11, 12)
SPRITES, SECONDS, PROCESSES = 9000, 6000.0, os.cpu_count() or 1
SHARES = {"likeness": 0.5, "last": 0.25}
"""Of the time, for each stage; the last is run once for each of its seeds."""
LOOKED_AT = 8
"""Pictures from which the units of learning are taken."""
BATCH = {"cuda": 256, "cpu": 12}
SIZE_PX, CHECKED_AT_ONCE = (416, 256), 64
WEIGHTS, RECORD = "passerby-person.onnx", "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for."""

    out: Path
    sources: Path
    seconds: float
    sprites: int
    processes: int

    @property
    def device(self) -> str:
        """A graphics card where torch finds one."""
        return "cuda" if torch.cuda.is_available() else "cpu"

    def courses(self) -> dict[str, Course]:
        """The stages: first trunk and neck become like YOLOX-nano's, then the heads learn on, once with each seed."""
        batch = BATCH[self.device]
        likeness = Course(SHARES["likeness"] * self.seconds, batch, rate=2e-3, composed=0.25, clear=0.4, seed=5)
        return {"likeness": likeness, "last": Course(SHARES["last"] * self.seconds, batch, rate=8e-4, clear=0.4)}


@dataclass(frozen=True, slots=True)
class Data:
    """What is learnt from, and what is held out."""

    composer: Composer
    photos: Pictures
    held: Pictures


def main() -> None:
    """Makes the weights, and tells of each stage."""
    run = _asked()
    cv2.setNumThreads(1)
    torch.set_num_threads(run.processes)
    run.out.mkdir(parents=True, exist_ok=True)
    record = Record({"seeds": {"render": RENDER_SEED, "last": list(LAST_SEEDS), "check": CHECK_SEED}})
    with record.stage("sources"):
        _gather(run)
    with record.stage("render"):
        _sprites(run)
    with record.stage("pack"):
        pack.write(run.out / "sprites.zip", pack.sprites(run.out / "people"))
        data = _data(run)
    teacher = read_published(run.out / YOLOX)
    net = _learnt(run, record, teacher.to(run.device), data)
    _finish(run, record, {"yolox-nano": teacher, "passerby-person": net}, data)


def _asked() -> Run:
    parser = argparse.ArgumentParser(prog="python -m persons", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for all that is made")
    parser.add_argument(
        "--sources",
        type=Path,
        required=True,
        help=f"folder with {', '.join(ARCHIVES)}, or what they are packed from in `gathered` (see DATA.md); "
        f"{YOLOX} and MakeHuman's files are downloaded if they are not there",
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of learning, {SECONDS:.0f} if not given")
    parser.add_argument("--sprites", type=int, default=SPRITES, help=f"to render, {SPRITES} if not given")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="at once; all cores if not given")
    return Run(**vars(parser.parse_args()))


def _gather(run: Run) -> None:
    """Brings the published files, each only with its SHA-256, and the archives of photographs."""
    given = run.sources if (run.sources / "makehuman").is_dir() else None
    sources.gather(run.out / "sources", given, LIST)
    (run.out / YOLOX).write_bytes(_yolox(run.sources / YOLOX))
    if (run.sources / "gathered").is_dir():
        pack.all_photographs(run.sources / "gathered", run.out)
        return
    for name in ARCHIVES:
        (run.out / name).write_bytes((run.sources / name).read_bytes())


def _yolox(file: Path) -> bytes:
    """YOLOX-nano, from a file that is there, or downloaded."""
    if file.is_file():
        content = file.read_bytes()
    else:
        content = httpx.get(YOLOX_ADDRESS, follow_redirects=True, timeout=60).raise_for_status().content
    if hashlib.sha256(content).hexdigest() not in YOLOX_SHA256:
        raise ValueError(f"{YOLOX} has none of the SHA-256 {', '.join(YOLOX_SHA256)}")
    return content


def _sprites(run: Run) -> None:
    """Renders the sprites, unless they are there already."""
    if not (run.out / "people" / "sprites.jsonl").exists():
        render(Order(run.out / "sources", run.out / "people", range(run.sprites), RENDER_SEED), run.processes)


def _data(run: Run) -> Data:
    people = sprites(run.out / "sprites.zip", run.device, run.processes)
    photos, rooms, held = (pictures(run.out / name, run.device, run.processes) for name in ARCHIVES)
    return Data(Composer(people, rooms), photos, held)


def _learnt(run: Run, record: Record, teacher: PersonNet, data: Data) -> PersonNet:
    """All stages, one after the other."""
    source, courses = Source(data.composer, data.photos), run.courses()
    teacher.requires_grad_(False)
    net = begin_from(teacher).to(run.device)
    told: dict[str, Learnt] = {}
    with record.stage(f"learn, likeness, on {run.device}"):
        look = photographs(data.photos, torch.arange(min(LOOKED_AT, len(data.photos.size))), SIZE_PX).pictures
        told["likeness"] = learn(Likeness(net, teacher, look.to(run.device)), source, courses["likeness"])
    alike = plain(told["likeness"].net)
    for seed in LAST_SEEDS:
        name = f"last {seed}"
        with record.stage(f"learn, {name}, on {run.device}"):
            told[name] = learn(Heads(copy.deepcopy(alike), teacher), source, replace(courses["last"], seed=seed))
    record.facts["courses"] = {name: asdict(course) for name, course in courses.items()}
    record.facts["learnt"] = {name: {"steps": one.steps, "losses": one.losses} for name, one in told.items()}
    return mean_of(told[f"last {seed}"].net for seed in LAST_SEEDS).to(run.device)


def _checks(data: Data) -> dict[str, list[Batch]]:
    """Photographs that were held out, and sprites pasted anew: seen from the side, and from straight above."""
    torch.manual_seed(CHECK_SEED)
    numbers = torch.arange(len(data.held.size), device=data.held.size.device)
    batches = {
        "photographs held out": [
            photographs(data.held, some, SIZE_PX) for some in torch.split(numbers, CHECKED_AT_ONCE)
        ],
        "pasted": [data.composer.compose(CHECKED_AT_ONCE, SIZE_PX, 0.0) for _ in range(4)],
        "pasted, from above": [data.composer.compose(CHECKED_AT_ONCE, SIZE_PX, 1.0) for _ in range(2)],
    }
    return {name: [one.seen_through(spoilt) for one in some] for name, some in batches.items()}


def _finish(run: Run, record: Record, nets: dict[str, PersonNet], data: Data) -> None:
    """Measures, writes the weights, and the record."""
    figures: dict[str, dict[str, dict[str, float]]] = {}
    with record.stage("check"):
        for name, batches in _checks(data).items():
            for who, net in nets.items():
                found = measured(net, batches)
                figures.setdefault(name, {})[who] = asdict(found)
                sys.stdout.write(f"{name}, {who}: {found}\n")
    weights = run.out / WEIGHTS
    with record.stage("export"):
        torch.save(nets["passerby-person"].cpu().state_dict(), weights.with_suffix(".pt"))
        export(nets["passerby-person"], weights)
    record.facts["figures"] = figures
    record.facts["sources"] = {"list_sha256": sha256(LIST)} | {
        name: sha256(run.out / name) for name in (YOLOX, *ARCHIVES)
    }
    record.facts["sprites"] = {"sha256": sha256(run.out / "people" / "sprites.jsonl"), "number": run.sprites}
    record.facts["weights"] = {"file": WEIGHTS, "sha256": sha256(weights), "bytes": weights.stat().st_size}
    record.write(run.out / RECORD)
    sys.stdout.write(f"{weights}  {record.facts['weights']['sha256']}\n")


if __name__ == "__main__":
    main()
