"""The data-protection impact record: it says what is so, what is not, and what is left to the controller."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from passerby.site.doctor import Finding
from passerby.site.paper.blocks import Grid, Heading, Open, Points, as_markdown
from passerby.site.paper.claims import claims
from passerby.site.paper.evidence import Evidence, look
from passerby.site.paper.record import Record
from passerby.site.store import Store
from tests.support import filled
from tests.support.papers import CAMERA, NOTICE, pages_of, site, squeezed
from tests.support.source import ROOT

LOCKS = (Finding("Landlock", "good", "ABI 6"), Finding("seccomp", "good", "can end a process"))
GOOD = Evidence(1_760_000_000, LOCKS, unsafe=False, seen=(("Landlock", "good: ABI 6"),))
NO_KERNEL = replace(GOOD, locks=(Finding("Landlock", "missing", "none", "newer kernel"), LOCKS[1]))
MAIL = "reports: {schedule: [day], to: {mail: {host: m.example, from: a@b.example, to: [c@b.example]}}}\n"


def markdown(folder: Path, *more: str, evidence: Evidence = GOOD, camera: str = CAMERA) -> str:
    """The record, without the marks that Markdown needs."""
    return Record(site(folder, *more, camera=camera), evidence).as_markdown().replace("\\", "")


def test_all_claims_are_read_from_their_pages() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "claims").glob("*.md")} - {"index"}
    told = claims()
    assert {one.name for one in told} == pages
    assert all(one.claim and one.test and one.not_covered for one in told)
    assert not [one for one in told if "](" in one.claim + one.test + "".join(one.not_covered)]


def test_the_pages_are_packed() -> None:
    assert '"docs/claims" = "passerby/site/paper/claims"' in (ROOT / "pyproject.toml").read_text()


def test_it_has_the_four_parts_of_the_law(tmp_path: Path) -> None:
    text = markdown(tmp_path, NOTICE)
    for letter in "abcd":
        assert len(re.findall(rf"^## .*\(Art\. 35\(7\)\({letter}\)\)$", text, re.MULTILINE)) == 1
    for paragraph in ("35(2)", "35(9)", "35(11)", "36)"):
        assert f"Art. {paragraph}" in text


def test_the_site_is_described_as_it_is_configured(tmp_path: Path) -> None:
    text = markdown(tmp_path, NOTICE, MAIL, "window_s: 300\n")
    for fact in (
        *("Museum of Clocks Ltd", "privacy@museum.example", "To know how many visitors come", "short queues"),
        *("entrance", "Main door (masks: to see whether the offer of masks is taken)", "Till (queue)", "rtsp (open)"),
        *("by 5 min for 35 days", "Reports by e-mail; recipients: 1", "127.0.0.1"),
    ):
        assert fact in text.replace("\u00a0", " "), fact
    assert "c@b.example" not in text
    assert "camera.example" not in text, "addresses of cameras are nobody's business here"


def test_every_claim_stands_with_its_test_and_its_limits(tmp_path: Path) -> None:
    text = markdown(tmp_path, NOTICE)
    for one in claims():
        assert f"| {one.title} | {one.claim} | {one.test} |" in text
        for point in one.not_covered:
            assert f"- {point}" in text


def test_where_the_kernel_cannot_it_does_not_say_that_it_can(tmp_path: Path) -> None:
    text = markdown(tmp_path, NOTICE, evidence=NO_KERNEL)
    assert text.count("DOES NOT HOLD HERE") == 4
    assert "The kernel can keep it" not in text
    assert "passerby does not open cameras here" in text
    assert "DOES NOT HOLD" not in markdown(tmp_path, NOTICE)


def test_counts_without_the_lock_are_told(tmp_path: Path) -> None:
    text = markdown(tmp_path, NOTICE, evidence=replace(GOOD, unsafe=True))
    assert "Counts of the last seven days were made without the lock-down" in text
    assert "The kernel can keep it" not in text


@pytest.mark.parametrize(
    ("more", "camera", "said"),
    [
        ((NOTICE,), CAMERA, "Not encrypted on the way to this machine: entrance"),
        ((NOTICE,), CAMERA.replace("rtsp:", "rtsps:"), "certificate of rtsps cameras is not checked"),
        ((NOTICE, "web: {host: 0.0.0.0}\n"), CAMERA, "0.0.0.0 without TLS"),
        ((NOTICE, "window_s: 60\n"), CAMERA, "Windows of 60 s are short"),
        ((NOTICE, "masks: {minimum_judged: 3}\n"), CAMERA, "told from 3 people on"),
        ((NOTICE,), CAMERA, "Heat maps are kept"),
        (
            (NOTICE, "model: {file: a.onnx, family: ssd, input: [416, 256], threshold: 0.4}\n"),
            CAMERA,
            "The detector is a model of your own",
        ),
        ((), CAMERA, "No notice is configured"),
    ],
)
def test_what_weakens_a_promise_is_found(tmp_path: Path, more: tuple[str, ...], camera: str, said: str) -> None:
    assert said in markdown(tmp_path, *more, camera=camera)
    quiet = re.sub(r"    heat_map.*\n", "", CAMERA).replace("rtsp://camera.example/s", "a.mp4")
    assert said not in markdown(tmp_path, NOTICE, camera=quiet)


def test_what_only_the_controller_can_say_is_left_open(tmp_path: Path) -> None:
    blocks = list(Record(site(tmp_path), GOOD).blocks())
    assert sum(isinstance(block, Open) for block in blocks) == 8
    assert "what only the controller can judge is left open" in as_markdown(blocks)


def test_the_pdf_says_the_same(tmp_path: Path) -> None:
    record = Record(site(tmp_path, NOTICE), GOOD)
    told = squeezed(" ".join(pages_of(record.as_pdf())))
    for block in record.blocks():
        if isinstance(block, Heading):
            assert squeezed(block.text) in told
        if isinstance(block, Grid):
            assert [column for column in block.columns if squeezed(column) not in told] == []
        if isinstance(block, Points):
            assert [item for item in block.items if squeezed(item)[:40] not in told] == []
    assert record.as_pdf() == record.as_pdf()


def test_this_machine_is_looked_at(tmp_path: Path) -> None:
    config = site(tmp_path, NOTICE)
    before = look(config)
    assert before.unsafe is None
    assert [lock.what for lock in before.locks] == ["Landlock", "seccomp"]
    assert "there is no store" in dict(before.seen)["The store"]
    for unsafe in (False, True):
        with Store(config.store_file, unsafe=unsafe) as store:
            now = int(before.moment_unix_s) // 900 * 900
            shift = now - filled.NINE - 86_400 + 900 * unsafe * 20
            store.add([replace(one, start_unix_s=one.start_unix_s + shift) for one in filled.tallies(2)])
            found = look(config)
        assert found.unsafe is unsafe
        assert ("WITHOUT" in dict(found.seen)["Counts of the last seven days"]) is unsafe
