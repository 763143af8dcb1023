"""`passerby prove`, as somebody at the terminal uses it."""

from pathlib import Path

import pytest

from passerby.core.tallies import Measure, Tally
from passerby.site.journal import Journal
from passerby.site.proof import ProofBoard, Proofs
from passerby.site.run import prover
from passerby.site.store import Store
from tests.support.program import in_words, passerby
from tests.support.site import overhead_camera

START = 1_760_000_400


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose engine has counted for an hour, and a sheet of counts by hand of it."""
    config = tmp_path / "site.yaml"
    (tmp_path / "a.mp4").write_bytes(b"")
    config.write_text("site: {time_zone: UTC}\ncameras:\n" + overhead_camera("hall", "a.mp4") + "\n")
    with Store(tmp_path / "passerby.sqlite") as store:
        for measure, total in ((Measure.CROSSINGS_IN, 30), (Measure.CROSSINGS_OUT, 20)):
            store.add([Tally("hall", measure, "door", START + n * 900, 900, total, 900.0) for n in range(4)])
    rows = "".join(f"2025-10-09 09:{minute:02},30,20\n" for minute in (0, 15, 30, 45))
    (tmp_path / "counts.csv").write_text("start,in,out\n" + rows)
    return config


def test_counts_by_hand_are_taken_and_told(site: Path) -> None:
    sheet = site.with_name("counts.csv")
    taken = passerby("prove", site, "--line", "hall/door", "--counts", sheet)
    assert taken.status == 0
    assert "hall/door: 4 windows counted by hand are kept." in taken.out
    assert passerby("prove", site, "--json").json["proofs"][0]["windows_waiting"] == 4
    settle(site)
    (told,) = passerby("prove", site, "--json").json["proofs"]
    assert (told["both"]["by_hand"], told["both"]["bias"], told["both"]["equivalent"]) == (200, 0.0, True)
    assert "proved to be within 5 %" in passerby("prove", site).out
    ended = passerby("prove", site, "--end", "hall", "--note", "was moved", "--json")
    assert ended.status == 0
    assert passerby("prove", site, "--json").json["proofs"][0]["windows_expired"] == 4
    said = [(one.action, one.detail) for one in Journal(site.with_name("passerby.sqlite")).since(0)]
    assert said == [("proof ended", "hall: was moved"), ("count by hand ended", "hall/door: 4 windows from a file")]


def settle(config: Path) -> None:
    """What a running site does each half minute."""
    with Store(config.with_name("passerby.sqlite")) as store:
        ProofBoard(Proofs(store.file), store, prover(config).lines, 0.05, lambda: START + 9000.0).told(None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--line", "hall/gate", "--counts", "counts.csv"), "there is no line 'hall/gate'; write CAMERA/LINE"),
        (("--line", "hall/door"), "--line and --counts belong together"),
        (("--end", "attic"), "Lines here: hall/door"),
        (("--line", "hall/door", "--counts", "nowhere.csv"), "cannot be read as CSV"),
    ],
)
def test_mistakes_are_named(site: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = passerby("prove", site, *arguments)
    assert ran.status == 2
    assert words in in_words(ran)


def test_a_site_that_never_ran_has_nothing_to_prove(tmp_path: Path) -> None:
    config = tmp_path / "site.yaml"
    (tmp_path / "a.mp4").write_bytes(b"")
    config.write_text("cameras:\n" + overhead_camera("hall", "a.mp4") + "\n")
    ran = passerby("prove", config)
    assert ran.status == 5
    assert "start the site once with `passerby run`" in in_words(ran)
