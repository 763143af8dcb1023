"""Lines and zones as they are written on the command line."""

from dataclasses import replace

import pytest

from passerby.errors import ConfigError
from passerby.gate.messages import LinePlan, QueuePlan, ZonePlan
from passerby.site.shapes import Shapes, Written, parse_places

LINE = "door=0.1,0.5:0.9,0.5"


def problems(lines: list[str], zones: list[str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_places(Written(tuple(lines), tuple(zones)))
    return caught.value.problems


def read(lines: list[str], zones: list[str]) -> Shapes:
    return parse_places(Written(tuple(lines), tuple(zones)))


def test_fractions() -> None:
    shapes = read([LINE, "side = 0,.5 : 1,1."], ["hall=0,0:1,0:1,1:0,1"])
    assert shapes.lines == (LinePlan("door", (0.1, 0.5), (0.9, 0.5)), LinePlan("side", (0, 0.5), (1, 1)))
    assert shapes.zones == (ZonePlan("hall", ((0, 0), (1, 0), (1, 1), (0, 1))),)


def test_pixels() -> None:
    shapes = read(["door=560px,100px:560px,575.5px"], ["hall=0px,0px:100px,0px:100px,100px"])
    assert shapes.lines == (LinePlan("door", (560, 100), (560, 575.5), in_px=True),)
    assert shapes.zones[0].in_px


def test_a_name_may_be_of_any_writing() -> None:
    shapes = read(["Haupteingang Süd=0,0:1,1"], [])
    assert shapes.lines[0].name == "Haupteingang Süd"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("door", "no name or no points"),
        ("=0,0:1,1", "no name or no points"),
        ("door=", "no name or no points"),
        ("door=0,0", "a line has two points"),
        ("door=0,0:1,1:0,1", "a line has two points"),
        ("door=0,0:1", "a point cannot be read"),
        ("door=0,0:1,x", "a point cannot be read"),
        ("door=0,0:1,nan", "a point cannot be read"),
        ("door=0,0:1,1e5", "a point cannot be read"),
        ("door=0,0:1,1cm", "a point cannot be read"),
        ("door=0,0,0:1,1", "a point cannot be read"),
        ("door=0,0:560px,1px", "mixes fractions and pixels"),
        ("door=0,0:1.5,1", "larger than 1"),
        ("door=0,0:560,100", "write px behind each number"),
        ("door=0,0:-0.1,1", "outside the picture"),
        ("door=0px,0px:-5px,1px", "outside the picture"),
        ("door=0.5,0.5:0.5,0.5", "same point"),
        ("door=5px,5px:5px,5px", "same point"),
    ],
)
def test_a_line_that_cannot_be_read(text: str, words: str) -> None:
    (problem,) = problems([text], [])
    assert words in problem
    assert "door" in problem or text.startswith("=")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hall=0,0:1,1", "three different corners"),
        ("hall=0,0:1,1:0,0", "three different corners"),
        ("hall=0,0:0.5,0.5:1,1", "crosses or touches"),
        ("hall=0,0:1,1:1,0:0,1", "crosses or touches"),
        ("hall=0,0:1,0:1,2", "larger than 1"),
        ("hall=0,0:1,0:1,1px", "mixes"),
    ],
)
def test_a_zone_that_cannot_be_read(text: str, words: str) -> None:
    (problem,) = problems([], [text])
    assert words in problem


def test_every_mistake_at_once() -> None:
    found = problems(["a=0,0", LINE, LINE], ["door=0,0:1,0:1,1", "b=?"])
    assert len(found) == 3
    assert "'door' stands twice" in found[-1]


def test_nothing_to_count_is_said() -> None:
    assert "nothing to count" in problems([], [])[0]


def test_what_is_asked_of_zones() -> None:
    written = Written(
        zones=("till=0,0:1,0:1,1:0,1",),
        queues=("till=0.5,0.1:0.5,0.9",),
        crowd_limits=("till=20",),
        staff_areas=("0,0:0.2,0:0.2,0.2",),
        privacy_masks=("0.8,0.8:1,0.8:1,1",),
        masks=True,
    )
    till = ZonePlan("till", ((0, 0), (1, 0), (1, 1), (0, 1)), False, True, 20, QueuePlan((0.5, 0.1), (0.5, 0.9)))
    staff, blank = ((0, 0), (0.2, 0), (0.2, 0.2)), ((0.8, 0.8), (1, 0.8), (1, 1))
    assert parse_places(written) == Shapes((), (till,), (staff,), (blank,))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (Written(queues=("shop=0,0:1,1",)), "there is no zone 'shop'; zones: till"),
        (Written(queues=("till=0,0",)), "two different points"),
        (Written(queues=("till=0,0:0,0",)), "two different points"),
        (Written(queues=("till=0px,0px:9px,9px",)), "in the units of the zone"),
        (Written(crowd_limits=("till=0",)), "how many people may be in it"),
        (Written(crowd_limits=("till=many",)), "how many people may be in it"),
        (Written(crowd_limits=("shop=9",)), "there is no zone 'shop'"),
        (Written(queues=("till=0,0:1,1", "till =0,0:0,1")), "--queue till: given twice"),
        (Written(crowd_limits=("till=9", "till=8")), "--crowd-limit till: given twice"),
        (Written(staff_areas=("0,0:1,1",)), "three different corners"),
        (Written(staff_areas=("0px,0px:1px,1px:1px,0px",)), "only fractions"),
        (Written(privacy_masks=("0,0:1,1:1,0:0,1",)), "crosses or touches"),
    ],
)
def test_what_is_asked_wrongly_is_said(written: Written, words: str) -> None:
    asked = replace(written, zones=("till=0,0:1,0:1,1:0,1",))
    with pytest.raises(ConfigError) as caught:
        parse_places(asked)
    (problem,) = caught.value.problems
    assert words in problem


def test_a_heat_map_needs_no_line() -> None:
    assert parse_places(Written(), nothing_else=False) == Shapes((), ())
