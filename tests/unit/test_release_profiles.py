"""Strict and internal releases on real stores."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from passerby.core.tallies import Measure
from passerby.hub.contract import Delivered, Venue
from passerby.records.wire.batches import Batch, Layout, PlaceName, Row
from passerby.records.wire.checking import digest_of
from tests.support.released import FIRST, Filled, filled, table

PLACES = (PlaceName("door", "main", "line"), PlaceName("door", "side", "line"), PlaceName("door", "hall", "zone"))
MIDNIGHT = 1_709_510_400
assert (FIRST - date(1970, 1, 1)).days * 86400 == MIDNIGHT
ASKED, JUDGED = 25, 20


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Filled]:
    with filled(tmp_path, "wait_days: 15") as hub:
        hub.register.add(Venue(0, "mall", "Mall", district="north"), "tester")
        hub.now_unix_s = MIDNIGHT + 10 * 3600
        yield hub


def send(hub: Filled, window_s: int, windows: int, judged: int = JUDGED, sequence: int = 1) -> None:
    """A morning at two lines and a zone."""
    layout = Layout(("door",), PLACES, "UTC", window_s, "internal")
    rows = []
    for start in range(MIDNIGHT, MIDNIGHT + windows * window_s, window_s):
        for place in (0, 1):
            for measure, total in ((Measure.CROSSINGS_IN, 3), (Measure.CROSSINGS_OUT, 2)):
                rows.append(Row(place, measure, 0, start, window_s, 1, 0, total * 1000, window_s * 1000))
        rows.append(Row(2, Measure.PEAK, 0, start, window_s, 1, 0, 9000, window_s * 1000))
        for measure, total, people in ((Measure.MASKED, judged // 2, judged), (Measure.CANNOT_TELL, 5, ASKED)):
            rows.append(Row(0, measure, 0, start, window_s, 1, 0, total * 1000, people * 1000))
    batch = Batch("a" * 32, sequence, digest_of(layout), int(hub.now_unix_s), tuple(rows))
    delivered = Delivered(1, "UTC", (batch,), {digest_of(layout): layout}, int(hub.now_unix_s))
    assert hub.series.take(delivered).set_aside == ()


def strict(hub: Filled) -> list[dict[str, str]]:
    return table(hub.releases().make("strict", hub.asked(1), "tester"))


@pytest.mark.parametrize(("window_s", "width_s"), [(300, 1200), (900, 1800), (3600, 3600)])
def test_strict_tells_the_whole_venue_in_wide_windows(hub: Filled, window_s: int, width_s: int) -> None:
    send(hub, window_s, 8 * 3600 // window_s)
    rows = strict(hub)
    parts = width_s // window_s
    assert [int(row["start_unix_s"]) for row in rows] == list(range(MIDNIGHT, MIDNIGHT + 6 * 3600, width_s))
    assert {int(row["width_s"]) for row in rows} == {width_s}
    assert {(row["came_in"], row["went_out"]) for row in rows} == {(str(6 * parts), str(4 * parts))}
    assert {row["coverage_percent"] for row in rows} == {"100"}
    assert {float(row["share"]) for row in rows} == {0.5}
    assert {(row["asked"], row["judged"]) for row in rows} == {(str(ASKED * parts), str(JUDGED * parts))}
    assert not {"camera", "subject", "masked", "max"} & set(rows[0])


def test_strict_withholds_the_share_of_too_few(hub: Filled) -> None:
    send(hub, 3600, 8, judged=JUDGED - 2)
    rows = strict(hub)
    assert rows
    assert {(row["withheld"], row["share"], row["low"], row["high"]) for row in rows} == {("True", "", "", "")}
    assert {row["cannot_tell_share"] for row in rows} == {"0.2"}


def test_strict_waits_for_windows_that_may_still_change(hub: Filled) -> None:
    """Told twice, once in part, a window would tell by the difference of a shorter time."""
    send(hub, 300, 12 * 5)
    told = strict(hub)
    assert [int(row["start_unix_s"]) for row in told] == [
        MIDNIGHT + i * 1200 for i in range(9)
    ]  # until two hours before
    assert strict(hub) == told
    hub.now_unix_s = MIDNIGHT + 20 * 86400
    assert len(strict(hub)) == 15


def test_strict_keeps_one_width_when_a_site_changes_its_windows(hub: Filled) -> None:
    send(hub, 900, 8)
    layout = Layout(("door",), PLACES, "UTC", 1200, "internal")
    start = MIDNIGHT + 7 * 3600
    rows = tuple(Row(0, Measure.CROSSINGS_IN, 0, start + i * 1200, 1200, 1, 0, 3000, 1_200_000) for i in range(6))
    batch = Batch("a" * 32, 2, digest_of(layout), int(hub.now_unix_s), rows)
    hub.series.take(Delivered(1, "UTC", (batch,), {digest_of(layout): layout}, int(hub.now_unix_s)))
    assert {row["width_s"] for row in strict(hub)} == {"3600"}


def test_strict_tells_no_shorter_time_by_the_difference_of_two_widths(hub: Filled) -> None:
    """Of 20 minutes told before and 30 told after, the rest would be 10."""
    send(hub, 600, 36)
    before = {int(row["start_unix_s"]) for row in strict(hub)}
    layout = Layout(("door",), PLACES, "UTC", 900, "internal")
    hub.series.take(Delivered(1, "UTC", (), {digest_of(layout): layout}, int(hub.now_unix_s)))
    after = [(int(row["start_unix_s"]), int(row["width_s"])) for row in strict(hub)]
    ends = {edge for start in before for edge in (start, start + 1200)}
    assert after and {edge for start, width_s in after for edge in (start, start + width_s)} <= ends


def test_internal_has_every_tally_as_it_is(hub: Filled) -> None:
    send(hub, 900, 4)
    folder = hub.releases().make("internal", hub.asked(1), "tester")
    rows = table(folder)
    assert len(rows) == 4 * 7
    first = next(row for row in rows if row["measure"] == "crossings_in")
    assert (first["venue"], first["camera"], first["subject"], first["total"], first["exposure"]) == (
        *("mall", "door", "main", "3.0", "900.0"),
    )
    parquet = pytest.importorskip("pyarrow.parquet")
    read = parquet.read_table(folder / "figures.parquet").to_pylist()
    assert [str(row["start_unix_s"]) for row in read] == [row["start_unix_s"] for row in rows]
    assert "Do not publish it" in (folder / "README.txt").read_text()


def test_a_release_that_changes_is_written_anew(hub: Filled) -> None:
    send(hub, 900, 4)
    before = len(table(hub.releases().make("internal", hub.asked(1), "tester")))
    send(hub, 900, 8, sequence=2)
    assert len(table(hub.releases().make("internal", hub.asked(1), "tester"))) == 2 * before
