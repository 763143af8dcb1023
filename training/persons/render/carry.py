"""What people carry: bags, boxes, a phone, a trolley. Made of rounded boxes and cords."""

from dataclasses import dataclass

import numpy as np

from masks.render.body import between
from masks.render.parts import Kind, Look, Part, Pattern, cloth, sheet, tube

from .clothes import dark, tint
from .rig import NUMBER

# what may be carried: how often, and what the arm does that carries it
THINGS = {"": (0.45, ""), "backpack": (0.15, ""), "shoulder": (0.11, ""), "handbag": (0.07, "bag")}
THINGS |= {
    "shopping": (0.06, "bag"),
    "trolley": (0.05, "pull"),
    "case": (0.03, "bag"),
    "box": (0.03, "box"),
    "cart": (0.03, "box"),
    "stick": (0.02, "cane"),
}


@dataclass
class Grip:
    """A person in a stance, to hang things on.

    Attributes:
        moves: (bones, 3, 4) from rest into the stance.
        rest: (n, 3) the base mesh's vertices at rest.
        joints: (bones, 3) at rest.
        size: units in a decimetre.
        ground: height of the ground.
    """

    moves: np.ndarray
    rest: np.ndarray
    joints: np.ndarray
    size: float
    ground: float

    @property
    def near_hips(self) -> np.ndarray:
        """Which of the vertices lie about the hips."""
        return (np.abs(self.rest[:, 1] - 0.6) < 0.5) & (np.abs(self.rest[:, 0]) < 3)

    def at(self, bone: str, points: np.ndarray) -> np.ndarray:
        """Returns (n, 3) points at rest, moved with a bone."""
        move = self.moves[NUMBER[bone]]
        return points @ move[:, :3].T + move[:, 3]

    def palm(self, side: str) -> np.ndarray:
        """Returns the place of a hand."""
        wrist, elbow = self.joints[NUMBER[f"hand.{side}"]], self.joints[NUMBER[f"lowerarm.{side}"]]
        return self.at(f"hand.{side}", (wrist + (wrist - elbow) * 0.3)[None])[0]


def block(size: np.ndarray, look: Look, sharp: float) -> Part:
    """Returns a box of a size (3,) about the origin; the smaller `sharp` (0..1), the sharper its edges."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 25), np.linspace(-np.pi / 2, np.pi / 2, 13))

    def soft(value: np.ndarray) -> np.ndarray:
        return np.sign(value) * np.abs(value) ** sharp

    ball = np.stack([soft(np.cos(v)) * soft(np.cos(u)), soft(np.sin(v)), soft(np.cos(v)) * soft(np.sin(u))], -1)
    part = sheet(Kind.EXTRA, ball * size / 2, look)
    part.tex = part.points * 1.0
    return part


def _look(rng: np.random.Generator) -> Look:
    look = cloth(rng, 1.0)
    look.first = dark(rng) if rng.random() < 0.5 else tint(rng)
    return look


def backpack(rng: np.random.Generator, grip: Grip) -> list[Part]:
    """Returns a bag on the back, or before the chest at times, with its straps."""
    way = -1.0 if rng.random() < 0.93 else 1.0
    trunk = grip.rest[np.abs(grip.rest[:, 0]) < 0.5]
    trunk = trunk[(trunk[:, 1] > 2.5) & (trunk[:, 1] < 5)]
    surface = trunk[:, 2].min() if way < 0 else trunk[:, 2].max()
    size = np.array([rng.uniform(2.4, 3.4), rng.uniform(3.4, 5.0), rng.uniform(1.2, 2.3)]) * grip.size
    look = _look(rng)
    bag = block(size, look, rng.uniform(0.3, 0.6))
    top = grip.joints[NUMBER["neck"]][1] - rng.uniform(0.2, 1.0) * grip.size
    bag.points += [0, top - size[1] / 2, surface + way * size[2] * 0.45]
    made, front = [bag], trunk[:, 2].max()
    for side in (-1, 1):
        x = side * 1.05 * grip.size
        path = np.array(
            [[x, top - 0.4, surface], [x, top + 0.55, 0.1], [x, top - 0.3, front], [x * 1.3, top - 2, front + 0.1]]
        )
        path = np.concatenate([path, [[x * 1.5, top - 3, 0], [x, top - 3.2, surface]]])
        made.append(tube(Kind.EXTRA, path, 0.4 * grip.size, look, 5))
    for part in made:
        part.points = grip.at("chest", part.points)
    return made


def shoulder(rng: np.random.Generator, grip: Grip) -> list[Part]:
    """Returns a bag at the hip, with its belt over a shoulder."""
    side = float(rng.choice([-1, 1]))
    hip = np.abs(grip.rest[grip.near_hips, 0]).max()
    size = np.array([rng.uniform(0.8, 1.5), rng.uniform(1.8, 3.2), rng.uniform(2.4, 3.8)]) * grip.size
    look = _look(rng)
    bag = block(size, look, rng.uniform(0.25, 0.6))
    place = np.array([side * (min(hip, 2.2) + size[0] * 0.4), rng.uniform(0.4, 2.2), rng.uniform(-0.4, 0.6)])
    bag.points += place
    over = side * -1.0 if rng.random() < 0.6 else side
    neck = grip.joints[NUMBER["neck"]]
    top = np.array([over * 1.15, neck[1] - 0.15, 0.0])
    front, back = np.array([side * 0.2, 3.6, 1.75]), np.array([side * 0.2, 3.6, -1.25])
    path = np.array([place, place * 0.4 + front * 0.6, front, top, back, place * 0.4 + back * 0.6, place])
    belt = tube(Kind.EXTRA, path, 0.22 * grip.size, look, 4)
    bag.points, belt.points = grip.at("spine", bag.points), grip.at("spine", belt.points)
    return [bag, belt]


def in_hand(rng: np.random.Generator, grip: Grip, side: str, name: str) -> list[Part]:
    """Returns a bag or case that hangs from a hand."""
    sizes = {"handbag": (1.1, 2.2, 3.2), "shopping": (1.4, 3.6, 3.2), "case": (1.0, 3.0, 4.2)}
    size = np.array(sizes[name]) * rng.uniform(0.75, 1.2, 3) * grip.size
    palm = grip.palm(side)
    drop = min(rng.uniform(0.5, 2.2) * grip.size, max(0.2, palm[1] - grip.ground - size[1] - 0.3))
    look = _look(rng)
    if name == "shopping" and rng.random() < 0.5:
        look.first, look.pattern = between([(235, 235, 230), (190, 150, 110)], rng), Pattern.BLOBS
    bag = block(size, look, 0.2 if name == "case" else rng.uniform(0.3, 0.7))
    place = palm - [0, drop + size[1] / 2, 0]
    bag.points += place
    ends = [place + [0, size[1] / 2, way * size[2] * 0.3] for way in (-1, 1)]
    return [bag, tube(Kind.EXTRA, np.array([ends[0], palm, ends[1]]), 0.15 * grip.size, look, 4)]


def trolley(rng: np.random.Generator, grip: Grip, side: str) -> list[Part]:
    """Returns a case on wheels behind the person, with its handle in a hand."""
    size = np.array([rng.uniform(3.2, 4.6), rng.uniform(5, 7), rng.uniform(2, 2.8)]) * grip.size
    look = _look(rng)
    look.gloss = float(rng.uniform(0.05, 0.4))
    bag = block(size, look, 0.22)
    palm, lean = grip.palm(side), np.radians(rng.uniform(5, 28))
    turn = np.array([[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]])
    reach = max((palm[1] - grip.ground) / np.cos(lean), size[1] + 0.5)
    foot = palm - turn @ np.array([0, reach, 0])
    foot[2] = min(foot[2], palm[2])
    bag.points = (bag.points + [0, size[1] / 2 + 0.3, -size[2] * 0.3]) @ turn.T + foot
    rods = [(np.array([[x, size[1], 0], [x, reach, 0]]) * [1, 1, 1]) @ turn.T + foot for x in (-0.7, 0.7)]
    grey = Look(np.full(3, 0.15), np.full(3, 0.15), Pattern.PLAIN, 2, 0.3)
    return [bag, *(tube(Kind.EXTRA, rod, 0.2, grey, 4) for rod in rods)]


def cart(rng: np.random.Generator, grip: Grip) -> list[Part]:
    """Returns a pram or trolley that is pushed: a body, a hood at times, wheels and a handle."""
    look, size = _look(rng), np.array([rng.uniform(4, 5.5), rng.uniform(2, 4), rng.uniform(5, 8)]) * grip.size
    hands = (grip.palm("L") + grip.palm("R")) / 2
    middle = np.array([hands[0], grip.ground + (rng.uniform(3, 5)) * grip.size + size[1] / 2, hands[2] + size[2] * 0.6])
    grey = Look(np.full(3, 0.05), np.full(3, 0.1), Pattern.PLAIN, 2, 0.3)
    made = [block(size, look, rng.uniform(0.15, 0.5))]
    if rng.random() < 0.5:
        hood = block(size * [1, 1.3, 0.5], look, 0.8)
        hood.points += [0, size[1] * 0.6, -size[2] * 0.25]
        made.append(hood)
    for x, z in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        wheel = block(np.array([0.4, 1.8, 1.8]) * grip.size, grey, 0.9)
        wheel.points += [x * size[0] * 0.45, grip.ground + 0.9 * grip.size - middle[1], z * size[2] * 0.4]
        leg = np.array([wheel.points.mean(0), [x * size[0] * 0.4, 0, z * size[2] * 0.2]])
        made += [wheel, tube(Kind.EXTRA, leg, 0.25 * grip.size, grey, 4)]
    for part in made:
        part.points = part.points + middle
    rods = [np.array([[x * 1.6, hands[1], hands[2]], middle + [x * 1.6, 0, -size[2] * 0.4]]) for x in (-1, 1)]
    bar = np.array([[-1.9, hands[1], hands[2]], [1.9, hands[1], hands[2]]]) + [hands[0], 0, 0]
    return made + [tube(Kind.EXTRA, rod, 0.25 * grip.size, grey, 4) for rod in (*rods, bar)]


def carried(rng: np.random.Generator, grip: Grip, side: str, thing: str) -> list[Part]:
    """Returns the parts of a thing of `THINGS`, in the stance."""
    if thing == "backpack":
        return backpack(rng, grip)
    if thing == "shoulder":
        return shoulder(rng, grip)
    if thing == "trolley":
        return trolley(rng, grip, side)
    if thing == "cart":
        return cart(rng, grip)
    if thing == "stick":
        return stick(rng, grip, side)
    if thing == "box":
        size = np.array([rng.uniform(2.5, 4.5), rng.uniform(1.5, 3.5), rng.uniform(2, 3.2)]) * grip.size
        made = block(size, Look(between([(190, 150, 110), (150, 112, 75)], rng), tint(rng), Pattern.BLOBS, 0.5), 0.12)
        made.points += (grip.palm("L") + grip.palm("R")) / 2 + [0, size[1] * 0.3, size[2] * 0.15]
        return [made]
    return in_hand(rng, grip, side, thing)


def stick(rng: np.random.Generator, grip: Grip, side: str) -> list[Part]:
    """Returns a walking stick between a hand and the ground."""
    palm = grip.palm(side)
    foot = np.array([palm[0] + rng.normal(0, 0.4), grip.ground, palm[2] + rng.uniform(-0.5, 1.5)])
    look = Look(dark(rng), tint(rng))
    handle = np.array([palm - [0, 0, 0.6], palm + [0, 0, 0.6]])
    return [tube(Kind.EXTRA, path, 0.28 * grip.size, look, 5) for path in (np.array([palm, foot]), handle)]


def phone(grip: Grip, side: str) -> Part:
    """Returns a phone in a hand."""
    made = block(np.array([0.75, 1.5, 0.12]), Look(np.full(3, 0.02), np.full(3, 0.3), Pattern.PLAIN, 2, 0.4), 0.2)
    made.points += grip.palm(side) + [0, 0.5, 0.1]
    return made
