"""How people move on a picture: a Kalman filter over many tracks at once.

The state of a track is `[x, foot, height, vx, vfoot]`: the foot-point and the height of the body in pixels, and the
velocity of the foot-point in pixels a second. What a box shows of it is `[x, foot, top]`. Every noise is stated in body
heights, so that near and far people, small and large pictures are treated alike; times are seconds, so that looks may
come at any rate.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SHOWN = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, -1, 0, 0]], dtype=np.float64)
"""From a state to what a box shows of it: x, foot, and top = foot - height."""

_SURPRISE = 2.0
"""Deviations up to which an error is taken as it is; beyond, it counts linearly (Huber 1964)."""


SEEN_FROM_ABOVE = 2.5
"""Body heights in the mean side of a box seen from straight above: 1.7 m against shoulders and stride, 0.7 m."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known of walkers and of detectors. docs/decisions/0004-tracking.md says what was measured.

    Attributes:
        acceleration: spread of a walker's changes of velocity, body heights per second, over one second.
        growth: spread of the change of a body's height on the picture, share of it, over one second.
        speed: spread of the speed of someone just found, body heights per second.
        box: spread of a box's errors in x, foot and top, body heights.
        hidden: deviations from which a side that lies inside of where it should be is taken as hidden.
    """

    acceleration: float = 0.3
    growth: float = 0.1
    speed: float = 0.8
    box: tuple[float, float, float] = (0.04, 0.05, 0.05)
    hidden: float = 2.5


@dataclass(slots=True)
class Motion:
    """The motion of n tracks.

    Attributes:
        mean: float64 (n, 5), the states.
        cov: float64 (n, 5, 5), their covariances.
        noise: what is known of walkers and of detectors.
    """

    mean: Floats
    cov: Floats
    noise: Noise

    @classmethod
    def nobody(cls, noise: Noise) -> "Motion":
        """No track at all."""
        return cls.started(np.zeros((0, 3)), noise)

    @classmethod
    def started(cls, shown: Floats, noise: Noise) -> "Motion":
        """Tracks that begin at boxes, float64 (n, 3): x, foot and top."""
        mean = np.zeros((len(shown), 5))
        mean[:, :2], mean[:, 2] = shown[:, :2], shown[:, 1] - shown[:, 2]
        across, foot, top = noise.box
        spread = np.array([across, foot, np.hypot(foot, top), noise.speed, noise.speed])
        variance = (spread * mean[:, 2, None]) ** 2
        return cls(mean, variance[:, :, None] * np.eye(5), noise)

    def __getitem__(self, which: NDArray[np.generic]) -> "Motion":
        return Motion(self.mean[which], self.cov[which], self.noise)

    def joined(self, others: "Motion") -> "Motion":
        """These tracks, and others behind them."""
        mean, cov = np.concatenate([self.mean, others.mean]), np.concatenate([self.cov, others.cov])
        return Motion(mean, cov, self.noise)

    def predict(self, seconds: float) -> None:
        """Moves all on by a time: constant velocity, white noise of acceleration (Bar-Shalom et al. 2001, 6.2.2)."""
        step = np.eye(5)
        step[0, 3] = step[1, 4] = seconds
        drift = np.zeros((5, 5))
        for place, speed in ((0, 3), (1, 4)):
            drift[place, place] = seconds**3 / 3
            drift[place, speed] = drift[speed, place] = seconds**2 / 2
            drift[speed, speed] = seconds
        drift *= self.noise.acceleration**2
        drift[2, 2] = self.noise.growth**2 * seconds
        self.cov = step @ self.cov @ step.T + drift * self.mean[:, 2, None, None] ** 2
        self.mean = self.mean @ step.T

    def misfit(self, shown: Floats, blur: Floats) -> Floats:
        """How badly boxes fit tracks, float64 (n, m): minus twice the logarithm of a likelihood with heavy tails.

        Fewer than all sides may be seen: one side of a sure box (blur 1) that lies inside of where it should be costs
        no more than a hidden one. A place that is not well known costs its logarithm, or lost tracks would win every
        box.

        Args:
            shown: float64 (m, 3), x, foot and top of the boxes.
            blur: float64 (m,), by how much the errors of each box are larger than usual.
        """
        variance, sure = self._variances()
        off = shown[None] - (self.mean @ _SHOWN.T)[:, None]
        spread = variance[:, None] + sure[:, None] * blur[None, :, None] ** 2
        deviation = np.abs(off) / np.sqrt(spread)
        cost = np.where(deviation > _SURPRISE, _SURPRISE * (2 * deviation - _SURPRISE), deviation**2)
        relief = np.where(_inside(off), np.maximum(0, cost - self.noise.hidden**2), 0).max(axis=2)
        doubt = np.log(spread / sure[:, None]).sum(axis=2)
        result: Floats = cost.sum(axis=2) - relief * (blur <= 1) + doubt
        return result

    def update(self, which: NDArray[np.intp], shown: Floats, blur: Floats) -> Flags:
        """Corrects tracks by their boxes.

        A hidden foot or head moves nothing. Any other surprise moves its track, but by less than its size.

        Args:
            which: (k,) indices of the tracks.
            shown: float64 (k, 3), x, foot and top of their boxes.
            blur: float64 (k,), by how much the errors of each box are larger than usual.

        Returns:
            (k,), whose box was seen whole.
        """
        part = self[which]
        variance, sure = part._variances()
        off = shown - part.mean @ _SHOWN.T
        spread = variance + sure * blur[:, None] ** 2
        deviation = np.abs(off) / np.sqrt(spread)
        hidden: Flags = _inside(off) & (deviation > self.noise.hidden)
        hidden[hidden.all(axis=1, where=[False, True, True])] = False
        weight = np.where(hidden, 1e6, np.maximum(1.0, deviation / _SURPRISE))
        error = (spread * weight - variance)[:, :, None] * np.eye(3)
        gain = np.linalg.solve(_SHOWN @ part.cov @ _SHOWN.T + error, _SHOWN @ part.cov).swapaxes(1, 2)
        cov = part.cov - gain @ _SHOWN @ part.cov
        self.mean[which] = part.mean + (gain @ off[:, :, None])[:, :, 0]
        self.cov[which] = (cov + cov.swapaxes(1, 2)) / 2
        whole: Flags = np.logical_not(hidden.any(axis=1))
        return whole

    def _variances(self) -> tuple[Floats, Floats]:
        """Variances (n, 3) of where x, foot and top should be, and of a sure box's errors."""
        variance = np.diagonal(_SHOWN @ self.cov @ _SHOWN.T, axis1=1, axis2=2)
        return variance, (np.array(self.noise.box) * self.mean[:, 2, None]) ** 2


def _inside(off: Floats) -> Flags:
    """Which sides, x, foot and top (..., 3), lie inside of where they should be, as when feet or a head are hidden."""
    return np.stack([np.zeros(off.shape[:-1], bool), off[..., 1] < 0, off[..., 2] > 0], axis=-1)
