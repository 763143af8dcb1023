"""Random people: blends of MakeHuman's targets, brought to one size of head. Nothing of the blend is kept."""

import numpy as np

from .assets import Base

AGES = ("baby", "child", "young", "old")
NEUTRAL_HEIGHT = 2.31  # chin to crown of the base mesh, decimetres
CHIN, CROWN = "jaw", "head-2"


def shares(value: float, knots: tuple[str, ...]) -> dict[str, float]:
    """Returns how much each of the knots, laid evenly over 0..1, counts at `value`; one or two of them do."""
    place = value * (len(knots) - 1)
    low = min(int(place), len(knots) - 2)
    return {knots[low]: 1 - (place - low), knots[low + 1]: place - low}


def macro(rng: np.random.Generator) -> dict[str, float]:
    """Returns the weights of the macro targets of one random body."""
    sex = shares(float(np.clip(rng.normal(0.5, 0.45), 0, 1)), ("female", "male"))
    age = shares(float(rng.beta(2.6, 1.6)), AGES)
    muscle = shares(float(rng.beta(2, 2)), ("minmuscle", "averagemuscle", "maxmuscle"))
    weight = shares(float(rng.beta(2, 2)), ("minweight", "averageweight", "maxweight"))
    origin = dict(zip(("african", "asian", "caucasian"), rng.dirichlet([0.6] * 3), strict=True))
    weights: dict[str, float] = {}
    for s, a in ((s, a) for s in sex for a in age):
        both = sex[s] * age[a]
        weights |= {f"macrodetails/{o}-{s}-{a}": both * share for o, share in origin.items()}
        weights |= {
            f"macrodetails/universal-{s}-{a}-{m}-{w}": both * muscle[m] * weight[w] for m in muscle for w in weight
        }
    return weights


def details(rng: np.random.Generator, names: list[str]) -> dict[str, float]:
    """Returns the weights of some thirty random targets of the head's parts, and of a light expression."""
    parts = [name for name in names if not name.startswith(("macrodetails", "expression"))]
    looks = [name for name in names if name.startswith("expression") and "eyebrows" not in name]
    weights = {str(name): float(rng.uniform(0, 0.7)) for name in rng.choice(parts, 30, replace=False)}
    if rng.random() < 0.5:
        weights |= {str(name): float(rng.uniform(0, 0.5)) for name in rng.choice(looks, 2, replace=False)}
    return weights


def person(rng: np.random.Generator, base: Base) -> np.ndarray:
    """Returns the base mesh's vertices as a random person, arms down, the head of the neutral one's size and place."""
    points = base.points.copy()
    for name, weight in (macro(rng) | details(rng, list(base.targets))).items():
        if weight > 0.01 and name in base.targets:
            numbers, moves = base.targets[name]
            points[numbers] += weight * moves
    lower_arms(points, base, float(np.radians(rng.uniform(22, 42))))
    height = base.joint(CROWN, points)[1] - base.joint(CHIN, points)[1]
    rest = base.joint(CROWN)[1] - base.joint(CHIN)[1]
    head = base.joint("head", points)
    return (points - head) * (rest / height) + base.joint("head")


def lower_arms(points: np.ndarray, base: Base, angle: float) -> None:
    """Turns the arms about the shoulders, downward by `angle` radians, in place."""
    for side, sign in (("l", 1), ("r", -1)):
        pivot = base.joint(f"{side}-shoulder", points)
        far = np.clip((sign * base.points[:, 0] - 1.15) / 1.0, 0, 1) * (base.points[:, 1] < 6)
        turn = -sign * angle * far * far * (3 - 2 * far)
        x, y = points[:, 0] - pivot[0], points[:, 1] - pivot[1]
        moved = np.stack(
            [x * np.cos(turn) - y * np.sin(turn) + pivot[0], x * np.sin(turn) + y * np.cos(turn) + pivot[1]], 1
        )
        points[far > 0, :2] = moved[far > 0]
