"""Dresses a random body from shoes to hat. All parts are at rest, each with the weights by which it follows bones."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from masks.render import body as bodies
from masks.render import cover, masks
from masks.render.assets import Fitted, load_hair, read_fitted, triangles
from masks.render.headmap import HeadMap, Surface
from masks.render.parts import Kind, Look, Part, Pattern

from .clothes import Garment, Wardrobe, dark, legs_look, look_for, tint
from .figure import figure, load_base, skin_faces
from .rig import NUMBER, load_rig, on_head

Worn = tuple[Part, np.ndarray]
_SIGNAL = [(255, 120, 20), (225, 240, 50)]


@dataclass
class Person:
    """A dressed person at rest.

    Attributes:
        points: (n, 3) the base mesh's vertices.
        metres: in a unit.
        joints: (bones, 3).
        worn: parts and weights.
        hides: base vertices that are not drawn.
    """

    points: np.ndarray
    metres: float
    joints: np.ndarray
    worn: list[Worn] = field(default_factory=list)
    hides: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))


def measure(folder: Path) -> None:
    """Fills the caches beside MakeHuman's files, before several processes want them."""
    HeadMap(load_base(folder), folder / "headmap.npz")


class Dresser:
    """Holds what all people share."""

    def __init__(self, folder: Path) -> None:
        """Reads MakeHuman's files."""
        self.base = load_base(folder)
        self.rig = load_rig(folder, len(self.base.points))
        self.map = HeadMap(self.base, folder / "headmap.npz")
        self.skin = bodies.Body(self.base, self.map)
        self.skin.faces = skin_faces(self.base, self.map)
        self.hair = load_hair(folder)
        self.fedoras = [
            read_fitted(folder / f"base/clothes/fedora01/{name}.mhclo") for name in ("fedora", "fedora_cocked")
        ]
        self.wardrobe = Wardrobe(folder, self.base, self.rig)
        self.hands = self.rig.weights[:, [NUMBER["hand.L"], NUMBER["hand.R"]]].sum(1)

    def person(self, rng: np.random.Generator) -> Person:
        """Returns a random person, dressed."""
        points, metres = figure(rng, self.base)
        made = Person(points, metres, self.rig.joints(points), hides=np.zeros(len(points), bool))
        hair = bodies.between(bodies.HAIRS, rng, bodies.HAIR_ODDS)
        skin = self.skin.skin(rng, points, hair * 0.8)
        if rng.random() < 0.07:
            skin.look.first += self.hands.clip(0, 1)[:, None] * (dark(rng) - skin.look.first)
        self._clothes(rng, made)
        self._feet(rng, made)
        skin.faces = skin.faces[~made.hides[skin.faces].all(1)]
        made.worn += [(skin, self.rig.weights), *((eye, self.rig.weights) for eye in self.skin.eye_parts(rng, points))]
        for part in self._head(rng, points, hair):
            made.worn.append((part, on_head(part.points)))
        return made

    def _clothes(self, rng: np.random.Generator, made: Person) -> None:
        """Puts on what covers legs and trunk."""
        kind = rng.choice(["suit", "shells", "mixed", "dress", "coat", "robe"], p=[0.2, 0.27, 0.24, 0.11, 0.15, 0.03])
        signal = rng.random() < 0.03
        if kind in ("suit", "mixed", "coat") and rng.random() < 0.75:
            self._garments(rng, made, self.wardrobe.lowers, legs_look(rng))
        elif kind != "robe":
            self._trousers(rng, made)
        if kind == "suit" or (kind == "mixed" and rng.random() < 0.4):
            self._garments(rng, made, self.wardrobe.tops, look_for(rng))
        elif kind in ("shells", "mixed"):
            self._top(rng, made, signal)
        else:
            self._long(rng, made, str(kind))

    def _garments(self, rng: np.random.Generator, made: Person, choice: list[list[Garment]], look: Look) -> None:
        """Puts on one of MakeHuman's tops or lowers, each of its pieces in a colour of its own at times."""
        pieces = choice[rng.integers(len(choice))]
        if scant(pieces) and rng.random() < 0.7:
            pieces = choice[rng.integers(len(choice))]
        for piece in pieces:
            part, weights = self.wardrobe.worn(piece, made.points, look)
            y = piece.tex[np.unique(piece.faces), 1]
            if y.max() - y.min() > 11:  # top and trousers in one
                legs = (piece.tex[:, 1] < 1.1) & (np.abs(piece.tex[:, 0]) < 2.9)
                part.look = Look(np.where(legs[:, None], legs_look(rng).first, look.first), look.second, gloss=0.02)
            made.worn.append((part, weights))
            made.hides |= piece.hides
            if rng.random() < 0.6:
                look = look_for(rng)

    def _trousers(self, rng: np.random.Generator, made: Person) -> None:
        """Puts on trousers, tights, shorts or leggings."""
        tall = rng.choice(["long", "shorts", "half"], p=[0.82, 0.12, 0.06])
        length = {"long": rng.uniform(-7.5, -6.9), "shorts": rng.uniform(-3.6, -0.9), "half": rng.uniform(-6, -4)}[
            str(tall)
        ]
        house = self.wardrobe
        alpha = house.lower(rng.uniform(0.9, 1.5), length)
        wide = rng.choice([0.03, 0.1, 0.25, 0.45], p=[0.2, 0.4, 0.3, 0.1]) * rng.uniform(0.8, 1.3)
        down = np.clip((0.3 - house.y) / 3, 0, 1)
        bulk = 0.05 + wide * down * (1 + 0.5 * rng.random() * down) + np.abs(house.folds(rng, 0.4 * wide + 0.02))
        look = legs_look(rng)
        if rng.random() < 0.12 and tall == "long":  # a stripe along the seam
            seam = bodies.bump(house.z, 0.1, 0.25)[:, None] * (house.x > 1.2)[:, None]
            look.first = look.first + np.clip(seam * 3, 0, 1) * (tint(rng) - look.first)
        made.worn.append(house.shell(made.points, "tights", alpha, bulk, look))
        made.hides |= (house.lower(0.8, length + 0.3) > 0.6) & (house.y < 0.8)

    def _top(self, rng: np.random.Generator, made: Person, signal: bool) -> None:
        """Puts on a T-shirt, shirt, pullover or jacket."""
        house = self.wardrobe
        long = rng.random() < 0.62
        sleeve = rng.uniform(1.8, 2.1) if long else rng.choice([0.1, rng.uniform(0.4, 0.9)], p=[0.15, 0.85])
        hem = float(rng.choice([0.9, 0.3, -0.4, -1.0], p=[0.2, 0.35, 0.35, 0.1]) + rng.uniform(-0.2, 0.2))
        bulk = (
            float(rng.choice([0.05, 0.12, 0.24, 0.45], p=[0.28, 0.4, 0.24, 0.08]) * rng.uniform(0.8, 1.2))
            if long
            else rng.uniform(0.05, 0.16)
        )
        collar = rng.uniform(5.5, 5.8) if bulk < 0.25 else rng.uniform(5.6, 6.1)
        alpha = house.upper(rng, hem, float(sleeve), collar)
        look = look_for(rng, bodies.between(_SIGNAL, rng) if signal else None)
        self._front(rng, look, bool(signal))
        swell = (bulk + 0.09) * np.clip(1.25 - 0.5 * (house.arm > 1.6), 0, 2) + np.abs(
            house.folds(rng, 0.25 * bulk + 0.02)
        )
        swell = np.where(house.y < 0.9, np.where(house.arm > 0.3, swell, swell + 0.06), swell)
        made.worn.append(house.shell(made.points, "tights", alpha, swell, look))
        made.hides |= house.upper(rng, hem + 0.4, float(sleeve) - 0.25, collar - 0.9) > 0.6

    def _front(self, rng: np.random.Generator, look: Look, signal: bool) -> None:
        """Paints an open front, a print on the chest or back, sleeves or bands in another colour."""
        house, first = self.wardrobe, np.tile(look.first, (len(self.base.points), 1))
        if signal:
            band = bodies.bump(house.y, 2.2, 0.3) + bodies.bump(house.y, 3.6, 0.3)
            first += np.clip(band * 4, 0, 1)[:, None] * (0.75 - first)
        elif rng.random() < 0.25:
            strip = np.clip((rng.uniform(0.15, 0.8) - house.x) * 5, 0, 1) * (house.z > 0.2) * (house.arm < 0.2)
            first += strip[:, None] * (tint(rng) - first)
        elif rng.random() < 0.25:
            side = 1 if rng.random() < 0.6 else -1
            print_ = (house.x / rng.uniform(0.3, 1.1)) ** 2 + (
                (house.y - rng.uniform(3, 4.4)) / rng.uniform(0.2, 1.0)
            ) ** 2
            first += ((print_ < 1) & (side * house.z > 0))[:, None] * (tint(rng) - first)
        if rng.random() < 0.12 and not signal:
            first += (house.arm > 0.08)[:, None] * (tint(rng) - first)
        elif rng.random() < 0.08:
            first += (house.y > rng.uniform(3.2, 4.6))[:, None] * (tint(rng) - first)
        look.first = first

    def _long(self, rng: np.random.Generator, made: Person, kind: str) -> None:
        """Puts on a dress, a top with a skirt, a coat or a robe: a top over the trunk, and the skirt helper below."""
        house = self.wardrobe
        bulk = {"dress": 0.07, "coat": rng.uniform(0.1, 0.4), "robe": rng.uniform(0.1, 0.4)}[kind]
        length = {"dress": rng.uniform(-6.5, -1.5), "coat": rng.uniform(-5.2, -1.6), "robe": rng.uniform(-7.6, -6.6)}[
            kind
        ]
        sleeve = rng.uniform(1.8, 2.1) if kind != "dress" or rng.random() < 0.45 else rng.uniform(0.1, 0.9)
        look = look_for(rng, dark(rng) if kind == "robe" and rng.random() < 0.7 else None)
        skirt = look if kind != "dress" or rng.random() < 0.5 else legs_look(rng)
        below = 0.5 + 4 * (house.y - length)
        if kind == "coat" and rng.random() < 0.35:
            below = np.minimum(below, np.where(house.z > 0.3, 0.5 + 3 * (house.x - rng.uniform(0.1, 0.5)), 9))
        flat = bulk + 0.12 + np.abs(house.folds(rng, 0.3)) * np.clip((1.2 - house.y) / 4, 0, 1)
        made.worn.append(
            house.shell(
                made.points, "skirt", below, flat, Look(skirt.first, skirt.second, skirt.pattern, skirt.scale, 0.02)
            )
        )
        self._front(rng, look, signal=False)
        collar = rng.uniform(5.5, 6.1)
        alpha = house.upper(rng, 0.7, float(sleeve), collar)
        made.worn.append(
            house.shell(made.points, "tights", alpha, bulk + 0.1 + np.abs(house.folds(rng, 0.2 * bulk + 0.02)), look)
        )
        made.hides |= house.upper(rng, 1.1, float(sleeve) - 0.25, collar - 0.9) > 0.6
        if kind == "robe":
            made.hides |= (house.y < 1.2) & (house.y > -6) & (house.arm < 0.1)

    def _feet(self, rng: np.random.Generator, made: Person) -> None:
        """Puts on shoes or boots; some feet stay bare."""
        house, chance = self.wardrobe, rng.random()
        leather = dark(rng) if rng.random() < 0.6 else tint(rng)
        sole = leather if rng.random() < 0.5 else tint(rng)
        if chance < 0.7:
            for piece in house.shoes[rng.integers(len(house.shoes))]:
                sock = piece.tex[np.unique(piece.faces), 1].max() > -6.8
                colour = tint(rng) if sock else leather
                made.worn.append(house.worn(piece, made.points, Look(colour, sole, Pattern.PLAIN, 2, 0.08)))
            made.hides |= house.y < -6.6
        elif chance < 0.97:
            top = rng.choice([-7.1, -6.4, -4.8], p=[0.5, 0.3, 0.2])
            alpha = 0.5 + 4 * (top - house.y)
            first = np.where((house.y < -7.95)[:, None], sole, leather)
            made.worn.append(
                house.shell(made.points, "tights", alpha, np.full(len(house.y), 0.14), Look(first, sole, gloss=0.08))
            )
            made.hides |= house.y < top - 0.3

    def _head(self, rng: np.random.Generator, points: np.ndarray, hair: np.ndarray) -> list[Part]:
        """Returns hair, hats and what is on the face."""
        surface, made = self.map.on(points), []
        if rng.random() < 0.16:
            made.append(cover.beard(rng, surface, hair * rng.uniform(0.6, 1.1), float(rng.beta(0.8, 1.8))))
        if rng.random() < 0.06:
            made += masks.mask(rng, surface, str(rng.choice(masks.STYLES)), "worn", 0.03)
        if rng.random() < 0.14:
            made += cover.glasses(rng, surface)
        chance = rng.random()
        if chance < 0.1:
            opening, loose = (
                ("face", rng.uniform(0.05, 0.16)) if rng.random() < 0.6 else ("wide", rng.uniform(0.12, 0.4))
            )
            return [*made, cover.headcloth(rng, surface, opening, loose)]
        if chance < 0.28:
            made += self._hat(rng, points, surface)
            return [*made, combed(rng, bodies.shell_hair(rng, surface, hair, 0.05))] if rng.random() < 0.8 else made
        if rng.random() < 0.08:
            made.append(cover.scarf(rng, surface, rng.uniform(-62, -34), Kind.EXTRA))
        if rng.random() < 0.08:
            return made
        if rng.random() < 0.62:
            made.append(combed(rng, bodies.shell_hair(rng, surface, hair, 1.0 if rng.random() < 0.6 else 0.12)))
            return [*made, bodies.bun(rng, surface, hair)] if rng.random() < 0.15 else made
        return [*made, bodies.mesh_hair(rng, points, self.hair[str(rng.choice(sorted(self.hair)))], hair)]

    def _hat(self, rng: np.random.Generator, points: np.ndarray, surface: Surface) -> list[Part]:
        """Returns a hat; one of MakeHuman's at times."""
        if rng.random() < 0.85:
            parts = cover.hat(rng, surface)[1]
            plain = tint(rng) if rng.random() < 0.5 else None
            for part in parts:
                part.tex = part.points / 6
                if plain is not None and part.kind == Kind.HEADGEAR:
                    part.look = Look(plain, plain, Pattern.PLAIN, 4, part.look.gloss)
            return parts
        hat: Fitted = self.fedoras[rng.integers(2)]
        placed = hat.on(points)
        return [
            Part(
                Kind.HEADGEAR,
                placed,
                triangles(hat.faces),
                placed,
                look_for(rng, plain=0.9),
                np.ones(len(placed)),
            )
        ]


def scant(pieces: list[Garment]) -> bool:
    """Returns whether a top leaves the belly bare, or trousers are short ones."""
    low = min(piece.low for piece in pieces)
    return low > 2.4 or -2 < low < 0


def combed(rng: np.random.Generator, hair: Part) -> Part:
    """Returns hair whose strands run from front to back, or aside, rather than from the crown down, at times."""
    if rng.random() < 0.65:
        along = np.array([1.0, 0.12, 0.12]) if rng.random() < 0.7 else np.array([0.3, 0.12, 0.5])
        hair.tex = hair.points * along * rng.uniform(0.25, 0.7)
    return hair
