"""The flat list of numbers that is published: nothing of it can be subtracted from what was told a moment before."""

from dataclasses import replace
from pathlib import Path

from passerby.site.outputs.numbers import numbers
from passerby.site.pages.board import PageBoard
from passerby.site.store import Store
from tests.support import filled
from tests.support.filled import NINE, WINDOW_S
from tests.support.published import STATE


def test_a_share_is_told_once_all_of_its_window_can_be_there(tmp_path: Path) -> None:
    """Cameras tell a window some seconds apart. Two shares of one window would tell of the few who were added."""
    now = [NINE + WINDOW_S + 2.0]
    told: list[float] = []
    with Store(tmp_path / "a.sqlite") as store:
        board = PageBoard(store, lambda: STATE, replace(filled.settings(), clock=lambda: now[0]))

        def look() -> None:
            share = {one.key: one.value for one in numbers(board.today())}.get((None, None, "masked_share"))
            if share is not None and share not in told[-1:]:
                told.append(share)

        store.add(list(filled.masks("Main door", NINE, (24, 8, 2, 6))))
        for late_s in (2, 8, 20, 29, 31, 45):
            if late_s == 20:
                store.add(list(filled.masks("Side door", NINE, (3, 1, 0, 1))))
            now[0] = NINE + WINDOW_S + late_s
            look()
    assert told == [71.1], "27 of 38; 24 of 34 before it would have told what the four at the side door wear"
