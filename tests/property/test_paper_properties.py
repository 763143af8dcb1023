"""No text of a configuration can change a paper: whatever it is, it is printed as it is, and nothing else happens."""

from hypothesis import given, settings
from hypothesis import strategies as st

from passerby.records.page.figures import Figure
from passerby.site.paper.blocks import Block, Grid, Heading, Open, Points, Text, as_data, as_markdown
from passerby.site.paper.facts import Facts, Recipient
from passerby.site.paper.figures import CameraPart, Door, ReportFigures
from passerby.site.paper.notice import notice
from passerby.site.paper.periods import parse_day
from passerby.site.paper.privacy_page import privacy_page
from passerby.site.paper.report import Head, report
from passerby.site.paper.shapes import LocalText, Notice
from passerby.site.paper.texts import LANGUAGES
from passerby.site.paper.typesetting import pdf
from passerby.site.state import SiteState
from tests.support.papers import pages_of, squeezed, text_of

MARKUP = [
    "#panic()",
    '#read("/etc/passwd")',
    "*b*",
    "$x$",
    "= H",
    "@label",
    "<label>",
    "\\u{41}",
    "#{",
    "]",
    "[",
    "`",
    "//",
    "/*",
]
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=3, max_size=40)
TEXTS = st.one_of(ANY, st.lists(st.sampled_from(MARKUP), min_size=1, max_size=6).map(" ".join))
PLAIN = st.lists(st.sampled_from(MARKUP), min_size=1, max_size=4).map("".join).filter(lambda text: "`" not in text)
NOTHING = Figure(3, 900, 900)


def facts(text: str) -> Facts:
    told = Notice.model_construct(
        controller=text, address=text, contact=text, privacy_officer=text, authority=text,
        privacy_url="https://museum.example/", legal_basis="legitimate_interests",
        purpose=LocalText.model_construct(en=text, de=None, fr=None, es=None, ru=None),
        interest=LocalText.model_construct(en=text, de=None, fr=None, es=None, ru=None),
    )  # fmt: skip
    return Facts(
        text, (text,), ("measured_masks",), (text,), 900, 118, (), False, False, (Recipient("recipient_page"),), told
    )


def figures(text: str) -> ReportFigures:
    period = parse_day("2026-11-24")
    since, until = period.bounds(None)
    return ReportFigures(
        period, since, until, True, (Door(text, text, NOTHING, NOTHING, NOTHING, None),), (), (), (), (),
        (CameraPart(text, 0.5),), NOTHING, NOTHING, NOTHING, True, False, 20, False,
    )  # fmt: skip


@given(TEXTS, st.sampled_from(LANGUAGES))
@settings(max_examples=25, deadline=None)
def test_any_text_on_a_sign(text: str, language: str) -> None:
    spoken = next(one for one in LANGUAGES if one == language)
    assert len(pages_of(notice(facts(text), spoken, 0))) == 1


@given(TEXTS)
@settings(max_examples=25, deadline=None)
def test_any_text_in_a_report(text: str) -> None:
    assert len(pages_of(report(figures(text), Head(text, "en", None)))) == 1


@given(PLAIN)
@settings(max_examples=20, deadline=None)
def test_markup_is_printed_as_it_is(text: str) -> None:
    assert squeezed(text) in squeezed(text_of(notice(facts(text), "en", 0)))


@given(TEXTS)
@settings(max_examples=20, deadline=None)
def test_any_text_in_a_record(text: str) -> None:
    blocks: list[Block] = [Heading(text), Text(text), Points((text,)), Grid((text,), ((text,),), (1,)), Open(text)]
    data = {"title": text, "site": text, "controller": text, "yours": "Yours", "blocks": as_data(blocks)}
    assert pages_of(pdf("dpia", data, 0))
    lines = as_markdown(blocks).splitlines()
    assert sum(line.startswith("#") for line in lines) == 1, "a text cannot begin a heading of its own"
    assert not [line for line in lines if "<" in line.replace("\\<", "")]


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_any_text_on_the_page(text: str) -> None:
    page = privacy_page(facts(text), SiteState("x"), "en")
    plain = privacy_page(facts("abc"), SiteState("x"), "en")
    assert page.count("<") == plain.count("<")
    assert page.count(">") == plain.count(">")
