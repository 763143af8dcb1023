"""What a release would spend, and whether the budget covers it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from passerby.core.noise import MICRO, cost_micro
from passerby.hub.release.ledger import Accounts, Draw, Spend
from passerby.hub.release.words import BudgetError

_MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent.

    Attributes:
        day_micro: on one venue-day, ever, in millionths of epsilon.
        year_micro: on all days of a venue and a calendar year.
        crossings: k, as it is assumed now; what was paid by another k is counted by this one.
        parts: by venue: all numbers whose tallies are its own, since they were merged into it, its own among them.
    """

    day_micro: int
    year_micro: int
    crossings: int
    parts: Mapping[int, tuple[int, ...]]

    def left_of_year(self, accounts: Accounts, venue: int, day: int) -> int:
        """What is left of the calendar year that a day is in, in millionths."""
        first, last = _year(day)
        days = {one for part in self.of(venue) for one in accounts.draws.get(part, {}) if first <= one <= last}
        return self.year_micro - self.spent(accounts, venue, days)

    def check(self, accounts: Accounts, spends: Iterable[Spend], names: Mapping[int, str]) -> None:
        """Refuses what is not covered.

        Args:
            accounts: what was spent.
            spends: what shall be.
            names: of venues, for messages.

        Raises:
            BudgetError: with what is missing of which venue and day.
        """
        wanted: dict[int, dict[int, int]] = {}
        for spend in spends:
            cost = cost_micro(spend.epsilon_micro, spend.crossings, self.crossings)
            for venue, days in spend.days.items():
                known = wanted.setdefault(venue, {})
                for day in days:
                    known[day] = known.get(day, 0) + cost
        problems = [
            f"{names.get(venue, venue)} {text}"
            for venue, costs in wanted.items()
            for text in self._problems(accounts, venue, costs)
        ]
        if problems:
            more = f", and {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
            raise BudgetError(
                f"the budget does not cover this release, and nothing was spent: {'; '.join(problems[:_MOST_TOLD])}"
                f"{more}. What was released before can be asked for again at no cost"
            )

    def _problems(self, accounts: Accounts, venue: int, costs: Mapping[int, int]) -> Iterable[str]:
        by_year: dict[int, int] = {}
        for day, cost in costs.items():
            by_year[date.fromordinal(day).year] = by_year.get(date.fromordinal(day).year, 0) + cost
            if day <= accounts.closed_until:
                until = date.fromordinal(accounts.closed_until)
                yield f"on {date.fromordinal(day)}: days until {until} count as spent since entries were lost"
                continue
            left = self.day_micro - self.spent(accounts, venue, [day])
            if cost > left:
                yield f"on {date.fromordinal(day)} costs {written(cost)}, and {written(left)} is left of the day"
        for year, cost in by_year.items():
            left = self.left_of_year(accounts, venue, date(year, 1, 1).toordinal())
            if cost > left:
                yield f"in {year} costs {written(cost)}, and {written(left)} is left of the year"

    def of(self, venue: int) -> tuple[int, ...]:
        """Numbers of all venues whose tallies are this one's."""
        return self.parts.get(venue, (venue,))

    def spent(self, accounts: Accounts, venue: int, days: Iterable[int]) -> int:
        """What was spent on some days of a venue, in millionths."""
        return self.cost(
            draw for day in days for part in self.of(venue) for draw in accounts.draws.get(part, {}).get(day, ())
        )

    def cost(self, draws: Iterable[Draw]) -> int:
        """What draws cost, in millionths."""
        return sum(cost_micro(draw.epsilon_micro, draw.crossings, self.crossings) for draw in draws)


def written(epsilon_micro: int) -> str:
    """An epsilon as people write it."""
    return f"{epsilon_micro / MICRO:.6f}".rstrip("0").rstrip(".")


def _year(day: int) -> tuple[int, int]:
    year = date.fromordinal(day).year
    return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
