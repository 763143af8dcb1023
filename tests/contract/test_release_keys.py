"""Every key of a hub's `release:` changes something that a release does. A key without a line fails."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from passerby.cli import app
from passerby.hub.release.settings import ReleaseSettings
from passerby.hub.release.words import ReleaseError
from tests.support.released import FIRST, Filled, filled, table


def explained(hub: Filled) -> object:
    """What is said of days and hours, or why there are none."""
    try:
        return hub.releases().explain("public", hub.asked(3, hourly=True).what)
    except ReleaseError as error:
        return str(error)


def strict(hub: Filled) -> object:
    return hub.releases().explain("strict", hub.asked(1).what)


def withheld(hub: Filled) -> object:
    return [row["state"] for row in table(hub.releases().make("public", hub.asked(1), "tester"))]


def files(hub: Filled) -> object:
    hub.releases().make("public", hub.asked(1), "tester")
    return sorted(file.name for file in hub.config.folder.iterdir())


def by_itself(hub: Filled) -> object:
    place = ["--hub", str(hub.config.folder), "--from", str(FIRST), "--to", str(FIRST)]
    return CliRunner().invoke(app, ["hub", "release", "--explain", *place]).stdout


def early(hub: Filled) -> object:
    """Of a day that ends now, and is here but for its evening."""
    day = FIRST + timedelta(days=3)
    hub.add("v", {day: [100] * 18})
    hub.now_unix_s = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    return hub.releases().explain("public", hub.asked(4).what)


EFFECTS: dict[str, tuple[str, Callable[[Filled], object]]] = {
    "profile": ("strict", by_itself),
    "crossings": ("5", explained),
    "epsilon_day": ("0.25", explained),
    "epsilon_hours": ("0.25", explained),
    "budget_day": ("0.75", explained),
    "budget_year": ("2.5", explained),
    "minimum": ("1000000", withheld),
    "minimum_judged": ("30", strict),
    "wait_days": ("3", early),
    "folder": ("elsewhere", files),
    "counter": ("elsewhere.counter", files),
}


def test_every_key_has_an_effect_here() -> None:
    assert set(EFFECTS) == set(ReleaseSettings.model_fields)


@pytest.mark.parametrize("key", EFFECTS)
def test_every_key_changes_something(key: str, tmp_path: Path) -> None:
    value, effect = EFFECTS[key]
    results = []
    for i, settings in enumerate(("", f"{key}: {value}")):
        (tmp_path / str(i)).mkdir()
        with filled(tmp_path / str(i), settings) as hub:
            hub.add("v", {FIRST + timedelta(days=day): [100] * 24 for day in range(3)})
            results.append(effect(hub))
    assert results[0] != results[1]


@pytest.mark.parametrize("wrong", [{"epsilon_day": 0.1234567}, {"epsilon_day": 0.0}, {"crossings": 0}, {"budget": 1.0}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        ReleaseSettings.model_validate(wrong)
