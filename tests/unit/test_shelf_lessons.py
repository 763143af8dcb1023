"""What cannot be taught is refused with words, before any camera is asked."""

import json
from pathlib import Path

import pytest

from passerby.gate.messages import TeachState
from passerby.site.config_shelves import ShelfShape
from passerby.site.journal import Journal
from passerby.site.shelf_lessons import facing_words
from passerby.site.store import Store
from tests.support.program import in_words, passerby

CORNERS = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
SHELF = f"{{name: NAME, corners: {CORNERS}, rows: 2, columns: 3}}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Three cameras, of which nobody answers; one has two shelves, one none."""
    shelves = ", ".join(SHELF.replace("NAME", name) for name in ("crisps", "tea"))
    cameras = [
        f"  - {{name: aisle, source: rtsp://127.0.0.1:9/a, view: overhead, shelves: [{shelves}]}}",
        f"  - {{name: till, source: rtsp://127.0.0.1:9/b, view: overhead, shelves: [{SHELF.replace('NAME', 'gum')}]}}",
        "  - {name: door, source: rtsp://127.0.0.1:9/c, view: overhead}",
    ]
    (tmp_path / "site.yaml").write_text("cameras:\n" + "\n".join(cameras) + "\n")
    return tmp_path / "site.yaml"


def with_store(site: Path) -> Journal:
    with Store(site.with_name("passerby.sqlite")) as store:
        return Journal(store.file)


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        (("nowhere", "--state", "full"), 2, "there is no camera nowhere; there is: aisle, till, door"),
        (("door", "--state", "full"), 2, "camera door has no shelves"),
        (("aisle", "--state", "full"), 2, "name one with --shelf: crisps, tea"),
        (("aisle", "--state", "full", "--shelf", "soap"), 2, "no shelf soap; there is: crisps, tea"),
        (("till", "--state", "now"), 2, "teach it full and empty, as it is drawn"),
    ],
)
def test_what_cannot_be_taught_is_told(site: Path, asked: tuple[str, ...], status: int, words: str) -> None:
    journal = with_store(site)
    ran = passerby("shelves", "teach", site, *asked)
    assert (ran.status, ran.out) == (status, "")
    assert words in in_words(ran)
    assert journal.since(0) == [], "nothing was begun"


def test_a_camera_that_does_not_answer_is_told_at_once(site: Path) -> None:
    journal = with_store(site)
    ran = passerby("shelves", "teach", site, "till", "--state", "full", timeout_s=60)
    assert ran.status == 2
    words = in_words(ran)
    assert "camera till: nothing listens at this address and port" in words
    assert "Nothing was taught. A camera that allows one connection alone" in words
    assert [one.action for one in journal.since(0)] == ["teaching of a shelf began"]


def test_what_is_no_video_is_not_put_down_to_a_second_connection(site: Path) -> None:
    with_store(site)
    site.with_name("film.mp4").write_text("no video")
    site.write_text(site.read_text().replace("rtsp://127.0.0.1:9/b", "film.mp4"))
    ran = passerby("shelves", "teach", site, "till", "--state", "full", timeout_s=60)
    assert ran.status == 2
    assert (
        in_words(ran)
        .strip()
        .endswith("it is not a video. Check the path, or whether the file is whole. Nothing was taught.")
    )


def test_a_site_without_shelves_says_how_to_begin_one(site: Path) -> None:
    site.write_text("cameras: [{name: door, source: rtsp://127.0.0.1:9/c}]\n")
    ran = passerby("shelves", "list", site)
    assert (ran.status, ran.out) == (
        0,
        "No camera has a shelf. Draw one with Set-up on the page, or add shelves: to a camera.\n",
    )


def test_a_site_that_never_ran_says_what_to_do(site: Path) -> None:
    ran = passerby("shelves", "teach", site, "till", "--state", "full")
    assert ran.status == 5
    assert "start the site once" in in_words(ran)


def test_the_list_says_what_was_not_taught(site: Path) -> None:
    with_store(site)
    ran = passerby("shelves", "list", site)
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.splitlines() if line.split()[1:2] in (["aisle"], ["till"])]
    assert [(row[1], row[3]) for row in rows] == [("aisle", "crisps"), ("aisle", "tea"), ("till", "gum")]
    assert not any("full" in row for row in rows)


def test_a_facing_is_told_by_row_and_column_or_by_its_number() -> None:
    grid = ShelfShape.model_validate_json(json.dumps({"name": "a", "corners": CORNERS, "rows": 2, "columns": 3}))
    by_hand = ShelfShape.model_validate_json(json.dumps({"name": "a", "facings": [{"corners": CORNERS}] * 2}))
    assert [facing_words(grid, facing) for facing in (0, 2, 3)] == [
        "row 1 column 1",
        "row 1 column 3",
        "row 2 column 1",
    ]
    assert facing_words(by_hand, 1) == "facing 2"


def test_the_command_takes_the_states_that_there_are(site: Path) -> None:
    assert [state.value for state in TeachState] == ["full", "empty", "now"]
    assert passerby("shelves", "teach", site, "till", "--state", "half").status == 2
