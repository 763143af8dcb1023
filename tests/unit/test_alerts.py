"""Alerts on a real store and real receivers: when they begin and end, who is told what, and what is never told."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.errors import ConfigError
from passerby.records.receivers import MAX_WAITING, SIGNATURE, Message, Messenger, Pace, ways_to
from passerby.site.config import SiteConfig, load
from passerby.site.config_alerts import Alert
from passerby.site.corrections import Corrections
from passerby.site.journal import Journal
from passerby.site.occupancy import PlaceBoard
from passerby.site.outputs import Sources
from passerby.site.outputs.alerts import AlertDesk
from passerby.site.pages.board import PageBoard
from passerby.site.place_windows import PlaceSettings
from passerby.site.state import CameraState, CameraStatus, SiteState
from passerby.site.store import Store
from tests.support import filled
from tests.support.program import in_words, passerby
from tests.support.receiving import receiving
from tests.support.site import eventually, free_port

SECRET = "s3cret-w0rd"
W = filled.WINDOW_S
FAST = Pace(first_s=0.02, most_s=0.05, give_up_s=60)
FULL = {"name": "hall is full", "when": "occupancy_over", "camera": "entrance", "zone": "Hall", "limit": 10}


@dataclass
class Said:
    """A way that keeps what it is given."""

    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.messages.append(message)


@dataclass
class Venue:
    """A store that a test fills window by window, and a clock that it turns."""

    store: Store
    now_unix_s: float = float(filled.NINE)
    now_s: float = 0.0
    state: SiteState = field(default_factory=lambda: SiteState("Museum of Tides", (CameraState("entrance"),)))
    said: Said = field(default_factory=Said)

    def __post_init__(self) -> None:
        settings = replace(filled.settings(), clock=lambda: self.now_unix_s)
        places = PlaceBoard(
            self.store,
            Corrections(self.store.file),
            (PlaceSettings("shop", lines=(("entrance", "Main door"),)),),
            settings,
        )
        board = PageBoard(self.store, lambda: self.state, settings, places)
        self.sources = Sources(self.store, lambda: self.state, settings, board)

    def desk(self, *alerts: dict[str, Any]) -> AlertDesk:
        watched = tuple(Alert.model_validate({"to": ("phone",), **one}) for one in alerts)
        messengers = {"phone": Messenger("phone", self.said, FAST)}
        return AlertDesk(watched, messengers, W, Journal(self.store.file), lambda: self.now_s)

    def window(self, desk: AlertDesk, people: float | None) -> None:
        """Lets one window go by, in which so many people were in the hall; None where it was not seen."""
        start = int(self.now_unix_s) // W * W
        seen_s = 0 if people is None else W
        self.store.add([Tally("entrance", Measure.PEOPLE, "Hall", start, W, (people or 0) * W, seen_s)])
        self.now_unix_s = start + W + 31.0
        desk.look(self.sources)

    def told(self, count: int) -> list[str]:
        """What was told, when there is so much of it."""
        eventually(lambda: len(self.said.messages) >= count)
        return [one.title for one in self.said.messages]


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    with Store(tmp_path / "passerby.sqlite") as store:
        yield Venue(store)


def test_one_message_when_it_begins_and_one_when_it_ends(venue: Venue) -> None:
    desk = venue.desk(FULL | {"clear_at": 6, "for_windows": 2})
    with desk(venue.sources):
        for people in (11, 5, 11, None, 12, 30, 8, None, 11, 6, 6):
            venue.window(desk, people)
        assert venue.told(2) == ["Museum of Tides: hall is full", "Museum of Tides: over: hall is full"]
    began, ended = (one.body for one in venue.said.messages)
    assert (began["value"], began["since_unix_s"]) == (12, filled.NINE + 5 * W), "the fifth window, since one is a hole"
    assert (ended["value"], ended["since_unix_s"]) == (6, filled.NINE + 10 * W)
    assert began["text"] == "entrance, Hall: 12 people, more than 10 (as of 2025-10-09 10:15)."
    assert ended["text"] == "entrance, Hall: 6 people (as of 2025-10-09 11:30)."
    assert len(venue.said.messages) == 2


def test_a_window_is_judged_when_all_of_it_is_there(venue: Venue) -> None:
    desk = venue.desk(FULL)
    venue.store.add([Tally("entrance", Measure.PEOPLE, "Hall", filled.NINE, W, 20 * W, W)])
    for late_s, on in ((1, False), (29, False), (31, True)):
        venue.now_unix_s = filled.NINE + W + late_s
        desk.look(venue.sources)
        assert desk.alerts()[0]["on"] is on


def test_quiet_hours_hold_back_what_is_told_at_their_end_if_it_is_still_true(venue: Venue) -> None:
    desk = venue.desk(FULL | {"quiet": {"from": "09:10", "to": "10:10"}})
    with desk(venue.sources):
        venue.window(desk, 20)  # 09:15
        venue.window(desk, 1)
        venue.window(desk, 20)
        (alert,) = desk.alerts()
        assert (alert["on"], alert["told"], venue.said.messages) == (True, False, [])
        venue.window(desk, 20)
        assert venue.said.messages == []
        venue.window(desk, 20)  # 10:15
        assert venue.told(1) == ["Museum of Tides: hall is full"]
    assert venue.said.messages[0].body["since_unix_s"] == filled.NINE + 3 * W


def test_a_restart_tells_nothing_twice_and_forgets_no_end(venue: Venue) -> None:
    desk = venue.desk(FULL)
    with desk(venue.sources):
        venue.window(desk, 20)
        venue.told(1)
    again = venue.desk(FULL)
    with again(venue.sources):
        assert again.alerts()[0]["on"]
        venue.window(again, 21)
        venue.window(again, 2)
        assert venue.told(2)[1] == "Museum of Tides: over: hall is full"
    assert len(venue.said.messages) == 2
    actions = [(one.account, one.action, one.detail) for one in Journal(venue.store.file).since(0)]
    assert actions == [("passerby", "alert ended", "hall is full"), ("passerby", "alert began", "hall is full")]


def test_a_camera_that_is_down_for_a_window(venue: Venue) -> None:
    desk = venue.desk({"name": "dark", "when": "camera_down", "camera": "entrance"})
    states = {status: SiteState("Museum", (CameraState("entrance", status),)) for status in CameraStatus}
    with desk(venue.sources):
        for second, status in (
            (0, CameraStatus.LIVE),
            (10, CameraStatus.STALLED),
            (W, CameraStatus.FAILED),
            (W + 5, CameraStatus.LIVE),
            (W + 6, CameraStatus.STALLED),
            (2 * W + 6, CameraStatus.STALLED),
        ):
            venue.now_s, venue.now_unix_s, venue.state = second, filled.NINE + second, states[status]
            desk.look(venue.sources)
        assert not desk.alerts()[0]["on"]
        venue.now_s = 2 * W + 8
        venue.now_unix_s += 2
        desk.look(venue.sources)
        assert venue.told(1) == ["Museum: dark"]
        assert venue.said.messages[0].text.startswith("entrance: no pictures for 15 min (as of 2025-10-09 ")
        venue.state = states[CameraStatus.LIVE]
        venue.now_unix_s += 1
        desk.look(venue.sources)
        assert venue.told(2)[1] == "Museum: over: dark"


def test_people_in_a_place_and_masks_of_the_site(venue: Venue) -> None:
    desk = venue.desk(
        {"name": "shop", "when": "occupancy_over", "place": "shop", "limit": 30},
        {"name": "masks", "when": "masked_share_under", "limit": 80},
        {"name": "queue", "when": "queue_over", "camera": "shop", "zone": "Till", "limit": 3},
    )
    start = filled.NINE
    venue.store.add([Tally("entrance", Measure.CROSSINGS_IN, "Main door", start, W, 31, W)])
    venue.store.add(list(filled.masks("Main door", start, (24, 8, 2, 6))))
    venue.store.add([Tally("shop", Measure.PEOPLE, "Till", start, W, 4 * W, W)])
    venue.now_unix_s = start + W + 31
    desk.look(venue.sources)
    assert {one["name"]: (one["on"], one["value"]) for one in desk.alerts()} == {
        "shop": (True, 31),
        "masks": (True, pytest.approx(100 * 24 / 34, abs=0.1)),
        "queue": (True, 4),
    }


def test_of_too_few_no_share_raises_an_alert(venue: Venue) -> None:
    desk = venue.desk({"name": "masks", "when": "masked_share_under", "limit": 80})
    venue.store.add(list(filled.masks("Main door", filled.NINE, (3, 8, 0, 1))))
    venue.now_unix_s = filled.NINE + W + 31
    desk.look(venue.sources)
    assert (desk.alerts()[0]["on"], desk.alerts()[0]["value"]) == (False, None)


def site(folder: Path, notify: str, to: str = "phone") -> Path:
    """A configuration whose alert goes to one receiver."""
    text = f"""
notify: [{notify}]
cameras: [{{name: entrance, source: a.mp4, zones: [{{name: Hall, corners: [[0, 0], [1, 0], [1, 1]]}}]}}]
alerts: [{{name: full, when: occupancy_over, camera: entrance, zone: Hall, limit: 9, to: [{to}]}}]
"""
    (folder / "site.yaml").write_text(text)
    (folder / "key").write_text(SECRET + "\n")
    return folder / "site.yaml"


def hook(config: SiteConfig, pace: Pace = FAST) -> Messenger:
    """The messenger of its only receiver."""
    ((name, way),) = ways_to(config.notify, config.path_of).items()
    return Messenger(name, way, pace)


MESSAGE = Message("Museum: full", "Hall: 12 people.", {"id": "7", "event": "began", "text": "Hall: 12 people."})


def webhook(folder: Path, address: str) -> SiteConfig:
    return load(site(folder, f"{{name: phone, webhook: 'http://{address}/in', secret_file: key}}"))


def test_a_webhook_is_signed_and_tried_again(tmp_path: Path) -> None:
    with receiving() as server:
        server.statuses = [500, 302, 404]
        messenger = hook(webhook(tmp_path, server.address))
        messenger.start()
        messenger.put(MESSAGE)
        eventually(lambda: messenger.state().sent == 1)
        assert messenger.state().problem is None
        messenger.close()
    assert len(server.got) == 4
    for one in server.got:
        assert one.path == "/in"
        expected = hmac.new(SECRET.encode(), one.body, hashlib.sha256).hexdigest()
        assert one.headers[SIGNATURE.lower()] == f"sha256={expected}"
        assert one.headers["content-type"] == "application/json"
    bodies = [json.loads(one.body) for one in server.got]
    assert {one.pop("sent_unix_s") > 0 for one in bodies} == {True}
    assert bodies == [MESSAGE.body] * 4, "the same id each time, so that who gets it twice can tell"


def test_apprise_tells_a_service(tmp_path: Path) -> None:
    with receiving() as server:
        (tmp_path / "url").write_text(f"json://{server.address}/token-{SECRET}")
        messenger = hook(load(site(tmp_path, "{name: phone, url_file: url}")))
        messenger.start()
        messenger.put(MESSAGE)
        eventually(lambda: messenger.state().sent == 1)
        messenger.close()
    (got,) = server.got
    assert (json.loads(got.body)["title"], json.loads(got.body)["message"]) == ("Museum: full", "Hall: 12 people.")


@pytest.mark.parametrize("kind", ["webhook", "apprise"])
def test_what_cannot_be_told_is_given_up_in_daylight_and_without_a_secret(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    dead = f"127.0.0.1:{free_port()}"
    (tmp_path / "url").write_text(f"json://user:{SECRET}@{dead}/{SECRET}")
    config = webhook(tmp_path, dead) if kind == "webhook" else load(site(tmp_path, "{name: phone, url_file: url}"))
    messenger = hook(config, replace(FAST, give_up_s=0.1))
    messenger.start()
    messenger.put(MESSAGE)
    eventually(lambda: messenger.state().lost == 1)
    state = messenger.state()
    messenger.close()
    assert state.problem is not None and state.waiting == state.sent == 0
    out, err = capfd.readouterr()
    assert "alerts lost" in out + err and "an alert cannot be told" in out + err
    assert SECRET not in out + err + str(state)


def test_a_receiver_that_is_away_keeps_no_more_than_its_share(tmp_path: Path) -> None:
    messenger = hook(webhook(tmp_path, "127.0.0.1:9"))
    for _ in range(MAX_WAITING + 3):
        messenger.put(MESSAGE)
    assert (messenger.state().waiting, messenger.state().lost) == (MAX_WAITING, 3)


def test_closing_sends_what_waits(tmp_path: Path) -> None:
    with receiving() as server:
        messenger = hook(webhook(tmp_path, server.address))
        for _ in range(5):
            messenger.put(MESSAGE)
        messenger.start()
        messenger.close()
    assert len(server.got) == 5


def test_the_command_sends_a_test(tmp_path: Path) -> None:
    with receiving() as server:
        config = site(tmp_path, f"{{name: phone, webhook: 'http://{server.address}/in', secret_file: key}}")
        ran = passerby("alerts", "test", config, "full")
        assert (ran.status, ran.out) == (0, "phone: told\n")
        assert passerby("alerts", "test", config, "phone").status == 0
        server.statuses = [503]
        ran = passerby("alerts", "test", config, "full")
        assert (ran.status, ran.out) == (1, "phone: the webhook answered with status 503\n")
    bodies = [json.loads(one.body) for one in server.got]
    assert [(one["event"], one["alert"], one["subject"]) for one in bodies[:2]] == [
        ("test", "full", "Hall"),
        ("test", "phone", None),
    ]
    assert "there is no alert or receiver nobody; there is: full, phone" in in_words(
        passerby("alerts", "test", config, "nobody")
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"nosuch://{SECRET}", "is no URL that apprise"),
        ("", "holds no URL; put the URL there, alone"),
        (f"json://a\njson://{SECRET}", "must stand alone, on one line"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_a_secret_that_is_none_is_said_without_it(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "url").write_text(text)
    config = load(site(tmp_path, "{name: phone, url_file: url}"))
    with pytest.raises(ConfigError) as caught:
        ways_to(config.notify, config.path_of)
    assert said in str(caught.value) and SECRET not in str(caught.value)


CAMERA = "{name: entrance, source: a.mp4, zones: [{name: Hall, corners: [[0, 0], [1, 0], [1, 1]]}]}"
PHONE = "{name: phone, url_env: X}"


@pytest.mark.parametrize(
    ("notify", "alert", "said"),
    [
        (PHONE, "when: occupancy_over, limit: 3, to: [phone]", "occupancy_over takes place, or camera and zone"),
        (PHONE, "when: camera_down, camera: entrance, limit: 3, to: [phone]", "takes no limit and no clear_at"),
        (PHONE, "when: occupancy_over, place: shop, to: [phone]", "occupancy_over needs limit"),
        (
            PHONE,
            "when: occupancy_over, place: shop, limit: 0, to: [phone]",
            "would tell of one person; write 1 or more",
        ),
        (PHONE, "when: occupancy_over, place: shop, limit: 3, to: [phone]", "there is no place shop; there is: none"),
        (PHONE, "when: camera_down, camera: garden, to: [phone]", "there is no camera garden; there is: entrance"),
        (PHONE, "when: camera_down, camera: entrance, to: [mail]", "no mail under notify, where there is: phone"),
        (PHONE, "when: camera_down, camera: entrance, to: []", "alerts[0].to: give 1 or more"),
        (PHONE, "when: queue_over, camera: entrance, zone: Hall, limit: 3, to: [phone]", "zone Hall is no queue"),
        (
            PHONE,
            "when: queue_over, camera: entrance, zone: Yard, limit: 3, to: [phone]",
            "has no zone Yard; it has: Hall",
        ),
        (PHONE, "when: masked_share_under, limit: 50, to: [phone]", "no line or zone asks for masks"),
        (PHONE, "when: masked_share_under, limit: 101, to: [phone]", "percent; write 0 to 100"),
        (PHONE, "when: shelf_full, to: [phone]", "alerts[0].when: write 'occupancy_over'"),
        (
            PHONE,
            "when: occupancy_over, camera: entrance, zone: Hall, limit: 3, clear_at: 4, to: [phone]",
            "clear_at is 4; it must be at or below the limit, 3",
        ),
        (
            PHONE,
            "when: camera_down, camera: entrance, to: [phone], quiet: {from: '07:00', to: '07:00'}",
            "from and to are the same",
        ),
        ("{name: a, url_file: x, url_env: y}", "", "give one of url_file, url_env and url_credential, or webhook"),
        ("{name: a, webhook: 'https://x.example/'}", "", "give one of secret_file, secret_env and secret_credential"),
        ("{name: a, webhook: 'http://x.example/', secret_env: S}", "", "http:// is good for 127.0.0.1"),
        ("{name: a, webhook: 'https://u:hidden@x.example/', secret_env: S}", "", "must not stand in the address"),
        (f"{PHONE}, {PHONE}", "", "another one has the name phone"),
    ],
)
def test_mistakes_are_said(tmp_path: Path, notify: str, alert: str, said: str) -> None:
    text = f"notify: [{notify}]\ncameras: [{CAMERA}]\n"
    text += f"alerts: [{{name: full, {alert}}}]\n" if alert else ""
    (tmp_path / "site.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "site.yaml")
    assert said in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_the_profile_watches_the_whole_site_alone(tmp_path: Path) -> None:
    masked = "masks: true, purpose: for the statistics"
    (tmp_path / "site.yaml").write_text(f"""
profile: decree-2021-269
window_s: 1200
notify: [{PHONE}]
cameras: [{{name: a, source: a.mp4, lines: [{{name: door, from: [0, 0], to: [1, 1], {masked}}}]}}]
alerts:
  - {{name: masks, when: masked_share_under, limit: 60, to: [phone]}}
  - {{name: line, when: masked_share_under, camera: a, line: door, limit: 60, to: [phone]}}
""")
    with pytest.raises(ConfigError, match="keeps the masked share of the whole site alone") as caught:
        load(tmp_path / "site.yaml")
    assert len(caught.value.problems) == 1
