"""How long each of the named queries takes."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from benchmarks.hub.made import HALL, LINE, NOW_UNIX_S
from passerby.core.tallies import Measure
from passerby.hub.contract import Days, Series, Span

HOUR_S, DAY_S = 3600, 86_400
_TODAY = datetime.fromtimestamp(NOW_UNIX_S, UTC).date() - timedelta(days=1)
_MONTH = Days(_TODAY - timedelta(days=29), _TODAY)
_SHOWN = (*LINE, Measure.PEOPLE)
Question = Callable[[Series, int], object]


def _last(days: float) -> Span:
    return Span(int(NOW_UNIX_S - days * DAY_S), NOW_UNIX_S)


PAGES: dict[str, Question] = {
    "course: 24 h of one venue, by 15 min": lambda series, venue: series.course(venue, _last(1), 900, _SHOWN),
    "now: all venues, 3 measures": lambda series, _: series.now(NOW_UNIX_S - 2 * HOUR_S, _SHOWN),
    "days: 30 days of all venues, in and out": lambda series, _: series.days(_MONTH, None, LINE),
}
"""What the three pages ask that are promised to be quick."""
OTHERS: dict[str, Question] = {
    "course: 24 h of one venue, by hour, all measures": lambda series, venue: series.course(
        venue, _last(1), HOUR_S, (*LINE, *HALL)
    ),
    "course: 7 days of one venue, by hour": lambda series, venue: series.course(venue, _last(7), HOUR_S, _SHOWN),
    "days: 30 days of one venue": lambda series, venue: series.days(_MONTH, [venue], (*LINE, *HALL)),
    "hours: 4 weeks of one venue": lambda series, venue: series.hours([venue], _last(28), _SHOWN),
    "totals: 7 days of all venues, in and out": lambda series, _: series.totals(_last(7), None, LINE),
    "place_days: 30 days of one venue": lambda series, venue: series.place_days(venue, _MONTH, _SHOWN),
    "newest: all venues": lambda series, _: series.newest(),
    "marks of one venue": lambda series, venue: series.marks(venue),
    "layouts of one venue": lambda series, venue: series.layouts(venue),
}


def ask(series: Series, venues: int, times: int) -> None:
    """Asks each question of venues at random, and prints a table in Markdown."""
    print("\n| query | answers | first ms | p50 ms | p95 ms | max ms |\n|---|---|---|---|---|---|")
    draw = random.Random(1)
    for words, question in (PAGES | OTHERS).items():
        took: list[float] = []
        size = 0
        for _ in range(times):
            venue = draw.randrange(1, venues + 1)
            began = time.perf_counter()
            found = question(series, venue)
            took.append(1000 * (time.perf_counter() - began))
            size = max(size, len(found) if hasattr(found, "__len__") else 1)
        cuts = quantiles(took, n=20)
        print(f"| {words} | {size} | {took[0]:.1f} | {cuts[9]:.1f} | {cuts[18]:.1f} | {max(took):.1f} |", flush=True)
