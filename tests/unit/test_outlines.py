"""Shores and borders behind the venues of a hub's map."""

import itertools
import json

from passerby.hub.pages.outlines import LEAST_DEGREES, outlines_in


def test_no_line_leaps_across_the_map() -> None:
    world = outlines_in(-180, -90, 180, 90)
    assert len(world) > 300
    assert max(abs(a[0] - b[0]) for line in world for a, b in itertools.pairwise(line)) < 30
    assert all(-180 <= x <= 180 and -90 <= y <= 90 for line in world for x, y in line)


def test_a_part_of_the_world_has_its_lines_alone_and_finer() -> None:
    alps = outlines_in(5, 43, 17, 49)
    assert 5 < len(alps) < 60
    world = sum(map(len, outlines_in(-180, -90, 180, 90)))
    assert len(json.dumps(outlines_in(-180, -90, 180, 90), separators=(",", ":"))) < 90_000, "what a browser is sent"
    assert sum(map(len, alps)) < world / 5


def test_a_city_has_none() -> None:
    assert outlines_in(16.1, 48.0, 16.6, 48.0 + LEAST_DEGREES / 2) == []
