"""What is kept of hours that are over: it grows, and is read again when something of it changed."""

from pathlib import Path

from passerby.core.tallies import Measure, Tally
from passerby.site.settled import Settled
from passerby.site.store import Filter, Store

HOUR_S = 3600


def test_only_what_is_new_is_read_until_something_changes(tmp_path: Path) -> None:
    with Store(tmp_path / "a.sqlite") as store:
        asked: list[tuple[float, float]] = []

        def add(start: int, people: int) -> None:
            store.add([Tally("a", Measure.CROSSINGS_IN, "door", start, 900, people, 900)])

        def read(since: float, until: float) -> dict[str, list[float]]:
            asked.append((since, until))
            return {"door": [one.total for one in store.query(Filter(since_unix_s=since, until_unix_s=until))]}

        settled = Settled(store, read)
        add(0, 1)
        assert settled.between(0, HOUR_S) == settled.between(0, HOUR_S) == {"door": [1]}
        add(HOUR_S, 2)
        assert settled.between(0, HOUR_S) == {"door": [1]}
        assert settled.between(0, 2 * HOUR_S) == {"door": [1, 2]}
        assert asked == [(0, HOUR_S), (HOUR_S, 2 * HOUR_S)]
        add(900, 3)
        assert settled.between(0, 2 * HOUR_S) == {"door": [1, 3, 2]}
        assert settled.between(HOUR_S, 2 * HOUR_S) == {"door": [2]}
        assert asked[2:] == [(0, 2 * HOUR_S), (HOUR_S, 2 * HOUR_S)]
