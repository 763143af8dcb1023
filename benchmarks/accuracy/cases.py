"""The lines of the clips with known truth."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from passerby.gate.messages import LinePlan

WAYS = {"left to right": (1, 0), "right to left": (-1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(frozen=True)
class Case:
    """One line of one clip, with what truly crossed it."""

    clip: Path
    view: str
    line: LinePlan
    truth: dict[str, int]


def cases(data: Path) -> Iterator[Case]:
    """The lines of the ground truth, turned so that "in" is what its words say."""
    for name, clip in json.loads((data / "ground_truth.json").read_text())["video"].items():
        for index, line in enumerate(clip.get("lines", [])):
            view = "overhead" if name.startswith("overhead") else "level"
            start, end = line["line"]
            way = next(way for words, way in WAYS.items() if words in line["in"])
            if (end[0] - start[0]) * way[1] - (end[1] - start[1]) * way[0] < 0:
                start, end = end, start
            plan = LinePlan(line.get("name", f"line{index + 1}"), tuple(start), tuple(end), in_px=True)
            yield Case(data / "video" / name, view, plan, {"in": 0, "out": 0, **line["counts"]})
