"""Whom a site tells by itself, as the page of privacy says it."""

import time
from dataclasses import replace
from pathlib import Path

from passerby.records.receivers import ReceiverState
from passerby.site.outlets import told_by
from passerby.site.state import HubState, OutputState, SiteState
from tests.support.papers import CAMERA, NOTICE, site

EVERYBODY = """\
mqtt: {host: broker.example}
notify:
  - {name: duty phone, webhook: "https://hooks.example/a-secret-path", secret_env: NOBODY}
  - {name: idle, url_env: X}
alerts: [{name: full, when: occupancy_over, place: Museum, limit: 50, to: [duty phone]}]
reports: {schedule: [day, week], to: {folder: out, mail: {host: m.example, from: a@b.example, to: [c@b.example]}}}
"""


def test_everybody_who_is_told_is_named_and_no_secret(tmp_path: Path) -> None:
    told = told_by(site(tmp_path, NOTICE, EVERYBODY))
    assert {one.name: one.what for one in told} == {
        "MQTT": "Numbers of closed windows, to the broker broker.example, whenever one changes.",
        "Alerts to duty phone": "When one begins and when it ends, with a number of a closed window: full.",
        "Reports in a folder": "Of each day and of each week, as PDF and CSV.",
        "Reports by e-mail": "Of each day and of each week, as PDF and CSV, to 1 address.",
    }
    assert "secret" not in str(told)


def test_who_is_told_of_shelves_is_said_to_be(tmp_path: Path) -> None:
    corners = "[[0, 0], [1, 0], [1, 1], [0, 1]]"
    shelf = f"shelves: [{{name: tea, rows: 1, columns: 2, corners: {corners}}}]"
    alert = "{name: gaps, when: shelf_empty, to: [duty phone]}"
    more = EVERYBODY.replace("alerts: [", f"alerts: [{alert}, ")
    told = told_by(site(tmp_path, NOTICE, more, camera=f"{CAMERA}    {shelf}\n"))
    assert [one.what for one in told][:2] == [
        "Numbers of closed windows and, by the minute, how shelves are, to the broker broker.example, whenever one "
        "changes.",
        "When one begins and when it ends, with a number of a closed window, or the facings that are empty: gaps, "
        "full.",
    ]


def test_the_hub_is_named_with_what_it_is_told_and_how_that_goes(tmp_path: Path) -> None:
    hub = f"hub: {{url: 'https://hub.example', key: '{'ab' * 32}'%s}}\n"
    (whole,) = told_by(site(tmp_path, NOTICE, hub % ""))
    (strict,) = told_by(site(tmp_path, NOTICE, hub % ", profile: strict"))
    assert (whole.name, whole.what) == (
        "Hub",
        "Tallies of closed windows, how many people are in places, and how the cameras are, to https://hub.example, "
        "each minute. Heat maps stay here.",
    )
    assert strict.what.startswith("Crossings and the masked share of the whole site, of 20 minutes or more, and how")
    state = SiteState("Museum of Clocks")
    outlet = whole.outlet(lambda: state)
    assert outlet.state() == "Nothing was told since the start."
    waiting = HubState("https://hub.example", "it is away", 3, int(time.time()) - 600, 2, time.time() - 5, 12_345)
    state = replace(state, hub=waiting)
    assert outlet.state() == (
        "12 345 bytes sent since the start, the last 5 s ago, 3 batches waiting, the oldest for 10 minutes, "
        "2 given up since the disk was full; it is away."
    )


def test_it_is_said_how_each_goes(tmp_path: Path) -> None:
    state = SiteState("Museum of Clocks")

    def said() -> list[str]:
        return [outlet.state() for outlet in outlets]

    outlets = [one.outlet(lambda: state) for one in told_by(site(tmp_path, NOTICE, EVERYBODY))]
    assert set(said()) == {"Nothing was told since the start."}
    state = replace(
        state,
        outputs=(OutputState("MQTT", ok=True), OutputState("reports: mail", ok=False, problem="no answer")),
        receivers=(ReceiverState("duty phone", "no answer", waiting=1, sent=3, lost=2),),
    )
    assert said() == [
        "It takes what it is told.",
        "3 sent since the start, 1 waiting, 2 lost; no answer.",
        "Nothing was told since the start.",
        "Not told now: no answer",
    ]


def test_who_tells_nobody_says_so(tmp_path: Path) -> None:
    assert told_by(site(tmp_path, NOTICE)) == ()
