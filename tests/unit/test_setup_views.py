"""What the site keeps of a view: one signature for each camera, from the save of its drawing until the next."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from passerby.errors import StoreError
from passerby.gate.guard import Job
from passerby.gate.messages import SIGNATURE_BYTES, CameraPlan
from passerby.gate.sources import parse
from passerby.site.journal import Journal
from passerby.site.proof.lines import provable_lines
from passerby.site.setup.desk import SetupDesk
from passerby.site.setup.drawing import Drawing
from passerby.site.setup.views import Views
from passerby.site.store import Store
from tests.unit.test_setup_mode import LINE

ONE, OTHER = bytes(SIGNATURE_BYTES), bytes([1]) * SIGNATURE_BYTES
STREAM = "rtsp://192.0.2.1/stream"


def job(name: str, **more: Any) -> Job:
    return Job(CameraPlan(name, (LINE,), **more), parse(STREAM))


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Of a store that a site holds open."""
    with Store(tmp_path / "site.db") as store:
        yield store.file


def kept(file: Path) -> dict[str, bytes]:
    with sqlite3.connect(file) as connection:
        return dict(connection.execute("SELECT camera, signature FROM setup_view").fetchall())


def test_a_view_is_handed_to_its_live_camera(file: Path) -> None:
    views = Views(file)
    views.keep("door", ONE)
    views.keep("door", OTHER)
    views.keep("tape", ONE)
    jobs = [job("door"), job("hall"), job("tape", recording_start_unix_s=0)]
    assert [one.plan.reference for one in views.handed(jobs)] == [OTHER, None, None]
    assert [one.source for one in views.handed(jobs)] == [one.source for one in jobs]


def test_a_view_goes_with_its_camera_and_with_a_drawing_that_has_none(file: Path) -> None:
    views = Views(file)
    for camera in ("door", "hall", "shop"):
        views.keep(camera, ONE)
    views.keep("hall", None)
    assert views.handed([job("hall"), job("shop")])[0].plan.reference is None
    assert kept(file) == {"shop": ONE}


def test_what_is_proved_of_a_line_does_not_depend_on_it(file: Path) -> None:
    views = Views(file)
    views.keep("door", ONE)
    jobs = [job("door")]
    assert provable_lines(views.handed(jobs), None) == provable_lines(jobs, None)


def test_without_a_store_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store"):
        Views(tmp_path / "none.db").keep("door", ONE)


class Asked:
    """The parts of a desk that this is not about."""

    done: list[str]

    def __init__(self) -> None:
        self.done = []

    def signature(self, camera: str) -> bytes | None:
        return ONE if camera == "door" and not self.done else None

    def save(self, _shapes: object) -> None:
        self.done.append("file")

    def end(self, _account: str) -> None:
        self.done.append("end")

    def ask(self) -> None:
        self.done.append("ask")


def test_with_a_drawing_the_view_is_kept_and_entered_in_the_log(file: Path, tmp_path: Path) -> None:
    asked: Any = Asked()
    journal = Journal(file)
    desk = SetupDesk(asked, (), tmp_path / "site.yaml", asked, journal, Views(file))
    desk.save(asked, Drawing("door"), "ada")
    assert asked.done == ["file", "end", "ask"]
    assert kept(file) == {"door": ONE}
    assert [(one.account, one.action, one.detail) for one in reversed(journal.since(0))] == [
        ("ada", "configuration changed", "lines, zones and shelves of camera door"),
        ("ada", "edges of an empty view kept", "camera door, 1536 bytes"),
    ]
    desk.save(asked, Drawing("door"), "ada")
    assert kept(file) == {}, "the view of an older drawing is not the one of this"
