"""Made-up doorways seen from straight above, with the truth: how many people cross the line across their middle.

Nothing here is taken from a recording. A scene is drawn at random from a seed: the floor, the lamps, the shadows, the
door, the noise, the encoder, and people, each an ellipse for shoulders and one for the head, who walk, wait and turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Picture = NDArray[np.float32]
Point = NDArray[np.float64]
HABITS = ("through", "through", "through", "through", "linger", "turn back before", "turn back after", "stay away")


@dataclass(frozen=True)
class Person:
    """Somebody on the way.

    Attributes:
        times_s: (n,) when each corner of the way is reached.
        way_px: (n, 2) corners of the way, x and y.
        size_px: breadth of the shoulders.
        colours: BGR of the clothes, the hair and the skin.
        bag: whether a bag is carried.
    """

    times_s: Point
    way_px: Point
    size_px: float
    colours: tuple[Point, Point, Point]
    bag: bool = False
    sway: float = 0.0

    def at(self, time_s: float | Point) -> Point:
        """Where the middle of the shoulders is, (2,) or (n, 2)."""
        where = np.stack([np.interp(time_s, self.times_s, self.way_px[:, axis]) for axis in (0, 1)], axis=-1)
        swing = 0.04 * self.size_px * np.sin(2 * np.pi * np.asarray(time_s) / 1.1 + self.sway)
        where[..., 0] += swing
        return np.asarray(where)

    def present(self, time_s: float) -> bool:
        """Whether the person is anywhere near the picture."""
        return bool(self.times_s[0] <= time_s <= self.times_s[-1])


@dataclass(frozen=True)
class SceneKind:
    """What a scene may hold; each `None` or True is drawn at random.

    Attributes:
        people: how many, or nobody knows.
        size: breadth of shoulders as a share of the picture's width.
        size_px: width and height of the picture.
        seconds: how long.
        plain: no shadow, door, trolley, change of light or coarse encoder.
    """

    people: int | None = None
    size: float | None = None
    size_px: tuple[int, int] | None = None
    seconds: float = 24.0
    plain: bool = False


@dataclass
class Scene:
    """A scene, to be drawn frame by frame.

    Attributes:
        truth: crossings upwards ("in") and downwards ("out") of the horizontal line through the middle.
    """

    seed: int
    kind: SceneKind = field(default_factory=SceneKind)

    def __post_init__(self) -> None:
        rng = self._rng = np.random.default_rng(self.seed)
        sizes = [(320, 240), (240, 240), (320, 180), (352, 288), (240, 320)]
        self.width, self.height = self.kind.size_px or sizes[rng.integers(len(sizes))]
        self.breadth_px = self.width * (self.kind.size or float(np.exp(rng.uniform(np.log(1 / 8), np.log(1 / 2)))))
        self.people: list[Person] = []
        self.truth = {"in": 0, "out": 0}
        self._floor = self._make_floor()
        self._draw_lots()
        people = self.kind.people or int(rng.integers(1, 9))
        while len(self.people) < people and self._invite(together=people - len(self.people) > 1 and rng.random() < 0.3):
            pass

    def _draw_lots(self) -> None:
        rng, plain = self._rng, self.kind.plain
        angle = rng.uniform(0, 2 * np.pi)
        self.shadow = 1.0 if plain or rng.random() < 0.3 else float(rng.uniform(0.45, 0.9))
        self._cast = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.3, 1.3)
        self.door = not plain and rng.random() < 0.35
        self.trolley = not plain and rng.random() < 0.2
        self.drift = 0.0 if plain else float(rng.choice([0, 0.1, 0.25]))
        self.flicker = 0.0 if plain else float(rng.choice([0, 0.02, 0.05]))
        self.exposure = 0.0 if plain else float(rng.choice([0, 0.1, 0.3]))
        self.step_s = float(rng.uniform(4, self.kind.seconds)) if not plain and rng.random() < 0.2 else 1e9
        self.step = float(rng.choice([0.75, 1.3]))
        self.noise = 1.0 if plain else float(rng.uniform(0.5, 6))
        self.crf = 20 if plain else int(rng.integers(20, 37))

    def _make_floor(self) -> Picture:
        rng, shape = self._rng, (self.height, self.width)
        level = rng.uniform(45, 190)
        tint = rng.uniform(0.8, 1.2, 3)
        grain = sum(
            (ndimage.gaussian_filter(rng.standard_normal(shape), s) * s * 3 * a)
            for s, a in ((0.7, rng.uniform(0, 0.05)), (3, rng.uniform(0, 0.06)), (20, rng.uniform(0, 0.1)))
        )
        floor = np.full(shape, 1.0) + grain
        if rng.random() < 0.4:
            tile = int(rng.integers(12, 60))
            y, x = np.indices(shape)
            floor[(y % tile < 1.5) | (x % tile < 1.5)] *= rng.uniform(0.5, 0.9)
            if rng.random() < 0.4:
                floor *= np.where(((y // tile) + (x // tile)) % 2, 1, rng.uniform(0.6, 0.95))
        if rng.random() < 0.4:
            edge = int(rng.uniform(0.2, 0.8) * self.height)
            floor[edge:] *= rng.uniform(0.4, 1.3)
        y, x = np.indices(shape) / np.array([[[self.height]], [[self.width]]])
        cx, cy = rng.uniform(0, 1, 2)
        floor *= 1 - rng.uniform(0, 0.5) * ((x - cx) ** 2 + (y - cy) ** 2)
        picture: Picture = np.clip(floor[..., None] * level * tint, 8, 240).astype(np.float32)
        return picture

    def _invite(self, *, together: bool) -> bool:
        """Adds a person, or two side by side, where nobody is in the way; False when many tries found no room."""
        for _ in range(60):
            person, ins, outs = self._propose(str(self._rng.choice(HABITS)))
            group = [person]
            if together:
                aside = self._rng.choice([-1, 1]) * 1.08 * self.breadth_px
                colours = self._colours()
                group.append(replace(person, way_px=person.way_px + [aside, 0], colours=colours, sway=person.sway + 1))
            inside = not together or 0.3 * self.breadth_px < group[1].way_px[1, 0] < self.width - 0.3 * self.breadth_px
            if person.times_s[-1] > self.kind.seconds or not inside or not all(self._free(p) for p in group):
                continue
            self.people += group
            self.truth["in"] += ins * len(group)
            self.truth["out"] += outs * len(group)
            return True
        return False

    def _propose(self, habit: str) -> tuple[Person, int, int]:
        rng, size = self._rng, self.breadth_px * self._rng.uniform(0.88, 1.12)
        up = rng.random() < 0.5
        ins, outs = {"through": (up, not up), "linger": (up, not up), "turn back after": (1, 1)}.get(habit, (0, 0))
        way = self._way(habit, size)
        if up:
            way[:, 1] = self.height - way[:, 1]
        speed = size * rng.uniform(1.5, 3.6)
        steps_s = np.hypot(*np.diff(way, axis=0).T) / speed
        times_s = rng.uniform(-2.0, max(0.1, self.kind.seconds - steps_s.sum())) + np.concatenate(
            [[0], steps_s.cumsum()]
        )
        if habit == "linger":
            times_s[2:] += rng.uniform(2, 8)
        if times_s[0] < 0:  # Present from the first picture on, still before the line.
            times_s += 0.3 * min(0.0, -times_s[0] - steps_s[0] * 0.2)
            if np.interp(0.0, times_s, way[:, 1] if not up else self.height - way[:, 1]) > self.height / 2 - 0.6 * size:
                times_s -= times_s[0]
        person = Person(times_s, way, size, self._colours(), bool(rng.random() < 0.25), rng.uniform(0, 6))
        return person, int(ins), int(outs)

    def _colours(self) -> tuple[Point, Point, Point]:
        rng = self._rng
        dark = rng.random() < 0.35
        cloth = rng.uniform(10, 60, 3) if dark else rng.uniform(20, 230) * rng.uniform(0.6, 1.3, 3)
        hair = np.array([20, 25, 35]) * rng.uniform(0.5, 5)
        skin = np.array([110, 140, 190]) * rng.uniform(0.4, 1.1)
        return np.clip(cloth, 5, 240), np.clip(hair, 5, 240), np.clip(skin, 5, 240)

    def _way(self, habit: str, size: float) -> Point:
        """Corners (n, 2) of a way that begins above the picture."""
        rng, height = self._rng, self.height
        x0, x1 = rng.uniform(0.5 * size, self.width - 0.5 * size, 2)
        if rng.random() < 0.6:
            x1 = np.clip(x0 + rng.uniform(-0.5, 0.5) * size, 0.5 * size, self.width - 0.5 * size)
        far = 0.75 * size
        if habit == "through":
            return np.array([[x0, -far], [x1, height + far]])
        middle = (x0 + x1) / 2
        if habit == "linger":
            stop = height / 2 + rng.uniform(-0.5, 0.5) * height * 0.7
            return np.array([[x0, -far], [middle, stop], [middle + 1, stop + 1], [x1, height + far]])
        if habit == "turn back before":
            return np.array([[x0, -far], [middle, height / 2 - size * rng.uniform(0.65, 1)], [x1, -far]])
        if habit == "turn back after":
            return np.array([[x0, -far], [middle, height / 2 + size * rng.uniform(0.65, 1)], [x1, -far]])
        y = height / 2 - max(0.75 * size, rng.uniform(0.1, 0.4) * height)
        return np.array([[-far, y], [self.width + far, y]])

    def _free(self, person: Person) -> bool:
        times_s = np.arange(person.times_s[0], person.times_s[-1], 0.1)
        for other in self.people:
            together = times_s[(times_s >= other.times_s[0]) & (times_s <= other.times_s[-1])]
            if len(together) and np.hypot(*(person.at(together) - other.at(together)).T).min() < 0.95 * self.breadth_px:
                return False
        return True

    def frames(self, fps: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Frames BGR uint8 (h, w, 3) with their times in seconds, as they come out of a real encoder and decoder."""
        times_s = np.arange(0, self.kind.seconds, 1 / fps)
        self._noise_rng = np.random.default_rng(self.seed + 1)
        decoded = _through_encoder((self.draw(t) for t in times_s), fps, self.crf)
        yield from zip(times_s.tolist(), decoded, strict=True)

    def draw(self, time_s: float) -> NDArray[np.uint8]:
        """One frame before encoding, BGR uint8 (h, w, 3)."""
        picture = self._floor.copy()
        here = [person for person in self.people if person.present(time_s)]
        if self.door:
            self._draw_door(picture, time_s)
        if self.shadow < 1:
            self._draw_shadows(picture, here, time_s)
        for person in here:
            self._draw_person(picture, person, time_s)
        gain = 1 + self.drift * np.sin(2 * np.pi * time_s / 37 + self.seed)
        gain *= 1 + self.flicker * np.sin(2 * np.pi * time_s * 1.7)
        gain *= self.step if time_s > self.step_s else 1
        gain *= (float(self._floor.mean()) / float(picture.mean())) ** self.exposure
        noise = self._noise_rng.standard_normal(picture.shape, dtype=np.float32) * self.noise
        frame: NDArray[np.uint8] = np.clip(picture * gain + noise, 0, 255).astype(np.uint8)
        return frame

    def _draw_door(self, picture: Picture, time_s: float) -> None:
        """A door leaf at the upper edge, hinged at a corner, open while somebody is near."""
        near = [abs(p.at(time_s)[1]) for p in self.people if p.present(time_s)]
        open_share = np.clip(1.5 - min(near, default=1e9) / (1.5 * self.breadth_px), 0, 1)
        angle = np.pi / 2 * open_share
        length = min(1.3 * self.breadth_px, 0.4 * self.height)
        along = np.array([np.cos(angle), np.sin(angle)])
        for share in np.linspace(0, 1, 24):
            _blot(picture, along * length * share, (0.05 * length, 0.05 * length), 0.0, self._floor.mean((0, 1)) * 0.45)

    def _draw_shadows(self, picture: Picture, here: list[Person], time_s: float) -> None:
        mask = np.zeros(picture.shape[:2], np.float32)
        for person in here:
            for reach in (0.2, 0.6, 1.0):
                middle = person.at(time_s) + self._cast * person.size_px * reach
                _blot(mask, middle, (0.42 * person.size_px, 0.35 * person.size_px), 0.0, 1.0)
        picture *= 1 - (1 - self.shadow) * ndimage.gaussian_filter(mask, 0.06 * self.breadth_px)[..., None]

    def _draw_person(self, picture: Picture, person: Person, time_s: float) -> None:
        middle, size = person.at(time_s), person.size_px
        step = person.at(time_s + 0.05) - person.at(time_s - 0.05)
        pace = float(np.hypot(*step)) / 0.1 / size
        angle = float(np.arctan2(step[1], step[0])) if pace > 0.3 else np.pi / 2
        ahead, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        cloth, hair, skin = person.colours
        swing = np.sin(2 * np.pi * time_s / 1.1 + person.sway) * min(1, pace)
        feet = middle + 0.12 * (np.array([self.width, self.height]) / 2 - middle) * min(1, size / self.width * 2)
        for side in (-1, 1):
            foot = feet + aside * side * 0.12 * size + ahead * side * swing * 0.3 * size
            _blot(picture, foot, (0.14 * size, 0.06 * size), angle, cloth * 0.5)
        if self.trolley and person is self.people[0]:
            _blot(picture, middle + ahead * 0.75 * size, (0.4 * size, 0.3 * size), angle, np.array([150.0, 150, 160]))
        for side in (-1, 1):
            hand = middle + aside * side * 0.42 * size - ahead * side * swing * 0.25 * size
            _blot(picture, hand, (0.1 * size, 0.06 * size), angle, skin)
        _blot(picture, middle, (0.28 * size, 0.5 * size), angle, cloth)
        _blot(picture, middle + aside * 0.2 * size, (0.2 * size, 0.2 * size), angle, cloth * 0.8)
        if person.bag:
            _blot(picture, middle - ahead * 0.25 * size, (0.16 * size, 0.22 * size), angle, hair * 0.7 + 20)
        _blot(picture, middle + ahead * 0.08 * size, (0.19 * size, 0.16 * size), angle, hair)


def _blot(picture: Picture, middle: Point, radii: tuple[float, float], angle: float, colour: Point | float) -> None:
    """Draws an ellipse with a soft edge into a picture (h, w) or (h, w, 3); `radii` along and across `angle`."""
    reach = max(radii) + 2
    (x0, y0), (x1, y1) = (np.floor(middle - reach).astype(int), np.ceil(middle + reach).astype(int) + 1)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, picture.shape[1]), min(y1, picture.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    y, x = np.mgrid[y0:y1, x0:x1]
    dx, dy = x - middle[0], y - middle[1]
    along, across = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
    radius = np.sqrt((along / radii[0]) ** 2 + (across / radii[1]) ** 2)
    cover = np.clip((1 - radius) * min(radii) + 0.5, 0, 1)
    if picture.ndim == 3:
        shading = 1 - 0.35 * np.clip(radius, 0, 1) ** 2
        patch = picture[y0:y1, x0:x1]
        patch += cover[..., None] * (shading[..., None] * colour - patch)
    else:
        np.maximum(picture[y0:y1, x0:x1], cover * colour, out=picture[y0:y1, x0:x1])


def _through_encoder(pictures: Iterator[NDArray[np.uint8]], fps: float, crf: int) -> Iterator[NDArray[np.uint8]]:
    """Pictures after H.264 and back."""
    store = BytesIO()
    with av.open(store, "w", format="matroska") as container:
        stream = None
        for picture in pictures:
            if stream is None:
                stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
                stream.height, stream.width, stream.pix_fmt = *picture.shape[:2], "yuv420p"
                stream.options = {"crf": str(crf), "preset": "veryfast", "tune": "zerolatency"}
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        if stream is not None:
            container.mux(stream.encode(None))
    store.seek(0)
    with av.open(store, "r") as source:
        for frame in source.decode(video=0):
            yield frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
