"""Commands that make something to print: report, notice, dpia."""

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passerby.cli.shared import app, warn

if TYPE_CHECKING:
    from passerby.site.config import SiteConfig
    from passerby.site.paper.proved import Beside

Config = Annotated[Path, typer.Argument(help="The site's configuration.")]


class Language(StrEnum):
    """A language of what is printed."""

    EN = "en"
    DE = "de"
    FR = "fr"
    ES = "es"
    RU = "ru"


class Format(StrEnum):
    """A form of the record."""

    PDF = "pdf"
    MARKDOWN = "markdown"


@app.command()
def report(
    config: Config,
    day: Annotated[str | None, typer.Option(help="About a day, such as 2026-11-24.")] = None,
    week: Annotated[str | None, typer.Option(help="About a week, such as 2026-W47.")] = None,
    out: Annotated[Path | None, typer.Option(help="The PDF to write; the CSV goes beside it.")] = None,
    lang: Annotated[Language | None, typer.Option(help="Language; else that of reports:, or English.")] = None,
) -> None:
    """Makes the report of a day or a week by hand, as a page of A4 and a table; the site may go on running."""
    from passerby.site.config import load
    from passerby.site.paper import by_hand

    wanted = by_hand.period(day, week)
    known = load(config)
    by_hand.store_of(known, wanted)
    made = by_hand.make_report(known, wanted, lang.value if lang else None, _proofs(config, known))
    page = out or Path(f"{made.name}.pdf")
    by_hand.write(page, made.page)
    by_hand.write(page.with_suffix(".csv"), made.table.encode())
    print(f"{page} and {page.with_suffix('.csv').name}: written. {made.subject}")


def _proofs(config: Path, known: "SiteConfig") -> "Beside":
    """What is proved of a site's lines; where it could not run as it is, nothing, and the reason is said."""
    from passerby.errors import InputError, StoreError
    from passerby.site.paper.proved import beside, nothing_beside
    from passerby.site.proof import Proofs
    from passerby.site.ready import prover

    try:
        return beside(prover(config).told()) if Proofs(known.store_file).any() else nothing_beside
    except (InputError, StoreError) as error:
        warn(f"Proofs are left out: {error}")
        return nothing_beside


@app.command()
def notice(
    config: Config,
    lang: Annotated[Language, typer.Option(help="Language of the sign.")] = Language.EN,
    out: Annotated[Path | None, typer.Option(help="The PDF to write.")] = None,
) -> None:
    """Makes the sign for the door from the configuration: what is measured, why, what is never done, whom to ask."""
    from passerby.site.config import load
    from passerby.site.paper import by_hand
    from passerby.site.paper.facts import facts_of
    from passerby.site.paper.notice import missing_languages
    from passerby.site.paper.notice import notice as make

    facts = facts_of(load(config))
    page = out or Path(f"notice-{lang.value}.pdf")
    by_hand.write(page, make(facts, lang.value, time.time()))
    for key in missing_languages(facts, lang.value):
        warn(f"notice: {key} has no {lang.value}; the sign says it in another language.")
    print(f"{page}: written. Hang it where people see it before a camera sees them.")


@app.command()
def dpia(
    config: Config,
    out: Annotated[Path | None, typer.Option(help="The file to write; - for the terminal.")] = None,
    form: Annotated[Format, typer.Option("--format", help="pdf, or markdown to go on writing in.")] = Format.PDF,
) -> None:
    """Makes the data-protection impact record: what is done, what keeps it harmless here and now, what does not."""
    from passerby.site.config import load
    from passerby.site.paper import by_hand

    made = by_hand.make_record(load(config), as_pdf=form is Format.PDF)
    if out == Path("-"):
        sys.stdout.buffer.write(made)
        return
    file = out or Path("dpia.pdf" if form is Format.PDF else "dpia.md")
    by_hand.write(file, made)
    print(f"{file}: written. Fill in what is marked as yours to judge.")
