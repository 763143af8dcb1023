"""The noise, drawn by OpenDP, which keeps proofs and accounting of its mechanisms; needs the extra `release`."""

import math
from collections.abc import Sequence
from importlib.metadata import version
from types import ModuleType
from typing import Protocol

from passerby.core.noise import MICRO
from passerby.errors import PasserbyError
from passerby.hub.release.words import ReleaseError

MECHANISM = "discrete Laplace noise"


class NoOpenDPError(PasserbyError):
    """Noise is needed, and what draws it is not installed."""


class Noise(Protocol):
    """Adds noise that nobody can draw again."""

    def add(self, counts: Sequence[int], scale: float, paid: tuple[int, int]) -> list[int]:
        """Counts with discrete Laplace noise.

        Args:
            counts: people, of any number of venue-days.
            scale: of the noise, in people.
            paid: k, and the epsilon that was spent on each venue-day in millionths.

        Raises:
            ReleaseError: it costs more than was paid.
        """


class OpenDP:
    """The noise of OpenDP: `make_laplace` on vectors of whole numbers.

    For integers it samples the discrete Laplace distribution exactly, in whole numbers and from the system's source of
    chance (Canonne, Kamath and Steinke 2020), so that no floating point number tells on the noise (Mironov 2012).
    The library says itself what a vector costs whose L1 norm changes by k; it is held against what was paid.

    Raises:
        NoOpenDPError: the extra is not installed.
    """

    def __init__(self) -> None:
        self._dp = _library()
        self.version = version("opendp")

    def add(self, counts: Sequence[int], scale: float, paid: tuple[int, int]) -> list[int]:
        """As `Noise.add`."""
        dp, (crossings, epsilon_micro) = self._dp, paid
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
        laplace = dp.m.make_laplace(*space, scale=scale)
        cost = float(laplace.map(crossings))
        # It rounds up in the last bit of a floating point number; an epsilon has six digits.
        if not math.isfinite(cost) or cost * MICRO > epsilon_micro * (1 + 1e-12):
            raise ReleaseError(f"noise of scale {scale:g} costs {cost:g}, and {epsilon_micro / MICRO:g} was paid")
        return [int(count) for count in laplace([int(count) for count in counts])] if counts else []


def _library() -> ModuleType:
    try:
        import opendp.prelude as dp
    except ImportError:
        words = "the profile public needs one more package: pip install 'passerby[release]'"
        raise NoOpenDPError(words) from None
    dp.enable_features("contrib")
    return dp
