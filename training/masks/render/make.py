"""Makes a folder of rendered heads with labels.csv."""

import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from . import body as bodies
from . import cover, masks
from .assets import load, load_hair
from .backdrop import backdrop, develop, lights
from .headmap import HeadMap, Surface
from .parts import Kind, Part
from .people import person
from .scene import SIDE, Painter, camera, pack, project, vertex_normals

LABELS = {"with": 0.35, "wrong": 0.15, "without": 0.25, "back": 0.20, "covered": 0.05}
FIELDS = ("file", "label", "x1", "y1", "x2", "y2", "yaw_deg", "pitch_deg", "wear", "extra", "visible")
PICTURE, SIDES = 160, 4.0
LEAST_SEEN, TRIES = 0.25, 24
# how much of the face's box must show a mask, or a scarf or hand, for a label to be plain to see: least and most
PROOF = {
    "with": (Kind.MASK, 0.05, 9),
    "wrong": (Kind.MASK, 0.04, 9),
    "without": (Kind.COVER, 0, 0.14),
    "covered": (Kind.COVER, 0.1, 9),
    "back": (Kind.COVER, 0, 9),
}
SLACK = 0.15  # decimetres: a point of the face is seen unless something lies so far before it


@dataclass
class Outfit:
    """What one head wears: the parts, the mask's style, and the names of all else."""

    parts: list[Part]
    wear: str = "none"
    extra: list[str] = field(default_factory=list)

    def add(self, name: str, *parts: Part) -> None:
        """Puts on what is called `name`."""
        self.extra.append(name)
        self.parts.extend(parts)


@dataclass
class Pose:
    """Radians: the body's turn, the head's turn and nod against it, the camera's height and roll; far in dm."""

    turn: float
    head: float
    nod: float
    above: float
    roll: float
    far: float


@dataclass
class Shot:
    """A head before the camera.

    Attributes:
        view: The camera's projection.
        eye: The camera's place.
        faces: How many faces are closed, and drawn in all.
        box: The face's left, top, right and bottom, 0..1.
        angles: Yaw and pitch of the head to the camera, degrees.
        seen: The share of the face that the camera sees.
    """

    view: np.ndarray
    eye: np.ndarray
    faces: tuple[int, int]
    box: np.ndarray
    angles: tuple[float, float]
    seen: float


def smoothstep(value: np.ndarray) -> np.ndarray:
    """Returns 0 below 0, 1 above 1, and a soft step between."""
    value = np.clip(value, 0, 1)
    return value * value * (3 - 2 * value)


def rotation(turn: np.ndarray, nod: np.ndarray) -> np.ndarray:
    """Returns (..., 3, 3) turns about y, after nods (down positive) about x."""
    a, b, c, d = np.cos(turn), np.sin(turn), np.cos(nod), np.sin(nod)
    zero, rows = np.zeros_like(a), [[a, b * d, b * c], [np.zeros_like(a), c, -d], [-b, a * d, a * c]]
    return np.stack([np.stack([x + zero for x in row], -1) for row in rows], -2)


def posed(points: np.ndarray, pose: Pose) -> np.ndarray:
    """Returns points with the head turned on the neck, and the body with it."""
    share = smoothstep((points[:, 1] + 0.35 * (points[:, 2] - 0.5) - 5.65) / 0.65)
    pivot = np.array([0, 5.9, 0.25])
    points = np.einsum("nij,nj->ni", rotation(pose.head * share, pose.nod * share), points - pivot) + pivot
    return points @ rotation(np.array(pose.turn), np.array(0.0)).T


def pose_for(rng: np.random.Generator, label: str) -> Pose:
    """Returns a random pose: away from the camera for 'back', else mostly towards it."""
    yaw = rng.uniform(100, 260) if label == "back" else float(np.clip(rng.normal(0, 45), -115, 115))
    if label != "back" and rng.random() < 0.2:
        yaw = rng.uniform(-115, 115)
    above = rng.uniform(-15, 60) if rng.random() < 0.6 else float(np.clip(rng.normal(15, 12), -15, 60))
    head, nod = np.clip(rng.normal(0, 18), -40, 40), np.clip(rng.normal(4, 9), -15, 28)
    roll = np.clip(rng.normal(0, 7), -20, 20)
    turn, head, nod, above, roll = (float(np.radians(angle)) for angle in (yaw - head, head, nod, above, roll))
    return Pose(turn, head, nod, above, roll, far=float(rng.uniform(22, 90)))


def seen_from(pose: Pose) -> tuple[np.ndarray, float, float]:
    """Returns the camera's place, the head's yaw (to the picture's right) and pitch (seen from above), degrees."""
    way = np.array([0.0, np.sin(pose.above), np.cos(pose.above)])
    inward = rotation(np.array(pose.turn + pose.head), np.array(pose.nod)).T @ way
    return (
        np.array([0, 6.9, 0]) + way * pose.far,
        float(np.degrees(np.arctan2(-inward[0], inward[2]))),
        float(np.degrees(np.arcsin(inward[1]))),
    )


class Studio:
    """Holds what all heads share."""

    def __init__(self, assets: Path) -> None:
        """Reads MakeHuman's files from `assets` and opens the renderer."""
        self.base = load(assets)
        self.hair = load_hair(assets)
        self.map = HeadMap(self.base, assets / "headmap.npz")
        self.body = bodies.Body(self.base, self.map)
        self.hand = cover.Hand(self.base)
        self.painter = Painter()
        self.face_turn, self.face_tilt = np.meshgrid(np.arange(-66, 67, 6.0), np.arange(-41, 25, 4.0))

    def dress(self, rng: np.random.Generator, label: str) -> tuple[Outfit, Surface]:
        """Returns a random person, dressed for a label."""
        points = person(rng, self.base)
        surface = self.map.on(points)
        tint = bodies.between(bodies.HAIRS, rng, bodies.HAIR_ODDS)
        skin = self.body.skin(rng, points, tint * 0.8)
        clothes = self.body.clothes(rng, points)
        skin.faces = skin.faces[(clothes.alpha < 1.2)[skin.faces].any(1)]
        outfit = Outfit([skin, *self.body.eye_parts(rng, points), clothes])
        hard = label == "without" and rng.random() < 0.4
        lift = self.face_hair(rng, surface, outfit, tint, 0.4 if hard else 0.22)
        self.on_face(rng, surface, outfit, label, lift)
        self.on_head(
            rng,
            outfit,
            (points, surface),
            tint,
            0.0 if {"bandana", "scarf_high"} & set(outfit.extra) else 0.25 if hard else 0.12,
        )
        if label == "without" and hard:
            self.near_face(rng, surface, outfit)
        if rng.random() < (0.35 if hard else 0.2):
            outfit.add("glasses", *cover.glasses(rng, surface))
        return outfit, surface

    def face_hair(
        self, rng: np.random.Generator, surface: Surface, outfit: Outfit, tint: np.ndarray, odds: float
    ) -> float:
        """Puts on a beard at times; returns how far it stands off, decimetres."""
        if rng.random() > odds:
            return 0.0
        long = float(rng.beta(0.8, 1.8))
        outfit.add("beard", cover.beard(rng, surface, tint * rng.uniform(0.6, 1.1), long))
        return 0.03 + 0.15 * long

    def on_face(self, rng: np.random.Generator, surface: Surface, outfit: Outfit, label: str, lift: float) -> None:
        """Puts on the mask, or what covers a face without being one."""
        if label in ("with", "wrong") or (label == "back" and rng.random() < 0.35):
            outfit.wear = str(rng.choice(masks.STYLES, p=[0.42, 0.25, 0.23, 0.1]))
            state = str(rng.choice(masks.WRONG, p=[0.45, 0.42, 0.13])) if label == "wrong" else "worn"
            outfit.parts += masks.mask(rng, surface, outfit.wear, state, lift)
            if state != "worn":
                outfit.extra.append(state)
        elif label == "covered":
            kind = rng.choice(4)
            if kind == 0:
                outfit.add("scarf_high", cover.scarf(rng, surface, rng.uniform(-8, 3), Kind.COVER))
            elif kind == 1:
                outfit.add("bandana", cover.bandana(rng, surface))
            elif kind == 2:
                outfit.add(
                    "hand_mouth",
                    self.hand.at(rng, surface.at(0.0, -14.0) + [0, 0, 0.12], outfit.parts[0].look, Kind.COVER),
                )
            else:
                outfit.add("veil", cover.headcloth(rng, surface, "eyes", rng.uniform(0.05, 0.12)))

    def near_face(self, rng: np.random.Generator, surface: Surface, outfit: Outfit) -> None:
        """Puts a scarf below the mouth, or a hand beside the face."""
        if rng.random() < 0.5:
            outfit.add("scarf", cover.scarf(rng, surface, rng.uniform(-62, -34), Kind.EXTRA))
        elif rng.random() < 0.7:
            spot = surface.at(float(rng.choice([-1, 1]) * rng.uniform(45, 85)), float(rng.uniform(-35, 25)))
            outfit.add("hand", self.hand.at(rng, spot + [0, 0, 0.15], outfit.parts[0].look, Kind.COVER))

    def on_head(
        self, rng: np.random.Generator, outfit: Outfit, head: tuple[np.ndarray, Surface], tint: np.ndarray, odds: float
    ) -> None:
        """Puts on hair, and at times a hat, a hijab or a hood."""
        points, surface = head
        chance = rng.random()
        if "veil" in outfit.extra:
            return
        if chance < odds:
            opening, loose = (
                ("face", rng.uniform(0.05, 0.16)) if rng.random() < 0.6 else ("wide", rng.uniform(0.12, 0.35))
            )
            outfit.add("hijab" if opening == "face" else "hood", cover.headcloth(rng, surface, opening, loose))
            return
        covered = chance < odds + 0.2
        if covered:
            name, parts = cover.hat(rng, surface)
            outfit.add(name, *parts)
        if rng.random() < 0.06:
            outfit.extra.append("bald")
        elif covered or rng.random() < 0.6:
            outfit.parts.append(bodies.shell_hair(rng, surface, tint, 0.05 if covered else 1.0))
            if not covered and rng.random() < 0.15:
                outfit.parts.append(bodies.bun(rng, surface, tint))
        else:
            outfit.parts.append(bodies.mesh_hair(rng, points, self.hair[str(rng.choice(sorted(self.hair)))], tint))

    def place(self, outfit: Outfit, surface: Surface, pose: Pose) -> Shot:
        """Poses a head before the camera, sends it to the renderer and measures how much of the face is seen."""
        parts = sorted(outfit.parts, key=lambda part: part.kind)
        table, faces = pack(parts)
        table[:, :3] = posed(table[:, :3].astype(float), pose)
        table[:, 3:6] = vertex_normals(table[:, :3].astype(float), faces)
        self.painter.fill(table, faces)
        face = posed(surface.at(self.face_turn, self.face_tilt).reshape(-1, 3), pose)
        eye, yaw, pitch = seen_from(pose)
        view = camera(eye, pose.roll, face, SIDES)
        spots = project(view, face)[:, :2]
        closed, hiding = (
            sum(len(part.faces) for part in parts if part.kind <= last) for last in (Kind.BODY, Kind.HEADGEAR)
        )
        depths = self.painter.nearest(view, hiding)
        column, row = np.clip(spots.T * SIDE, 0, SIDE - 1).astype(int)
        before = project(view, face + SLACK * (eye - face) / np.linalg.norm(eye - face, axis=1, keepdims=True))[:, 2]
        seen = (depths[row, column] >= before) & facing(face.reshape(*self.face_turn.shape, 3), eye)
        box = np.r_[spots.min(0), spots.max(0)]
        return Shot(view, eye, (closed, len(faces)), box, (yaw, pitch), float(seen.mean()))

    def take(self, rng: np.random.Generator, shot: Shot, kind: Kind) -> tuple[np.ndarray, float]:
        """Returns the picture (PICTURE, PICTURE, 3) and the area of parts of a kind, the face's box being 1."""
        drawn = self.painter.draw(shot.view, shot.eye, lights(rng), *shot.faces)
        area = (drawn[..., 3] == kind).sum() / ((shot.box[2:] - shot.box[:2]).prod() * SIDE**2)
        return compose(rng, drawn, backdrop(rng)), float(area)


def facing(grid: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """Returns for each point of a (rows, columns, 3) grid whether its surface is turned to the eye."""
    across, down = np.gradient(grid, axis=1), np.gradient(grid, axis=0)
    normal = np.cross(across, down)
    return (((eye - grid) * normal).sum(-1) > 0).ravel()


def compose(rng: np.random.Generator, drawn: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """Returns the drawn head before its background, at the final size."""
    picture = np.where(drawn[..., 3:] > 0, drawn[..., :3], behind)
    small = cv2.resize(picture.astype(np.float32), (PICTURE, PICTURE), interpolation=cv2.INTER_AREA)
    return develop(rng, small)


def line_of(label: str, shot: Shot, outfit: Outfit) -> dict[str, object]:
    """Returns a head's line of labels.csv without the file's name."""
    line: dict[str, object] = {"label": label}
    line |= {
        name: round(float(value) * PICTURE, 1) for name, value in zip(("x1", "y1", "x2", "y2"), shot.box, strict=True)
    }
    line |= {name: round(value, 1) for name, value in zip(("yaw_deg", "pitch_deg"), shot.angles, strict=True)}
    return line | {"wear": outfit.wear, "extra": "+".join(outfit.extra), "visible": round(shot.seen, 2)}


def head(studio: Studio, rng: np.random.Generator, label: str) -> tuple[np.ndarray, dict[str, object]]:
    """Returns a picture that earns `label`, and its line of labels.csv without the file's name.

    Raises:
        RuntimeError: No try earned the label.
    """
    kind, least, most = PROOF[label]
    for attempt in range(TRIES):
        if attempt % 3 == 0:
            outfit, surface = studio.dress(rng, label)
        shot = studio.place(outfit, surface, pose_for(rng, label))
        if (shot.seen < LEAST_SEEN) != (label == "back"):
            continue
        picture, area = studio.take(rng, shot, kind)
        if least <= area <= most:
            return picture, line_of(label, shot, outfit)
    raise RuntimeError(f"no head earned the label {label!r} in {TRIES} tries")


_studios: list[Studio] = []
"""The one studio of a process that draws."""


def render(assets: Path, out: Path, heads: range, seed: int, processes: int) -> None:
    """Fills a folder with pictures, NNNNNN.jpg, and at the end with labels.csv. Tells of it on standard output.

    Args:
        assets: folder with MakeHuman's files; what is measured of them once is kept there.
        out: the folder.
        heads: numbers of the pictures; each has its own seed, made of `seed` and its number.
        seed: of all.
        processes: at work at once.

    Raises:
        RuntimeError: no try earned a label.
    """
    out.mkdir(parents=True, exist_ok=True)
    HeadMap(load(assets), assets / "headmap.npz")
    with ProcessPoolExecutor(processes, get_context("fork"), _open, (assets,)) as workers:
        lines = []
        for line in workers.map(partial(_shoot, out, seed), heads, chunksize=20):
            lines.append(line)
            if len(lines) % 500 == 0 or len(lines) == len(heads):
                sys.stdout.write(f"{len(lines)} of {len(heads)} heads\n")
                sys.stdout.flush()
    with (out / "labels.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        writer.writeheader()
        writer.writerows(lines)


def _open(assets: Path) -> None:
    cv2.setNumThreads(1)
    _studios[:] = [Studio(assets)]


def _shoot(out: Path, seed: int, number: int) -> dict[str, object]:
    rng = np.random.default_rng([seed, number])
    label = str(rng.choice(list(LABELS), p=list(LABELS.values())))
    picture, line = head(_studios[0], rng, label)
    name = f"{number:06d}.jpg"
    cv2.imwrite(str(out / name), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    return {"file": name} | line
