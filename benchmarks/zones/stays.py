"""Dwell and waits through tracker, visits and life table, against the truth of people on paper."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from benchmarks.zones.paper import HALL, HEAD, LINE_UP, SECOND, SIZE_PX, TAIL, Person, Point, hall, looks, queue
from passerby.core.counting import ZoneCounter
from passerby.core.dwell import DwellSummary, bucket, littles_law_wait_s, summary
from passerby.core.geometry import Zone
from passerby.core.tracking import Tracker
from passerby.core.visits import PASSING_S, Ending, Outcome, Queue, Visit, ZoneLook, ZoneVisits

NONE = [0] * 13
RATES = (25, 8, 5, 2.5)
"""Looks a second; the last is what a level camera is given where the configuration says nothing."""


@dataclass
class Found:
    """What was counted in one run."""

    entered: int = 0
    visits: list[Visit] = field(default_factory=list)
    person_s: float = 0.0

    def take(self, look: ZoneLook) -> None:
        """Adds what one look told."""
        self.entered += look.entered
        self.visits += look.visits

    def histogram(self, **wanted: object) -> list[int]:
        """Stays of known length by bucket, of one ending or outcome."""
        counts = Counter(
            bucket(visit.dwell_s)
            for visit in self.visits
            if visit.dwell_s is not None and all(getattr(visit, key) is value for key, value in wanted.items())
        )
        return [counts[part] for part in range(13)]


def run(
    people: list[Person], fps: float, corners: tuple[Point, ...], queues: tuple[Queue | None, ...] = (None,)
) -> list[Found]:
    """What is counted of people at one rate: once for each queue."""
    zone = Zone("zone", tuple(fraction(corner) for corner in corners))
    tracker, now = Tracker(), ZoneCounter(zone, SIZE_PX, "level")
    counters = [ZoneVisits(zone, SIZE_PX, "level", each) for each in queues]
    found = [Found() for _ in queues]
    for look in looks(people, fps, seed=1):
        tracks = tracker.update(look)
        person_s = now.update(tracks) / fps
        for counter, each in zip(counters, found, strict=True):
            each.take(counter.update(tracks))
            each.person_s += person_s
    for counter, each in zip(counters, found, strict=True):
        each.take(counter.end())
    return found


def fraction(point: Point) -> Point:
    return point[0] / SIZE_PX[0], point[1] / SIZE_PX[1]


def off(value: float | None, truth: float) -> str:
    return "more" if value is None else f"{value / truth - 1:+.0%}"


def stays(count: int) -> None:
    print("\n### Stays\n")
    print("| stays | looks/s | entered | stays of known length | of these lost | estimate | median | p90 |")
    print("|---|---|---|---|---|---|---|---|")
    for name, draw in {
        "log-normal, median about 30 s": lambda rng: rng.lognormal(np.log(25), 0.8, count),
        "exponential, mean about 45 s": lambda rng: rng.exponential(40, count),
    }.items():
        rng = np.random.default_rng(7)
        people = hall(rng, draw(rng), every_s=12)
        truth = np.array([person.stay_s(HALL) for person in people])
        for fps in RATES:
            (found,) = run(people, fps, HALL)
            left, lost = found.histogram(ending=Ending.LEFT), found.histogram(ending=Ending.LOST)
            known = f"{sum(left) + sum(lost)} | {sum(lost) / (sum(left) + sum(lost)):.0%}"
            for words, estimate in (
                ("life table", summary(left, lost)),
                ("lost ones ignored", summary(left, NONE)),
                ("lost ones taken as left", summary([a + b for a, b in zip(left, lost, strict=True)], NONE)),
            ):
                errors = off(estimate.median_s, np.quantile(truth, 0.5)), off(estimate.p90_s, np.quantile(truth, 0.9))
                print(f"| {name} | {fps} | {found.entered} of {count} | {known} | {words} | {' | '.join(errors)} |")


QUEUES = tuple(Queue(fraction(HEAD), fraction(tail)) for tail in (TAIL, SECOND))


def exact(people: list[Person], waits: np.ndarray) -> tuple[float, float]:
    """Kaplan-Meier of the true waits, to the moment: those who gave up are censored."""
    share, reached, found = 1.0, len(waits), []
    for index in np.argsort(waits):
        share *= 1 - 1 / reached if people[index].served else 1.0
        reached -= 1
        found.append((share, float(waits[index])))
    median_s, p90_s = (next(t for share, t in found if share <= rest) for rest in (0.5, 0.1))
    return median_s, p90_s


def waits(count: int) -> None:
    print("\n### Waits in a queue\n")
    print("| looks/s | tail far: served, gave up | tail at the second place | lost | estimate | median | p90 | mean |")
    print("|---|---|---|---|---|---|---|---|")
    people = queue(np.random.default_rng(11), count, every_s=20)
    truth = np.array([person.stay_s(LINE_UP) for person in people])
    served = sum(person.served for person in people)
    long = sum(not person.served and wait >= PASSING_S for person, wait in zip(people, truth, strict=True))
    median_s, p90_s = exact(people, truth)
    mean_s = float(truth.mean())
    print(f"| truth | {served}, {long} | {served}, {long} | | | {median_s:.0f} s | {p90_s:.0f} s | {mean_s:.0f} s |")
    for fps in RATES:
        found, near = run(people, fps, LINE_UP, QUEUES)
        waited, gave_up = near.histogram(outcome=Outcome.SERVED), near.histogram(outcome=Outcome.GAVE_UP)
        lost = found.histogram(ending=Ending.LOST)
        outcomes = [
            f"{sum(each.histogram(outcome=Outcome.SERVED))}, {sum(each.histogram(outcome=Outcome.GAVE_UP))}"
            for each in (found, near)
        ]
        seen = f"| {fps} | {' | '.join(outcomes)} | {sum(lost)} |"
        censored = [a + b for a, b in zip(gave_up, lost, strict=True)]
        estimates: dict[str, DwellSummary] = {
            "life table": summary(waited, censored),
            "those served alone": summary(waited, NONE),
        }
        for words, estimate in estimates.items():
            print(f"{seen} {words} | {off(estimate.median_s, median_s)} | {off(estimate.p90_s, p90_s)} | |")
        departures = sum(visit.ending is Ending.LEFT for visit in found.visits)
        print(f"{seen} Little's law | | | {off(littles_law_wait_s(found.person_s, departures), mean_s)} |", flush=True)
