"""Alerts of a hub: real stores, a real receiver, and a clock that the test sets."""

import json
from pathlib import Path
from typing import Any

import pytest

from passerby.errors import StoreError
from passerby.hub.alerts.following import ACKNOWLEDGED
from passerby.hub.alerts.ledger import Ledger
from tests.support.filled_hub import HOUR_S
from tests.support.hub_desk import Watch, watching
from tests.support.receiving import receiving

FULL = {"name": "too full", "when": "occupancy_over", "limit": 100, "to": ["duty"]}
DOWN = {"name": "cameras down", "when": "cameras_down", "limit": 20, "to": ["duty"]}


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "a-secret-of-the-hook")


def few(*slugs: str) -> Any:
    return lambda script: script.venue.slug in slugs


def log_of(watch: Watch) -> list[tuple[str, str, str]]:
    entries = reversed(watch.hub.register.log.newest(1000))
    return [(one.account, one.action, one.detail) for one in entries if one.action.startswith("alert")]


RULES: tuple[tuple[dict[str, Any], list[str]], ...] = (
    ({"when": "occupancy_over", "limit": 100}, ["station"]),
    ({"when": "occupancy_over", "limit": 80}, ["harbour", "station"]),
    ({"when": "cameras_down", "limit": 20}, ["canal"]),
    ({"when": "cameras_down", "limit": 25}, []),
    ({"when": "checks_failing", "limit": 1}, ["hill"]),
    ({"when": "checks_failing", "limit": 2}, []),
    ({"when": "shelves_empty", "limit": 10}, ["quay"]),
    ({"when": "venue_silent"}, ["valley"]),
    ({"when": "venue_overdue"}, ["late"]),
    ({"when": "masked_share_under", "limit": 65}, ["lighthouse", "quay"]),
    ({"when": "masked_share_under", "limit": 100, "districts": ["North"]}, ["harbour", "lighthouse"]),
    ({"when": "occupancy_over", "limit": 1, "organisations": ["tide clinics"]}, ["ward"]),
    ({"when": "occupancy_over", "limit": 1, "tags": ["flagship"]}, ["harbour"]),
    ({"when": "occupancy_over", "limit": 1, "venues": ["hill"]}, ["hill"]),
)


def test_each_rule_begins_where_it_holds_and_nowhere_else(tmp_path: Path) -> None:
    """Canal judged 6 people today, and no share is told of so few."""
    rules = [{"name": f"rule {place}", "to": ["duty"], **rule} for place, (rule, _) in enumerate(RULES)]
    with watching(tmp_path, *rules) as watch:
        watch.look()
        names = {one.number: one.slug for one in watch.hub.register.venues()}
        begun = [(one.rule, names[one.venue]) for one in watch.desk.open()]
        for place, (rule, slugs) in enumerate(RULES):
            assert sorted(slug for name, slug in begun if name == f"rule {place}") == slugs, rule
        assert len(watch.told(len(begun))) == len(begun)


def test_it_is_told_once_when_it_begins_and_once_when_it_ends(tmp_path: Path) -> None:
    with watching(tmp_path, FULL, chosen=few("station")) as watch:
        for _ in range(3):
            watch.look(10)
        assert watch.told(1) == [("duty", "began", "station")]
        watch.change("station", inside=950.0)  # below the limit, and not yet a tenth below it
        watch.look(10)
        assert len(watch.desk.open()) == 1
        watch.change("station", inside=890.0)
        for _ in range(3):
            watch.look(10)
        assert watch.told(2) == [("duty", "began", "station"), ("duty", "ended", "station")]
        assert not watch.desk.open()
        (past,) = watch.desk.past()
        assert past.text == "Station Shops: 104 % of its capacity is inside, more than 100 % (as of 2025-10-09 14:00)."
        bodies = [json.loads(one.body) for one in watch.got.got]
        assert [one["value"] for one in bodies] == [pytest.approx(104.3), pytest.approx(89.0)]
        assert bodies[0]["id"] != bodies[1]["id"]
        assert [action for _, action, _ in log_of(watch)] == ["alert began", "alert ended"]


def test_no_alert_tells_that_one_person_came(tmp_path: Path) -> None:
    somebody = {"name": "somebody", "when": "occupancy_over", "limit": 0, "to": ["duty"]}
    with watching(tmp_path, somebody, chosen=few("station")) as watch:
        for inside, begun in ((0.0, False), (1.0, False), (4.9, False), (5.0, True), (4.0, False)):
            watch.change("station", inside=inside)
            watch.look(10)
            assert bool(watch.desk.open()) == begun, inside


def test_a_restart_neither_repeats_nor_forgets(tmp_path: Path) -> None:
    """The first desk is never closed: it is killed before anything arrived."""
    with watching(tmp_path, FULL, DOWN, chosen=few("station", "canal")) as killed:
        killed.got.statuses[:] = [500] * 50
        killed.look()
        assert len(killed.desk.open()) == 2
        second = killed.again()
        second.hub.now += 61  # the one that was killed held the watch
        killed.got.statuses.clear()
        second.look()
        second.quiesce()
        second.look(10)
        began = [one for one in events(second) if one[0] == "began"]
        assert set(began) == {("began", "station"), ("began", "canal")}
        second.change("station", inside=10.0)
        third = second.again()
        third.hub.now += 61
        third.look()
        third.quiesce()
        assert [one for one in events(third) if one[0] == "ended"] == [("ended", "station")]
        assert [one for one in events(third) if one[0] == "began"] == began
        assert [one.rule for one in third.desk.open()] == ["cameras down"]


def events(watch: Watch) -> list[tuple[str, str]]:
    bodies = [json.loads(one.body) for one in watch.got.got]
    return [(one["event"], one["venue"]) for one in bodies]


def test_of_two_processes_one_watches_and_the_other_takes_over(tmp_path: Path) -> None:
    with watching(tmp_path, FULL, chosen=few("station")) as watch:
        other = watch.again()
        watch.look()
        other.look(10)
        assert watch.told(1) == [("duty", "began", "station")]
        watch.change("station", inside=10.0)
        other.look(8)
        assert len(other.desk.open()) == 1, "the first still holds the watch"
        other.look(13)
        assert not other.desk.open()
        with other.desk():
            pass
        third = watch.again()
        third.change("station", inside=1200.0)
        third.look(1)
        assert len(third.desk.open()) == 1, "who closes hands over at once"


def test_two_that_both_believe_to_watch_tell_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a process stood still for longer than its watch lasts."""
    monkeypatch.setattr(Ledger, "watches", lambda *_: True)
    with watching(tmp_path, FULL, chosen=few("station")) as watch:
        other = watch.again()
        stale = other.desk._ledger.unsettled()
        monkeypatch.setattr(other.desk._ledger, "unsettled", lambda: stale)
        watch.look()
        with pytest.raises(StoreError):
            other.look()
        (alert,) = watch.desk.open()
        monkeypatch.setattr(other.desk._ledger, "unsettled", lambda: [alert])
        watch.change("station", inside=10.0)
        watch.look(1)
        other.look()
        watch.quiesce()
        # A message may be sent by both, and has the same id then.
        sent = {(one["id"], one["event"]) for one in (json.loads(got.body) for got in watch.got.got)}
        assert sorted(event for _, event in sent) == ["began", "ended"]


def test_for_minutes_without_a_break(tmp_path: Path) -> None:
    with watching(tmp_path, {**FULL, "for_minutes": 5}, chosen=few("station")) as watch:
        watch.look()
        watch.look(200)
        watch.change("station", inside=10.0)
        watch.look(10)
        watch.change("station", inside=1043.0)
        watch.look(10)
        watch.look(200)
        assert not watch.desk.open()
        watch.look(100)
        assert len(watch.desk.open()) == 1


def test_quiet_hours_are_on_the_venues_clock_and_tell_what_is_still_true(tmp_path: Path) -> None:
    """It is 14:13 in Paris."""
    quiet = {"from": "13:00", "to": "15:00"}
    with watching(
        tmp_path, {**FULL, "quiet": quiet}, {**DOWN, "quiet": quiet}, chosen=few("station", "canal")
    ) as watch:
        watch.look()
        assert len(watch.desk.open()) == 2
        watch.change("canal", statuses=(1, 1, 1, 1))
        watch.look(60)
        watch.quiesce()
        assert not watch.got.got
        assert [one.rule for one in watch.desk.open()] == ["too full"]
        for script in ("station", "canal"):
            watch.change(script, inside=1043.0 if script == "station" else 10.0, statuses=(1, 1, 1, 1))
        watch.hub.now += 50 * 60
        watch.change("station")
        watch.look()
        assert watch.told(1) == [("duty", "began", "station")]
        watch.look(60)
        watch.quiesce()
        assert len(watch.got.got) == 1


def test_what_is_not_known_ends_nothing(tmp_path: Path) -> None:
    with watching(tmp_path, FULL, DOWN, chosen=few("station", "canal")) as watch:
        watch.look()
        watch.look(2 * HOUR_S)  # both are silent by now
        assert len(watch.desk.open()) == 2
        watch.change("station", inside=10.0)
        watch.look()
        assert [one.rule for one in watch.desk.open()] == ["cameras down"]


def test_who_does_not_acknowledge_is_passed_over(tmp_path: Path) -> None:
    steps = [{"after_minutes": 10, "to": ["boss"]}, {"after_minutes": 30, "to": ["duty", "boss"]}]
    with watching(tmp_path, {**FULL, "escalate": steps}, chosen=few("station")) as watch:
        watch.look()
        watch.told(1)
        watch.look(9 * 60)
        watch.change("station")
        watch.look(50)
        assert watch.told(1) == [("duty", "began", "station")]
        watch.look(11)
        watch.look(10)
        assert watch.told(2)[1:] == [("boss", "escalated", "station")]
        (alert,) = watch.desk.open()
        assert (alert.escalated, alert.told) == (1, ("duty", "boss"))
        done = watch.desk.acknowledge(alert.number, "anna", "the door is closed")
        assert done is not None and done.note == "the door is closed"
        late = watch.desk.acknowledge(alert.number, "bert", "me too")
        assert late is not None and late.acknowledged_by == "anna"
        watch.change("station")
        watch.look(3 * HOUR_S)
        watch.change("station", inside=10.0)
        watch.look(1)
        assert sorted(watch.told(4)[2:]) == [("boss", "ended", "station"), ("duty", "ended", "station")]
        assert watch.desk.acknowledge(alert.number, "anna") is None
        assert ("anna", ACKNOWLEDGED, "too full: the door is closed") in log_of(watch)
        assert sum(action == ACKNOWLEDGED for _, action, _ in log_of(watch)) == 1


def test_what_is_watched_no_more_ends_without_a_word(tmp_path: Path) -> None:
    with watching(tmp_path, FULL, chosen=few("station", "hill")) as watch:
        watch.look()
        watch.told(1)
        watch.hub.register.merge("station", "hill", "test")
        watch.look(10)
        assert not watch.desk.open() and len(watch.got.got) == 1
        assert watch.desk.past()[0].ended_unix_s == watch.hub.now


def test_addresses_secrets_and_people_stand_in_nothing_that_is_kept(tmp_path: Path) -> None:
    with receiving() as away, watching(tmp_path, FULL, chosen=few("station")) as watch:
        watch.got.statuses[:] = [500] * 1000
        watch.look()
        watch.told(1)
        (state, _) = watch.desk.receivers()
        text = f"{watch.desk.receivers()}{watch.desk.open()}{log_of(watch)}"
        assert "a-secret" not in text and watch.got.address not in text and away.address not in text
        assert state.name == "duty"
