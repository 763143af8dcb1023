"""The API of a hub: what it tells, and that nobody learns of what is not theirs."""

import csv
import io
from collections.abc import Iterator

import pyarrow.parquet
import pytest

from passerby.core.tallies import Measure
from passerby.hub.api.routes import NOT_THERE
from tests.support.filled_hub import NOW, SCRIPTS
from tests.support.hub_api import HubApi, hub_api

NORTH = {"harbour", "lighthouse", "canal", "station"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubApi]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK", "a-secret-of-the-hook")
        with hub_api(tmp_path_factory.mktemp("hub")) as made:
            yield made


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("admin", {one.venue.slug for one in SCRIPTS}),
        ("reader", {one.venue.slug for one in SCRIPTS}),
        ("north", NORTH),
        ("one", {"garden"}),
        ("clinics", {"ward"}),
    ],
)
def test_each_sees_their_venues_and_sums_of_these_alone(name: str, expected: set[str], api: HubApi) -> None:
    told = api.ask(name, "venues").json()
    assert {one["venue"] for one in told["venues"]} == expected
    assert told["totals"]["venues"] == len(expected)
    inside = [one["inside"]["people"] for one in told["venues"] if one["inside"]]
    assert told["totals"]["people_inside"] == pytest.approx(sum(inside))
    days = api.ask(name, "days", by="venue").json()["days"]
    assert {one["group"] for one in days} <= expected
    assert {one["venue"] for one in api.ask(name, "ranking").json()["venues"]} == expected
    assert sum(one["venues"] for one in api.ask(name, "rollout").json()["districts"]) == len(expected)
    alerts = api.ask(name, "alerts").json()
    assert {one["venue"] for one in alerts["alerts"]} == expected & {"harbour", "station", "canal"}
    assert bool(alerts["receivers"]) == (name in ("admin", "reader"))


@pytest.mark.parametrize("path", ["venues/{}", "venues/{}/tallies"])
def test_a_venue_that_is_not_ones_own_is_told_as_one_that_is_not_there(path: str, api: HubApi) -> None:
    other, absent = api.ask("one", path.format("harbour")), api.ask("one", path.format("nowhere"))
    assert (other.status_code, other.content) == (absent.status_code, absent.content)
    assert other.status_code == 404 and other.json()["error"]["message"] == NOT_THERE
    assert api.ask("one", path.format("garden")).status_code == 200
    assert api.ask("", path.format("garden")).status_code == 401
    assert api.ask("", path.format("nowhere")).status_code == 401


def test_a_filter_does_not_reach_over_ones_own(api: HubApi) -> None:
    assert api.ask("one", "venues", district="North").json()["venues"] == []
    assert api.ask("one", "days", district="North", by="all").json()["days"] == []
    assert [one["venue"] for one in api.ask("north", "venues", tag="Flagship").json()["venues"]] == ["harbour"]
    assert {one["venue"] for one in api.ask("reader", "venues", state="silent").json()["venues"]} == {"valley"}


def test_a_venue_is_told_with_all_that_is_registered(api: HubApi) -> None:
    told = api.ask("north", "venues/canal").json()
    assert told["contact"]["mail"] == "manager@canal.example"
    assert told["hours"] == "Mon-Sat 08:00-20:00; Sun closed"
    assert (told["cameras"]["known"], told["cameras"]["down"], told["state"]) == (4, 1, "connected")
    assert told["masks"]["withheld"] and told["masks"]["share"] is None
    assert {one["name"] for one in told["places"]} >= {"Main door", "Side door", "Mall"}
    assert any("camera" in one for one in told["lacks"])
    entries = api.ask("admin", "log", venue="canal").json()["entries"]
    read = [(one["account"], one["action"], one["detail"], one["venue"]) for one in entries]
    assert ("north", "venue read", "API", "canal") in read
    api.ask("north", "venues/canal")
    assert len(api.ask("admin", "log", venue="canal").json()["entries"]) == len(entries), "once an hour"


def test_tallies_are_the_stores_and_shares_of_few_are_withheld(api: HubApi) -> None:
    told = api.ask("north", "venues/canal/tallies", measure="crossings_in", since=NOW - 86_400).json()
    by_door = {one["name"] for one in told["tallies"]}
    assert by_door == {"Main door", "Side door"} and not told["truncated"]
    total = sum(one["total"] for one in told["tallies"])
    days = api.ask("north", "days", by="venue", first="2025-10-09", last="2025-10-09").json()["days"]
    assert 0 < next(one["total"] for one in days if one["group"] == "canal") <= total
    masks = api.ask("north", "venues/canal/tallies", measure="masked").json()["tallies"]
    assert masks and all(one["withheld"] and one["total"] is None and one["value"] is None for one in masks)
    few = api.ask("north", "venues/canal/tallies", limit=1).json()
    assert len(few["tallies"]) == 1 and few["truncated"]
    assert api.ask("north", "venues/canal/tallies", measure="heat").status_code == 422


def test_days_add_up_over_their_groups(api: HubApi) -> None:
    def total(by: str) -> float:
        return float(sum(one["total"] for one in api.ask("reader", "days", by=by).json()["days"]))

    assert total("venue") == total("district") == total("organisation") == total("brand") == total("all") > 0
    masks = api.ask("reader", "days", by="venue", measure="masked").json()["days"]
    assert any(one["withheld"] for one in masks) and any(not one["withheld"] for one in masks)
    assert all(one["total"] is None for one in masks if one["withheld"])


def test_a_ranking_has_intervals_and_ranks_no_share_of_few(api: HubApi) -> None:
    told = api.ask("reader", "ranking", by="masks", first="2025-10-09", last="2025-10-09").json()["venues"]
    ranks = {one["venue"]: one for one in told}
    assert ranks["canal"]["rank"] is None and ranks["canal"]["value"] is None and ranks["canal"]["why_not"]
    assert ranks["ward"]["rank"] == 1
    assert all(one["low"] < one["value"] < one["high"] for one in told if one["rank"])
    visitors = api.ask("reader", "ranking").json()["venues"]
    assert visitors[0]["low"] <= visitors[0]["value"] <= visitors[0]["high"]


@pytest.mark.parametrize("path", ["venues", "venues/canal/tallies", "days", "ranking", "rollout"])
def test_each_table_has_the_rows_of_the_json(path: str, api: HubApi) -> None:
    text = api.ask("reader", path, format="csv")
    rows = list(csv.DictReader(io.StringIO(text.text)))
    table = pyarrow.parquet.read_table(io.BytesIO(api.ask("reader", path, format="parquet").content))
    told = api.ask("reader", path).json()
    listed = told[{"venues/canal/tallies": "tallies", "ranking": "venues", "rollout": "districts"}.get(path, path)]
    assert len(rows) == table.num_rows == len(listed) > 0
    assert text.headers["content-disposition"].endswith('.csv"')
    same = set(rows[0]) & set(listed[0])
    first = table.to_pylist()[0]
    assert {name: first[name] for name in same} == {name: listed[0][name] for name in same}


def test_alerts_are_acknowledged_by_who_may(api: HubApi) -> None:
    found = {one["venue"]: one for one in api.ask("reader", "alerts").json()["alerts"]}
    number = found["canal"]["number"]
    path = f"alerts/{number}/acknowledge"
    assert api.send("reader", "POST", path, json={}).status_code == 403
    assert api.send("", "POST", path, json={}).status_code == 401
    api.add("south", "operator", districts=["South"])
    other, absent = (api.send("south", "POST", one, json={}) for one in (path, "alerts/999999/acknowledge"))
    assert (other.status_code, other.content) == (absent.status_code, absent.content) and other.status_code == 404
    assert api.send("north", "POST", path, json={"note": "x" * 301}).status_code == 422
    assert api.send("north", "POST", path, json={"notes": "x"}).status_code == 422
    done = api.send("north", "POST", path, json={"note": "a ladder is on its way"})
    assert done.status_code == 200 and done.json()["acknowledged_by"] == "north"
    again = {one["venue"]: one for one in api.ask("reader", "alerts").json()["alerts"]}
    assert again["canal"]["note"] == "a ladder is on its way"


def test_the_log_is_for_admins_of_the_whole_hub(api: HubApi) -> None:
    assert [api.ask(name, "log").status_code for name in ("", "reader", "north", "north admin")] == [401, 403, 403, 403]
    entries = api.ask("admin", "log", limit=3).json()["entries"]
    assert len(entries) == 3 and entries[0]["number"] > entries[-1]["number"]
    older = api.ask("admin", "log", before=entries[-1]["number"], limit=1).json()["entries"]
    assert older[0]["number"] < entries[-1]["number"]
    assert api.ask("admin", "log", venue="nowhere").status_code == 404


@pytest.mark.parametrize(
    ("path", "asked", "parameter"),
    [
        ("venues", {"colour": "red"}, "colour"),
        ("venues", {"state": "fine"}, "state"),
        ("days", {"first": "yesterday"}, "first"),
        ("days", {"first": "2025-10-09", "last": "2025-10-01"}, ""),
        ("days", {"first": "2020-01-01"}, "first"),
        ("days", {"measure": "faces"}, "measure"),
        ("ranking", {"by": "colour"}, "by"),
        ("venues/canal/tallies", {"width_s": 61}, ""),
        ("venues/canal/tallies", {"since": 0}, "since"),
        ("venues/canal/tallies", {"since": "2025-10-09T08:00"}, "since"),
        ("alerts", {"limit": 0}, "limit"),
    ],
)
def test_what_is_not_understood_is_named(path: str, asked: dict[str, object], parameter: str, api: HubApi) -> None:
    answer = api.ask("reader", path, **asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["problems"][0]["parameter"] == parameter


def test_no_measure_of_the_api_is_a_heat_map(api: HubApi) -> None:
    enum = api.app.openapi()["paths"]["/api/v1/days"]["get"]["parameters"]
    measures = next(one for one in enum if one["name"] == "measure")["schema"]["enum"]
    assert Measure.HEAT.label not in measures and len(measures) == len(Measure) - 1
