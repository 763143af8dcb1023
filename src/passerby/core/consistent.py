"""Noisy counts made fit to print: small ones withheld, none below zero, and parts that add up to their sums.

All of it is done with numbers that are noisy already and with nothing else, so it costs no privacy (post-processing).
"""

from collections.abc import Sequence


def withheld(measured: Sequence[int], minimum: int) -> list[bool]:
    """Which of the parts of a sum are not told.

    Those below the minimum, as they were measured with noise. The true counts are not looked at: whether one of them is
    above a limit would be a second answer about the same people, and an exact one. Where a single part would be
    withheld, the smallest other one is too, so that it is not the sum less all others.

    Args:
        measured: noisy counts; may be negative.
        minimum: smaller ones are not told; 0 or less withholds none but negative ones.
    """
    hidden = [count < minimum for count in measured]
    if sum(hidden) == 1 and len(measured) > 1:
        others = [i for i, hide in enumerate(hidden) if not hide]
        hidden[min(others, key=lambda i: measured[i])] = True
    return hidden


def fitted(measured: Sequence[int], total: int) -> list[int]:
    """The whole numbers of 0 or more that add up to a total and lie nearest to noisy counts.

    It is the projection onto the simplex (Held, Wolfe and Crowder 1974, Mathematical Programming 6): all are moved by
    the same amount, and those that would fall below zero are zero. What rounding leaves goes to the largest fractions,
    the first of equals first. As the truth too is not negative and adds up, the sum of squared errors does not grow, if
    the total is true. Parts near zero come out too large on average, and the others make up for it.

    Args:
        measured: noisy counts.
        total: what they shall add up to; 0 or more.

    Raises:
        ValueError: the total is negative, or there is nothing to share it among.
    """
    if total < 0 or (total and not measured):
        raise ValueError(f"{len(measured)} counts cannot add up to {total}")
    if not measured:
        return []
    # In whole numbers: the shift is (surplus / n) for the n largest, all of which stay above zero.
    ordered = sorted(measured, reverse=True)
    running, surplus, n = 0, ordered[0] - total, 1
    for i, count in enumerate(ordered, start=1):
        running += count
        if count * i > running - total:
            surplus, n = running - total, i
    parts = [max(0, count * n - surplus) for count in measured]
    whole = [part // n for part in parts]
    short = total - sum(whole)
    largest = sorted(range(len(parts)), key=lambda i: -(parts[i] % n))
    for i in largest[:short]:
        whole[i] += 1
    return whole
