"""How people move on a picture: a Kalman filter over many tracks at once.

The state of a track is `[x, foot, height, vx, vfoot]`: the foot-point and the height of the body in pixels, and the velocity
of the foot-point in pixels a second. What is measured is `[x, foot, top]` of a box. Every noise is stated in body heights,
so that near and far people, and large and small pictures, are treated alike; times are seconds, so that the rate of
looks may vary from look to look.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STATE, _MEASURED = 5, 3
_SEEN = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, -1, 0, 0]], dtype=np.float64)
"""From a state to what a box shows of it: x, foot, and top = foot - height."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known of people and of detectors, in body heights and seconds.

    Attributes:
        acceleration: standard deviation of a walker's acceleration, body heights per second squared.
        growth: how much the height drifts, share of the height per square root of a second.
        box: standard deviation of a box's x, foot and top, body heights.
        start_speed: standard deviation of the speed of someone just found, body heights per second.
        surprise: standard deviations from which a measurement counts less and less (Huber).
    """

    acceleration: float = 0.3
    growth: float = 0.10
    box: tuple[float, float, float] = (0.04, 0.05, 0.05)
    start_speed: float = 0.8
    surprise: float = 2.0
    absurd: float = 1.5


@dataclass(slots=True)
class Motion:
    """The motion of n tracks.

    Attributes:
        mean: float64 (n, 5), as the module's docstring says.
        cov: float64 (n, 5, 5), its covariance.
    """

    mean: Floats
    cov: Floats

    @classmethod
    def started(cls, measured: Floats, noise: Noise) -> "Motion":
        """Tracks that begin at boxes.

        Args:
            measured: float64 (n, 3), x, foot and top.
            noise: what is known of people.
        """
        height = measured[:, 1] - measured[:, 2]
        mean = np.zeros((len(measured), _STATE))
        mean[:, :2], mean[:, 2] = measured[:, :2], height
        sx, sf, st = noise.box
        deviation = np.array([sx, sf, np.hypot(sf, st), noise.start_speed, noise.start_speed])
        cov = (deviation * height[:, None]) ** 2
        return cls(mean, cov[:, :, None] * np.eye(_STATE))

    def __len__(self) -> int:
        return len(self.mean)

    def __getitem__(self, which: NDArray[np.generic]) -> "Motion":
        return Motion(self.mean[which], self.cov[which])

    def joined(self, other: "Motion") -> "Motion":
        """These tracks and others behind them."""
        return Motion(np.concatenate([self.mean, other.mean]), np.concatenate([self.cov, other.cov]))

    def predict(self, seconds: float, noise: Noise) -> None:
        """Moves all tracks on by a time, at constant velocity with white noise of acceleration (Bar-Shalom 2001, 6.2.2)."""
        step = np.eye(_STATE)
        step[0, 3] = step[1, 4] = seconds
        self.mean = self.mean @ step.T
        drift = np.zeros((_STATE, _STATE))
        for place, speed in ((0, 3), (1, 4)):
            drift[place, place] = seconds**3 / 3
            drift[place, speed] = drift[speed, place] = seconds**2 / 2
            drift[speed, speed] = seconds
        drift *= noise.acceleration**2
        drift[2, 2] = noise.growth**2 * seconds
        self.cov = step @ self.cov @ step.T + drift * self.mean[:, 2, None, None] ** 2

    def expected(self, noise: Noise) -> tuple[Floats, Floats, Floats]:
        """What the next boxes should show.

        Returns:
            (n, 3) x, foot and top; (n, 3) the variance of these places; (n, 3) the variance of a sure box's sides.
        """
        variance = np.diagonal(_SEEN @ self.cov @ _SEEN.T, axis1=1, axis2=2)
        return self.mean @ _SEEN.T, variance, (np.array(noise.box) * self.mean[:, 2, None]) ** 2

    def update(self, which: NDArray[np.intp], measured: Floats, blur: Floats, noise: Noise) -> NDArray[np.bool_]:
        """Corrects tracks by the boxes that were matched to them.

        A surprising measurement of one side of a box, as where the feet are hidden or two people share a box, moves its track
        no further than one that is `surprise` standard deviations away.

        Args:
            which: (m,) indices of the tracks.
            measured: float64 (m, 3), x, foot and top.
            noise: what is known of people.
        """
        part = self[which]
        expected, variance, box = part.expected(noise)
        off = measured - expected
        spread = variance + box * blur[:, None] ** 2
        surprise = np.abs(off) / np.sqrt(spread) / noise.surprise
        weight = np.maximum(1.0, surprise)
        hidden = shrunk(off) & (surprise > noise.absurd)
        hidden &= hidden.sum(axis=1, keepdims=True) < 2
        weight[hidden] = 1e6
        doubt = (spread * weight - variance)[:, :, None] * np.eye(_MEASURED)
        spread = _SEEN @ part.cov @ _SEEN.T + doubt
        gain = np.linalg.solve(spread, _SEEN @ part.cov).swapaxes(1, 2)
        self.mean[which] = part.mean + (gain @ off[:, :, None])[:, :, 0]
        cov = part.cov - gain @ _SEEN @ part.cov
        self.cov[which] = (cov + cov.swapaxes(1, 2)) / 2
        return ~hidden.any(axis=1)


def shrunk(off: Floats) -> NDArray[np.bool_]:
    """Which sides lie inside of where they should be, as when feet or a head are hidden; off (..., 3) is x, foot, top."""
    return np.stack([np.zeros(off.shape[:-1], bool), off[..., 1] < 0, off[..., 2] > 0], axis=-1)
