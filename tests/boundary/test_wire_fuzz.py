"""Tries to smuggle through a delivery what no field is for: a picture, a track number, a text, a moment of one person.

Whatever is sent, in the hub's files there is nothing but names of the layout and numbers of the grid.
"""

import copy
import json
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerby.core.tallies import Measure
from passerby.hub.contract import Span
from passerby.hub.fleet import Fleet
from passerby.hub.gather import Desk, Sender
from passerby.hub.gather.reading import Read, RefusedError, read
from passerby.hub.series import SqliteSeries
from passerby.records.wire.batches import CameraStanding, PlaceStanding, ShelfStanding
from passerby.records.wire.checking import problem_of_batch, problem_of_layout, problem_of_standing
from tests.support.outboxes import LAYOUT, MINUTE, NOW, OUTBOX, Clock, batch, delivery, row, standing

SECRET = "Maria Curie; red coat; 10:41:07"
"""No name, or it could be that of a camera: names are texts, and docs/claims/hub.md says so."""
PICTURE = "/9j/4AAQSkZJRgABAQEAYABgAAD" * 40
SMUGGLED: list[Any] = [
    *(
        SECRET,
        PICTURE,
        [SECRET],
        {"text": SECRET},
        41.7,
        -1,
        2**63,
        10**30,
        1e308,
        True,
        None,
        [],
        {},
        "",
        "\x00\x1b[2J",
    ),
    *("=HYPERLINK()", "../../etc", "door\nhall", " ", "a" * 65, NOW + 0.5, [[[[[[[[1]]]]]]]], "door\u202ehall"),
]
SAID = standing(
    cameras=(CameraStanding(0, 1, 0, ("codec", "dark")), CameraStanding(1, 2, -1)),
    places=(PlaceStanding(3, 125, 40, MINUTE),),
    shelves=(ShelfStanding(2, 12, 1, 2, 3),),
)
GOOD = msgspec.to_builtins(delivery(batch(1, row(-2), row(-1)), batch(2, row(-3)), said=SAID))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Desk]:
    series, fleet = SqliteSeries(tmp_path / "series.sqlite"), Fleet(tmp_path / "fleet.sqlite")
    desk = Desk(series, fleet, Clock())
    yield desk
    desk.close()
    fleet.close()
    series.close()


def paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    for key, child in children:
        yield from paths(child, (*path, key))


def changed(path: tuple[Any, ...], change: str, value: Any) -> Any:
    """The good delivery with something else at one of its places, or beside it."""
    told = json.loads(json.dumps(GOOD))
    if not path:
        return {**told, "note": value}
    node = told
    for key in path[:-1]:
        node = node[key]
    last = path[-1]
    if change == "replace":
        node[last] = value
    elif change == "inside" and isinstance(node[last], dict):
        node[last]["note"] = value
    elif change == "inside" and isinstance(node[last], list):
        node[last].append(value)
    elif isinstance(node, list):
        node.insert(last, value)
    else:
        node[f"{last}_2"] = value
    return told


def next_of(hub: Desk, told: Any, path: tuple[Any, ...]) -> Any:
    """The same with numbers that the hub does not have yet, or it would not even look at the batches."""
    mark = hub._series.marks(1).get(OUTBOX, 0)
    if path[:1] == ("batches",) and path[-1] != "sequence" and isinstance(told["batches"], list):
        for n, one in enumerate(told["batches"], start=1):
            if isinstance(one, dict):
                one["sequence"] = mark + n
    return told


def take(hub: Desk, told: bytes, encoding: str = "identity") -> bool:
    """Whether a hub took anything of it."""
    try:
        pending = hub.hand_in(Sender(1, "UTC"), told, encoding)
    except RefusedError:
        return False
    if pending.stored:
        pending.stored.result(60)
    return True


def nothing_else(hub: Desk, folder: Path) -> None:
    """In the hub's tables there is nothing but what may be."""
    hub._fleet.save()
    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    assert b"Curie" not in kept
    assert PICTURE[:40].encode() not in kept
    for layout in hub._series.layouts(1).values():
        assert problem_of_layout(layout) is None
    known = hub._fleet.of(1)
    if known.standing is not None and known.layout is not None:
        assert problem_of_standing(known.standing, known.layout) is None
    span = Span(0, 2**41 // 3600 * 3600)
    for point in hub._series.course(1, span, 60, list(Measure)):
        assert point.width_s >= 60
        assert point.start_unix_s % point.width_s == 0
        assert point.measure is not Measure.HEAT
        assert (point.sum.total / point.measure.grid).is_integer() or point.measure.grid < 1


@pytest.mark.parametrize("change", ["replace", "inside", "beside"])
def test_nothing_else_fits_into_any_place_of_a_delivery(change: str, hub: Desk, tmp_path: Path) -> None:
    assert take(hub, msgspec.json.encode(GOOD))
    for path in paths(GOOD):
        for value in SMUGGLED:
            told = changed(path, change, value)
            take(hub, json.dumps(next_of(hub, told, path)).encode())
    assert hub._series.marks(1)[OUTBOX] > 1000
    nothing_else(hub, tmp_path)


def _read(told: bytes) -> tuple[Read | None, str]:
    try:
        return read(told), ""
    except RefusedError as error:
        return None, error.words


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_PLACES = sorted(paths(GOOD), key=str)


@given(st.sampled_from(_PLACES), st.sampled_from(["replace", "inside", "beside"]), _JSON)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_read_is_of_the_contract_and_says_no_more(path: tuple[Any, ...], change: str, value: Any) -> None:
    told = changed(path, change, value)
    found, words = _read(json.dumps(told).encode())
    if found is None:
        assert len(words) < 300
        assert len(str(value)) < 4 or str(value) not in words
        return
    for one in found.batches:
        # Written again it is what was sent: nothing was left out, and nothing was made of it.
        assert json.loads(msgspec.json.encode(one)) in json.loads(json.dumps(told["batches"]))
        assert all(type(number) is int for each in one.rows for number in msgspec.to_builtins(each))
    for aside in found.aside:
        assert set(msgspec.json.decode(aside.raw)) == {"sha256", "bytes"}
        assert aside.outbox == OUTBOX or change == "replace"
    for layout in found.layouts.values():
        assert problem_of_layout(layout) is None


def _numbers() -> Iterator[tuple[str, Any]]:
    """Rows that have the form of the contract, and that no site seals."""
    good = row()
    for name, value in {
        "start_unix_s": good.start_unix_s + 7,
        "width_s": 61,
        "total_milli": 1,
        "exposure_milli": 60_050,
        "measure": int(Measure.HEAT),
        "part": 1,
        "place": 1,
    }.items():
        yield name, msgspec.structs.replace(good, **{name: value})
    yield "too long", msgspec.structs.replace(good, exposure_milli=61_000)
    yield "not over", msgspec.structs.replace(good, start_unix_s=MINUTE)
    yield "a place of several cameras", msgspec.structs.replace(good, place=3)
    masks = msgspec.structs.replace(good, measure=int(Measure.MASKED))
    yield "more than asked", msgspec.structs.replace(masks, total_milli=5000, exposure_milli=4000)
    yield "half a person", msgspec.structs.replace(masks, total_milli=0, exposure_milli=4500)
    yield "a facing", msgspec.structs.replace(good, place=2, measure=int(Measure.SHELF_EMPTY), part=3)


@pytest.mark.parametrize("bad", [one for _, one in _numbers()], ids=[name for name, _ in _numbers()])
def test_a_moment_or_a_place_that_no_tally_has_is_set_aside(bad: Any, hub: Desk) -> None:
    assert problem_of_batch(batch(1, row()), LAYOUT) is None
    pending = hub.hand_in(Sender(1, "UTC"), msgspec.json.encode(delivery(batch(1, bad))), "identity")
    assert pending.stored is not None
    assert pending.stored.result(60).set_aside == (1,)
    assert hub._series.course(1, Span(0, 2**32 // 3600 * 3600), 60, list(Measure)) == []


def test_the_same_tally_does_not_stand_twice_in_a_batch() -> None:
    words = problem_of_batch(batch(1, row(total=1), row(total=2)), LAYOUT)
    assert words == "row 1: it stands there twice"


def test_mutated_bytes_never_end_a_hub(hub: Desk, tmp_path: Path) -> None:
    chance = random.Random(8)
    good = zlib.compress(json.dumps(GOOD).encode(), wbits=31)
    raw = json.dumps(GOOD).encode()
    for _ in range(1500):
        which, encoding = (good, "gzip") if chance.random() < 0.3 else (raw, "identity")
        body = bytearray(copy.copy(which))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body))
            body[at : at + chance.choice((0, 1, 1, 3))] = chance.randbytes(chance.choice((0, 1, 1, 2, 40)))
        take(hub, bytes(body), encoding)
    nothing_else(hub, tmp_path)


@pytest.mark.parametrize("depth", [1000, 1_000_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    for told in (
        b"[" * depth,
        b'{"version":1,"layouts":' + b"[" * depth,
        b'{"version":1,"batches":[' + b'{"a":' * depth,
    ):
        with pytest.raises(RefusedError):
            read(told)
