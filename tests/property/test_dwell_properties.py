"""What must hold for every life table, and how near it comes to stays of known length."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.dwell import Survival, bucket, summary

counts = st.lists(st.integers(0, 50), min_size=13, max_size=13)
seeds = st.integers(0, 2**32 - 1)
means_s = st.floats(15, 600)


def histogram(values_s: np.ndarray) -> list[int]:
    found = Counter(map(bucket, values_s.tolist()))
    return [found[part] for part in range(13)]


@given(counts, counts)
@settings(max_examples=200)
def test_a_curve_falls_from_one_to_no_less_than_nobody(left: list[int], lost: list[int]) -> None:
    curve = Survival.of(left, lost)
    assert len(curve.edges_s) == len(curve.share) <= 13
    assert curve.share[0] == 1
    assert (np.diff(curve.share) <= 0).all() and (curve.share >= 0).all()


@given(counts, counts, st.integers(2, 9))
@settings(max_examples=100)
def test_figures_are_ordered_and_do_not_depend_on_how_many(left: list[int], lost: list[int], times: int) -> None:
    found = summary(left, lost)
    if found.p90_s is not None:
        assert found.median_s is not None
        assert found.median_s <= found.p90_s <= found.known_to_s
    if found.mean_s is not None:
        assert 0 <= found.mean_s <= 3600
    more = summary([n * times for n in left], [n * times for n in lost])
    for one, other in ((found.median_s, more.median_s), (found.p90_s, more.p90_s), (found.mean_s, more.mean_s)):
        assert (one is None) is (other is None)
        assert one is None or np.isclose(one, other or 0.0)


@given(counts, counts, st.integers(0, 12))
@settings(max_examples=100)
def test_losing_more_never_shortens_stays(left: list[int], lost: list[int], where: int) -> None:
    before = Survival.of(left, lost).share
    lost[where] += 20
    after = Survival.of(left, lost).share
    common = min(len(before), len(after))
    assert (after[:common] >= before[:common] - 1e-12).all()


@given(seeds, means_s, st.floats(0.3, 2.0))
@settings(max_examples=40, deadline=None)
def test_the_median_is_right_though_many_are_lost(seed: int, mean_s: float, loss: float) -> None:
    """Log-normal stays, of which sight is lost at a steady rate: at `loss` of 1, every `mean_s` on average."""
    rng = np.random.default_rng(seed)
    stays_s = rng.lognormal(np.log(mean_s), 0.8, 20_000)
    sight_s = rng.exponential(mean_s / loss, 20_000)
    left, lost = histogram(stays_s[stays_s <= sight_s]), histogram(sight_s[sight_s < stays_s])
    median_s = summary(left, lost).median_s
    assert median_s is not None
    # Up to 3 % from the buckets' width, and the spread of the sample; ignoring the lost ones is off by 20 % and more.
    assert abs(median_s / mean_s - 1) < 0.08
    naive_s = summary(left, [0] * 13).median_s
    assert naive_s is not None and naive_s < median_s
