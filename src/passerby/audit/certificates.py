"""TLS of a camera's ports: whether it is offered, and what is the matter with the certificate."""

import datetime as dt
import functools
import ssl

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from passerby.audit.wire import Host, NoAnswerError, connected
from passerby.gate.audit_contract import CertificateFacts

_LEAST_RSA_BITS = 2048  # NIST SP 800-57: 112 bits of security; so are the 224 of a curve
_LEAST_EC_BITS = 224
_WEAK_HASHES = {"md5", "sha1"}
_WORDS = {  # X509_V_ERR_* of OpenSSL
    9: "not valid yet",
    10: "expired",
    18: "self-signed",
    19: "signed by an authority that this computer does not know",
    20: "signed by an authority that this computer does not know",
    21: "signed by an authority that this computer does not know",
    62: "made out to another name",
    64: "made out to another address",
}


@functools.cache
def trusting_anything() -> ssl.SSLContext:
    """For looking and for Digest alone: it speaks to old cameras too, and checks nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _strict() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # a weak key is told as one, below, and not as a broken handshake
    return context


async def certificate(host: Host, port: int) -> CertificateFacts | None:
    """The certificate that a port shows; None where it offers no TLS."""
    try:
        async with connected(host, port, trusting_anything()) as (_, writer):
            handshake = writer.get_extra_info("ssl_object")
            der = handshake.getpeercert(binary_form=True)
    except NoAnswerError:
        return None
    if not der:
        return CertificateFacts(port, problem="none is shown")
    distrust = await _distrust(host, port)
    try:
        found = x509.load_der_x509_certificate(der)
        days_left = (found.not_valid_after_utc - dt.datetime.now(dt.UTC)).total_seconds() / 86400
        weakness = _weakness(found)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return CertificateFacts(port, problem="it cannot be read")
    reasons = ["expired"] if days_left < 0 else []
    reasons += [one for one in (distrust, weakness) if one and one not in reasons]
    return CertificateFacts(port, round(days_left, 2), distrust is None, ", ".join(reasons) or None)


async def _distrust(host: Host, port: int) -> str | None:
    """Why this computer does not trust the certificate, or None where it does."""
    try:
        async with connected(host, port, _strict()):
            return None
    except ssl.SSLCertVerificationError as error:
        return _WORDS.get(error.verify_code, "not trusted by this computer")
    except NoAnswerError:
        return "not to be checked: it speaks no version of TLS that is safe"


def _weakness(found: x509.Certificate) -> str | None:
    key = found.public_key()
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < _LEAST_RSA_BITS:
        return f"weak key ({key.key_size} bits)"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < _LEAST_EC_BITS:
        return f"weak key ({key.key_size} bits)"
    signed = found.signature_hash_algorithm
    if signed is not None and signed.name in _WEAK_HASHES:
        return f"weak signature ({signed.name.upper()})"
    return None
