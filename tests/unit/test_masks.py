"""Looks at a face and the vote: what counts, what is clear, and when it cannot be told."""

import math

import pytest

from passerby.core.masks import AIZOO, LIMITS, Answer, Limits, Look, good, vote
from passerby.core.shares import corrected


def look(p_masked: float, score: float = 0.99, face_px: float = 40.0, sharpness: float = 0.2) -> Look:
    return Look(p_masked, score, face_px, sharpness)


def test_a_clear_look_is_answered() -> None:
    assert vote([look(0.99)]) is Answer.MASKED
    assert vote([look(0.01)]) is Answer.UNMASKED


def test_nothing_seen_cannot_be_told() -> None:
    assert vote([]) is Answer.CANNOT_TELL


@pytest.mark.parametrize(
    "weak",
    [look(0.99, face_px=19.9), look(0.99, score=0.89), look(0.99, sharpness=0.04)],
    ids=["small", "unsure", "soft"],
)
def test_a_look_that_is_not_good_enough_does_not_count(weak: Look) -> None:
    assert not good(weak)
    assert vote([weak] * 5) is Answer.CANNOT_TELL
    assert vote([weak] * 5 + [look(0.01)]) is Answer.UNMASKED


def test_the_limits_themselves_are_good_enough() -> None:
    assert good(Look(0.5, LIMITS.score, LIMITS.face_px, LIMITS.sharpness))


def test_balanced_evidence_cannot_be_told() -> None:
    assert vote([look(0.95), look(0.05)]) is Answer.CANNOT_TELL
    assert vote([look(0.6)]) is Answer.CANNOT_TELL
    assert vote([look(0.5)], Limits(clear=0.5)) is Answer.CANNOT_TELL


def test_a_larger_face_weighs_more() -> None:
    assert vote([look(0.95, face_px=80), look(0.05, face_px=24)]) is Answer.MASKED
    assert vote([look(0.95, face_px=24), look(0.05, face_px=80)]) is Answer.UNMASKED


def test_looks_that_err_together_do_not_become_sure_by_their_number() -> None:
    assert vote([look(0.6)] * 100) is Answer.CANNOT_TELL


def test_certainty_itself_is_no_more_than_very_likely() -> None:
    """One look at 0 or 1 must not outvote all others for ever."""
    assert vote([look(1.0), *[look(0.05)] * 4]) is Answer.UNMASKED


@pytest.mark.parametrize("values", [(1.1, 0.9, 30.0), (0.5, -0.1, 30.0), (math.nan, 0.9, 30.0), (0.5, 0.9, math.inf)])
def test_numbers_out_of_range_are_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="within 0"):
        Look(*values)


def test_the_measured_confusion_corrects_a_share_only_a_little() -> None:
    estimate = corrected(80, 100, AIZOO)
    assert estimate is not None
    assert abs(estimate.share - 0.8) < 0.03
    assert estimate.low < 0.75
    assert estimate.high > 0.85
