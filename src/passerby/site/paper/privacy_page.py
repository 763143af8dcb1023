"""The public page behind the sign: all that Art. 13 GDPR asks for, from the configuration and the state as they are.

It is plain HTML without scripts. The tree is built first and written then, so that no name can become markup.
"""

from collections.abc import Callable, Iterable
from typing import Annotated
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import FastAPI, Header, Query
from fastapi.responses import HTMLResponse, Response

from passerby.site.paper.facts import Facts
from passerby.site.paper.notice import NEVERS, kept, legal_basis, purposes, responsible
from passerby.site.paper.promises import Kept, promises
from passerby.site.paper.shapes import Language
from passerby.site.paper.texts import LANGUAGES, Texts, preferred
from passerby.site.state import SiteState

PATH = "/privacy-notice"
_NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ru": "Русский"}
_KEPT = {Kept.YES: "holds", Kept.NO: "holds_not", Kept.UNKNOWN: "not_known"}
_STYLE = """
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem;color:#10302c;background:#fff}
h1{margin:.5rem 0}h2{margin:1.6rem 0 .4rem;color:#0a6a5f}nav a{margin-right:1rem}a{color:#0a6a5f}
td,th{text-align:left;vertical-align:top;padding:.35rem 1rem .35rem 0;border-bottom:1px solid #cfe0dd}
.no{color:#b3261e;font-weight:bold}
@media(prefers-color-scheme:dark){body{background:#0d1514;color:#dcebe8}h2,a{color:#6fd3c5}td,th{border-color:#29403c}
.no{color:#ff8a80}}
"""


def mount_privacy_notice(app: FastAPI, facts: Facts, state: Callable[[], SiteState]) -> None:
    """Adds the page. It holds nothing that the sign at the door does not point to, so everybody may read it."""

    @app.get(PATH, summary="What is measured, why, and who to ask, for visitors", response_class=HTMLResponse)
    def privacy_notice(
        lang: Annotated[str, Query(description="en, de, fr, es or ru; as the browser asks if absent.")] = "",
        accept_language: Annotated[str, Header(description="What the reader reads.")] = "",
    ) -> Response:
        page = privacy_page(facts, state(), _language(lang, accept_language))
        return HTMLResponse(page, headers={"Cache-Control": "no-store", "Vary": "Accept-Language"})


def privacy_page(facts: Facts, state: SiteState, language: Language) -> str:
    """The page in a language."""
    texts = Texts(language)
    root = Element("html", lang=language)
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _text(head, "title", f"{texts('page_title')} - {facts.site}")
    _text(head, "style", _STYLE)
    body = SubElement(root, "body")
    languages = SubElement(body, "nav")
    for one in LANGUAGES:
        link = _text(languages, "a", _NAMES[one])
        link.attrib |= {"href": f"?lang={one}", "lang": one, "hreflang": one}
    page = SubElement(body, "main")
    _text(page, "h1", f"{facts.site}: {texts('page_title')}")
    _text(page, "p", texts("page_intro"))
    _text(page, "p", texts("headline") + ". " + texts("promise"))
    _measured(page, facts, texts)
    _promises(page, facts, state, texts)
    _legal(page, facts, texts)
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html")


def _language(lang: str, accept_language: str) -> Language:
    """The one that was chosen; else, or where it is none of ours, what the browser asks for."""
    return next((one for one in LANGUAGES if one == lang), None) or preferred(accept_language)


def _measured(page: Element, facts: Facts, texts: Texts) -> None:
    _list(page, texts("what"), [texts(key) for key in facts.measured])
    if facts.notice:
        _list(page, texts("why"), purposes(facts, facts.notice, texts))
    elif facts.mask_purposes:
        _list(page, texts("why"), [texts("why_masks", purpose=purpose) for purpose in facts.mask_purposes])
    _list(page, texts("never"), [texts(key) for key in NEVERS])
    _text(page, "h2", texts("how"))
    _text(page, "p", texts("how_text", cameras=len(facts.cameras), window=texts.duration(facts.window_s)))
    _text(page, "p", texts("few"))
    _list(page, texts("kept"), kept(facts, texts))


def _promises(page: Element, facts: Facts, state: SiteState, texts: Texts) -> None:
    _text(page, "h2", texts("promises"))
    table = SubElement(page, "table")
    for promise in promises(facts, state):
        row = SubElement(table, "tr")
        values = {"window": texts.duration(facts.window_s), "bytes": texts.number(facts.bytes_per_minute)}
        _text(row, "td", texts(promise.text, **values))
        _text(row, "td", texts(_KEPT[promise.kept])).set("class", promise.kept.value)


def _legal(page: Element, facts: Facts, texts: Texts) -> None:
    said = facts.notice
    if said:
        _list(page, texts("who"), responsible(said, texts))
        _list(page, texts("legal"), legal_basis(said, texts))
    else:
        _text(page, "h2", texts("who"))
        _text(page, "p", texts("controller_missing")).set("class", "no")
    told = [texts(one.text, count=one.count) for one in facts.recipients]
    _list(page, texts("recipients"), [*told, texts("recipients_none")])
    rights = [texts(key) for key in ("rights_text", "rights_counts", "rights_decisions")]
    authority = [texts("authority", authority=said.authority)] if said and said.authority else []
    _list(page, texts("rights"), [*rights, *authority])


def _list(page: Element, title: str, items: Iterable[str]) -> None:
    _text(page, "h2", title)
    shown = SubElement(page, "ul")
    for item in items:
        _text(shown, "li", item)


def _text(parent: Element, tag: str, text: str) -> Element:
    element = SubElement(parent, tag)
    element.text = text
    return element
