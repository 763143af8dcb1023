"""Certificates: a site's own are read, and where it has none, one is made."""

import datetime
import ipaddress
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from passerby.errors import ConfigError

CERTIFICATE, KEY = "self-signed.crt", "self-signed.key"
_LIFE = datetime.timedelta(days=825)  # longer ones are refused by Apple's systems
_RENEW = datetime.timedelta(days=60)
_READ_BY_ALL = 0o004


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was made here.

    Attributes:
        certificate: path of it.
        key: path of its private key.
        fingerprint: SHA-256 of it, as browsers show it.
    """

    certificate: Path
    key: Path
    fingerprint: str


def read_certificate(certificate: Path, key: Path) -> ssl.SSLContext:
    """What serves with a certificate: TLS 1.2 and later.

    Raises:
        ConfigError: the files cannot be read, do not belong together, or everybody may read the key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if key.stat().st_mode & _READ_BY_ALL:
            raise ConfigError([f"web.tls: everybody on this machine may read the key {key}; chmod o-r {key}"])
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        words = f"{certificate} and {key} are not a certificate and its key in PEM ({error.reason or 'not understood'})"
        raise ConfigError([f"web.tls: {words}"]) from None
    except OSError as error:
        where = error.filename or f"{certificate} or {key}"
        raise ConfigError([f"web.tls: {where} cannot be read ({error.strerror})"]) from None
    except ValueError:
        raise ConfigError([f"web.tls: the key {key} has a password; write it without: openssl pkey -in ..."]) from None
    return context


def self_signed(folder: Path, host: str, names: Iterable[str], now: datetime.datetime | None = None) -> Certificate:
    """The site's own certificate; made where there is none, it runs out soon, or the site has other names by now.

    Args:
        folder: where it is kept; the key is for the site's account only.
        host: address that is listened on.
        names: under which browsers reach the page.
        now: the moment; the present one if absent.

    Raises:
        ConfigError: it cannot be written.
    """
    now = now or datetime.datetime.now(datetime.UTC)
    certificate, key = folder / CERTIFICATE, folder / KEY
    wanted = _alternatives(host, names)
    try:
        found = _good(certificate, key, wanted, now)
        if found is None:
            found = _make(certificate, key, wanted, now)
    except OSError as error:
        raise ConfigError([f"web.tls: {error.filename or folder}: {error.strerror}"]) from None
    digest = found.fingerprint(hashes.SHA256()).hex().upper()
    return Certificate(certificate, key, ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)))


def _no_password() -> str:
    raise ValueError


def _alternatives(host: str, names: Iterable[str]) -> x509.SubjectAlternativeName:
    """The names that it is for. The machine's own name is not among them: strangers read certificates."""
    addresses = {"127.0.0.1", "::1"}
    if host != "localhost" and not ipaddress.ip_address(host).is_unspecified:
        addresses.add(host)
    hosts = {"localhost"}
    for name in names:
        (addresses if _is_address(name) else hosts).add(name.lower().rstrip("."))
    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(one) for one in sorted(hosts)),
            *(x509.IPAddress(ipaddress.ip_address(one)) for one in sorted(addresses)),
        ]
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _good(
    certificate: Path, key: Path, wanted: x509.SubjectAlternativeName, now: datetime.datetime
) -> x509.Certificate | None:
    if not (certificate.exists() and key.exists()):
        return None
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return None
    lasts = found.not_valid_after_utc - now > _RENEW
    return found if lasts and names == wanted else None


def _make(
    certificate: Path, key: Path, wanted: x509.SubjectAlternativeName, now: datetime.datetime
) -> x509.Certificate:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "passerby")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # clocks of phones differ
        .not_valid_after(now + _LIFE)
        .add_extension(wanted, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, pem, 0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return made


def _write(path: Path, raw: bytes, mode: int) -> None:
    """Writes a file anew, so that the old one's rights do not stay."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(raw)
