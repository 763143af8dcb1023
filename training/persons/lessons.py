"""What is taught: trunk and neck, to give what YOLOX-nano's give, and heads of our own, to tell where people are."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from persons.loss import box_error, losses, read
from persons.network import STRETCH, PersonNet
from persons.scene import Batch
from persons.train import Groups

_NECK = ("down_three", "out_four", "out_five")
"""What the heads look at."""
_LIKENED = (
    *("stem", "two", "three", "four", "five", "up_five", "down_four", "up_four", "up_three", "out_down"),
    *(2 * _NECK),
)
"""Layers that are to be alike; those twice count twice."""
_QUIET, _FOLLOWS = 0.05, 0.98
_AS_SEEN, _BOX_AS_SEEN = 0.5, 0.3
_HEADS_SHARE = 0.25


class Heads:
    """The heads alone, on a trunk and neck that stay as they are.

    Args:
        net: who learns.
        teacher: YOLOX-nano.
    """

    def __init__(self, net: PersonNet, teacher: PersonNet) -> None:
        self.net, self._teacher = _laid_out(net), _laid_out(teacher)
        net.requires_grad_(False).heads.requires_grad_(True)
        self.groups: Groups = ((list(net.heads.parameters()), 1.0),)

    def parts(self, batch: Batch) -> list[Tensor]:
        """Of scores, boxes, teacher."""
        with torch.no_grad(), _quick(batch):
            features, known = self.net.neck(batch.pictures), read(self._teacher(batch.pictures))
        with _quick(batch):
            told = read(self.net.told(features))
        found = losses(told, known, batch)
        return [found.score, found.box, found.teacher]


class Likeness:
    """Trunk and neck, drawn to each layer of YOLOX-nano's and to what its heads would see; the heads learn beside them.

    Nobody who is looked at matters to the trunk, only how it sees: no label moves it, so it cannot learn drawn people
    and lose real ones. Each channel learns in units of its own weights, since those of YOLOX-nano, in which all
    normalisation is folded, differ a hundredfold within a layer.

    Args:
        net: who learns, beginning as the teacher.
        teacher: YOLOX-nano.
        look: pictures, float (n, 3, h, w), from which the units of shifts are taken.
    """

    def __init__(self, net: PersonNet, teacher: PersonNet, look: Tensor) -> None:
        self.net, self._teacher = _laid_out(net), _laid_out(teacher)
        net.requires_grad_(True)
        _in_own_units(net, look)
        heads = list(net.heads.parameters())
        others = {id(one) for one in heads}
        trunk = [one for one in net.parameters() if id(one) not in others]
        self.groups: Groups = ((trunk, 1.0), (heads, _HEADS_SHARE))
        self._spread: dict[str, Tensor] = {}

    def parts(self, batch: Batch) -> list[Tensor]:
        """Of layers, of what the teacher's heads see, and of scores, boxes, teacher."""
        with _quick(batch):
            with torch.no_grad():
                wanted = _layers(self._teacher, batch.pictures)
                known = read(self._teacher.told(wanted[name] for name in _NECK))
            given = _layers(self.net, batch.pictures)
            told = read(self.net.told(given[name].detach() for name in _NECK))
            seen = read(self._teacher.told(given[name] / STRETCH for name in _NECK))
        unlike = torch.stack([self._unlike(name, given[name] / STRETCH, wanted[name]) for name in _LIKENED]).mean()
        weight = known.logit.sigmoid()
        missed = functional.binary_cross_entropy_with_logits(seen.logit, weight, reduction="none")
        missed = missed - functional.binary_cross_entropy_with_logits(known.logit, weight, reduction="none")
        astray = _BOX_AS_SEEN * box_error(seen.boxes, known.boxes) * weight
        as_seen = _AS_SEEN * (missed.sum() + astray.sum()) / weight.sum().clamp(min=1)
        found = losses(told, known, batch)
        return [unlike, as_seen, found.score, found.box, found.teacher]

    def _unlike(self, name: str, given: Tensor, wanted: Tensor) -> Tensor:
        """How far a layer's channels are from the teacher's, in variances; a nearly quiet channel counts for less."""
        now = wanted.float().var((0, 2, 3))
        spread = self._spread.setdefault(name, now).lerp(now, 1 - _FOLLOWS)
        self._spread[name] = spread
        apart = (given.float() - wanted.float()).square().mean((0, 2, 3))
        return (apart / (spread + _QUIET * spread.mean())).mean()


def plain(net: PersonNet) -> PersonNet:
    """The network with its weights as they are, when nothing more is to be learnt in units."""
    for module in net.modules():
        if parametrize.is_parametrized(module):
            for name in ("weight", "bias"):
                parametrize.remove_parametrizations(module, name)
    return net


class _Unit(nn.Module):
    def __init__(self, unit: Tensor) -> None:
        super().__init__()
        self.unit: Tensor
        self.register_buffer("unit", unit)

    def forward(self, learnt: Tensor) -> Tensor:
        """The number itself."""
        return learnt * self.unit

    def right_inverse(self, number: Tensor) -> Tensor:
        """What is learnt instead of it."""
        return number / self.unit


def _in_own_units(net: PersonNet, look: Tensor) -> None:
    """Each channel learns weights in units of their root mean square, and its shift in units of its own spread."""
    spread: dict[nn.Conv2d, Tensor] = {}
    trunk = [part for name, part in net.named_children() if name != "heads"]
    convolutions = [one for part in trunk for one in part.modules() if isinstance(one, nn.Conv2d)]
    hooks = [
        one.register_forward_hook(lambda one, _in, out: spread.__setitem__(one, out.std((0, 2, 3)).clamp(min=0.01)))
        for one in convolutions
    ]
    with torch.no_grad():
        net.neck(look)
    for hook, one in zip(hooks, convolutions, strict=True):
        hook.remove()
        unit = one.weight.detach().square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-6)
        parametrize.register_parametrization(one, "weight", _Unit(unit))
        parametrize.register_parametrization(one, "bias", _Unit(spread[one]))


def _layers(net: PersonNet, pictures: Tensor) -> dict[str, Tensor]:
    """What each layer gives, by its name."""
    given: dict[str, Tensor] = {}
    hooks = [
        part.register_forward_hook(lambda _part, _in, out, name=name: given.__setitem__(name, out))
        for name, part in net.named_children()
        if name != "heads"
    ]
    net.neck(pictures)
    for hook in hooks:
        hook.remove()
    return given


def _laid_out(net: PersonNet) -> PersonNet:
    """Channels last in memory, with which a graphics card took half the time."""
    laid: PersonNet = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch forgot it
    return laid


def _quick(batch: Batch) -> torch.autocast:
    """Half precision on a graphics card."""
    kind = batch.pictures.device.type
    return torch.autocast(kind, dtype=torch.bfloat16, enabled=kind == "cuda")
