"""The vote and the watch, for any looks and any coming and going."""

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from passerby.core.masks import LIMITS, Answer, Look, good, vote
from passerby.core.observations import Tracks
from passerby.pixels.heads import FORGET_S, LOOKS, MaskWatch, Picture
from passerby.pixels.squares import Box

SHARES = st.floats(0, 1)
LOOKS_SEEN = st.lists(st.builds(Look, SHARES, SHARES, st.floats(0, 500), SHARES), max_size=12)
GOOD_LOOKS = st.lists(
    st.builds(Look, SHARES, st.floats(LIMITS.score, 1), st.floats(LIMITS.face_px, 500), st.floats(LIMITS.sharpness, 1)),
    max_size=6,
)
SWAPPED = {Answer.MASKED: Answer.UNMASKED, Answer.UNMASKED: Answer.MASKED, Answer.CANNOT_TELL: Answer.CANNOT_TELL}


@given(GOOD_LOOKS.flatmap(lambda looks: st.tuples(st.just(looks), st.permutations(looks))))
def test_the_order_of_looks_does_not_matter(orders: tuple[list[Look], list[Look]]) -> None:
    assert vote(orders[0]) == vote(orders[1])


@given(GOOD_LOOKS)
def test_masked_and_bare_are_treated_alike(looks: list[Look]) -> None:
    turned = [Look(1 - look.p_masked, look.score, look.face_px, look.sharpness) for look in looks]
    assert vote(turned) == SWAPPED[vote(looks)]


@given(LOOKS_SEEN)
def test_only_good_looks_matter(looks: list[Look]) -> None:
    assert vote(looks) == vote([look for look in looks if good(look)])


@given(LOOKS_SEEN)
def test_nobody_is_said_to_wear_it_wrongly(looks: list[Look]) -> None:
    assert vote(looks) is not Answer.WORN_WRONGLY


@given(GOOD_LOOKS, SHARES)
def test_one_more_masked_look_never_makes_anyone_bare(looks: list[Look], p_masked: float) -> None:
    more = Look(max(0.5, p_masked), 1.0, 50.0, 0.5)
    if vote(looks) is not Answer.UNMASKED:
        assert vote([*looks, more]) is not Answer.UNMASKED


class Judge:
    """Gives the looks of a list by turns, and remembers at which head it was asked when."""

    def __init__(self, looks: list[Look | None]) -> None:
        self._looks = looks
        self.now_s = 0.0
        self.asked: dict[float, list[float]] = defaultdict(list)

    def judge_head(self, picture: Picture, box_px: Box) -> Look | None:
        asked = self.asked[round(box_px[0])]
        asked.append(self.now_s)
        return self._looks[sum(map(len, self.asked.values())) % len(self._looks)]


@given(
    st.lists(st.none() | st.builds(Look, SHARES, SHARES, st.floats(0, 100), SHARES), min_size=1, max_size=5),
    st.lists(st.tuples(st.floats(0.01, 2.0), st.sets(st.integers(1, 6), max_size=6)), max_size=60),
)
def test_the_watch_keeps_its_limits(looks: list[Look | None], frames: list[tuple[float, set[int]]]) -> None:
    judge = Judge(looks)
    watch, now_s = MaskWatch(judge), 0.0
    seen: dict[int, float] = {}
    for step_s, present in frames:
        now_s += step_s
        judge.now_s = now_s
        ids = np.array(sorted(present), np.int32)
        # Each track has its own place, by which the judge knows it again.
        boxes = np.array([[100 * i, 20, 100 * i + 60, 200] for i in ids], np.float32).reshape(-1, 4)
        tracks = Tracks(ids, boxes, np.ones(len(ids), np.float32), boxes.copy(), now_s)
        watch.look(tracks, (800, 450), lambda: np.zeros((450, 800, 3), np.uint8))
        seen |= dict.fromkeys(present, now_s)
        assert len(watch) <= sum(now_s - last <= FORGET_S for last in seen.values())
    for times in judge.asked.values():
        gaps = np.diff(times)
        assert (gaps >= 1.0 - 1e-6).all() or gaps.max() > FORGET_S
        if not len(gaps) or gaps.max() <= FORGET_S:
            assert len(times) <= LOOKS
