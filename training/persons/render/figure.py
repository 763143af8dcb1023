"""Random whole bodies: blends of MakeHuman's targets (CC0). Nothing of the blend is kept."""

from pathlib import Path

import numpy as np

from masks.render.assets import BASE, TARGETS, Base, read_obj, read_target, triangles
from masks.render.body import inner
from masks.render.headmap import HeadMap
from masks.render.people import AGES, CHIN, CROWN, shares

CACHE = "figures.npz"
MACRO = ("macrodetails", "macrodetails/height")
PARTS = ("armslegs", "torso", "hip", "stomach", "buttocks", "pelvis", "breast", "neck", "head", "nose", "chin")
CHILDREN = 0.16
"""Share of small bodies."""
TALL_M = 1.8
"""What a body is taller than this counts three tenths."""


def target_files(folder: Path) -> list[Path]:
    """Returns the files of all targets that are blended."""
    root = folder / TARGETS
    return [path for part in (*MACRO, *PARTS) for path in sorted((root / part).glob("*.target"))]


def load_base(folder: Path) -> Base:
    """Returns the base mesh with the targets of the whole body; the first call fills a cache.

    Raises:
        OSError: The folder lacks MakeHuman's files.
    """
    points, faces, _ = read_obj(folder / BASE)
    cache, root = folder / CACHE, folder / TARGETS
    if not cache.exists():
        found = {str(path.relative_to(root).with_suffix("")): read_target(path) for path in target_files(folder)}
        arrays = {f"{name}:{kind}": data for name, pair in found.items() for kind, data in zip("nm", pair, strict=True)}
        np.savez(cache, allow_pickle=False, **arrays)
    with np.load(cache) as stored:
        names = sorted({key[:-2] for key in stored.files})
        targets = {name: (stored[f"{name}:n"], stored[f"{name}:m"].astype(np.float32)) for name in names}
    return Base(points, faces, targets)


def skin_faces(base: Base, head: HeadMap) -> np.ndarray:
    """Returns the triangles of the skin, without the caves of mouth, nose and eyes."""
    faces = triangles(base.faces["body"])
    middle = base.points[faces].mean(1)
    cave = inner(middle, head.on(base.points)) & (middle[:, 1] > 6)
    return faces[~cave]


def macro(rng: np.random.Generator) -> dict[str, float]:
    """Returns the weights of the macro targets of one random body, small or grown."""
    sex = shares(float(np.clip(rng.normal(0.5, 0.5), 0, 1)), ("female", "male"))
    small = rng.random() < CHILDREN
    age = shares(float(rng.uniform(0.16, 0.56) if small else rng.uniform(0.64, 1.0)), AGES)
    muscle = shares(float(rng.beta(2, 2.4)), ("minmuscle", "averagemuscle", "maxmuscle"))
    weight = shares(float(rng.beta(2, 2.6)), ("minweight", "averageweight", "maxweight"))
    origin = dict(zip(("african", "asian", "caucasian"), rng.dirichlet([0.6] * 3), strict=True))
    tall = float(np.clip(rng.normal(0, 0.35), -0.8, 0.9))
    weights: dict[str, float] = {}
    for s, a in ((s, a) for s in sex for a in age):
        both = sex[s] * age[a]
        weights |= {f"macrodetails/{o}-{s}-{a}": both * share for o, share in origin.items()}
        for m, w in ((m, w) for m in muscle for w in weight):
            share = both * muscle[m] * weight[w]
            weights[f"macrodetails/universal-{s}-{a}-{m}-{w}"] = share
            end = "maxheight" if tall > 0 else "minheight"
            weights[f"macrodetails/height/{s}-{a}-{m}-{w}-{end}"] = share * abs(tall)
    return weights


def figure(rng: np.random.Generator, base: Base) -> tuple[np.ndarray, float]:
    """Returns a random body, the head at the neutral one's size and place, and how many metres its unit is."""
    points = base.points.copy()
    names = [name for name in base.targets if not name.startswith("macrodetails")]
    weights = macro(rng) | {str(name): float(rng.uniform(0, 0.45)) for name in rng.choice(names, 22, replace=False)}
    for name, weight in weights.items():
        if weight > 0.01 and name in base.targets:
            numbers, moves = base.targets[name]
            points[numbers] += weight * moves
    height = base.joint(CROWN, points)[1] - base.joint(CHIN, points)[1]
    grown = (base.joint(CROWN)[1] - base.joint(CHIN)[1]) / height
    head = base.joint("head", points)
    tall_m = (
        0.1 * float(base.joint(CROWN, points)[1] - base.joint("ground", points)[1]) * float(rng.uniform(0.96, 1.04))
    )
    shrink = min(1.0, (TALL_M + 0.3 * (tall_m - TALL_M)) / tall_m)
    return (points - head) * grown + base.joint("head"), 0.1 / grown * shrink
