"""MakeHuman's base mesh, targets and hair (CC0), read from a folder with files of the two repositories."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

BASE = "makehuman/data/3dobjs/base.obj"
TARGETS = "makehuman/data/targets"
WAIST = 0.2
PARTS = ("head", "forehead", "eyes", "nose", "mouth", "ears", "chin", "cheek", "neck", "eyebrows", "asym")


@dataclass
class Base:
    """The base mesh at rest, in decimetres, y up, the face towards +z.

    Attributes:
        points: (n, 3) all vertices, helpers and joints included.
        faces: group name to (m, 4) vertex numbers; a triangle's last vertex comes twice.
        targets: name to (vertex numbers, (k, 3) moves).
    """

    points: np.ndarray
    faces: dict[str, np.ndarray]
    targets: dict[str, tuple[np.ndarray, np.ndarray]]

    def joint(self, name: str, points: np.ndarray | None = None) -> np.ndarray:
        """Returns the middle of a joint's cube, (3,)."""
        numbers = np.unique(self.faces[f"joint-{name}"])
        return (self.points if points is None else points)[numbers].mean(0)


@dataclass
class Fitted:
    """A mesh that is bound to the base mesh: each vertex hangs on three of its vertices, at an offset.

    Attributes:
        anchors: (n, 3) base vertices.
        weights: (n, 3) their shares.
        offsets: (n, 3) moves in units of `scale`.
        scale: per axis two base vertices and the distance that counts as one.
        faces: (m, 4) vertex numbers.
        uv: (n, 2) texture coordinates.
    """

    anchors: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    scale: list[tuple[int, int, float]]
    faces: np.ndarray
    uv: np.ndarray

    def on(self, points: np.ndarray) -> np.ndarray:
        """Returns the (n, 3) vertices on a base mesh with `points`."""
        scale = [abs(points[a, axis] - points[b, axis]) / length for axis, (a, b, length) in enumerate(self.scale)]
        return (points[self.anchors] * self.weights[..., None]).sum(1) + self.offsets * np.array(scale)


def triangles(faces: np.ndarray) -> np.ndarray:
    """Returns (k, 3) triangles of (m, 4) faces."""
    both = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    return both[(both[:, 0] != both[:, 2]) & (both[:, 1] != both[:, 2])]


def read_obj(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Returns an OBJ file's vertices (n, 3), faces by group (m, 4) and texture coordinates (n, 2)."""
    points, coordinates, group = [], [], ""
    groups: dict[str, list[list[int]]] = {}
    of_vertex: dict[int, int] = {}
    for line in path.read_text().splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            points.append([float(x) for x in rest[:3]])
        elif word == "vt":
            coordinates.append([float(x) for x in rest[:2]])
        elif word == "g":
            group = rest[0]
        elif word == "f":
            corners = [corner.split("/") for corner in rest]
            face = [int(corner[0]) - 1 for corner in corners]
            of_vertex.update({int(c[0]) - 1: int(c[1]) - 1 for c in corners if len(c) > 1 and c[1]})
            groups.setdefault(group, []).append((face + face[-1:])[:4])
    uv = np.zeros((len(points), 2))
    if of_vertex:
        uv[list(of_vertex)] = np.array(coordinates)[list(of_vertex.values())]
    return np.array(points), {name: np.array(faces) for name, faces in groups.items()}, uv


def read_target(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Returns a target file's vertex numbers and moves."""
    rows = [line.split() for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return np.array([int(row[0]) for row in rows], int), np.array([row[1:4] for row in rows], float).reshape(-1, 3)


def read_fitted(path: Path) -> Fitted:
    """Returns a piece of clothing or hair from its .mhclo file and the .obj file that it names."""
    scale, rows, obj, in_verts = {}, [], path.with_suffix(".obj"), False
    for line in path.read_text().splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if words[0] in ("x_scale", "y_scale", "z_scale"):
            scale[words[0][0]] = (int(words[1]), int(words[2]), float(words[3]))
        elif words[0] == "obj_file":
            obj = path.parent / (words[1] if words[1].endswith(".obj") else words[1] + ".obj")
        elif words[0] == "verts":
            in_verts = True
        elif in_verts and words[0].isdigit():
            rows.append([*map(float, words)] if len(words) >= 9 else [float(words[0])] * 3 + [1, 0, 0, 0, 0, 0])
        elif words[0] == "delete_verts":
            break
    table = np.array(rows)
    _, groups, uv = read_obj(obj)
    faces = np.concatenate(list(groups.values()))
    return Fitted(table[:, :3].astype(int), table[:, 3:6], table[:, 6:9], [scale[axis] for axis in "xyz"], faces, uv)


def load(folder: Path) -> Base:
    """Returns the base mesh with its macro targets and those of the head's parts; the first call fills a cache.

    Raises:
        OSError: The folder lacks MakeHuman's files.
    """
    points, faces, _ = read_obj(folder / BASE)
    cache = folder / "targets.npz"
    root = folder / TARGETS
    if not cache.exists():
        paths = sorted((root / "macrodetails").glob("*.target"))
        paths += [path for part in PARTS for path in sorted((root / part).rglob("*.target"))]
        paths += sorted((root / "expression/units").rglob("*.target"))
        found = {str(path.relative_to(root).with_suffix("")): read_target(path) for path in paths}
        arrays = {f"{name}:{kind}": data for name, pair in found.items() for kind, data in zip("nm", pair, strict=True)}
        np.savez(cache, allow_pickle=False, **arrays)
    with np.load(cache) as stored:
        names = sorted({key[:-2] for key in stored.files})
        targets = {name: above(points, stored[f"{name}:n"], stored[f"{name}:m"]) for name in names}
    return Base(points, faces, targets)


def above(points: np.ndarray, numbers: np.ndarray, moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns a target without the legs, which are not drawn."""
    kept = points[numbers, 1] > WAIST
    return numbers[kept], moves[kept].astype(np.float32)


def load_hair(folder: Path) -> dict[str, Fitted]:
    """Returns MakeHuman's hair meshes by name."""
    return {path.stem: read_fitted(path) for path in sorted((folder / "base/hair").glob("*/*.mhclo"))}
