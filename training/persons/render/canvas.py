"""Draws a person with OpenGL into a large square, by the shaders of the heads."""

import moderngl
import numpy as np

from masks.render.scene import FORMAT, NAMES, Light, Painter, uniform
from masks.render.shaders import FRAGMENT, VERTEX

SQUARE, LAMP = 512, 512  # pixels drawn: twice a sprite's longest side; pixels of the shadows
FLAT, CREASED = (
    "m = normalize(n)",
    """m = normalize(normalize(n) + (pattern == 1 || pattern == 2 ? 0. : crease) * (
        vec3(noise(p * 1.3), noise(p * 1.3 + 7.), noise(p * 1.3 + 13.)) +
        .6 * vec3(noise(p * vec3(4., 2.2, 4.)), noise(p * vec3(4., 2.2, 4.) + 7.), noise(p * 3.5 + 13.)) - .8))""",
)
"""How the shader of the heads is changed: cloth gets creases."""
BOUND = 13.0  # a person's greatest reach from its middle, in its units


class Canvas(Painter):
    """The renderer of heads with a larger picture, and a lamp that covers a whole person."""

    def __init__(self) -> None:
        """Opens a context without a window.

        Raises:
            Exception: moderngl finds no EGL.
        """
        super().__init__()
        context = self.context
        assert FLAT in FRAGMENT
        creased = FRAGMENT.replace(FLAT, CREASED).replace(
            "uniform float seed;", "uniform float seed; uniform float crease;"
        )
        self.paint = context.program(VERTEX, creased)
        self.painted = context.vertex_array(self.paint, [(self.vertices, FORMAT, *NAMES)], self.faces)
        size = (SQUARE, SQUARE)
        self.picture = context.framebuffer([context.renderbuffer(size, 4)], context.depth_renderbuffer(size))
        self.depths = context.depth_texture((LAMP, LAMP))
        self.depths.compare_func = ""
        self.lamp = context.framebuffer(depth_attachment=self.depths)

    def crease(self, depth: float) -> None:
        """Sets how deep the creases of cloth are, 0 to 1."""
        uniform(self.paint, "crease").value = depth

    def paint_all(self, view: np.ndarray, eye: np.ndarray, light: Light, middle: np.ndarray, faces: int) -> np.ndarray:
        """Returns the picture (SQUARE, SQUARE, 4): red, green, blue and the kind of part, 0 where there is none.

        Args:
            view: the camera's projection.
            eye: the camera's place.
            light: the lamps.
            middle: the person's middle.
            faces: so many faces are drawn.
        """
        self.light_up(lamp_view(light.way[0], middle), view, eye, light, faces)
        self.context.disable(moderngl.CULL_FACE)
        self.painted.render(vertices=faces * 3)
        raw = np.frombuffer(self.picture.read(components=4), np.uint8)
        return raw.reshape(SQUARE, SQUARE, 4)[::-1]


def axes(way: np.ndarray, yaw: float) -> np.ndarray:
    """Returns the (3, 3) rows right, up and backward of a camera that lies in direction `way`, at a yaw in radians."""
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    return np.stack([right, np.cross(way, right), way])


def lamp_view(way: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Returns the (4, 4) projection of a lamp far away in direction `way`, around a whole person."""
    turn = axes(way, float(np.arctan2(way[0], way[2])))
    wide = np.diag([1 / BOUND, 1 / BOUND, -1 / (2 * BOUND), 1.0])
    move = np.eye(4)
    move[:3, :3], move[:3, 3] = turn, -turn @ middle
    return wide @ move


class Lens:
    """A camera that looks at a person's middle."""

    def __init__(self, middle: np.ndarray, far: float, tilt: float, yaw: float) -> None:
        """Places it.

        Args:
            middle: what it looks at.
            far: its distance.
            tilt: how steeply it looks down, radians.
            yaw: where it stands around the person, radians; 0 before the face.
        """
        way = np.array([np.sin(yaw) * np.cos(tilt), np.sin(tilt), np.cos(yaw) * np.cos(tilt)])
        self.eye, self.far = middle + way * far, far
        self.move = np.eye(4)
        self.move[:3, :3] = axes(way, yaw)
        self.move[:3, 3] = -self.move[:3, :3] @ self.eye
        self.pixels, self.centre = 1.0, np.zeros(2)

    def flat(self, points: np.ndarray) -> np.ndarray:
        """Returns (n, 2) places at a focal length of 1, x to the right and y up."""
        seen = points @ self.move[:3, :3].T + self.move[:3, 3]
        return seen[:, :2] / np.maximum(-seen[:, 2:], 0.1)

    def fit(self, points: np.ndarray, side: float) -> None:
        """Zooms and shifts until the longer side of all points is `side` pixels, in the middle of the square."""
        flat = self.flat(points)
        low, high = flat.min(0), flat.max(0)
        self.pixels, self.centre = side / float((high - low).max()), (low + high) / 2

    def pixel(self, points: np.ndarray) -> np.ndarray:
        """Returns (n, 2) pixels of the square, from left and top."""
        return (self.flat(points) - self.centre) * self.pixels * [1, -1] + SQUARE / 2

    @property
    def view(self) -> np.ndarray:
        """The (4, 4) projection."""
        near, deep = max(0.3, self.far - 2 * BOUND), self.far + 2 * BOUND
        lens = np.zeros((4, 4))
        zoom = 2 * self.pixels / SQUARE
        lens[0, 0] = lens[1, 1] = zoom
        lens[0, 2], lens[1, 2] = self.centre * zoom
        lens[2, 2:] = -(deep + near) / (deep - near), -2 * deep * near / (deep - near)
        lens[3, 2] = -1
        return lens @ self.move
