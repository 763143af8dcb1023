"""The configuration: what is read, what is refused, and what the refusal says."""

import json
import os
import re
import time
from pathlib import Path

import pytest

from passerby.core.alerts import Rule
from passerby.errors import ConfigError
from passerby.gate.messages import LinePlan, ZonePlan
from passerby.site import example
from passerby.site.config import SiteConfig, camera_plan, json_schema, load
from passerby.site.signin import sign_in

CAMERA = """
cameras:
  - name: entrance
    source: rtsp://camera.example:554/stream
    lines: [{name: door, from: [0.3, 0.5], to: [0.7, 0.5]}]
    zones: [{name: hall, corners: [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}]
"""


MASKED = "[{name: a, from: [0, 0], to: [1, 1], masks: on, purpose: for the statistics}]"
IN_SHOP = "[{name: b, place: shop, corners: [[0, 0], [1, 0], [1, 1]]}]"
TO_SHOP = "[{name: a, place: shop, from: [0, 0], to: [1, 1]}]"
TWICE = (
    "[{name: b, place: shop, corners: [[0, 0], [1, 0], [1, 1]]}, "
    "{name: c, place: shop, corners: [[0.5, 0], [1, 0], [1, 1]]}]"
)


def read(folder: Path, text: str) -> SiteConfig:
    file = folder / "site.yaml"
    file.write_text(text)
    return load(file)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return [problem.partition(", ")[2] for problem in caught.value.problems]


def with_camera(**changes: str) -> str:
    keys = {"name": "entrance", "source": "rtsp://camera.example/s", "lines": "[{name: a, from: [0, 0], to: [1, 1]}]"}
    return "cameras:\n  - " + "\n    ".join(f"{key}: {value}" for key, value in (keys | changes).items())


def with_line(text: str) -> str:
    return with_camera(lines=f"[{{name: a, from: [0, 0], to: [1, 1], {text}}}]")


SHELF = "[[0, 0], [1, 0], [1, 1], [0, 1]]"


def with_shelf(keys: str, name: str = "s") -> str:
    return with_camera(shelves=f"[{{name: {name}, {keys}}}]")


def with_zone(text: str, corners: str = "[0, 0], [1, 0], [1, 1]") -> str:
    return with_camera(zones=f"[{{name: b, corners: [{corners}], {text}}}]")


def test_the_example_says_the_defaults(tmp_path: Path) -> None:
    example.write(tmp_path / "site.yaml")
    assert load(tmp_path / "site.yaml").model_dump() == SiteConfig().model_dump()


def test_the_example_names_every_key_of_the_top(tmp_path: Path) -> None:
    written = read(tmp_path, example.EXAMPLE)
    assert written.model_fields_set == set(SiteConfig.model_fields)


def test_the_camera_in_the_example_is_right_once_it_is_uncommented(tmp_path: Path) -> None:
    text, commented = "", False
    lists = ("places", "notify", "alerts", "cameras")
    parts = ("mqtt", "reports", "notice")
    nothing = rf"^({'|'.join(lists)}): \[\]\n|^({'|'.join(parts)}): null[^\n]*\n"
    for line in re.sub(nothing, "", example.EXAMPLE, flags=re.MULTILINE).splitlines():
        begins = line in [f"# {name}:" for name in (*lists, *parts)]
        commented = begins or (commented and bool(line) and line.startswith("# "))
        text += (line.removeprefix("# ") if commented else line) + "\n"
    config = read(tmp_path, text)
    assert config.places[0].opens == "06:00"
    assert config.cameras[0].zones[0].queue is not None
    assert [camera.name for camera in config.cameras] == ["entrance"]
    assert config.cameras[0].analysed_fps is None
    assert [len(shelf.quads) for shelf in config.cameras[0].shelves] == [12]
    assert config.mqtt is not None and config.mqtt.tcp_port == 8883
    assert config.reports is not None and config.reports.to.mail is not None
    assert config.notice is not None and config.notice.controller == "Museum of Clocks Ltd"
    assert [one.name for one in config.notify] == ["duty phone", "building system"]
    assert config.alerts[0].rule(900) == Rule(250, 230)


def test_the_example_is_not_written_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="exists already"):
        example.write(file)
    assert [one.name for one in tmp_path.iterdir()] == ["site.yaml"]
    assert file.read_text() == "mine"
    example.write(file, force=True)
    assert file.read_text() == example.EXAMPLE


def test_the_schema_that_the_example_names_stands_beside_it(tmp_path: Path) -> None:
    first, _, _ = example.EXAMPLE.partition("\n")
    schema = tmp_path / first.removeprefix("# yaml-language-server: $schema=")
    example.write(tmp_path / "a.yaml")
    assert json.loads(schema.read_text()) == json_schema()
    schema.write_text("mine")
    example.write(tmp_path / "b.yaml")
    assert schema.read_text() == "mine"
    example.write(tmp_path / "b.yaml", force=True)
    assert json.loads(schema.read_text()) == json_schema()


def test_the_example_begins_with_a_camera_if_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    example.write(file, example.FirstCamera("shop front", "rtsp://camera.example/s", "viewer", "a secret"))
    (camera,) = load(file).cameras
    assert (camera.name, camera.source, camera.lines) == ("shop front", "rtsp://camera.example/s", ())
    known = sign_in(camera, load(file))
    assert known is not None
    assert (known.username, known.password) == ("viewer", "a secret")
    assert (tmp_path / "shop front.password").stat().st_mode & 0o777 == 0o600
    assert "a secret" not in file.read_text()
    assert "# passerby: the configuration of a site." in file.read_text()


@pytest.mark.parametrize("source", ["rtsp://viewer:secret@camera.example/s", "http://camera.example/s"])
def test_a_first_camera_that_cannot_be_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(ConfigError, match="--camera entrance, --source") as refused:
        example.write(tmp_path / "site.yaml", example.FirstCamera("entrance", source))
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing\n").model_dump() == SiteConfig().model_dump()


def test_a_camera_becomes_a_plan_without_its_address(tmp_path: Path) -> None:
    config = read(tmp_path, "window_s: 300" + CAMERA)
    plan = camera_plan(config.cameras[0], config)
    assert plan.lines == (LinePlan("door", (0.3, 0.5), (0.7, 0.5)),)
    assert plan.zones == (ZonePlan("hall", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.9))),)
    assert plan.window_s == 300
    assert "camera.example" not in repr(plan)


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """site: {name: 12, time_zone: Mars/Olympus, nme: x}
window_s: 700
window_s: 8
web: {host: example.org, port: 99999}
wokers: 3
cameras:
  - name: "=cmd"
    source: rtsp://u:hunter2@host/x
    analysed_fps: 0.1
    lines: [{name: a, from: [0.3], to: [0.5, 1.2]}, {name: A, from: [0.3, 0.1], to: [0.3, 0.1]}]
"""
    assert [problem.split(": ")[:2] for problem in problems(tmp_path, text)] == [
        ["line 1", "site.name"],
        ["line 1", "site.nme"],
        ["line 1", "site.time_zone"],
        ["line 2", "window_s"],
        ["line 3", "window_s"],
        ["line 4", "web.host"],
        ["line 4", "web.port"],
        ["line 5", "wokers"],
        ["line 7", "cameras[0].name"],
        ["line 8", "cameras[0].source"],
        ["line 9", "cameras[0].analysed_fps"],
        ["line 10", "cameras[0].lines[0].from[1]"],
        ["line 10", "cameras[0].lines[0].to[1]"],
        ["line 10", "cameras[0].lines[1].name"],
        ["line 10", "cameras[0].lines[1]"],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wokers: 3", "wokers: no such key; did you mean workers?"),
        ("window_s: 700", "window_s: must divide an hour"),
        ("window_s: 30", "window_s: must be 60 or more"),
        ("window_s: 900.5", "window_s: write a whole number"),
        ("window_s: '900'", "window_s: write a whole number"),
        ("site: 3", "site: write keys with values"),
        ("- 3", "the file: write keys with values"),
        ("site: {name: yes}", "site.name: write a text; put it in quotes"),
        ("site: {name: ''}", "site.name: must not be empty"),
        ("site: {time_zone: ../../etc/passwd}", "site.time_zone: no such time zone"),
        ("store: {file: ''}", "store.file: must not be empty"),
        ("web: {port: 0}", "web.port: must be 1 or more"),
        ("mqtt: {}", "mqtt.host: is missing; it has to be given"),
        ("mqtt: {host: 'mqtt://a.example'}", "mqtt.host: write a name or an address alone, such as broker.example"),
        ("mqtt: {host: a, topic_prefix: 'a/#'}", "mqtt.topic_prefix: write letters, digits, . _ and -"),
        ("mqtt: {host: a, tls: maybe}", "mqtt.tls: write true, or ca: with the file of the authority"),
        ("mqtt: {host: a, tls: {cert: x}}", "mqtt.tls.cert: no such key; Known here: ca"),
        ("mqtt: {host: a, onvif: here}", "mqtt.onvif: write true, or prefix: with the first level of its topics"),
        ("mqtt: {host: a, onvif: {prefix: 'a/#'}}", "mqtt.onvif.prefix: write letters, digits, . _ and -"),
        ("mqtt: {host: a, password: x}", "mqtt.password: no such key"),
        ("web: {names: ['http://x']}", "web.names: write host names alone"),
        ("model: [3]", "model: write a name such as passerby-person-small, or file"),
        ("model: {file: a.onnx, family: yolo, input: [416, 256], threshold: 0.4}", "model.family: write 'passerby'"),
        ("model: {file: a.onnx, family: ssd, input: [400, 256], threshold: 0.4}", "model.input: both must be"),
        ("model: {file: a.onnx, family: ssd, input: [416, 256], threshold: 1.4}", "model.threshold: must be less"),
        (with_camera(source="http://camera/x"), "cameras[0].source: only rtsp:// and rtsps://"),
        (with_camera(source="rtsp://:554/x"), "cameras[0].source: the host or the port is missing"),
        (with_camera(source="rtsp://host:99999/x"), "cameras[0].source: not a valid address"),
        (with_camera(view="above"), "cameras[0].view: write 'level' or 'overhead'"),
        (with_camera(name="'@sum'"), "cameras[0].name: begin with a letter or digit"),
        (with_camera(lines="[{name: a, from: [0, 0], to: [1, .inf]}]"), "lines[0].to[1]: write a finite number"),
        (with_camera(zones="[{name: b, corners: [[0, 0], [1, 1], [0.5, 0.5]]}]"), "crosses or touches"),
        (with_zone("", "[0, 0], [1, 1], [1, 0], [0, 1]"), "edge 1 (from 0,0 to 1,1) crosses"),
        (with_zone("", "[0, 0], [1, 0], [1, 1.2]"), "zones[0].corners[2][1]: must be 1.0 or less"),
        (with_line("masks: true"), "needs purpose"),
        (with_line("purpose: because"), "write masks: true beside it"),
        (with_camera(view="overhead", lines=MASKED), "from straight above no face is seen"),
        (with_line("place: shop"), "there is no place shop; add it to places"),
        (with_zone("queue: {head: [0, 0], tail: [0, 0]}"), "same point"),
        (with_zone("crowd_limit: 0"), "crowd_limit: must be 1 or more"),
        (with_camera(staff_areas="[{corners: [[0, 0], [1, 1], [1, 0], [0, 1]]}]"), "staff_areas[0].corners: edge 1"),
        (with_camera(privacy_masks="[{corners: [[0, 0], [1, 1]]}]"), "privacy_masks[0].corners: give 3 or more"),
        (with_shelf("rows: 2"), "give corners, rows and columns, or facings"),
        (with_shelf(f"corners: {SHELF}, rows: 2, columns: 61"), "shelves[0].columns: must be 60 or less"),
        (with_shelf(f"corners: {SHELF}, rows: 20, columns: 7"), "at most 120: draw it as two"),
        (with_shelf(f"corners: {SHELF}, rows: 0, columns: 7"), "shelves[0].rows: must be 1 or more"),
        (with_shelf("corners: [[0, 0], [0, 1], [1, 1], [1, 0]], rows: 1, columns: 1"), "clockwise"),
        (with_shelf("corners: [[0, 0], [1, 0], [1, 1]], rows: 1, columns: 1"), "shelves[0].corners: give 4"),
        (with_shelf("corners: [[0, 0], [1, 0], [1, 1.1], [0, 1]], rows: 1, columns: 1"), "must be 1.0 or less"),
        (with_shelf(f"facings: [{{corners: {SHELF}}}], rows: 1"), "not both"),
        (with_shelf("facings: [{corners: [[0, 0], [1, 1], [1, 0], [0, 1]]}]"), "clockwise"),
        (with_shelf(f"corners: {SHELF}, rows: 1, columns: 1", name="a"), "another line, zone or shelf"),
        (
            with_camera(
                shelves=f"[{{name: s, corners: {SHELF}, rows: 1, columns: 1}}]", privacy_masks=f"[{{corners: {SHELF}}}]"
            ),
            "shelf s lies in a privacy mask",
        ),
        ("places: [{name: shop}, {name: Shop}]", "another place has this name"),
        ("places: [{name: shop, opens: 10:30}]", "write hours and minutes in quotes"),
        ("places: [{name: shop, opens: '25:00'}]", "write hours and minutes in quotes"),
        ("places: [{name: shop}]\n" + with_camera(zones=TWICE), "zones b and c overlap and belong to one place"),
        ("places: [{name: shop}]\n" + with_camera(), "places[0]: no line or zone belongs to it; write place: shop"),
        ("places: [{name: shop}]\n" + with_camera(zones=IN_SHOP), "places[0]: it has zones alone"),
        ("places: [{name: shop, zones_see_all: true}]\n" + with_camera(lines=TO_SHOP), "zones_see_all needs zones"),
        (with_line("masks: true, purpose: x"), "purpose: write 3 characters or more"),
        ("heat_map: {minimum_people: 1}", "heat_map.minimum_people: must be 2 or more"),
        ("profile: decree", "profile: write 'decree-2021-269'"),
        ("profile: decree-2021-269\n" + with_camera(lines=MASKED), "write 1200, 1800 or 3600"),
        ("window_s: 1200\nprofile: decree-2021-269\n" + with_camera(), "keeps only masks; write masks: true"),
        (with_camera(zones="[{name: a, corners: [[0, 0], [1, 0], [1, 1]]}]"), "another line, zone or shelf"),
        (with_camera(credentials="{username: u}"), "give one of password_file, password_env and password_credential"),
        (with_camera(credentials="{username: u, password: x}"), "did you mean password_env"),
        (with_camera(credentials="{username: u, password_credential: ../x}"), "write a name, not a path"),
        (with_camera() + "\n  - " + with_camera().partition("- ")[2], "cameras[1].name: another camera has this name"),
        ("a: &a [1]\nb: *a", "line 2: aliases (*name) are refused"),
        ("a: !!python/object:os.system x", "line 1: tags (!name) are refused"),
        ("a: " + "[" * 40 + "]" * 40, "nested too deeply"),
        ("a: [1", "did not find expected ',' or ']'"),
        ("a: 1\n---\nb: 2", "but found another document"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(problems(tmp_path, text))


def test_a_bomb_is_refused_at_once(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
    before = time.monotonic()
    assert "aliases" in problems(tmp_path, bomb)[0]
    assert time.monotonic() - before < 30


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    with pytest.raises(ConfigError, match="passerby init"):
        load(file)
    file.write_bytes(b"site: {name: \xff}")
    with pytest.raises(ConfigError, match="byte 13 is not UTF-8"):
        load(file)
    file.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load(file)


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = "\n".join(problems(tmp_path, with_camera(source="rtsp://admin:hunter2@camera.example/s")))
    assert "credentials must not stand in the address" in said
    assert "hunter2" not in said
    assert "admin" not in said


def test_names_of_every_script_are_welcome(tmp_path: Path) -> None:
    config = read(tmp_path, with_camera(name="Entrée 北口 (links)"))
    assert config.cameras[0].name == "Entrée 北口 (links)"


def test_a_password_comes_from_where_the_file_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from file\n")
    monkeypatch.setenv("DOOR_PASSWORD", "from environment")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for given, password in (
        ("password_file: secret", "from file"),
        ("password_env: DOOR_PASSWORD", "from environment"),
        ("password_credential: secret", "from file"),
    ):
        config = read(tmp_path, with_camera(credentials=f"{{username: viewer, {given}}}"))
        signed = sign_in(config.cameras[0], config)
        assert signed is not None
        assert (signed.username, signed.password) == ("viewer", password)
        assert password not in repr(signed)


@pytest.mark.parametrize("given", ["password_file: nowhere", "password_env: NOT_SET", "password_file: empty"])
def test_a_password_that_is_not_there_is_said(tmp_path: Path, given: str) -> None:
    (tmp_path / "empty").write_text("\n")
    config = read(tmp_path, with_camera(credentials=f"{{username: viewer, {given}}}"))
    with pytest.raises(ConfigError, match=r"camera entrance: .*(cannot be read|holds no password)"):
        sign_in(config.cameras[0], config)


def test_workers_follow_cores_and_cameras(tmp_path: Path) -> None:
    assert SiteConfig().worker_count == 1
    assert read(tmp_path, "workers: 5" + CAMERA).worker_count == 1
    two = CAMERA + CAMERA.partition("cameras:\n")[2].replace("entrance", "exit")
    assert read(tmp_path, two).worker_count == min(2, len(os.sched_getaffinity(0)))
    assert read(tmp_path, "workers: 1" + two).worker_count == 1
