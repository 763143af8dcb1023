"""Made-up shelves with the truth: what is left of each facing at each moment, and what covers it.

A scene is drawn at random from a seed. Products are taken one by one and restocked; what disturbs the sight is switched
one by one (`support.shelf_disturbances`). The style "soft" is held out: nothing was tuned on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.support.shelf_disturbances import (
    ALL,
    Boxes,
    Disturbances,
    Picture,
    coded,
    exposed,
    lit,
    passed,
    shaded,
    shifted,
)
from tests.support.shelf_drawing import draw_empty, draw_strip, draw_units, furniture, product

EVERY_S = 10.0
_CANVAS_PX = (900, 520)
_TAKEN, _RESTOCKED, _STAYS_LOOKS = 0.06, 0.03, 14
"""Chances at each look that one unit is taken, and that an empty facing is stocked again, after so many looks."""


@dataclass(frozen=True)
class Sight:
    """One look at a shelf.

    Attributes:
        time_s: since the scene began.
        frame: what the camera sent.
        people: boxes of the people whom a detector finds.
        fill: (facings,) what is truly left of each, 0..1.
        covered: (facings,) share of each that something hides.
    """

    time_s: float
    frame: VideoFrame
    people: Boxes
    fill: NDArray[np.float64]
    covered: NDArray[np.float64]


class ShelfScene:
    """A shelf in front of a camera.

    Args:
        seed: of all that is random.
        disturbances: what disturbs the sight.
        style: "boxes", or "soft" which is held out.
        size_px: width and height of the picture.
    """

    def __init__(
        self,
        seed: int,
        disturbances: Disturbances = ALL,
        style: str = "boxes",
        size_px: tuple[int, int] = (960, 540),
    ) -> None:
        self._seed, self.on, self._style, self.size_px = seed, disturbances, style, size_px
        rng = self._rng = np.random.default_rng([seed, 1 if style == "soft" else 0])
        self.rows, self.columns = int(rng.integers(3, 6)), int(rng.integers(5, 10))
        self._looks = furniture(rng, style)
        count = self.rows * self.columns
        self._products = [product(rng, style) for _ in range(count)]
        self._left = [self._full(rng) for _ in range(count)]
        self._labels = rng.integers(0, 2**31, (self.rows, self.columns))
        self._empty_looks = np.zeros(count, int)
        self.corners = self._corners(rng)
        self._sources = _warp(self.corners * size_px, size_px)
        self._around = rng.uniform(0.05, 0.5, 3).astype(np.float32)
        self._drawn: Picture | None = None
        self._parked: tuple[int, int, str] | None = None

    @property
    def polygons(self) -> NDArray[np.float64]:
        """The facings in fractions of the picture, (facings, 4, 2), each clockwise from its upper left corner."""
        forth = _homography(self.corners)
        grid = np.array(
            [[(x / self.columns, y / self.rows) for x in range(self.columns + 1)] for y in range(self.rows + 1)]
        )
        at = np.concatenate([grid, np.ones((*grid.shape[:2], 1))], axis=2) @ forth.T
        at = at[..., :2] / at[..., 2:]
        quads = np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]], axis=2)
        return quads.reshape(-1, 4, 2)

    def taught(self, state: str) -> VideoFrame:
        """The picture that is taught: the shelf "full" or "empty", nobody in front, in the light of some hour."""
        left = self._left
        if state == "empty":
            self._left = [np.zeros_like(one) for one in left]
        rng = np.random.default_rng([self._seed, 2 if state == "empty" else 3])
        drawn, self._left = self._fresh(), left
        return self._camera(drawn, rng, rng.uniform(0.1, 0.9), rng.uniform(0, 2000))

    def sights(self, looks: int) -> Iterator[Sight]:
        """Looks at it every ten seconds, through a day that is over with the last look."""
        for number in range(looks):
            if number:
                self._happen()
            picture, time_s = self._draw(), number * EVERY_S
            rng = np.random.default_rng([self._seed, 4, number])
            hidden = np.zeros(picture.shape[:2], bool)
            people = [np.zeros((0, 4))]
            for kind, found in self._who(rng, number):
                own = (
                    np.random.default_rng([self._seed, 5, self._parked[0]])
                    if kind == "pallet" and self._parked
                    else rng
                )
                picture, covered, box = passed(picture, own, kind)
                hidden |= covered
                people += [box] * found
            frame = self._camera(picture, rng, number / max(1, looks - 1), time_s)
            fill = np.array([left.sum() / left.size for left in self._left])
            yield Sight(time_s, frame, np.concatenate(people), fill, self._covered(hidden))

    def _happen(self) -> None:
        rng = self._rng
        for facing, left in enumerate(self._left):
            if left.sum() == 0:
                self._empty_looks[facing] += 1
                if self._empty_looks[facing] > _STAYS_LOOKS and rng.random() < _RESTOCKED:
                    self._left[facing] = np.ones_like(left)
                    self._empty_looks[facing] = 0
                    if self.on.exchange:
                        self._products[facing] = product(rng, self._style)
                    self._drawn = None
            elif rng.random() < _TAKEN:
                self._take(facing, rng)
                self._drawn = None
            if self.on.exchange and rng.random() < 0.002 and left.sum() > 0:
                self._products[facing] = product(rng, self._style)
                self._drawn = None
        if self.on.labels and rng.random() < 0.2:
            self._labels[rng.integers(self.rows), rng.integers(self.columns)] = rng.integers(0, 2**31)
            self._drawn = None

    def _take(self, facing: int, rng: np.random.Generator) -> None:
        left = self._left[facing]
        column = int(rng.choice(np.flatnonzero(left.sum(axis=1))))
        left[column, int(np.argmax(left[column]))] = 0
        if self.on.pulled and rng.random() < 0.3:
            left[:] = -np.sort(-left, axis=1)

    def _full(self, rng: np.random.Generator) -> NDArray[np.int64]:
        return np.ones((rng.integers(1, 4), rng.integers(1, 4)), np.int64)

    def _who(self, rng: np.random.Generator, number: int) -> list[tuple[str, bool]]:
        """Who is in front of the shelf now, and whether the detector finds them."""
        who = [("person", True)] * int(self.on.people and rng.random() < 0.3)
        if self.on.unfound:
            if rng.random() < 0.15:
                who.append((str(rng.choice(("person", "trolley"))), False))
            if self._parked and number >= self._parked[1]:
                self._parked = None
            if not self._parked and rng.random() < 0.02:
                self._parked = (number, number + int(rng.integers(5, 25)), "pallet")
            if self._parked:
                who.insert(0, ("pallet", False))
        return who

    def _draw(self) -> Picture:
        if self._drawn is None:
            self._drawn = self._fresh()
        return self._drawn

    def _fresh(self) -> Picture:
        width, height = _CANVAS_PX
        canvas = np.zeros((height, width, 3), np.float32)
        across, down = width / self.columns, height / self.rows
        for row in range(self.rows):
            floor = round((row + 1 - self._looks.strip_share) * down)
            for column in range(self.columns):
                facing = row * self.columns + column
                box = (round(column * across), round(row * down), round((column + 1) * across), floor)
                draw_empty(canvas, box, self._looks)
            for column in range(self.columns):
                facing = row * self.columns + column
                box = (round(column * across), round(row * down), round((column + 1) * across), floor)
                draw_units(canvas, box, self._products[facing], self._left[facing])
            draw_strip(canvas, (0, floor, width, round((row + 1) * down)), self._looks, self._labels[row])
        return self._seen(canvas)

    def _seen(self, canvas: Picture) -> Picture:
        x, y, inside = self._sources
        left, top = np.clip(x.astype(int), 0, canvas.shape[1] - 2), np.clip(y.astype(int), 0, canvas.shape[0] - 2)
        right, down = (x - left)[:, None], (y - top)[:, None]
        above = canvas[top, left] * (1 - right) + canvas[top, left + 1] * right
        below = canvas[top + 1, left] * (1 - right) + canvas[top + 1, left + 1] * right
        picture = np.ones((self.size_px[1], self.size_px[0], 3), np.float32) * self._around
        picture[inside] = above * (1 - down) + below * down
        return picture

    def _camera(self, linear: Picture, rng: np.random.Generator, day: float, time_s: float) -> VideoFrame:
        on = self.on
        linear = lit(linear, day, self._seed) if on.light else linear
        linear = shaded(linear, time_s, self._seed) if on.shadows else linear
        if on.shift:
            linear = shifted(linear, tuple(rng.uniform(-3, 3, 2) * self.size_px[0] / 1920))
        rgb = exposed(linear, rng, 3.0 if on.noise else 0.0)
        return coded(rgb, ("jpeg", "h264")[self._seed % 2] if on.codec else "")

    def _covered(self, hidden: NDArray[np.bool_]) -> NDArray[np.float64]:
        height, width = hidden.shape
        if not hidden.any():
            return np.zeros(self.rows * self.columns)
        steps = (np.arange(12) + 0.5) / 12
        shares = []
        for quad in self.polygons:
            upper = quad[0] + steps[:, None] * (quad[1] - quad[0])
            lower = quad[3] + steps[:, None] * (quad[2] - quad[3])
            at = upper + steps[:, None, None] * (lower - upper)
            x, y = np.clip(at[..., 0] * width, 0, width - 1), np.clip(at[..., 1] * height, 0, height - 1)
            shares.append(hidden[y.astype(int), x.astype(int)].mean())
        return np.array(shares)

    def _corners(self, rng: np.random.Generator) -> NDArray[np.float64]:
        slant = 0.16 if self._style == "soft" else 0.08
        return np.array([[0.08, 0.1], [0.92, 0.1], [0.92, 0.9], [0.08, 0.9]]) + rng.uniform(
            -slant / 2, slant / 2, (4, 2)
        )


def _homography(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the unit square to four corners, (3, 3)."""
    rows, right = [], []
    for (u, v), (x, y) in zip(((0, 0), (1, 0), (1, 1), (0, 1)), corners, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1).reshape(3, 3)


def _warp(corners_px: NDArray[np.float64], size_px: tuple[int, int]) -> tuple[Picture, Picture, NDArray[np.bool_]]:
    """Where on the canvas each pixel of the picture is drawn from."""
    back = np.linalg.inv(_homography(corners_px))
    x, y = np.meshgrid(np.arange(size_px[0]) + 0.5, np.arange(size_px[1]) + 0.5)
    at = np.stack([x, y, np.ones_like(x)], axis=-1) @ back.T
    u, v = at[..., 0] / at[..., 2], at[..., 1] / at[..., 2]
    inside = (u >= 0) & (u < 1) & (v >= 0) & (v < 1)
    return (
        (u[inside] * _CANVAS_PX[0]).astype(np.float32),
        (v[inside] * _CANVAS_PX[1]).astype(np.float32),
        inside,
    )
