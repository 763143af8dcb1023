"""Drawing lines and zones on the still."""

import re

import numpy as np
import pytest

from passerby.core.geometry import Line
from passerby.gate.messages import CameraPlan, LinePlan, ZonePlan
from passerby.site.config_shelves import ShelfShape
from passerby.site.setup.drawing import Drawing, Kind, overlay
from passerby.site.setup.edit import Grid, Shape

PLAN = CameraPlan("entrance", (LinePlan("door", (0.3, 0.5), (0.7, 0.5)),), (ZonePlan("mat", ((0, 0), (1, 0), (1, 1))),))


def is_open(drawing: Drawing) -> bool:
    return drawing.open is not None


def test_two_presses_make_a_line() -> None:
    drawing = Drawing("entrance")
    drawing.begin(Kind.LINE)
    drawing.press((0.2, 0.5))
    assert drawing.problems() == ["door: two points make a line"]
    drawing.press((1.4, -0.1))  # a finger that slipped off the picture
    assert not is_open(drawing)
    assert drawing.shapes().lines == (Shape("door", ((0.2, 0.5), (1.0, 0.0))),)
    assert drawing.problems() == []


def test_a_zone_is_closed_by_hand() -> None:
    drawing = Drawing.of(PLAN)
    drawing.begin(Kind.ZONE)
    for corner in ((0, 0), (0.5, 0)):
        drawing.press(corner)
    drawing.close()
    assert is_open(drawing), "two corners are no zone"
    drawing.press((0.5, 0.5))
    drawing.close()
    assert not is_open(drawing)
    assert drawing.shapes().zones[1] == Shape("hall", ((0, 0), (0.5, 0), (0.5, 0.5)))


def test_four_presses_in_any_order_make_a_shelf_and_its_grid_is_shown() -> None:
    drawing = Drawing("aisle")
    drawing.begin(Kind.SHELF)
    for corner in ((0.9, 0.8), (0.1, 0.2), (0.9, 0.1), (0.2, 0.9)):
        assert is_open(drawing)
        drawing.press(corner)
    assert not is_open(drawing)
    around = ((0.1, 0.2), (0.9, 0.1), (0.9, 0.8), (0.2, 0.9))
    drawing.divide(0, Grid(2, 3, "snacks"))
    assert drawing.shapes().shelves == (Shape("shelf", around, grid=Grid(2, 3, "snacks")),)
    assert drawing.problems() == []
    assert overlay(drawing, (256, 192)).count("<polygon") == 1 + 2 * 3


def test_a_shelf_that_cannot_be_is_told() -> None:
    shelf = ShelfShape.model_construct(
        name="crisps", aisle=None, corners=((0, 0), (1, 0), (1, 1), (0, 1)), rows=4, columns=6
    )
    drawing = Drawing.of(PLAN, (shelf,))
    assert drawing.problems() == []
    drawing.divide(2, Grid(12, 11))
    (problem,) = drawing.problems()
    assert "crisps: 12 rows of 11; a shelf has at most 120 facings" in problem
    drawing.divide(2, Grid(0, 3))
    assert len(drawing.problems()) == 1
    drawing.divide(2, Grid(2, 3))
    drawing.move(2, 2, (0.1, 0.1))
    assert "without a dent" in drawing.problems()[0]
    assert "<polygon" in overlay(drawing, (256, 192))


def test_shelves_that_are_not_known_stay_as_they_are() -> None:
    assert Drawing.of(PLAN).shapes().shelves is None


def test_what_is_configured_can_be_moved_and_keeps_its_name_in_the_file() -> None:
    drawing = Drawing.of(PLAN)
    drawing.press((0.69, 0.52))
    drawing.release((0.8, 0.6))
    drawing.press((0.5, 0.95))
    drawing.release((0.1, 0.1))  # nothing was held
    drawing.rename(0, "main door")
    assert drawing.shapes().lines == (Shape("main door", ((0.3, 0.5), (0.8, 0.6)), was="door"),)


def test_a_line_is_turned() -> None:
    drawing = Drawing.of(PLAN)
    drawing.turn(0)
    assert drawing.plans()[0] == (LinePlan("door", (0.7, 0.5), (0.3, 0.5)),)


def test_what_is_begun_and_given_up_leaves_nothing() -> None:
    drawing = Drawing.of(PLAN)
    drawing.begin(Kind.LINE)
    drawing.press((0.1, 0.1))
    drawing.begin(Kind.ZONE)
    drawing.cancel()
    drawing.remove(1)
    assert [one.shape.name for one in drawing.drawn] == ["door"]


@pytest.mark.parametrize(
    ("points", "name", "words"),
    [
        (((0, 0), (1, 1), (1, 0), (0, 1)), "bow", "cross"),
        (((0, 0), (1, 0), (1, 1)), " ", "a zone has no name"),
        (((0, 0), (1, 0), (1, 1)), "Door", "Door: two have this name"),
    ],
)
def test_what_cannot_be_counted_at_is_said(points: tuple[tuple[float, float], ...], name: str, words: str) -> None:
    drawing = Drawing.of(PLAN)
    drawing.begin(Kind.ZONE)
    for point in points:
        drawing.press(point)
    drawing.close()
    drawing.rename(2, name)
    assert any(words in problem for problem in drawing.problems())


def test_the_arrow_points_to_where_in_is() -> None:
    """The word beside its tip stands on the side that the counter calls in."""
    line = Line("door", (0.3, 0.5), (0.7, 0.55)).scaled(256, 192)
    drawing = Drawing.of(CameraPlan("a", (LinePlan("door", (0.3, 0.5), (0.7, 0.55)),)))
    for is_turned in (False, True):
        found = re.search(r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="middle">in', overlay(drawing, (256, 192)))
        assert found
        distance = line.distance_px(np.array([[float(found[1]), float(found[2])]]))[0]
        assert (distance > 0) is not is_turned
        drawing.turn(0)


def test_names_are_no_markup() -> None:
    drawing = Drawing.of(PLAN)
    drawing.rename(0, "<script>")
    assert "<script>" not in overlay(drawing, (256, 192))
