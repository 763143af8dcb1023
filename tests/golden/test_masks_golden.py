"""`passerby count --masks` on people who walk by, made of photographs, through all that the program does."""

from pathlib import Path
from typing import Any

import pytest

from passerby.gate import landlock, seccomp
from tests.support.portraits import make_portraits
from tests.support.program import in_words, passerby

pytestmark = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)
MASKED, BARE = (55, 533, 520, 281, 341, 283, 668), (618, 561)
DOOR = ("--line", "door=0.5,0.999:0.5,0.1", "--zone", "hall=0,0:1,0:1,1:0,1")


@pytest.fixture(scope="module")
def walk(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Seven people with a mask and two without, one after another."""
    models = shared_data.parent / "models"
    if not models.is_dir():
        pytest.skip("../shared/models is absent")
    photographs = [shared_data / "mask" / "images" / f"maksssksksss{number}.png" for number in (*MASKED, *BARE)]
    clip = make_portraits(tmp_path_factory.mktemp("walk") / "walk.mp4", photographs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERBY_MODELS", str(models))
        ran = passerby("count", clip, *DOOR, "--masks", "--json")
    assert ran.status == 0, ran.err
    return ran.json


def test_everybody_who_crosses_is_asked_once(walk: dict[str, Any]) -> None:
    door = walk["masks"]["door"]
    assert list(door) == ["masked", "unmasked", "worn_wrongly", "cannot_tell"]
    assert walk["lines"]["door"] == {"in": 9, "out": 0}
    assert door["masked"] + door["unmasked"] + door["cannot_tell"] == 9
    assert walk["lockdown"]["seccomp"] is True


@pytest.mark.parametrize("place", ["door", "hall"])
def test_most_can_be_told_and_are_told_rightly(walk: dict[str, Any], place: str) -> None:
    answers = walk["masks"][place]
    assert 4 <= answers["masked"] <= len(MASKED)
    assert 1 <= answers["unmasked"] <= len(BARE)
    assert answers["worn_wrongly"] == 0, "the judge has no such class"


def test_masks_from_straight_above_are_refused(tmp_path: Path) -> None:
    ran = passerby("count", tmp_path, *DOOR, "--masks", "--view", "overhead")
    assert ran.status == 2
    assert "no face is seen" in in_words(ran)


def test_without_the_judge_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and no network: a proxy that refuses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("PASSERBY_MODELS", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    ran = passerby("masks", tmp_path)
    assert ran.status == 2
    words = in_words(ran)
    assert "passerby models get aizoo-facemask" in words
    assert "PASSERBY_MODELS" in words
