"""The skeleton of MakeHuman's default rig (CC0), brought down to seventeen bones, and skinning by it."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from masks.render.assets import Fitted

SKELETON, WEIGHTS = "makehuman/data/rigs/default.mhskel", "makehuman/data/rigs/default_weights.mhw"
# each bone: whose head it starts at in the default rig, and its parent
_MIDDLE = {"root": ("root", ""), "spine": ("spine04", "root"), "chest": ("spine02", "spine")}
_MIDDLE |= {"neck": ("neck01", "chest"), "head": ("head", "neck")}
_LIMBS = {"upperarm": ("upperarm01", "chest"), "lowerarm": ("lowerarm01", "upperarm"), "hand": ("wrist", "lowerarm")}
_LIMBS |= {"upperleg": ("upperleg01", "root"), "lowerleg": ("lowerleg01", "upperleg"), "foot": ("foot", "lowerleg")}


def _bones() -> dict[str, tuple[str, str]]:
    bones = dict(_MIDDLE)
    for side in "LR":
        for name, (start, parent) in _LIMBS.items():
            bones[f"{name}.{side}"] = (f"{start}.{side}", parent if parent in _MIDDLE else f"{parent}.{side}")
    return bones


BONES = _bones()
NAMES = list(BONES)
NUMBER = {name: number for number, name in enumerate(NAMES)}


@dataclass
class Rig:
    """Bones for everybody.

    Attributes:
        starts: bone to the base vertices whose mean it starts at.
        weights: (n, bones) how much each base vertex follows each bone; rows sum to 1.
    """

    starts: dict[str, list[int]]
    weights: np.ndarray

    def joints(self, points: np.ndarray) -> np.ndarray:
        """Returns where the bones of a body start, (bones, 3)."""
        return np.array([points[self.starts[name]].mean(0) for name in NAMES])

    def of(self, piece: Fitted) -> np.ndarray:
        """Returns the (n, bones) weights of a mesh that is bound to the base mesh."""
        weights = (self.weights[piece.anchors] * piece.weights[..., None]).sum(1).clip(0)
        return weights / (weights.sum(1, keepdims=True) + 1e-9)


def on_head(points: np.ndarray) -> np.ndarray:
    """Returns the weights of what is worn on the head and hangs over the shoulders."""
    share = np.clip((points[:, 1] + 0.35 * (points[:, 2] - 0.5) - 5.65) / 0.65, 0, 1)
    share = share * share * (3 - 2 * share)
    weights = np.zeros((len(points), len(NAMES)))
    weights[:, NUMBER["head"]], weights[:, NUMBER["chest"]] = share, 1 - share
    return weights


def load_rig(folder: Path, count: int) -> Rig:
    """Returns the rig of a base mesh with `count` vertices, from MakeHuman's files in a folder."""
    skeleton = json.loads((folder / SKELETON).read_text())
    bones, joints = skeleton["bones"], skeleton["joints"]
    heads = {start: name for name, (start, _) in BONES.items()}
    weights = np.zeros((count, len(NAMES)))
    for bone, rows in json.loads((folder / WEIGHTS).read_text())["weights"].items():
        numbers, shares = np.array([int(row[0]) for row in rows], int), np.array([float(row[1]) for row in rows])
        for target, share in _followers(bone, bones, heads):
            weights[numbers, NUMBER[target]] += share * shares
    lost = weights.sum(1) < 0.05
    weights[lost, NUMBER["root"]] = 1
    weights /= weights.sum(1, keepdims=True)
    return Rig({name: joints[bones[start]["head"]] for name, (start, _) in BONES.items()}, weights)


def _followers(bone: str, bones: dict[str, dict[str, str]], heads: dict[str, str]) -> list[tuple[str, float]]:
    """The bones here that a bone of the default rig counts for; shoulders go half with the arm, half with the chest."""
    if bone.startswith("shoulder01"):
        return [("chest", 0.5), (f"upperarm.{bone[-1]}", 0.5)]
    while bone not in heads:
        bone = bones[bone]["parent"] or "root"
    return [(heads[bone], 1.0)]


def skin(points: np.ndarray, weights: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Returns (n, 3) points moved by (bones, 3, 4) moves in the shares of (n, bones) weights."""
    mixed = (weights @ moves.reshape(len(moves), 12)).reshape(-1, 3, 4)
    return np.einsum("nij,nj->ni", mixed[:, :, :3], points) + mixed[:, :, 3]
