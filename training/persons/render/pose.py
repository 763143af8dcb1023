"""Random poses: walking, standing, sitting; what the arms do; how the head is held."""

from dataclasses import dataclass, field

import numpy as np

from .rig import BONES, NAMES, NUMBER

SIDES = {"L": 1.0, "R": -1.0}
# what an arm does: degrees of swing forward, away from the body, bend of the elbow, and how far inward it bends (0..2)
ARMS = {
    "hang": (-2, 9, 14, 0.2),
    "pocket": (-14, 17, 52, 0.45),
    "phone": (18, 8, 112, 0.55),
    "call": (35, 30, 142, 0.25),
    "strap": (-5, 14, 138, 0.1),
    "box": (18, 10, 78, 0.3),
    "crossed": (22, 12, 98, 1.7),
    "bag": (2, 12, 6, 0.1),
    "pull": (-34, 14, 8, 0.1),
    "reach": (58, 8, 28, 0.2),
    "wide": (8, 38, 40, 0.1),
    "lap": (22, 8, 62, 0.6),
    "cane": (14, 14, 16, 0.1),
    "hip": (-22, 42, 88, 0.9),
}


@dataclass
class Leg:
    """Degrees: thigh forward, thigh outward, knee bent, toes up, toes outward."""

    swing: float
    out: float
    knee: float
    toes: float
    turn: float


@dataclass
class Stance:
    """A pose, angles in degrees; what each arm does by name."""

    legs: dict[str, Leg]
    arms: dict[str, str]
    swing: dict[str, float] = field(default_factory=lambda: {"L": 0.0, "R": 0.0})
    lean: float = 0.0
    twist: float = 0.0
    side: float = 0.0
    nod: float = 0.0
    look: float = 0.0
    name: str = "stand"


def turned(x: float, y: float, z: float) -> np.ndarray:
    """Returns the (3, 3) turn about x, then z, then y, by degrees."""
    a, b, c = np.radians([x, y, z])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return about_y @ about_z @ about_x


def unit(vector: np.ndarray) -> np.ndarray:
    """Returns a vector at length 1."""
    return vector / (np.linalg.norm(vector) + 1e-9)


def frame(way: np.ndarray, toward: np.ndarray) -> np.ndarray:
    """Returns the (3, 3) axes, as columns, of a bone that points `way` and bends `toward`."""
    way = unit(way)
    hinge = unit(np.cross(way, toward))
    return np.stack([way, hinge, np.cross(way, hinge)], 1)


def bent(way: np.ndarray, toward: np.ndarray, angle: float) -> np.ndarray:
    """Returns a direction bent by degrees toward another."""
    across = unit(toward - way * (way @ toward))
    return way * np.cos(np.radians(angle)) + across * np.sin(np.radians(angle))


def down(side: float, swing: float, out: float) -> np.ndarray:
    """Returns the direction of a limb that hangs, swung forward and outward by degrees."""
    swing, out = np.radians(swing), np.radians(out)
    return np.array([side * np.sin(out), -np.cos(out) * np.cos(swing), np.cos(out) * np.sin(swing)])


def _arm(turns: dict[str, np.ndarray], joints: np.ndarray, stance: Stance, side: str) -> None:
    names = [f"{name}.{side}" for name in ("upperarm", "lowerarm", "hand")]
    start, elbow, wrist = (joints[NUMBER[name]] for name in names)
    swing, out, flex, inward = ARMS[stance.arms[side]]
    way = down(SIDES[side], swing + stance.swing[side], out)
    toward = np.array([-SIDES[side] * inward, 0.0, 1.0])
    fore = bent(way, toward, max(4.0, flex + abs(stance.swing[side]) * 0.4))
    base, chest = unit(elbow - start), turns["chest"]
    rest = unit(wrist - elbow)
    turns[names[0]] = chest @ frame(way, fore) @ frame(base, rest).T
    turns[names[1]] = chest @ frame(fore, fore - way) @ frame(rest, rest - base).T
    turns[names[2]] = turns[names[1]]


def _leg(turns: dict[str, np.ndarray], joints: np.ndarray, stance: Stance, side: str) -> None:
    names = [f"{name}.{side}" for name in ("upperleg", "lowerleg", "foot")]
    start, knee, ankle = (joints[NUMBER[name]] for name in names)
    leg, back = stance.legs[side], np.array([0.0, 0.0, -1.0])
    face = turned(0, SIDES[side] * leg.turn, 0)
    way = down(SIDES[side], leg.swing, leg.out)
    back_or_down = back if leg.swing < 60 else np.array([0.0, -1.0, -0.2])
    shin = bent(way, face @ back_or_down, leg.knee)
    turns[names[0]] = turns["root"] @ frame(way, face @ back_or_down) @ frame(knee - start, back).T
    bend = face @ back if abs(shin[1]) > 0.5 else np.array([0.0, 1.0, 0.0])
    turns[names[1]] = turns["root"] @ frame(shin, bend) @ frame(ankle - knee, back).T
    turns[names[2]] = turns["root"] @ face @ turned(-leg.toes, 0, 0)


def moves(joints: np.ndarray, stance: Stance) -> np.ndarray:
    """Returns the (bones, 3, 4) moves that bring a body from rest into a stance."""
    turns = {"root": turned(stance.lean * 0.25, -stance.twist * 0.3, 0)}
    turns["spine"] = turns["root"] @ turned(stance.lean * 0.4, stance.twist * 0.5, stance.side * 0.5)
    turns["chest"] = turns["spine"] @ turned(stance.lean * 0.4, stance.twist * 0.5, stance.side * 0.5)
    turns["neck"] = turns["chest"] @ turned(stance.nod * 0.4, stance.look * 0.4, 0)
    turns["head"] = turns["neck"] @ turned(stance.nod * 0.6, stance.look * 0.6, 0)
    for side in SIDES:
        _arm(turns, joints, stance, side)
        _leg(turns, joints, stance, side)
    found = np.zeros((len(NAMES), 3, 4))
    places = joints.copy()
    for number, name in enumerate(NAMES):
        parent = BONES[name][1]
        if parent:
            above = NUMBER[parent]
            places[number] = places[above] + turns[parent] @ (joints[number] - joints[above])
        found[number, :, :3] = turns[name]
        found[number, :, 3] = places[number] - turns[name] @ joints[number]
    return found


def walking(rng: np.random.Generator) -> Stance:
    """Returns a phase of walking, slow to brisk."""
    fast = rng.random() < 0.06
    phase, size = rng.uniform(0, 2 * np.pi), rng.uniform(30, 42) if fast else rng.uniform(8, 30)
    legs, swing = {}, {}
    for side, sign in SIDES.items():
        at = phase if sign > 0 else phase + np.pi
        thigh = size * np.sin(at) + size * 0.15
        knee = 6 + 2.0 * size * max(0.0, np.cos(at)) ** 1.4
        toes = -0.75 * max(0.0, knee - thigh) if np.cos(at) > 0 or np.sin(at) < -0.6 else 0.4 * max(0.0, thigh)
        legs[side] = Leg(thigh, rng.uniform(0, 4), knee, toes, rng.uniform(0, 12))
        swing[side] = -size * rng.uniform(0.3, 1.1) * np.sin(at)
    return Stance(legs, {}, swing, twist=float(-size * 0.25 * np.sin(phase)), name="walk")


def standing(rng: np.random.Generator) -> Stance:
    """Returns somebody who stands, the weight on one leg at times."""
    legs = {}
    for side in SIDES:
        knee = max(2.0, rng.normal(5, 6))
        legs[side] = Leg(
            knee * 0.5 + rng.normal(0, 4), rng.uniform(-1, 10), knee, rng.uniform(-4, 4), rng.uniform(0, 28)
        )
    stance = Stance(legs, {}, twist=float(rng.normal(0, 9)), side=float(rng.normal(0, 3)))
    stance.swing = {side: float(rng.normal(0, 6)) for side in SIDES}
    return stance


def sitting(rng: np.random.Generator) -> Stance:
    """Returns somebody who sits."""
    legs = {}
    for side in SIDES:
        thigh = rng.uniform(76, 92)
        legs[side] = Leg(thigh, rng.uniform(2, 14), thigh + rng.uniform(-25, 12), 0, rng.uniform(0, 15))
    return Stance(legs, {}, lean=float(rng.uniform(-12, 22)), name="sit")


def stance_for(rng: np.random.Generator, holds: dict[str, str]) -> Stance:
    """Returns a random stance; `holds` says what an arm does that carries something."""
    kind = rng.choice(3, p=[0.54, 0.41, 0.05])
    stance = (walking, standing, sitting)[kind](rng)
    pair = rng.choice(["", "crossed", "pocket", "phone"], p=[0.76, 0.05, 0.13, 0.06])
    others = ["hang", "pocket", "phone", "call", "reach", "wide", "strap", "hip"]
    odds = np.array([0.62, 0.12, 0.12, 0.03, 0.02, 0.03, 0.02, 0.04])
    for side in SIDES:
        done = str(pair) or str(rng.choice(others, p=odds))
        if kind == 2 and done in ("hang", "pocket", "hip"):
            done = "lap"
        stance.arms[side] = holds.get(side, done)
        if stance.arms[side] not in ("hang", "bag"):
            stance.swing[side] = float(rng.normal(0, 4))
    stance.lean += float(rng.normal(3, 4)) + (rng.uniform(8, 28) if rng.random() < 0.06 else 0.0)
    stance.nod, stance.look = float(rng.normal(5, 9)), float(rng.normal(0, 16))
    if "phone" in stance.arms.values():
        stance.nod += rng.uniform(8, 28)
    if rng.random() < 0.15:
        stance.look = float(rng.uniform(-60, 60))
    return stance
