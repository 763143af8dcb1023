"""The hub's tallies in ClickHouse, by chDB: what is SQLite's answer is its answer, whatever breaks on the way."""

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.core.tallies import Measure
from passerby.errors import StoreError
from passerby.hub.contract import Days, Delivered, Series, Span
from passerby.hub.series import SqliteSeries
from passerby.hub.series.clickhouse.tables import TABLES, definitions
from passerby.records.wire.batches import Batch, Layout, PlaceName, Row
from passerby.records.wire.checking import digest_of
from tests.support.clickhouse import Engine, Remote

DAY = 1_767_225_600
"""1 January 2026, 00:00 UTC."""
KATHMANDU, NEW_YORK = "Asia/Kathmandu", "America/New_York"
OUTBOX = "ab" * 16
MEASURES = (Measure.CROSSINGS_IN, Measure.CROSSINGS_OUT, Measure.PEOPLE, Measure.PEAK)
LAYOUT = Layout(
    cameras=("door", "hall"),
    places=(PlaceName("door", "line", "line"), PlaceName("hall", "floor", "zone"), PlaceName("", "all", "place")),
    zone=KATHMANDU,
    window_s=900,
    profile="internal",
)
CLUSTER = """<clickhouse>
<tcp_port>9000</tcp_port>
<remote_servers><passerby><shard><internal_replication>true</internal_replication>
<replica><host>127.0.0.1</host><port>9000</port></replica></shard></passerby></remote_servers>
<macros><shard>1</shard><replica>one</replica></macros>
<zookeeper><implementation>testkeeper</implementation></zookeeper>
</clickhouse>"""
_names = itertools.count()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine(CLUSTER)
    yield engine
    engine.close()


@pytest.fixture
def store(engine: Engine) -> Remote:
    return engine.series(f"store_{next(_names)}")


def _rows(start: int, count: int, *, run: int = 1, seed: int = 0) -> tuple[Row, ...]:
    return tuple(
        Row(place, measure, 0, start + 900 * n, 900, run, 0, (seed + 7 * n + measure) % 40 * 1000, 900_000)
        for n in range(count)
        for place, measure in ((0, 1), (0, 2), (1, 3), (1, 4))
    )


def _batch(sequence: int, rows: tuple[Row, ...], outbox: str = OUTBOX) -> Batch:
    return Batch(outbox, sequence, digest_of(LAYOUT), DAY + 40 * 86400, rows)


def _delivered(*batches: Batch, venue: int = 7, zone: str = KATHMANDU, doubtful: bool = False) -> Delivered:
    return Delivered(venue, zone, batches, {digest_of(LAYOUT): LAYOUT}, DAY + 40 * 86400, (), doubtful)


def _answers(series: Series, venue: int = 7) -> list[object]:
    """All that can be asked."""
    two_days, days = Span(DAY, DAY + 2 * 86400), Days(date(2025, 12, 1), date(2026, 3, 1))
    return [
        series.marks(venue),
        series.newest(),
        series.layouts(venue),
        *(series.course(venue, two_days, width_s, MEASURES) for width_s in (900, 1800, 3600, 86400)),
        series.course(venue, Span(DAY + 900, DAY + 5 * 86400), 900, MEASURES),
        series.now(DAY, MEASURES),
        series.hours([venue], Span(DAY + 5, DAY + 9 * 86400), MEASURES),
        series.days(days, None, MEASURES),
        series.totals(two_days, None, MEASURES),
        series.place_days(venue, days, MEASURES),
        series.set_aside(),
    ]


def _both(tmp_path: Path, store: Remote, *steps: Callable[[Series], object]) -> None:
    """Goes the same steps on both, and asks all after each."""
    with SqliteSeries(tmp_path / "series.sqlite") as sqlite:
        for step in steps:
            assert step(store.series) == step(sqlite)
            for venue in (7, 8):
                assert _answers(store.series, venue) == _answers(sqlite, venue)
        assert _answers(store.series)[7] or _answers(store.series, 8)[7]


def test_a_row_that_comes_with_another_batch_replaces_the_one_that_was_there(tmp_path: Path, store: Remote) -> None:
    _both(
        tmp_path,
        store,
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 8)), _batch(2, _rows(DAY + 7200, 8)))),
        lambda series: series.take(_delivered(_batch(3, _rows(DAY, 2, seed=3)))),
        lambda series: series.take(_delivered(_batch(4, _rows(DAY, 2, run=9)), doubtful=True)),
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 8)), _batch(6, _rows(DAY, 1)))),
    )


def test_a_corrected_time_zone_moves_the_days(tmp_path: Path, store: Remote) -> None:
    _both(
        tmp_path,
        store,
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 200)))),
        lambda series: series.take(_delivered(zone=NEW_YORK)),
        lambda series: series.take(_delivered(_batch(2, _rows(DAY + 180_000, 20)), zone=NEW_YORK)),
        lambda series: series.forget(DAY + 86400, 0),
        lambda series: series.take(_delivered(zone=KATHMANDU)),
    )


def test_a_merged_venue_keeps_its_cameras_apart(tmp_path: Path, store: Remote) -> None:
    _both(
        tmp_path,
        store,
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 30)))),
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 30, seed=5), "cd" * 16), venue=8, zone="UTC")),
        lambda series: series.merge(7, 8, "Old wing"),
        lambda series: series.take(_delivered(_batch(2, _rows(DAY + 40_000, 9)))),
        lambda series: series.take(_delivered(_batch(3, _rows(DAY + 50_000, 9)), venue=8)),
    )
    assert {
        point.camera for point in store.series.place_days(8, Days(date(2026, 1, 1), date(2026, 1, 1)), MEASURES)
    } == {*("door", "hall", "Old wing: door", "Old wing: hall")}


def test_what_is_forgotten_leaves_its_sums_and_what_comes_late_joins_them(tmp_path: Path, store: Remote) -> None:
    _both(
        tmp_path,
        store,
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 200)))),
        lambda series: series.forget(DAY + 86400, 0),
        lambda series: series.take(_delivered(_batch(2, _rows(DAY + 3600, 100, run=2)))),
        lambda series: series.take(_delivered(_batch(3, _rows(DAY + 7200, 100, run=3)))),
    )


def test_sums_are_forgotten_too(tmp_path: Path, store: Remote) -> None:
    _both(
        tmp_path,
        store,
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 200)))),
        lambda series: series.forget(DAY + 86400, DAY + 86400),
    )


@settings(max_examples=6)
@given(breaks=st.lists(st.integers(1, 9), min_size=1, max_size=3), again=st.booleans())
def test_whatever_breaks_on_the_way_what_is_sent_again_counts_once(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, breaks: list[int], again: bool
) -> None:
    store = engine.series(f"store_{next(_names)}")
    deliveries = [
        _delivered(_batch(1, _rows(DAY, 30)), _batch(2, _rows(DAY + 27_000, 6))),
        _delivered(_batch(3, _rows(DAY + 3600, 4, seed=9)), _batch(4, _rows(DAY + 3600, 4, run=2))),
    ]
    for delivery in deliveries:
        for step in breaks:
            store.break_at(step)
            try:
                store.take(delivery)
            except StoreError:
                # what has no record is not taken
                assert store.marks(7).get(OUTBOX, 0) < delivery.batches[-1].sequence
        store.break_at(0)
        store.take(delivery)
        if again:
            store.take(delivery)
    with SqliteSeries(tmp_path_factory.mktemp("sqlite") / "series.sqlite") as sqlite:
        for delivery in deliveries:
            sqlite.take(delivery)
        assert _answers(store.series) == _answers(sqlite)


@pytest.mark.parametrize("breaks", [0, 3])
def test_what_is_delivered_at_the_same_time_is_stored_together(tmp_path: Path, store: Remote, breaks: int) -> None:
    zones = (KATHMANDU, NEW_YORK, "UTC")
    for turn in range(3):
        deliveries = [
            _delivered(_batch(turn + 1, _rows(DAY + 9000 * turn, 10, seed=venue)), venue=venue, zone=zones[venue % 3])
            for venue in range(1, 9)
        ]
        store.break_at(breaks)
        became = store.take_together(deliveries)
        again = [one for one, result in zip(deliveries, became, strict=True) if isinstance(result, StoreError)]
        assert all(not isinstance(result, StoreError) for result in store.take_together(again))
        with SqliteSeries(tmp_path / "series.sqlite") as sqlite:
            for delivery in deliveries:
                sqlite.take(delivery)
            for venue in range(1, 9):
                assert _answers(store.series, venue) == _answers(sqlite, venue)


def test_taken_batches_outlive_a_kill_and_the_next_start_counts_on() -> None:
    engine = Engine()
    first, second = _batch(1, _rows(DAY, 30)), _batch(2, _rows(DAY, 4, seed=11))
    engine.series("hub").take(_delivered(first))
    engine.kill()
    engine = engine.again()
    store = engine.series("hub")
    try:
        assert store.marks(7) == {OUTBOX: 1}
        # The row that replaces another is newer, though this process has counted no version yet.
        store.take(_delivered(second))
        course = store.series.course(7, Span(DAY, DAY + 3600), 900, [Measure.CROSSINGS_IN])
        assert [point.sum.total for point in course] == [
            row.total_milli / 1000 for row in second.rows if row.measure == 1
        ]
    finally:
        engine.close()


def test_a_cluster_takes_its_tables_and_its_distributed_ones_answer_alike(tmp_path: Path, engine: Engine) -> None:
    # Replicas of servers are none here: the engine makes the replicated tables, and nothing is written into them.
    engine.sql("CREATE DATABASE replicated")
    for statement in definitions("replicated", "passerby"):
        engine.sql(statement.replace(" ON CLUSTER 'passerby'", ""))
    made = engine.sql("SELECT name, engine FROM system.tables WHERE database = 'replicated'")
    assert dict(made) == {
        **{f"{table.name}_local": "ReplicatedReplacingMergeTree" for table in TABLES},
        **{table.name: "Distributed" for table in TABLES},
    }
    _both(
        tmp_path,
        engine.series("spread", "passerby", unreplicated=True),
        lambda series: series.take(_delivered(_batch(1, _rows(DAY, 200)))),
        lambda series: series.take(_delivered(_batch(2, _rows(DAY, 3, seed=3)), zone=NEW_YORK)),
        lambda series: series.forget(DAY + 86400, DAY + 3600),
    )
