"""Every key of a hub's servers changes something that the hub does; mistakes in them are told with what to write."""

from pathlib import Path

import pytest

from passerby.errors import ConfigError
from passerby.hub.config import load
from passerby.hub.register.postgresql import PostgreSql
from passerby.hub.series.clickhouse import ClickHouse
from tests.support.hub_store_effects import EFFECTS, secrets, written


def test_every_key_has_an_effect_here() -> None:
    assert set(EFFECTS) == {f"{part.__name__}.{key}" for part in (ClickHouse, PostgreSql) for key in part.model_fields}


@pytest.mark.parametrize("key", sorted(EFFECTS))
def test_every_key_changes_something(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PASSWORD", "from the environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secrets(tmp_path)
    taken, given, effect = EFFECTS[key]
    results = []
    for without, with_ in (({}, {}), (taken, given)):
        (tmp_path / "hub.yaml").write_text(written(key.split(".", maxsplit=1)[0], without, with_))
        results.append(effect(load(tmp_path)))
    assert results[0] != results[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "series: {url: 'https://u:p@ch.example', username: a, password_env: B}",
            "store.series.url: write scheme, host",
        ),
        ("series: {url: 'tcp://ch.example:9000', username: a, password_env: B}", "store.series.url: write scheme and"),
        (
            "series: {url: 'http://a', username: a, password_env: B, database: 'a-b'}",
            "store.series.database: write small",
        ),
        (
            "series: {url: 'http://a', username: a}",
            "store.series: write the path of a SQLite file, or url, username and a password",
        ),
        ("series: 5", "store.series: write the path of a SQLite file, or url"),
        ("register: {hosts: ['a:b'], username: a, password_env: B}", "store.register.hosts: write host or host:port"),
        ("register: {hosts: [], username: a, password_env: B}", "store.register.hosts: give 1 or more"),
        ("register: {hosts: [a], username: a, password: B}", "store.register.password: no such key"),
        ("register: true", "store.register: write the path of a SQLite file, or hosts"),
    ],
)
def test_mistakes_are_told_with_what_to_write(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text(f"store:\n  {text}\n")
    with pytest.raises(ConfigError) as error:
        load(tmp_path)
    assert told in str(error.value)
    assert ":p@" not in str(error.value)
