"""The commands that make papers, as they are typed, and the page of a site that runs."""

import re
import urllib.request
from pathlib import Path

import pytest

from passerby.gate import landlock, seccomp
from passerby.site.store import Store
from tests.support import filled
from tests.support.clips import make_clip
from tests.support.papers import NOTICE, pages_of, site_file, text_of
from tests.support.program import in_words, passerby
from tests.support.site import RunningSite, eventually, overhead_camera

locks = pytest.mark.skipif(
    landlock.abi() == 0 or not seccomp.available(), reason="this kernel has no Landlock or no seccomp"
)


def test_a_report_by_hand_while_the_site_runs(tmp_path: Path) -> None:
    file = site_file(tmp_path, "reports: {schedule: [day], language: de, to: {folder: x}}\n")
    with Store(tmp_path / "passerby.sqlite") as store:  # it holds the lock of the one that writes
        store.add(list(filled.tallies()))
        ran = passerby("report", file, "--day", "2025-10-09", "--out", tmp_path / "r.pdf")
        again = passerby("report", file, "--week", "2025-W41", "--lang", "fr", "--out", tmp_path / "w.pdf")
    assert (ran.status, again.status) == (0, 0)
    assert "Besucher eines Tages" in ran.out
    assert "Donnerstag, 9. Oktober 2025" in text_of((tmp_path / "r.pdf").read_bytes())
    assert "Visiteurs d\u2019une semaine" in text_of((tmp_path / "w.pdf").read_bytes())
    assert (tmp_path / "r.csv").read_text().startswith("period,since,until")
    assert "2025-W41" in (tmp_path / "w.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give --day or --week"),
        (("--day", "2025-10-09", "--week", "2025-W41"), "give --day or --week"),
        (("--day", "9.10.2025"), "such as 2026-11-24"),
        (("--week", "41"), "such as 2026-W47"),
        (("--day", "2999-01-01"), "has not begun yet"),
        (("--day", "2025-10-09"), "there is no store"),
    ],
)
def test_what_a_report_cannot_be_about(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = passerby("report", site_file(tmp_path), *arguments)
    assert ran.status in (2, 5)
    assert said in in_words(ran)


def test_a_sign(tmp_path: Path) -> None:
    out = tmp_path / "sign.pdf"
    ran = passerby("notice", site_file(tmp_path, NOTICE), "--lang", "ru", "--out", out)
    assert ran.status == 0
    assert "purpose has no ru" in ran.err
    assert "\u0417\u0434\u0435\u0441\u044c \u0441\u0447\u0438\u0442\u0430\u044e\u0442" in text_of(out.read_bytes())


def test_a_sign_without_a_notice_says_what_is_missing(tmp_path: Path) -> None:
    said = in_words(passerby("notice", site_file(tmp_path)))
    assert all(f"  {key}: " in said for key in ("controller", "contact", "privacy_url", "purpose", "legal_basis"))
    assert passerby("notice", site_file(tmp_path), "--lang", "xx").status == 2


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    ran = passerby("notice", site_file(tmp_path, NOTICE), "--out", tmp_path / "nowhere" / "x.pdf")
    assert "cannot be written" in in_words(ran)


def test_a_record_in_both_forms(tmp_path: Path) -> None:
    file = site_file(tmp_path, NOTICE)
    assert passerby("dpia", file, "--out", tmp_path / "d.pdf").status == 0
    assert "35(7)" in pages_of((tmp_path / "d.pdf").read_bytes())[0]
    ran = passerby("dpia", file, "--format", "markdown", "--out", "-")
    assert ran.out.startswith("# Data-protection impact record: Museum of Clocks\n")
    kernel = "The kernel can keep it" if landlock.abi() and seccomp.available() else "DOES NOT HOLD HERE"
    assert kernel in ran.out


@locks
def test_a_site_that_runs_tells_visitors(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4")

    def page(site: RunningSite) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/privacy-notice?lang=es", timeout=10) as answer:
            told: str = answer.read().decode()
            return told

    with RunningSite(tmp_path, overhead_camera("door", clip)).start() as site:
        eventually(lambda: site.state().get("lockdown", [{}])[0].get("complete"))
        told = page(site)
        states = re.findall(r'<td class="(\w+)">', told)
        assert states == ["yes"] * 7
        assert "Se cumple" in told
        assert site.stop() == 0
