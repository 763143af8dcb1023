"""Looks at a face and the vote: what counts, what is clear, and when it cannot be told."""

import math
from dataclasses import replace

import pytest

from passerby.core.masks import OPERATING, Answer, Confusion, Limits, Look, good, vote
from passerby.core.shares import corrected

LIMITS = OPERATING["aizoo"].limits
OWN = OPERATING["passerby-mask"].limits


def look(p_masked: float, score: float = 0.99, face_px: float = 40.0, sharpness: float = 0.2) -> Look:
    return Look(p_masked, score, face_px, sharpness)


def test_a_clear_look_is_answered() -> None:
    assert vote([look(0.99)], LIMITS) is Answer.MASKED
    assert vote([look(0.01)], LIMITS) is Answer.UNMASKED


def test_nothing_seen_cannot_be_told() -> None:
    assert vote([], LIMITS) is Answer.CANNOT_TELL


@pytest.mark.parametrize(
    "weak",
    [look(0.99, face_px=19.9), look(0.99, score=0.89), look(0.99, sharpness=0.04)],
    ids=["small", "unsure", "soft"],
)
def test_a_look_that_is_not_good_enough_does_not_count(weak: Look) -> None:
    assert not good(weak, LIMITS)
    assert vote([weak] * 5, LIMITS) is Answer.CANNOT_TELL
    assert vote([weak] * 5 + [look(0.01)], LIMITS) is Answer.UNMASKED


@pytest.mark.parametrize("limits", [LIMITS, OWN])
def test_the_limits_themselves_are_good_enough(limits: Limits) -> None:
    assert good(Look(0.5, limits.score, limits.face_px, limits.sharpness), limits)


def test_balanced_evidence_cannot_be_told() -> None:
    assert vote([look(0.95), look(0.05)], LIMITS) is Answer.CANNOT_TELL
    assert vote([look(0.6)], LIMITS) is Answer.CANNOT_TELL
    assert vote([look(0.5)], replace(LIMITS, clear=0.5)) is Answer.CANNOT_TELL


def test_a_larger_face_weighs_more() -> None:
    assert vote([look(0.95, face_px=80), look(0.05, face_px=24)], LIMITS) is Answer.MASKED
    assert vote([look(0.95, face_px=24), look(0.05, face_px=80)], LIMITS) is Answer.UNMASKED


def test_looks_that_err_together_do_not_become_sure_by_their_number() -> None:
    assert vote([look(0.6)] * 100, LIMITS) is Answer.CANNOT_TELL


def test_certainty_itself_is_no_more_than_very_likely() -> None:
    """One look at 0 or 1 must not outvote all others for ever."""
    assert vote([look(1.0), *[look(0.05)] * 4], LIMITS) is Answer.UNMASKED


@pytest.mark.parametrize("values", [(1.1, 0.9, 30.0), (0.5, -0.1, 30.0), (math.nan, 0.9, 30.0), (0.5, 0.9, math.inf)])
def test_numbers_out_of_range_are_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="within 0"):
        Look(*values)


def three(p_masked: float, p_wrong: float, face_px: float = 40.0) -> Look:
    return Look(p_masked, 0.99, face_px, 0.2, p_wrong)


def test_worn_wrongly_is_an_answer_of_its_own() -> None:
    assert vote([three(0.05, 0.9)], OWN) is Answer.WORN_WRONGLY
    assert vote([three(0.9, 0.05)], OWN) is Answer.MASKED
    assert vote([three(0.05, 0.05)], OWN) is Answer.UNMASKED


def test_masked_must_be_clear_of_the_others_together() -> None:
    assert vote([three(0.7, 0.15)], replace(OWN, clear=0.75)) is Answer.CANNOT_TELL
    assert vote([three(0.76, 0.12)], replace(OWN, clear=0.75)) is Answer.MASKED
    assert vote([three(0.5, 0.5)], replace(OWN, clear=0.5)) is Answer.CANNOT_TELL


def test_who_is_not_masked_is_told_so_though_it_is_not_clear_how() -> None:
    """Else bare faces would be cannot tell more often than masked ones, and the masked share too high."""
    assert vote([three(0.02, 0.49)], OWN) is Answer.UNMASKED
    assert vote([three(0.02, 0.57)], OWN) is Answer.UNMASKED
    assert vote([three(0.02, 0.6)], OWN) is Answer.WORN_WRONGLY


def test_of_three_answers_too_a_larger_face_weighs_more() -> None:
    assert vote([three(0.02, 0.95, 80), three(0.95, 0.02, 20)], OWN) is Answer.WORN_WRONGLY
    assert vote([three(0.02, 0.95, 20), three(0.97, 0.02, 80)], OWN) is Answer.MASKED


def test_one_look_that_rules_an_answer_out_does_not_rule_it_out_for_all() -> None:
    assert vote([three(0.1, 0.0), *[three(0.02, 0.97)] * 4], OWN) is Answer.WORN_WRONGLY


def test_shares_of_more_than_a_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="together"):
        three(0.6, 0.5)
    assert three(0.3, 0.7).p_wrong == 0.7


MEASURED = [
    OPERATING["passerby-mask"].confusion,
    OPERATING["aizoo"].confusion,
]


@pytest.mark.parametrize("errors", MEASURED, ids=["passerby-mask", "aizoo"])
def test_the_measured_confusion_corrects_a_share_only_a_little(errors: Confusion) -> None:
    estimate = corrected(80, 100, errors)
    assert estimate is not None
    assert abs(estimate.share - 0.8) < 0.03
    assert estimate.low < 0.75
    assert estimate.high > 0.85
