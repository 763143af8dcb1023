"""What a site needs before it opens its page: accounts where others can reach it, and its certificate."""

import ssl
from pathlib import Path

import structlog

from passerby.errors import ConfigError
from passerby.records.access.book import FILE_NAME, AccessFile
from passerby.records.access.entry import Access
from passerby.records.access.tls import read_certificate, self_signed
from passerby.records.config_web import Web
from passerby.site.config import SiteConfig
from passerby.site.journal import Journal

_log = structlog.get_logger("passerby.site")


def access_file(config: SiteConfig) -> AccessFile:
    """The file of accounts of a site: beside its store."""
    return AccessFile(config.store_file.with_name(FILE_NAME))


def check_access(config: SiteConfig, path: Path) -> None:
    """Refuses what would let strangers in, or nobody.

    Args:
        config: of the site.
        path: where it stands, for what to type.

    Raises:
        ConfigError: others can reach the page and no account is set, or the accounts cannot be read.
    """
    book = access_file(config).read()
    if book.is_empty and not config.web.only_here:
        raise ConfigError(
            [
                f"{path}, web: others can reach {_reached(config.web)}, and no account is set. Make one first: "
                f"passerby access add {path} NAME --role admin. For this machine alone no account is needed: write "
                "host: 127.0.0.1 without names and trusted_proxies."
            ]
        )


def open_access(config: SiteConfig, path: Path) -> Access:
    """Who is let in to a site.

    Raises:
        ConfigError: as `check_access`.
    """
    check_access(config, path)
    if not config.web.only_here and config.web.tls is None and not config.web.trusted_proxies:
        _log.warning(
            "the page is not encrypted: whoever is in the same network can read what passes, passwords too",
            mend="web: {tls: self-signed}, or a certificate of your own, or a proxy that has one",
        )
    return Access(access_file(config), Journal(config.store_file), only_here=config.web.only_here)


def open_tls(config: SiteConfig) -> ssl.SSLContext | None:
    """What the page is encrypted with; None where nothing is asked for.

    Raises:
        ConfigError: the certificate or its key cannot be read or made.
    """
    given = config.web.tls
    if given is None:
        return None
    if given != "self-signed":
        return read_certificate(config.path_of(given.certificate), config.path_of(given.key))
    made = self_signed(config.store_file.parent, config.web.host, config.web.names)
    _log.info("self-signed certificate: compare this with what the browser shows", sha256=made.fingerprint)
    return read_certificate(made.certificate, made.key)


def reach(web: Web) -> str:
    """Who can open the page, in a sentence for it."""
    if web.only_here:
        return "Only this machine can open this page."
    if web.tls is not None:
        return "Who has an account can open this page from other machines. What passes is encrypted."
    if web.trusted_proxies:
        return "Who has an account can open this page from other machines, through a proxy."
    return (
        "Who has an account can open this page from other machines. What passes is not encrypted, unless a proxy "
        "does it: whoever is in the same network can read it, passwords too."
    )


def _reached(web: Web) -> str:
    by = " and ".join(filter(None, (", ".join(web.names), ", ".join(web.trusted_proxies))))
    return f"{web.host} port {web.port}" + (f" by {by}" if by else "")
