"""What set-up writes into the configuration: the shapes, and not a comment or key less."""

from pathlib import Path

import pytest

from passerby.errors import ConfigError
from passerby.site import example
from passerby.site.config import load
from passerby.site.setup.edit import Grid, Shape, Shapes, SiteFile

TEXT = """\
# The shop in the High Street.
site:
  name: "Shop"   # stands at the top
  time_zone: null   # of this machine
places:
  - {name: shop, opens: "06:00"}
cameras:
  # At the front.
  - name: entrance
    source: rtsp://camera.example/s   # sub-stream
    lines:
      # Over the mat.
      - name: door
        from: [0.3, 0.5]   # left post
        to: [0.7, 0.5]
        place: shop
        masks: on
        purpose: to see whether the offer is taken
      - {name: side, from: [0, 0], to: [1, 1]}
  - name: back   # no lines yet
    source: rtsp://camera.example/b
    zones:
      - {name: yard, corners: [[0, 0], [1, 0], [1, 1]]}
"""
DOOR = Shape("door", ((0.3, 0.5), (0.7, 0.5)), was="door")
SIDE = Shape("side", ((0, 0), (1, 1)), was="side")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(TEXT)
    return path


def test_what_is_not_changed_stays_to_the_letter(file: Path) -> None:
    SiteFile(file).save(Shapes("entrance", (DOOR, SIDE), ()))
    assert file.read_text() == TEXT


def test_a_line_that_is_moved_keeps_its_other_keys_and_comments(file: Path) -> None:
    moved = Shape("main door", ((0.25, 0.6), (0.75, 0.6123456)), was="door")
    SiteFile(file).save(Shapes("entrance", (moved, SIDE), ()))
    changed = [
        pair for pair in zip(TEXT.splitlines(), file.read_text().splitlines(), strict=True) if pair[0] != pair[1]
    ]
    assert [new.strip() for _old, new in changed] == [
        "- name: main door",
        "from: [0.25, 0.6]  # left post",
        "to: [0.75, 0.612]",
    ]
    line = load(file).cameras[0].lines[0]
    assert (line.name, line.masks, line.place) == ("main door", True, "shop")


def test_new_lines_and_zones_are_added_and_old_ones_removed(file: Path) -> None:
    new = Shape("gate", ((0.1, 0.2), (0.3, 0.4)))
    zone = Shape("till", ((0, 0), (0.5, 0), (0.5, 0.5)))
    SiteFile(file).save(Shapes("entrance", (DOOR, new), (zone,)))
    camera = load(file).cameras[0]
    assert [line.name for line in camera.lines] == ["door", "gate"]
    assert [list(corner) for corner in camera.zones[0].corners] == [[0, 0], [0.5, 0], [0.5, 0.5]]
    assert "# Over the mat." in file.read_text()


def test_a_camera_without_lines_gets_its_first(file: Path) -> None:
    yard = Shape("yard", ((0, 0), (1, 0), (1, 1)), was="yard")
    SiteFile(file).save(Shapes("back", (Shape("gate", ((0, 0.5), (1, 0.5))),), (yard,)))
    assert load(file).cameras[1].lines[0].name == "gate"


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (Shapes("attic", (), ()), "there is no camera attic any more"),
        (Shapes("entrance", (DOOR, Shape("door", ((0, 0), (1, 1)))), ()), "has this name"),
        (Shapes("entrance", (Shape("point", ((0, 0), (0, 0))),), ()), "point"),
        (Shapes("entrance", (DOOR,), (Shape("bow", ((0, 0), (1, 1), (1, 0), (0, 1))),)), "cross"),
        (Shapes("entrance", (), ()), "no line or zone belongs to it"),
    ],
)
def test_what_the_site_would_not_take_is_not_written(file: Path, shapes: Shapes, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        SiteFile(file).save(shapes)
    assert words in str(refused.value)
    assert ".new" not in str(refused.value)
    assert file.read_text() == TEXT
    assert [one.name for one in file.parent.iterdir()] == ["site.yaml"]


def test_a_file_that_somebody_else_changed_is_left_alone(file: Path) -> None:
    opened = SiteFile(file)
    file.write_text(TEXT + "# somebody else\n")
    with pytest.raises(ConfigError, match="changed meanwhile"):
        opened.save(Shapes("entrance", (DOOR,), ()))
    assert file.read_text().endswith("# somebody else\n")


def test_the_files_rights_stay(file: Path) -> None:
    file.chmod(0o640)
    SiteFile(file).save(Shapes("entrance", (DOOR,), ()))
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_first_configuration_changes_by_the_new_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    example.write(path, example.FirstCamera("entrance", "rtsp://camera.example/s"))
    before = path.read_text().splitlines()
    SiteFile(path).save(Shapes("entrance", (DOOR,), ()))
    after = path.read_text().splitlines()
    assert [line for line in before if line not in after] == []
    assert [line.strip() for line in after if line not in before] == [
        "lines:",
        "- {name: door, from: [0.3, 0.5], to: [0.7, 0.5]}",
    ]


def test_dashes_at_the_margin_stay_there(file: Path) -> None:
    text = "cameras:\n- name: a\n  source: a.mp4\n  lines:\n  - name: x\n    from: [0, 0]\n    to: [1, 1]\n"
    file.write_text(text)
    SiteFile(file).save(Shapes("a", (Shape("x", ((0, 0), (1, 1)), was="x"),), ()))
    assert file.read_text() == text


SHELVES = """\
cameras:
  - name: aisle
    source: rtsp://camera.example/s
    shelves:
      # Beside the till.
      - name: crisps   # new in May
        corners: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.5], [0.1, 0.5]]
        rows: 2   # boards
        columns: 3
        confirm_s: 30
      - name: by hand
        facings: [{corners: [[0, 0.6], [0.5, 0.6], [0.5, 0.9], [0, 0.9]]}]
      - {name: gone, corners: [[0, 0], [1, 0], [1, 1], [0, 1]], rows: 1, columns: 1}
"""


def test_shelves_are_written_and_facings_drawn_by_hand_stay(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SHELVES)
    corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.5), (0.1, 0.5))
    crisps = Shape("crisps", corners, "crisps", Grid(2, 4, "snacks"))
    tea = Shape("tea", corners, None, Grid(1, 2))
    SiteFile(path).save(Shapes("aisle", (), (), (crisps, tea)))
    written = path.read_text()
    for comment in ("# Beside the till.", "# new in May", "# boards"):
        assert comment in written
    shelves = load(path).cameras[0].shelves
    assert [(one.name, one.rows, one.columns, one.aisle) for one in shelves] == [
        ("crisps", 2, 4, "snacks"),
        ("by hand", None, None, None),
        ("tea", 1, 2, None),
    ]
    assert shelves[0].confirm_s == 30
    assert SHELVES.splitlines()[6] in written, "corners that did not change stay as they were written"
    SiteFile(path).save(Shapes("aisle", (), ()))
    assert len(load(path).cameras[0].shelves) == 3, "what is not known is left alone"
