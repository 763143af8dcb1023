"""What a site needs before it opens its page: accounts where others can reach it, and its certificate."""

import ssl
from pathlib import Path

from passerby.records.access.book import FILE_NAME, AccessFile
from passerby.records.access.entry import Access
from passerby.records.access.opening import check_accounts, tls_of, warn_unencrypted
from passerby.records.config_web import Web
from passerby.site.config import SiteConfig
from passerby.site.journal import Journal


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
    check_accounts(access_file(config).read(), config.web, path, "passerby access add")


def open_access(config: SiteConfig, path: Path) -> Access:
    """Who is let in to a site.

    Raises:
        ConfigError: as `check_access`.
    """
    check_access(config, path)
    warn_unencrypted(config.web)
    return Access(access_file(config), Journal(config.store_file), only_here=config.web.only_here)


def open_tls(config: SiteConfig) -> ssl.SSLContext | None:
    """What the page is encrypted with; None where nothing is asked for.

    Raises:
        ConfigError: the certificate or its key cannot be read or made.
    """
    return tls_of(config.web, config.path_of, config.store_file.parent)


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
