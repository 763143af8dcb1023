"""The network: a plain convolutional one, small enough for a look in about a millisecond on one core."""

import torch
from torch import Tensor, nn

SIDE_PX = 96
"""Width and height of what it sees."""
SEES_FACES = 2.6
"""The side of its input, in faces as they are expected."""


def _step(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class _Block(nn.Module):
    """Two convolutions and a way around them (He et al., arXiv 1512.03385)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _step(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


class MaskNet(nn.Module):
    """From a crop, float (n, 3, 96, 96) 0..1, to logits (n, 5) and the face's place (n, 3).

    The place is how far the face's middle lies from the crop's, right and down, and the logarithm of its size to the expected
    one; both in expected faces.
    """

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _step(3, 16, 2),
            _step(16, 32, 2),
            _Block(32),
            _step(32, 64, 2),
            _Block(64),
            _step(64, 96, 2),
            _Block(96),
        )
        self.squeeze = _step(96, 48)
        self.dropout = nn.Dropout(0.3)
        self.answers = nn.Linear(96 + 48, 5)
        self.place = nn.Linear(48 * 36, 3)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body((picture - 0.45) * 4)
        narrow = self.squeeze(features)
        pooled = torch.cat([features.mean((2, 3)), narrow.amax((2, 3))], 1)
        return self.answers(self.dropout(pooled)), self.place(narrow.flatten(1))
