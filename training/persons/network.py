"""The network: YOLOX-nano (arXiv 2107.08430) for one class, with a cheaper bend, stem and head.

Of YOLOX-nano remain the trunk and the neck. A third of its time on a CPU goes to its activation, SiLU; in the first
layers and the heads, where there is most of it, this one bends at zero instead (ReLU). The stem is one convolution of
4x4, the branch for 80 classes is gone, and one number tells both that somebody is there and how well the box fits.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES_PX = (8, 16, 32)
HIDDEN = 64


class Bend(nn.Module):
    """SiLU that becomes ReLU as `share` goes from 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.0

    def forward(self, x: Tensor) -> Tensor:
        """The two, mixed."""
        if self.share == 0.0:
            return functional.silu(x)
        if self.share == 1.0:
            return functional.relu(x)
        return torch.lerp(functional.silu(x), functional.relu(x), self.share)


class Layer(nn.Sequential):
    """A convolution and its bend."""

    def __init__(self, inside: int, outside: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__(nn.Conv2d(inside, outside, kernel, stride, (kernel - 1) // 2, groups=groups), Bend())


def _apart(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    """A convolution of 3x3 in each channel, then one of 1x1 over all."""
    return nn.Sequential(Layer(inside, inside, 3, stride, inside), Layer(inside, outside))


class Bottleneck(nn.Module):
    """A 1x1 and a 3x3, added to what came in or not."""

    def __init__(self, width: int, added: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(Layer(width, width), _apart(width, width))
        self.added = added

    def forward(self, x: Tensor) -> Tensor:
        """One step."""
        found: Tensor = self.body(x)
        return x + found if self.added else found


class Stage(nn.Module):
    """A cross stage partial layer (CSP, arXiv 1911.11929)."""

    def __init__(self, inside: int, outside: int, steps: Iterable[bool]) -> None:
        super().__init__()
        half = outside // 2
        self.worked, self.passed = Layer(inside, half), Layer(inside, half)
        self.steps = nn.Sequential(*(Bottleneck(half, added) for added in steps))
        self.joined = Layer(2 * half, outside)

    def forward(self, x: Tensor) -> Tensor:
        """One stage."""
        worked, passed = self.worked(x), self.passed(x)
        joined: Tensor = self.joined(torch.cat([self.steps(worked), passed], 1))
        return joined


class Pyramid(nn.Module):
    """Spatial pyramid pooling (arXiv 1406.4729)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.narrowed, self.joined = Layer(width, width // 2), Layer(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """The largest of neighbourhoods of 5, 9 and 13 cells, beside the cell itself."""
        x = self.narrowed(x)
        around = [functional.max_pool2d(x, side, 1, side // 2) for side in (5, 9, 13)]
        joined: Tensor = self.joined(torch.cat([x, *around], 1))
        return joined


class Head(nn.Module):
    """What is told of each cell of one stride.

    Args:
        inside: channels that come in.
        classes: whether there is a branch of its own for the class, as in YOLOX.
    """

    def __init__(self, inside: int, classes: bool) -> None:
        super().__init__()
        self.narrowed = Layer(inside, HIDDEN)
        self.kinds = nn.Sequential(_apart(HIDDEN, HIDDEN), _apart(HIDDEN, HIDDEN)) if classes else None
        self.kind = nn.Conv2d(HIDDEN, 1, 1) if classes else None
        self.places = nn.Sequential(_apart(HIDDEN, HIDDEN), _apart(HIDDEN, HIDDEN))
        self.place = nn.Conv2d(HIDDEN, 4, 1)
        self.there = nn.Conv2d(HIDDEN, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits and offsets (n, 5 or 6, rows, columns): centre, log size, there, and kind."""
        x = self.narrowed(x)
        kind = [self.kind(self.kinds(x))] if self.kind is not None and self.kinds is not None else []
        places = self.places(x)
        return torch.cat([self.place(places), self.there(places), *kind], 1)


class PersonNet(nn.Module):
    """From a picture, float (n, 3, h, w) blue green red 0..255, to what is told of each cell, a tensor for each stride.

    Args:
        published: as YOLOX-nano was published, cut to the person; otherwise the heads are cheaper,
        kept: and the trunk and the neck are YOLOX-nano's; otherwise the first layers are cheaper too.
    """

    def __init__(self, published: bool = False, kept: bool = False) -> None:
        super().__init__()
        self.kept = published or kept
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 6 if self.kept else 4, 2, 2 if self.kept else 1), Bend())
        self.two = nn.Sequential(_apart(16, 32, 2), Stage(32, 32, [True]))
        self.three = nn.Sequential(_apart(32, 64, 2), Stage(64, 64, [True] * 3))
        self.four = nn.Sequential(_apart(64, 128, 2), Stage(128, 128, [True] * 3))
        self.five = nn.Sequential(_apart(128, 256, 2), Pyramid(256), Stage(256, 256, [False]))
        self.up_five, self.down_four = Layer(256, 128), Stage(256, 128, [False])
        self.up_four, self.down_three = Layer(128, 64), Stage(128, 64, [False])
        self.up_three, self.out_four = _apart(64, 64, 2), Stage(128, 128, [False])
        self.out_down, self.out_five = _apart(128, 128, 2), Stage(256, 256, [False])
        self.heads = nn.ModuleList(Head(width, published) for width in (64, 128, 256))

    def neck(self, picture: Tensor, early: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Features of strides 8, 16 and 32; of those of stride 4 where they are known."""
        three = self.three(self.two(self.stem(picture)) if early is None else early)
        four = self.four(three)
        five = self.up_five(self.five(four))
        middle = self.up_four(self.down_four(torch.cat([_twice(five), four], 1)))
        fine = self.down_three(torch.cat([_twice(middle), three], 1))
        medium = self.out_four(torch.cat([self.up_three(fine), middle], 1))
        return fine, medium, self.out_five(torch.cat([self.out_down(medium), five], 1))

    def told(self, features: Iterable[Tensor]) -> list[Tensor]:
        """What the heads tell of the neck's features."""
        return [head(one) for head, one in zip(self.heads, features, strict=True)]

    def forward(self, picture: Tensor) -> list[Tensor]:
        """What is told of each cell."""
        return self.told(self.neck(picture))

    def bend(self, share: float) -> None:
        """Sets how far SiLU has become ReLU, in the heads, and the first layers if they are not kept."""
        last = list(self.two.modules())[-1]  # what is handed on stays as it was, below zero too
        for part in (self.heads,) if self.kept else (self.stem, self.two, self.heads):
            for module in part.modules():
                if isinstance(module, Bend) and module is not last:
                    module.share = share


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0)
