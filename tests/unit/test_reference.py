"""The signature of a view, and telling by it whether a camera still shows that view."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.geometry import Zone
from passerby.gate.messages import SIGNATURE_BYTES, HealthFigure
from passerby.pixels.blanking import GREY, PrivacyMasks
from passerby.pixels.moved import Moved
from passerby.pixels.reference import Reference
from passerby.pixels.signature import read, signature_of
from tests.support.moved import EVERY_S, Picture, crowd, lit, looped, noisy, room, told_at, turned, view

HERE = view(room())
WIDTH = 384


def still_of(picture: Picture) -> Picture:
    """As set-up makes it: smaller."""
    return np.ascontiguousarray(
        picture[: 288 // 2 * 2, : WIDTH // 2 * 2].reshape(144, 2, 192, 2, 3).mean((1, 3))
    ).astype(np.uint8)


def after(reference: Reference, pictures: list[Picture], start_s: float = 0.0) -> bool | None:
    for index, picture in enumerate(pictures):
        reference.look(picture, start_s + index * EVERY_S)
    return reference.moved


def minutes(picture: Picture, count: int) -> list[Picture]:
    return looped([picture], count)


def test_a_signature_has_two_bits_for_each_cell_and_knows_nothing_of_what_is_blank() -> None:
    still = still_of(HERE)
    still[:72, :96] = GREY
    signature = signature_of(still)
    assert len(signature) == SIGNATURE_BYTES
    edges, known = read(signature)
    assert edges.shape == known.shape == (64, 96)
    assert set(np.unique(edges)) == {-1, 0, 1}
    assert not known[:33, :48].any(), "nor of the cells below it"
    assert not known[:32, :49].any(), "nor of those beside it"
    assert known[34:].mean() > 0.9, "all but what is as grey by chance"
    assert not edges[known == 0].any()


@pytest.mark.parametrize("length", [0, SIGNATURE_BYTES - 1, SIGNATURE_BYTES + 1])
def test_other_bytes_are_no_signature(length: int) -> None:
    with pytest.raises(ValueError, match="1536 bytes"):
        read(bytes(length))


@settings(max_examples=5, deadline=None)
@given(cells=st.binary(min_size=SIGNATURE_BYTES, max_size=SIGNATURE_BYTES))
def test_whatever_the_bytes_a_worker_goes_on(cells: bytes) -> None:
    assert after(Reference(cells), minutes(HERE, 4)) in (None, True, False)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(1, 10_000), right=st.integers(-60, 60), down=st.integers(-30, 30))
def test_in_any_room_what_moved_far_enough_is_told_within_three_minutes(seed: int, right: int, down: int) -> None:
    scene = room(seed)
    share = np.hypot(right, down) / WIDTH
    told = after(Reference(signature_of(still_of(view(scene)))), minutes(view(scene, right, down), 3))
    if share >= 0.03:
        assert told is True
    elif share <= 0.004:
        assert told is False


def test_a_camera_that_is_turned_back_is_no_longer_moved() -> None:
    reference = Reference(signature_of(still_of(HERE)))
    assert after(reference, minutes(view(room(), 20), 3)) is True
    assert after(reference, minutes(HERE, 3), 180) is False
    assert after(reference, minutes(turned(HERE, 3), 3), 360) is True


def test_another_place_is_told_after_ten_minutes() -> None:
    reference = Reference(signature_of(still_of(HERE)))
    other = view(room(seed=2))
    assert after(reference, minutes(other, 9)) is None
    assert after(reference, minutes(other, 4), 540) is True


@settings(max_examples=8, deadline=None)
@given(bright=st.floats(0.4, 1.6), gamma=st.floats(0.4, 2.5), levels=st.floats(0, 8))
def test_in_no_light_it_is_told(bright: float, gamma: float, levels: float) -> None:
    now = noisy(lit(minutes(HERE, 1), lambda level: bright * level**gamma), levels)
    assert after(Reference(signature_of(still_of(HERE))), looped(now, 4)) is False


def test_night_and_a_crowd_are_no_move() -> None:
    night = noisy(lit(minutes(HERE, 5), lambda level: level * 0.02 + 0.02), 4)
    for seen in (night, crowd(minutes(HERE, 1), 0.5), [np.full_like(HERE, 90)]):
        assert after(Reference(signature_of(still_of(HERE))), looped(seen, 13)) is not True


@pytest.mark.parametrize("still", [np.full((144, 192, 3), GREY, np.uint8), np.full((144, 192, 3), 200, np.uint8)])
def test_by_a_still_of_nothing_nothing_is_told(still: Picture) -> None:
    assert after(Reference(signature_of(still)), minutes(HERE, 13)) is None


def test_the_border_of_a_privacy_mask_is_nothing_that_stays() -> None:
    zones = (Zone("mask", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.7), (0.1, 0.7))),)
    masks = PrivacyMasks(zones)
    signature = signature_of(masks.blank(still_of(HERE)))
    moved = masks.blank(view(room(), 20).copy())
    assert after(Reference(signature, zones), minutes(moved, 3)) is True
    assert after(Reference(signature, zones), minutes(masks.blank(HERE.copy()), 3)) is False


def test_a_move_before_the_start_is_told_once_and_stands_as_a_figure() -> None:
    moved = Moved((), signature_of(still_of(view(room(), 20))))
    assert moved.figures() == {}
    told = told_at(moved, minutes(HERE, 12))
    assert len(told) == 1
    assert 60 <= told[0] <= 180
    assert moved.figures() == {HealthFigure.MOVED: 1}


def test_without_a_reference_nothing_is_known_of_the_time_before_the_start() -> None:
    moved = Moved()
    assert told_at(moved, minutes(HERE, 12)) == []
    assert moved.figures() == {}
