"""Pictures to learn from, made on the device: people pasted into rooms, and photographs."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from persons.bank import SPRITE_PX, Pictures, Sprites
from persons.camera import MOST, Stand, stand

PAD = 114.0
_LEVELS = 4
_SEEN, _COVERED = 0.35, 0.4
_SMALLEST_PX = 10.0


@dataclass(frozen=True, slots=True)
class Batch:
    """n pictures and who is in them.

    Attributes:
        pictures: float (n, 3, h, w), blue green red 0..255.
        boxes: (n, m, 4), x1 y1 x2 y2.
        wanted: bool (n, m), which boxes are of people that should be found.
        passed: bool (n, m), which boxes say nothing, for or against.
        labelled: bool (n,), whether the boxes are all that is to be found.
        filled: bool (n, 1, h, w), which pixels are of the camera's picture; the rest is padding.
    """

    pictures: Tensor
    boxes: Tensor
    wanted: Tensor
    passed: Tensor
    labelled: Tensor
    filled: Tensor

    def seen_through(self, spoil: Callable[[Tensor], Tensor]) -> "Batch":
        """The same, its pictures spoilt where the camera's picture is."""
        return replace(self, pictures=torch.where(self.filled, spoil(self.pictures), PAD))


def _grid(matrix: Tensor, size_px: tuple[int, int]) -> Tensor:
    """Source pixels (n, h, w, 2) of each pixel, by matrices (n, 2, 3) from the one to the other."""
    width, height = size_px
    y, x = torch.meshgrid(
        torch.arange(height, device=matrix.device) + 0.5, torch.arange(width, device=matrix.device) + 0.5, indexing="ij"
    )
    points = torch.stack([x, y, torch.ones_like(x)], -1).reshape(1, -1, 3)
    return (points @ matrix.transpose(1, 2)).reshape(len(matrix), height, width, 2)


def _sampled(source: Tensor, at_px: Tensor, padding: str) -> Tensor:
    """Bilinear values of (n, c, h, w) at pixels (n, y, x, 2)."""
    sides = torch.tensor([source.shape[3], source.shape[2]], device=source.device)
    return functional.grid_sample(source, at_px / sides * 2 - 1, padding_mode=padding, align_corners=False)


def contents(number: int, size_px: tuple[int, int], device: str) -> Tensor:
    """Width and height (n, 2) of the part that a picture of some camera fills; the rest is padding, as in use."""
    shape = torch.tensor([[16 / 9, 1.625, 4 / 3, 1.25, 1.0]], device=device)
    aspect = shape[0, torch.multinomial(torch.tensor([0.4, 0.2, 0.25, 0.1, 0.05], device=device), number, True)]
    width = torch.minimum(torch.full_like(aspect, size_px[0]), aspect * size_px[1])
    return torch.stack([width, torch.minimum(width / aspect, torch.full_like(aspect, size_px[1]))], 1).round()


def _cropped(size: Tensor, content: Tensor, zoom: Tensor) -> Tensor:
    """Matrices (n, 2, 3) from pixels of the content to those of a part of a photograph, mirrored or not."""
    fit = torch.minimum(size[:, 0] / content[:, 0], size[:, 1] / content[:, 1])
    step = fit * zoom
    room = size - content * step[:, None]
    start = torch.rand_like(room) * room
    mirrored = torch.rand_like(step) < 0.5
    matrix = torch.zeros(len(size), 2, 3, device=size.device)
    matrix[:, 0, 0] = torch.where(mirrored, -step, step)
    matrix[:, 1, 1] = step * torch.empty_like(step).uniform_(0.93, 1.07)
    matrix[:, 0, 2] = torch.where(mirrored, start[:, 0] + content[:, 0] * step, start[:, 0])
    matrix[:, 1, 2] = start[:, 1]
    return matrix


def _inside(content: Tensor, size_px: tuple[int, int]) -> Tensor:
    """Which pixels (n, 1, h, w), bool, are not padding."""
    across = torch.arange(size_px[0], device=content.device) < content[:, :1]
    down = torch.arange(size_px[1], device=content.device) < content[:, 1:]
    return (down[:, :, None] & across[:, None, :])[:, None]


def photographs(bank: Pictures, numbers: Tensor, size_px: tuple[int, int]) -> Batch:
    """Parts of photographs, larger or smaller, with their boxes."""
    content = contents(len(numbers), size_px, str(numbers.device))
    zoom = torch.exp(torch.empty(len(numbers), device=numbers.device).uniform_(-0.9, 0.75))
    matrix = _cropped(bank.size[numbers], content, zoom)
    size = bank.size[numbers]
    at = _grid(matrix, size_px)
    shown = _sampled(bank.pixels[numbers].float(), at, "border")
    beyond = ((at < 0) | (at >= size[:, None, None])).any(3)[:, None]
    pictures = torch.where(beyond, PAD, shown)
    corners = bank.boxes[numbers].reshape(len(numbers), -1, 2, 2)
    moved = (corners - matrix[:, None, None, :, 2]) / matrix[:, None, None, :, :2].diagonal(dim1=-2, dim2=-1)
    whole = torch.cat([moved.amin(2), moved.amax(2)], 2)
    clipped = torch.minimum(whole.clamp(min=0), content.repeat(1, 2)[:, None])
    kept = _area(clipped) / _area(whole).clamp(min=1)
    tall = clipped[..., 3] - clipped[..., 1]
    known = bank.known[numbers] & (_area(clipped) > 0)
    wanted = known & ~bank.crowd[numbers] & (kept > 0.25) & (tall >= _SMALLEST_PX)
    return Batch(pictures, clipped, wanted, known & ~wanted, bank.labelled[numbers], _inside(content, size_px))


def _area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Pictures while people are pasted into them.

    Attributes:
        canvas: float (n, 3, h, w).
        owner: int8 (n, h, w), who is seen there, -1 for nobody.
        whole: (n, 12, 4), the box of each, what is hidden by others included.
        area: (n, 12), pixels of each, likewise.
    """

    canvas: Tensor
    owner: Tensor
    whole: Tensor
    area: Tensor


class Composer:
    """Pastes people into rooms.

    Args:
        people: whom.
        rooms: into what; nobody is in them.
    """

    def __init__(self, people: Sprites, rooms: Pictures) -> None:
        self._people, self._rooms = people, rooms

    def compose(self, number: int, size_px: tuple[int, int], straight_down: float) -> Batch:
        """Makes pictures of that many rooms."""
        device = str(self._rooms.pixels.device)
        content = contents(number, size_px, device)
        inside = _inside(content, size_px)
        canvas = self._room(content, size_px)
        people = stand(content, straight_down)
        _clutter(canvas, content)
        sheet = _Sheet(
            canvas,
            torch.full((number, *canvas.shape[2:]), -1, dtype=torch.int8, device=device),
            torch.zeros(number, MOST, 4, device=device),
            torch.zeros(number, MOST, device=device),
        )
        self._pasted(sheet, people, inside)
        seen = torch.stack([(sheet.owner == place).sum((1, 2)) for place in range(MOST)], 1) / sheet.area.clamp(min=1)
        known = people.there & (sheet.area > 12) & (_area(sheet.whole) > 0)
        wanted = known & (seen >= _SEEN) & ((sheet.whole[..., 3] - sheet.whole[..., 1]) >= _SMALLEST_PX)
        labelled = torch.ones(number, dtype=torch.bool, device=device)
        return Batch(canvas.clamp(0, 255), sheet.whole, wanted, known & ~wanted, labelled, inside)

    def _pasted(self, sheet: "_Sheet", people: Stand, inside: Tensor) -> None:
        """Pastes all people, the farthest first."""
        picks, light, size_px = self._picks(people), _light(sheet.canvas, inside), (inside.shape[3], inside.shape[2])
        for place in range(MOST):
            rows = people.there[:, place].nonzero()[:, 0]
            if not len(rows):
                continue
            colour, cover, limits = self._drawn(people, picks, (rows, place), size_px)
            cover = cover * inside[rows]
            shade = _shade(
                people.foot_px[rows, place], people.px_per_m[rows, place], people.elevation_deg[rows, place], size_px
            )
            sheet.canvas[rows] = sheet.canvas[rows] * shade * (1 - cover) + colour * inside[rows] * light[rows]
            solid = cover[:, 0] > _COVERED
            sheet.owner[rows] = torch.where(solid, place, sheet.owner[rows])
            sheet.whole[rows, place] = _around(solid, limits)
            sheet.area[rows, place] = solid.sum((1, 2)).float()

    def _room(self, content: Tensor, size_px: tuple[int, int]) -> Tensor:
        numbers = torch.randint(len(self._rooms.size), (len(content),), device=content.device)
        zoom = torch.empty(len(content), device=content.device).uniform_(0.4, 1.0)
        matrix = _cropped(self._rooms.size[numbers], content, zoom)
        return _sampled(self._rooms.pixels[numbers].float(), _grid(matrix, size_px), "border")

    def _picks(self, people: Stand) -> Tensor:
        """Sprites (n, 12) that are seen from about the right elevation."""
        near = people.elevation_deg + torch.randn_like(people.elevation_deg) * 3
        at = torch.searchsorted(self._people.elevation, near.clamp(0, 90))
        spread = torch.randint(-12, 13, at.shape, device=at.device)
        return (at + spread).clamp(0, len(self._people.elevation) - 1)

    def _drawn(
        self, people: Stand, picks: Tensor, at_place: tuple[Tensor, int], size_px: tuple[int, int]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Colour (n, 3, h, w), coverage 0..1 (n, 1, h, w) and limits (n, 4) of one sprite in each of some pictures."""
        mine = self._people
        pick, foot_px = picks[at_place], people.foot_px[at_place]
        scale = people.px_per_m[at_place] / mine.px_per_m[pick]
        scale = scale * torch.empty_like(scale).uniform_(0.85, 1.15)
        turn = people.roll_rad[at_place] + torch.randn_like(scale) * 0.04
        wide = scale * torch.empty_like(scale).uniform_(0.92, 1.08)
        wide = torch.where(torch.rand_like(wide) < 0.5, -wide, wide)
        forth = torch.stack(
            [
                torch.stack([turn.cos() * wide, -turn.sin() * scale], 1),
                torch.stack([turn.sin() * wide, turn.cos() * scale], 1),
            ],
            1,
        )
        back = torch.linalg.inv(forth)
        shift = mine.foot[pick] - (back @ foot_px[:, :, None])[..., 0]
        at = _grid(torch.cat([back, shift[:, :, None]], 2), size_px)
        level = (-torch.log2(scale)).floor().clamp(0, _LEVELS)
        outside = ((at < 0.5) | (at > (mine.size[pick] - 0.5)[:, None, None])).any(3)
        step = torch.exp2(level)[:, None, None, None]
        top = torch.where(level > 1, SPRITE_PX * (1 - torch.exp2(1 - level)), 0.0)
        left = torch.where(level > 0, float(SPRITE_PX), 0.0)
        at = at / step + torch.stack([left, top], 1)[:, None, None]
        atlas = mine.atlas[pick]
        found = _sampled(atlas.float(), at, "zeros")
        found = torch.where(outside[:, None], 0.0, found)
        return found[:, :3], found[:, 3:] / 255, _limits(mine.box[pick], mine.foot[pick], forth, foot_px)


def _shade(foot_px: Tensor, px_per_m: Tensor, elevation_deg: Tensor, size_px: tuple[int, int]) -> Tensor:
    """What is left of the light (n, 1, h, w) on the ground about a person's feet; the shadow falls to one side."""
    number, device = len(foot_px), foot_px.device
    identity = torch.eye(2, 3, device=device).expand(number, 2, 3)
    far_m = torch.randn(number, 2, device=device) * 0.15
    flat = elevation_deg.deg2rad().sin().clamp(min=0.12)
    away = (_grid(identity, size_px) - foot_px[:, None, None]) / px_per_m[:, None, None, None] - far_m[:, None, None]
    away = away / torch.stack([torch.ones_like(flat), flat], 1)[:, None, None]
    dark = torch.rand(number, 1, 1, device=device) * 0.5
    return (1 - dark * torch.exp(-(away**2).sum(3) / (2 * 0.22**2)))[:, None]


def _clutter(canvas: Tensor, content: Tensor) -> None:
    """In some pictures something that is no person, about as large as one: a part of another picture, or one colour."""
    for draw in (torch.rand(2 * len(canvas)) < 0.3).nonzero()[:, 0].tolist():
        number = draw % len(canvas)
        wide, high = (int(side) for side in content[number])
        chance = torch.rand(6).tolist()
        across, down = int(8 + chance[0] ** 2 * wide * 0.25), int(10 + chance[1] ** 2 * high * 0.6)
        left, top = int(chance[2] * (wide - across)), int(chance[3] * (high - down))
        part = canvas[number - 1, :, top : top + down, left : left + across]
        if chance[4] < 0.4:
            part = torch.rand(3, 1, 1, device=canvas.device) * 220 + (part - part.mean((1, 2), keepdim=True)) * 0.3
        canvas[number, :, top : top + down, left : left + across] = part.flip(2)


def _limits(box: Tensor, foot: Tensor, forth: Tensor, foot_px: Tensor) -> Tensor:
    """The upright box (n, 4) around a person's turned box."""
    corners = torch.stack([box[:, [0, 1]], box[:, [2, 1]], box[:, [0, 3]], box[:, [2, 3]]], 1) - foot[:, None]
    moved = corners @ forth.transpose(1, 2) + foot_px[:, None]
    return torch.cat([moved.amin(1), moved.amax(1)], 1)


def _around(solid: Tensor, limits: Tensor) -> Tensor:
    """The box (n, 4) around what is covered (n, h, w), not beyond the limits."""
    edges = []
    for axis in (1, 2):
        line = solid.any(axis)
        count = line.shape[1]
        first = line.int().argmax(1)
        last = count - line.flip(1).int().argmax(1)
        edges.append((first.float(), torch.where(line.any(1), last, first).float()))
    (left, right), (top, bottom) = edges
    found = torch.stack([left, top, right, bottom], 1)
    return torch.cat([torch.maximum(found[:, :2], limits[:, :2]), torch.minimum(found[:, 2:], limits[:, 2:])], 1)


def _light(canvas: Tensor, inside: Tensor) -> Tensor:
    """How bright people look in a room of that brightness, (n, 1, 1, 1)."""
    mean = (canvas.mean(1, keepdim=True) * inside).sum((1, 2, 3), keepdim=True) / inside.sum((1, 2, 3), keepdim=True)
    return (0.45 + 0.55 * mean / 110).clamp(0.4, 1.4)
