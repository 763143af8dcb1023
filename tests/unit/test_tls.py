"""Certificates: handshakes with a real server, and each thing that can be wrong with a file."""

import datetime
import socket
import ssl
import stat
import subprocess
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from fastapi import FastAPI

from passerby.errors import ConfigError
from passerby.hub.web import Doors
from passerby.records import connections
from passerby.records.access.tls import read_certificate, self_signed
from passerby.records.serving import serve
from passerby.records.shield import Shield


def _app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(Shield)
    return app


def test_a_browser_that_knows_the_certificate_is_served(tmp_path: Path) -> None:
    made = self_signed(tmp_path, "0.0.0.0", ("counting.example", "192.0.2.7"))
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    with serve(_app(), "127.0.0.1", 0, read_certificate(made.certificate, made.key)) as url:
        assert url.startswith("https://127.0.0.1:")
        knows = ssl.create_default_context(cafile=str(made.certificate))
        answer = httpx.get(url, verify=knows, trust_env=False)
        assert answer.headers["strict-transport-security"] == "max-age=2592000"
        with pytest.raises(httpx.ConnectError, match="certificate"):
            httpx.get(url, trust_env=False)
        with pytest.raises(httpx.HTTPError):
            httpx.get(url.replace("https", "http"), trust_env=False)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, verify=old, trust_env=False)


def test_the_certificate_is_for_the_names_that_are_configured_and_no_others(tmp_path: Path) -> None:
    made = self_signed(tmp_path, "192.0.2.1", ("Counting.example.", "192.0.2.7"))
    found = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["counting.example", "localhost"]
    addresses = {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    assert addresses == {"127.0.0.1", "::1", "192.0.2.1", "192.0.2.7"}
    assert socket.gethostname() not in made.certificate.read_text()


def test_it_is_kept_until_it_must_be_made_anew(tmp_path: Path) -> None:
    first = self_signed(tmp_path, "0.0.0.0", ())
    assert self_signed(tmp_path, "0.0.0.0", ()) == first
    assert self_signed(tmp_path, "0.0.0.0", ("a.example",)).fingerprint != first.fingerprint
    second = self_signed(tmp_path, "0.0.0.0", ("a.example",))
    second.certificate.write_text("torn")
    third = self_signed(tmp_path, "0.0.0.0", ("a.example",))
    assert third.fingerprint != second.fingerprint
    lasts = x509.load_pem_x509_certificate(third.certificate.read_bytes()).not_valid_after_utc
    assert datetime.timedelta(days=820) < lasts - datetime.datetime.now(datetime.UTC) < datetime.timedelta(days=826)
    for days, is_kept in ((760, True), (770, False)):  # two months before it runs out
        then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
        now_made = self_signed(tmp_path, "0.0.0.0", ("a.example",), then)
        assert (now_made.fingerprint == third.fingerprint) is is_kept


def test_the_fingerprint_is_that_which_other_programs_show(tmp_path: Path) -> None:
    made = self_signed(tmp_path, "0.0.0.0", ())
    command = ["openssl", "x509", "-in", str(made.certificate), "-noout", "-fingerprint", "-sha256"]
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("no openssl to compare with")
    assert shown.strip().endswith(f"={made.fingerprint}")


def test_what_is_wrong_with_a_certificate_is_said(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one, other = self_signed(tmp_path / "one", "::1", ()), self_signed(tmp_path / "other", "::1", ())
    text = tmp_path / "text"
    text.write_text("no certificate")
    text.chmod(0o600)
    for certificate, key, said in (
        (tmp_path / "absent", one.key, "absent"),
        (one.certificate, tmp_path / "absent", "absent"),
        (one.certificate, other.key, "are not a certificate and its key"),
        (text, one.key, "are not a certificate and its key"),
        (one.certificate, text, "are not a certificate and its key"),
    ):
        with pytest.raises(ConfigError, match=said):
            read_certificate(certificate, key)
    one.key.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod o-r"):
        read_certificate(one.certificate, one.key)


def test_a_key_with_a_password_does_not_stop_to_ask(tmp_path: Path, certificate: Path) -> None:
    locked = tmp_path / "locked.pem"
    command = ["openssl", "pkey", "-in", str(certificate), "-aes128", "-passout", "pass:x", "-out", str(locked)]
    subprocess.run(command, check=True, capture_output=True)
    locked.chmod(0o600)
    with pytest.raises(ConfigError, match="has a password"):
        read_certificate(certificate, locked)


def _tls(folder: Path, *, encrypted: bool) -> ssl.SSLContext | None:
    if not encrypted:
        return None
    made = self_signed(folder, "127.0.0.1", ())
    return read_certificate(made.certificate, made.key)


@pytest.mark.parametrize("encrypted", [False, True])
def test_who_connects_and_dawdles_is_let_go(tmp_path: Path, encrypted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE_S", 2.0)
    with serve(_app(), "127.0.0.1", 0, _tls(tmp_path, encrypted=encrypted)) as url:
        address = ("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
        said = (b"", b"GET / HTTP/1.1\r\nHost: local", head + b"Content-Length: 100\r\n\r\nx")
        dawdlers = [socket.create_connection(address, timeout=60) for _ in said]
        for dawdler, text in zip(dawdlers, said, strict=True):
            dawdler.sendall(text)
        for dawdler in dawdlers:
            while dawdler.recv(4096):
                pass
            dawdler.close()  # had it been held, there had been a timeout


def _is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def _answers(connection: socket.socket, *, encrypted: bool) -> bool:
    if encrypted:
        any_certificate = ssl.create_default_context()
        any_certificate.check_hostname, any_certificate.verify_mode = False, ssl.CERT_NONE
        connection = any_certificate.wrap_socket(connection)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    with connection:
        return connection.recv(12) == b"HTTP/1.1 404"


@pytest.mark.parametrize("most", [None, 5])
@pytest.mark.parametrize("encrypted", [False, True])
def test_of_too_many_connections_those_that_waited_longest_are_closed(
    tmp_path: Path, encrypted: bool, most: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application says how many it takes; as many as the cameras can spare if it does not."""
    monkeypatch.setattr(connections, "PATIENCE_S", 600.0)
    app = Doors(_app(), _app(), most_connections=most) if most else _app()
    with serve(app, "127.0.0.1", 0, _tls(tmp_path, encrypted=encrypted)) as url:
        address = ("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))
        kept = most or 400
        held = [socket.create_connection(address, timeout=60) for _ in range(kept + 20)]
        assert all(_is_closed(one) for one in held[:20])
        assert all(_answers(one, encrypted=encrypted) for one in (held[20], held[-1]))
        for one in held:
            one.close()


def test_each_of_many_handshakes_succeeds(tmp_path: Path) -> None:
    """Each asks with its first byte, before the server has begun to encrypt; none may be lost."""
    made = self_signed(tmp_path, "127.0.0.1", ())
    app = FastAPI()
    app.get("/")(lambda: "here")
    knows = ssl.create_default_context(cafile=str(made.certificate))
    with serve(app, "127.0.0.1", 0, read_certificate(made.certificate, made.key)) as url:
        for _ in range(150):
            with httpx.Client(verify=knows, trust_env=False, timeout=60) as browser:
                assert browser.get(url).status_code == 200
