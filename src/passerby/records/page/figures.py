"""What the pages show of a place: a total with what was seen of its time, and the day's course."""

from dataclasses import dataclass

from passerby.core.tallies import Measure

LINE = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT)
ZONE = (Measure.PEOPLE, Measure.PEAK)


@dataclass(frozen=True, slots=True)
class Figure:
    """A total with what was seen of its time.

    Attributes:
        total: people, or person-seconds, or people at most.
        exposure: seconds that were seen; 0 means "not seen", which is not 0 people.
        span_s: seconds that could have been seen.
    """

    total: float = 0.0
    exposure: float = 0.0
    span_s: float = 0.0

    @property
    def seen(self) -> bool:
        """Whether anything was seen."""
        return self.exposure > 0

    @property
    def coverage(self) -> float:
        """Share of the time that was seen, 0..1."""
        return min(1.0, self.exposure / self.span_s) if self.span_s > 0 else 0.0

    @property
    def mean(self) -> float | None:
        """Mean people, for person-seconds; None where nothing was seen."""
        return self.total / self.exposure if self.seen else None


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """A line or a zone.

    Attributes:
        camera, name: which.
        is_line: whether it is a line.
        since_unix_s: where today's first window starts, or None.
        last_unix_s, last_width_s: the last window that is closed by now, whether or not it was seen.
        today, last: by measure.
        course: by measure, one figure for each step of the day's course; unseen where there is none.
    """

    camera: str
    name: str
    is_line: bool
    since_unix_s: float | None
    last_unix_s: int
    last_width_s: int
    today: dict[Measure, Figure]
    last: dict[Measure, Figure]
    course: dict[Measure, tuple[Figure, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of the page.

    Attributes:
        places: lines and zones in the order of the configuration.
        steps_unix_s: starts of the steps of the day's course.
        step_s: width of a step.
        problem: why the store could not be read, or None.
    """

    places: tuple[PlaceFigures, ...] = ()
    steps_unix_s: tuple[int, ...] = ()
    step_s: int = 0
    problem: str | None = None
