"""Draws parts with OpenGL, on any machine: Mesa's llvmpipe serves where there is no graphics card."""

from dataclasses import dataclass

import moderngl
import numpy as np

from .parts import Part
from .shaders import DEPTH_FRAGMENT, DEPTH_VERTEX, FRAGMENT, VERTEX

SIDE = 240  # pixels drawn; half as many again as the picture's side
LAMP_SIDE = 256
FLOATS = 20
MOST_VERTICES, MOST_FACES = 60_000, 120_000
FORMAT = "3f 3f 3f 3f 3f 4f 1f"
NAMES = ("at", "normal", "tex", "first", "second", "misc", "kind")


@dataclass
class Light:
    """Up to three lamps and the glow of what is above and below; the first lamp throws shadows.

    Attributes:
        way: (3, 3) unit vectors towards the lamps.
        colour: (3, 3) linear.
        sky: (3,) glow from above.
        ground: (3,) glow from below.
        shade: How dark the shadows are, 0 to 1.
        seed: Shifts all textures.
    """

    way: np.ndarray
    colour: np.ndarray
    sky: np.ndarray
    ground: np.ndarray
    shade: float
    seed: float


def vertex_normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Returns (n, 3) normals, the larger faces counting more."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    across = np.cross(b - a, c - a)
    numbers = faces.T.ravel()
    sums = np.stack([np.bincount(numbers, np.tile(across[:, axis], 3), len(points)) for axis in range(3)], 1)
    return sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-12)


def fill_rows(part: Part, used: np.ndarray) -> np.ndarray:
    """Returns the (k, 20) rows of a part's used vertices, still without normals."""
    table = np.zeros((len(part.points), FLOATS), np.float32)
    table[:, 0:3], table[:, 6:9], table[:, 9:12], table[:, 12:15] = (
        part.points,
        part.tex,
        part.look.first,
        part.look.second,
    )
    table[:, 15] = part.alpha
    table[:, 16:20] = part.look.pattern, part.look.scale, part.look.gloss, part.kind
    return table[used]


def pack(parts: list[Part]) -> tuple[np.ndarray, np.ndarray]:
    """Returns all parts' vertices (n, 20) without normals, and their faces (m, 3)."""
    rows, faces, start = [], [], 0
    for part in parts:
        used = np.zeros(len(part.points), bool)
        used[part.faces] = True
        rows.append(fill_rows(part, used))
        faces.append((np.cumsum(used) - 1 + start)[part.faces])
        start += len(rows[-1])
    return np.concatenate(rows), np.concatenate(faces).astype(np.int32)


def bytes_of(matrix: np.ndarray) -> bytes:
    """Returns a matrix as OpenGL wants it, column by column."""
    return np.ascontiguousarray(matrix.T, np.float32).tobytes()


def uniform(program: moderngl.Program, name: str) -> moderngl.Uniform:
    """Returns a value of a program that is the same for all vertices."""
    found = program[name]
    assert isinstance(found, moderngl.Uniform)
    return found


class Painter:
    """Holds the OpenGL context, programs and buffers."""

    def __init__(self) -> None:
        """Opens a context without a window.

        Raises:
            Exception: moderngl finds no EGL.
        """
        self.context = context = moderngl.create_context(standalone=True, require=330, backend="egl")  # type: ignore[arg-type]  # their slip
        self.paint = context.program(VERTEX, FRAGMENT)
        self.depth = context.program(DEPTH_VERTEX, DEPTH_FRAGMENT)
        self.vertices = context.buffer(reserve=MOST_VERTICES * FLOATS * 4, dynamic=True)
        self.faces = context.buffer(reserve=MOST_FACES * 12, dynamic=True)
        self.painted = context.vertex_array(self.paint, [(self.vertices, FORMAT, *NAMES)], self.faces)
        unused = "3f 3x4 3x4 3x4 3x4 4f 1x4"
        self.deep = context.vertex_array(self.depth, [(self.vertices, unused, "at", "misc")], self.faces)
        self.depths = context.depth_texture((LAMP_SIDE, LAMP_SIDE))
        self.depths.compare_func = ""
        self.lamp = context.framebuffer(depth_attachment=self.depths)
        self.picture = context.framebuffer(
            [context.renderbuffer((SIDE, SIDE), 4)], context.depth_renderbuffer((SIDE, SIDE))
        )
        self.hidden = context.depth_texture((SIDE, SIDE))
        self.blocked = context.framebuffer(depth_attachment=self.hidden)
        context.enable(moderngl.DEPTH_TEST)

    def fill(self, table: np.ndarray, faces: np.ndarray) -> None:
        """Sends a scene's vertices and faces."""
        self.vertices.write(np.ascontiguousarray(table, np.float32).tobytes())
        self.faces.write(np.ascontiguousarray(faces, np.int32).tobytes())

    def nearest(self, view: np.ndarray, faces: int) -> np.ndarray:
        """Returns the depths (SIDE, SIDE), the first row at the top, 0 to 1, of the first so many faces."""
        self.blocked.use()
        self.context.clear(depth=1.0)
        uniform(self.depth, "view").write(bytes_of(view))
        self.deep.render(vertices=faces * 3)
        return np.frombuffer(self.hidden.read(), np.float32).reshape(SIDE, SIDE)[::-1]

    def draw(self, view: np.ndarray, eye: np.ndarray, light: Light, closed: int, faces: int) -> np.ndarray:
        """Returns the picture (SIDE, SIDE, 4): red, green, blue and the kind of part, 0 where there is none.

        Args:
            view: The camera's projection.
            eye: The camera's place.
            light: The lamps.
            closed: So many faces, the first, are drawn from outside only.
            faces: So many faces are drawn in all.
        """
        self.light_up(lamp_view(light.way[0]), view, eye, light, faces)
        self.context.enable(moderngl.CULL_FACE)
        self.painted.render(vertices=closed * 3)
        self.context.disable(moderngl.CULL_FACE)
        self.painted.render(vertices=(faces - closed) * 3, first=closed * 3)
        return np.frombuffer(self.picture.read(components=4), np.uint8).reshape(SIDE, SIDE, 4)[::-1]

    def light_up(self, lamp: np.ndarray, view: np.ndarray, eye: np.ndarray, light: Light, faces: int) -> None:
        """Draws the lamp's shadows, and makes an empty picture ready to be painted.

        Args:
            lamp: The lamp's projection.
            view: The camera's projection.
            eye: The camera's place.
            light: The lamps.
            faces: So many faces throw shadows.
        """
        self.lamp.use()
        self.context.clear(depth=1.0)
        uniform(self.depth, "view").write(bytes_of(lamp))
        self.deep.render(vertices=faces * 3)
        self.picture.use()
        self.context.clear(0, 0, 0, 0, depth=1.0)
        self.depths.use(0)
        program = self.paint
        uniform(program, "view").write(bytes_of(view))
        uniform(program, "lamp").write(bytes_of(lamp))
        uniform(program, "eye").value = tuple(eye)
        uniform(program, "way").write(light.way.astype(np.float32).tobytes())
        uniform(program, "light").write(light.colour.astype(np.float32).tobytes())
        uniform(program, "sky").value, uniform(program, "ground").value = tuple(light.sky), tuple(light.ground)
        uniform(program, "seed").value, uniform(program, "shade").value = light.seed, light.shade


def look_at(eye: np.ndarray, target: np.ndarray, roll: float) -> np.ndarray:
    """Returns the (4, 4) move from the world to a camera at `eye`, rolled by `roll` radians."""
    ahead = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(ahead, [0, 1, 0] if abs(ahead[1]) < 0.99 else [0, 0, 1])
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    right, up = right * np.cos(roll) + up * np.sin(roll), up * np.cos(roll) - right * np.sin(roll)
    move = np.eye(4)
    move[:3, :3] = right, up, -ahead
    move[:3, 3] = -move[:3, :3] @ eye
    return move


def lamp_view(way: np.ndarray) -> np.ndarray:
    """Returns the (4, 4) projection of a lamp far away in direction `way`, around the head and shoulders."""
    middle = np.array([0.0, 6.3, 0.3])
    wide = np.diag([1 / 3.4, 1 / 3.4, -1 / 8, 1.0])
    move = look_at(middle + way * 8, middle, 0.0)
    wide[2, 3] = -1.0
    return wide @ move


def project(view: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns (n, 3) places in the picture: 0..1 from left and top, and the depth 0..1."""
    flat = np.c_[points, np.ones(len(points))] @ view.T
    flat = flat[:, :3] / flat[:, 3:]
    return np.stack([flat[:, 0] * 0.5 + 0.5, 0.5 - flat[:, 1] * 0.5, flat[:, 2] * 0.5 + 0.5], 1)


def camera(eye: np.ndarray, roll: float, face: np.ndarray, sides: float) -> np.ndarray:
    """Returns the (4, 4) projection whose square is centred on the face, `sides` times as large.

    Args:
        eye: Where the camera is.
        roll: Radians.
        face: (n, 3) points of the face.
        sides: The square's side in sizes of the face, the larger of width and height.
    """
    move = look_at(eye, face.mean(0), roll)
    near, far = 2.0, float(np.linalg.norm(eye - face.mean(0))) + 20
    lens = np.array(
        [
            [1, 0, 0, 0],
            [0, 1, 0, 0],
            [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
            [0, 0, -1, 0],
        ],
        float,
    )
    flat = np.c_[face, np.ones(len(face))] @ (lens @ move).T
    flat = flat[:, :2] / flat[:, 3:]
    low, high = flat.min(0), flat.max(0)
    half = (high - low).max() * sides / 2
    crop = np.eye(4)
    crop[0, 0] = crop[1, 1] = 1 / half
    crop[:2, 3] = -(low + high) / 2 / half
    return crop @ lens @ move
