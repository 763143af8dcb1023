"""The network: AIZOO's first six convolutions on a quarter of their picture, and a small head on what they see."""

import itertools
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from masks.heads import CLASSES
from masks.trunk import LAYERS, Layer

SIDE_PX = 96
"""Width and height of what it sees."""
SEES_FACES = 2.6
"""The side of its input, in faces as they are expected."""
FROZEN = 3
"""So many of the first convolutions stay AIZOO's own."""
FINE, COARSE = 24 * 6 * 6, 64 * 3 * 3
"""Numbers kept of the 6x6 and of the 3x3 features."""


class MaskNet(nn.Module):
    """From a crop, float (n, 3, 96, 96) 0..1, to logits (n, 5) and the face's place (n, 3).

    The place is how far the face's middle lies from the crop's, right and down, and the logarithm of its size to the
    expected one; both in expected faces.

    Args:
        trunk: AIZOO's layers, to begin from; None where weights are loaded anyway.
    """

    def __init__(self, trunk: dict[str, Layer] | None = None) -> None:
        super().__init__()
        widths = (3, 32, 64, 64, 64, 128, 128)
        self.trunk = nn.ModuleList(
            nn.Conv2d(inside, outside, 3, 1, 1) for inside, outside in itertools.pairwise(widths)
        )
        self.coarse = nn.Conv2d(128, 64, 3, 1, 1)
        if trunk:
            for convolution, name in zip((*self.trunk, self.coarse), LAYERS, strict=True):
                _begin(convolution, trunk[name])
        self.fine = nn.Conv2d(128, 24, 1)
        self.dropout = nn.Dropout(0.2)
        self.mix = nn.Linear(FINE + COARSE, 64)
        self.answers = nn.Linear(64, len(CLASSES))
        self.place = nn.Linear(FINE + COARSE, 3)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the answers and the face's place."""
        features, middle = picture, picture
        for number, convolution in enumerate(self.trunk):
            if number == FROZEN:
                features = features.detach()
            features = torch.relu(convolution(features))
            if number == 4:
                middle = features
            if number < 5:
                features = nn.functional.max_pool2d(features, 2)
        fine = torch.relu(self.fine(middle)).flatten(1)
        both = torch.cat([fine, torch.relu(self.coarse(features)).flatten(1)], 1)
        return self.answers(torch.relu(self.mix(self.dropout(both)))), self.place(both)

    def borrowed(self) -> Iterator[nn.Parameter]:
        """The parameters of AIZOO's first six convolutions."""
        return self.trunk.parameters()


def _begin(convolution: nn.Module, layer: Layer) -> None:
    assert isinstance(convolution, nn.Conv2d)
    assert convolution.bias is not None
    with torch.no_grad():
        convolution.weight.copy_(torch.from_numpy(layer.weights))
        convolution.bias.copy_(torch.from_numpy(layer.bias))
