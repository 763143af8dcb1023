"""Opening hours as people write them, and lists of venues in CSV."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.errors import ConfigError
from passerby.hub.contract import Venue
from passerby.hub.register import Database, Register
from passerby.hub.register.hours import ALWAYS, Hours, parse_hours, write_hours
from passerby.hub.register.importing import import_list
from passerby.hub.register.venue_list import COLUMNS, write_list
from tests.unit.test_register import FULL

HEAD = "slug,name,zone,hours,cameras\n"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with closing(Database(tmp_path / "register.sqlite")) as database:
        yield Register(database)


def given_list(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "venues.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ALWAYS),
        ("always", ALWAYS),
        ("Mon-Fri 09:00-21:00; Sat 10:00-20:00; Sun closed", ((540, 1260),) * 5 + ((600, 1200), None)),
        ("mon,wed,fri 9:00 - 12:30;tue,thu,sat-sun closed", ((540, 750), None) * 3 + (None,)),
        ("Mon-Sun 18:00-02:00", ((1080, 1560),) * 7),
        ("Sat-Mon 00:00-24:00; Tue-Fri closed", ((0, 1440), None, None, None, None, (0, 1440), (0, 1440))),
    ],
)
def test_opening_hours_are_understood(text: str, hours: Hours) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mon-Fri 09:00-21:00", "Sat, Sun is not named"),
        ("Mon-Sun 09:00-21:00; Sun closed", "Sun is named twice"),
        ("Mon-Sun 09:00", "not understood"),
        ("Mo-So 09:00-21:00", "no day"),
        ("Mon-Sun 25:00-26:00", "no time"),
        ("Mon-Sun 09:60-10:00", "no time"),
        ("Mon-Sun 24:00-10:00", "no time to open"),
    ],
)
def test_opening_hours_that_are_not_understood_say_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_hours(text)


SPANS = st.none() | st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda span: (span[0], span[0] + span[1]) if span[0] + span[1] <= 2879 else (span[0], 1440)
)


@given(st.tuples(*[SPANS] * 7))
def test_opening_hours_read_back_as_they_were_written(hours: Hours) -> None:
    assert parse_hours(write_hours(hours)) == hours


def test_a_list_adds_changes_and_leaves_alone(register: Register, tmp_path: Path) -> None:
    first = import_list(register, given_list(tmp_path, HEAD + "a,A,UTC,,6\nb,B,UTC,,6\n"), "me")
    assert ([one.slug for one in first.added], first.changed, first.same) == (["a", "b"], (), 0)
    second = import_list(register, given_list(tmp_path, "slug,cameras\na,6\nb,7\n"), "me")
    assert (second.added, [one.slug for one in second.changed], second.same) == ((), ["b"], 1)
    assert (register.known("b").name, register.known("b").expected_cameras) == ("B", 7)  # what it is silent of stays


def test_a_dry_run_changes_nothing(register: Register, tmp_path: Path) -> None:
    found = import_list(register, given_list(tmp_path, HEAD + "a,A,UTC,,6\n"), "me", dry_run=True)
    assert len(found.added) == 1
    assert register.venues() == []
    assert register.log.newest() == []


def test_all_mistakes_are_named_at_once_with_their_lines(register: Register, tmp_path: Path) -> None:
    text = HEAD + 'a,"A\nB",UTC,,6\nb,B,Nowhere/X,Mon 9,x\n\nB,,UTC,,6\nb,B2,UTC,,6\n'
    with pytest.raises(ConfigError) as refused:
        import_list(register, given_list(tmp_path, text), "me")
    lines = [one.partition("venues.csv, line ")[2] for one in refused.value.problems]
    assert [one.partition(": ")[0] for one in lines] == [
        *("2, name", "4, hours", "4, cameras", "4, zone", "6, slug", "6, name", "7, slug"),
    ]
    assert register.venues() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column slug"),
        ("name\nA\n", "no column slug"),
        ("slug,nmae\na,A\n", "did you mean name"),
        ("slug,name,name\na,A,B\n", "twice"),
        ("slug,name\na,A,B\n", "3 cells"),
        (b"slug,name\na,\xff\n", "UTF-8"),
        ('slug,name\na,"A\n' + "x" * 200_000, "line"),
    ],
)
def test_a_list_that_is_none_says_why(register: Register, tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        import_list(register, given_list(tmp_path, text), "me")


def test_a_list_of_a_german_spreadsheet_is_read(register: Register, tmp_path: Path) -> None:
    import_list(register, given_list(tmp_path, "\ufeffslug;name;contact_phone\r\na;Müller;+49 30 12\r\n"), "me")
    assert register.known("a").name == "Müller"


def test_what_is_exported_reads_back(register: Register, tmp_path: Path) -> None:
    register.add(FULL, "me")
    register.add(Venue(0, "plain", "Plain"), "me")
    text = write_list(register.venues())
    assert text.splitlines()[0].split(",") == list(COLUMNS)
    assert "'+49" in text  # a spreadsheet would take it for a formula
    assert import_list(register, given_list(tmp_path, text), "me").same == 2
    with closing(Database(tmp_path / "other.sqlite")) as database:
        other = Register(database)
        import_list(other, tmp_path / "venues.csv", "me")
        assert other.venues() == register.venues()


def test_a_venue_that_was_merged_cannot_come_back_by_a_list(register: Register, tmp_path: Path) -> None:
    import_list(register, given_list(tmp_path, HEAD + "a,A,UTC,,6\nb,B,UTC,,6\n"), "me")
    register.merge("a", "b", "me")
    with pytest.raises(ConfigError, match="merged"):
        import_list(register, tmp_path / "venues.csv", "me")
