"""Who is who: pairs rows with columns at the least total cost."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def assign(cost: Floats, limit: float) -> Pairs:
    """Pairs rows with columns so that as much cost as possible lies below the limit.

    Each pair saves `limit - cost`; the sum of what is saved is the largest possible. Shortest augmenting paths with
    potentials (Jonker and Volgenant 1987), where every row may also stay alone at the price of the limit.

    Args:
        cost: (n, m), 0 or more; infinite where a pair is impossible.
        limit: pairs that cost so much or more are never made.

    Returns:
        rows and columns of the pairs, (k,) each, ordered by row.
    """
    n, m = cost.shape
    if n == 0 or m == 0:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    wanted = cost.argmin(axis=1)
    rows = np.flatnonzero(cost.min(axis=1) < limit)
    if len(set(wanted[rows].tolist())) == len(rows):
        return rows, wanted[rows]  # Nobody wants what another wants.
    # One more column for each row stands for "alone".
    full = np.full((n, m + n), limit)
    full[:, :m] = np.minimum(cost, limit * 4 + 1)
    owner = _augment(full)
    columns = np.flatnonzero(owner[:m] >= 0)
    rows = owner[columns]
    real = cost[rows, columns] < limit
    order = np.argsort(rows[real])
    return rows[real][order], columns[real][order]


def _augment(cost: Floats) -> NDArray[np.intp]:
    """Least-cost assignment of all n rows to n of the m >= n columns: the row of each column (m,), -1 where none."""
    n, m = cost.shape
    row_price, column_price = np.zeros(n), np.zeros(m)
    owner = np.full(m, -1, np.intp)
    for first in range(n):
        shortest, came_from = np.full(m, np.inf), np.full(m, -1, np.intp)
        done = np.zeros(m, bool)
        row, column, distance = first, -1, 0.0
        while True:
            through = distance + cost[row] - row_price[row] - column_price
            nearer = ~done & (through < shortest)
            shortest[nearer], came_from[nearer] = through[nearer], row
            column = int(np.where(done, np.inf, shortest).argmin())
            distance = float(shortest[column])
            done[column] = True
            if owner[column] < 0:
                break
            row = int(owner[column])
        passed = done & (owner >= 0)
        row_price[first] += distance
        row_price[owner[passed]] += distance - shortest[passed]
        column_price[done] -= distance - shortest[done]
        while True:
            row = int(came_from[column])
            step = np.flatnonzero(owner == row)
            owner[column] = row
            if row == first:
                break
            column = int(step[0])
    return owner
