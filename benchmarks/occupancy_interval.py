"""How often the interval of a place's occupancy holds the truth (docs/decisions/0012-occupancy.md)."""

import math

import numpy as np

from tests.support.occupancy_days import Day, held, outcomes

DAYS = 1000
RUSH = 120.0


def main() -> None:
    print("| day | after windows | interval held | mean error | mean width |")
    print("|---|---|---|---|---|")
    for name, day in (
        ("seen completely", Day()),
        ("each window seen by 90-100 %", Day(seen=0.9)),
        ("each window seen by 60-100 %", Day(seen=0.6)),
    ):
        for at in (4, 19, 39):
            row(name, day, at)
    hour = range(8, 12)
    row("away for an hour of usual traffic", Day(windows=16, away=hour, stay=0.7), 15)
    rush = tuple((index, RUSH) for index in hour)
    row("away for an hour of four times the traffic", Day(windows=16, away=hour, rates=rush, stay=0.7), 15)


def row(name: str, day: Day, at: int) -> None:
    found = outcomes(day, DAYS, at)
    error = np.mean([abs((one.people or 0) - truth) for one, truth in found])
    width = np.mean([math.nan if one.high is None else one.high - (one.low or 0) for one, _ in found])
    print(f"| {name} | {at + 1} | {held(found):.1%} | {error:.0f} | {width:.0f} |")


if __name__ == "__main__":
    main()
