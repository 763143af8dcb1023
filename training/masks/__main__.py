"""From sources to weights: `python -m masks --out DIR [--sources DIR] [--steps N]`."""

import argparse
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import torch

from masks import sources
from masks.calibrate import answered, temperature
from masks.export import export
from masks.heads import Crop, load
from masks.measure import by_group, calibration_error
from masks.network import MaskNet
from masks.pool import Spoilt, pool
from masks.record import Record, sha256
from masks.render.make import render
from masks.train import Course, learn
from masks.trunk import read_trunk

RENDER_SEED, LEARNT_SEEDS, HELD_OUT_SEEDS, VIEW_SEED = 1, range(100, 104), range(900, 902), 5
HEADS = 15_000
STEPS = 2_160
"""As many as the weights of the model card were made with."""
WEIGHTS, RECORD = "passerby-mask.onnx", "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for."""

    out: Path
    sources: Path | None
    steps: int
    heads: int
    processes: int

    @property
    def device(self) -> str:
        """A graphics card where torch finds one."""
        return "cuda" if torch.cuda.is_available() else "cpu"


def main() -> None:
    """Makes the weights, and tells of each stage."""
    run = _asked()
    cv2.setNumThreads(1)
    torch.set_num_threads(max(1, run.processes - 1))  # one makes the views
    run.out.mkdir(parents=True, exist_ok=True)
    record = Record({"seeds": {"render": RENDER_SEED, "spoil": list(LEARNT_SEEDS), "learn": Course(1).seed}})
    with record.stage("sources"):
        sources.gather(run.out / "sources", run.sources)
    with record.stage("render"):
        crops = _heads(run)
    learnt_from, held_out = ([crop for crop in crops if crop.held_out is held] for held in (False, True))
    course = Course(run.steps)
    with record.stage("spoil"):
        spoilt = _spoilt(learnt_from, LEARNT_SEEDS, run)
        checked = _spoilt(held_out, HELD_OUT_SEEDS, run)
    with record.stage(f"learn on {run.device}"):
        learnt = learn(spoilt, read_trunk(run.out / "sources" / sources.GRAPH), course, run.device)
    torch.save(learnt.net.state_dict(), run.out / "passerby-mask.pt")
    record.facts |= {"course": asdict(course), "heads": {"learnt": len(learnt_from), "held_out": len(held_out)}}
    record.facts |= {"copies": {"learnt": len(spoilt), "held_out": len(checked)}, "losses": learnt.losses}
    record.facts["sources"] = {"list_sha256": sha256(sources.LIST)}
    record.facts["labels_sha256"] = sha256(run.out / "heads" / "labels.csv")
    _finish(run, record, learnt.net, (checked, held_out))


def _asked() -> Run:
    parser = argparse.ArgumentParser(prog="python -m masks", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for all that is made")
    parser.add_argument("--sources", type=Path, help="folder with the published files; without it they are downloaded")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of learning, {STEPS} if not given")
    parser.add_argument("--heads", type=int, default=HEADS, help=f"to render, {HEADS} if not given")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="at once; all cores if not given")
    asked = parser.parse_args()
    return Run(asked.out, asked.sources, asked.steps, asked.heads, asked.processes)


def _heads(run: Run) -> list[Crop]:
    """Renders the heads that are not there, and reads all."""
    folder = run.out / "heads"
    if not (folder / "labels.csv").exists():
        render(run.out / "sources", folder, range(run.heads), RENDER_SEED, run.processes)
    return load(folder)


def _spoilt(crops: list[Crop], seeds: range, run: Run) -> list[Spoilt]:
    copies: list[Spoilt] = []
    for number, found in enumerate(pool(crops, seeds, min(run.processes, len(seeds))), 1):
        copies += found
        sys.stdout.write(f"{number} of {len(seeds)} spoilt copies of {len(crops)} heads\n")
        sys.stdout.flush()
    return copies


def _finish(run: Run, record: Record, net: MaskNet, held: tuple[list[Spoilt], list[Crop]]) -> None:
    """Calibrates, writes the weights, checks them on heads that were held out, and writes the record."""
    weights = run.out / WEIGHTS
    with record.stage("calibrate, export and check"):
        seen = answered(net, held[0], VIEW_SEED)
        heat = temperature(seen)
        export(net, heat, weights)
        groups = by_group(*held, seen, heat)
    errors = {"as_learnt": calibration_error(seen, 1.0), "calibrated": calibration_error(seen, heat)}
    record.facts |= {"temperature": heat, "expected_calibration_error": errors}
    record.facts["groups"] = [asdict(group) for group in groups]
    record.facts["weights"] = {"file": WEIGHTS, "sha256": sha256(weights), "bytes": weights.stat().st_size}
    record.write(run.out / RECORD)
    sys.stdout.write(f"{'group':40} {'views':>6} {'right':>6} {'sure':>6} right if sure\n")
    for group in groups:
        sys.stdout.write(f"{group}\n")
    sys.stdout.write(f"{weights}  {record.facts['weights']['sha256']}\n")


if __name__ == "__main__":
    main()
