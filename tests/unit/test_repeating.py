"""Work that is repeated until a site closes."""

import threading

import pytest

from passerby.records.repeating import repeating
from tests.support.site import eventually


def test_it_is_done_again_and_again_and_not_after_the_end() -> None:
    turns: list[str] = []
    with repeating("turning", 0.001, lambda: turns.append(threading.current_thread().name)):
        eventually(lambda: len(turns) >= 3)
    assert set(turns) == {"turning"}
    assert "turning" not in {thread.name for thread in threading.enumerate()}


def test_it_ends_with_what_it_stands_beside() -> None:
    with pytest.raises(KeyError), repeating("turning", 60.0, lambda: None):
        raise KeyError
    assert "turning" not in {thread.name for thread in threading.enumerate()}
