"""Where people stand before drawn cameras, and how they are seen from there."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

MOST = 12
"""People in one picture."""
_MIDDLE_M = 0.85
_NEAREST_M = 0.9
_APART_M = 0.4


@dataclass(frozen=True, slots=True)
class Stand:
    """People in each of n pictures, the farthest first; all (n, 12), angles in degrees or radians as named.

    Attributes:
        foot_px: (n, 12, 2), where they stand.
        px_per_m: how large a metre is there.
        elevation_deg: from which they are seen.
        roll_rad: how far their up is turned from the picture's.
        there: bool, who is there at all.
        down: bool (n,), which cameras look straight down.
    """

    foot_px: Tensor
    px_per_m: Tensor
    elevation_deg: Tensor
    roll_rad: Tensor
    there: Tensor
    down: Tensor


@dataclass(frozen=True, slots=True)
class _Cameras:
    """Heights (m), tilts (rad), focal lengths (px) and widths and heights (px) of pictures, each (n, 1)."""

    height_m: Tensor
    tilt: Tensor
    focal_px: Tensor
    wide_px: Tensor
    high_px: Tensor

    def ground(self, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Where the ground is seen at a point of the picture: right, ahead, and depth, negative above the horizon."""
        x, y = (u - self.wide_px / 2) / self.focal_px, (v - self.high_px / 2) / self.focal_px
        depth = self.height_m / (y * self.tilt.cos() + self.tilt.sin())
        return depth * x, depth * (self.tilt.cos() - y * self.tilt.sin()), depth

    def seen(self, right: Tensor, ahead: Tensor, up_m: float) -> tuple[Tensor, Tensor, Tensor]:
        """Where a point of the room is in the picture, and its depth."""
        rise = up_m - self.height_m
        depth = ahead * self.tilt.cos() - rise * self.tilt.sin()
        down = -ahead * self.tilt.sin() - rise * self.tilt.cos()
        near = depth.clamp(min=1e-3)
        return self.wide_px / 2 + self.focal_px * right / near, self.high_px / 2 + self.focal_px * down / near, depth


def _uniform(low: float, high: float, like: Tensor) -> Tensor:
    return torch.empty_like(like).uniform_(low, high)


def _cameras(size_px: Tensor, down: Tensor) -> _Cameras:
    """One camera for each picture: at a ceiling or a wall, some looking straight down."""
    one = size_px[:, :1]
    tilt = torch.where(down[:, None], _uniform(66, 90, one), _uniform(2, 55, one)).deg2rad()
    height_m = torch.where(down[:, None], _uniform(2.5, 6.0, one), _uniform(1.8, 6.0, one))
    focal_px = one / 2 / (_uniform(45, 100, one) / 2).deg2rad().tan()
    return _Cameras(height_m, tilt, focal_px, size_px[:, :1], size_px[:, 1:])


def stand(size_px: Tensor, straight_down: float) -> Stand:
    """Draws cameras and people.

    Args:
        size_px: (n, 2), width and height of each picture.
        straight_down: share of cameras that look straight down.
    """
    number = len(size_px)
    down = torch.rand(number, device=size_px.device) < straight_down
    cameras = _cameras(size_px, down)
    spread = torch.rand(number, MOST, 2, device=size_px.device)
    u = (spread[..., 0] * 1.1 - 0.05) * cameras.wide_px
    v = (spread[..., 1] ** 0.8 * 1.45 - 0.05) * cameras.high_px
    right, ahead, depth = cameras.ground(u, v)
    right, ahead = _in_groups(right, ahead)
    foot_u, foot_v, depth = cameras.seen(right, ahead, 0.0)
    low, high = cameras.seen(right, ahead, 0.4), cameras.seen(right, ahead, 1.3)
    roll = torch.atan2(high[0] - low[0], low[1] - high[1])
    px_per_m = cameras.focal_px / cameras.seen(right, ahead, _MIDDLE_M)[2].clamp(min=0.1)
    elevation = torch.atan2(cameras.height_m - _MIDDLE_M, torch.hypot(right, ahead)).rad2deg()
    there = _there(depth, high[2], px_per_m, size_px) & ~_too_near(right, ahead)
    order = depth.argsort(dim=1, descending=True)
    sort = [value.gather(1, order) for value in (foot_u, foot_v, px_per_m, elevation, roll, there)]
    return Stand(torch.stack(sort[:2], -1), sort[2], sort[3].clamp(0, 90), sort[4], sort[5], down)


def _in_groups(right: Tensor, ahead: Tensor) -> tuple[Tensor, Tensor]:
    """Some of the people stand beside the one before."""
    beside = torch.rand_like(right) < 0.3
    turn, far_m = torch.rand_like(right) * 2 * math.pi, 0.45 + 0.5 * torch.rand_like(right)
    return (
        torch.where(beside, right.roll(1, 1) + turn.cos() * far_m, right),
        torch.where(beside, ahead.roll(1, 1) + turn.sin() * far_m, ahead),
    )


def _there(depth: Tensor, head_depth: Tensor, px_per_m: Tensor, size_px: Tensor) -> Tensor:
    """Who is before the camera and neither a dot nor larger than life; and how many are wanted."""
    tall = 1.7 * px_per_m
    fits = (depth > 0) & (depth < 60) & (head_depth > _NEAREST_M) & (tall > 16) & (tall < 2.2 * size_px[:, 1:])
    wanted = torch.poisson(torch.full((len(depth), 1), 5.0, device=depth.device)).clamp(0, MOST)
    wanted = torch.where(torch.rand_like(wanted) < 0.12, 0.0, wanted)
    return fits & (torch.arange(MOST, device=depth.device) < wanted)


def _too_near(right: Tensor, ahead: Tensor) -> Tensor:
    """Who would stand in somebody that comes before in the list."""
    apart = torch.hypot(right[:, :, None] - right[:, None], ahead[:, :, None] - ahead[:, None])
    before = torch.ones(MOST, MOST, device=right.device, dtype=torch.bool).tril(-1)
    return ((apart < _APART_M) & before).any(2)
