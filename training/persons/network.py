"""The network: trunk and neck of YOLOX-nano (arXiv 2107.08430) with cheaper bends, and heads of our own for one class.

The branch for 80 classes is gone, and one number tells both that somebody is there and how well the box fits. A CPU
spends a third of YOLOX-nano's time in its SiLU, x times the logistic function of x. Trunk and neck have the hard swish
(arXiv 1905.02244) instead, the heads ReLU: each is a few multiplications, and the hard swish is nearly a SiLU.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDES_PX = (8, 16, 32)
HIDDEN = 64
STRETCH = 1.15
"""Trunk and neck compute with so many times YOLOX-nano's numbers: there a hard swish is nearest to a SiLU."""


class Layer(nn.Sequential):
    """A convolution and what bends it: SiLU, until somebody puts another in its place."""

    def __init__(self, inside: int, outside: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__(nn.Conv2d(inside, outside, kernel, stride, (kernel - 1) // 2, groups=groups), nn.SiLU())

    def bend_by(self, bend: nn.Module) -> None:
        """Bends otherwise from now on."""
        self[1] = bend


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
        published: as YOLOX-nano was published, cut to the person; otherwise with bends and heads of ours.
    """

    def __init__(self, published: bool = False) -> None:
        super().__init__()
        self.stem = Layer(3, 16, 6, 2)
        self.two = nn.Sequential(_apart(16, 32, 2), Stage(32, 32, [True]))
        self.three = nn.Sequential(_apart(32, 64, 2), Stage(64, 64, [True] * 3))
        self.four = nn.Sequential(_apart(64, 128, 2), Stage(128, 128, [True] * 3))
        self.five = nn.Sequential(_apart(128, 256, 2), Pyramid(256), Stage(256, 256, [False]))
        self.up_five, self.down_four = Layer(256, 128), Stage(256, 128, [False])
        self.up_four, self.down_three = Layer(128, 64), Stage(128, 64, [False])
        self.up_three, self.out_four = _apart(64, 64, 2), Stage(128, 128, [False])
        self.out_down, self.out_five = _apart(128, 128, 2), Stage(256, 256, [False])
        self.heads = nn.ModuleList(Head(width, published) for width in (64, 128, 256))
        for name, module in () if published else self.named_modules():
            if isinstance(module, Layer):
                module.bend_by(nn.ReLU() if name.startswith("heads") else nn.Hardswish())

    def neck(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features of strides 8, 16 and 32."""
        three = self.three(self.two(self.stem(picture)))
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


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0)
