"""Attacks on public releases, by readers who know everything but one person, on counts of Auckland's pedestrians.

Each attack by chance has a bound, and each test shows that it would find a noise that is too small, drawn from a known
seed, or a leak. A false alarm comes once in a million runs or less (5.5 standard deviations).
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from passerby.hub.release.ledger import Kind
from passerby.hub.release.noise import Noise, OpenDP
from passerby.hub.release.public import Terms
from passerby.hub.release.settings import ReleaseSettings
from passerby.hub.release.words import BudgetError
from tests.support.released import FIRST, Filled, Hours, auckland, filled, measured, table

EPSILON, CROSSINGS = 0.5, 4
BOUND = math.tanh(EPSILON / 2)
"""The most by which present is guessed more often than absent is, whatever is known: (e^eps - 1) / (e^eps + 1)."""
SIGMAS = 5.5
YEAR = (date(2024, 1, 1), 366)
SENSORS = 20


class TooLittle(OpenDP):
    """A part of what was paid for: what a mistake in the sensitivity would do."""

    def __init__(self, part: int) -> None:
        super().__init__()
        self.part = part

    def add(self, counts: Sequence[int], scale: float, paid: tuple[int, int]) -> list[int]:
        return super().add(counts, scale / self.part, (paid[0], self.part * paid[1]))


class Seeded:
    """Noise of the right shape that can be drawn again."""

    def add(self, counts: Sequence[int], scale: float, paid: tuple[int, int]) -> list[int]:
        drawn = np.random.default_rng(7).geometric(-math.expm1(-1 / scale), (2, len(counts)))
        return [int(one) for one in np.array(counts) + drawn[0] - drawn[1]]


Cells = dict[tuple[str, str, str], int]


def by_day() -> dict[str, dict[date, int]]:
    """People by day, where there were so many that none is withheld by chance."""
    days = {
        sensor: {day: sum(hour for hour in hours if hour is not None) for day, hours in by_hour.items()}
        for sensor, by_hour in auckland().items()
    }
    busy = [{day: count for day, count in of.items() if count >= 300} for of in days.values()]
    return {f"v{i:02}": of for i, of in enumerate(busy[:SENSORS])}


def released(folder: Path, days: dict[str, dict[date, int]], noise: Noise | None = None) -> Cells:
    """What a release tells of these counts."""
    folder.mkdir()
    with filled(folder, "minimum: 0, budget_year: 1000") as hub:
        for slug, counts in days.items():
            hub.add(slug, {day: [count] for day, count in counts.items()})
        asked = hub.asked(YEAR[1], first=YEAR[0])
        return measured(hub.releases(noise).make("public", asked, "tester"))


def advantage(guesses: np.ndarray, present: np.ndarray) -> tuple[float, float]:
    """By how much present is guessed more often where it is true, and the least that this is above all chance."""
    found, wrong = guesses[present].mean(), guesses[~present].mean()
    spread = math.sqrt(0.25 / present.sum() + 0.25 / (~present).sum())
    return float(found - wrong), float(found - wrong - SIGMAS * spread)


def test_who_knows_all_others_cannot_tell_whether_one_was_there(tmp_path: Path) -> None:
    """The best attack there is: the likelihood ratio, against counts known but for four crossings of one person."""
    known = by_day()
    cells = [(slug, day) for slug, days in known.items() for day in days]
    present = np.random.default_rng().random(len(cells)) < 0.5
    true = {slug: dict(days) for slug, days in known.items()}
    for (slug, day), there in zip(cells, present, strict=True):
        true[slug][day] += CROSSINGS * int(there)

    def attack(name: str, noise: Noise | None) -> tuple[float, float]:
        told = released(tmp_path / name, true, noise)
        assert len(told) == len(cells) > 6500
        rest = np.array([told[slug, day.isoformat(), ""] - known[slug][day] for slug, day in cells])
        return advantage(rest > CROSSINGS / 2, present)

    measured_advantage, surely = attack("real", None)
    assert surely <= BOUND
    assert measured_advantage > 0.1  # it is an attack: the noise is not larger than it must be
    assert attack("half", TooLittle(2))[1] > BOUND


def test_noise_cannot_be_drawn_again(tmp_path: Path) -> None:
    """An attacker with the same program and the same counts draws other noise."""
    known = dict(list(by_day().items())[:5])

    def equal(name: str, noise: Noise | None) -> float:
        one, other = (released(tmp_path / f"{name}{i}", known, noise) for i in range(2))
        return float(np.mean([one[cell] == other[cell] for cell in one]))

    p = math.exp(-EPSILON / CROSSINGS)
    chance = ((1 - p) / (1 + p)) ** 2 * (1 + 2 * p**2 / (1 - p**2))
    assert equal("real", None) < chance + SIGMAS * math.sqrt(chance / 1500)
    assert equal("seeded", Seeded()) == 1.0


def test_what_is_withheld_tells_no_more_than_the_noise_allows(tmp_path: Path) -> None:
    """Counts of one venue right below the minimum, above it with one person more."""
    days = [date(2023, 1, 1) + timedelta(days=i) for i in range(4000)]
    present = np.random.default_rng().random(len(days)) < 0.5
    true = [49 + CROSSINGS * int(there) for there in present]
    with filled(tmp_path, "minimum: 51, budget_year: 1000", now=date(2035, 1, 1)) as hub:
        hub.add("small", {day: [count] for day, count in zip(days, true, strict=True)})
        asked = hub.asked(len(days), first=days[0])
        rows = [row for row in table(hub.releases().make("public", asked, "tester")) if row["level"] == "venue"]
    told = np.array([row["state"] == "told" for row in rows])
    assert advantage(told, present)[1] <= BOUND
    # Withheld by the true count, the person would be known for sure; and the test would see it.
    assert advantage(np.array(true) >= 51, present)[1] > BOUND
    assert {row["measured"] for row, one in zip(rows, told, strict=True) if not one} == {""}


WEEK = 7


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Filled]:
    with filled(tmp_path) as hub:
        for i, hours in enumerate(list(auckland().values())[:4]):
            hub.add(f"v{i}", week(hours), district="north" if i < 3 else "south")
        yield hub


def week(hours: Hours) -> Hours:
    return {day: hours[day] for day in (FIRST + timedelta(days=i) for i in range(WEEK))}


def test_a_venue_that_is_taken_out_of_a_district_tells_nothing_new(hub: Filled) -> None:
    releases = hub.releases()
    whole = releases.make("public", hub.asked(WEEK), "tester")
    spent = releases.budget(hub.asked(1).what.venues, FIRST.year)
    without = releases.make("public", hub.asked(WEEK, "v0", "v1", "v3"), "tester")
    assert releases.budget(hub.asked(1).what.venues, FIRST.year) == spent  # it cost nothing
    north = [measured(folder, "district") for folder in (whole, without)]
    of_venue = {day: count for (venue, day, _hour), count in measured(whole).items() if venue == "v2"}
    assert {day: north[0]["north", day, ""] - north[1]["north", day, ""] for day in of_venue} == of_venue


def test_a_person_who_comes_between_two_releases_is_not_their_difference(hub: Filled) -> None:
    releases = hub.releases()
    before = releases.make("public", hub.asked(WEEK, hourly=True), "tester")
    known = {file.name: file.read_bytes() for file in before.iterdir()}
    late = {day: list(hours) for day, hours in week(auckland()[next(iter(auckland()))]).items()}
    late[FIRST][12] = (late[FIRST][12] or 0) + CROSSINGS
    hub.add("v0", late)
    after = releases.make("public", hub.asked(WEEK, hourly=True), "tester")
    assert after == before
    assert {file.name: file.read_bytes() for file in after.iterdir()} == known
    shorter = releases.make("public", hub.asked(1, "v0"), "tester")
    assert measured(shorter).items() <= measured(before).items()


def test_asking_again_and_again_gives_no_second_draw(hub: Filled) -> None:
    """All ways to ask, and the same answer to all; with other noise the mean of forty would be within 4 people."""
    releases, seen = hub.releases(), set()
    for first in range(WEEK):
        for days in range(1, WEEK - first + 1):
            asked = hub.asked(days, "v0", first=FIRST + timedelta(days=first), hourly=bool(days % 2))
            told = measured(releases.make("public", asked, "tester"))
            seen |= {(cell, count) for cell, count in told.items() if not cell[2]}
    assert len(seen) == WEEK


def test_paying_again_ends_with_the_budget(hub: Filled) -> None:
    releases = hub.releases()
    draws = [releases.make("public", hub.asked(1, again=True), "tester") for _time in range(2)]
    assert len(set(draws)) * EPSILON == hub.config.release.budget_day
    with pytest.raises(BudgetError, match="0 is left of the day"):
        releases.make("public", hub.asked(1, again=True), "tester")
    assert {row["spent_most_of_a_day"] for row in releases.budget(hub.asked(1).what.venues, FIRST.year)} == {1.0}


def test_all_but_the_noisy_figures_is_the_same_with_and_without_a_person(tmp_path: Path) -> None:
    """Coverage, what is left out, the data sheet and its words: they tell of cameras and of terms."""
    told = []
    for i, extra in enumerate((0, CROSSINGS)):
        (tmp_path / str(i)).mkdir()
        with filled(tmp_path / str(i), "minimum: 0") as hub:
            hours = {day: list(of) for day, of in week(next(iter(auckland().values()))).items()}
            hours[FIRST][12] = (hours[FIRST][12] or 0) + extra
            hours[FIRST][3] = None
            hub.add("one", hours)
            folder = hub.releases().make("public", hub.asked(WEEK + 1, hourly=True), "tester")
            noisy = ("visitors", "measured", "low_95", "high_95", "state")
            rows = [{key: value for key, value in row.items() if key not in noisy} for row in table(folder)]
            sheet = (folder / "datasheet.json").read_text().splitlines()
            public = [line for line in sheet if not any(word in line for word in ("digest", "figures.csv", "withheld"))]
            told.append((rows, public))
    assert told[0] == told[1]


def test_figures_are_whole_numbers_and_nothing_finer(hub: Filled) -> None:
    folder = hub.releases().make("public", hub.asked(WEEK, hourly=True), "tester")
    told = [row for row in table(folder) if row["state"] == "told"]
    for row in told:
        for column in ("visitors", "measured", "low_95", "high_95", "coverage_percent"):
            assert str(int(row[column])) == row[column]
    parquet = pytest.importorskip("pyarrow.parquet")
    schema = parquet.read_schema(folder / "figures.parquet")
    kinds = {str(schema.field(name).type) for name in ("visitors", "measured", "low_95", "high_95")}
    assert kinds == {"int64"}
    # Nor does the spread tell anything: it is that of the scale, the same for all figures of one kind.
    assert len({row["deviation"] for row in told if row["level"] == "venue"}) == 1


@pytest.mark.parametrize("spread", [(4,), (2, 2), (1, 1, 1, 1)], ids=str)
def test_the_day_and_its_hours_together_tell_no_more_than_both_epsilons(spread: tuple[int, ...]) -> None:
    """Four crossings in one hour or in several: the likelihood ratio of the day and all hours that they change."""
    n = 6000
    present = np.random.default_rng().random(n) < 0.5
    shift = np.array([sum(spread), *spread])
    true = 100 + np.outer(present, shift)
    terms = Terms(ReleaseSettings(), {})

    def attack(noise: Noise) -> tuple[float, float]:
        score = np.zeros(n)
        for kind, columns in ((Kind.DAY, [0]), (Kind.HOURS, list(range(1, len(shift))))):
            price = terms.spend(kind, {})
            flat = [int(count) for count in true[:, columns].ravel()]
            told = noise.add(flat, price.scale, (price.crossings, price.epsilon_micro))
            rest = np.array(told).reshape(n, -1) - 100
            score += ((np.abs(rest) - np.abs(rest - shift[columns])) / price.scale).sum(axis=1)
        return advantage(score > 0, present)

    both = math.tanh((terms.settings.epsilon_day + terms.settings.epsilon_hours) / 2)
    found, surely = attack(OpenDP())
    assert surely <= both
    assert found > 0.1  # it is an attack
    assert attack(TooLittle(4))[1] > both
