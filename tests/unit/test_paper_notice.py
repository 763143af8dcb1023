"""The sign at the door and the page behind it, in all languages and from the configuration as it is."""

import re
import string
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from passerby.errors import ConfigError
from passerby.gate.contract import free_bits_per_minute
from passerby.site.config import camera_plan
from passerby.site.paper.facts import Facts, facts_of
from passerby.site.paper.notice import NEVERS, missing_languages, notice
from passerby.site.paper.privacy_page import PATH, mount_privacy_notice, privacy_page
from passerby.site.paper.promises import Kept, promises
from passerby.site.paper.shapes import Language
from passerby.site.paper.texts import LANGUAGES, Texts, all_texts, preferred
from passerby.site.state import LockdownState, SiteState
from tests.support.papers import CAMERA, NOTICE, lowest_mm, site, squeezed, text_of
from tests.support.source import PACKAGE

LOCKED = SiteState("Museum of Clocks", lockdown=(LockdownState("worker 1", 4, True),))
MAIL = "reports: {schedule: [day], to: {mail: {host: m.example, from: a@b.example, to: [c@b.example, d@b.example]}}}\n"


def fields(text: str) -> set[str | None]:
    return {name for _text, name, _form, _more in string.Formatter().parse(text) if name is not None}


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return facts_of(site(tmp_path, NOTICE))


def test_every_text_is_there_in_every_language() -> None:
    assert set(LANGUAGES) == {"en", "de", "fr", "es", "ru"}
    for key, texts in all_texts().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(isinstance(text, str) and text.strip() for text in texts.values()), key
        assert len({frozenset(fields(text)) for text in texts.values()}) == 1, f"{key}: other values in one language"


def test_russian_is_written_in_russian() -> None:
    latin = {key for key, texts in all_texts().items() if not re.search("[\u0400-\u04ff]", texts["ru"], re.IGNORECASE)}
    assert latin == {"decimal", "percent"}


def test_every_text_is_printed_somewhere() -> None:
    code = "\n".join(path.read_text() for path in (PACKAGE / "site" / "paper").glob("*.py")).replace("'", '"')
    numbered = re.compile(r"^(day|short|month)_\d+$")
    silent = [
        key
        for key in all_texts()
        if f'"{key}"' not in code
        and not numbered.match(key)
        and not key.startswith(("basis_", "report_", "chart_", "recipient_"))
    ]
    assert silent == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sign_says_it_all_on_one_page(facts: Facts, language: Language) -> None:
    texts = Texts(language)
    told = squeezed(text_of(notice(facts, language, 0)))
    wanted = [texts(key) for key in (*facts.measured, *NEVERS, "headline", "promise", "kept_pictures", "rights_short")]
    wanted += ["Museum of Clocks Ltd", "12 Tower Street, Springfield", "privacy@museum.example", "dpo@museum.example"]
    wanted += [texts("basis_legitimate_interests"), "to see whether the offer of masks is taken"]
    assert [one for one in wanted if squeezed(one) not in told] == []
    assert "museum.example/privacy-notice" in told


def test_the_sign_speaks_the_language_that_it_has(facts: Facts) -> None:
    assert squeezed("Um zu wissen, wie viele Besucher kommen") in squeezed(text_of(notice(facts, "de", 0)))
    assert squeezed("To know how many visitors come") in squeezed(text_of(notice(facts, "fr", 0)))
    assert missing_languages(facts, "de") == []
    assert missing_languages(facts, "fr") == ["purpose", "interest"]


def test_the_same_input_gives_the_same_sign(facts: Facts) -> None:
    assert notice(facts, "en", 5) == notice(facts, "en", 5)
    assert notice(facts, "en", 5) != notice(facts, "de", 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_sign_is_one_page(tmp_path: Path, language: Language) -> None:
    long = "Wmmm " * 23 + "x"
    lines = NOTICE.replace("Museum of Clocks Ltd", long).replace("12 Tower Street, Springfield", long)
    lines = lines.replace("privacy@museum.example", long).replace("dpo@museum.example", long)
    lines = lines.replace("To know how many visitors come", "Wmmm " * 59 + "x").replace(
        "short queues", "Wm " * 99 + "x"
    )
    lines = lines.replace("/privacy-notice", "/" + "x" * 250)
    door = CAMERA.partition("    zones:")[0].partition("      - name: Main door")[2]
    doors = "".join(
        f"      - name: door {number}{door}".replace("to see", f"{number} " + "Wmmm " * 30 + "to see")
        for number in range(9)
    )
    camera = CAMERA.replace("    zones:", doors + "    zones:")
    sign = notice(facts_of(site(tmp_path, lines, camera=camera)), language, 0)
    assert squeezed(Texts(language)("rights_short")) in squeezed(text_of(sign))
    assert lowest_mm(sign) > 12


def test_without_a_notice_all_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        notice(facts_of(site(tmp_path)), "en", 0)
    for key in ("controller", "contact", "privacy_url", "purpose", "legal_basis", "interest"):
        assert f"  {key}: " in str(refused.value)


def test_half_a_notice_names_the_other_half(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        site(tmp_path, "notice: {controller: Museum of Clocks Ltd, privacy_url: ftp://x, legal_basis: consent}\n")
    assert {"contact", "purpose", "privacy_url"} <= set(re.findall(r"notice\.(\w+):", str(refused.value)))


@pytest.mark.parametrize("basis", ["legal_basis: legitimate_interests", "legal_basis: consent\n  interest: {en: abc}"])
def test_an_interest_belongs_to_its_basis(tmp_path: Path, basis: str) -> None:
    given = re.sub(r"  legal_basis: .*\n  interest: .*\n", f"  {basis}\n", NOTICE)
    with pytest.raises(ConfigError, match="legitimate"):
        site(tmp_path, given)


def test_only_what_is_measured_is_said(tmp_path: Path) -> None:
    door = CAMERA.partition("    zones:")[0].replace("        masks: true\n", "")
    door = re.sub(r"        purpose:.*\n", "", door)
    assert facts_of(site(tmp_path, camera=door)).measured == ("measured_crossings", "measured_inside")
    everything = facts_of(site(tmp_path)).measured
    assert set(everything) == {key for key in all_texts() if key.startswith("measured_")} - {"measured_nothing"}


def test_the_bytes_are_those_of_the_contract(tmp_path: Path) -> None:
    config = site(tmp_path)
    bits = free_bits_per_minute(camera_plan(config.cameras[0], config))
    assert 0 <= facts_of(config).bytes_per_minute - bits / 8 < 1


@pytest.mark.parametrize(
    ("web", "reachable", "private"),
    [
        ("", False, True),
        ("web: {host: 0.0.0.0}\n", True, False),
        ("web: {host: 0.0.0.0, tls: self-signed}\n", True, True),
        ("web: {names: [counting.example]}\n", True, False),
        ("web: {trusted_proxies: [127.0.0.1]}\n", True, False),
    ],
)
def test_who_can_read_along_is_told_as_the_page_is_served(
    tmp_path: Path, web: str, reachable: bool, private: bool
) -> None:
    facts = facts_of(site(tmp_path, NOTICE, web))
    assert (facts.reachable, facts.private_page) == (reachable, private)


def test_promises_that_hold_and_those_that_do_not(facts: Facts) -> None:
    def kept(facts: Facts, state: SiteState) -> dict[str, Kept]:
        return {one.text.removeprefix("promise_"): one.kept for one in promises(facts, state)}

    good = replace(facts, open_streams=())
    assert set(kept(good, LOCKED).values()) == {Kept.YES}
    assert kept(facts, LOCKED)["streams"] is Kept.NO
    assert kept(replace(good, reachable=True), LOCKED)["page"] is Kept.NO
    assert kept(replace(good, reachable=True, encrypted=True), LOCKED)["page"] is Kept.YES
    starting = kept(good, SiteState("x", lockdown=(LockdownState("worker 1"),)))
    assert {one for one, state in starting.items() if state is Kept.UNKNOWN} == {"shut_in", "door", "windows"}
    unsafe = kept(good, replace(LOCKED, unsafe=True))
    assert {one for one, state in unsafe.items() if state is Kept.NO} == {
        "shut_in",
        "fails_closed",
        "door",
        "windows",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_all_of_it(tmp_path: Path, language: Language) -> None:
    texts = Texts(language)
    page = privacy_page(facts_of(site(tmp_path, NOTICE, MAIL)), LOCKED, language)
    for key in ("page_intro", "rights_text", "rights_counts", "holds_not", "recipients_none", *NEVERS):
        assert texts(key) in page
    assert texts("recipient_mail", count=2) in page
    assert "c@b.example" not in page, "who gets reports is counted, not named"
    assert "The Authority of Springfield" in page
    assert f'<html lang="{language}">' in page


def test_the_page_without_a_notice_says_that(tmp_path: Path) -> None:
    page = privacy_page(facts_of(site(tmp_path)), LOCKED, "en")
    assert all_texts()["controller_missing"]["en"] in page


def test_no_name_becomes_markup(facts: Facts) -> None:
    evil = "<script>alert(1)</script>&lt;"
    told = facts.notice
    assert told
    changed = replace(facts, site=evil, mask_purposes=(evil,), notice=told.model_copy(update={"controller": evil}))
    page = privacy_page(changed, LOCKED, "en")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;") == 4


def test_readers_get_their_language(facts: Facts) -> None:
    app = FastAPI()
    mount_privacy_notice(app, facts, lambda: LOCKED)
    client = TestClient(app)

    def asked(query: str, wanted: str) -> str:
        answer = client.get(PATH + query, headers={"accept-language": wanted})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        found = re.search(r'<html lang="(\w+)">', answer.text)
        assert found
        return found[1]

    assert asked("", "de-AT,de;q=0.9,en;q=0.5") == "de"
    assert asked("", "ja,ru;q=0.2,fr;q=0.7") == "fr"
    assert asked("", "ja, de;q=0") == "en"
    assert asked("?lang=es", "de") == "es"
    assert asked("?lang=xx", "de") == "de"
    assert "<script" not in client.get(PATH).text


@pytest.mark.parametrize("text", ["", "*", ";;;q=", "de;q=9", "de" * 5000, "en;q=0.999,de", "\x00"])
def test_any_wish_gets_a_language(text: str) -> None:
    assert preferred(text) in LANGUAGES


def test_numbers_and_dates_as_each_writes_them() -> None:
    day = date(2026, 12, 1)
    assert [Texts(one).date(day) for one in LANGUAGES] == [
        "Tuesday 1 December 2026",
        "Dienstag, 1. Dezember 2026",
        "mardi 1er décembre 2026",
        "martes, 1 de diciembre de 2026",
        "вторник, 1 декабря 2026 \u0433.",
    ]
    assert Texts("de").number(1234.56, 1) == "1\u202f234,6"
    assert [Texts("en").percent(one) for one in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %",
        "<\u202f1 %",
        "50 %",
        ">\u202f99 %",
        "100 %",
    ]
    assert Texts("ru").duration(3900) == "1\u00a0ч\u00a05\u00a0мин"
