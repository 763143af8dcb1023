"""Reports by e-mail, to a real server with TLS: what arrives, what is refused, and what is said about it."""

from pathlib import Path
from typing import Any

import pytest

from passerby.site.paper.delivery import Made, Post, to_folder, to_mail
from passerby.site.paper.shapes import Mail
from tests.support.mail_server import Certificate, MailServer
from tests.support.site import free_port

MADE = Made("passerby-2026-11-24", "Musée: Dienstag \u2013 Besucher", "See it.\n", b"%PDF-1.7 page", "a,b\nä,2\n")
SECRET = "correct horse battery"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


def mail(port: int, **changes: Any) -> Mail:
    given = {
        "host": "127.0.0.1",
        "port": port,
        "security": "starttls",
        "credentials": {"username": "counting", "password_file": "x"},
        "from": "counting@museum.example",
        "to": ("office@museum.example", "door@museum.example"),
    }
    return Mail.model_validate(given | changes)


def post(server: MailServer, certificate: Certificate, **changes: Any) -> Post:
    return Post(mail(server.port, security=server.security, **changes), SECRET, certificate.file)


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_both_files_arrive(certificate: Certificate, security: str) -> None:
    with MailServer(certificate, security, ("counting", SECRET)) as server:
        assert to_mail(post(server, certificate))(MADE) is None
    message = server.mails[0]
    assert message["Subject"] == MADE.subject
    assert message["To"] == "office@museum.example, door@museum.example"
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert files["passerby-2026-11-24.pdf"] == MADE.page
    table = files["passerby-2026-11-24.csv"]
    assert (table if isinstance(table, str) else table.decode()).replace("\r\n", "\n") == MADE.table
    assert message["Message-ID"].endswith("@museum.example>")


def test_nothing_is_said_in_the_open_but_that_tls_is_wanted(certificate: Certificate) -> None:
    with MailServer(certificate, "starttls", ("counting", SECRET)) as server:
        to_mail(post(server, certificate))(MADE)
    assert [line[:4].upper() for line in server.in_the_open] == [b"EHLO", b"STAR"]


def test_a_wrong_password_is_told_without_it(certificate: Certificate) -> None:
    with MailServer(certificate, "starttls", ("counting", "another")) as server:
        problem = to_mail(post(server, certificate))(MADE)
    assert problem is not None
    assert "does not take the user name and the password" in problem
    assert SECRET not in problem
    assert not server.mails


def test_a_certificate_that_is_not_trusted_gets_no_mail(certificate: Certificate) -> None:
    with MailServer(certificate, "tls") as server:
        problem = to_mail(Post(mail(server.port, security="tls")))(MADE)
    assert problem is not None
    assert "certificate that is not trusted" in problem
    assert not server.mails


def test_a_certificate_of_another_name_gets_no_mail(tmp_path: Path) -> None:
    other = Certificate.make(tmp_path, "other.example")
    with MailServer(other, "starttls", ("counting", SECRET)) as server:
        problem = to_mail(post(server, other))(MADE)
    assert problem is not None
    assert "of another name" in problem
    assert not server.mails
    assert SECRET.encode() not in b"".join(server.in_the_open)


def test_a_server_without_tls_gets_no_password(certificate: Certificate) -> None:
    with MailServer(certificate, "none", ("counting", SECRET)) as server:
        problem = to_mail(Post(mail(server.port), SECRET, certificate.file))(MADE)
    assert problem is not None
    assert "cannot do what is asked" in problem
    assert not [line for line in server.in_the_open if line.upper().startswith(b"AUTH")]


def test_addresses_that_are_refused(certificate: Certificate) -> None:
    with MailServer(certificate, "starttls", ("counting", SECRET), ("office@", "door@")) as server:
        problem = to_mail(post(server, certificate))(MADE)
    assert problem is not None
    assert "none of the addresses" in problem


def test_one_refused_address_does_not_stop_the_others(
    certificate: Certificate, capfd: pytest.CaptureFixture[str]
) -> None:
    with MailServer(certificate, "starttls", ("counting", SECRET), ("office@",)) as server:
        assert to_mail(post(server, certificate))(MADE) is None
    assert len(server.mails) == 1
    assert "office@museum.example" in "".join(capfd.readouterr())


def test_nobody_listens(certificate: Certificate) -> None:
    problem = to_mail(Post(mail(free_port()), SECRET, certificate.file))(MADE)
    assert problem is not None
    assert "does not listen there" in problem


def test_a_password_is_not_shown_with_its_post(certificate: Certificate) -> None:
    assert SECRET not in repr(Post(mail(25), SECRET))


def test_a_folder_is_made_and_filled(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert to_folder(folder)(MADE) is None
    assert (folder / "passerby-2026-11-24.pdf").read_bytes() == MADE.page
    assert (folder / "passerby-2026-11-24.csv").read_text() == MADE.table
    assert len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    problem = to_folder(tmp_path / "file" / "x")(MADE)
    assert problem is not None
    assert "check its space and permissions" in problem
