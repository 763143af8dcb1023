"""Lines and zones as they are written on the command line."""

import pytest

from passerby.errors import ConfigError
from passerby.gate.messages import LinePlan, ZonePlan
from passerby.site.shapes import parse_places

LINE = "door=0.1,0.5:0.9,0.5"


def problems(lines: list[str], zones: list[str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_places(lines, zones)
    return caught.value.problems


def test_fractions() -> None:
    lines, zones = parse_places([LINE, "side = 0,.5 : 1,1."], ["hall=0,0:1,0:1,1:0,1"])
    assert lines == (LinePlan("door", (0.1, 0.5), (0.9, 0.5)), LinePlan("side", (0, 0.5), (1, 1)))
    assert zones == (ZonePlan("hall", ((0, 0), (1, 0), (1, 1), (0, 1))),)


def test_pixels() -> None:
    lines, zones = parse_places(["door=560px,100px:560px,575.5px"], ["hall=0px,0px:100px,0px:100px,100px"])
    assert lines == (LinePlan("door", (560, 100), (560, 575.5), in_px=True),)
    assert zones[0].in_px


def test_a_name_may_be_of_any_writing() -> None:
    lines, _ = parse_places(["Haupteingang Süd=0,0:1,1"], [])
    assert lines[0].name == "Haupteingang Süd"


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
        ("hall=0,0:0.5,0.5:1,1", "no area"),
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
