"""The store's arithmetic is the core's: merging in SQL equals `core.tallies.merge`, and a roll-up loses nothing."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.tallies import LINE_MEASURES, Measure, Tally, merge
from passerby.site.store import KEEP_WINDOWS_S, Filter, Store

HOUR = 488_890


@st.composite
def tallies(draw: st.DrawFn) -> list[Tally]:
    """Tallies of windows of one width, as one site records them."""
    width_s = draw(st.sampled_from([60, 300, 900, 1800, 3600]))
    measures = st.sampled_from(list(Measure))
    keys = draw(st.sets(st.tuples(st.sampled_from("ab"), measures, st.integers(0, 6 * 3600 // width_s)), max_size=40))
    return [
        draw(tally(camera, measure, HOUR * 3600 + index * width_s, width_s)) for camera, measure, index in sorted(keys)
    ]


@st.composite
def tally(draw: st.DrawFn, camera: str, measure: Measure, start_unix_s: int, width_s: int) -> Tally:
    place = "door" if measure in LINE_MEASURES else "hall"
    exposure = draw(st.integers(0, 500)) if measure.per_person else draw(st.integers(0, width_s * 10)) / 10
    most = int(exposure) if measure.per_person else 2000
    total = draw(st.integers(0, most)) * measure.grid
    part = draw(st.integers(0, measure.parts - 1))
    return Tally(camera, measure, place, start_unix_s, width_s, total, exposure, part)


@contextmanager
def stored(kept: list[Tally]) -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "a.sqlite") as store:
        store.add(kept)
        yield store


def close_to(one: Tally) -> tuple[object, ...]:
    return (one.key, one.width_s, pytest.approx(one.total), pytest.approx(one.exposure))


@settings(max_examples=40, deadline=None)
@given(tallies())
def test_merging_in_the_store_is_merging_in_the_core(kept: list[Tally]) -> None:
    with stored(kept) as store:
        merged = sorted(store.query(Filter(width_s=3600)), key=lambda one: one.key)
    assert [(one.key, one.width_s, one.total, one.exposure) for one in merged] == [
        close_to(one) for one in merge(kept, 3600)
    ]


@settings(max_examples=40, deadline=None)
@given(tallies(), st.lists(st.integers(-3600, 8 * 3600), min_size=1, max_size=4))
def test_a_roll_up_at_any_moment_loses_nothing(kept: list[Tally], moments: list[int]) -> None:
    with stored(kept) as store:
        before, hours = store.sums(), store.query(Filter(width_s=3600))
        for moment in moments:
            store.roll_up(HOUR * 3600 + KEEP_WINDOWS_S + moment)
            after = store.sums()
            assert [(one.camera, one.measure, one.total, one.exposure) for one in after] == [
                (one.camera, one.measure, one.total, one.exposure) for one in before
            ]
            assert store.query(Filter(width_s=3600)) == hours


@settings(max_examples=25, deadline=None)
@given(tallies(), st.integers(0, 39))
def test_storing_in_pieces_and_twice_changes_nothing(kept: list[Tally], cut: int) -> None:
    with stored(kept) as once, stored(kept[:cut]) as pieces:
        pieces.add(kept[cut:])
        pieces.add(kept[: cut + 1])
        assert pieces.query() == once.query()
