"""Alerts about what is wrong with cameras as devices: where, how bad, for how long, and what is said."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from passerby.errors import ConfigError
from passerby.gate.audit_contract import CameraReport, Group, Severity
from passerby.site.config import load
from passerby.site.config_alerts import Alert
from passerby.site.outputs.alerts import alert_desk
from passerby.site.state import CameraChecks, SiteChecks, StandingFinding
from passerby.site.store import Store
from tests.support import filled
from tests.unit.test_alerts import Venue

ALERT = {"name": "entrance is open", "when": "camera_check", "camera": "entrance"}


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with Store(tmp_path / "passerby.sqlite") as store:
        yield Venue(store)


def finding(check: str, severity: Severity = Severity.WARNING, since_s: float = 0.0) -> StandingFinding:
    return StandingFinding(check, Group.SECURITY, severity, "seen", "why", "mend", filled.NINE + since_s)


def found(venue: Venue, second: float, *findings: StandingFinding, heard: bool = True) -> None:
    """Lets time go on to a second, at which these findings stand."""
    report = CameraReport("entrance", 1.0) if heard else None
    venue.state = replace(venue.state, checks=SiteChecks((CameraChecks("entrance", report, findings),)))
    venue.now_unix_s = filled.NINE + second


def is_on(venue: Venue, *findings: StandingFinding, **of_alert: Any) -> bool:
    desk = venue.desk(ALERT | of_alert)
    found(venue, 1, *findings)
    desk.look(venue.sources)
    return bool(desk.alerts()[0]["on"])


def test_it_begins_when_it_lasts_and_ends_when_nothing_is_found_any_more(venue: Venue) -> None:
    desk = venue.desk(ALERT | {"for_minutes": 5})
    with desk(venue.sources):
        for second, findings in (
            (0, ()),
            (60, (finding("rtsp-open", since_s=60),)),
            (300, (finding("rtsp-open", since_s=60),)),
            (310, ()),
            (320, (finding("services", since_s=320),)),
            (610, (finding("services", since_s=320), finding("rtsp-open", since_s=600))),
        ):
            found(venue, second, *findings)
            desk.look(venue.sources)
            assert not desk.alerts()[0]["on"]
        found(venue, 621, finding("services", since_s=320), finding("rtsp-open", since_s=600))
        desk.look(venue.sources)
        assert venue.told(1) == ["Museum of Tides: entrance is open"]
        found(venue, 630, heard=False)  # an audit that was started again knows nothing yet
        desk.look(venue.sources)
        found(venue, 640)
        desk.look(venue.sources)
        assert venue.told(2)[1] == "Museum of Tides: over: entrance is open"
    began, ended = venue.said.messages
    assert began.text == "entrance: services, rtsp-open (as of 2025-10-09 09:10)."
    assert began.body["checks"] == ["services", "rtsp-open"]
    assert ended.text == "entrance: nothing more is found (as of 2025-10-09 09:10)."


def test_it_can_be_about_some_checks_and_about_the_worst_alone(venue: Venue) -> None:
    note, bad = finding("clock-ntp", Severity.NOTE), finding("rtsp-open", Severity.CRITICAL)
    assert not is_on(venue, note)
    assert is_on(venue, note, severity="note")
    assert is_on(venue, bad, severity="critical")
    assert not is_on(venue, finding("services"), severity="critical")
    assert not is_on(venue, bad, checks=("services",))
    assert is_on(venue, bad, finding("services"), checks=("services",))


def test_without_a_camera_it_is_about_each_of_them() -> None:
    alert = Alert.model_validate({"name": "open", "when": "camera_check", "to": ("phone",)})
    assert [(one.name, one.camera) for one in alert.at_each(["a", "b"])] == [("open: a", "a"), ("open: b", "b")]
    assert alert.model_copy(update={"camera": "a"}).at_each(["a", "b"])[0].name == "open"


def site(folder: Path, alert: str) -> Path:
    path = folder / "site.yaml"
    (folder / "url").write_text("json://a.example/")
    head = "notify: [{name: phone, url_file: url}]\n"
    camera = "cameras: [{name: hall, source: a.mp4}, {name: yard, source: b.mp4}]\n"
    path.write_text(f"{head}{camera}alerts: [{{name: x, to: [phone], {alert}}}]\n")
    return path


def test_the_desk_of_a_configuration_has_one_for_each_camera(tmp_path: Path) -> None:
    desk = alert_desk(load(site(tmp_path, "when: camera_check")))
    assert desk is not None
    assert [(one["name"], one["camera"]) for one in desk.alerts()] == [("x: hall", "hall"), ("x: yard", "yard")]


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ("when: camera_check, limit: 3", "camera_check takes no limit and no clear_at; for_minutes says for how long"),
        ("when: camera_check, for_windows: 3", "takes no for_windows; for_minutes says"),
        ("when: camera_check, checks: [open-door]", "there is no check open-door; there is: resolution"),
        ("when: camera_check, camera: roof", "there is no camera roof; there is: hall, yard"),
        ("when: camera_check, line: door", "camera alone, or none for each of them"),
        ("when: camera_down, camera: hall, severity: note", "severity: for camera_check alone"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, alert: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(site(tmp_path, alert))
    assert said in str(caught.value)
