"""Life tables against numbers that were worked out by hand."""

import pytest

from passerby.core.dwell import DWELL_EDGES_S, Survival, bucket, littles_law_wait_s, summary

NONE = [0] * 13


def counts(**by_bucket: int) -> list[int]:
    """13 counts from b0=…, b1=…"""
    return [by_bucket.get(f"b{part}", 0) for part in range(13)]


def test_an_edge_belongs_to_the_bucket_above() -> None:
    assert [bucket(s) for s in (0, 4.99, 5, 9.9, 59, 60, 3599, 3600, 1e9)] == [0, 0, 1, 1, 4, 5, 11, 12, 12]
    assert len(DWELL_EDGES_S) == 12


def test_without_lost_ones_the_curve_is_the_share_that_stayed() -> None:
    curve = Survival.of(counts(b0=2, b2=3, b4=5), NONE)
    assert curve.edges_s.tolist() == [0, 5, 10, 20, 30, 60]
    assert curve.share == pytest.approx([1, 0.8, 0.8, 0.5, 0.5, 0])
    assert curve.quantile_s(0.5) == pytest.approx(20)


def test_those_lost_in_a_bucket_might_have_left_in_it() -> None:
    # 10 come; of b1 (5 to 10 s) 2 leave and 4 are lost: a third of all that went. Then 4 are left, and all leave.
    curve = Survival.of(counts(b1=2, b2=4), counts(b1=4))
    assert curve.share == pytest.approx([1, 1, 0.4 ** (1 / 3), 0])


def test_where_nobody_stays_on_those_lost_were_half_at_risk() -> None:
    assert Survival.of(counts(b1=3), counts(b1=2)).share == pytest.approx([1, 1, 1 - 3 / 4])


def test_within_a_bucket_people_leave_at_a_steady_rate() -> None:
    # 100, 25 left after 60 s: half-way, half are left.
    assert Survival.of(counts(b4=75, b5=25), NONE).quantile_s(0.5) == pytest.approx(45)


def test_a_curve_that_does_not_fall_so_far_says_more_than() -> None:
    found = summary(counts(b4=6), counts(b5=2, b6=12))
    assert found.median_s is None
    # Those lost between 120 and 180 s say nothing of these 60 s.
    assert found.known_to_s == 120
    assert found.mean_s is None
    assert found.censored_share == pytest.approx(0.7)


def test_stays_of_more_than_an_hour_are_more_than_an_hour() -> None:
    found = summary(counts(b5=1, b12=3), NONE)
    assert (found.median_s, found.p90_s, found.known_to_s) == (None, None, 3600)
    assert found.mean_s == pytest.approx(0.25 * 90 + 0.75 * 3600, rel=0.01)


def test_nothing_is_known_of_nobody() -> None:
    found = summary(NONE, NONE)
    assert (found.visits, found.median_s, found.p90_s, found.mean_s) == (0, None, None, None)
    assert (found.censored_share, found.known_to_s) == (None, 0)


def test_only_lost_ones_leave_the_length_open() -> None:
    found = summary(NONE, counts(b3=4))
    assert (found.visits, found.median_s, found.mean_s, found.known_to_s) == (4, None, None, 20)


def test_the_mean_is_the_area_under_the_curve() -> None:
    assert summary(counts(b0=10), NONE).mean_s == pytest.approx(2.5)
    assert summary(counts(b3=10), NONE).mean_s == pytest.approx(25)


@pytest.mark.parametrize("wrong", [[1] * 12, [-1, *[0] * 12], [float("nan"), *[0] * 12]])
def test_wrong_counts_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="lost"):
        Survival.of(NONE, wrong)


def test_littles_law() -> None:
    assert littles_law_wait_s(1800.0, 20) == 90
    assert littles_law_wait_s(1800.0, 0) is None
