"""Parts of the probe: digests, certificates, text of devices, factory passwords, ports."""

import datetime as dt
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from passerby.audit import digest, passwords, rtsp
from passerby.audit.certificates import certificate
from passerby.audit.passwords import Knock
from passerby.audit.ports import SERVICES
from passerby.audit.untrusted import clean
from passerby.audit.wire import Host
from passerby.gate.audit_contract import CertificateFacts, Login
from tests.support import loops
from tests.support.certificates import Authority
from tests.support.hostile import Hostile, always
from tests.support.source import ROOT

HERE = Host("127.0.0.1", "127.0.0.1")

# --- digests: the examples of RFC 7616, 3.9.1, and RFC 2617's form, which RTSP has

RFC_LOGIN = Login("Mufasa", "Circle of Life")
RFC_ONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
RFC_CHALLENGE = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digests_are_those_of_the_rfc(algorithm: str, response: str) -> None:
    challenges = ['Basic realm="x"', RFC_CHALLENGE.format(algorithm)]
    answer = digest.authorization(challenges, RFC_LOGIN, "GET", "/dir/index.html", RFC_ONCE)
    assert answer is not None
    assert f'response="{response}"' in answer
    assert 'opaque="FQhe' in answer
    assert "Circle" not in answer


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        'Basic realm="camera"',
        'Digest realm="camera"',
        'Digest realm="camera", nonce="1", algorithm=ROT13',
        'Digest realm="camera", nonce="1", qop="auth-int"',
        "Digest nonsense",
        'Digest nonce="1", realm=',
    ],
)
def test_what_is_no_digest_is_not_answered(challenge: str) -> None:
    assert digest.authorization([challenge], RFC_LOGIN, "GET", "/") is None


def test_a_name_cannot_break_out_of_its_quotes() -> None:
    answer = digest.authorization(['Digest realm="a", nonce="1"'], Login('x", uri="/\r\nHost: y', "p"), "GET", "/")
    assert answer is not None
    assert "\r" not in answer
    assert r"x\", uri=\"/Host: y" in answer


# --- certificates


def shown(folder: Path, *, bits: int = 2048, days: float = 2.0, name: str = "127.0.0.1") -> Path:
    """A self-signed certificate and its key, in one file."""
    key = rsa.generate_private_key(65537, bits)
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "both.pem"
    file.write_bytes(made.public_bytes(pem) + secret)
    return file


def looked_at(file: Path) -> CertificateFacts:
    with Hostile(always(b""), certificate=file) as server:
        found = loops.run(certificate(HERE, server.port))
    assert found is not None
    return found


def test_an_expired_certificate(tmp_path: Path) -> None:
    found = looked_at(shown(tmp_path, days=-3))
    assert found.problem is not None
    assert found.problem.startswith("expired")
    assert found.days_left == pytest.approx(-3, abs=0.1)


def test_a_weak_key(tmp_path: Path) -> None:
    assert looked_at(shown(tmp_path, bits=1024)).problem == "self-signed, weak key (1024 bits)"


def test_a_certificate_of_an_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority.made(tmp_path)
    (tmp_path / "both.pem").write_bytes(b"".join(one.read_bytes() for one in authority.sign(tmp_path, "127.0.0.1")))
    unknown = looked_at(tmp_path / "both.pem")
    assert unknown.problem == "signed by an authority that this computer does not know"
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    known = looked_at(tmp_path / "both.pem")
    assert (known.trusted, known.problem) == (True, None)
    (tmp_path / "both.pem").write_bytes(b"".join(one.read_bytes() for one in authority.sign(tmp_path, "127.0.0.2")))
    assert looked_at(tmp_path / "both.pem").problem == "made out to another address"


def test_where_there_is_no_tls() -> None:
    with Hostile(always(b"220 hello\r\n")) as server:
        assert loops.run(certificate(HERE, server.port)) is None
    assert loops.run(certificate(HERE, server.port)) is None


# --- text of devices


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("  Door\n 1 ", "Door 1"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("Tür 北", "Tür 北"),
        ("x" * 500, "x" * 119 + "…"),
    ],
)
def test_text_is_cleaned(text: str, seen: str) -> None:
    assert clean(text) == seen


# --- factory passwords


def tried(answers: list[Knock], logins: tuple[Login, ...]) -> tuple[bool | None, list[Login]]:
    knocked: list[Login] = []

    async def knock(login: Login) -> Knock:
        knocked.append(login)
        return answers[len(knocked) - 1]

    return loops.run(passwords.any_lets_in(knock, logins, pause_s=0)), knocked


def test_three_are_tried_at_most() -> None:
    for maker in [None, "Hikvision", "Dahua Technology", "XIONGMAI", "AXIS"]:
        assert 1 <= len(passwords.logins_for(maker)) <= passwords.MOST_TRIES == 3
    assert passwords.logins_for("Hikvision")[0] == Login("admin", "12345")
    logins = passwords.logins_for(None)
    assert tried([Knock.REFUSED] * 3, logins) == (False, list(logins))


def test_the_first_that_lets_in_is_the_last() -> None:
    logins = passwords.logins_for(None)
    assert tried([Knock.REFUSED, Knock.LET_IN], logins) == (True, list(logins[:2]))


def test_the_first_sign_of_a_lock_is_the_end() -> None:
    logins = passwords.logins_for(None)
    assert tried([Knock.LOCKED], logins) == (None, [logins[0]])


# --- addresses and ports


@pytest.mark.parametrize(
    "source", ["", "door.mp4", "http://a/b", "rtsp://", "rtsp://u:p@a/b", "rtsp://a:99999/b", "rtsp://[::1/b"]
)
def test_what_is_no_stream(source: str) -> None:
    assert rtsp.parse(source) is None


def test_an_address_cannot_bring_lines_of_its_own() -> None:
    stream = rtsp.parse("rtsp://camera/a b\u00e9?x=1\r\nEvil: 1")
    assert stream is not None
    assert (stream.host, stream.port) == ("camera", 554)
    assert stream.url.isascii()
    assert stream.url.isprintable()
    assert " " not in stream.url
    assert "camera/a" not in repr(stream), "some cameras want a password in the path"


def test_every_port_has_its_reason() -> None:
    assert all(service.name and service.why and service.mend for service in SERVICES.values())
    assert {23, 21, 49152, 9530, 34567} <= set(SERVICES)
    assert not {80, 443, 554, 322} & set(SERVICES), "these are what a camera is for"
    page = (ROOT / "docs" / "discover.md").read_text()
    rows = [f"| {port} | {one.name} | {one.why[0].upper()}{one.why[1:]} |" for port, one in SERVICES.items()]
    assert [row for row in rows if row not in page] == []
