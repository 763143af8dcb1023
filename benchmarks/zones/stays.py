"""Dwell and waits through tracker, visits and life table, against the truth of people on paper."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from benchmarks.zones.paper import HALL, HEAD, LINE_UP, SIZE_PX, TAIL, Person, hall, looks, queue
from passerby.core.counting import ZoneCounter
from passerby.core.dwell import DwellSummary, bucket, littles_law_wait_s, summary
from passerby.core.geometry import Zone
from passerby.core.tracking import Tracker
from passerby.core.visits import PASSING_S, Ending, Outcome, Queue, Visit, ZoneVisits

NONE = [0] * 13


@dataclass(frozen=True)
class Found:
    """What was counted of one run."""

    entered: int
    visits: list[Visit]
    person_s: float

    def histogram(self, **wanted: object) -> list[int]:
        """Stays of known length by bucket, of one ending or outcome."""
        counts = Counter(
            bucket(visit.dwell_s)
            for visit in self.visits
            if visit.dwell_s is not None and all(getattr(visit, key) is value for key, value in wanted.items())
        )
        return [counts[part] for part in range(13)]


def run(people: list[Person], fps: float, corners: tuple[tuple[float, float], ...], line_up: bool) -> Found:
    fractions = tuple((x / SIZE_PX[0], y / SIZE_PX[1]) for x, y in corners)
    ends = [(x / SIZE_PX[0], y / SIZE_PX[1]) for x, y in (HEAD, TAIL)]
    zone = Zone("zone", fractions)
    tracker, now = Tracker(), ZoneCounter(zone, SIZE_PX, "level")
    counter = ZoneVisits(zone, SIZE_PX, "level", Queue(*ends) if line_up else None)
    entered, visits, person_s = 0, [], 0.0
    for look in looks(people, fps, seed=1):
        tracks = tracker.update(look)
        found = counter.update(tracks)
        entered += found.entered
        visits += found.visits
        person_s += now.update(tracks) / fps
    return Found(entered, [*visits, *counter.end().visits], person_s)


def off(value: float | None, truth: float) -> str:
    return "more" if value is None else f"{value / truth - 1:+.0%}"


def stays(count: int) -> None:
    print("\n### Stays\n")
    print("| stays | looks/s | entered | stays of known length | of these lost | estimate | median | p90 |")
    print("|---|---|---|---|---|---|---|---|")
    for name, draw in {
        "log-normal, median 30 s": lambda rng: rng.lognormal(np.log(25), 0.8, count),
        "exponential, mean 45 s": lambda rng: rng.exponential(40, count),
    }.items():
        rng = np.random.default_rng(7)
        people = hall(rng, draw(rng), every_s=12)
        truth = np.array([person.stay_s(HALL) for person in people])
        for fps in (25, 8, 5):
            found = run(people, fps, HALL, line_up=False)
            left, lost = found.histogram(ending=Ending.LEFT), found.histogram(ending=Ending.LOST)
            known = f"{sum(left) + sum(lost)} | {sum(lost) / (sum(left) + sum(lost)):.0%}"
            for words, estimate in (
                ("life table", summary(left, lost)),
                ("lost ones ignored", summary(left, NONE)),
                ("lost ones taken as left", summary([a + b for a, b in zip(left, lost, strict=True)], NONE)),
            ):
                errors = off(estimate.median_s, np.quantile(truth, 0.5)), off(estimate.p90_s, np.quantile(truth, 0.9))
                print(f"| {name} | {fps} | {found.entered} of {count} | {known} | {words} | {' | '.join(errors)} |")


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
    print("| looks/s | served | gave up | lost | estimate | median | p90 | mean |")
    print("|---|---|---|---|---|---|---|---|")
    people = queue(np.random.default_rng(11), count, every_s=20)
    truth = np.array([person.stay_s(LINE_UP) for person in people])
    served = sum(person.served for person in people)
    long = sum(not person.served and wait >= PASSING_S for person, wait in zip(people, truth, strict=True))
    median_s, p90_s = exact(people, truth)
    mean_s = float(truth.mean())
    for fps in (25, 8, 5):
        found = run(people, fps, LINE_UP, line_up=True)
        waited, gave_up = found.histogram(outcome=Outcome.SERVED), found.histogram(outcome=Outcome.GAVE_UP)
        lost = found.histogram(ending=Ending.LOST)
        seen = f"| {fps} | {sum(waited)} of {served} | {sum(gave_up)} of {long} | {sum(lost)} |"
        censored = [a + b for a, b in zip(gave_up, lost, strict=True)]
        estimates: dict[str, DwellSummary] = {
            "life table": summary(waited, censored),
            "those served alone": summary(waited, NONE),
        }
        for words, estimate in estimates.items():
            print(f"{seen} {words} | {off(estimate.median_s, median_s)} | {off(estimate.p90_s, p90_s)} | |")
        departures = sum(visit.ending is Ending.LEFT for visit in found.visits)
        print(f"{seen} Little's law | | | {off(littles_law_wait_s(found.person_s, departures), mean_s)} |", flush=True)
