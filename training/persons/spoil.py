"""What a camera, its lens, its sensor and its encoder do to a picture, on the device and for whole batches."""

import math

import torch
from torch import Tensor
from torch.nn import functional

_BLOCK = 8
# The table for brightness of ITU-T T.81, annex K; encoders of video quantise alike.
_TABLE = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"
)


def spoilt(pictures: Tensor) -> Tensor:
    """Spoils pictures, float (n, 3, h, w) 0..255, each in its own way; what goes in is not changed."""
    seen = _colours(pictures)
    seen = _some(seen, _blurred(seen), 0.5)
    seen = _some(seen, _moved(seen), 0.15)
    seen = _some(seen, _coarse(seen), 0.4)
    seen = seen + torch.randn_like(seen) * _each(seen, 0.0, 1.0) ** 2 * 14
    seen = _some(seen, _encoded(seen), 0.65)
    return seen.clamp(0, 255)


def _each(like: Tensor, low: float, high: float, channels: int = 1) -> Tensor:
    return torch.empty(len(like), channels, 1, 1, device=like.device).uniform_(low, high)


def _some(before: Tensor, after: Tensor, share: float) -> Tensor:
    return torch.where(_each(before, 0, 1) < share, after, before)


def _colours(pictures: Tensor) -> Tensor:
    """Gain, contrast, gamma, colour cast, and no colour at all in a few."""
    bright = (pictures / 255).clamp(1e-4, 1) ** torch.exp(_each(pictures, -0.4, 0.4))
    dark = _each(pictures, 0, 1) < 0.12
    bright = bright * torch.where(dark, _each(pictures, 0.3, 0.6), _each(pictures, 0.75, 1.25))
    bright = bright * _each(pictures, 0.88, 1.12, 3)
    mean = bright.mean((1, 2, 3), keepdim=True)
    bright = mean + (bright - mean) * _each(pictures, 0.65, 1.2)
    grey = bright.mean(1, keepdim=True)
    colour = torch.where(_each(pictures, 0, 1) < 0.08, torch.zeros_like(mean), _each(pictures, 0.5, 1.3))
    return ((grey + (bright - grey) * colour) * 255).clamp(0, 255)


def _along(pictures: Tensor, kernels: Tensor) -> Tensor:
    """Each picture with its own kernel (n, k, k)."""
    number, channels, high, wide = pictures.shape
    side = kernels.shape[-1]
    weights = kernels[:, None].repeat_interleave(channels, 1).reshape(-1, 1, side, side)
    padded = functional.pad(pictures, (side // 2,) * 4, mode="replicate")
    flat = padded.reshape(1, -1, *padded.shape[2:])
    return functional.conv2d(flat, weights, groups=number * channels).reshape(number, channels, high, wide)


def _blurred(pictures: Tensor) -> Tensor:
    """Out of focus."""
    sigma = _each(pictures, 0.3, 1.0)[:, :, 0] ** 1.5 * 1.5
    axis = torch.arange(-3, 4, device=pictures.device)
    line = torch.exp(-(axis**2) / (2 * sigma**2))
    kernel = line.transpose(1, 2) * line
    return _along(pictures, kernel / kernel.sum((1, 2), keepdim=True))


def _moved(pictures: Tensor) -> Tensor:
    """Moved while the shutter was open."""
    turn, reach = _each(pictures, 0, math.pi)[:, :, 0], _each(pictures, 0.8, 3.5)[:, :, 0]
    axis = torch.arange(-3, 4, device=pictures.device, dtype=torch.float32)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    along, across = x * turn.cos() + y * turn.sin(), -x * turn.sin() + y * turn.cos()
    kernel = (reach + 0.5 - along.abs()).clamp(0, 1) * (1 - across.abs()).clamp(0, 1)
    return _along(pictures, kernel / kernel.sum((1, 2), keepdim=True))


def _coarse(pictures: Tensor) -> Tensor:
    """Fewer pixels at the sensor or in the stream; all of a batch alike."""
    share = 0.4 + 0.55 * torch.rand(1).item()
    small = functional.interpolate(pictures, scale_factor=share, mode="bilinear", antialias=True)
    return functional.interpolate(small, pictures.shape[2:], mode="bilinear")


def _encoded(pictures: Tensor) -> Tensor:
    """Quantised in blocks, brightness and colour each, as encoders of pictures and of video do."""
    number, _, high, wide = pictures.shape
    device = pictures.device
    toward = torch.tensor([[0.114, 0.587, 0.299], [0.5, -0.3313, -0.1687], [-0.0813, -0.4187, 0.5]], device=device)
    parts = torch.einsum("ij,njhw->nihw", toward, pictures - 128)
    row = torch.arange(_BLOCK, device=device, dtype=torch.float32)
    waves = torch.cos((2 * row[None] + 1) * row[:, None] * math.pi / 16) * 0.5
    waves[0] /= math.sqrt(2)
    blocks = parts.reshape(number, 3, high // _BLOCK, _BLOCK, wide // _BLOCK, _BLOCK)
    sums = torch.einsum("ui,nchiwj,vj->nchuwv", waves, blocks, waves)
    table = torch.tensor([float(entry) for entry in _TABLE.split()], device=device).reshape(_BLOCK, 1, _BLOCK)
    step = table * torch.exp(torch.empty(number, 1, 1, 1, 1, 1, device=device).uniform_(-1.6, 1.1))
    step = step * torch.tensor([1.0, 1.6, 1.6], device=device)[None, :, None, None, None, None]
    shift = torch.rand_like(sums) * 0.2 - 0.1
    back = torch.einsum("ui,nchuwv,vj->nchiwj", waves, (sums / step + shift).round() * step, waves)
    return torch.einsum("ij,njhw->nihw", torch.linalg.inv(toward), back.reshape(number, 3, high, wide)) + 128
