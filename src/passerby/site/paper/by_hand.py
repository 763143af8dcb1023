"""What the commands ask for: papers made once, from the configuration and the store, beside a site that may run."""

import time
from pathlib import Path

from passerby.errors import ConfigError
from passerby.site.config import SiteConfig
from passerby.site.paper import periods
from passerby.site.paper.aisles import with_aisles
from passerby.site.paper.delivery import Made
from passerby.site.paper.desk import made_of
from passerby.site.paper.evidence import look
from passerby.site.paper.figures import gather
from passerby.site.paper.periods import Period
from passerby.site.paper.proved import Beside, nothing_beside
from passerby.site.paper.record import Record, made
from passerby.site.paper.report import Head
from passerby.site.paper.shapes import Language
from passerby.site.settings import page_settings, place_settings, shelf_settings
from passerby.site.store import StoredTallies, readable


def period(day: str | None, week: str | None) -> Period:
    """Which period is asked for.

    Raises:
        ConfigError: none, both, or one that is no day or week.
    """
    if (day is None) == (week is None):
        raise ConfigError(["give --day or --week, such as --day 2026-11-24 or --week 2026-W47"])
    return periods.parse_day(day) if day is not None else periods.parse_week(week or "")


def store_of(config: SiteConfig, wanted: Period) -> StoredTallies:
    """The store of a site, of which a period can be asked.

    Raises:
        ConfigError: the period has not begun.
        StoreError: there is no store, or it cannot be read.
    """
    if wanted.bounds(config.site.zone)[0] > time.time():
        raise ConfigError([f"{wanted.name} has not begun yet; nothing is known of it"])
    return readable(config.store_file)


def make_report(config: SiteConfig, wanted: Period, language: Language | None, proofs: Beside = nothing_beside) -> Made:
    """A report, from the store as it is now.

    Args:
        config: of the site.
        wanted: which day or week.
        language: None for that of the configured reports, or English.
        proofs: what is proved of its lines.

    Raises:
        ConfigError: the period has not begun.
        StoreError: there is no store, or it cannot be read.
    """
    settings, store = page_settings(config), store_of(config, wanted)
    figures = gather(store, settings, place_settings(config), wanted, proofs)
    figures = with_aisles(figures, store, shelf_settings(config))
    spoken = language or (config.reports.language if config.reports else "en")
    return made_of(figures, Head(config.site.name, spoken, settings.zone))


def make_record(config: SiteConfig, *, as_pdf: bool) -> bytes:
    """The data-protection impact record, with what is found on this machine now."""
    return made(Record(config, look(config)), as_pdf=as_pdf)


def write(file: Path, content: bytes) -> None:
    """Writes a file.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ConfigError([f"{file}: cannot be written ({error.strerror})"]) from None
