"""Counting by hand, what is kept of it, and what it proves of a line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

import msgspec
import pytest

from passerby.core.observations import Direction
from passerby.core.tallies import Measure, Tally
from passerby.errors import ConfigError, InputError
from passerby.gate.guard import Job
from passerby.gate.messages import CameraPlan, LinePlan
from passerby.gate.sources import parse
from passerby.site import models
from passerby.site.count import Models
from passerby.site.proof import HandCounts, HandWindow, ProofBoard, Proofs, ProvableLine, provable_lines
from passerby.site.proof.report import line_proof, percent
from passerby.site.proof.sheet import read_sheet
from passerby.site.ready import lines_of
from passerby.site.store import Store

DOOR = ProvableLine("entrance", "door", "f" * 24)
START = 1_760_000_400  # nine in the morning, UTC
WIDTH_S = 900


@dataclass
class Clock:
    now: float = START - 30.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "site.sqlite") as opened:
        yield opened


def hand(index: int, came: int = 20, went: int = 10, line: ProvableLine = DOOR) -> HandWindow:
    return HandWindow(line, START + index * WIDTH_S, WIDTH_S, "anna", came, went)


def engine(index: int, came: int = 20, went: int = 10, exposure_s: float = WIDTH_S) -> list[Tally]:
    start = START + index * WIDTH_S
    return [
        Tally("entrance", measure, "door", start, WIDTH_S, total, exposure_s)
        for measure, total in ((Measure.CROSSINGS_IN, came), (Measure.CROSSINGS_OUT, went))
    ]


def board(store: Store, clock: Clock) -> ProofBoard:
    return ProofBoard(Proofs(store.file), store, (DOOR,), 0.05, clock)


def test_only_whole_windows_are_kept_and_no_moment() -> None:
    clock = Clock()
    counts = HandCounts(WIDTH_S, clock)
    counts.begin(DOOR, "anna")
    counts.click("anna", Direction.IN)  # before the first whole window
    clock.now = START + 10
    for _ in range(3):
        counts.click("anna", Direction.IN)
    counts.click("anna", Direction.OUT)
    counts.click("anna", Direction.IN, -1)
    clock.now = START + WIDTH_S + 5
    counts.click("anna", Direction.OUT)
    clock.now = START + 2 * WIDTH_S + 1
    counts.click("anna", Direction.IN)  # in a window that is not finished
    assert counts.end("anna") == (hand(0, 2, 1), hand(1, 0, 1))
    assert counts.of("anna") is None
    assert {field for field in HandWindow.__slots__ if "unix" in field} == {"start_unix_s"}


def test_a_window_in_which_nobody_came_counts_too() -> None:
    clock = Clock(START)
    counts = HandCounts(WIDTH_S, clock)
    counts.begin(DOOR, "anna")
    clock.now = START + WIDTH_S
    assert counts.end("anna") == (hand(0, 0, 0),)


def test_one_too_many_is_taken_back_though_another_window_began_meanwhile() -> None:
    clock = Clock(START)
    counts = HandCounts(WIDTH_S, clock)
    counts.begin(DOOR, "anna")
    for _ in range(2):
        counts.click("anna", Direction.IN)
    clock.now = START + WIDTH_S
    counts.click("anna", Direction.IN, -1)
    assert counts.end("anna") == (hand(0, 1, 0),)


def test_nothing_falls_below_zero() -> None:
    counts = HandCounts(WIDTH_S, Clock(START))
    count = counts.begin(DOOR, "anna")
    counts.click("anna", Direction.OUT, -1)
    assert count.totals() == (0, 0)


def test_two_people_do_not_count_at_one_line() -> None:
    counts = HandCounts(WIDTH_S, Clock(START))
    counts.begin(DOOR, "anna")
    with pytest.raises(InputError, match="anna is counting at entrance/door already"):
        counts.begin(DOOR, "ben")


def test_one_account_counts_at_one_line() -> None:
    counts = HandCounts(WIDTH_S, Clock(START))
    counts.begin(DOOR, "anna")
    with pytest.raises(InputError, match="anna is counting at entrance/door already; end that first"):
        counts.begin(replace(DOOR, name="gate"), "anna")


def test_a_count_that_was_forgotten_ends_by_itself() -> None:
    clock = Clock(START)
    counts = HandCounts(WIDTH_S, clock)
    counts.begin(DOOR, "anna")
    clock.now = START + 100 * 3600
    counts.begin(DOOR, "ben")
    assert counts.of("ben") is not None
    assert counts.of("anna") is None


def test_windows_are_held_against_the_store(store: Store) -> None:
    clock = Clock(START + 4 * WIDTH_S + 10)
    Proofs(store.file).add([hand(index) for index in range(4)])
    store.add([tally for index in range(4) for tally in engine(index, came=21)])
    (told,) = board(store, clock).told(None)
    assert told.whole is not None
    assert (told.whole.windows, told.whole.hand, told.whole.engine) == (4, 120, 124)
    assert told.by_direction["in"].bias == pytest.approx(0.05)
    assert told.by_direction["out"].bias == 0
    assert (told.proved_unix_s, told.waiting, told.left_out, told.expired) == (START + 4 * WIDTH_S, 0, 0, 0)


def test_a_window_waits_until_the_engine_has_counted_it(store: Store) -> None:
    clock = Clock(START + 3 * WIDTH_S + 10)
    Proofs(store.file).add([hand(index) for index in range(3)])
    store.add([tally for index in range(2) for tally in engine(index)])
    (told,) = board(store, clock).told(None)
    assert (told.whole, told.waiting) == (None, 1)
    store.add(engine(2))
    (told,) = board(store, clock).told(None)
    assert told.whole is not None


def test_a_window_of_which_the_engine_saw_little_proves_nothing(store: Store) -> None:
    Proofs(store.file).add([hand(index) for index in range(4)])
    store.add([tally for index in range(3) for tally in engine(index)] + engine(3, 2, 1, exposure_s=100))
    (told,) = board(store, Clock(START + 9 * WIDTH_S)).told(None)
    assert told.whole is not None
    assert (told.whole.windows, told.left_out) == (3, 1)


def test_a_window_that_never_came_is_left_out(store: Store) -> None:
    Proofs(store.file).add([hand(0)])
    (told,) = board(store, Clock(START + 9 * WIDTH_S)).told(None)
    assert (told.waiting, told.left_out) == (0, 1)


def test_what_was_counted_otherwise_is_expired(store: Store) -> None:
    before = replace(DOOR, fingerprint="a" * 24)
    Proofs(store.file).add([hand(index, line=before) for index in range(4)])
    store.add([tally for index in range(4) for tally in engine(index)])
    (told,) = board(store, Clock(START + 9 * WIDTH_S)).told(None)
    assert (told.whole, told.expired) == (None, 4)
    assert told.words(None) is None


def test_a_proof_is_ended_by_hand(store: Store) -> None:
    proofs = Proofs(store.file)
    proofs.add([hand(index) for index in range(4)])
    assert proofs.end("entrance", "other line") == 0
    assert proofs.end("entrance") == 4
    assert proofs.end("entrance") == 0
    assert line_proof(DOOR, proofs.of(DOOR), 0.05, None).expired == 4


def test_windows_of_another_width_are_not_compared(store: Store) -> None:
    Proofs(store.file).add([replace(hand(0), width_s=60)])
    store.add(engine(0))
    (told,) = board(store, Clock(START + 9 * WIDTH_S)).told(None)
    assert told.left_out == 1


def test_parts_of_the_day_are_told_apart(store: Store) -> None:
    morning, afternoon, night = range(4), range(32, 36), range(60, 62)
    Proofs(store.file).add([hand(index) for index in (*morning, *afternoon, *night)])
    store.add([tally for index in (*morning, *night) for tally in engine(index)])
    store.add([tally for index in afternoon for tally in engine(index, came=23)])
    (told,) = board(store, Clock(START + 99 * WIDTH_S)).told(UTC)
    assert {name: round(one.bias, 3) for name, one in told.by_part.items()} == {"morning": 0.0, "afternoon": 0.1}


def job(plan: CameraPlan, source: str = "rtsp://camera.example/s") -> Job:
    return Job(plan, parse(source))


def test_a_proof_holds_for_a_line_as_it_is_counted() -> None:
    line = LinePlan("door", (0.1, 0.5), (0.9, 0.5))
    plan = CameraPlan("entrance", (line,))
    (known,) = provable_lines([job(plan)], "aa")
    changed = [
        provable_lines([job(plan)], "bb"),
        provable_lines([job(plan, "rtsp://camera.example/other")], "aa"),
        provable_lines([job(msgspec.structs.replace(plan, view="overhead"))], "aa"),
        provable_lines([job(msgspec.structs.replace(plan, analysed_fps=8.0))], "aa"),
        provable_lines([job(msgspec.structs.replace(plan, privacy_masks=(((0, 0), (1, 0), (1, 1)),)))], "aa"),
        provable_lines(
            [job(msgspec.structs.replace(plan, lines=(msgspec.structs.replace(line, end=(0.8, 0.5)),)))], "aa"
        ),
    ]
    assert known.fingerprint not in {one.fingerprint for lines in changed for one in lines}
    same = [
        provable_lines([job(plan)], "aa"),
        provable_lines([job(msgspec.structs.replace(plan, window_s=60))], "aa"),
        provable_lines([job(msgspec.structs.replace(plan, lines=(line, LinePlan("other", (0, 0), (1, 1)))))], "aa"),
    ]
    assert {lines[0].fingerprint for lines in same} == {known.fingerprint}


def test_a_proof_ends_with_another_size_of_picture_for_the_same_weights() -> None:
    whole, small = models.resolve("passerby-person"), models.resolve("passerby-person-small")
    assert whole.sha256 == small.sha256
    jobs = [job(CameraPlan("entrance", (LinePlan("door", (0.1, 0.5), (0.9, 0.5)),)))]
    told = [lines_of(jobs, Models(one, None))[0].fingerprint for one in (whole, whole, small)]
    assert told[0] == told[1] != told[2]


def test_a_sheet_of_counts_is_read(tmp_path: Path) -> None:
    sheet = tmp_path / "counts.csv"
    sheet.write_text("start,in,out\n2025-10-09T09:00:00+00:00,20,10\n2025-10-09T09:15:00+00:00,0,3\n")
    assert read_sheet(sheet, DOOR, "anna", (WIDTH_S, None)) == [hand(0), hand(1, 0, 3)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("yesterday,1,2", "line 2, start: 'yesterday' is not a time"),
        ("2025-10-09T09:01:00+00:00,1,2", "is not where a window begins"),
        ("2025-10-09T09:00:00+00:00,-1,2", "line 2, in: '-1' is not a number of people"),
        ("2025-10-09T09:00:00+00:00,1", "line 2, out: '' is not a number of people"),
        ("", "has no rows"),
    ],
)
def test_mistakes_of_a_sheet_are_named(tmp_path: Path, row: str, words: str) -> None:
    sheet = tmp_path / "counts.csv"
    sheet.write_text(f"start,in,out\n{row}\n")
    with pytest.raises(ConfigError) as refused:
        read_sheet(sheet, DOOR, "anna", (WIDTH_S, None))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("share", "text"), [(0.012, "+1.2 %"), (-0.02, "\u22122.0 %"), (0.0, "0.0 %"), (-0.0001, "0.0 %")]
)
def test_a_bias_has_a_sign(share: float, text: str) -> None:
    assert percent(share) == text


def test_what_stands_beside_a_figure(store: Store) -> None:
    Proofs(store.file).add([hand(index) for index in range(6)])
    store.add([tally for index in range(6) for tally in engine(index)])
    (told,) = board(store, Clock(START + 9 * WIDTH_S)).told(UTC)
    assert told.words(UTC) == "0.0 % ± 2.0 %, proved 9 October 2025"
