"""What is needed before a page opens: accounts where others can reach it, and its certificate."""

import ssl
from collections.abc import Callable
from pathlib import Path

import structlog

from passerby.errors import ConfigError
from passerby.records.access.book import Book
from passerby.records.access.tls import read_certificate, self_signed
from passerby.records.config_web import Web

_log = structlog.get_logger("passerby.site")


def check_accounts(book: Book, web: Web, path: Path, command: str) -> None:
    """Refuses what would let strangers in, or nobody; says where what passes can be read.

    Args:
        book: who is let in.
        web: where the page is served.
        path: of the configuration, for what to type.
        command: that adds an account.

    Raises:
        ConfigError: others can reach the page and no account is set.
    """
    if book.is_empty and not web.only_here:
        raise ConfigError(
            [
                f"{path}, web: others can reach {_reached(web)}, and no account is set. Make one first: "
                f"{command} {path} NAME --role admin. For this machine alone no account is needed: write "
                "host: 127.0.0.1 without names and trusted_proxies."
            ]
        )


def warn_unencrypted(web: Web) -> None:
    """Says in the log where passwords can be read on their way."""
    if not web.only_here and web.tls is None and not web.trusted_proxies:
        _log.warning(
            "the page is not encrypted: whoever is in the same network can read what passes, passwords too",
            mend="web: {tls: self-signed}, or a certificate of your own, or a proxy that has one",
        )


def tls_of(web: Web, path_of: Callable[[str], Path], folder: Path) -> ssl.SSLContext | None:
    """What a page is encrypted with; None where nothing is asked for.

    Args:
        web: where it is served.
        path_of: a path of the configuration.
        folder: where a certificate that is made here is kept.

    Raises:
        ConfigError: the certificate or its key cannot be read or made.
    """
    given = web.tls
    if given is None:
        return None
    if given != "self-signed":
        return read_certificate(path_of(given.certificate), path_of(given.key))
    made = self_signed(folder, web.host, web.names)
    _log.info("self-signed certificate: compare this with what the browser shows", sha256=made.fingerprint)
    return read_certificate(made.certificate, made.key)


def _reached(web: Web) -> str:
    by = " and ".join(filter(None, (", ".join(web.names), ", ".join(web.trusted_proxies))))
    return f"{web.host} port {web.port}" + (f" by {by}" if by else "")
