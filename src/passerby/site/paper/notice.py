"""The sign at the door, from the configuration as it is.

It is the first layer of the EDPB's Guidelines 3/2019 on video devices (paragraphs 114 to 117): purposes, controller,
rights, the greatest effects, and where to read the rest, which is the page `/privacy-notice`.
"""

from typing import Any

from passerby.errors import ConfigError
from passerby.site.paper.facts import KEPT_DAYS, KEPT_MONTHS, Facts
from passerby.site.paper.shapes import Language, Notice
from passerby.site.paper.texts import Texts
from passerby.site.paper.typesetting import pdf, qr_code

NEVERS = ("never_pictures", "never_recognised", "never_followed", "never_listed")
_MOST_PURPOSES = 4


def notice(facts: Facts, language: Language, made_unix_s: float) -> bytes:
    """The sign as a PDF of one page.

    Raises:
        ConfigError: the configuration does not say who is responsible and why; the text says what is missing.
    """
    if facts.notice is None:
        needed = {name: field for name, field in Notice.model_fields.items() if field.is_required()}
        lines = [f"  {name}: {field.description}" for name, field in needed.items()]
        raise ConfigError(
            [
                "the sign has to say who counts and why; add notice: to the configuration, with",
                *lines,
                "  interest: needed where legal_basis is legitimate_interests",
            ]
        )
    return pdf("notice", _data(facts, facts.notice, Texts(language)), made_unix_s)


def purposes(facts: Facts, told: Notice, texts: Texts) -> list[str]:
    """Why visitors are counted, and why masks are asked for where they are."""
    masks = [texts("why_masks", purpose=purpose) for purpose in facts.mask_purposes]
    return [told.purpose.in_language(texts.language), *masks]


def missing_languages(facts: Facts, language: Language) -> list[str]:
    """Keys of the configuration's own sentences that are not written in a language."""
    told = facts.notice
    given = {"purpose": told.purpose, "interest": told.interest} if told else {}
    return [key for key, text in given.items() if text and getattr(text, language) is None]


def kept(facts: Facts, texts: Texts) -> list[str]:
    """How long pictures and counts are kept."""
    window = texts.duration(facts.window_s)
    counts = texts("kept_counts", window=window, days=KEPT_DAYS, months=KEPT_MONTHS)
    return [texts("kept_pictures"), counts]


def responsible(told: Notice, texts: Texts) -> list[str]:
    """Who is responsible and whom to ask."""
    lines = [told.controller + (f", {told.address}" if told.address else ""), texts("ask", contact=told.contact)]
    return lines + ([texts("officer", contact=told.privacy_officer)] if told.privacy_officer else [])


def legal_basis(told: Notice, texts: Texts) -> list[str]:
    """What allows it."""
    basis = texts(f"basis_{told.legal_basis}")
    interest = told.interest.in_language(texts.language) if told.interest else None
    return [f"{basis}: {interest}" if interest else basis]


def _data(facts: Facts, told: Notice, texts: Texts) -> dict[str, Any]:
    why = purposes(facts, told, texts)
    shown = why if len(why) <= _MOST_PURPOSES else [*why[: _MOST_PURPOSES - 1], "…"]
    return {
        "language": texts.language,
        **{key: texts(key) for key in ("headline", "promise", "what", "why", "never", "read_all")},
        "site": facts.site,
        "controller": told.controller,
        "measured": [texts(key) for key in facts.measured],
        "purposes": shown,
        "nevers": [texts(key) for key in NEVERS],
        "facts": [
            {"title": texts("who"), "lines": responsible(told, texts)},
            {"title": texts("kept"), "lines": kept(facts, texts)},
            {"title": texts("legal"), "lines": legal_basis(told, texts)},
        ],
        "rights": texts("rights_short"),
        "url": told.privacy_url,
        "qr": qr_code(told.privacy_url),
    }
