"""Makes a folder of sprites and sprites.jsonl, one line for each."""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from masks.render.backdrop import lights
from masks.render.parts import Part
from masks.render.scene import Light, pack, vertex_normals

from .canvas import Canvas, Lens
from .carry import THINGS, Grip, carried, phone
from .dress import Dresser, Person, measure
from .pose import Stance, moves, stance_for
from .rig import NUMBER, skin
from .seat import seat

MARGIN, QUALITY = 2, 85
BANDS = [(0.25, 0, 10), (0.3, 10, 30), (0.2, 30, 60), (0.25, 60, 90)]
"""How often the camera looks down at how many degrees."""


HEAVY, SMALL_M = ("trolley", "case", "box", "cart"), 1.25
"""What those who are smaller do not carry."""


@dataclass(frozen=True)
class Order:
    """What is wanted: where MakeHuman's files are, where sprites go, their numbers, and the seed of all."""

    sources: Path
    out: Path
    numbers: range
    seed: int


@dataclass
class Scene:
    """A person in a stance, feet on the ground.

    Attributes:
        own: parts of the person, in the stance.
        things: parts of what is carried.
        ground: the height of the lowest point.
        feet: (3,) the ground between the feet.
        crown: (3,) the top of the head.
        metres: in a unit.
    """

    own: list[Part]
    things: list[Part]
    ground: float
    feet: np.ndarray
    crown: np.ndarray
    metres: float

    def corners(self, things: bool) -> np.ndarray:
        """Returns the vertices that are drawn."""
        parts = self.own + (self.things if things else [])
        return np.concatenate([part.points[drawn(part)] for part in parts])


def height_m(person: Person) -> float:
    """Returns about how tall a person is."""
    return float(person.points[:, 1].max() - person.points[:, 1].min()) * person.metres


def drawn(part: Part) -> np.ndarray:
    """Returns the numbers of a part's vertices that are not cut away."""
    numbers = np.unique(part.faces)
    alpha = np.broadcast_to(part.alpha, (len(part.points),)) if part.alpha.size == 1 else part.alpha
    return numbers[alpha[numbers] > 0.5]


class Studio:
    """Holds the clothes and the renderer."""

    def __init__(self, sources: Path) -> None:
        """Reads MakeHuman's files and opens the renderer."""
        self.dresser, self.canvas = Dresser(sources), Canvas()

    def scene(self, rng: np.random.Generator) -> tuple[Scene, Stance, str]:
        """Returns a random person in a random stance, and what is carried."""
        person = self.dresser.person(rng)
        thing = str(rng.choice(list(THINGS), p=[odds for odds, _ in THINGS.values()]))
        if thing in HEAVY and height_m(person) < SMALL_M:
            thing = ""
        side, arm = str(rng.choice(["L", "R"])), THINGS[thing][1]
        holds = {"L": arm, "R": arm} if arm == "box" else {side: arm} if arm else {}
        stance = stance_for(rng, holds)
        if stance.name == "sit":
            thing = "seat" if rng.random() < 0.75 else "" if arm else thing
        return self.posed(rng, person, stance, (thing, side)), stance, thing

    def posed(self, rng: np.random.Generator, person: Person, stance: Stance, hold: tuple[str, str]) -> Scene:
        """Returns a person in a stance with a thing in one hand."""
        found, own = moves(person.joints, stance), []
        for part, weights in person.worn:
            used = np.unique(part.faces)
            part.points = part.points.copy()
            part.points[used] = skin(part.points[used], weights[used], found)
            own.append(part)
        scene = Scene(own, [], 0.0, np.zeros(3), np.zeros(3), person.metres)
        every = scene.corners(things=False)
        scene.ground = float(every[:, 1].min())
        grip = Grip(found, person.points, person.joints, 0.1 / person.metres, scene.ground)
        if hold[0] == "seat":
            scene.things = seat(rng, grip)
        elif hold[0]:
            scene.things = carried(rng, grip, hold[1], hold[0])
        scene.things += [
            phone(grip, s) for s, arm in stance.arms.items() if arm in ("phone", "call") and rng.random() < 0.8
        ]
        feet = np.concatenate([grip.at(f"foot.{s}", person.joints[NUMBER[f"foot.{s}"]][None]) for s in "LR"]).mean(0)
        scene.feet = np.array([feet[0], scene.ground, feet[2] + 0.4])
        head = grip.at("head", person.joints[NUMBER["head"]][None])[0]
        near = every[np.hypot(every[:, 0] - head[0], every[:, 2] - head[2]) < 1.3]
        scene.crown = near[near[:, 1].argmax()]
        return scene

    def shoot(self, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, object]]:
        """Returns a sprite (rows, columns, 4), and its line without the file's name."""
        scene, stance, thing = self.scene(rng)
        lens, angles = aimed(rng, scene)
        side = rng.uniform(200, 252)
        lens.fit(scene.corners(things=True), 2 * side)
        table, faces = pack(scene.own + scene.things)
        table[:, 3:6] = vertex_normals(table[:, :3].astype(float), faces)
        table[:, 19] = 1
        self.canvas.fill(table, faces)
        self.canvas.crease(float(rng.uniform(0.1, 0.8)))
        middle = middle_of(scene)
        picture = self.canvas.paint_all(lens.view, lens.eye, lit(rng, angles[1]), middle, len(faces))
        sprite, shift = cropped(picture)
        box = lens.pixel(scene.corners(things=False)) / 2 - shift
        low, high = box.min(0).clip(0), np.minimum(box.max(0), sprite.shape[1::-1])
        foot, head = (lens.pixel(spot[None])[0] / 2 - shift for spot in (scene.feet, scene.crown))
        line: dict[str, object] = {"e_deg": round(angles[0], 1), "d_m": round(lens.far * scene.metres, 2)}
        line["yaw"] = round(float(np.degrees(angles[1])) % 360, 1)
        line["px_per_m"] = round(lens.pixels / 2 / (lens.far * scene.metres), 2)
        line |= {"foot_xy": rounded(foot), "head_xy": rounded(head), "box": rounded(np.r_[low, high])}
        line["height_m"] = round(float(scene.crown[1] - scene.ground) * scene.metres, 2)
        return sprite, line | {"pose": stance.name, "thing": thing}


def rounded(values: np.ndarray) -> list[float]:
    """Returns numbers with one decimal."""
    return [round(float(value), 1) for value in values]


def middle_of(scene: Scene) -> np.ndarray:
    """Returns the middle of a person, in height and on the ground."""
    return np.array([*((scene.feet + scene.crown) / 2)])


def aimed(rng: np.random.Generator, scene: Scene) -> tuple[Lens, tuple[float, float]]:
    """Returns a camera somewhere around a person, its elevation in degrees and its yaw in radians."""
    _, low, high = BANDS[rng.choice(len(BANDS), p=[odds for odds, *_ in BANDS])]
    tilt, yaw = float(rng.uniform(low, high)), float(rng.uniform(0, 2 * np.pi))
    tall = float(scene.crown[1] - scene.ground) * scene.metres
    if tilt > 60:
        far = tall / 2 + float(rng.uniform(1.5, 5))
    else:
        far = max(2.5, float(np.exp(rng.uniform(np.log(2.5), np.log(20)))))
    return Lens(middle_of(scene), far / scene.metres, np.radians(tilt), yaw), (tilt, yaw)


def lit(rng: np.random.Generator, yaw: float) -> Light:
    """Returns lamps around the camera's direction, at times strong from one side, at times dim."""
    light = lights(rng)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    light.way = light.way @ turn.T
    level = float(np.exp(rng.normal(-0.1, 0.35))) * (0.35 if rng.random() < 0.12 else 1.0)
    light.colour, light.sky, light.ground = light.colour * level, light.sky * level, light.ground * level
    if rng.random() < 0.2:
        light.colour[0] *= rng.uniform(1.2, 2.0)
        light.sky, light.ground = light.sky * 0.5, light.ground * 0.5
    return light


def cropped(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the picture at half its size, cut close around what is drawn, and the cut's left and top."""
    mask = (picture[..., 3:] > 0).astype(np.float32)
    colour = picture[..., 2::-1].astype(np.float32) * mask
    both = np.concatenate([colour, mask], 2)
    half = cv2.resize(both, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    near = cv2.blur(half, (9, 9))
    source = np.where(half[..., 3:] > 0, half, near)
    paint = source[..., :3] / np.maximum(source[..., 3:], 1e-4)
    full = np.concatenate([np.clip(paint, 0, 255), half[..., 3:] * 255], 2)
    rows, columns = np.flatnonzero(half[..., 3].any(1)), np.flatnonzero(half[..., 3].any(0))
    top, left = max(0, rows[0] - MARGIN), max(0, columns[0] - MARGIN)
    cut = full[top : rows[-1] + MARGIN + 1, left : columns[-1] + MARGIN + 1]
    return np.rint(cut).astype(np.uint8), np.array([left, top], float)


_studios: list[Studio] = []
"""The one studio of a process that draws."""


def _open(sources: Path) -> None:
    cv2.setNumThreads(1)
    _studios[:] = [Studio(sources)]


def _one(order: Order, number: int) -> dict[str, object]:
    rng = np.random.default_rng([order.seed, number])
    sprite, line = _studios[0].shoot(rng)
    name = f"{number:05d}.webp"
    cv2.imwrite(str(order.out / "sprites" / name), sprite, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return {"file": name} | line


def render(order: Order, processes: int) -> None:
    """Fills a folder with sprites, and sprites.jsonl line by line. Tells of it on standard output.

    Args:
        order: what is wanted; each sprite's seed is made of the order's and its number.
        processes: at work at once.
    """
    (order.out / "sprites").mkdir(parents=True, exist_ok=True)
    measure(order.sources)
    with (
        ProcessPoolExecutor(processes, get_context("spawn"), _open, (order.sources,)) as workers,
        (order.out / "sprites.jsonl").open("a") as stream,
    ):
        for done, line in enumerate(workers.map(partial(_one, order), order.numbers, chunksize=4), 1):
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            if done % 200 == 0 or done == len(order.numbers):
                sys.stdout.write(f"{done} of {len(order.numbers)} sprites\n")
                sys.stdout.flush()
